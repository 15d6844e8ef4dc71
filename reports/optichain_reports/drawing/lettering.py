"""How wide text will be, without a font at hand: estimated on the wide side, so that it fits in any."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

__all__ = ["BOLD", "fitted", "paper_font", "pieces", "stacked", "text_width", "wrapped"]

NARROW = frozenset("iljI.,:;'|! ")
SLIM = frozenset('tfr()[]-/"')
BOLD = 1.13
WIDE = frozenset("mwMW@%&")
BREAKING = frozenset(" -–—/")
CLOSING, OPENING = frozenset("，。、；：）》」！？…,.;:)!?%"), frozenset("（《「(")
"""Letters that no line begins with, and that none ends with."""


def text_width(text: str, size: float) -> float:
    """Return the width of a text in the unit of its font size; for bold letters give `BOLD` times the size."""
    return size * sum(_advance(letter) for letter in text)


def paper_font(text: str) -> str:
    """Return the font in which a picture on paper is lettered.

    A font that holds Chinese takes a fifth of a second to load for each picture, so only where it is needed.
    """
    if max(text, default=" ") < "\N{CJK RADICAL REPEAT}":
        return "sans-serif"
    return "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif"


@lru_cache(maxsize=8192)
def _advance(letter: str) -> float:
    if _is_wide(letter):
        return 1.02
    if unicodedata.combining(letter) or unicodedata.category(letter) == "Cf":
        return 0.0
    if letter in NARROW:
        return 0.36
    if letter in SLIM:
        return 0.47
    if letter in WIDE:
        return 0.94
    if letter.isupper():
        return 0.72
    return 0.62 if ord(letter) < 0x2000 else 1.02


def fitted(text: str, size: float, width: float) -> str:
    """Return a text cut to a width, with an ellipsis where something is missing."""
    text = " ".join(text.split())
    if text_width(text, size) <= width:
        return text
    room = width - size
    kept = text[: _holds(text, size, room)] if text_width(text[:1], size) <= room else ""
    return kept.rstrip() + "…"


def wrapped(text: str, size: float, width: float, lines: int) -> list[str]:
    """Break a text into at most so many lines of a width; the last may be cut.

    Lines end where `pieces` allows it, within a piece only where that is longer than a line.
    """
    broken = [""]
    for piece in pieces(text):
        if broken[-1] and text_width((broken[-1] + piece).rstrip(), size) > width:
            broken.append("")
        broken[-1] += piece
        while len(broken[-1]) > 1 and text_width(broken[-1].rstrip(), size) > width:
            kept = _holds(broken[-1], size, width)
            broken[-1:] = [broken[-1][:kept], broken[-1][kept:]]
    if len(broken) > lines:
        broken[lines - 1 :] = [fitted("".join(broken[lines - 1 :]), size, width)]
    return [line.rstrip() for line in broken]


def pieces(text: str) -> list[str]:
    """Return the parts of a text between which a line may end: after blanks and hyphens, and between Chinese letters."""
    result: list[str] = []
    before = " "
    for letter in " ".join(text.split()):
        ends = letter != " " and letter not in CLOSING and before not in OPENING
        if not result or (ends and (before in BREAKING or _is_wide(before) or _is_wide(letter))):
            result.append("")
        result[-1] += letter
        before = letter
    return result


def _holds(text: str, size: float, width: float) -> int:
    """Return how many letters of a text a line holds, at least one."""
    room = width
    for number, letter in enumerate(text):
        room -= size * _advance(letter)
        if room < 0.0:
            return max(number, 1)
    return len(text)


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"


def stacked(lines: Sequence[str], middle: float, step: float) -> list[tuple[float, str]]:
    """Return each line with its height, so that all of them stand around a middle."""
    top = middle - 0.5 * step * (len(lines) - 1)
    return [(top + step * number, line) for number, line in enumerate(lines)]
