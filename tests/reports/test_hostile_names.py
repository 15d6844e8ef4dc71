"""Names that try to be something else come out as text."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import pytest

import optichain as oc
from optichain_reports.building.build import build_report
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
    supported = oc.gather_evidence(renamed, oc.evaluate(renamed, plan.measures))
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
