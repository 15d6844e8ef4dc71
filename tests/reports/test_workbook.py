"""The Excel workbook: the numbers of the JSON, in live tables, and no formula from anybody's text."""

from __future__ import annotations

import dataclasses
import io
import re
import sys
import zipfile
from typing import Any

import pytest

from by_place import found_at
from optichain.errors import UsageError
from optichain.reporting import find_format
from optichain_reports.building.build import build_report
from optichain_reports.model import Breach, ReportModel
from optichain_reports.wording.placed import Number, Placed
from optichain_reports.wording.sheets import all_sheets
from optichain_reports.wording.writer import Writer

calamine = pytest.importorskip("python_calamine", reason="reads workbooks: pip install 'optichain[excel]'")
pytest.importorskip("xlsxwriter", reason="writes workbooks: pip install 'optichain[excel]'")

from optichain_reports.xlsx import render_workbook  # noqa: E402

WRITTEN = "2026-03-05T10:00:00+0800"


def cells_of(content: bytes) -> dict[str, list[list[Any]]]:
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


@pytest.fixture(scope="module")
def content(model: ReportModel) -> bytes:
    return render_workbook(model)


def test_every_number_equals_the_json(model: ReportModel, content: bytes) -> None:
    sheets, data = cells_of(content), model.to_json()
    made = all_sheets(Placed(model), Writer(model.heading))
    assert [sheet.title for sheet in made] == list(sheets)[1:]
    compared = 0
    for sheet in made:
        table = sheets[sheet.title][3:]
        assert len(table) == len(sheet.rows)
        for row, cells in zip(table, sheet.rows, strict=True):
            for shown, cell in zip(row, cells, strict=False):
                if isinstance(cell, Number) and cell.value is not None:
                    assert shown == pytest.approx(found_at(data, cell.at), rel=1e-14), cell.at
                    compared += 1
                else:
                    assert shown == (cell if isinstance(cell, str) else "")
    assert compared > 100


def test_the_summary(content: bytes) -> None:
    rows = next(iter(cells_of(content).values()))
    figures = {row[0]: row[1] for row in rows}
    assert figures["To be funded"] == 15.0
    assert figures["Expected annual loss avoided"] == pytest.approx(12.8)
    assert figures["ACC, after"] == pytest.approx(0.9092548)
    assert "Fund 2 measures in 2 of 2 chains" in rows[1][0]


def test_nothing_that_is_said_is_cut_in_either_language(quickstart: tuple[Any, Any]) -> None:
    instance, plan = quickstart
    for language in ("en", "zh"):
        made = render_workbook(build_report(instance, plan, language=language, written=WRITTEN))
        said = [row[0] for row in next(iter(cells_of(made).values()))]
        with zipfile.ZipFile(io.BytesIO(made)) as parts:
            first = parts.read("xl/worksheets/sheet1.xml").decode()
        heights = {int(r): float(h) for r, h in re.findall(r'<row r="(\d+)"[^>]* ht="([\d.]+)"', first)}
        assert heights
        for row, height in heights.items():
            # 92 characters a line; a letter of Chinese takes two
            wide = sum(2 if letter > "\u2e80" else 1 for letter in said[row - 1])
            assert height >= 15.0 * -(-wide // 92), said[row - 1]


def test_each_list_is_a_table_with_filters(content: bytes, model: ReportModel) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        tables = [parts.read(n).decode() for n in parts.namelist() if n.startswith("xl/tables/")]
    assert len(tables) == len(all_sheets(Placed(model), Writer(model.heading)))
    assert all("<autoFilter" in table for table in tables)


def test_text_is_never_a_formula_nor_a_link(model: ReportModel) -> None:
    evil = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x.example","y")', "http://x.example", "{=1}"]
    broken = dataclasses.replace(model, breaches=tuple(Breach(text, text + "\x07") for text in evil))
    content = render_workbook(broken)
    rows = cells_of(content)["Rules that this plan breaks"]
    assert [row[0] for row in rows[3:]] == evil
    assert rows[3][1] == "=1+1\N{REPLACEMENT CHARACTER}"
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        text = "".join(parts.read(n).decode() for n in parts.namelist() if n.startswith("xl/worksheets"))
    assert "<f>" not in text
    assert "hyperlink" not in text


def test_very_long_text_is_cut_and_says_so(model: ReportModel) -> None:
    broken = dataclasses.replace(model, breaches=(Breach("rule", "x" * 40_000),))
    rows = cells_of(render_workbook(broken))["Rules that this plan breaks"]
    assert len(rows[3][1]) < 32_767
    assert rows[3][1].endswith("…")


def test_two_workbooks_differ_in_nothing(model: ReportModel, content: bytes) -> None:
    assert render_workbook(model) == content


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, ending, extra in (("xlsxwriter", "xlsx", "excel"), ("docx", "docx", "reports")):
        monkeypatch.setitem(sys.modules, module, None)
        for name in (f"optichain_reports.{ending}", "optichain_reports.document"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        with pytest.raises(
            UsageError, match=rf"^a report as .{ending} needs the library {module}.*optichain\[{extra}\]"
        ):
            find_format(f"report.{ending}")
