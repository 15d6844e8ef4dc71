"""Two plans beside each other."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from optichain.storage.tojson import plain
from optichain_reports.model.decision import Heading
from optichain_reports.model.named import Named

__all__ = ["CauseOf", "ChangedMeasure", "ComparisonModel", "PlanSide", "YearBeside"]


@dataclass(frozen=True)
class PlanSide:
    """One of the plans, or the second less the first.

    Attributes
    ----------
    side : str
        ``first``, ``second`` or ``difference``.
    loss_before, loss_after, loss_avoided : float
        Money a year, with all measures in full effect.
    cost : float
        New money of the fund over all years.
    spofs : int
        Elements that are single points of failure with the plan in full effect.
    """

    side: str
    loss_before: float
    loss_after: float
    loss_avoided: float
    avoidable_share: float | None
    acc_before: float
    acc_after: float
    cost: float
    measures: int
    chains: int
    spofs: int


@dataclass(frozen=True)
class YearBeside:
    """A year of both plans: money, and what they reach in it; None where a plan does not count it."""

    year: int
    budget_first: float | None
    budget_second: float | None
    spend_first: float | None
    spend_second: float | None
    avoided_first: float | None
    avoided_second: float | None
    share_first: float | None
    share_second: float | None
    acc_first: float | None
    acc_second: float | None


@dataclass(frozen=True)
class ChangedMeasure:
    """A measure that the plans treat differently.

    ``change`` is ``new``, ``dropped``, ``moved`` or ``units``; ``reason`` is as of `optichain.design.comparing.Comparison`,
    and `why` its words where the second plan itself tells them.
    """

    chain: Named | None
    measure: Named
    change: str
    units_first: float | None
    start_first: int | None
    units_second: float | None
    start_second: int | None
    reason: str
    why: str | None


@dataclass(frozen=True)
class YearOfBudget:
    """A year whose budget differs."""

    year: int
    first: float | None
    second: float | None


@dataclass(frozen=True)
class CauseOf:
    """Something that was asked or given otherwise; see `optichain.design.comparing.Cause`."""

    code: str
    first: str | None
    second: str | None
    budgets: tuple[YearOfBudget, ...]


@dataclass(frozen=True)
class ComparisonModel:
    """What changed from one plan to another, and why."""

    heading: Heading
    written: str
    same: bool
    sides: tuple[PlanSide, ...]
    causes: tuple[CauseOf, ...]
    measures: tuple[ChangedMeasure, ...]
    years: tuple[YearBeside, ...]
    spofs_cleared: tuple[Named, ...]
    spofs_new: tuple[Named, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain JSON values; numbers are not rounded."""
        result: dict[str, Any] = plain(asdict(self))
        return result
