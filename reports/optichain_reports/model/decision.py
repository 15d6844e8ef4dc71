"""What the plan decides: the funded measures, the money, and what it reaches in each year."""

from __future__ import annotations

from dataclasses import dataclass

from optichain_reports.model.dossier import Confidence
from optichain_reports.model.named import Named

__all__ = ["EffectLine", "FundedMeasure", "Heading", "Summary", "YearOfContinuity", "YearOfMoney"]


@dataclass(frozen=True)
class Heading:
    """What the report is about; `horizon` is in time units, `demanded` money over the horizon."""

    name: str
    title: str
    language: str
    currency: str
    time_unit: str
    horizon: float
    demanded: float


@dataclass(frozen=True)
class Summary:
    """The plan in numbers.

    Attributes
    ----------
    status, objective_name : str
        As in the plan.
    objective, objective_nothing, bound, gap, improvement_gap : float or None
        As in the plan: ACC averaged over the counted years, or expected annual loss.
    measures, chains_supported, chains : int
    first_year, last_year : int or None
        In which new money is spent.
    new_cost, committed, total : float
        Money of the fund: for what is new, for support that was running before, both.
    co_funding : float
        Money of others for what is new.
    acc_before, acc_after : float
        Worked out again for the report: before any measure, and with the plan in full effect.
    loss_before, loss_after, loss_avoided, loss_unavoidable : float
        Expected annual loss in money a year; `loss_unavoidable` with all measures in full effect.
    avoidable_share : float or None
    spof_sites_before, spof_sites_after : int
        Sites whose permanent loss alone stops a product.
    events, harmless_events : int
        Events in all, and those that cost nothing, before or after.
    assumptions : int
    """

    status: str
    objective_name: str
    objective: float
    objective_nothing: float
    bound: float | None
    gap: float | None
    improvement_gap: float | None
    measures: int
    chains_supported: int
    chains: int
    first_year: int | None
    last_year: int | None
    new_cost: float
    committed: float
    total: float
    co_funding: float
    acc_before: float
    acc_after: float
    loss_before: float
    loss_after: float
    loss_avoided: float
    loss_unavoidable: float
    avoidable_share: float | None
    spof_sites_before: int
    spof_sites_after: int
    events: int
    harmless_events: int
    assumptions: int


@dataclass(frozen=True)
class EffectLine:
    """What a funded measure does: `amount` for all of its units; of `harden` the share avoided."""

    effect: str
    target: Named
    amount: float | None
    unit: str | None
    site: str | None
    target_is_spof: bool


@dataclass(frozen=True)
class FundedMeasure:
    """One measure that is funded.

    Attributes
    ----------
    cost : tuple of float
        Money of the fund by `ReportModel.years_of_cost`.
    works_from : int
        The first year in which it is effective.
    clears : tuple of Named
        SPOFs that it clears by itself, or that would remain without it.
    confidence : Confidence
        Of its own figures, its effects, and what they act on.
    """

    chain: str | None
    chain_title: str | None
    policy: str | None
    measure: str
    title: str
    kind: str | None
    owner: str | None
    indicator: str | None
    units: float
    start_year: int
    lead_time: int
    works_from: int
    cost: tuple[float, ...]
    total: float
    co_funding: float
    effects: tuple[EffectLine, ...]
    clears: tuple[Named, ...]
    confidence: Confidence


@dataclass(frozen=True)
class YearOfMoney:
    """Money of one year; `available` is the budget and what was carried over."""

    year: int
    budget: float
    available: float
    committed: float
    new: float
    spent: float
    left: float


@dataclass(frozen=True)
class YearOfContinuity:
    """What the plan reaches in one year; a year that is not a planning year counts with the final network.

    `avoidable_share` is what it then avoids of what all measures in full effect avoid.
    """

    year: int
    planning: bool
    acc: float
    loss: float
    avoided: float
    avoidable_share: float | None
