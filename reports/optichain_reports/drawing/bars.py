"""One pair of bars for each row: what it was, and inside of it what it becomes with the plan.

There is no value axis: each bar is labelled with its number, written as everywhere else in the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from optichain_reports.drawing.canvas import BY_ROW, FONT_SIZE, NARROW_WIDTH, framed, letters, rectangles
from optichain_reports.drawing.lettering import stacked, text_width, wrapped
from optichain_reports.drawing.palette import Palette
from optichain_reports.wording.placed import Placed
from optichain_reports.wording.writer import Writer

__all__ = ["MOST_BARS", "Bar", "before_and_after", "chain_bars", "event_bars"]

MOST_BARS = 12
SMALL, NEXT, MOST_LINES = 11, 13.0, 4
"""Size of the letters of a title in several lines, from a line to its next, and its most lines."""
THICK, THIN = 14.0, 6.0
"""Of the bar before, and of the one with the plan."""
LEFT, RIGHT = 0.36, 8.0
"""Share of a wide picture that titles take; room at its right edge."""


@dataclass(frozen=True)
class Bar:
    """Something with an expected annual loss before and after, and the label of its bar."""

    title: str
    before: float
    after: float
    label: str


@dataclass(frozen=True)
class _Row:
    """Where a pair of bars and its title stand: heights in pixels, of the bars and of the title in the middle."""

    bar: Bar
    lines: list[str]
    size: int
    bars: float
    title: float


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
    """Return the pairs of bars: titles to their left, on a phone above them; never cut below four lines."""
    narrow = width <= NARROW_WIDTH
    left = 0.0 if narrow else LEFT * width
    rows, height = _placed(bars, 0.58 * width if narrow else left - 16.0, narrow=narrow)
    room = width - left - RIGHT
    scale = _scale(bars, room, labelled=not narrow)
    pairs = [
        {
            "x": 0.0,
            "x2": value * scale,
            "y": row.bars - 0.5 * thick,
            "y2": row.bars + 0.5 * thick,
            "color": color,
        }
        for row in rows
        for value, thick, color in (
            (row.bar.before, THICK, palette.before),
            (row.bar.after, THIN, palette.accent),
        )
    ]
    labels = [
        {
            "x": room if narrow else max(row.bar.before, row.bar.after) * scale + 8.0,
            "y": row.title,
            "text": row.bar.label,
        }
        for row in rows
    ]
    titles = {
        size: [
            {"x": -left, "y": y, "text": line}
            for row in rows
            if row.size == size
            for y, line in stacked(row.lines, row.title, NEXT)
        ]
        for size in (FONT_SIZE, SMALL)
    }
    layers = [rectangles(pairs, BY_ROW), *letters(labels, palette.ink, align="right" if narrow else "left")]
    for size, values in titles.items():
        layers += letters(values, palette.ink, size=size, align="left")
    return framed(
        alt.layer(*layers), palette, width, height + 4.0, left=left, right=RIGHT, top=2.0, bottom=2.0
    )


def _placed(bars: Sequence[Bar], room: float, *, narrow: bool) -> tuple[list[_Row], float]:
    """Return where each row stands, and the height of all."""
    rows: list[_Row] = []
    top = 0.0
    for bar in bars:
        lines, size = _broken(bar.title, room)
        block = NEXT * len(lines)
        if narrow:
            title = top + 0.5 * block + 2.0
            rows.append(_Row(bar, lines, size, top + block + 13.0, title))
            top += block + 32.0
        else:
            tall = max(28.0, block + 4.0)
            rows.append(_Row(bar, lines, size, top + 0.5 * tall, top + 0.5 * tall))
            top += tall
    return rows, top


def _broken(title: str, room: float) -> tuple[list[str], int]:
    """Return a title in one line, or where there is room for no more in several smaller ones; and the size."""
    if text_width(title, FONT_SIZE) <= room:
        return [title], FONT_SIZE
    return wrapped(title, SMALL, room, MOST_LINES), SMALL


def _scale(bars: Sequence[Bar], room: float, *, labelled: bool) -> float:
    """Return pixels for a unit: all bars fit, and where asked the labels at their ends too."""
    widest = max((max(bar.before, bar.after) for bar in bars), default=0.0) or 1.0
    if not labelled:
        return room / widest
    ends = [
        (max(bar.before, bar.after), max(room - text_width(bar.label, FONT_SIZE) - 12.0, 1.0)) for bar in bars
    ]
    return min((free / end for end, free in ends if end > 0.0), default=room / widest)
