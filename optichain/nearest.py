"""The known name that is most like one that nobody knows: a remedy for misspelt names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

__all__ = ["nearest", "nearest_clause", "nearest_hint"]

CANDIDATES = 3000
"""Names that are compared at the most: a hint is not worth a wait."""

LONGEST = 200
"""Signs of a text for which a name is sought."""


def nearest(text: str, names: Iterable[Any]) -> str | None:
    """Return the known name closest to a text, or ``None`` where none is close.

    Only names of a similar length are compared.
    """
    folded = text.casefold().strip()
    if len(text) > LONGEST:
        return None
    close: list[str] = []
    for name in names:
        known = str(name)
        if known.casefold() == folded:
            return known
        if len(close) < CANDIDATES and abs(len(known) - len(text)) <= 3 + len(text) // 3:
            close.append(known)
    found = difflib.get_close_matches(folded, [name.casefold() for name in close], n=1, cutoff=0.5)
    if not found:
        return None
    return next(name for name in close if name.casefold() == found[0])


def nearest_hint(text: str, names: Iterable[Any]) -> str | None:
    """Return "did you mean 'S1'?" for the nearest name, or ``None``."""
    found = nearest(text, names)
    return None if found is None else f"did you mean '{found}'?"


def nearest_clause(text: str, names: Iterable[Any]) -> str:
    """Return the hint as the end of a sentence, "; did you mean 'S1'?", or nothing."""
    hint = nearest_hint(text, names)
    return "" if hint is None else f"; {hint}"
