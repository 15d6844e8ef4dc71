"""From a chart's specification to SVG or PNG, without a browser and without a network."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import vl_convert

from optichain.errors import ResourceError
from optichain_reports.drawing.lettering import paper_font

__all__ = ["to_png", "to_svg"]

ADDRESSES = 65 * 2**30
"""Bytes of address space that what draws charts reserves at once, and hardly uses: where they are denied it ends the process."""
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
    _insist_on_addresses()
    drawn: str = vl_convert.vegalite_to_svg(specification)
    told = _TOLD.sub(r'<\1 data-tip=""\3><title>\2</title></\1>', drawn)
    return _NOISE.sub("", _LABEL.sub("", told))


def to_png(specification: dict[str, Any], *, scale: float = 2.0) -> bytes:
    """Return a chart as a PNG file on white paper."""
    font = paper_font(json.dumps(specification, ensure_ascii=False))
    paper = {**specification, "background": "white", "config": {**specification["config"], "font": font}}
    _insist_on_addresses()
    drawn: bytes = vl_convert.vegalite_to_png(paper, scale=scale)
    return drawn


@cache
def _insist_on_addresses() -> None:
    """Refuse to draw, before the first chart, where that would end the process, and with it all that is not written yet.

    Raises
    ------
    ResourceError
        The limit on address space is too low.
    """
    try:
        import resource
    except ImportError:
        return
    allowed, _ = resource.getrlimit(resource.RLIMIT_AS)
    if allowed == resource.RLIM_INFINITY or allowed - _taken(resource.getpagesize()) >= ADDRESSES:
        return
    raise ResourceError(
        f"charts need {ADDRESSES / 2**30:.0f} GiB of address space, of which they use little, and this process may have "
        f"{allowed / 2**30:.3g} (ulimit -v): lift that limit (ulimit -d bounds memory instead), or write a report that has no "
        "charts (.xlsx or .json)"
    )


def _taken(page: int) -> int:
    """Return the bytes of address space that this process has already, from those of a page; 0 where nobody tells."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * page
