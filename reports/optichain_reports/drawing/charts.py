"""Charts of a report, one specification each, which becomes SVG or PNG.

They carry no value axis: each bar is labelled with its number, written as everywhere else in the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from optichain_reports.drawing.canvas import FONT_SIZE, NARROW_WIDTH, finished, years_axis
from optichain_reports.drawing.lettering import fitted, text_width, wrapped
from optichain_reports.drawing.palette import Palette
from optichain_reports.wording.placed import Placed
from optichain_reports.wording.writer import Writer

__all__ = [
    "Bar",
    "MOST_BARS",
    "before_and_after",
    "chain_bars",
    "event_bars",
    "progress_chart",
    "spending_chart",
]

MOST_BARS = 12
SMALL = 11
ROOM = 0.12
"""Share of the tallest bar below which a number does not fit into one."""


@dataclass(frozen=True)
class Bar:
    """Something with an expected annual loss before and after, and the label of its bar."""

    title: str
    before: float
    after: float
    label: str


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


def event_bars(report: Placed, writer: Writer) -> list[Bar]:
    """Return the events that matter most."""
    felt = [event for event in report.events if event.felt][:MOST_BARS]
    return [_bar_of(event.title, event.expected_before, event.expected_after, writer) for event in felt]


def chain_bars(report: Placed, writer: Writer) -> list[Bar]:
    """Return the chains that lose most."""
    chains = [c for c in report.chains if c.loss_before or c.loss_after][:MOST_BARS]
    return [_bar_of(chain.title, chain.loss_before, chain.loss_after, writer) for chain in chains]


def _bar_of(title: str, before: Any, after: Any, writer: Writer) -> Bar:
    label = writer.money(after)
    if before.value != after.value:
        label = f"{writer.money(before)} → {label}"
    return Bar(title, float(before.value), float(after.value), label)


def before_and_after(bars: Sequence[Bar], palette: Palette, width: int) -> dict[str, Any]:
    """Return one pair of bars for each row: what it was, and inside of it what it becomes."""
    narrow = width <= NARROW_WIDTH
    rows: list[dict[str, Any]] = [
        {
            "row": f"{i:03d}",
            "before": bar.before,
            "after": bar.after,
        }
        | _titles(bar.title, width)
        | {"end": max(bar.before, bar.after), "label": bar.label}
        for i, bar in enumerate(bars)
    ]
    scale = alt.Scale(domain=[0.0, _limit(rows, 0.0 if narrow else 0.64 * width)], nice=False)
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("row:N", axis=None, sort=None, scale=alt.Scale(paddingInner=0.0, paddingOuter=0.0))
    )
    shift = 12 if narrow else 0
    layers = [
        base.mark_bar(color=palette.before, size=14, yOffset=shift).encode(
            x=alt.X("before:Q", axis=None, scale=scale)
        ),
        base.mark_bar(color=palette.accent, size=6, yOffset=shift).encode(
            x=alt.X("after:Q", axis=None, scale=scale)
        ),
    ]
    text: dict[str, Any] = {"color": palette.ink, "fontSize": FONT_SIZE, "baseline": "middle"}
    if narrow:
        above = {**text, "dy": -10, "baseline": "middle"}
        layers += [
            base.mark_text(**above, align="left").encode(x=alt.value(0), text="title:N"),
            base.mark_text(**above, align="right").encode(x=alt.value(width - 8), text="label:N"),
        ]
        return finished(alt.layer(*layers), palette, width - 8, 46 * len(rows))
    titles = [
        base.mark_text(**{**text, "fontSize": size}, align="left", dy=dy).encode(
            x=alt.value(-int(width * 0.36)), text=f"{line}:N"
        )
        for line, size, dy in (("title", FONT_SIZE, 0), ("upper", SMALL, -6), ("lower", SMALL, 7))
    ]
    ends = base.mark_text(**text, align="left", dx=8).encode(
        x=alt.X("end:Q", axis=None, scale=scale), text="label:N"
    )
    plot = alt.layer(*layers, *titles, ends)
    chart = finished(plot, palette, int(width * 0.64), 28 * len(rows))
    chart["padding"] = {"left": int(width * 0.36), "right": 0, "top": 2, "bottom": 2}
    chart["autosize"] = {"type": "none"}
    return chart


def _titles(title: str, width: int) -> dict[str, str]:
    """Return the title of a bar in one line, or where there is room for no more in two smaller ones."""
    if width <= NARROW_WIDTH:
        return {"title": fitted(title, FONT_SIZE, 0.58 * width), "upper": "", "lower": ""}
    lines = wrapped(title, SMALL, 0.34 * width, 2)
    if len(lines) == 1 or text_width(title, FONT_SIZE) <= 0.34 * width:
        return {"title": title, "upper": "", "lower": ""}
    return {"title": "", "upper": lines[0], "lower": lines[1]}


def _limit(rows: list[dict[str, Any]], width: float) -> float:
    """Return the value at the right edge: all bars fit, and where a width is given the labels at their ends too."""
    widest: float = max((row["end"] for row in rows), default=0.0) or 1.0
    if not width:
        return widest
    ends = [(row["end"] / widest, width - text_width(row["label"], FONT_SIZE) - 12.0) for row in rows]
    longest = min((room / share for share, room in ends if share > 0.0), default=width)
    return widest * width / min(longest, width)


def _hidden(field: str) -> Any:
    return alt.Y(f"{field}:Q", axis=None, stack=None, scale=alt.Scale(zero=True, nice=False))


def _bar(width: int, count: int) -> int:
    return max(8, min(46, int(0.5 * width / max(count, 1))))
