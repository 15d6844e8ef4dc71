"""How wide text will be, without a font at hand: estimated on the wide side, so that it fits in any."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = ["BOLD", "fitted", "paper_font", "text_width", "wrapped"]

NARROW = frozenset("iljI.,:;'|! ")
SLIM = frozenset('tfr()[]-/"')
BOLD = 1.13
WIDE = frozenset("mwMW@%&")


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
    if unicodedata.east_asian_width(letter) in "WF":
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
    room, kept = width - size, []
    for letter in text:
        room -= size * _advance(letter)
        if room < 0.0:
            break
        kept.append(letter)
    return "".join(kept).rstrip() + "…"


def wrapped(text: str, size: float, width: float, lines: int) -> list[str]:
    """Break a text into at most so many lines of a width, between words where there are any; the last may be cut."""
    rest = " ".join(text.split())
    result: list[str] = []
    while rest and len(result) < lines - 1 and text_width(rest, size) > width:
        room, end, space = width, 0, -1
        for index, letter in enumerate(rest):
            room -= size * _advance(letter)
            if room < 0.0:
                break
            end = index + 1
            if letter == " ":
                space = index
        if end < len(rest) and rest[end] == " ":
            space = end
        where = space if space > 0.4 * end else max(end, 1)
        result.append(rest[:where].rstrip())
        rest = rest[where:].lstrip()
    return [*result, fitted(rest, size, width)] if rest or not result else result
