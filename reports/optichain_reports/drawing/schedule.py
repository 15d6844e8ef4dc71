"""The schedule of support: which chain gets how much in which year."""

from __future__ import annotations

from typing import Any

import altair as alt

from optichain_reports.drawing.canvas import (
    BY_ROW,
    FONT_SIZE,
    NARROW_WIDTH,
    framed,
    letters,
    placed,
    rectangles,
)
from optichain_reports.drawing.lettering import stacked, wrapped
from optichain_reports.drawing.palette import Palette
from optichain_reports.wording.placed import Placed
from optichain_reports.wording.writer import Writer

__all__ = ["MOST_SUPPORTED", "schedule_chart"]

MOST_SUPPORTED = 30
LABEL = 11
HEAD, FOOT, THICK = 26.0, 24.0, 6.0
NEXT = 14.0
"""From a line of a title to its next."""


def schedule_chart(report: Placed, writer: Writer, palette: Palette, width: int) -> dict[str, Any]:
    """Return chains by year of cost with their money; running support is drawn in the colour of what was before."""
    narrow = width <= NARROW_WIDTH
    rows = sorted(report.support, key=lambda s: -s.total.value)[:MOST_SUPPORTED]
    rows.sort(key=lambda s: (s.chain is None, s.start_year.value, -s.total.value))
    years = list(report.years_of_cost)
    used = [i for i in range(len(years)) if any(s.new[i] or s.committed[i] for s in report.support)]
    left = 10.0 if narrow else 0.36 * width
    step = (width - left - 10.0) / max(len(used), 1)
    room = width - 20.0 if narrow else left - 24.0
    titles = [writer.texts("shared") if support.chain is None else support.title for support in rows]
    broken = [wrapped(title, FONT_SIZE, room, 2) for title in titles]
    most = max(map(len, broken), default=1)
    tall = 36.0 + NEXT * most if narrow else max(34.0, NEXT * most + 8.0)
    largest = max((s.new[i].value + s.committed[i].value for s in rows for i in used), default=0.0) or 1.0
    bars, labels, names, lines = [], [], [], []
    for number, support in enumerate(rows):
        bottom = (number + 1) * tall - 7.0
        edge = 0.0 if narrow else 10.0 - left
        middle = bottom - 32.0 - 0.5 * NEXT * (most - 1) if narrow else (number + 0.5) * tall
        names += [{"x": edge, "y": y, "text": line} for y, line in stacked(broken[number], middle, NEXT)]
        lines.append({"x": edge, "x2": step * len(used), "y": (number + 1) * tall})
        for place, i in enumerate(used):
            paid = [
                (key, money, color)
                for key, money, color in (
                    ("committed", support.committed[i], palette.before),
                    ("new", support.new[i], palette.accent),
                )
                if money
            ]
            x = place * step
            text = " + ".join(writer.money(money) for _, money, _ in paid)
            labels.append({"x": x, "y": bottom - THICK - 8.0, "text": text})
            for key, money, color in paid:
                end = x + max((step - 14.0) * money.value / largest, 2.0)
                tip = writer.texts(
                    "schedule_tip",
                    chain=titles[number],
                    year=writer.year(years[i]),
                    what=writer.texts(key),
                    cost=writer.full_money(money),
                )
                bars.append(
                    {"x": x, "x2": end, "y": bottom - THICK, "y2": bottom, "color": color, "tip": tip}
                )
                x = end + 1.0
    heads = [{"x": place * step, "y": -14.0, "text": writer.year(years[i])} for place, i in enumerate(used)]
    omitted = len(report.support) - len(rows)
    notes = []
    if omitted:
        text = writer.texts("schedule_omitted", count=writer.numbers.number(omitted))
        notes = [{"x": 0.0 if narrow else 10.0 - left, "y": tall * len(rows) + 14.0, "text": text}]
    layers = [
        placed(alt.Chart(alt.InlineData(values=lines)).mark_rule(color=palette.line, aria=False)).encode(
            x2="x2:Q"
        ),
        rectangles(bars, BY_ROW),
    ]
    for values, color, size in (
        (names, palette.ink, FONT_SIZE),
        (labels, palette.ink, LABEL),
        (heads, palette.quiet, FONT_SIZE),
        (notes, palette.quiet, LABEL),
    ):
        layers += letters(values, color, size=size, align="left")
    foot = FOOT if notes else 6.0
    return framed(
        alt.layer(*layers),
        palette,
        width,
        tall * len(rows) + HEAD + foot,
        left=left,
        right=10.0,
        top=HEAD,
        bottom=foot,
    )
