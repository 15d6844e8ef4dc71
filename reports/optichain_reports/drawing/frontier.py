"""What money buys: ACC under each budget, what no plan passes, and this plan among them."""

from __future__ import annotations

from typing import Any

import altair as alt

from optichain_reports.drawing.canvas import NARROW_WIDTH, framed, letters, placed
from optichain_reports.drawing.lettering import wrapped
from optichain_reports.drawing.palette import Palette
from optichain_reports.wording.placed import Placed
from optichain_reports.wording.writer import Writer

__all__ = ["frontier_chart"]

HEIGHT, LABEL = 240.0, 11
TOP, BOTTOM, SIDE, FLOOR = 46.0, 118.0, 30.0, 54.0
"""`FLOOR`: room below the lowest point for its letters; above and below there is room for two lines of words."""
NEXT, MOST_LINES = 15.0, 5
"""From a line of words to its next, and most lines."""


def frontier_chart(report: Placed, writer: Writer, palette: Palette, width: int) -> dict[str, Any]:
    """Return the points of the frontier, each with its ACC and the expected annual loss that it avoids."""
    narrow = width <= NARROW_WIDTH
    points = [p for p in report.frontier if p.acc.known]
    most = max((p.budget.value for p in points), default=1.0) or 1.0
    # the bound is one of ACC only where ACC is what is sought
    bounded = report.summary.objective_name == "expected"
    bounds = [p.bound.value for p in points if bounded and p.bound.known]
    values = [p.acc.value for p in points] + bounds
    low, high = min(values, default=0.0), max(values, default=1.0)
    span = max(high - low, 1e-4)
    room = width - 2 * SIDE

    def across(budget: float) -> float:
        return room * budget / most

    def up(acc: float) -> float:
        return HEIGHT * (1.0 - (acc - low) / span)

    rows: list[dict[str, Any]] = [
        {"x": across(p.budget.value), "y": up(p.acc.value), "tip": _tip(p, writer)} for p in points
    ]
    limits = [
        {"x": across(p.budget.value), "y": up(p.bound.value)} for p in points if bounded and p.bound.known
    ]
    shown = _apart(rows, 66.0 if narrow else 84.0)
    lettered: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for i in shown:  # the curve bends down to the right, so that below it there is room
        align = "left" if rows[i]["x"] + 74.0 <= room + SIDE else "right"
        at = {"x": rows[i]["x"] + (4.0 if align == "left" else -2.0), "y": rows[i]["y"] + 17.0}
        acc = {**at, "text": writer.percent(points[i].acc)}
        lettered.setdefault((align, "bold"), []).append(acc)
        point = points[i]
        below = [
            writer.texts("frontier_avoids", avoided=writer.money(point.loss_avoided)),
            writer.texts("frontier_share", share=writer.percent(point.avoidable_share)),
        ]
        lettered.setdefault((align, "normal"), []).extend(
            {**at, "y": at["y"] + 14.0 * line, "text": text} for line, text in enumerate(below, 1)
        )
    feet = [
        {"x": rows[i]["x"], "y": HEIGHT + FLOOR + 14.0, "text": writer.money(points[i].budget)} for i in shown
    ]
    head = wrapped(writer.texts("frontier_axis", currency=writer.currency), LABEL, width - 16.0, MOST_LINES)
    top = TOP + NEXT * max(len(head) - 2, 0)
    foot = [f"{writer.texts('frontier_budget')}, {writer.currency} →"]
    if bounded:
        foot += wrapped(f"– – {writer.texts('frontier_limit')}", LABEL, width - 16.0, MOST_LINES)
    bottom = BOTTOM + NEXT * max(len(foot) - 2, 0)
    notes = [{"x": 8.0 - SIDE, "y": 12.0 - top + NEXT * i, "text": text} for i, text in enumerate(head)]
    notes += [
        {"x": 8.0 - SIDE, "y": HEIGHT + FLOOR + 34.0 + NEXT * i, "text": text} for i, text in enumerate(foot)
    ]
    base = alt.Chart(alt.InlineData(values=rows))
    axis = [{"x": 0.0, "x2": room, "y": HEIGHT + FLOOR}]
    layers = [
        placed(alt.Chart(alt.InlineData(values=axis)).mark_rule(color=palette.line, aria=False)).encode(
            x2="x2:Q"
        ),
        placed(base.mark_line(color=palette.accent, strokeWidth=2, aria=False)),
        placed(base.mark_circle(color=palette.accent, size=90, opacity=1.0)).encode(description="tip:N"),
    ]
    if limits:
        drawn = alt.Chart(alt.InlineData(values=limits))
        layers.insert(1, placed(drawn.mark_line(color=palette.quiet, strokeDash=[5, 4], aria=False)))
    for (align, weight), beside in lettered.items():
        layers += letters(beside, palette.ink, size=LABEL, align=align, fontWeight=weight)
    for values, align in ((feet, "center"), (notes, "left")):
        layers += letters(values, palette.quiet, size=LABEL, align=align)
    return framed(
        alt.layer(*layers),
        palette,
        width,
        HEIGHT + top + bottom,
        left=SIDE,
        right=SIDE,
        top=top,
        bottom=bottom,
    )


def _apart(rows: list[dict[str, Any]], least: float) -> list[int]:
    """Return which points are lettered: the last one, and before it those that are far enough apart.

    The letters of the last one stand to its left, so the next needs twice the room.
    """
    kept: list[int] = []
    for i in reversed(range(len(rows))):
        room = 2.0 * least if len(kept) == 1 else least
        if not kept or rows[kept[-1]]["x"] - rows[i]["x"] >= room:
            kept.append(i)
    return kept[::-1]


def _tip(point: Any, writer: Writer) -> str:
    return writer.texts(
        "frontier_tip",
        budget=writer.full_money(point.budget),
        acc=writer.percent(point.acc),
        avoided=writer.full_money(point.loss_avoided),
        share=writer.percent(point.avoidable_share),
        measures=writer.counted("measures", point.measures.size),
    )
