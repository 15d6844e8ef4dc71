"""Two plans beside each other: what changed between them, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from optichain.design.plan import Plan
from optichain.storage.tojson import plain

__all__ = ["Cause", "Comparison", "compare"]

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


@dataclass(frozen=True)
class Cause:
    """Something that was asked or given otherwise; ``str`` of it says so in English.

    Attributes
    ----------
    code : str
        ``data``, ``objective``, ``budget``, ``started``, ``status``, or a wish such as ``forbid``.
    first, second : str or None
        Of an objective or a status, that of each plan.
    budgets : tuple of (int, float or None, float or None)
        Of a budget, each year that differs.
    """

    code: str
    first: str | None = None
    second: str | None = None
    budgets: tuple[tuple[int, float | None, float | None], ...] = field(default=())

    def __str__(self) -> str:
        """Return the cause in words."""
        if self.code == "data":
            return "the data differ"
        if self.code == "objective":
            return f"the objective is {self.second} instead of {self.first}"
        if self.code == "budget":
            years = ", ".join(f"{y}: {_amount(a)} to {_amount(b)}" for y, a, b in self.budgets)
            return f"the budget differs ({years})"
        if self.code == "started":
            return "support that has begun is committed"
        if self.code == "status":
            return f"the second plan is {self.second}, the first {self.first}"
        return f"{ASKED[self.code]} changed"


@dataclass(frozen=True, eq=False)
class Comparison:
    """What differs between two plans.

    Attributes
    ----------
    figures : DataFrame
        figure, first, second, difference; money by year among them.
    measures : DataFrame
        chain, measure, change (``dropped``, ``new``, ``moved``, ``units``), units and start year in each plan, why (in
        words), reason (``told`` by the second plan, ``forbid_second`` and the like: of this very measure, ``causes``: all
        that differs, ``equal``: nothing does).
    spofs_cleared, spofs_new : list of str
        ``kind:name`` of elements that are SPOFs with the first plan alone, or with the second alone.
    causes : tuple of Cause
        What differs in what was asked and given: data, objective, money, wishes, quality of the answer.
    """

    figures: pd.DataFrame
    measures: pd.DataFrame
    spofs_cleared: list[str]
    spofs_new: list[str]
    causes: tuple[Cause, ...]

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
                "causes": [str(cause) for cause in self.causes],
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
    for name in ("budget", "commitments", "spend", "acc_by_year", "expected_annual_loss_by_year"):
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


def _measures(first: Plan, second: Plan, causes: Sequence[Cause]) -> pd.DataFrame:
    one, other = _funded(first), _funded(second)
    begun = {str(m): int(year) for m, _, year in second.wishes.get("started", ())}
    told = {row.get("measure"): row["why"] for row in second.changes if isinstance(row.get("why"), str)}
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
        reason, why = _reason(measure, first, second, causes)
        if measure in told:
            reason, why = "told", told[measure]
        rows.append(
            (
                shown[0],
                measure,
                change,
                *(old[1:] if old else (None, None)),
                *(new[1:] if new else (None, None)),
                why,
                reason,
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
        "reason",
    ]
    return pd.DataFrame(
        rows, columns=columns, dtype=object
    ).sort_values(  # a column of plain text would forget what is said
        ["chain", "measure"], na_position="last", kind="stable", ignore_index=True
    )


def _reason(measure: str, first: Plan, second: Plan, causes: Sequence[Cause]) -> tuple[str, str]:
    """Return what was asked of this very measure, else what differs altogether: code and words."""
    for key, words in (("forbid", "ruled out"), ("fix", "asked for")):
        mine = [_names(plan, key, measure) for plan in (first, second)]
        if mine[0] != mine[1]:
            place = "second" if mine[1] else "first"
            return f"{key}_{place}", f"{words} in the {place} plan alone"
    if causes:
        return "causes", "; ".join(map(str, causes))
    return "equal", "nothing that was asked or given differs: the plans are equally good, within their gaps"


def _names(plan: Plan, key: str, measure: str) -> bool:
    return any(text == measure or str(text).startswith(f"{measure}=") for text in plan.wishes.get(key, ()))


def _causes(first: Plan, second: Plan) -> list[Cause]:
    causes = []
    if first.instance_digest != second.instance_digest:
        causes.append(Cause("data"))
    if first.objective_name != second.objective_name:
        causes.append(Cause("objective", first.objective_name, second.objective_name))
    one, other = _by_year(first.budget), _by_year(second.budget)
    moved = [y for y in sorted({*one, *other}) if one.get(y) != other.get(y)]
    if moved:
        causes.append(Cause("budget", budgets=tuple((y, one.get(y), other.get(y)) for y in moved)))
    causes += [
        Cause(key) for key in ASKED if (first.wishes.get(key) or None) != (second.wishes.get(key) or None)
    ]
    if second.wishes.get("started"):
        causes.append(Cause("started"))
    if first.status != second.status:
        causes.append(Cause("status", first.status, second.status))
    return causes


def _amount(money: float | None) -> str:
    return "none" if money is None else f"{money:g}"
