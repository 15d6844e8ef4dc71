"""Labels beside points: none over another, none over a point, none outside of the picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from optichain_reports.drawing.lettering import pieces, stacked, text_width, wrapped

__all__ = ["Label", "place_labels"]

Box = tuple[float, float, float, float]
"""Left, right, top, bottom."""
GAP = 8.0
HALF = 7.0
STEP = 13.0
"""From a line of a label to its next."""
SHAPES = ((1.0, 2), (0.7, 3), (0.5, 5), (1.0, 4))
"""Of the longest line that a label may have, and its most lines: the better ones first."""


@dataclass(frozen=True)
class Label:
    """A text in lines around a height; `align` is ``left`` where they begin at `x`, ``right`` where they end there."""

    x: float
    y: float
    lines: tuple[str, ...]
    align: str

    def rows(self) -> list[tuple[float, str]]:
        """Return each line with its height, downwards."""
        return stacked(self.lines, self.y, STEP)


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
        Of the letters, and room that one line may take. A label is broken into lines, and cut only where it is longer
        than any of its shapes hold.
    """
    taken = [(x - 4.0, x + 4.0, y - 4.0, y + 4.0) for x, y in points]
    result: list[Label] = []
    for x, y, whole in wanted:
        for lines in _shapes(whole, size, longest):
            found = _first_free(x, y, lines, taken, width, height, size)
            if found is not None:
                label, box = found
                taken.append(box)
                result.append(label)
                break
    return result


def _shapes(whole: str, size: float, longest: float) -> list[tuple[str, ...]]:
    """Return the ways to break a label into lines that hold all of it and all of its words, or the one that cuts least."""
    word = max((text_width(piece.rstrip(), size) for piece in pieces(whole)), default=0.0)
    broken = [
        tuple(wrapped(whole, size, share * longest, most))
        for share, most in SHAPES
        if share == 1.0 or word <= share * longest
    ]
    complete = [lines for lines in broken if not lines[-1].endswith("…") or whole.rstrip().endswith("…")]
    return complete or [max(broken, key=lambda lines: sum(map(len, lines)))]


def _first_free(
    x: float,
    y: float,
    lines: tuple[str, ...],
    taken: Sequence[Box],
    width: float,
    height: float,
    size: float,
) -> tuple[Label, Box] | None:
    """Return the first place beside a point that is free."""
    long = max(text_width(line, size) for line in lines)
    half = HALF + 0.5 * STEP * (len(lines) - 1)
    for step in (0.0, -half - 4.0, half + 4.0):
        for align in ("left", "right"):
            start = x + GAP if align == "left" else x - GAP - long
            box = (start, start + long, y + step - half, y + step + half)
            inside = box[0] >= 0.0 and box[1] <= width and box[2] >= -HALF and box[3] <= height + HALF
            if inside and not any(_meet(box, other) for other in taken):
                return Label(x + GAP if align == "left" else x - GAP, y + step, lines, align), box
    return None


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]
