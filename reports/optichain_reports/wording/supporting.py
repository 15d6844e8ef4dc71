"""Evidence put into words: how simpler ways compare, why a measure is not funded, what a rule is called."""

from __future__ import annotations

from typing import Any

from optichain_reports.wording.placed import Number, Placed
from optichain_reports.wording.writer import Writer

__all__ = [
    "MONEY_OBJECTIVES",
    "answered",
    "gained",
    "input_name",
    "not_computed",
    "quota_bound",
    "quota_name",
    "said_of",
    "verdict",
    "why_not",
]

MONEY_OBJECTIVES = ("loss", "cost")
BETTER = 1e-6
"""Share of the plan's improvement from which another way is better, and not the same but for rounding."""


def verdict(report: Placed, writer: Writer) -> list[str]:
    """Return what the comparison with simpler ways comes to, in sentences."""
    rivals = {rival.name: rival for rival in report.evidence.rivals}
    plan, greedy, given = (rivals.get(name) for name in ("plan", "greedy", "given"))
    if plan is None:
        return []
    sentences = []
    if greedy is not None:
        key = "greedy_close" if report.evidence.greedy_is_close else "greedy_far"
        if (greedy.share_of_plan.value or 0.0) > 1.0 + BETTER:
            key = "greedy_ahead"
        share, avoided = writer.percent(greedy.share_of_plan), writer.full_money(greedy.loss_avoided)
        sentences.append(writer.text(key, share=share, avoided=avoided))
    if given is not None:
        amounts = [writer.full_money(way.loss_avoided) for way in (given, plan)]
        sentences.append(writer.text("given_beside", avoided=amounts[0], plan=amounts[1]))
    ahead = [rival for rival in rivals.values() if (rival.difference.value or 0.0) > 0.0]
    if ahead and all(r.loss_avoided_mean.value < plan.loss_avoided_mean.value for r in ahead):
        sentences.append(writer.texts("more_later"))
    return sentences


def why_not(row: Any, writer: Writer) -> str:
    """Return why a measure is not funded: the kind of reason, the years that lack money, the rules."""
    short = [
        writer.text("short_in", year=writer.year(year.year), money=writer.money(year.money))
        for year in row.short
    ]
    comma: str = writer.texts("list_comma")
    return writer.join(
        writer.texts("between_rules"),
        [writer.text(f"unfunded_{row.why}"), writer.join(comma, short), *row.rules_broken],
    )


def quota_name(quota: Any, writer: Writer) -> str:
    """Return what a rule with a number in it is called."""
    return writer.text(f"quota_{quota.rule}", name=quota.name if quota.of is None else quota.of.title)


def quota_bound(quota: Any, writer: Writer) -> str:
    """Return the number of a rule, and from which side it binds."""
    return writer.text(f"side_{quota.side}", value=writer.quantity(quota.value))


def gained(price: Number, objective: str, writer: Writer) -> str:
    """Return what an objective gains: money, or points of continuity."""
    return writer.money(price) if objective in MONEY_OBJECTIVES else writer.percent(price)


def answered(status: str, writer: Writer) -> str:
    """Return how a solve ended; what went wrong in the words of the solver."""
    return writer.word("answered", status)


def input_name(flip: Any) -> str:
    """Return the place of an input in the tables."""
    return f"{flip.table}: {flip.name}, {flip.column}"


def not_computed(missing: Any, writer: Writer) -> list[str]:
    """Return that a kind of evidence is not in the plan file: the command that works it out, or why none does."""
    if missing.reason is not None:
        return [writer.text("missing_why", reason=missing.reason)]
    return [writer.texts("missing"), missing.command]


def said_of(section: str, report: Placed, writer: Writer) -> list[str]:
    """Return the sentences before the list of a section."""
    firm = report.evidence.firmness
    if section in ("bought", "quotas"):
        return [writer.texts(f"{section}_intro")]
    if section == "firmness":
        said = []
        if firm.within.known:
            said.append(writer.text("within_intro", share=writer.percent(firm.within)))
        if firm.samples.known:
            numbers = {key: writer.count(getattr(firm, key)) for key in ("samples", "kept")}
            shares = {k: writer.percent(getattr(firm, f"regret_{k}")) for k in ("mean", "worst")}
            said.append(writer.text("samples_intro", **numbers, **shares))
        return said
    if section == "flips":
        key = "flips_intro" if firm.flips else "flips_none" if firm.inputs else "flips_nothing"
        return [writer.text(key, tested=writer.count(firm.tested), inputs=writer.count(firm.inputs))]
    return []
