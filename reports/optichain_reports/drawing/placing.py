"""Labels beside points: none over another, none over a point, none outside of the picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from optichain_reports.drawing.lettering import fitted, text_width

__all__ = ["Label", "place_labels"]

Box = tuple[float, float, float, float]
"""Left, right, top, bottom."""
GAP = 8.0
HALF = 7.0


@dataclass(frozen=True)
class Label:
    """A text and where it stands; `align` is ``left`` where it begins there, ``right`` where it ends there."""

    x: float
    y: float
    text: str
    align: str


def place_labels(
    wanted: Sequence[tuple[float, float, str]],
    points: Iterable[tuple[float, float]],
    *,
    width: float,
    height: float,
    size: float,
    longest: float,
) -> list[Label]:
    """Return labels for as many points as have room, the first ones first.

    Parameters
    ----------
    wanted : sequence of (x, y, text)
    points : iterable of (x, y)
        All points of the picture.
    width, height : float
        Of the picture, in pixels.
    size, longest : float
        Of the letters, and room that one label may take; one that does not fit is cut before it is left out.
    """
    taken = [(x - 4.0, x + 4.0, y - 4.0, y + 4.0) for x, y in points]
    result: list[Label] = []
    for x, y, whole in wanted:
        found = _first_free(x, y, whole, taken, width, height, size, longest)
        if found is not None:
            label, box = found
            taken.append(box)
            result.append(label)
    return result


def _first_free(
    x: float,
    y: float,
    whole: str,
    taken: Sequence[Box],
    width: float,
    height: float,
    size: float,
    longest: float,
) -> tuple[Label, Box] | None:
    """Return the first place beside a point that is free, the whole text before a shorter one."""
    for share in (1.0, 0.7, 0.5):
        text = fitted(whole, size, share * longest)
        long = text_width(text, size)
        for step in (0.0, -11.0, 11.0):
            for align in ("left", "right"):
                start = x + GAP if align == "left" else x - GAP - long
                box = (start, start + long, y + step - HALF, y + step + HALF)
                inside = box[0] >= 0.0 and box[1] <= width and box[2] >= -HALF and box[3] <= height + HALF
                if inside and not any(_meet(box, other) for other in taken):
                    return Label(x + GAP if align == "left" else x - GAP, y + step, text, align), box
    return None


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]
