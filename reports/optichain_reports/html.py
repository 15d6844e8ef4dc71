"""The report as one HTML file that opens without a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from optichain.storage.atomic import write_text
from optichain_reports.building.build import build_report
from optichain_reports.building.comparison import build_comparison
from optichain_reports.building.review import build_review
from optichain_reports.housestyle import HouseStyle
from optichain_reports.page import marking_writer, render_lists, render_page
from optichain_reports.wording.comparison import comparison_lists
from optichain_reports.wording.placed import Placed
from optichain_reports.wording.review import review_lists
from optichain_reports.wording.telling import told
from optichain_reports.wording.writer import Writer

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.design.review.review import Review
    from optichain.instance.model import Instance

__all__ = ["HtmlReport"]


class HtmlReport:
    """The report for people who decide: on a screen, a phone, or paper."""

    name = "html"
    accepts = frozenset({"chain", "template"})

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
        house = None if template is None else HouseStyle(template)
        model = build_report(instance, plan, language=language, chain=chain)
        write_text(path, render_page(model, house=house))

    def write_comparison(
        self, first: Plan, second: Plan, path: Path, *, language: str, instance: Instance | None
    ) -> None:
        """Write what changed from one plan to another, whole or not at all."""
        model = build_comparison(first, second, instance=instance, language=language)
        lists = comparison_lists(Placed(told(model)), marking_writer(model.heading), Writer(model.heading))
        write_text(path, render_lists(lists))

    def write_review(
        self, instance: Instance, plan: Plan, review: Review, path: Path, *, language: str
    ) -> None:
        """Write what was promised against what happened, whole or not at all."""
        model = build_review(instance, review, language=language)
        lists = review_lists(Placed(model), marking_writer(model.heading), Writer(model.heading))
        write_text(path, render_lists(lists))
