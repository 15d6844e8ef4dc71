"""The report as an Excel workbook: a summary, and one live table for each list; text is never a formula."""

from __future__ import annotations

import io
import math
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optichain.storage.atomic import write_bytes
from optichain_reports.building.build import build_report
from optichain_reports.building.comparison import build_comparison
from optichain_reports.building.review import build_review
from optichain_reports.drawing.lettering import text_width
from optichain_reports.extras import needed
from optichain_reports.model import ReportModel
from optichain_reports.wording.answer import answer, answer_for_chain
from optichain_reports.wording.comparison import comparison_lists
from optichain_reports.wording.lists import Lists
from optichain_reports.wording.outline import heading_of
from optichain_reports.wording.placed import Number, Placed
from optichain_reports.wording.printable import printable
from optichain_reports.wording.review import review_lists
from optichain_reports.wording.sheet import Cell, Column, Sheet
from optichain_reports.wording.sheets import all_sheets
from optichain_reports.wording.summary import chain_summary_rows, provenance_rows, summary_rows
from optichain_reports.wording.telling import told
from optichain_reports.wording.writer import Writer

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.design.review.review import Review
    from optichain.instance.model import Instance

__all__ = ["XlsxReport", "render_lists", "render_workbook"]

LONGEST = 32_000
"""Characters that a cell of Excel holds, with room to say that some are missing."""
WIDEST, NARROWEST, INDENT = 48.0, 8.0, 3.0
"""Characters of a column; `INDENT` is the room beside a text."""
COVER = (44.0, 20.0, 28.0)
"""Columns of the first sheet, in characters."""
A4, A3, LARGE, BROAD = 9, 8, 170.0, 300.0
"""Sizes of paper, from how many characters in a row a list is printed on the larger one, and how many that holds."""
MOST_LINES = 20
FORMATS = {
    "money": "#,##0.00",
    "percent": "0.00%",
    "count": "#,##0",
    "year": "0",
    "quantity": "#,##0.####",
    "ratio": "#,##0.00##",
    "text": "@",
}
DIGITS = {
    "money": ",.2f",
    "percent": ".2%",
    "count": ",.0f",
    "year": ".0f",
    "quantity": ",.4f",
    "ratio": ",.4f",
}
"""The longest that a number of a kind is written: a column that is too narrow for one shows none of it."""
HEAD_ROW = 2
TITLE = 24.0
LINE, CHINESE = 15.0, 17.5
"""Points of the title of the first sheet, of a line, and of one with Chinese letters, which are taller."""
FIRST_CHINESE = "\N{CJK RADICAL REPEAT}"
WORDS = {"text_wrap": True, "align": "left", "indent": 1}
NUMBERS = {"align": "right", "indent": 1}


class XlsxReport:
    """The report for people who count on: lists with filters, unrounded numbers in the formats of the language."""

    name = "xlsx"
    accepts = frozenset({"chain"})

    def __init__(self) -> None:
        needed("xlsxwriter", extra="excel", ending="xlsx")

    def write(
        self,
        instance: Instance,
        plan: Plan,
        path: Path,
        *,
        language: str,
        chain: str | None = None,
    ) -> None:
        """Write the report, or that of one chain, whole or not at all."""
        write_bytes(path, render_workbook(build_report(instance, plan, language=language, chain=chain)))

    def write_comparison(
        self, first: Plan, second: Plan, path: Path, *, language: str, instance: Instance | None
    ) -> None:
        """Write what changed from one plan to another, whole or not at all."""
        model = build_comparison(first, second, instance=instance, language=language)
        writer = Writer(model.heading)
        write_bytes(path, render_lists(comparison_lists(Placed(told(model)), writer, writer)))

    def write_review(
        self, instance: Instance, plan: Plan, review: Review, path: Path, *, language: str
    ) -> None:
        """Write what was promised against what happened, whole or not at all."""
        model = build_review(instance, review, language=language)
        writer = Writer(model.heading)
        write_bytes(path, render_lists(review_lists(Placed(model), writer, writer)))


def render_workbook(model: ReportModel) -> bytes:
    """Return the workbook as a file."""
    report, writer, stream = Placed(told(model)), Writer(model.heading), io.BytesIO()
    workbook = _opened(stream, heading_of(report), model.provenance.written)
    workbook.summary(report, writer)
    for sheet in all_sheets(report, writer):
        workbook.sheet(sheet)
    workbook.book.close()
    return stream.getvalue()


def render_lists(lists: Lists) -> bytes:
    """Return a document of sentences and lists as a file."""
    stream = io.BytesIO()
    workbook = _opened(stream, lists.title, lists.written)
    workbook.cover(Writer(lists.heading).texts("section_summary"), lists.title, lists.said)
    for sheet in lists.sheets:
        workbook.sheet(sheet)
    workbook.book.close()
    return stream.getvalue()


def _opened(stream: io.BytesIO, title: str, stamp: str) -> _Workbook:
    """Return an empty workbook with its properties."""
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = needed("xlsxwriter", extra="excel", ending="xlsx").Workbook(stream, options)
    written = datetime.fromisoformat(stamp).replace(tzinfo=None)
    book.set_properties({"title": _text(title), "created": written})
    return _Workbook(book)


def _text(text: str) -> str:
    text = printable(text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


class _Workbook:
    """Sheets and formats of one workbook."""

    def __init__(self, book: Any) -> None:
        self.book = book
        font = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
        self.formats = {
            kind: book.add_format({**font, "num_format": code, **(WORDS if kind == "text" else NUMBERS)})
            for kind, code in FORMATS.items()
        }
        self.title = book.add_format({**font, "font_size": 16, "bold": True})
        self.note = book.add_format({**font, "font_color": "#5B656C"})
        self.plain = book.add_format(font)
        self.wrapped = book.add_format({**font, "text_wrap": True})
        self.head = book.add_format({**font, "bold": True, "bottom": 1, **WORDS})
        self.head_flush = book.add_format({**font, "bold": True, "bottom": 1})
        self.head_right = book.add_format({**font, "bold": True, "text_wrap": True, "bottom": 1, **NUMBERS})
        self.names: set[str] = set()

    def summary(self, report: Placed, writer: Writer) -> None:
        """Write the answer, the key figures and the provenance."""
        whole = report.chain is None
        joint = " " if writer.language == "en" else ""
        parts = answer(report, writer) if whole else answer_for_chain(report, writer)
        said = [joint.join(part) for part in parts if part]
        sheet = self.cover(writer.texts("section_summary"), heading_of(report), said)
        row = 2 + len(said)
        heads = (("figure", self.head_flush), ("value_column", self.head_right), ("unit_column", self.head))
        for column, (key, style) in enumerate(heads):
            sheet.write_string(row, column, writer.texts(key), style)
        for label, number, kind, unit in (summary_rows if whole else chain_summary_rows)(report, writer):
            row += 1
            sheet.write_string(row, 0, label, self.wrapped)
            self._cell(sheet, row, 1, number, kind)
            sheet.write_string(row, 2, unit, self.formats["text"])
        row += 2
        for label, value in provenance_rows(report, writer):
            sheet.write_string(row, 0, label, self.note)
            sheet.write_string(row, 1, _text(value), self.plain)
            row += 1

    def cover(self, name: str, title: str, said: Sequence[str]) -> Any:
        """Write the first sheet: a title and what is said, one row a paragraph."""
        sheet = self._add(name)
        for column, width in enumerate(COVER):
            sheet.set_column(column, column, width)
        sheet.set_row(0, TITLE)
        sheet.write_string(0, 0, _text(title), self.title)
        for row, text in enumerate(said, 1):
            sheet.merge_range(row, 0, row, 2, "", self.wrapped)
            sheet.write_string(row, 0, _text(text), self.wrapped)
            lines = math.ceil(_characters(text) / (sum(COVER) - INDENT))
            sheet.set_row(row, lines * _line_height((text,)))
        self._paper(sheet, sum(COVER))
        return sheet

    def sheet(self, made: Sheet) -> None:
        """Write one list as a table that can be sorted and filtered."""
        sheet = self._add(made.title)
        sheet.write_string(0, 0, _text(made.note), self.note)
        heads = _distinct(made.columns)
        widths = [
            self._width(label, [r[i] for r in made.rows], column.kind)
            for i, (label, column) in enumerate(zip(heads, made.columns, strict=True))
        ]
        for row, cells in enumerate((tuple(heads), *made.rows), HEAD_ROW):
            sheet.set_row(row, _lines(cells, widths) * _line_height(cells))
        for column, kind in enumerate(made.columns):
            sheet.set_column(column, column, widths[column])
            for row, cells in enumerate(made.rows, HEAD_ROW + 1):
                self._cell(sheet, row, column, cells[column], kind.kind)
        sheet.add_table(
            HEAD_ROW,
            0,
            HEAD_ROW + len(made.rows),
            len(heads) - 1,
            {
                "name": f"list_{made.key}",
                "style": "Table Style Light 1",
                "columns": [
                    {
                        "header": label,
                        "header_format": self.head if column.kind == "text" else self.head_right,
                    }
                    for label, column in zip(heads, made.columns, strict=True)
                ],
            },
        )
        sheet.freeze_panes(HEAD_ROW + 1, 1)
        self._paper(sheet, sum(widths))
        sheet.repeat_rows(HEAD_ROW)
        sheet.repeat_columns(0)

    def _add(self, title: str) -> Any:
        """Add a sheet; a name has at most 31 characters, none of them special, and is not there yet."""
        name = "".join(" " if c in "[]:*?/\\'" else c for c in printable(title))[:31].strip()
        number = 2
        while name.lower() in self.names:
            name, number = f"{name[:28]} {number}", number + 1
        self.names.add(name.lower())
        return self.book.add_worksheet(name)

    def _cell(self, sheet: Any, row: int, column: int, cell: Cell, kind: str) -> None:
        if isinstance(cell, Number):
            if cell.value is not None:
                sheet.write_number(row, column, cell.value, self.formats[kind])
        elif cell:
            sheet.write_string(row, column, _text(cell), self.formats["text"])

    def _width(self, label: str, cells: list[Cell], kind: str) -> float:
        """Return a column's width in characters: of its longest word or number, and up to a limit its text."""
        longest = max((_characters(_written(c, kind)) for c in cells), default=0.0)
        words = max((_unbroken(word) for word in label.split()), default=0.0)
        return min(WIDEST, max(NARROWEST, longest + INDENT, words + INDENT + 2.0))

    def _paper(self, sheet: Any, width: float) -> None:
        sheet.set_landscape()
        sheet.set_paper(A3 if width > LARGE else A4)
        sheet.fit_to_pages(math.ceil(width / BROAD), 0)
        sheet.set_footer("&C&P / &N")


def _written(cell: Cell, kind: str) -> str:
    """Return a cell as it is shown, or a little longer."""
    if isinstance(cell, Number):
        return "" if cell.value is None else format(cell.value, DIGITS[kind])
    return cell or ""


def _lines(cells: tuple[Cell, ...], widths: list[float]) -> int:
    """Return how many lines the longest text of a row takes; Excel does not find out by itself."""
    texts = ((_characters(c), w) for c, w in zip(cells, widths, strict=True) if isinstance(c, str))
    lines = (math.ceil(long / (width - INDENT) - 1e-9) for long, width in texts)
    return min(max(1, max(lines, default=1)), MOST_LINES)


def _line_height(cells: Sequence[Cell]) -> float:
    """Return the points that a line of a row takes."""
    chinese = any(max(cell, default="") >= FIRST_CHINESE for cell in cells if isinstance(cell, str))
    return CHINESE if chinese else LINE


def _unbroken(word: str) -> float:
    """Return the width that a word of a heading needs: Chinese breaks anywhere, so half of it is enough."""
    wide = _characters(word)
    return wide / 2.0 + 1.0 if wide > 10.0 and word >= FIRST_CHINESE else wide


def _characters(text: str) -> float:
    """Return how wide a text is in characters, the unit of columns: a letter a little more than one, a Chinese one two."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return text_width(text, 1.85) + 0.25 * wide


def _distinct(columns: tuple[Column, ...]) -> list[str]:
    """Return headings as a table of Excel wants them: none twice."""
    seen: dict[str, int] = {}
    result = []
    for column in columns:
        label = printable(column.label)
        count = seen[label.lower()] = seen.get(label.lower(), 0) + 1
        result.append(label if count == 1 else f"{label} ({count})")
    return result
