"""From a chart's specification to SVG or PNG, without a browser and without a network."""

from __future__ import annotations

import json
import re
from typing import Any

import vl_convert

from optichain_reports.drawing.lettering import paper_font

__all__ = ["to_png", "to_svg"]

_NOISE = re.compile(
    r' (?:xmlns:xlink|version|aria-hidden|aria-roledescription|role|pointer-events|class|opacity|font-family|stroke-miterlimit)="[^"]*"'
)
_TOLD = re.compile(
    r'<(path|rect) aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="[^"]*"([^>]*?)/>'
)
_LABEL = re.compile(r' aria-label="[^"]*"')


def to_svg(specification: dict[str, Any]) -> str:
    """Return a chart as an SVG element; it takes its font from the page.

    What a mark tells becomes its title, which is shown on pointing at it, with and without a script.
    """
    drawn: str = vl_convert.vegalite_to_svg(specification)
    told = _TOLD.sub(r'<\1 data-tip=""\3><title>\2</title></\1>', drawn)
    return _NOISE.sub("", _LABEL.sub("", told))


def to_png(specification: dict[str, Any], *, scale: float = 2.0) -> bytes:
    """Return a chart as a PNG file on white paper."""
    font = paper_font(json.dumps(specification, ensure_ascii=False))
    paper = {**specification, "background": "white", "config": {**specification["config"], "font": font}}
    drawn: bytes = vl_convert.vegalite_to_png(paper, scale=scale)
    return drawn
