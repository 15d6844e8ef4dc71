"""All chains beside each other: who is supported when, what more money buys, and what home and abroad carry."""

from __future__ import annotations

from dataclasses import dataclass

from optichain_reports.model.named import Named

__all__ = ["FrontierMeasure", "FrontierPoint", "HomeCase", "LeftOut", "MoneyValue", "Support"]


@dataclass(frozen=True)
class Support:
    """Support of one chain by `ReportModel.years_of_cost`: for what is new, and for what was running before.

    `chain` is None for shared measures.
    """

    chain: str | None
    title: str | None
    start_year: int
    measures: int
    new: tuple[float, ...]
    committed: tuple[float, ...]
    total: float


@dataclass(frozen=True)
class LeftOut:
    """A chain that is not taken into support, and why.

    Attributes
    ----------
    loss : float
        Expected annual loss that remains.
    offered : int
        Measures that it has on offer.
    best : Named or None
        Of these, the one that would avoid most beside the plan; `avoided` is how much.
    why : str
        That of the best measure (as in `Rejected.why`); ``offers nothing`` or ``no loss``; ``unknown`` where the plan
        file holds no evidence.
    """

    chain: str
    title: str
    loss: float
    offered: int
    best: Named | None
    avoided: float | None
    why: str


@dataclass(frozen=True)
class FrontierMeasure:
    """A measure of one point; `in_plan` says whether the plan funds it too."""

    measure: str
    title: str
    chain: str | None
    chain_title: str | None
    units: float
    start_year: int
    cost: float
    in_plan: bool


@dataclass(frozen=True)
class FrontierPoint:
    """The best plan found under one budget of each planning year; None where the rules cannot be obeyed under it.

    Attributes
    ----------
    objective, bound : float or None
        Of the plan, and what no plan under this budget passes.
    acc : float or None
        Mean over the years that count.
    acc_after, loss_after, loss_avoided, avoidable_share : float or None
        With the plan in full effect; money a year.
    cost : float or None
        Money of the fund for new measures, over all years.
    dropped : tuple of Named
        Measures of the plan of this report that it does without.
    """

    budget: float
    objective: float | None
    bound: float | None
    acc: float | None
    acc_after: float | None
    loss_after: float | None
    loss_avoided: float | None
    avoidable_share: float | None
    cost: float | None
    measures: tuple[FrontierMeasure, ...]
    dropped: tuple[Named, ...]


@dataclass(frozen=True)
class MoneyValue:
    """What one more unit of money in a year truly buys, by solving again.

    In the objective, and in expected annual loss avoided, mean over the years that count; `into` and `out` are measures
    that are then funded besides, and no longer.
    """

    year: int
    difference: float | None
    loss_avoided: float | None
    into: tuple[Named, ...]
    out: tuple[Named, ...]


@dataclass(frozen=True)
class HomeCase:
    """What a chain serves when everything abroad is lost, and when everything at home is, for the whole horizon.

    `home` is the country in which most of its demanded value is made; `abroad` counts the sites upstream elsewhere.
    The share of demand served: before any measure, and with the plan in full effect.
    """

    chain: str
    title: str
    home: Named
    sites: int
    abroad: int
    without_abroad_before: float
    without_abroad_after: float
    without_home_before: float
    without_home_after: float
    autonomy_low_before: float
    autonomy_high_before: float
    autonomy_low_after: float
    autonomy_high_after: float
