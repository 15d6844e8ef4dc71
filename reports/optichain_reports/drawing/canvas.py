"""What all charts share: letters, the frame, and marks that tell their figures when pointed at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from optichain_reports.drawing.palette import Palette

__all__ = [
    "BY_ROW",
    "FONT_SIZE",
    "NARROW_WIDTH",
    "finished",
    "framed",
    "hidden",
    "letters",
    "placed",
    "rectangles",
    "years_axis",
]

FONT_SIZE = 12
NARROW_WIDTH = 400
"""Pixels up to which a chart is one for a phone."""
BY_ROW = {"color": alt.Color("color:N", scale=None, legend=None)}
"""A mark has the colour that its row names."""
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"


def finished(
    chart: Any, palette: Palette, width: float, height: float, *, told: bool = False
) -> dict[str, Any]:
    """Return the specification of a chart in the letters and colours of a report.

    `told` keeps the descriptions of marks, which become what is shown on pointing at them.
    """
    ready = chart.properties(width=width, height=height).configure(
        background="transparent",
        font=FONT,
        padding={"left": 4, "right": 4, "top": 4, "bottom": 4},
        aria=told,
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(labelColor=palette.ink, domainColor=palette.line, grid=False),
    )
    made: dict[str, Any] = ready.to_dict()
    return made


def framed(
    chart: Any,
    palette: Palette,
    width: float,
    height: float,
    *,
    left: float = 4,
    right: float = 4,
    top: float = 4,
    bottom: float = 4,
) -> dict[str, Any]:
    """Return a chart of exactly this size in pixels, whose plot leaves room at its edges; its marks tell figures."""
    made = finished(chart, palette, width - left - right, height - top - bottom, told=True)
    made["padding"] = {"left": left, "right": right, "top": top, "bottom": bottom}
    made["autosize"] = {"type": "none"}
    return made


def hidden(channel: Any, field: str, **options: Any) -> Any:
    """Return a position without an axis, in pixels."""
    return channel(field, axis=None, scale=None, **options)


def placed(chart: Any) -> Any:
    """Return marks whose rows have their x and y in pixels."""
    return chart.encode(x=hidden(alt.X, "x:Q"), y=hidden(alt.Y, "y:Q"))


def letters(rows: list[dict[str, Any]], color: str, *, size: float = FONT_SIZE, **marks: Any) -> list[Any]:
    """Return the text of each row at its x and y in pixels, as a layer that says nothing besides; none without rows."""
    if not rows:
        return []
    base = alt.Chart(alt.InlineData(values=rows))
    drawn = base.mark_text(color=color, fontSize=size, baseline="middle", aria=False, **marks)
    return [placed(drawn).encode(text="text:N")]


def rectangles(rows: list[dict[str, Any]], channels: Mapping[str, Any], **marks: Any) -> Any:
    """Return rectangles from x, y to x2, y2 of each row in pixels; they tell the tip of their row where there is one."""
    told = {"description": "tip:N"} if rows and "tip" in rows[0] else {}
    base = alt.Chart(alt.InlineData(values=rows)).mark_rect(aria=bool(told), **marks)
    return placed(base).encode(x2="x2:Q", y2="y2:Q", **channels, **told)


def years_axis() -> Any:
    """Return an axis of calendar years, written as they are given."""
    axis = alt.Axis(
        title=None, labelAngle=0, ticks=False, domain=True, labelFontSize=FONT_SIZE, labelPadding=6
    )
    return alt.X("year:N", axis=axis, sort=None)
