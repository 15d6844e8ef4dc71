"""The report model as a Word document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from optichain_reports.drawing.gallery import gallery
from optichain_reports.drawing.network_png import network_png
from optichain_reports.drawing.palette import FIXED
from optichain_reports.drawing.render import to_png
from optichain_reports.model import ReportModel
from optichain_reports.word import Word
from optichain_reports.wording.answer import answer, answer_for_chain
from optichain_reports.wording.lists import Lists
from optichain_reports.wording.outline import heading_of
from optichain_reports.wording.placed import Number, Placed
from optichain_reports.wording.prose import facts_of_chain, what_is_done
from optichain_reports.wording.sheet import Cell, Sheet, said_cell
from optichain_reports.wording.sheets import all_sheets
from optichain_reports.wording.sheets_of_chains import (
    blind_spots,
    cuts,
    items,
    policy,
    rejected,
    stops,
    verify,
)
from optichain_reports.wording.summary import chain_summary_rows, provenance_rows, summary_rows
from optichain_reports.wording.supporting import not_computed, said_of, verdict
from optichain_reports.wording.telling import told
from optichain_reports.wording.writer import Writer

__all__ = ["columns_on_paper", "render_document", "render_lists"]

MOST_ROWS = 40
"""Rows of a list that are shown; the others are counted, and stand in the workbook and the JSON."""
MOST_IN_DOSSIER = 10
MAP_HEIGHT = 0.62
"""Share of a page that the map of a chain may take, so that what stands before it has room too."""
CHART_WIDTH = 860
CHART_ON_PAGE = 190.0
"""Millimetres."""
LEFT_OUT = frozenset(
    (
        "pictures",
        "assumptions",
        "impacts",
        "policy",
        "stops",
        "cuts",
        "items",
        "rejected",
        "verify",
        "blind",
        "frontier_measures",
    )
)
"""Lists that the dossiers show chain by chain, or that only a workbook has room for."""
BY_YEAR = ("funded", "policy", "support")
"""Lists with a column for each year."""
CHARTS = {"risk": "events"}
"""Charts that stand before the list of another name."""
DOSSIER = (
    ("dossier_policy", policy),
    ("dossier_nodes", stops),
    ("dossier_cuts", cuts),
    ("dossier_items", items),
    ("dossier_rejected", rejected),
    ("dossier_verify", verify),
    ("dossier_blind", blind_spots),
)


def render_document(model: ReportModel, *, template: Path | None = None) -> bytes:
    """Return the document as a file.

    Parameters
    ----------
    model : ReportModel
    template : path, optional
        A Word document whose styles are used in place of ours.
    """
    word = Word(model.heading.language, template)
    report = Placed(told(model))
    word.describe(heading_of(report), model.provenance.written)
    _Writing(word, report, Writer(model.heading)).all()
    return word.content()


def render_lists(lists: Lists, *, template: Path | None = None) -> bytes:
    """Return a document of sentences and lists as a file; see `render_document`."""
    word = Word(lists.heading.language, template)
    word.describe(lists.title, lists.written)
    _Writing(word, Placed(lists.sheets), Writer(lists.heading)).lists(lists)
    return word.content()


def columns_on_paper(sheet: Sheet) -> list[int]:
    """Return which columns of a list a page has room for; years without any money are left out of the longest ones."""
    return [i for i, column in enumerate(sheet.columns) if column.brief and not _idle(sheet, i)]


def _idle(sheet: Sheet, column: int) -> bool:
    money = sheet.key in BY_YEAR and sheet.columns[column].kind == "money"
    return money and not any(isinstance(row[column], Number) and row[column] for row in sheet.rows)


class _Writing:
    """Writes one report into one document."""

    def __init__(self, word: Word, report: Placed, writer: Writer) -> None:
        self.word, self.report, self.writer = word, report, writer
        self.joint = " " if writer.language == "en" else ""

    def all(self) -> None:
        """Write the whole report."""
        report, texts, word = self.report, self.writer.texts, self.word
        sheets = {sheet.key: sheet for sheet in all_sheets(report, self.writer)}
        word.heading(heading_of(report), 0)
        date = self.writer.numbers.date(report.provenance.written)
        kind = texts("report" if report.chain is None else "report_chain")
        word.caption(f"{kind} · {texts('written', date=date)}")
        for key in ("checks", "breaches"):
            if key in sheets:
                self._section(sheets[key])
        self._answer(sheets.pop("rivals", None))
        if report.chain is None:
            charts = self._charts()
            for key, sheet in sheets.items():
                if key in charts and key in LEFT_OUT:
                    word.heading(sheet.title, 1)
                    self._chart(charts[key])
                elif key not in ("checks", "breaches", *LEFT_OUT):
                    before = [
                        charts[c] for c in (*(c for c, k in CHARTS.items() if k == key), key) if c in charts
                    ]
                    self._section(sheet, before, said_of(key, report, self.writer))
        self._dossiers()
        if report.chain is None:
            self._assumptions()
        elif "home" in sheets:
            self._section(sheets["home"])
        word.heading(texts("section_provenance"), 1)
        word.table([texts("figure"), texts("value_column")], provenance_rows(report, self.writer), [])
        word.caption(texts("all_terms"))

    def _answer(self, rivals: Sheet | None) -> None:
        report, writer, texts = self.report, self.writer, self.writer.texts
        whole = report.chain is None
        for part in answer(report, writer) if whole else answer_for_chain(report, writer):
            if part:
                self.word.paragraph(self.joint.join(part))
        if whole:
            self._rivals(rivals)
        figures = summary_rows(report, writer) if whole else chain_summary_rows(report, writer)
        rows = [(label, self._say(number, kind), unit) for label, number, kind, unit in figures]
        heads = [texts(key) for key in ("figure", "value_column", "unit_column")]
        self.word.table(heads, rows, [1])

    def lists(self, lists: Lists) -> None:
        """Write sentences and lists."""
        texts, word = self.writer.texts, self.word
        word.heading(lists.title, 0)
        date = self.writer.numbers.date(lists.written)
        word.caption(f"{lists.kind} · {texts('written', date=date)}")
        for sentence in lists.said:
            word.paragraph(sentence)
        for sheet in lists.sheets:
            self._section(sheet)
        word.caption(texts("all_terms"))

    def _rivals(self, sheet: Sheet | None) -> None:
        """Write how the plan compares with simpler ways, or what works it out."""
        texts, report, writer = self.writer.texts, self.report, self.writer
        if sheet is not None:
            self._section(sheet, said=[texts("rivals_intro"), *verdict(report, writer)])
            return
        self.word.heading(texts("section_rivals"), 1)
        missing = next(one for one in report.evidence.missing if one.kind == "baselines")
        for text in not_computed(missing, writer):
            self.word.paragraph(text)

    def _charts(self) -> dict[str, tuple[bytes, str]]:
        texts = self.writer.texts
        return {
            key: (to_png(chart(FIXED, CHART_WIDTH)), texts(f"chart_{key}"))
            for key, chart in gallery(self.report, self.writer).items()
        }

    def _chart(self, chart: tuple[bytes, str]) -> None:
        self.word.picture(*chart, width=CHART_ON_PAGE)

    def _section(
        self, sheet: Sheet, charts: Sequence[tuple[bytes, str]] = (), said: Sequence[str] = ()
    ) -> None:
        self.word.heading(sheet.title, 1)
        for text in said:
            self.word.paragraph(text)
        for chart in charts:
            self._chart(chart)
        most = MOST_ROWS
        if sheet.key == "events":  # those that cost something come first
            most = min(most, sum(event.felt for event in self.report.events.raw))
        self._list(sheet, most)

    def _list(self, sheet: Sheet, most: int, *, skip: int = 0) -> None:
        """Write the first rows of a list, without its first columns where they are said already."""
        self.word.caption(sheet.note, with_next=True)
        kept = [i for i in columns_on_paper(sheet) if i >= skip]
        heads = [sheet.columns[i].label for i in kept]
        numeric = [n for n, i in enumerate(kept) if sheet.columns[i].kind != "text"]
        rows = [tuple(self._say(row[i], sheet.columns[i].kind) for i in kept) for row in sheet.rows[:most]]
        self.word.table(heads, rows, numeric)
        if len(sheet.rows) > most:
            count = self.writer.numbers.number(len(sheet.rows) - most)
            self.word.caption(self.writer.texts("in_the_workbook", count=count))

    def _dossiers(self) -> None:
        texts, report = self.writer.texts, self.report
        if not report.dossiers:
            return
        self.word.heading(texts("section_dossiers"), 1, new_page=True)
        self.word.caption(texts("pictures_intro"))
        chains = {chain.chain: chain for chain in report.chains}
        for number, (dossier, picture) in enumerate(zip(report.dossiers, report.pictures, strict=True)):
            self.word.heading(dossier.title, 2, new_page=report.chain is None and number > 0)
            self.word.paragraph("\n".join(facts_of_chain(chains[dossier.chain], dossier, self.writer)))
            counts = {key: self.writer.count(getattr(picture, key)) for key in ("sole", "cleared")}
            items_ = self.writer.count(picture.items.size)
            text = texts("picture_alt", chain=picture.title, items=items_, **counts)
            self.word.picture(network_png(picture, self.writer), text, height=MAP_HEIGHT)
            if picture.omitted:
                self.word.caption(texts("omitted", count=self.writer.count(picture.omitted)))
            self.word.paragraph(self.joint.join(what_is_done(chains[dossier.chain], self.writer)))
            for key, make in DOSSIER:
                sheet = make(report, self.writer, (dossier,))
                self.word.heading(texts(key), 3)
                if sheet.rows:
                    self._list(sheet, MOST_IN_DOSSIER, skip=1)
                else:
                    self.word.paragraph(texts(_NOTHING.get(key, "none_found")))

    def _assumptions(self) -> None:
        texts, writer, report = self.writer.texts, self.writer, self.report
        self.word.heading(texts("section_assumptions"), 1)
        if not report.assumptions:
            self.word.paragraph(texts("assumptions_none"))
            return
        self.word.paragraph(texts("assumptions_intro", count=writer.count(report.summary.assumptions)))
        rows = [(writer.word("as", group.kind), writer.count(group.count)) for group in report.assumptions]
        self.word.table([texts("message"), texts("number_column")], rows, [1])

    def _say(self, cell: Cell, kind: str) -> str:
        if not isinstance(cell, Number):
            return cell or ""
        if not cell.known:
            return ""
        return said_cell(cell, kind, self.writer)


_NOTHING = {
    "dossier_policy": "dossier_no_policy",
    "dossier_rejected": "rejected_none_listed",
    "dossier_verify": "verify_none",
}
"""What stands in place of a list without a row."""
