"""What a plan promised against what happened."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from optichain.storage.tojson import plain
from optichain_reports.model.decision import Heading
from optichain_reports.model.named import Named

__all__ = ["ReviewModel", "ReviewedChain", "ReviewedHappening", "ReviewedMeasure", "ReviewedYear", "Totals"]


@dataclass(frozen=True)
class Totals:
    """All happenings whose losses are known; `optichain.design.review.review.Review` tells what the losses are.

    `cost_promised` and `spent` are of the measures of which something is told; None where nothing is.
    """

    happenings: int
    known: int
    unforeseen: int
    without: float
    promised: float
    working: float
    realised: float
    avoided_promised: float
    avoided_working: float
    avoided: float
    cost_promised: float | None
    spent: float | None


@dataclass(frozen=True)
class ReviewedHappening:
    """Something that took place; `realised` and what follows from it are None where no loss is told."""

    happening: str
    date: str
    title: str
    foreseen: bool
    without: float
    promised: float
    working: float
    realised: float | None
    avoided_promised: float
    avoided_working: float
    avoided: float | None
    model_error: float | None


@dataclass(frozen=True)
class ReviewedChain:
    """A chain over all happenings whose losses are known."""

    chain: Named
    without: float
    promised: float
    working: float
    realised: float
    avoided_promised: float
    avoided_working: float
    avoided: float
    model_error: float


@dataclass(frozen=True)
class ReviewedMeasure:
    """A measure: from when it was to work and did, its cost, and what it avoided by the model, the others as they are.

    `works_from` is a day; None: never. `told` is false where the tables say nothing, and it counts as promised.
    """

    measure: Named
    chain: Named | None
    promised_from: int
    works_from: str | None
    told: bool
    cost_promised: float
    spent: float | None
    avoided_promised: float
    avoided_working: float


@dataclass(frozen=True)
class ReviewedYear:
    """A year: money, the annual loss that was expected before and with the plan, and what was lost.

    `lost` is None where that of a happening is not told.
    """

    year: int
    happenings: int
    cost_promised: float
    spent: float | None
    expected_before: float
    expected_promised: float | None
    lost: float | None


@dataclass(frozen=True)
class ReviewModel:
    """What a plan promised against what happened."""

    heading: Heading
    written: str
    totals: Totals
    happenings: tuple[ReviewedHappening, ...]
    chains: tuple[ReviewedChain, ...]
    measures: tuple[ReviewedMeasure, ...]
    years: tuple[ReviewedYear, ...]
    unknown: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the review as plain JSON values; numbers are not rounded."""
        result: dict[str, Any] = plain(asdict(self))
        return result
