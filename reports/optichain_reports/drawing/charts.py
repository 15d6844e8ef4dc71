"""Money and losses by year.

There is no value axis: each bar is labelled with its number, written as everywhere else in the report.
"""

from __future__ import annotations

from typing import Any

import altair as alt

from optichain_reports.drawing.canvas import FONT_SIZE, finished, years_axis
from optichain_reports.drawing.palette import Palette
from optichain_reports.wording.placed import Placed
from optichain_reports.wording.writer import Writer

__all__ = ["progress_chart", "spending_chart"]

ROOM = 0.12
"""Share of the tallest bar below which a number does not fit into one."""


def spending_chart(report: Placed, writer: Writer, palette: Palette, width: int) -> dict[str, Any]:
    """Return spending by year, running support below new measures, against what was available."""
    rows = []
    for year in report.money:
        spent, available = writer.money(year.spent), writer.money(year.available)
        rows.append(
            {
                "year": writer.year(year.year),
                "committed": max(year.committed.value, 0.0),
                "spent": max(year.spent.value, 0.0),
                "available": year.available.value,
                "top": max(year.available.value, year.spent.value, 0.0),
                "label": f"{spent} / {available}" if width > 400 else spent,
            }
        )
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=years_axis())
    bars = [
        base.mark_bar(color=palette.accent, size=_bar(width, len(rows))).encode(
            y=_hidden("committed"), y2="spent:Q"
        ),
        base.mark_bar(color=palette.before, size=_bar(width, len(rows))).encode(y=_hidden("committed")),
        base.mark_tick(color=palette.ink, thickness=1.5, size=1.35 * _bar(width, len(rows))).encode(
            y=_hidden("available")
        ),
        base.mark_text(color=palette.ink, dy=-9, fontSize=FONT_SIZE).encode(y=_hidden("top"), text="label:N"),
    ]
    return finished(alt.layer(*bars), palette, width, 170)


def progress_chart(report: Placed, writer: Writer, palette: Palette, width: int) -> dict[str, Any]:
    """Return the expected annual loss that remains and that is avoided in each year."""
    before = report.summary.loss_before.value
    rows = [
        {
            "year": writer.year(year.year),
            "loss": year.loss.value,
            "whole": max(year.loss.value, year.loss.value + year.avoided.value),
            "label": writer.money(year.avoided) if year.avoided else "",
            "rest": writer.money(year.loss) if year.loss.value > ROOM * before else "",
        }
        for year in report.progress
    ]
    size = _bar(width, len(rows))
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=years_axis())
    layers = [
        base.mark_bar(color=palette.accent, size=size).encode(y=_hidden("loss"), y2="whole:Q"),
        base.mark_bar(color=palette.before, size=size).encode(y=_hidden("loss")),
        base.mark_text(color=palette.accent, dy=-9, fontSize=FONT_SIZE, fontWeight="bold").encode(
            y=_hidden("whole"), text="label:N"
        ),
        base.mark_text(color=palette.ink, dy=-8, fontSize=11).encode(y=alt.value(170), text="rest:N"),
    ]
    return finished(alt.layer(*layers), palette, width, 170)


def _hidden(field: str) -> Any:
    return alt.Y(f"{field}:Q", axis=None, stack=None, scale=alt.Scale(zero=True, nice=False))


def _bar(width: int, count: int) -> int:
    return max(8, min(46, int(0.5 * width / max(count, 1))))
