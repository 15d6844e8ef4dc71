"""The way of a planner who has Excel and nothing else: template, fill, check, solve, report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import Result

from optichain.instance.schema import TABLES

Call = Callable[..., Result]

PUMP = {
    "chains": [{"chain": "pumps", "title": "Pumps", "title_zh": "泵"}],
    "items": [{"item": "pump", "chain": "pumps"}, {"item": "casting", "chain": "pumps"}],
    "sites": [{"site": "A"}, {"site": "F1"}, {"site": "F2"}],
    "sources": [
        {"site": "A", "item": "pump", "capacity": 10},
        {"site": "F1", "item": "casting", "capacity": 10},
        {"site": "F2", "item": "casting", "capacity": 10, "status": "potential", "switch_time": 2},
    ],
    "bom": [{"item": "pump", "input": "casting", "quantity": 1}],
    "demands": [{"item": "pump", "rate": 10, "value": 2}],
    "measures": [
        {"measure": "second", "chain": "pumps", "title": "Qualify foundry two", "cost_1": 8},
        {"measure": "stock", "chain": "pumps", "title": "Castings", "cost_1": 3},
    ],
    "effects": [
        {"measure": "second", "effect": "qualify", "target": "F2:casting"},
        {"measure": "stock", "effect": "stockpile", "target": "casting", "amount": 20},
    ],
}
SETTINGS = {
    "name": "pump",
    "title": "A pump maker with one foundry",
    "horizon": 10,
    "planning.years": "2026; 2027",
    "planning.budget": "10; 10",
    "planning.tail_budget": None,
    "planning.max_new_chains": None,
    "defaults.recovery_time": 5,
    "defaults.annual_probability": 0.1,
}


def fill(place: Path) -> None:
    """Type the pump maker into the cells of the template, as a person would."""
    book = openpyxl.load_workbook(place)
    for row in book["settings"].iter_rows(min_row=2):
        if row[0].value in SETTINGS:
            row[1].value = SETTINGS[row[0].value]
    for name, rows in PUMP.items():
        heads = {cell.value: cell.column for cell in book[name][1]}
        for number, cells in enumerate(rows, start=2):
            for column, value in cells.items():
                book[name].cell(number, heads[column], value)
    book.save(place)


def test_from_the_template_to_the_report_without_a_csv(call: Call, tmp_path: Path) -> None:
    book, plan = tmp_path / "pump.xlsx", tmp_path / "plan.json"
    assert call("new", book, "--blank").exit_code == 0
    fill(book)
    checked = json.loads(call("check", book, "--json").stdout)
    assert (checked["ok"], checked["errors"]) == (True, [])
    assert checked["assumptions"][0]["cell"].startswith("s")
    assert call("solve", book, "-o", plan).exit_code == 0
    solved = json.loads(plan.read_text(encoding="utf-8"))
    # 66.7 % and 76.7 % are worked out beside the same pump maker as a folder
    assert solved["acc_before"] == pytest.approx(2 / 3)
    assert solved["acc_after"] == pytest.approx(23 / 30)
    assert json.loads(call("verify", book, plan, "--json").stdout)["ok"]
    assert call("report", book, plan, "-o", tmp_path / "report.xlsx", "--language", "zh").exit_code == 0
    assert openpyxl.load_workbook(tmp_path / "report.xlsx").sheetnames
    assert not list(tmp_path.glob("**/*.csv"))


def test_check_names_the_cell_to_mend(call: Call, tmp_path: Path) -> None:
    book = tmp_path / "pump.xlsx"
    call("new", book, "--blank")
    fill(book)
    opened = openpyxl.load_workbook(book)
    opened["bom"]["E2"] = "-3"
    opened["effects"]["B3"] = "stockpille"
    opened.save(book)
    result = call("check", book)
    assert result.exit_code == 3
    assert "bom!E2" in result.stdout
    assert "effects!B3" in result.stdout
    found = json.loads(call("check", book, "--json").stdout)["errors"]
    assert {(f["file"], f["row"], f["column"], f["cell"]) for f in found} == {
        ("bom", 2, "quantity", "bom!E2"),
        ("effects", 3, "effect", "effects!B3"),
    }


def test_blank_is_for_workbooks(call: Call, tmp_path: Path) -> None:
    result = call("new", tmp_path / "folder", "--blank", "--json")
    assert result.exit_code == 2
    assert "--blank is for workbooks" in json.loads(result.stdout)["errors"][0]["message"]
    assert not (tmp_path / "folder").exists()


def test_the_template_has_a_sheet_for_every_table(call: Call, tmp_path: Path) -> None:
    assert json.loads(call("new", tmp_path / "t.xlsx", "--json").stdout)["files"] == ["t.xlsx"]
    assert set(TABLES) < set(openpyxl.load_workbook(tmp_path / "t.xlsx").sheetnames)
