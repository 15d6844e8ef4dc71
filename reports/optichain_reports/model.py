"""The report as pure data: every number that a format shows stands here, and nothing says how it looks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from optichain.tojson import plain

__all__ = [
    "AssumptionGroup",
    "Breach",
    "ChainRow",
    "Check",
    "EffectLine",
    "EventRow",
    "FundedMeasure",
    "Heading",
    "KindCount",
    "Named",
    "Note",
    "Picture",
    "PictureItem",
    "PictureSource",
    "Provenance",
    "ReportModel",
    "SpofRoot",
    "Summary",
    "Unmapped",
    "YearOfContinuity",
    "YearOfMoney",
]


@dataclass(frozen=True)
class Named:
    """Something of the network: its kind, its name and a title for people."""

    kind: str
    name: str
    title: str


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
    """What the plan reaches in one year; a year that is not a planning year counts with the final network."""

    year: int
    planning: bool
    acc: float
    loss: float
    avoided: float


@dataclass(frozen=True)
class ChainRow:
    """One chain before and after.

    Attributes
    ----------
    worst_before, worst_after : float or None
        Continuity of the chain in its worst event.
    worst_lost_before, worst_lost_after : float or None
        Money that the chain loses in it.
    loss_before, loss_after, loss_avoided : float
        Expected annual loss of the chain.
    funded : float
        Money for its new measures, shared ones left out.
    """

    chain: str
    title: str
    cluster: str | None
    region: str | None
    leader: str | None
    owners: tuple[str, ...]
    weight: float
    acc_before: float | None
    acc_after: float | None
    worst_before: float | None
    worst_after: float | None
    worst_lost_before: float | None
    worst_lost_after: float | None
    worst_event_before: str | None
    worst_event_after: str | None
    loss_before: float
    loss_after: float
    loss_avoided: float
    funded: float
    start_year: int | None


@dataclass(frozen=True)
class SpofRoot:
    """One fact that stops a product, under all the kinds it shows as.

    Attributes
    ----------
    root : Named
    state : str
        ``cleared``, ``partly`` (some of its members remain), ``remaining`` or ``new``.
    cleared, remaining : tuple of Named
    demands : tuple of Named
        What it stops.
    lost_before, lost_after : float or None
        Money, largest of its members; after: of those that remain.
    survive_before, survive_after : float or None
        Time units, shortest of its members; ``None`` where it is never felt.
    """

    root: Named
    state: str
    cleared: tuple[Named, ...]
    remaining: tuple[Named, ...]
    demands: tuple[Named, ...]
    lost_before: float | None
    lost_after: float | None
    survive_before: float | None
    survive_after: float | None


@dataclass(frozen=True)
class KindCount:
    """How many elements of a kind are SPOFs, before and after."""

    kind: str
    before: int
    after: int


@dataclass(frozen=True)
class EventRow:
    """One event: probability a year, continuity, money lost if it happens, expected loss a year."""

    event: str
    title: str
    kind: str
    probability: float
    continuity_before: float
    continuity_after: float
    lost_before: float
    lost_after: float
    expected_before: float
    expected_after: float


@dataclass(frozen=True)
class PictureSource:
    """One source of an item: `state` is ``sole`` (a SPOF that remains), ``cleared`` or ``plain``."""

    site: str
    title: str
    status: str
    funded: bool
    state: str


@dataclass(frozen=True)
class PictureItem:
    """One item of a chain's network.

    Attributes
    ----------
    tier : int
        0 what is demanded; each input is at least one further.
    irreplaceable : bool
        Nothing can stand in for the item: the chain stops without it.
    lanes, sole_lanes : int
        Lanes that carry it, and how many of them are SPOFs that remain.
    state : str
        The worst of its sources'.
    """

    item: str
    title: str
    tier: int
    demanded: bool
    mapped: bool
    irreplaceable: bool
    lanes: int
    sole_lanes: int
    state: str
    sources: tuple[PictureSource, ...]


@dataclass(frozen=True)
class Picture:
    """The network upstream of a chain; `edges` are (input, item) pairs; `omitted` counts items left out."""

    chain: str
    title: str
    items: tuple[PictureItem, ...]
    edges: tuple[tuple[str, str], ...]
    omitted: int


@dataclass(frozen=True)
class Note:
    """An assumption or a warning: the place in the tables and what is said of it."""

    table: str
    row: int | None
    column: str | None
    kind: str
    message: str


@dataclass(frozen=True)
class AssumptionGroup:
    """All assumptions of one kind."""

    kind: str
    count: int
    entries: tuple[Note, ...]


@dataclass(frozen=True)
class Unmapped:
    """Share of the demanded value, and the money a horizon, that rests on a tier with unknown suppliers."""

    tier: int
    share: float
    value: float


@dataclass(frozen=True)
class Breach:
    """A rule that the plan breaks."""

    rule: str
    message: str


@dataclass(frozen=True)
class Check:
    """A claim of the plan, and what it comes to when worked out again."""

    claim: str
    stated: float | str | None
    recomputed: float | str | None
    ok: bool


@dataclass(frozen=True)
class Provenance:
    """Where the plan comes from; `written` is the date of the report itself."""

    optichain: str | None
    python: str | None
    method: str | None
    solver: str | None
    solver_version: str | None
    seed: int | None
    gap_asked: float | None
    seconds: float | None
    command: str | None
    date: str | None
    instance_digest: str
    plan_digest: str
    report_version: str
    written: str


@dataclass(frozen=True)
class ReportModel:
    """A report of one plan."""

    heading: Heading
    summary: Summary
    years_of_cost: tuple[int, ...]
    funded: tuple[FundedMeasure, ...]
    money: tuple[YearOfMoney, ...]
    progress: tuple[YearOfContinuity, ...]
    chains: tuple[ChainRow, ...]
    spof_counts: tuple[KindCount, ...]
    spofs: tuple[SpofRoot, ...]
    events: tuple[EventRow, ...]
    pictures: tuple[Picture, ...]
    assumptions: tuple[AssumptionGroup, ...]
    warnings: tuple[Note, ...]
    unmapped: tuple[Unmapped, ...]
    unmapped_items: tuple[Named, ...]
    unprovidable: tuple[Named, ...]
    loops: tuple[str, ...]
    breaches: tuple[Breach, ...]
    checks: tuple[Check, ...]
    provenance: Provenance

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values; numbers are not rounded."""
        result: dict[str, Any] = plain(asdict(self))
        return result
