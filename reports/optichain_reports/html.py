"""The report as one HTML file that opens without a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from optichain.atomic import write_text
from optichain_reports.building.build import build_report
from optichain_reports.page import render_page

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.instance.model import Instance

__all__ = ["HtmlReport"]


class HtmlReport:
    """The report for people who decide: on a screen, a phone, or paper."""

    name = "html"

    def write(self, instance: Instance, plan: Plan, path: Path, *, language: str) -> None:
        """Write the report, whole or not at all."""
        write_text(path, render_page(build_report(instance, plan, language=language)))
