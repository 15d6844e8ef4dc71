"""What a report is called, and which sections it has in which order."""

from __future__ import annotations

from optichain_reports.model import ReportModel
from optichain_reports.wording.placed import Placed

__all__ = ["heading_of", "sections_of"]

SECTIONS = (
    "rivals",
    "funded",
    "support",
    "money",
    "progress",
    "frontier",
    "bought",
    "unfunded",
    "firmness",
    "quotas",
    "left_out",
    "chains",
    "impacts",
    "spofs",
    "shared_nodes",
    "events",
    "home",
    "dossiers",
    "assumptions",
    "unmapped",
    "provenance",
)
OF_ONE_CHAIN = ("dossiers", "home", "provenance")


def sections_of(model: ReportModel) -> tuple[str, ...]:
    """Return the sections after the answer."""
    if model.chain is not None:
        return OF_ONE_CHAIN
    return tuple(key for key in SECTIONS if key != "progress" or model.progress)


def heading_of(report: Placed) -> str:
    """Return the title of the instance, or of the chain that the report is about."""
    title: str = report.heading.title if report.chain is None else report.dossiers[0].title
    return title
