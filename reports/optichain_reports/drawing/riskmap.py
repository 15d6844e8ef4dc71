"""Risk against impact: how likely each event is, and what it costs if it happens, before the plan and with it."""

from __future__ import annotations

import math
from typing import Any

import altair as alt

from optichain_reports.drawing.canvas import BY_ROW, NARROW_WIDTH, framed, hidden, letters, placed
from optichain_reports.drawing.lettering import fitted, text_width
from optichain_reports.drawing.numbered import numbered_key
from optichain_reports.drawing.palette import Palette
from optichain_reports.drawing.placing import Label, place_labels
from optichain_reports.wording.placed import Placed
from optichain_reports.wording.writer import Writer

__all__ = ["MOST_POINTS", "risk_map"]

MOST_POINTS, MOST_LABELS, FEW_LABELS = 60, 14, 7
"""Events that are drawn, that are named beside their points, and on a phone numbered, with a key below."""
HEIGHT, LABEL = 340.0, 11
TOP, BOTTOM, RIGHT = 30.0, 62.0, 16.0


def risk_map(report: Placed, writer: Writer, palette: Palette, width: int) -> dict[str, Any]:
    """Return the events that matter most as arrows from what they cost to what they cost with the plan.

    Both scales are stretched near nothing: the chance is logarithmic, the loss a square root.
    """
    narrow = width <= NARROW_WIDTH
    felt = [e for e in report.events if e.felt and e.probability]
    events = felt[:MOST_POINTS]
    chances = [e.probability.value for e in events]
    top = max((max(e.lost_before.value, e.lost_after.value) for e in events), default=1.0) or 1.0
    losses = [value for value in _round_values(top) if value <= top * 1.001]
    said = [writer.numbers.number(value) for value in losses]
    left = max((text_width(text, LABEL) for text in said), default=20.0) + 22.0
    room = width - left - RIGHT
    low, high = math.log10(min(chances, default=0.01)), math.log10(max(chances, default=0.1))
    low, high = (low - 0.15, high + 0.15) if high - low > 0.3 else (low - 0.5, high + 0.5)

    def across(chance: float) -> float:
        return room * (math.log10(chance) - low) / (high - low)

    def up(lost: float) -> float:
        return HEIGHT * (1.0 - math.sqrt(max(lost, 0.0) / top))

    points: list[dict[str, Any]] = [
        {
            "x": across(e.probability.value),
            "y": up(e.lost_before.value),
            "y2": up(e.lost_after.value),
            "tip": _tip(e, writer),
        }
        for e in events
    ]
    for lower in points:
        lower["moves"] = abs(lower["y2"] - lower["y"]) > 1.0
    places = [(p["x"], y) for p in points for y in _along(p["y"], p["y2"])]
    named = events[: FEW_LABELS if narrow else MOST_LABELS]
    called = [str(i + 1) if narrow else e.title for i, e in enumerate(named)]
    labels = place_labels(
        [(p["x"], p["y"], text) for p, text in zip(points, called, strict=False)],
        places,
        width=room,
        height=HEIGHT,
        size=LABEL,
        longest=0.32 * room,
    )
    grid = [{"x": 0.0, "x2": room, "y": up(value)} for value in losses]
    ticks = [{"x": -8.0, "y": up(value), "text": text} for value, text in zip(losses, said, strict=True)]
    marks = [10.0**p * m for p in range(-7, 1) for m in (1, 2, 5)]
    chances_shown = [m for m in marks if 0.0 <= across(m) <= room and m <= 1.0]
    while len(chances_shown) * 46.0 > room:
        chances_shown = chances_shown[::2]
    unit = "%" if writer.language == "zh" else "\N{NO-BREAK SPACE}%"
    feet = [{"x": across(m), "y": HEIGHT + 14.0, "text": f"{100.0 * m:.6g}{unit}"} for m in chances_shown]
    stems = [{"x": across(m), "y": HEIGHT, "y2": HEIGHT + 5.0} for m in chances_shown]
    omitted = len(felt) - len(events)
    notes = [
        {
            "x": 8.0 - left,
            "y": -18.0,
            "text": fitted(f"↑ {writer.texts('lost')}, {writer.currency}", LABEL, width - 16.0),
        },
        {"x": 8.0 - left, "y": HEIGHT + 34.0, "text": f"{writer.texts('probability')} →"},
    ]
    if omitted:
        text = writer.texts("risk_omitted", count=writer.numbers.number(omitted))
        notes.append({"x": 8.0 - left, "y": HEIGHT + 52.0, "text": fitted(text, LABEL, width - 16.0)})
    foot = BOTTOM
    if narrow:
        numbers = {line for label in labels for line in label.lines}
        entries = [(text, e.title) for text, e in zip(called, named, strict=True) if text in numbers]
        key, high = numbered_key(entries, size=LABEL, room=width - 16.0)
        notes += [{**row, "x": row["x"] + 8.0 - left, "y": row["y"] + HEIGHT + BOTTOM + 6.0} for row in key]
        foot += high + 8.0
    layers = [
        _lines(grid, palette.line),
        _lines(stems, palette.quiet),
        _arrows([p for p in points if p["moves"]], palette),
        _dots(points, "y", palette.before, 46),
        _dots(points, "y2", palette.accent, 30),
        *_key(writer, palette, width, left),
    ]
    halo = {"stroke": palette.paper, "strokeWidth": 3}
    beside = [(align, _rows(labels, align)) for align in ("left", "right")]
    lettered: list[tuple[list[dict[str, Any]], str, str, dict[str, Any]]] = [
        (ticks, palette.quiet, "right", {}),
        (feet, palette.quiet, "center", {}),
        (notes, palette.quiet, "left", {}),
        *((values, palette.paper, align, halo) for align, values in beside),
        *((values, palette.ink, align, {}) for align, values in beside),
    ]
    for values, color, align, more in lettered:
        layers += letters(values, color, size=LABEL, align=align, **more)
    return framed(
        alt.layer(*layers),
        palette,
        width,
        HEIGHT + TOP + foot,
        left=left,
        right=RIGHT,
        top=TOP,
        bottom=foot,
    )


def _along(start: float, end: float) -> list[float]:
    """Return the ends of a stem and places between them that no label may cover."""
    count = max(int(abs(end - start) / 6.0), 1)
    return [start + (end - start) * i / count for i in range(count + 1)]


def _round_values(top: float) -> list[float]:
    """Return nothing and a few round amounts up to a largest one."""
    step = 10.0 ** math.floor(math.log10(top))
    factors = (
        (1.0, 2.0, 5.0) if top / step >= 5.0 else (0.5, 1.0, 2.0) if top / step >= 2.0 else (0.2, 0.5, 1.0)
    )
    return [0.0, 0.1 * step, *(step * f for f in factors)]


def _tip(event: Any, writer: Writer) -> str:
    return writer.texts(
        "risk_tip",
        event=event.title,
        chance=writer.percent(event.probability),
        before=writer.full_money(event.lost_before),
        after=writer.full_money(event.lost_after),
    )


def _rows(labels: list[Label], align: str) -> list[dict[str, Any]]:
    mine = (label for label in labels if label.align == align)
    return [{"x": label.x, "y": y, "text": line} for label in mine for y, line in label.rows()]


def _lines(rows: list[dict[str, Any]], color: str) -> Any:
    ends = {key: f"{key}:Q" for key in ("x2", "y2") if rows and key in rows[0]}
    return placed(alt.Chart(alt.InlineData(values=rows)).mark_rule(color=color, aria=False)).encode(**ends)


def _arrows(rows: list[dict[str, Any]], palette: Palette) -> Any:
    base = alt.Chart(alt.InlineData(values=rows)).mark_rule(
        color=palette.accent, strokeWidth=1.5, opacity=0.6, aria=False
    )
    return placed(base).encode(y2="y2:Q")


def _dots(rows: list[dict[str, Any]], field: str, color: str, size: int) -> Any:
    base = alt.Chart(alt.InlineData(values=rows)).mark_circle(color=color, size=size, opacity=1.0)
    return base.encode(x=hidden(alt.X, "x:Q"), y=hidden(alt.Y, f"{field}:Q"), description="tip:N")


def _key(writer: Writer, palette: Palette, width: float, left: float) -> list[Any]:
    """Return what the two colours are, at the lower right."""
    words = [writer.texts("after"), writer.texts("before")]
    x, y = width - left - RIGHT, HEIGHT + 34.0
    dots, labels = [], []
    for word, color in zip(words, (palette.accent, palette.before), strict=True):
        x -= text_width(word, LABEL)
        labels.append({"x": x, "y": y, "text": word})
        x -= 9.0
        dots.append({"x": x, "y": y, "color": color})
        x -= 14.0
    marks = alt.Chart(alt.InlineData(values=dots)).mark_circle(size=46, opacity=1.0, aria=False)
    return [placed(marks).encode(**BY_ROW), *letters(labels, palette.quiet, size=LABEL, align="left")]
