"""Folder, workbook and JSON carry the same information, and faults in each are placed as its user counts."""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import optichain as oc
from optichain.errors import UsageError
from optichain.instance.starter import write_starter

GOOD = Path(__file__).parents[1] / "data" / "good"
CARRIERS = ("folder", "book.xlsx", "file.json")


@pytest.fixture
def full():
    return oc.load(GOOD / "full")


def texts(path):
    return {file.name: file.read_text(encoding="utf-8") for file in path.iterdir()}


@pytest.mark.parametrize("second", CARRIERS)
@pytest.mark.parametrize("first", CARRIERS)
def test_carriers_convert_into_each_other_without_loss(full, tmp_path, first, second):
    oc.write(full, tmp_path / f"1-{first}")
    once = oc.load(tmp_path / f"1-{first}")
    oc.write(once, tmp_path / f"2-{second}")
    twice = oc.load(tmp_path / f"2-{second}")
    for name, frame in full.tables.items():
        pd.testing.assert_frame_equal(twice[name], frame, check_exact=True, check_column_type=False)
        assert [frame[c].dtype for c in frame] == [twice[name][c].dtype for c in frame]
    assert twice.settings == full.settings
    assert twice.digest == full.digest
    assert twice == full
    assert hash(twice) == hash(full)


def test_the_full_instance_means_what_its_files_say(full):
    sites, sources, lanes, items = full["sites"], full["sources"], full["lanes"], full["items"]
    assert sites["capacity"].tolist() == [math.inf, 100.0, math.inf]
    assert sites["title"].tolist() == ["北方泵业, 一厂", 'The "old"\nfoundry', None]
    assert np.isnan(sources["capacity"][2])
    assert math.isinf(sources["capacity"][1])
    assert sources["source"].tolist() == ["plant:pump", "foundry:casting", "third", "plant:motor"]
    assert lanes["lane"].tolist() == ["casting:foundry>plant", "by-rail"]
    assert items["mapped"].tolist() == [True, False, True, False]
    assert items["mapped"].dtype == bool
    assert full["bom"]["quantity"][0] == 0.1 + 0.2
    assert full["demands"]["chain"].tolist() == ["pumps", "motors"]
    assert full["measures"]["lead_time"].tolist() == [1, 0]
    assert full["measures"]["lead_time"].dtype == np.int64
    assert full["sources"]["own_ip"].tolist() == ["yes", "no", None, "not_applicable"]
    assert full["sites"]["x_contact"].tolist() == ["0086 10", None, "  spaces kept "]
    assert full["stocks"]["site"].isna().tolist() == [False, True]
    assert full.settings.planning.tail_budget == (7.5, 7.5)


@pytest.mark.parametrize("spelling", ["true", "TRUE", "True", "yes", "YES", "1"])
@pytest.mark.parametrize("opposite", ["false", "FALSE", "no", "No", "0"])
def test_booleans_are_understood_in_all_spellings(tmp_path, spelling, opposite):
    write_starter(tmp_path / "s")
    items = (
        f"item,chain,mapped\npump,pumps,{spelling}\ncasting,pumps,{opposite}\nfan,fans,\nmotor,,{opposite}\n"
    )
    (tmp_path / "s" / "items.csv").write_text(items)
    assert oc.load(tmp_path / "s")["items"]["mapped"].tolist() == [True, False, True, False]


def test_byte_order_mark_line_ends_blank_lines_and_trailing_commas_do_not_matter(tmp_path, full):
    folder = tmp_path / "excel"
    shutil.copytree(GOOD / "full", folder)
    for file in folder.glob("*.csv"):
        lines = file.read_text(encoding="utf-8").replace("\n", "\r\n")
        file.write_bytes(b"\xef\xbb\xbf" + (lines + "\r\n,,\r\n").encode())
    toml = folder / "instance.toml"
    toml.write_bytes(b"\xef\xbb\xbf" + toml.read_bytes().replace(b"\n", b"\r\n"))
    assert oc.load(folder) == full


def test_rows_are_counted_through_blank_lines_and_cells_of_several_lines(tmp_path):
    write_starter(tmp_path / "s")
    (tmp_path / "s" / "items.csv").write_text(
        'item,chain,title\npump,pumps,"two\nlines"\n\ncasting,punps,\nfan,fans,\nmotor,,\n'
    )
    with pytest.raises(oc.InstanceError) as caught:
        oc.load(tmp_path / "s")
    (fault,) = caught.value.faults()
    assert (fault.row, fault.column, fault.hint) == (4, "chain", "did you mean 'pumps'?")


@pytest.mark.parametrize("carrier", ["book.xlsx", "file.json"])
def test_a_fault_has_the_same_row_in_every_carrier(full, tmp_path, carrier):
    tables = full.tables
    oc.write(full, tmp_path / carrier)
    broken = tables["sources"].assign(status=["active", "active", "sleeping", "active"])
    with pytest.raises(oc.InstanceError) as caught:
        full.replace(sources=broken)
    (fault,) = caught.value.faults()
    assert (fault.file, fault.row, fault.column, fault.code) == ("sources", 4, "status", "not-a-choice")
    if carrier.endswith("json"):
        document = json.loads((tmp_path / carrier).read_text(encoding="utf-8"))
        document["tables"]["sources"][2]["status"] = "sleeping"
        (tmp_path / carrier).write_text(json.dumps(document))
        with pytest.raises(oc.InstanceError) as caught:
            oc.load(tmp_path / carrier)
        (fault,) = caught.value.faults()
        assert (fault.file, fault.row, fault.column) == ("file.json: sources", 4, "status")


def workbook(path, sheets):
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for k, row in enumerate(rows):
                sheet.write_row(k, 0, row)


SHEETS = {
    "settings": [
        ["key", "value"],
        ["name", 7],
        ["planning.years", "2026; 2027"],
        ["planning.budget", "5; 6.5"],
        ["horizon", 40],
    ],
    "chains": [["chain"], [1]],
    "items": [["item", "chain", "mapped"], [100, 1, True], ["b", 1, "no"]],
    "sites": [["site", "capacity"], ["S1", "unlimited"]],
    "sources": [["site", "item", "own_ip"], ["S1", 100, True], [], ["S1", "b", None]],
    "demands": [["item", "rate", "value"], [100, "2.5", 1]],
    "README": [["anything"]],
}


def test_a_workbook_made_by_hand_is_understood(tmp_path):
    workbook(tmp_path / "i.xlsx", SHEETS)
    instance = oc.load(tmp_path / "i.xlsx")
    assert instance["items"]["item"].tolist() == ["100", "b"]
    assert instance["items"]["mapped"].tolist() == [True, False]
    assert instance["sources"]["source"].tolist() == ["S1:100", "S1:b"]
    assert instance["sources"]["own_ip"].tolist() == ["yes", None]
    assert instance["demands"]["rate"].tolist() == [2.5]
    assert instance.settings.name == "7"
    assert instance.settings.horizon == 40.0
    assert instance.settings.planning.years == (2026, 2027)
    assert instance.settings.planning.budget == (
        5.0,
        6.5,
    )


def test_errors_and_uncalculated_formulas_of_a_workbook_are_not_blanks(tmp_path):
    """A blank capacity of a site means unlimited: what a spreadsheet could not work out must not become that."""
    import xlsxwriter

    def write(sheets):
        with xlsxwriter.Workbook(tmp_path / "i.xlsx") as book:
            for name, rows in sheets.items():
                sheet = book.add_worksheet(name)
                for k, row in enumerate(rows):
                    for j, cell in enumerate(row):
                        if isinstance(cell, tuple):
                            sheet.write_formula(k, j, *cell)
                        elif cell is not None:
                            sheet.write(k, j, cell)

    wrong = {
        "sites": [["site", "title", "capacity"], ["S1", ("=NA()", None, "#N/A"), ("=1/0", None, "#DIV/0!")]],
        "sources": [
            ["site", "item", "capacity"],
            ["S1", 100, ("=2*A9", None, "")],
            ["S1", "b", ("=2*2", None, 4)],
        ],
        "settings": [*SHEETS["settings"], ["currency", ("=NA()", None, "#N/A")]],
    }
    write({**SHEETS, **wrong})
    with pytest.raises(oc.InstanceError) as caught:
        oc.load(tmp_path / "i.xlsx")
    assert [(f.file, f.row, f.column, f.code) for f in caught.value.faults()] == [
        ("settings", 6, "currency", "bad-setting"),
        ("sites", 2, "capacity", "not-a-number"),
        ("sites", 2, "title", "not-text"),
        ("sources", 2, "capacity", "not-a-number"),
    ]
    assert "found '#DIV/0!'" in str(caught.value)


@pytest.mark.parametrize("name", ["i.json", "i.xlsx"])
def test_of_what_cannot_be_read_at_all_no_table_is_called_missing(tmp_path, name):
    (tmp_path / name).write_text("neither of the two")
    with pytest.raises(oc.InstanceError) as caught:
        oc.load(tmp_path / name)
    assert len(caught.value.faults()) == 1


@pytest.mark.parametrize(
    ("written", "meant"), [("yes", True), ("No", False), (1, True), (0, False), (True, True)]
)
def test_booleans_of_the_settings_are_understood_as_those_of_tables(tmp_path, written, meant):
    document = json.loads(json.dumps(SMALL)) | {"settings": {"name": "n", "events": {"single_lane": written}}}
    (tmp_path / "i.json").write_text(json.dumps(document))
    assert oc.load(tmp_path / "i.json").settings.events.single_lane is meant


@pytest.mark.parametrize(
    ("sheet", "rows", "place"),
    [
        (
            "settings",
            [["key", "value"], ["planning", 3], ["planning.years", 2026]],
            ("settings", 2, "planning", "bad-setting"),
        ),
        (
            "settings",
            [["key", "value"], ["name", "n"], ["horizon", "long"]],
            ("settings", 3, "horizon", "bad-setting"),
        ),
        ("settings", [["key", "value"], ["horizn", 2]], ("settings", 2, "horizn", "unknown-setting")),
        (
            "settings",
            [["key", "value"], ["name", "a"], ["name", "b"]],
            ("settings", 3, "key", "duplicate-key"),
        ),
        ("settings", [["name"], ["a"]], ("settings", 1, "value", "missing-column")),
        ("settings", [["key", "value"], ["planning", 3]], ("settings", 2, "planning", "bad-setting")),
        (
            "sources",
            [["site", "item"], ["S1", 100], [], ["S2", "b"]],
            ("sources", 4, "site", "dangling-reference"),
        ),
        ("demands", [["item", "rate", "value"], [100, True, 1]], ("demands", 2, "rate", "not-a-number")),
        ("bom", [], ("bom", None, None, "empty-file")),
        ("site", [["site"]], ("site", None, None, "unknown-table")),
        ("sites", [["site", None], ["S1", 4]], ("sites", 2, None, "unnamed-column")),
    ],
)
def test_faults_in_a_workbook_name_the_sheet_and_its_row(tmp_path, sheet, rows, place):
    workbook(tmp_path / "i.xlsx", {**SHEETS, sheet: rows})
    with pytest.raises(oc.InstanceError) as caught:
        oc.load(tmp_path / "i.xlsx")
    assert place in [(f.file, f.row, f.column, f.code) for f in caught.value.faults()]


SMALL = {
    "settings": {"name": "n"},
    "tables": {
        "chains": [{"chain": "c"}],
        "items": [{"item": "a", "chain": "c"}],
        "sites": [{"site": "S"}],
        "sources": [{"site": "S", "item": "a", "capacity": "unlimited"}],
        "demands": [{"item": "a", "rate": 1, "value": 2}],
    },
}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", ("i.json", 1, None, "bad-json")),
        ('{"settings": {}', ("i.json", 1, None, "bad-json")),
        ("[]", ("i.json", None, None, "bad-json")),
        ("[" * 100_000, ("i.json", None, None, "bad-json")),
        ('{"settings": 1' + "0" * 5000 + "}", ("i.json", None, None, "bad-json")),
        ('{"tables": {}}', ("i.json: settings", None, None, "missing-file")),
        ('{"settings": {}, "tables": {}}', ("i.json: sites", None, None, "missing-file")),
        ('{"settings": {}, "table": {}}', ("i.json", None, "table", "unknown-table")),
        ('{"settings": {}, "tables": []}', ("i.json", None, "tables", "bad-json")),
        ('{"settings": {}, "tables": {"sites": {}}}', ("i.json: sites", None, None, "bad-json")),
        ('{"settings": {}, "tables": {"sites": [3]}}', ("i.json: sites", 2, None, "bad-json")),
        ('{"settings": {}, "tables": {"sitez": []}}', ("i.json: sitez", None, None, "unknown-table")),
        ('{"settings": {"name": "a", "name": "b"}}', ("i.json: settings", None, "name", "duplicate-column")),
        ('{"settings": {"horizon": NaN}}', ("i.json: settings", None, "horizon", "bad-setting")),
        ('{"settings": {"horizon": 1e999}}', ("i.json: settings", None, "horizon", "bad-setting")),
        ('{"settings": {"title": "\\ud800"}}', ("i.json: settings", None, "title", "bad-setting")),
        ('{"settings": {"events": 3}}', ("i.json: settings", None, "events", "bad-setting")),
        ('{"settings": {"planning": []}}', ("i.json: settings", None, "planning", "bad-setting")),
    ],
)
def test_bad_json_is_refused(tmp_path, text, place):
    (tmp_path / "i.json").write_text(text)
    with pytest.raises(oc.InstanceError) as caught:
        oc.load(tmp_path / "i.json")
    assert place in [(f.file, f.row, f.column, f.code) for f in caught.value.faults()]


@pytest.mark.parametrize(
    ("table", "cell", "code"),
    [
        ("demands.rate", float("nan"), "not-finite"),
        ("demands.rate", float("inf"), "not-finite"),
        ("demands.rate", 10**400, "not-finite"),
        ("demands.rate", True, "not-a-number"),
        ("demands.rate", [1], "not-a-number"),
        ("demands.rate", None, "missing-value"),
        ("demands.rate", {"a": 1}, "not-a-number"),
        ("sites.site", {"a": 1}, "not-text"),
        ("sites.title", "\ud800", "bad-character"),
        ("sites.x_own", "a\u0000", "bad-character"),
        ("items.mapped", 2, "not-a-boolean"),
        ("items.mapped", [], "not-a-boolean"),
    ],
)
def test_bad_cells_of_json_are_refused(tmp_path, table, cell, code):
    document = json.loads(json.dumps(SMALL))
    name, column = table.split(".")
    document["tables"][name][0][column] = cell
    (tmp_path / "i.json").write_text(json.dumps(document))
    with pytest.raises(oc.InstanceError) as caught:
        oc.load(tmp_path / "i.json")
    assert (f"i.json: {name}", 2, column, code) in [
        (f.file, f.row, f.column, f.code) for f in caught.value.faults()
    ]


def test_what_is_no_carrier_is_refused(tmp_path):
    (tmp_path / "i.txt").write_text("x")
    (tmp_path / "i.xlsx").write_text("not a zip")
    (tmp_path / "j.json").write_bytes(b'{"settings": {"name": "\xff"}}')
    (tmp_path / "empty").mkdir()
    codes = {
        "i.txt": "unknown-carrier",
        "i.xlsx": "bad-workbook",
        "j.json": "not-utf-8",
        "none": "missing-file",
        "empty": "missing-file",
    }
    for name, code in codes.items():
        with pytest.raises(oc.InstanceError) as caught:
            oc.load(tmp_path / name)
        assert code in {f.code for f in caught.value.faults()}, name


def test_a_folder_is_replaced_whole_and_keeps_other_files(tmp_path, full):
    place = tmp_path / "here"
    write_starter(tmp_path / "starter")
    starter = oc.load(tmp_path / "starter")
    shutil.copytree(GOOD / "full", place)
    (place / "README.md").write_text("mine")
    (place / "notes.txt").write_text("anything\n")
    oc.write(starter, place)
    assert oc.load(place) == starter
    assert (place / "README.md").read_text() == "mine"
    assert (place / "notes.txt").exists()
    assert not (place / "policies.csv").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["here", "starter"]


def test_what_is_not_an_instance_is_never_overwritten(tmp_path, full):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("years of work")
    (tmp_path / "file").write_text("x")
    (tmp_path / "dir.json").mkdir()
    for name in ("full", "file", "dir.json", "sites.csv", "missing/book.xlsx"):
        with pytest.raises(UsageError):
            oc.write(full, tmp_path / name)
    assert texts(tmp_path / "full") == {"thesis.tex": "years of work"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["dir.json", "file", "full"]
    with pytest.raises(UsageError):
        write_starter(tmp_path / "full")


def test_text_too_long_for_a_workbook_is_refused_there_and_kept_elsewhere(tmp_path, full):
    long = "文" * 40_000
    variant = full.replace(sites=full["sites"].assign(note=[long, None, None]))
    with pytest.raises(UsageError, match="write a folder"):
        oc.write(variant, tmp_path / "i.xlsx")
    assert not (tmp_path / "i.xlsx").exists()
    for name in ("i.json", "i"):
        oc.write(variant, tmp_path / name)
        assert oc.load(tmp_path / name)["sites"]["note"][0] == long


def test_workbooks_need_their_extra(monkeypatch, tmp_path, full):
    import sys

    (tmp_path / "i.xlsx").write_text("x")
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    for action in (lambda: oc.load(tmp_path / "i.xlsx"), lambda: oc.write(full, tmp_path / "j.xlsx")):
        with pytest.raises(UsageError, match=r"optichain\[excel\]"):
            action()


def test_two_files_for_one_table_are_refused_and_neither_is_believed(tmp_path):
    write_starter(tmp_path / "s")
    if (tmp_path / "s" / "SITES.CSV").exists():
        pytest.skip("this file system does not tell upper from lower case")
    (tmp_path / "s" / "sites.CSV").write_text("site\nplant\n")
    with pytest.raises(oc.InstanceError) as caught:
        oc.load(tmp_path / "s")
    assert [(f.file, f.code) for f in caught.value.faults()] == [("sites.csv", "duplicate-table")]


def test_a_row_of_nothing_but_spaces_is_a_blank_row(tmp_path):
    write_starter(tmp_path / "s")
    with (tmp_path / "s" / "bom.csv").open("a") as file:
        file.write("  ,, \nfan,castings,1\n")
    with pytest.raises(oc.InstanceError) as caught:
        oc.load(tmp_path / "s")
    (fault,) = caught.value.faults()
    assert (fault.row, fault.column, fault.code) == (6, "input", "dangling-reference")
