"""A key below a picture: numbers that stand in it, and what they are called in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from optichain_reports.drawing.lettering import wrapped

__all__ = ["numbered_key"]

NEXT, MOST_LINES = 13.0, 5
"""From a line to its next, and most lines of an entry."""
NUMBER, BETWEEN = 22.0, 14.0
"""Room for a number before its entry, and between two columns."""
BROAD = 600.0
"""Room from which on there are two columns."""


def numbered_key(
    entries: Sequence[tuple[str, str]], *, size: float, room: float
) -> tuple[list[dict[str, Any]], float]:
    """Return the letters of a key, with x and y in pixels from its upper left corner, and its height.

    Parameters
    ----------
    entries : sequence of (number, title)
    size, room : float
        Of the letters; width of all.
    """
    columns = 2 if room >= BROAD else 1
    wide = room / columns
    half = -(-len(entries) // columns)
    rows: list[dict[str, Any]] = []
    lowest = 0.0
    for column in range(columns):
        x, y = column * wide, 0.0
        for number, title in entries[column * half : (column + 1) * half]:
            rows.append({"x": x, "y": y, "text": number})
            for line in wrapped(title, size, wide - NUMBER - BETWEEN, MOST_LINES):
                rows.append({"x": x + NUMBER, "y": y, "text": line})
                y += NEXT
            y += 2.0
        lowest = max(lowest, y)
    return rows, lowest
