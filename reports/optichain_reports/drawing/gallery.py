"""All charts of a report, each one specification for the page, for SVG and for PNG."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optichain_reports.drawing.bars import before_and_after, chain_bars, event_bars
from optichain_reports.drawing.charts import progress_chart, spending_chart
from optichain_reports.drawing.frontier import frontier_chart
from optichain_reports.drawing.heatmap import heat_map
from optichain_reports.drawing.palette import Palette
from optichain_reports.drawing.riskmap import risk_map
from optichain_reports.drawing.schedule import schedule_chart
from optichain_reports.wording.placed import Placed
from optichain_reports.wording.writer import Writer

__all__ = ["Chart", "gallery"]

Chart = Callable[[Palette, int], dict[str, Any]]
"""From colours and a width in pixels to a specification."""


def gallery(report: Placed, writer: Writer) -> dict[str, Chart]:
    """Return each chart that has something to show, by the section that it belongs to."""
    made: dict[str, Chart] = {}

    def add(key: str, wanted: object, make: Callable[[Placed, Writer, Palette, int], dict[str, Any]]) -> None:
        if wanted:
            made[key] = lambda palette, width: make(report, writer, palette, width)

    felt = [event for event in report.events if event.felt]
    add("money", report.money, spending_chart)
    add("progress", report.progress, progress_chart)
    add("support", report.support and report.chain is None, schedule_chart)
    add("frontier", [p for p in report.frontier if p.acc.known], frontier_chart)
    add("impacts", report.impacts and len(report.chains) > 1, heat_map)
    add("risk", len(felt) > 1, risk_map)
    for key, bars in (("events", event_bars(report, writer)), ("chains", chain_bars(report, writer))):
        if bars and (key == "events" or len(bars) > 1):
            made[key] = lambda palette, width, bars=bars: before_and_after(bars, palette, width)  # type: ignore[misc]
    return made
