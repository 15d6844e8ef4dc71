"""Two plans beside each other: what changed between them, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from optichain.design.plan import Plan
from optichain.tojson import plain

__all__ = ["Comparison", "compare"]

FIGURES = (
    "objective",
    "bound",
    "acc_before",
    "acc_after",
    "expected_annual_loss_before",
    "expected_annual_loss_after",
    "avoidable_share",
)
ASKED = {
    "alpha": "the level of the CVaR",
    "mix": "the share of the expectation",
    "fix": "the measures asked for",
    "forbid": "the measures ruled out",
    "rows": "the rules of the user",
    "min_acc": "the ACC required",
    "clear_spofs": "the kinds of SPOFs to clear",
    "spof_exceptions": "the exceptions from clearing SPOFs",
    "min_autonomy": "the autonomy required",
    "change_price": "the price on changes",
}


@dataclass(frozen=True, eq=False)
class Comparison:
    """What differs between two plans.

    Attributes
    ----------
    figures : DataFrame
        figure, first, second, difference; money by year among them.
    measures : DataFrame
        chain, measure, change (``dropped``, ``new``, ``moved``, ``units``), units and start year in each plan, why.
    spofs_cleared, spofs_new : list of str
        ``kind:name`` of elements that are SPOFs with the first plan alone, or with the second alone.
    causes : tuple of str
        What differs in what was asked and given: data, objective, money, wishes, quality of the answer.
    """

    figures: pd.DataFrame
    measures: pd.DataFrame
    spofs_cleared: list[str]
    spofs_new: list[str]
    causes: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether both plans fund the same."""
        return self.measures.empty

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of the command ``compare``."""
        result: dict[str, Any] = plain(
            {
                "same": self.same,
                "figures": self.figures,
                "measures": self.measures,
                "spofs_cleared": self.spofs_cleared,
                "spofs_new": self.spofs_new,
                "causes": list(self.causes),
            }
        )
        return result


def compare(first: Plan, second: Plan) -> Comparison:
    """Compare two plans.

    Parameters
    ----------
    first, second : Plan
        Of one instance, or of its earlier and later data.

    Notes
    -----
    A reason that the second plan itself gives for a change (it follows an earlier plan) is the one told. Otherwise the
    reason is what differs in what was asked and given; plans that differ in nothing of that are equally good
    within their gaps.
    """
    causes = _causes(first, second)
    spofs = [
        {f"{row.get('kind')}:{row.get('element')}" for row in rows}
        for rows in (first.spofs_after, second.spofs_after)
    ]
    return Comparison(
        figures=_figures(first, second),
        measures=_measures(first, second, causes),
        spofs_cleared=sorted(spofs[0] - spofs[1]),
        spofs_new=sorted(spofs[1] - spofs[0]),
        causes=tuple(causes),
    )


def _figures(first: Plan, second: Plan) -> pd.DataFrame:
    rows = [_figure(name, getattr(first, name), getattr(second, name)) for name in FIGURES]
    for name in ("budget", "commitments", "spend", "acc_by_year"):
        one, other = (_by_year(getattr(plan, name)) for plan in (first, second))
        rows += [_figure(f"{name} {year}", one.get(year), other.get(year)) for year in sorted({*one, *other})]
    return pd.DataFrame(rows, columns=["figure", "first", "second", "difference"])


def _figure(name: str, one: float | None, other: float | None) -> tuple[str, Any, Any, Any]:
    return name, one, other, None if one is None or other is None else other - one


def _by_year(values: Mapping[int, float]) -> dict[int, float]:
    return {int(year): value for year, value in values.items()}


def _funded(plan: Plan) -> dict[str, tuple[str | None, float, int]]:
    return {
        c.measure: (p.chain, c.units, c.start_year)
        for p in (*plan.policies, *plan.shared_measures)
        for c in p.measures
    }


def _measures(first: Plan, second: Plan, causes: list[str]) -> pd.DataFrame:
    one, other = _funded(first), _funded(second)
    begun = {str(m): int(year) for m, _, year in second.wishes.get("started", ())}
    told = {row.get("measure"): str(row.get("why")) for row in second.changes}
    rows = []
    for measure in sorted({*one, *other}):
        old, new = one.get(measure), other.get(measure)
        if old == new or (new is None and old is not None and begun.get(measure) == old[2]):
            continue
        shown = new or old
        assert shown is not None
        if old is None or new is None:
            change = "new" if old is None else "dropped"
        else:
            change = "moved" if old[2] != new[2] else "units"
        why = told.get(measure) or _reason(measure, first, second, causes)
        rows.append(
            (
                shown[0],
                measure,
                change,
                *(old[1:] if old else (None, None)),
                *(new[1:] if new else (None, None)),
                why,
            )
        )
    columns = [
        "chain",
        "measure",
        "change",
        "units_first",
        "start_year_first",
        "units_second",
        "start_year_second",
        "why",
    ]
    return (
        pd.DataFrame(rows, columns=columns)
        .astype(object)
        .sort_values(["chain", "measure"], na_position="last", kind="stable", ignore_index=True)
    )


def _reason(measure: str, first: Plan, second: Plan, causes: list[str]) -> str:
    """Return what was asked of this very measure, else what differs altogether."""
    for key, words in (("forbid", "ruled out"), ("fix", "asked for")):
        mine = [_names(plan, key, measure) for plan in (first, second)]
        if mine[0] != mine[1]:
            return f"{words} in the {'second' if mine[1] else 'first'} plan alone"
    if causes:
        return "; ".join(causes)
    return "nothing that was asked or given differs: the plans are equally good, within their gaps"


def _names(plan: Plan, key: str, measure: str) -> bool:
    return any(text == measure or str(text).startswith(f"{measure}=") for text in plan.wishes.get(key, ()))


def _causes(first: Plan, second: Plan) -> list[str]:
    causes = []
    if first.instance_digest != second.instance_digest:
        causes.append("the data differ")
    if first.objective_name != second.objective_name:
        causes.append(f"the objective is {second.objective_name} instead of {first.objective_name}")
    one, other = _by_year(first.budget), _by_year(second.budget)
    moved = [y for y in sorted({*one, *other}) if one.get(y) != other.get(y)]
    if moved:
        years = ", ".join(f"{y}: {_amount(one.get(y))} to {_amount(other.get(y))}" for y in moved)
        causes.append(f"the budget differs ({years})")
    for key, words in ASKED.items():
        if (first.wishes.get(key) or None) != (second.wishes.get(key) or None):
            causes.append(f"{words} changed")
    if second.wishes.get("started"):
        causes.append("support that has begun is committed")
    if first.status != second.status:
        causes.append(f"the second plan is {second.status}, the first {first.status}")
    return causes


def _amount(money: float | None) -> str:
    return "none" if money is None else f"{money:g}"
