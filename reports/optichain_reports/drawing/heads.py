"""Heads of narrow columns: slanting where all of them fit whole, otherwise numbers, and a key below the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from optichain_reports.drawing.lettering import text_width
from optichain_reports.drawing.numbered import numbered_key

__all__ = ["ANGLE", "Heads", "head_columns"]

ANGLE = 318
"""Of slanting heads, in degrees clockwise."""
RISE, RUN = 0.67, 0.72
"""Of a slanting head, by its length; a little room to spare."""
HIGHEST = 300.0
"""Most room above the cells for slanting heads."""


@dataclass(frozen=True)
class Heads:
    """Rows of letters above the cells and of the key below, with the room that they take in pixels.

    `side` is the width of a column.
    """

    side: float
    above: list[dict[str, Any]]
    slanting: bool
    top: float
    key: list[dict[str, Any]]
    foot: float


def head_columns(
    titles: Sequence[str], *, size: float, room: float, beyond: float, left: float, most: float
) -> Heads:
    """Set the heads of columns.

    Parameters
    ----------
    titles : sequence of str
        From left to right.
    size : float
        Of the letters.
    room : float
        From the left edge of the first column to the right edge of the picture, in pixels.
    beyond : float
        Of it, what slanting heads may take to the right of the last column.
    left : float
        From the left edge of the picture to that of the first column: the key may stand there too.
    most : float
        Width of a column at most.

    Returns
    -------
    Heads
        `above` counts from the upper left corner of the cells, `key` from its own.
    """
    side = min((room - beyond) / max(len(titles), 1), most)
    middles = [(i + 0.5) * side for i in range(len(titles))]
    longest = [min((HIGHEST - 20.0) / RISE, (room - x - 4.0) / RUN) for x in middles]
    widths = [text_width(title, size) for title in titles]
    if all(long <= free for long, free in zip(widths, longest, strict=True)):
        slanting = [{"x": x, "y": -8.0, "text": title} for x, title in zip(middles, titles, strict=True)]
        return Heads(side, slanting, True, 20.0 + RISE * max(widths, default=0.0), [], 0.0)
    side = min(room / len(titles), most)
    numbers = [{"x": (i + 0.5) * side, "y": -10.0, "text": str(i + 1)} for i in range(len(titles))]
    entries = [(str(i + 1), title) for i, title in enumerate(titles)]
    key, foot = numbered_key(entries, size=size, room=room + left)
    return Heads(side, numbers, False, 24.0, key, foot)
