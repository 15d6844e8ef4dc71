"""The Excel template explains itself, can be filled in a spreadsheet, and faults point to its cells."""

import openpyxl
import pytest

import optichain as oc
from optichain.errors import Fault, UsageError
from optichain.instance.places import point
from optichain.instance.schema import TABLES
from optichain.instance.settings import setting_fields
from optichain.instance.starter import write_starter
from optichain.instance.template import write_template


@pytest.fixture
def book(tmp_path):
    write_template(tmp_path / "t.xlsx")
    return tmp_path / "t.xlsx"


def test_the_template_is_the_starter(book, tmp_path):
    write_starter(tmp_path / "s")
    assert oc.load(book) == oc.load(tmp_path / "s")


def test_every_column_and_setting_is_there_and_explained(book):
    opened = openpyxl.load_workbook(book)
    assert opened.sheetnames == ["README", "settings", *TABLES]
    for name, table in TABLES.items():
        heads = opened[name][1]
        assert [cell.value for cell in heads] == list(table.column_names)
        for cell, column in zip(heads, table.columns, strict=True):
            assert column.description in cell.comment.text
            if column.unit is not None:
                assert f"Unit: {column.unit}" in cell.comment.text
    settings = {row[0].value: row[2].value for row in opened["settings"].iter_rows(min_row=2)}
    assert settings == {name: field.description for name, field in setting_fields()}


def rules(sheet):
    """Drop-downs and bounds by column letter."""
    return {
        str(rule.sqref).split(":")[0].rstrip("0123456789"): rule
        for rule in sheet.data_validations.dataValidation
    }


def test_words_and_names_are_chosen_from_lists_and_numbers_are_bounded(book):
    opened = openpyxl.load_workbook(book)
    sources = rules(opened["sources"])
    letter = {cell.value: cell.column_letter for cell in opened["sources"][1]}
    assert sources[letter["status"]].formula1 == '"active,qualified,potential"'
    assert sources[letter["site"]].formula1 == "sites!$A$2:$A$2001"
    assert sources[letter["share"]].formula1 == "AND(ISNUMBER(F2),N(F2)>=0,N(F2)<=1)"
    assert 'D2="unlimited"' in sources[letter["capacity"]].formula1
    assert letter["note"] not in sources


def test_a_blank_template_lacks_rows_only(tmp_path):
    write_template(tmp_path / "b.xlsx", blank=True)
    opened = openpyxl.load_workbook(tmp_path / "b.xlsx")
    assert {name: opened[name].max_row for name in TABLES} == dict.fromkeys(TABLES, 1)
    with pytest.raises(oc.InstanceError, match="nothing is demanded at all"):
        oc.load(tmp_path / "b.xlsx")


def test_what_stands_there_is_not_overwritten(book):
    before = book.read_bytes()
    with pytest.raises(UsageError, match="there is a file of that name"):
        write_template(book)
    assert book.read_bytes() == before


def test_faults_warnings_and_assumptions_point_to_the_cell(book):
    opened = openpyxl.load_workbook(book)
    opened["sources"].insert_cols(1)  # a column before the first is allowed, and moves the letters
    opened["sources"]["I4"] = "sleeping"
    opened["settings"]["B7"] = -1
    opened["sites"]["A2"] = "plqnt"
    opened.save(book)
    with pytest.raises(oc.InstanceError) as caught:
        oc.load(book)
    found = {(fault.cell, fault.file, fault.row, fault.column, fault.code) for fault in caught.value.faults()}
    assert found >= {
        ("sources!I4", "sources", 4, "status", "not-a-choice"),
        ("settings!B7", "settings", 7, "horizon", "bad-setting"),
        ("sources!C2", "sources", 2, "site", "dangling-reference"),
    }
    assert "sources!I4, column status: found 'sleeping'" in str(caught.value)


def test_assumptions_point_to_the_cell_that_is_blank(book):
    result = oc.check(book)
    assert result.ok
    assert [(a.code, a.cell) for a in result.assumptions] == [
        ("not-mapped", "items!F5"),
        ("estimated-capacity", "sources!D6"),
    ]


def test_a_fault_without_a_cell_has_none():
    letters = {"two words": {"x": "B"}}
    assert point(Fault("two words", 3, "x", "c", "m"), letters).cell == "'two words'!B3"
    assert point(Fault("two words", 3, "y", "c", "m"), letters).cell is None
    assert point(Fault("two words", None, "x", "c", "m"), letters).cell is None
    assert point(Fault("a.csv", 3, "x", "c", "m"), letters).cell is None
