"""What a dossier says of its chain in sentences."""

from __future__ import annotations

from typing import Any

from optichain_reports.wording.sheet import titles_of
from optichain_reports.wording.writer import Writer

__all__ = ["facts_of_chain", "grades", "losses_measured", "what_is_done"]


def facts_of_chain(chain: Any, dossier: Any, writer: Writer) -> list[str]:
    """Return who answers for a chain, where it belongs, and how well its inputs are known, one line each."""
    t = writer.texts
    colon = "：" if writer.language == "zh" else ": "
    told = [
        (t("leader"), chain.leader),
        (t("owners"), titles_of(chain.owners, writer)),
        (t("cluster"), chain.cluster),
        (t("region"), chain.region),
        (t("confidence"), grades(dossier.confidence, writer)),
    ]
    return [f"{label}{colon}{value}" for label, value in told if value]


def grades(confidence: Any, writer: Writer) -> str:
    """Return how well inputs are known, and how many have which grade."""
    keys = ("measured", "stated", "guessed", "ungraded", "assumed")
    counts = {key: writer.count(getattr(confidence, key)) for key in keys}
    level: str = writer.texts(f"confidence_{confidence.level}")
    return f"{level} ({writer.texts('confidence_counts', **counts)})"


def what_is_done(chain: Any, writer: Writer) -> list[str]:
    """Return what the plan does to a chain: before and after, and what is left at worst."""
    before, after = writer.two(writer.percent, chain.acc_before, chain.acc_after)
    said = writer.text(
        "dossier_before_after",
        before=writer.money(chain.loss_before),
        after=writer.money(chain.loss_after),
        currency=writer.currency,
        share=writer.percent(chain.avoidable_share),
        acc_before=before,
        acc_after=after,
    )
    if chain.worst_event_after is None:
        return [said, writer.texts("dossier_residual_none")]
    share, lost = writer.percent(chain.worst_after), writer.full_money(chain.worst_lost_after)
    return [said, writer.text("dossier_residual", event=chain.worst_event_after, share=share, lost=lost)]


def losses_measured(measured: Any, writer: Writer) -> str:
    """Return of how many single points of failure the loss was measured, out of how many found."""
    numbers = {key: getattr(measured, key) for key in ("before", "found_before", "after", "found_after")}
    found = {key: number.value for key, number in numbers.items()}
    whole = found["before"] == found["found_before"] and found["after"] == found["found_after"]
    key = "spofs_measured_all" if whole else "spofs_measured"
    return writer.text(key, **{name: writer.count(number) for name, number in numbers.items()})
