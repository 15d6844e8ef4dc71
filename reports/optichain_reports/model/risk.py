"""What can break, before and after the plan: chains, SPOFs and events."""

from __future__ import annotations

from dataclasses import dataclass

from optichain_reports.model.named import Named

__all__ = ["ChainRow", "EventRow", "KindCount", "Measured", "SpofRoot"]


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
    avoidable_share : float or None
        Of what all measures of the instance together avoid for the chain; None where that is nothing.
    funded : float
        Money for its new measures, shared ones left out.
    spof_sites_before, spof_sites_after : int
        Sites whose permanent loss alone stops one of its products.
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
    avoidable_share: float | None
    funded: float
    start_year: int | None
    spof_sites_before: int
    spof_sites_after: int


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
        Money, largest of its members; after: of those that remain; ``None`` where it was not measured.
    survive_before, survive_after : float or None
        Time units, shortest of its members; ``None`` where it is never felt, or was not measured (the loss says which).
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
class Measured:
    """Of how many elements among the SPOFs loss and time to survive were measured, and of how many found.

    Attributes
    ----------
    before, found_before : int
        Without the plan.
    after, found_after : int
        With it.
    """

    before: int
    found_before: int
    after: int
    found_after: int


@dataclass(frozen=True)
class EventRow:
    """One event: probability a year, continuity, money lost if it happens, expected loss a year.

    `felt` is false where it costs nothing, before or after.
    """

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
    felt: bool
