"""The report model as a Word document."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from optichain_reports.drawing.charts import (
    before_and_after,
    chain_bars,
    event_bars,
    progress_chart,
    spending_chart,
)
from optichain_reports.drawing.columns import shared_widths
from optichain_reports.drawing.network_svg import network_png
from optichain_reports.drawing.palette import FIXED
from optichain_reports.drawing.render import to_png
from optichain_reports.model import Heading, ReportModel
from optichain_reports.wording.answer import answer
from optichain_reports.wording.lists import Lists
from optichain_reports.wording.placed import Number, Placed
from optichain_reports.wording.printable import printable
from optichain_reports.wording.sheet import Cell, Sheet, said_cell
from optichain_reports.wording.sheets import all_sheets
from optichain_reports.wording.summary import provenance_rows, summary_rows
from optichain_reports.wording.supporting import not_computed, said_of, verdict
from optichain_reports.wording.writer import Writer

__all__ = ["render_document", "render_lists"]

MOST_ROWS = 40
"""Rows of a list that are shown; the others are counted, and stand in the workbook and the JSON."""
CELL_SIZE = 8.5
"""Points of a letter in a table; one is 0.353 millimetres."""
WIDTH, HEIGHT = 257.0, 150.0
"""Millimetres that a picture may take on a landscape page."""
FONTS = {"en": ("Calibri", "SimSun"), "zh": ("Calibri", "Microsoft YaHei")}
LEFT_OUT = ("pictures", "assumptions")


def render_document(model: ReportModel, *, template: Path | None = None) -> bytes:
    """Return the document as a file.

    Parameters
    ----------
    model : ReportModel
    template : path, optional
        A Word document whose styles are used in place of ours.
    """
    made = _opened(template, model.heading, model.heading.title, model.provenance.written)
    _Writing(made, Placed(model), Writer(model.heading)).all()
    return _packed(made)


def render_lists(lists: Lists, *, template: Path | None = None) -> bytes:
    """Return a document of sentences and lists as a file; see `render_document`."""
    made = _opened(template, lists.heading, lists.title, lists.written)
    _Writing(made, Placed(lists.sheets), Writer(lists.heading)).lists(lists)
    return _packed(made)


def _opened(template: Path | None, heading: Heading, title: str, stamp: str) -> Any:
    """Return an empty document, or that of a template, with its properties."""
    made = Document(None if template is None else str(template))
    if template is None:
        _set_up(made, heading.language)
    written = datetime.fromisoformat(stamp).replace(tzinfo=None)
    core = made.core_properties
    core.title, core.author, core.created, core.modified = printable(title), "optichain", written, written
    return made


def _packed(made: Any) -> bytes:
    stream = io.BytesIO()
    made.save(stream)
    return _undated(stream)


def _undated(stream: io.BytesIO) -> bytes:
    """Return an archive without the times at which its parts were packed, so that two runs are equal."""
    result = io.BytesIO()
    with zipfile.ZipFile(stream) as given, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as made:
        for part in given.infolist():
            made.writestr(zipfile.ZipInfo(part.filename), given.read(part), zipfile.ZIP_DEFLATED)
    return result.getvalue()


def _set_up(made: Any, language: str) -> None:
    """Set page, fonts and styles of a document without a template."""
    section = made.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = section.bottom_margin = Mm(18)
    latin, eastern = FONTS[language]
    accent = RGBColor.from_string(FIXED.accent[1:].upper())
    for name, size, colour in (
        ("Normal", 10.5, None),
        ("Title", 26, RGBColor(0x1D, 0x24, 0x29)),
        ("Heading 1", 16, accent),
        ("Heading 2", 12, accent),
        ("Caption", 9, RGBColor(0x5B, 0x65, 0x6C)),
    ):
        style = made.styles[name]
        style.font.name, style.font.size = latin, Pt(size)
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), eastern)
        if colour is not None:
            style.font.color.rgb = colour


class _Writing:
    """Writes one report into one document."""

    def __init__(self, made: Any, report: Placed, writer: Writer) -> None:
        self.made, self.report, self.writer = made, report, writer

    def all(self) -> None:
        """Write the whole report."""
        report, writer, texts = self.report, self.writer, self.writer.texts
        sheets = {sheet.key: sheet for sheet in all_sheets(report, writer)}
        self.made.add_heading(printable(report.heading.title), 0)
        date = writer.numbers.date(report.provenance.written)
        self.made.add_paragraph(f"{texts('report')} · {texts('written', date=date)}", style="Caption")
        for key in ("checks", "breaches"):
            if key in sheets:
                self._section(sheets[key])
        joint = " " if writer.language == "en" else ""
        for part in answer(report, writer):
            self.made.add_paragraph(printable(joint.join(part)))
        self._rivals(sheets.pop("rivals", None))
        rows = [
            (label, self._say(number, kind), unit)
            for label, number, kind, unit in summary_rows(report, writer)
        ]
        heads = [texts(key) for key in ("figure", "value_column", "unit_column")]
        self._table(heads, rows, [1])
        charts = self._charts()
        for key, sheet in sheets.items():
            if key not in ("checks", "breaches", *LEFT_OUT):
                self._section(sheet, charts.get(key), said_of(key, report, writer))
        self._networks()
        self._assumptions()
        self._heading(texts("section_provenance"))
        self._table([texts("figure"), texts("value_column")], provenance_rows(report, writer), [])
        self.made.add_paragraph(texts("all_terms"), style="Caption")

    def lists(self, lists: Lists) -> None:
        """Write sentences and lists."""
        texts = self.writer.texts
        self.made.add_heading(printable(lists.title), 0)
        date = self.writer.numbers.date(lists.written)
        self.made.add_paragraph(f"{lists.kind} · {texts('written', date=date)}", style="Caption")
        for sentence in lists.said:
            self.made.add_paragraph(printable(sentence))
        for sheet in lists.sheets:
            self._section(sheet)
        self.made.add_paragraph(texts("all_terms"), style="Caption")

    def _rivals(self, sheet: Sheet | None) -> None:
        """Write how the plan compares with simpler ways, or what works it out."""
        texts, report, writer = self.writer.texts, self.report, self.writer
        if sheet is not None:
            self._section(sheet, said=[texts("rivals_intro"), *verdict(report, writer)])
            return
        self._heading(texts("section_rivals"))
        missing = next(one for one in report.evidence.missing if one.kind == "baselines")
        for text in not_computed(missing, writer):
            self.made.add_paragraph(printable(text))

    def _charts(self) -> dict[str, tuple[bytes, str]]:
        report, writer, texts = self.report, self.writer, self.writer.texts
        made = {}
        if report.money:
            made["money"] = (spending_chart(report, writer, FIXED, 860), texts("chart_money"))
        if report.progress:
            made["progress"] = (progress_chart(report, writer, FIXED, 860), texts("chart_progress"))
        for key, bars in (("chains", chain_bars(report, writer)), ("events", event_bars(report, writer))):
            if bars:
                made[key] = (before_and_after(bars, FIXED, 860), texts(f"chart_{key}"))
        return {key: (to_png(chart), text) for key, (chart, text) in made.items()}

    def _section(
        self, sheet: Sheet, chart: tuple[bytes, str] | None = None, said: Sequence[str] = ()
    ) -> None:
        self._heading(sheet.title)
        for text in said:
            self.made.add_paragraph(printable(text))
        if chart is not None:
            self._picture(*chart, width=190.0)
        self.made.add_paragraph(printable(sheet.note), style="Caption").paragraph_format.keep_with_next = True
        kept = [i for i, column in enumerate(sheet.columns) if column.brief]
        heads = [sheet.columns[i].label for i in kept]
        numeric = [n for n, i in enumerate(kept) if sheet.columns[i].kind != "text"]
        most = MOST_ROWS
        if sheet.key == "events":  # those that cost something come first
            most = min(most, sum(event.felt for event in self.report.events.raw))
        rows = [tuple(self._say(row[i], sheet.columns[i].kind) for i in kept) for row in sheet.rows[:most]]
        self._table(heads, rows, numeric)
        if len(sheet.rows) > most:
            count = self.writer.numbers.number(len(sheet.rows) - most)
            self.made.add_paragraph(self.writer.texts("in_the_workbook", count=count), style="Caption")

    def _networks(self) -> None:
        texts, writer = self.writer.texts, self.writer
        if not self.report.pictures:
            return
        self._heading(texts("section_pictures"))
        self.made.add_paragraph(texts("pictures_intro"), style="Caption")
        for picture in self.report.pictures:
            self.made.add_heading(printable(picture.title), 2)
            counts = {key: writer.count(getattr(picture, key)) for key in ("sole", "cleared")}
            text = texts("picture_alt", chain=picture.title, items=writer.count(picture.items.size), **counts)
            self._picture(network_png(picture, writer), text)

    def _assumptions(self) -> None:
        texts, writer, report = self.writer.texts, self.writer, self.report
        self._heading(texts("section_assumptions"))
        if not report.assumptions:
            self.made.add_paragraph(texts("assumptions_none"))
            return
        self.made.add_paragraph(texts("assumptions_intro", count=writer.count(report.summary.assumptions)))
        rows = [(writer.word("as", group.kind), writer.count(group.count)) for group in report.assumptions]
        self._table([texts("message"), texts("number_column")], rows, [1])

    def _say(self, cell: Cell, kind: str) -> str:
        if not isinstance(cell, Number):
            return cell or ""
        if not cell.known:
            return ""
        return said_cell(cell, kind, self.writer)

    def _heading(self, text: str) -> None:
        self.made.add_heading(printable(text), 1)

    def _picture(self, image: bytes, text: str, *, width: float = WIDTH) -> None:
        """Add a picture that fits the page, with the text that stands for it."""
        run = self.made.add_paragraph().add_run()
        shape = run.add_picture(io.BytesIO(image))
        scale = min(Mm(width) / shape.width, Mm(HEIGHT) / shape.height, 1.0)
        shape.width, shape.height = int(shape.width * scale), int(shape.height * scale)
        shape._inline.docPr.set("descr", printable(text))

    def _table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[int]) -> None:
        table = self.made.add_table(rows=1, cols=len(heads))
        table.autofit = False
        _repeat(table.rows[0])
        widths = shared_widths([heads, *rows], numeric, WIDTH, 0.353 * CELL_SIZE)
        for column, head in enumerate(heads):
            self._cell(table.rows[0].cells[column], head, right=column in numeric, bold=True)
        for row in rows:
            added = table.add_row()
            _keep_whole(added)
            for column, text in enumerate(row):
                self._cell(added.cells[column], text, right=column in numeric, bold=False)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
            for cell in column.cells:
                cell.width = Mm(width)
        _lines(table)
        self.made.add_paragraph()

    def _cell(self, cell: Any, text: str, *, right: bool, bold: bool) -> None:
        paragraph = cell.paragraphs[0]
        run = paragraph.add_run(printable(text))
        run.bold, run.font.size = bold, Pt(CELL_SIZE)
        paragraph.paragraph_format.space_after = Pt(1)
        if right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _repeat(row: Any) -> None:
    """Repeat a row at the top of each page, and do not break it."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    _keep_whole(row)


def _keep_whole(row: Any) -> None:
    """Keep a row on one page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _lines(table: Any) -> None:
    """Rule a table with thin lines between its rows."""
    borders = OxmlElement("w:tblBorders")
    for edge in ("top", "bottom", "insideH"):
        line = OxmlElement(f"w:{edge}")
        for key, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", FIXED.line[1:].upper())):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    table._tbl.tblPr.append(borders)
