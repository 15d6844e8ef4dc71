"""The report as pure data: every number that a format shows stands here, and nothing says how it looks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from optichain.tojson import plain
from optichain_reports.model.decision import (
    EffectLine,
    FundedMeasure,
    Heading,
    Summary,
    YearOfContinuity,
    YearOfMoney,
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
from optichain_reports.model.risk import ChainRow, EventRow, KindCount, SpofRoot
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
    "Bought",
    "Breach",
    "ChainLoss",
    "ChainRow",
    "Check",
    "EffectLine",
    "EventRow",
    "Evidence",
    "Firmness",
    "Flip",
    "FundedMeasure",
    "Heading",
    "KindCount",
    "Missing",
    "Named",
    "Note",
    "Picture",
    "PictureItem",
    "PictureSource",
    "Provenance",
    "Quota",
    "ReportModel",
    "Rival",
    "SharedNode",
    "SpofRoot",
    "Submitted",
    "Standing",
    "Summary",
    "Unfunded",
    "Unmapped",
    "YearOfContinuity",
    "YearOfMoney",
    "YearShort",
]


@dataclass(frozen=True)
class ReportModel:
    """A report of one plan."""

    heading: Heading
    summary: Summary
    years_of_cost: tuple[int, ...]
    funded: tuple[FundedMeasure, ...]
    evidence: Evidence
    money: tuple[YearOfMoney, ...]
    progress: tuple[YearOfContinuity, ...]
    chains: tuple[ChainRow, ...]
    spof_counts: tuple[KindCount, ...]
    spofs: tuple[SpofRoot, ...]
    events: tuple[EventRow, ...]
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
