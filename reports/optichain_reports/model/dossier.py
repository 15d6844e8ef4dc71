"""One chain for those who answer for it: what it rests on, what stands in for what, and what is not known."""

from __future__ import annotations

from dataclasses import dataclass

from optichain_reports.model.named import Named
from optichain_reports.model.risk import Measured, SpofRoot

__all__ = ["BlindSpot", "Confidence", "CutSet", "Dossier", "Impact", "Rejected", "Standby", "ToVerify"]


@dataclass(frozen=True)
class Confidence:
    """How well the inputs behind something are known.

    Attributes
    ----------
    level : str
        ``high`` (all are measured), ``medium`` (the worst is stated by somebody), ``low`` (one is guessed, or stands in
        for what is not known) or ``unknown`` (none is guessed, but not all have a grade).
    measured, stated, guessed, ungraded : int
        Rows of grade A, B, C, and without one.
    assumed : int
        Cells that were blank, and for which something was assumed.
    """

    level: str
    measured: int
    stated: int
    guessed: int
    ungraded: int
    assumed: int


@dataclass(frozen=True)
class Impact:
    """What one event costs one chain: continuity of the chain, and its money lost if the event happens."""

    chain: str
    event: Named
    probability: float
    continuity_before: float
    continuity_after: float
    lost_before: float
    lost_after: float
    expected_before: float
    expected_after: float


@dataclass(frozen=True)
class CutSet:
    """Sites that together stop a product of the chain, and none of them without the others.

    `probability` is the chance that all fail in one year, each for itself; `state` ``cleared``, ``remaining`` or
    ``new``.
    """

    elements: tuple[Named, ...]
    demands: tuple[Named, ...]
    probability: float
    state: str


@dataclass(frozen=True)
class Standby:
    """An item upstream of a chain, and what can stand in when a source of it fails.

    Attributes
    ----------
    critical : bool
        Before the plan its only site, a source of it or the item itself stopped the chain by failing alone.
    active, qualified, potential : int
        Sites that provide it, by the best status of their sources, before the plan.
    funded : int
        Of the potential ones, those that the plan makes usable.
    substitutes : tuple of Named
        Items that can be used in its place.
    offered : tuple of Named
        Measures of the instance that would make an alternative usable and that the plan does not fund.
    state : str
        ``exists`` (another site or a substitute is usable already), ``funded`` (the plan makes one), ``known`` (not
        usable, and not funded) or ``missing`` (none is known).
    """

    item: Named
    tier: int
    critical: bool
    active: int
    qualified: int
    potential: int
    funded: int
    substitutes: tuple[Named, ...]
    offered: tuple[Named, ...]
    state: str


@dataclass(frozen=True)
class Rejected:
    """A measure that was on offer and is not funded.

    Attributes
    ----------
    cost : float
        Money of the fund, of one unit.
    loss_avoided : float or None
        Expected annual loss that it would avoid beside the plan; None where the plan file holds no evidence.
    why : str or None
        ``no effect``, ``not needed``, ``budget``, ``rule``, ``budget and rule``, ``nothing``.
    short : float or None
        Money that it lacks, in the year in which it lacks most.
    rules : tuple of str
        Other rules that it would break.
    """

    measure: Named
    chain: str | None
    cost: float
    start_year: int | None
    loss_avoided: float | None
    why: str | None
    short: float | None
    rules: tuple[str, ...]


@dataclass(frozen=True)
class ToVerify:
    """An assumption, and what the chain is expected to lose in a year where it is made."""

    table: str
    row: int | None
    column: str | None
    kind: str
    message: str
    at_stake: float


@dataclass(frozen=True)
class BlindSpot:
    """What no figure covers.

    `kind` is ``unmapped`` (an item whose suppliers are not known), ``untested`` (a group whose common failure makes no
    event) or ``own_ip`` (a source whose intellectual property is not known).
    """

    kind: str
    what: Named


@dataclass(frozen=True)
class Dossier:
    """One chain in depth; its figures before and after stand in `ReportModel.chains`.

    Attributes
    ----------
    spofs : tuple of SpofRoot
        Of its products; money lost counts all chains that the element stops.
    cuts : tuple of CutSet
        Pairs of sites, the likeliest first; `cuts_omitted` counts those left out.
    cuts_proven : bool
        No pair of sites is missing.
    items : tuple of Standby
        Everything upstream, what lacks an alternative first.
    shared : tuple of str
        Funded shared measures that act on something upstream.
    rejected : tuple of Rejected
        Measures of the chain that are not funded.
    verify : tuple of ToVerify
        Assumptions upstream, where most is at stake first; `verify_omitted` counts those left out.
    confidence : Confidence
        Of all inputs upstream.
    """

    chain: str
    title: str
    spofs: tuple[SpofRoot, ...]
    spofs_measured: Measured
    cuts: tuple[CutSet, ...]
    cuts_omitted: int
    cuts_proven: bool
    items: tuple[Standby, ...]
    shared: tuple[str, ...]
    rejected: tuple[Rejected, ...]
    verify: tuple[ToVerify, ...]
    verify_omitted: int
    blind_spots: tuple[BlindSpot, ...]
    confidence: Confidence
