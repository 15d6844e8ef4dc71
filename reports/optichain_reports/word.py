"""Headings, paragraphs, tables and pictures of a Word document, in the styles of a template or in ours."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from PIL import Image

from optichain_reports.drawing.columns import balanced, narrowest, shared_widths
from optichain_reports.drawing.palette import FIXED
from optichain_reports.wording.printable import printable

__all__ = ["Word"]

CELL_SIZES = (8.5, 7.5, 6.5)
"""Points of a letter in a table, which takes the largest in which no word is broken, else the last."""
COLOURS, DENSITY = 64, 144
"""Of pictures: how many colours, and dots an inch where they do not say."""
HEIGHT = 0.86
"""Share of the page's height between its margins that a picture may take."""
READABLE = 0.6
"""Of the size for which a picture was lettered: below it a picture takes a page for itself."""
FONTS = {"en": ("Calibri", "SimSun"), "zh": ("Calibri", "Microsoft YaHei")}
LATIN, EASTERN = "en-GB", "zh-CN"
"""What letters of each kind are read as, whatever the document's own language: Chinese names stand in English ones too."""
POINT = 25.4 / 72.0
"""Millimetres."""
TWIPS = 1440.0 / 25.4
"""Twentieths of a point in a millimetre."""
NAMESPACE = nsdecls("w")
HEAD_ROW = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>"
ROW = "<w:trPr><w:cantSplit/></w:trPr>"


class Word:
    """A document that grows from top to bottom.

    Parameters
    ----------
    language : {"en", "zh"}
    template : path, optional
        A Word document: its styles, page, header and footer are used, and what it holds stands first.
    """

    def __init__(self, language: str, template: Path | None) -> None:
        self._made: Any = Document(None if template is None else str(template))
        if template is None:
            _set_up(self._made, language)
        section: Any = self._made.sections[-1]
        self._width = (section.page_width - section.left_margin - section.right_margin) / Mm(1)
        self._height = HEIGHT * (section.page_height - section.top_margin - section.bottom_margin) / Mm(1)
        self._styles = {style.name: style.style_id for style in self._made.styles}
        self._body = self._made.element.body

    def describe(self, title: str, written: str) -> None:
        """Set the properties of the document."""
        when = datetime.fromisoformat(written).replace(tzinfo=None)
        core = self._made.core_properties
        core.title, core.author, core.created, core.modified = printable(title), "optichain", when, when

    def heading(self, text: str, level: int, *, new_page: bool = False) -> None:
        """Add a heading; level 0 is the title of the document."""
        style = "Title" if level == 0 else f"Heading {level}"
        self._add(text, style, "<w:pageBreakBefore/>" if new_page else "")

    def paragraph(self, text: str) -> None:
        """Add a paragraph."""
        self._add(text, None)

    def caption(self, text: str, *, with_next: bool = False) -> None:
        """Add a note in small letters; `with_next` keeps it on the page of what follows."""
        self._add(text, "Caption", "<w:keepNext/>" if with_next else "")

    def picture(self, image: bytes, text: str, *, width: float | None = None, height: float = 1.0) -> None:
        """Add a picture that fits the page, with the text that stands for it.

        It takes no more than a share of the page's height, unless its letters would become too small to be read.
        """
        shape = self._made.add_paragraph().add_run().add_picture(io.BytesIO(_reduced(image)))
        room = self._width if width is None else min(width, self._width)
        high = Mm(self._height) / shape.height
        share = height if height * high >= READABLE else 1.0
        scale = min(Mm(room) / shape.width, share * high, 1.0)
        shape.width, shape.height = int(shape.width * scale), int(shape.height * scale)
        shape._inline.docPr.set("descr", printable(text))

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[int]) -> None:
        """Add a table whose head is repeated on every page; `numeric` columns are set to the right."""
        whole = [heads, *rows]
        size = next((s for s in CELL_SIZES if narrowest(whole, POINT * s) <= self._width), CELL_SIZES[-1])
        widths = [round(width * TWIPS) for width in shared_widths(whole, numeric, self._width, POINT * size)]
        right = set(numeric)
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        broken = [balanced(h, w / TWIPS, POINT * size) for h, w in zip(heads, widths, strict=True)]
        lines = [_row(broken, widths, right, size, HEAD_ROW, bold=True)]
        lines += [_row(row, widths, right, size, ROW, bold=False) for row in rows]
        self._insert(
            f'<w:tbl {NAMESPACE}><w:tblPr><w:tblW w:w="0" w:type="auto"/>{_BORDERS}'
            f'<w:tblLayout w:type="fixed"/>{_MARGINS}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(lines)}</w:tbl>'
        )
        self._insert(f"<w:p {NAMESPACE}/>")

    def content(self) -> bytes:
        """Return the document as a file, without the times at which its parts were packed."""
        stream, result = io.BytesIO(), io.BytesIO()
        self._made.save(stream)
        with zipfile.ZipFile(stream) as given, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as made:
            for part in given.infolist():
                made.writestr(zipfile.ZipInfo(part.filename), given.read(part), zipfile.ZIP_DEFLATED)
        return result.getvalue()

    def _add(self, text: str, style: str | None, properties: str = "") -> None:
        """Add a paragraph in a style, in the plain one where a template does not have it."""
        named = self._styles.get(style) if style is not None else None
        style_of = "" if named is None else f"<w:pStyle w:val={quoteattr(named)}/>"
        self._insert(f"<w:p {NAMESPACE}><w:pPr>{style_of}{properties}</w:pPr><w:r>{_words(text)}</w:r></w:p>")

    def _insert(self, xml: str) -> None:
        """Add what is written as XML; python-docx looks every style up anew, which takes longer than all the rest."""
        self._body.insert(len(self._body) - 1, parse_xml(xml))


def _set_up(made: Any, language: str) -> None:
    """Set page, fonts and styles of a document without a template."""
    section = made.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = section.bottom_margin = Mm(18)
    _speak(made)
    latin, eastern = FONTS[language]
    accent = RGBColor.from_string(FIXED.accent[1:].upper())
    ink, quiet = RGBColor(0x1D, 0x24, 0x29), RGBColor(0x5B, 0x65, 0x6C)
    for name, size, colour in (
        ("Normal", 10.5, None),
        ("Title", 26, ink),
        ("Heading 1", 16, accent),
        ("Heading 2", 13, accent),
        ("Heading 3", 11, ink),
        ("Caption", 9, quiet),
    ):
        style = made.styles[name]
        style.font.name, style.font.size = latin, Pt(size)
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), eastern)
        if colour is not None:
            style.font.color.rgb = colour


def _speak(made: Any) -> None:
    """Say what languages the letters are of: Chinese letters have another shape in Japanese, and commas another place."""
    told = [made.styles.element.find(f".//{qn('w:lang')}"), made.settings.element.find(qn("w:themeFontLang"))]
    for element in told:
        element.set(qn("w:val"), LATIN)
        element.set(qn("w:eastAsia"), EASTERN)


def _borders() -> str:
    """Return thin lines between rows."""
    colour = FIXED.line[1:].upper()
    edges = (
        f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="{colour}"/>'
        for edge in ("top", "bottom", "insideH")
    )
    return f"<w:tblBorders>{''.join(edges)}</w:tblBorders>"


_BORDERS = _borders()
_MARGINS = '<w:tblCellMar><w:left w:w="92" w:type="dxa"/><w:right w:w="92" w:type="dxa"/></w:tblCellMar>'
"""Of the cells, in twentieths of a point: `PADDING` of the widths holds them."""


def _row(
    texts: Sequence[str],
    widths: Sequence[int],
    right: set[int],
    size: float,
    properties: str,
    *,
    bold: bool,
) -> str:
    cells = (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{_cell(text, column in right, size, bold)}</w:tc>'
        for column, (text, width) in enumerate(zip(texts, widths, strict=True))
    )
    return f"<w:tr>{properties}{''.join(cells)}</w:tr>"


def _cell(text: str, right: bool, size: float, bold: bool) -> str:
    """Return the paragraph of a cell; a line break stays one."""
    side = '<w:jc w:val="right"/>' if right else ""
    letters = f'<w:rPr>{"<w:b/>" if bold else ""}<w:sz w:val="{round(2 * size)}"/></w:rPr>'
    return f'<w:p><w:pPr><w:spacing w:after="20"/>{side}</w:pPr><w:r>{letters}{_words(text)}</w:r></w:p>'


def _words(text: str) -> str:
    """Return text as it stands in a run; a line break stays one."""
    lines = (f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in printable(text).split("\n"))
    return "<w:br/>".join(lines)


def _reduced(image: bytes) -> bytes:
    """Return a picture with the few colours that our drawings have: a tenth of its size."""
    given = Image.open(io.BytesIO(image))
    drawn = given.convert("RGBA")
    paper = Image.new("RGB", drawn.size, "white")
    paper.paste(drawn, mask=drawn)
    stream = io.BytesIO()
    paper.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        stream, "PNG", optimize=True, dpi=given.info.get("dpi", (DENSITY, DENSITY))
    )
    return stream.getvalue()
