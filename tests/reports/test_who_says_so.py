"""Who submitted a row, and how well it is known, travel from the tables into every report."""

import json

import openpyxl
import pytest

import optichain as oc
from optichain.shipped import locate
from optichain_reports.building.trust import submitted_of


@pytest.fixture(scope="module")
def graded():
    instance = oc.load(locate("quickstart"))
    tables = instance.tables
    count = len(tables["sites"])
    sites = tables["sites"].assign(
        submitted_by=["Nanhai Pump"] * 2 + ["Jinsha Valve"] * (count - 2),
        grade=["A", "C"] + ["B"] * (count - 2),
    )
    sources = tables["sources"].assign(x_conflict=None)
    sources.loc[0, "x_conflict"] = "capacity: 10 (Nanhai Pump, B) ≠ 12 (Jinsha Valve, C) → 10?"
    return instance.replace(sites=sites, sources=sources)


@pytest.fixture(scope="module")
def plan(graded):
    return oc.reinforce(graded)


def test_rows_are_counted_by_submitter_and_grade(graded):
    found = {s.submitted_by: (s.measured, s.stated, s.guessed, s.ungraded) for s in submitted_of(graded)}
    others = sum(len(frame) for frame in graded.frames.values()) - len(graded["sites"])
    assert found == {
        "Jinsha Valve": (0, len(graded["sites"]) - 2, 0, 0),
        "Nanhai Pump": (1, 0, 1, 0),
        None: (0, 0, 0, others),
    }
    assert submitted_of(oc.load(locate("quickstart"))) == ()


@pytest.mark.parametrize(
    ("language", "words", "guess"),
    [
        ("en", "Guessed (C)", "is guessed by Nanhai Pump"),
        ("zh", "推测（C）", "为推测，由Nanhai Pump填报"),
    ],
)
def test_every_format_shows_them(graded, plan, tmp_path, language, words, guess):
    for ending in ("html", "json", "xlsx"):
        oc.write_report(graded, plan, tmp_path / f"r.{ending}", language=language)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert words in page
    assert "≠ 12 (Jinsha Valve, C)" in page
    assert guess in page
    data = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert [s["submitted_by"] for s in data["submitted"]] == ["Jinsha Valve", "Nanhai Pump", None]
    kinds = {group["kind"] for group in data["assumptions"]}
    assert {"guessed", "contradicted"} <= kinds
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    sheet = book["Who says so" if language == "en" else "数据来源"]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert any(row[:4] == ["Nanhai Pump", 1, 0, 1] for row in cells)
