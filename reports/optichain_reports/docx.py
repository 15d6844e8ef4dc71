"""The report as a Word document that a person can edit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from optichain.storage.atomic import write_bytes
from optichain_reports.building.build import build_report
from optichain_reports.building.comparison import build_comparison
from optichain_reports.building.review import build_review
from optichain_reports.extras import needed
from optichain_reports.housestyle import HouseStyle
from optichain_reports.wording.comparison import comparison_lists
from optichain_reports.wording.placed import Placed
from optichain_reports.wording.review import review_lists
from optichain_reports.wording.telling import told
from optichain_reports.wording.writer import Writer

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.design.review.review import Review
    from optichain.instance.model import Instance

__all__ = ["DocxReport"]


class DocxReport:
    """The report as a document: styles of its own, or those of a template.

    Parameters
    ----------
    template : path, optional
        A Word document whose styles, header and footer are used; what it holds stands before the report.
    """

    name = "docx"
    accepts = frozenset({"chain", "template"})

    def __init__(self, template: Path | None = None) -> None:
        for library in ("docx", "PIL"):
            needed(library, extra="reports", ending="docx")
        self.template = template

    def write(
        self,
        instance: Instance,
        plan: Plan,
        path: Path,
        *,
        language: str,
        chain: str | None = None,
        template: Path | None = None,
    ) -> None:
        """Write the report, or that of one chain, whole or not at all."""
        from optichain_reports.document import render_document

        own = self.template if template is None else HouseStyle(template).document
        model = build_report(instance, plan, language=language, chain=chain)
        write_bytes(path, render_document(model, template=own))

    def write_comparison(
        self, first: Plan, second: Plan, path: Path, *, language: str, instance: Instance | None
    ) -> None:
        """Write what changed from one plan to another, whole or not at all."""
        from optichain_reports.document import render_lists

        model = build_comparison(first, second, instance=instance, language=language)
        writer = Writer(model.heading)
        lists = comparison_lists(Placed(told(model)), writer, writer)
        write_bytes(path, render_lists(lists, template=self.template))

    def write_review(
        self, instance: Instance, plan: Plan, review: Review, path: Path, *, language: str
    ) -> None:
        """Write what was promised against what happened, whole or not at all."""
        from optichain_reports.document import render_lists

        model = build_review(instance, review, language=language)
        writer = Writer(model.heading)
        lists = review_lists(Placed(model), writer, writer)
        write_bytes(path, render_lists(lists, template=self.template))
