"""What a measure does, in words."""

from __future__ import annotations

from typing import Any

from optichain_reports.wording.writer import Writer

__all__ = ["effect_phrase"]


def effect_phrase(effect: Any, target: str, site: str | None, writer: Writer) -> str:
    """Return one effect as a phrase.

    Parameters
    ----------
    effect : Placed
        An `EffectLine` of the model.
    target, site : str
        How the format shows the target and its site.
    writer : Writer
    """
    if site is not None:
        target = writer.text("at_site", item=target, site=site)
    kind, amount = effect.effect, effect.amount
    if kind in ("recover", "switch"):
        said = writer.duration(amount)
    elif kind == "harden":
        said = writer.percent(amount)
    else:
        said = writer.quantity(amount)
        if effect.unit is not None:
            said = writer.text("of_unit", amount=said, unit=effect.unit)
        if kind == "expand":
            said = writer.text("per_time", amount=said, unit=writer.time_unit)
    return writer.text(f"eff_{kind}", amount=said, target=target)
