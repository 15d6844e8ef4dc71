"""From a chart's specification to SVG or PNG, without a browser and without a network."""

from __future__ import annotations

import re
from typing import Any

import vl_convert

__all__ = ["to_png", "to_svg"]

_NOISE = re.compile(
    r' (?:xmlns:xlink|version|aria-hidden|aria-roledescription|role|pointer-events|class|opacity|font-family|stroke-miterlimit)="[^"]*"'
)


def to_svg(specification: dict[str, Any]) -> str:
    """Return a chart as an SVG element; it takes its font from the page."""
    drawn: str = vl_convert.vegalite_to_svg(specification)
    return _NOISE.sub("", drawn)


def to_png(specification: dict[str, Any], *, scale: float = 2.0) -> bytes:
    """Return a chart as a PNG file."""
    drawn: bytes = vl_convert.vegalite_to_png(specification, scale=scale)
    return drawn
