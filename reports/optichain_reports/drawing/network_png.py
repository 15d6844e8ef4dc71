"""A chain's network as a picture of its own, for documents that hold no SVG."""

from __future__ import annotations

import vl_convert

from optichain_reports.drawing.lettering import paper_font
from optichain_reports.drawing.network import NetworkLayout, lay_out
from optichain_reports.templating import environment, fixed_style
from optichain_reports.wording.placed import Placed
from optichain_reports.wording.writer import Writer

__all__ = ["network_png"]

LARGEST = 3000.0
"""Pixels of the longer side of a PNG."""


def _drawn(picture: Placed, layout: NetworkLayout, writer: Writer) -> str:
    templates = environment()
    lettered = (line.full for box in layout.boxes for line in (box.content.title, *box.content.lines))
    return templates.get_template("network.svg").render(
        p=picture,
        layout=layout,
        plain=writer,
        standalone=True,
        style=fixed_style(templates, paper_font("".join(lettered))),
    )


def network_png(picture: Placed, writer: Writer) -> bytes:
    """Return the network of one chain as a PNG file, finer than it is shown where that is not too large."""
    layout = lay_out(picture.raw, writer)
    scale = min(1.5, LARGEST / max(layout.width, layout.height, 1.0))
    drawn: bytes = vl_convert.svg_to_png(_drawn(picture, layout, writer), scale=scale)
    return drawn
