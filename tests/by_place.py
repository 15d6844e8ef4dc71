"""Where a number that a page or a sheet shows stands in the data behind it."""

from __future__ import annotations

from typing import Any


def found_at(data: Any, place: str) -> Any:
    """Return what stands at a place such as ``chains.0.title``; ``length`` is the number of a list's members."""
    for part in place.split("."):
        if isinstance(data, list):
            data = len(data) if part == "length" else data[int(part)]
        else:
            data = data[part]
    return data
