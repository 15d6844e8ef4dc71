"""Two plans beside each other, as a page, a document, a workbook and data, with the same numbers in each."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import optichain as oc
from by_place import found_at
from optichain.errors import UsageError
from optichain_reports.building.comparison import build_comparison
from optichain_reports.page import marking_writer, render_lists
from optichain_reports.wording.comparison import comparison_lists
from optichain_reports.wording.placed import Number, Placed
from optichain_reports.wording.writer import Writer

WRITTEN = "2026-03-05T10:00:00+0800"


@pytest.fixture(scope="module")
def plans(bare: tuple[Any, Any]) -> tuple[Any, Any, Any]:
    """The best plan under 8 a year, and under 12 without the second forge."""
    instance, plan = bare
    return instance, plan, oc.reinforce(instance, budget=12.0, forbid=["second-forge"])


def lists_of(plans: tuple[Any, Any, Any], language: str = "en") -> Any:
    instance, first, second = plans
    model = build_comparison(first, second, instance=instance, language=language, written=WRITTEN)
    writer = Writer(model.heading)
    return model, comparison_lists(Placed(model), writer, writer)


def test_what_changed_and_why_is_said(plans: tuple[Any, Any, Any]) -> None:
    _, lists = lists_of(plans)
    # 27.1 a year are lost before any measure; 14.3 with the first plan, 16.2 with the second
    assert lists.said[0] == "4 measures changed."
    assert "avoids 12.80 CNY million a year, the second 10.90" in lists.said[1]
    assert "the difference is \N{MINUS SIGN}1.90" in lists.said[1]
    assert "the budget (2026: 8.00 to 12.00" in lists.said[2]
    assert "the measures ruled out" in lists.said[2]
    changes = next(sheet for sheet in lists.sheets if sheet.key == "changes")
    why = {row[0]: row[-1] for row in changes.rows}
    assert why["Qualify the second forge"] == "ruled out in the second plan alone"
    assert why["Qualify the second foundry"] == "what was asked or given differs"


def test_equal_plans_have_nothing_to_tell(plans: tuple[Any, Any, Any]) -> None:
    instance, plan, _ = plans
    model, lists = lists_of((instance, plan, plan))
    assert model.same
    assert lists.said[0] == "Both plans fund the same measures."
    assert [sheet.key for sheet in lists.sheets] == ["compared", "compared_years"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_number_of_the_page_equals_the_json(
    plans: tuple[Any, Any, Any], read: Callable[[str], Any], language: str
) -> None:
    instance, first, second = plans
    model = build_comparison(first, second, instance=instance, language=language, written=WRITTEN)
    page = render_lists(comparison_lists(Placed(model), marking_writer(model.heading), Writer(model.heading)))
    data = json.loads(json.dumps(model.to_json()))
    shown = read(page).all("data")
    assert len(shown) > 60
    for element in shown:
        assert json.loads(element.attributes["value"]) == found_at(data, element.attributes["data-at"])
    assert "http" not in page.replace("http-equiv", "")


def test_numbers_of_the_lists_equal_the_json(plans: tuple[Any, Any, Any]) -> None:
    model, lists = lists_of(plans)
    data = model.to_json()
    numbers = [c for sheet in lists.sheets for row in sheet.rows for c in row if isinstance(c, Number)]
    assert len(numbers) > 80
    assert all(found_at(data, number.at) == number.value for number in numbers)
    labels = {column.label for column in next(s for s in lists.sheets if s.key == "compared").columns}
    assert {"Loss avoided", "Of the avoidable", "ACC, after"} <= labels


def test_all_formats_are_written_and_two_runs_are_equal(plans: tuple[Any, Any, Any], tmp_path: Path) -> None:
    docx = pytest.importorskip("docx", reason="writes documents: pip install 'optichain[reports]'")
    calamine = pytest.importorskip("python_calamine", reason="pip install 'optichain[excel]'")
    instance, first, second = plans
    for ending in ("html", "docx", "xlsx", "json"):
        oc.write_comparison(first, second, tmp_path / f"c.{ending}", instance=instance)
    texts = [p.text for p in docx.Document(str(tmp_path / "c.docx")).paragraphs]
    assert "4 measures changed." in texts
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO((tmp_path / "c.xlsx").read_bytes()))
    rows = book.get_sheet_by_name("What the plans come to").to_python()
    assert rows[3][:2] == ["First plan", pytest.approx(12.8)]
    data = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    assert data["sides"][2]["loss_avoided"] == pytest.approx(-1.9)
    again = build_comparison(first, second, instance=instance, written=WRITTEN).to_json()
    assert again == build_comparison(first, second, instance=instance, written=WRITTEN).to_json()


def test_without_the_instance_names_stand_for_titles(plans: tuple[Any, Any, Any], tmp_path: Path) -> None:
    _, first, second = plans
    oc.write_comparison(first, second, tmp_path / "c.html")
    text = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert "second-forge" in text
    assert "the currency of the plans" in text


def test_a_format_that_compares_nothing_says_so(
    plans: tuple[Any, Any, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Plain:
        name = "plain"

    monkeypatch.setattr("optichain.reporting.find_format", lambda path: Plain())
    with pytest.raises(UsageError, match="the format plain writes no comparison"):
        oc.write_comparison(plans[1], plans[2], tmp_path / "c.plain")
