"""From an ex-post review to its report as data."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

from optichain.storage.tojson import plain
from optichain_reports.building.comparison import heading_of
from optichain_reports.building.titles import Titles
from optichain_reports.model.review import (
    ReviewedChain,
    ReviewedHappening,
    ReviewedMeasure,
    ReviewedYear,
    ReviewModel,
    Totals,
)

if TYPE_CHECKING:
    from optichain.design.review.review import Review
    from optichain.instance.model import Instance

__all__ = ["build_review"]

LOSSES = ("without", "promised", "working", "realised", "avoided_promised", "avoided_working", "avoided")


def build_review(
    instance: Instance, review: Review, *, language: str = "en", written: str | None = None
) -> ReviewModel:
    """Make the report of a review.

    Parameters
    ----------
    instance : Instance
    review : Review
    language : {"en", "zh"}
        Of the titles.
    written : str, optional
        Date of the report, ISO 8601; now by default.
    """
    titles = Titles(instance, language)
    happenings, chains, measures = (
        plain(frame) for frame in (review.happenings, review.chains, review.measures)
    )
    return ReviewModel(
        heading=heading_of(instance, language),
        written=time.strftime("%Y-%m-%dT%H:%M:%S%z") if written is None else written,
        totals=_totals(happenings, chains, measures, len(review.unknown)),
        happenings=tuple(
            ReviewedHappening(
                row["happening"],
                row["date"],
                _title(row, titles, instance),
                row["foreseen"] is not None,
                **{key: row[key] for key in (*LOSSES, "model_error")},
            )
            for row in happenings
        ),
        chains=tuple(
            ReviewedChain(
                titles.named("chain", row["chain"]), **{key: row[key] for key in (*LOSSES, "model_error")}
            )
            for row in sorted(chains, key=lambda row: (-row["without"], row["chain"]))
        ),
        measures=tuple(
            ReviewedMeasure(
                titles.named("measure", row["measure"]),
                None if row["chain"] is None else titles.named("chain", row["chain"]),
                **{
                    key: row[key] for key in ("promised_from", "works_from", "told", "cost_promised", "spent")
                },
                avoided_promised=row["avoided_promised"],
                avoided_working=row["avoided_working"],
            )
            for row in measures
        ),
        years=tuple(
            ReviewedYear(**{key: row[key] for key in ReviewedYear.__dataclass_fields__})
            for row in plain(review.by_year)
        ),
        unknown=review.unknown,
    )


def _title(row: dict[str, Any], titles: Titles, instance: Instance) -> str:
    """Return the title of the event that a happening was, in the language; else its own name."""
    if row["foreseen"] is None:
        return str(row["happening"])
    tabled = row["foreseen"] in set(instance["events"]["event"])
    return titles.event(row["foreseen"], tabled=tabled).title


def _totals(
    happenings: list[dict[str, Any]],
    chains: list[dict[str, Any]],
    measures: list[dict[str, Any]],
    unknown: int,
) -> Totals:
    told = [row for row in measures if row["spent"] is not None]
    return Totals(
        happenings=len(happenings),
        known=len(happenings) - unknown,
        unforeseen=sum(row["foreseen"] is None for row in happenings),
        **{key: math.fsum(row[key] for row in chains) for key in LOSSES},
        cost_promised=math.fsum(row["cost_promised"] for row in told) if told else None,
        spent=math.fsum(row["spent"] for row in told) if told else None,
    )
