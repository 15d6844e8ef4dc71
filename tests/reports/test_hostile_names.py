"""Names that try to be something else come out as text."""

from __future__ import annotations

import dataclasses
import io
import itertools
import zipfile
from typing import Any

import pytest

import optichain as oc
from optichain_reports.building.build import build_report
from optichain_reports.building.focus import focused
from optichain_reports.model import Breach, ReportModel
from optichain_reports.page import render_page

HOSTILE = [
    "<script>alert(1)</script>",
    "</title></style></svg><img src=x onerror=alert(2)>",
    '" onmouseover="alert(3)" x=\'',
    "'; DROP TABLE sites; --",
    "\N{RIGHT-TO-LEFT OVERRIDE}gnp.exe شركة",
    '=HYPERLINK("http://example.org","x")',
    "@SUM(A1)",
    "{{ 7 * 7 }} {% raw %} {0} {name} %s",
    "</script><!-- ]]>",
    "🏭🔥 工厂 👩‍🔧",
    "javascript:alert(4)",
    "W" * 500,
    "长" * 500,
]


COLUMNS = {
    "items": ["title", "title_zh", "unit"],
    "sites": ["title", "title_zh"],
    "measures": ["title", "title_zh", "owner", "indicator"],
    "chains": ["title", "title_zh", "leader"],
}


@pytest.fixture(scope="module")
def hostile(quickstart: tuple[Any, Any]) -> ReportModel:
    instance, plan = quickstart
    tables, names = {}, itertools.cycle(HOSTILE)
    for table, columns in COLUMNS.items():
        frame = instance[table].copy()
        for column in columns:
            frame[column] = list(itertools.islice(names, len(frame)))
        tables[table] = frame
    renamed = instance.replace(**tables)
    kinds = ["leave_one_out", "add_one", "shared_nodes", "baselines", "frontier", "value_of_money"]
    supported = oc.gather_evidence(renamed, oc.evaluate(renamed, plan.measures), kinds=kinds)
    return build_report(renamed, supported, language="zh")


@pytest.fixture(scope="module")
def tree(hostile: ReportModel, read: Any) -> Any:
    return read(render_page(hostile))


def test_names_are_inert(tree: Any) -> None:
    assert len(tree.all("script")) == 2
    assert tree.all("img", "iframe", "object") == []
    for element in tree.all():
        assert not any(name.startswith("on") for name in element.attributes)
        assert element.attributes.get("href", "#").startswith("#")


def test_names_are_readable(hostile: ReportModel, tree: Any) -> None:
    text = tree.all("main")[0].text
    shown = {chain.title for chain in hostile.chains} | {m.title for m in hostile.funded}
    shown |= {m.owner or "" for m in hostile.funded} | {chain.leader or "" for chain in hostile.chains}
    shown |= {m.indicator or "" for m in hostile.funded}
    shown |= {event.title for event in hostile.events if event.felt}
    shown |= {named.title for root in hostile.spofs for named in root.demands}
    assert len(shown & set(HOSTILE)) >= 8
    assert [title for title in shown if title not in text] == []


def test_a_direction_does_not_leak_into_what_stands_beside_it(tree: Any) -> None:
    turning = "\N{RIGHT-TO-LEFT OVERRIDE}"
    holders = [e for e in tree.all() if any(isinstance(c, str) and turning in c for c in e.children)]
    assert holders
    assert {e.tag for e in holders} <= {"bdi", "text", "title"}


@pytest.mark.usefixtures("quick")
def test_characters_that_no_document_holds_are_replaced(model: ReportModel) -> None:
    """The tables refuse them; a plan file that somebody wrote by hand may still bring some."""
    breach = Breach("budget", "bell \x07, null \x00, half a pair \ud800")
    page = render_page(dataclasses.replace(model, breaches=(breach,)))
    mark = "\N{REPLACEMENT CHARACTER}"
    assert f"bell {mark}, null {mark}, half a pair {mark}" in page
    page.encode("utf-8")


def test_dossiers_frontier_and_lists_of_chains_are_readable(hostile: ReportModel, tree: Any) -> None:
    text = tree.all("main")[0].text
    shown = {row.item.title for d in hostile.dossiers for row in d.items}
    shown |= {r.measure.title for d in hostile.dossiers for r in d.rejected}
    shown |= {e.title for d in hostile.dossiers for pair in d.cuts for e in pair.elements}
    shown |= {m.title for point in hostile.frontier for m in point.measures}
    shown |= {row.title or "" for row in (*hostile.support, *hostile.left_out, *hostile.home)}
    assert len(shown & set(HOSTILE)) >= 8
    assert [title for title in shown if title not in text] == []


def test_the_dossier_of_one_chain_is_inert(hostile: ReportModel, read: Any) -> None:
    made = read(render_page(focused(hostile, hostile.chains[0].chain)))
    assert len(made.all("script")) == 2
    assert made.all("h1")[0].text == hostile.chains[0].title
    for element in made.all():
        assert not any(name.startswith("on") for name in element.attributes)


def test_word_shows_them_as_they_are(hostile: ReportModel) -> None:
    docx = pytest.importorskip("docx", reason="writes documents: pip install 'optichain[reports]'")
    from optichain_reports.document import render_document

    made = docx.Document(io.BytesIO(render_document(hostile)))
    cells = {cell.text for table in made.tables for row in table.rows for cell in row.cells}
    shown = {row.item.title for d in hostile.dossiers for row in d.items}
    shown |= {m.title for m in hostile.funded}
    assert shown <= cells
    heads = {p.text for p in made.paragraphs if p.style.name == "Heading 2"}
    assert {d.title for d in hostile.dossiers} <= heads


def test_excel_takes_none_for_a_formula(hostile: ReportModel) -> None:
    pytest.importorskip("xlsxwriter", reason="writes workbooks: pip install 'optichain[excel]'")
    from optichain_reports.xlsx import render_workbook

    with zipfile.ZipFile(io.BytesIO(render_workbook(hostile))) as parts:
        sheets = [parts.read(n).decode() for n in parts.namelist() if n.startswith("xl/worksheets/sheet")]
        strings = parts.read("xl/sharedStrings.xml").decode()
    assert len(sheets) > 15
    assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)
    assert "=HYPERLINK(" in strings
    assert "W" * 500 in strings
