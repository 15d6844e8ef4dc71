"""The report as pure data: every number that a format shows stands here, and nothing says how it looks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from optichain.storage.tojson import plain
from optichain_reports.model.decision import (
    EffectLine,
    FundedMeasure,
    Heading,
    Summary,
    YearOfContinuity,
    YearOfMoney,
)
from optichain_reports.model.dossier import (
    BlindSpot,
    Confidence,
    CutSet,
    Dossier,
    Impact,
    Rejected,
    Standby,
    ToVerify,
)
from optichain_reports.model.evidence import (
    Bought,
    ChainLoss,
    Evidence,
    Firmness,
    Flip,
    Missing,
    Quota,
    Rival,
    SharedNode,
    Standing,
    Unfunded,
    YearShort,
)
from optichain_reports.model.named import Named
from optichain_reports.model.picture import Picture, PictureItem, PictureSource
from optichain_reports.model.portfolio import (
    FrontierMeasure,
    FrontierPoint,
    HomeCase,
    LeftOut,
    MoneyValue,
    Support,
)
from optichain_reports.model.risk import ChainRow, EventRow, KindCount, Measured, SpofRoot
from optichain_reports.model.trust import (
    AssumptionGroup,
    Breach,
    Check,
    Note,
    Provenance,
    Submitted,
    Unmapped,
)

__all__ = [
    "AssumptionGroup",
    "BlindSpot",
    "Bought",
    "Breach",
    "ChainLoss",
    "ChainRow",
    "Check",
    "Confidence",
    "CutSet",
    "Dossier",
    "EffectLine",
    "EventRow",
    "Evidence",
    "Firmness",
    "Flip",
    "FrontierMeasure",
    "FrontierPoint",
    "FundedMeasure",
    "Heading",
    "HomeCase",
    "Impact",
    "KindCount",
    "LeftOut",
    "Measured",
    "Missing",
    "MoneyValue",
    "Named",
    "Note",
    "Picture",
    "PictureItem",
    "PictureSource",
    "Provenance",
    "Quota",
    "Rejected",
    "ReportModel",
    "Rival",
    "SharedNode",
    "SpofRoot",
    "Standby",
    "Submitted",
    "Standing",
    "Summary",
    "Support",
    "ToVerify",
    "Unfunded",
    "Unmapped",
    "YearOfContinuity",
    "YearOfMoney",
    "YearShort",
]


@dataclass(frozen=True)
class ReportModel:
    """A report of one plan, or of one chain of it.

    Attributes
    ----------
    chain : str or None
        The chain that the report is about; its lists then hold what concerns the chain, and `summary` the whole plan.
    support, left_out, frontier, value_of_money, home
        The portfolio: who is supported when, who is not and why, what more or less money buys, and what chains serve
        without what is abroad or at home. `frontier` and `value_of_money` are empty where the plan file holds no such
        evidence.
    impacts : tuple of Impact
        What each event costs each chain.
    dossiers : tuple of Dossier
        Each chain with demand, in the order of `pictures`.
    """

    heading: Heading
    chain: str | None
    summary: Summary
    years_of_cost: tuple[int, ...]
    funded: tuple[FundedMeasure, ...]
    evidence: Evidence
    money: tuple[YearOfMoney, ...]
    progress: tuple[YearOfContinuity, ...]
    chains: tuple[ChainRow, ...]
    spof_counts: tuple[KindCount, ...]
    spofs: tuple[SpofRoot, ...]
    spofs_measured: Measured
    events: tuple[EventRow, ...]
    support: tuple[Support, ...]
    left_out: tuple[LeftOut, ...]
    frontier: tuple[FrontierPoint, ...]
    value_of_money: tuple[MoneyValue, ...]
    home: tuple[HomeCase, ...]
    impacts: tuple[Impact, ...]
    dossiers: tuple[Dossier, ...]
    pictures: tuple[Picture, ...]
    assumptions: tuple[AssumptionGroup, ...]
    warnings: tuple[Note, ...]
    submitted: tuple[Submitted, ...]
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
