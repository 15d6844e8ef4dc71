"""Default recovery times of suppliers' sites, the most specific first."""

from __future__ import annotations

from collections.abc import Sequence

from optichain.importing.mapping import Recovery

__all__ = ["default_recovery"]


def default_recovery(
    rules: Sequence[Recovery], commodities: Sequence[str], country: str | None
) -> tuple[float, str] | None:
    """Return a site's recovery time in time units and the rule behind it, or ``None`` where none fits.

    Commodity and country together come before the commodity alone, that before the country alone, that before
    neither; of several that are as specific (a site may supply several commodities) the longest time holds.

    Examples
    --------
    >>> rules = (Recovery(time=8), Recovery(country="JP", time=10), Recovery(commodity="castings", time=20))
    >>> default_recovery(rules, ["castings", "seals"], "JP")
    (20.0, 'castings')
    >>> default_recovery(rules, [], "JP")
    (10.0, 'JP')
    """
    fitting = [
        rule
        for rule in rules
        if (rule.commodity is None or rule.commodity in commodities)
        and (rule.country is None or rule.country == country)
    ]
    if not fitting:
        return None

    def rank(rule: Recovery) -> tuple[bool, bool, float]:
        return rule.commodity is not None, rule.country is not None, rule.time

    best = max(fitting, key=rank)
    words = " in ".join(part for part in (best.commodity, best.country) if part is not None)
    return best.time, words or "all"
