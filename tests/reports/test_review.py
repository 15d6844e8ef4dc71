"""What was promised and what happened, as a page, a document, a workbook and data."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import optichain as oc
from by_place import found_at
from optichain_reports.building.review import build_review
from optichain_reports.page import marking_writer, render_lists
from optichain_reports.wording.placed import Number, Placed
from optichain_reports.wording.review import review_lists
from optichain_reports.wording.writer import Writer

WRITTEN = "2026-03-05T10:00:00+0800"
EVIL = "<script>alert(1)</script> {0} \N{RIGHT-TO-LEFT OVERRIDE}abc"


@pytest.fixture(scope="module")
def reviewed(bare: tuple[Any, Any]) -> tuple[Any, Any, Any]:
    """A flooded forge before the second one works, an earthquake of which no loss is told, and half a strike."""
    instance, plan = bare
    happened = {
        "happenings": pd.DataFrame(
            [
                {"happening": EVIL, "date": "2026-07-02", "event": "site:forge-a"},
                {"happening": "quake", "date": "2027-03-01", "event": "site:foundry-a"},
                {"happening": "strike", "date": "2028", "kind": "site", "target": "seal-maker", "loss": 0.5},
            ]
        ),
        "losses": pd.DataFrame(
            [
                {"happening": EVIL, "chain": "valves", "lost": 150.0},
                {"happening": "strike", "chain": "pumps", "lost": 20.0},
            ]
        ),
        "measures": pd.DataFrame([{"measure": "second-forge", "works_from": "never"}]),
        "costs": pd.DataFrame([{"measure": "second-forge", "year": 2026, "spent": 9.5}]),
    }
    return instance, plan, oc.review(instance, plan, happened)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_number_of_the_page_equals_the_json(
    reviewed: tuple[Any, Any, Any], read: Callable[[str], Any], language: str
) -> None:
    instance, _, review = reviewed
    model = build_review(instance, review, language=language, written=WRITTEN)
    lists = review_lists(Placed(model), marking_writer(model.heading), Writer(model.heading))
    tree = read(render_lists(lists))
    data = json.loads(json.dumps(model.to_json()))
    shown = tree.all("data")
    assert len(shown) > 50
    for element in shown:
        assert json.loads(element.attributes["value"]) == found_at(data, element.attributes["data-at"])
    # names are text, whatever they look like
    assert len(tree.all("script")) == 2
    assert EVIL in tree.text


def test_what_it_comes_to_is_said(reviewed: tuple[Any, Any, Any]) -> None:
    instance, _, review = reviewed
    model = build_review(instance, review, written=WRITTEN)
    writer = Writer(model.heading)
    lists = review_lists(Placed(model), writer, writer)
    said = "\n".join(lists.said)
    # the forge: 180 without the plan and with what worked, 150 were lost
    assert "No loss is told of these, and they are in no sum: quake." in said
    assert "1 of 3 happenings were not among the events" in said
    assert "9.50 CNY million were spent" in said
    total = model.totals
    assert (total.known, total.happenings, total.unforeseen) == (2, 3, 1)
    assert total.realised == pytest.approx(170.0)
    assert total.avoided == pytest.approx(total.without - 170.0)
    measures = next(sheet for sheet in lists.sheets if sheet.key == "reviewed_measures")
    assert {row[3] for row in measures.rows} == {"never", "not told, taken as promised"}
    numbers = [c for sheet in lists.sheets for row in sheet.rows for c in row if isinstance(c, Number)]
    data = model.to_json()
    assert all(found_at(data, number.at) == number.value for number in numbers)


def test_all_formats_are_written(reviewed: tuple[Any, Any, Any], tmp_path: Path) -> None:
    docx = pytest.importorskip("docx", reason="writes documents: pip install 'optichain[reports]'")
    calamine = pytest.importorskip("python_calamine", reason="pip install 'optichain[excel]'")
    instance, plan, review = reviewed
    for ending in ("html", "docx", "xlsx", "json"):
        oc.write_review(instance, plan, review, tmp_path / f"r.{ending}", language="zh")
    texts = [p.text for p in docx.Document(str(tmp_path / "r.docx")).paragraphs]
    assert any("承诺避免" in text for text in texts)
    book = calamine.CalamineWorkbook.from_path(str(tmp_path / "r.xlsx"))
    rows = book.get_sheet_by_name("逐年的承诺与实际").to_python()
    assert [row[0] for row in rows[3:]] == [2026.0, 2027.0, 2028.0]
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["unknown"] == ["quake"]


def test_nothing_happened(bare: tuple[Any, Any]) -> None:
    instance, plan = bare
    empty = pd.DataFrame(columns=["happening", "date", "event"])
    model = build_review(instance, oc.review(instance, plan, {"happenings": empty}), written=WRITTEN)
    writer = Writer(model.heading)
    lists = review_lists(Placed(model), writer, writer)
    assert lists.said == ("Nothing happened that the tables tell of.",)
