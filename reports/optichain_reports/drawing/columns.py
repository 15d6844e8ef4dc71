"""How wide the columns of a table on paper are."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from optichain_reports.drawing.lettering import BOLD, text_width

__all__ = ["balanced", "narrowest", "shared_widths"]

UNBROKEN = re.compile(
    r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[^ \n\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+"
)
"""What stays on one line: a letter of Chinese, or a run of other letters without a blank."""
CHINESE = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]+")
CLOSING = ("，", "、", "）", "；", "：")
ROUNDED = 0.02
GLYPHS = 3
"""Letters of Chinese that stand beside each other at least: a column of single ones cannot be read."""
PADDING, WIDEST, LONGEST = 3.8, 60.0, 110.0
"""Millimetres beside a text, of a column for its words alone, and of one for its longest text."""


def narrowest(rows: Sequence[Sequence[str]], size: float) -> float:
    """Return the width of the narrowest table that breaks no word; rows and size are those of `shared_widths`."""
    return sum(_least(list(zip(*rows, strict=True)), size))


def shared_widths(
    rows: Sequence[Sequence[str]], numeric: Sequence[int], room: float, size: float
) -> list[float]:
    """Share a page among columns: as wide as their words need, then as their longest texts ask for.

    Parameters
    ----------
    rows : sequence of sequences of str
        The headings, then the rows.
    numeric : sequence of int
        Columns of numbers: where there is too little room, others give way, for a broken number is none.
    room : float
        Width of the page.
    size : float
        Of the letters, in the same unit.
    """
    columns = list(zip(*rows, strict=True))
    least = _least(columns, size)
    asked = [min(max(_width(t, i, size) for i, t in enumerate(c)) + PADDING, LONGEST) for c in columns]
    rest = room - sum(least)
    if rest < 0.0:
        giving = [0.0 if i in set(numeric) else width for i, width in enumerate(least)]
        share = -rest / sum(giving) if sum(giving) > -2.0 * rest else None
        if share is None:
            return [width * room / sum(least) for width in least]
        return [width - share * more for width, more in zip(least, giving, strict=True)]
    wish = [max(a - b, 0.0) for a, b in zip(asked, least, strict=True)]
    share = min(rest / sum(wish), 1.0) if sum(wish) else 0.0
    return [width + share * more for width, more in zip(least, wish, strict=True)]


def balanced(heading: str, width: float, size: float) -> str:
    """Return the heading of a column broken into lines of about as many letters of Chinese; others as they are.

    A page breaks Chinese wherever a line is full, so that a single letter is often left for the last one.
    """
    if len(heading) <= GLYPHS or not CHINESE.fullmatch(heading):
        return heading
    # a letter of Chinese is as wide in bold, and a column may have been rounded down
    lines = math.ceil(text_width(heading, size) / max(width - PADDING, size) - ROUNDED)
    if lines < 2:
        return heading
    each = math.ceil(len(heading) / lines)
    ends = [each * (line + 1) for line in range(lines - 1)]
    # no line begins with a comma or a closing bracket
    ends = [end + 1 if heading[end : end + 1] in CLOSING else end for end in ends]
    return "\n".join(heading[a:b] for a, b in zip([0, *ends], [*ends, len(heading)], strict=True) if a < b)


def _least(columns: Sequence[Sequence[str]], size: float) -> list[float]:
    return [min(_needed(column, size) + PADDING, WIDEST) for column in columns]


def _needed(column: Sequence[str], size: float) -> float:
    """Return the width of the widest thing that stays on one line."""
    parts = [
        max((_width(p, i, size) for p in UNBROKEN.findall(t)), default=0.0) for i, t in enumerate(column)
    ]
    chinese = max((min(_glyphs(text), GLYPHS) for text in column), default=0)
    return max([*parts, text_width("中", size) * chinese])


def _glyphs(text: str) -> int:
    return sum("\u2e80" <= letter <= "\u9fff" for letter in text)


def _width(text: str, row: int, size: float) -> float:
    """Return the width of a text; the first row is bold."""
    return text_width(text, BOLD * size if row == 0 else size)
