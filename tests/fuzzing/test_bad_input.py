"""Bad input of every kind is refused with a place and a cause: drawn at random, and the cases that once got through."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import tracemalloc
import zipfile
from pathlib import Path

import pytest

import optichain as oc
from fuzzing.base import INSTANCES, Base
from fuzzing.books import pack, parts_of
from fuzzing.campaign import try_one
from fuzzing.extracts import make_small_extracts
from fuzzing.kinds import EXTRACTS, KINDS
from optichain.cli.choose import _read as read_candidates
from optichain.cli.evaluate import read_choices
from optichain.design.strangers import insist_on_measures
from optichain.errors import FaultyInputError, PlanError
from optichain.importing.mapping import MapError
from optichain.importing.read_map import read_map
from optichain.instance.carriers import workbook_cells
from optichain.instance.raw import LONGEST_CELL, MOST_COLUMNS
from optichain.merging.decisions import read_decisions
from optichain.storage.files import read_bytes

FULL = INSTANCES[0]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return Base(tmp_path_factory.mktemp("base"))


@pytest.fixture
def full(tmp_path):
    return Path(shutil.copytree(FULL, tmp_path / "full"))


def faults(read, *words):
    with pytest.raises(FaultyInputError) as caught:
        read(*words)
    assert caught.value.exit_status == 3
    return caught.value.faults()


def drawn(base, place, numbers):
    kinds = {try_one(7, number, base, place)[0] for number in numbers}
    assert kinds <= set(KINDS)
    return kinds


def test_random_bad_input_is_taken_in_or_refused_with_a_place_and_a_cause(base, tmp_path):
    assert len(drawn(base, tmp_path / "place", range(150))) >= 10


@pytest.mark.slow
def test_much_random_bad_input(base, tmp_path):
    assert drawn(base, tmp_path / "place", range(150, 4000)) == set(KINDS)


READERS = {
    "instance.json": oc.load,
    "instance.xlsx": oc.load,
    "form.xlsx": oc.read_submission,
    "plan.json": oc.load_plan,
    "columns.json": oc.load_columns,
    "decisions.csv": read_decisions,
    "choices.csv": read_choices,
    "candidates.csv": read_candidates,
    "map.toml": read_map,
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("what", ["pipe", "device", "folder", "loop", "huge"])
def test_what_is_no_file_is_not_waited_for(name, what, tmp_path):
    path = tmp_path / name
    if what == "pipe":
        os.mkfifo(path)
    elif what == "device":
        path.symlink_to("/dev/zero")
    elif what == "loop":
        path.symlink_to(name)
    elif what == "huge":
        with path.open("wb") as stream:
            stream.truncate(2**40)
    else:
        path.mkdir()
        (path / "file").write_text("")
    found = faults(READERS[name], path)
    assert all(fault.file and fault.message for fault in found)


def test_a_table_that_is_a_pipe_is_told_like_any_other_fault(full):
    (full / "bom.csv").unlink()
    os.mkfifo(full / "bom.csv")
    (found,) = (fault for fault in faults(oc.load, full) if fault.code == "unreadable")
    assert (found.file, "pipe" in found.message) == ("bom.csv", True)


def test_a_table_does_not_lead_out_of_its_folder(full, tmp_path):
    outside = tmp_path / "outside.csv"
    (full / "stocks.csv").rename(outside)
    (full / "stocks.csv").symlink_to(outside)
    (found,) = faults(oc.load, full)
    assert found.file == "stocks.csv"
    assert "leads out of the folder" in found.message
    (full / "stocks.csv").unlink()
    outside.rename(full / "within")
    (full / "stocks.csv").symlink_to("within")
    assert oc.load(full) == oc.load(FULL)


@pytest.mark.parametrize("rates", ["../rates.csv", "/etc/passwd", "link.csv", "a\\u0000b"])
def test_the_rates_of_a_map_do_not_lead_out_of_its_folder(rates, tmp_path):
    folder = tmp_path / "extracts"
    folder.mkdir()
    for name, content in make_small_extracts().items():
        (folder / name).write_bytes(content)
    (tmp_path / "rates.csv").write_bytes((folder / "rates.csv").read_bytes())
    (folder / "link.csv").symlink_to(tmp_path / "rates.csv")
    rules = (folder / "map.toml").read_text(encoding="utf-8").replace('"rates.csv"', f'"{rates}"')
    (folder / "map.toml").write_text(rules, encoding="utf-8")
    kinds = {kind: folder / f"{kind}.{'xlsx' if kind == 'stock' else 'csv'}" for kind in EXTRACTS}
    with pytest.raises(MapError, match="cannot be read"):
        oc.import_extracts(map=folder / "map.toml", **kinds)


def _book(tmp_path, old, new):
    oc.write(oc.load(FULL), tmp_path / "good.xlsx")
    parts = parts_of((tmp_path / "good.xlsx").read_bytes())
    name = next(name for name, part in parts.items() if old in part and "worksheets" in name)
    parts[name] = parts[name].replace(old, new, 1)
    (tmp_path / "odd.xlsx").write_bytes(pack(parts))
    return tmp_path / "odd.xlsx"


def test_a_sheet_whose_last_cell_is_very_far_away_is_refused_before_it_fills_the_memory(tmp_path):
    path = _book(tmp_path, b'<c r="A2"', b'<c r="XFD1048576"')
    (found,) = faults(oc.load, path)
    assert found.code == "bad-workbook"
    assert "row 1,048,576 and column XFD" in found.message


def test_a_format_without_a_value_may_stand_far_away(tmp_path):
    path = _book(tmp_path, b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>')
    assert oc.load(path) == oc.load(FULL)


def test_a_workbook_that_unpacks_to_very_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook_cells, "MOST_UNPACKED", 2**20)
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 2**22)
    assert path.stat().st_size < 2**14
    (found,) = faults(oc.load, path)
    assert "unpacks to more than 1,048,576 bytes" in found.message


def test_a_header_of_very_many_columns_is_one_fault(full):
    (full / "notes.csv").write_text("")
    content = (full / "stocks.csv").read_text(encoding="utf-8").splitlines()[0]
    names = ",".join(f"c{k}" for k in range(MOST_COLUMNS + 1))
    (full / "stocks.csv").write_text(f"{content},{names}\n", encoding="utf-8")
    (full / "notes.csv").unlink()
    assert [(f.file, f.row, f.code) for f in faults(oc.load, full)] == [("stocks.csv", 1, "bad-header")]


def test_a_cell_is_no_longer_than_every_carrier_can_hold(full):
    header, *rows = (full / "demands.csv").read_text(encoding="utf-8").splitlines()
    assert "note" not in header.split(",")
    for length, sound in ((LONGEST_CELL, True), (LONGEST_CELL + 1, False)):
        cells = [f"{header},x_note", *(f"{row},{'y' * length}" for row in rows)]
        (full / "demands.csv").write_text("\n".join(cells) + "\n", encoding="utf-8")
        if sound:
            assert oc.load(full)["demands"]["x_note"].str.len().eq(length).all()
        else:
            assert {(f.row, f.column, f.code) for f in faults(oc.load, full)} == {
                (number, "x_note", "too-long") for number in range(2, len(rows) + 2)
            }


@pytest.mark.parametrize(
    ("rate", "sound"),
    [("1e15", True), ("1.1e15", False), ("1e308", False), ("0", True), ("5e-17", True), ("1e-31", False)],
)
def test_numbers_have_sizes_that_can_be_computed_with(rate, sound, full):
    (full / "demands.csv").write_text(
        f"item,chain,rate,value\npump,,5,2\nmotor,,{rate},3\n", encoding="utf-8"
    )
    if sound:
        assert oc.load(full)["demands"]["rate"][1] == float(rate)
        return
    (found,) = (fault for fault in faults(oc.load, full) if fault.column == "rate")
    assert (found.row, found.code) == (3, "out-of-range")
    assert "take other units" in str(found.hint)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("a." * 5000 + "b = 1", "more than 100 parts"),
        ("horizon = " + "9" * 10_000, "thousands of digits"),
        ("name = " + "[" * 100_000, "nested too deeply"),
        ("horizon = " + "9" * 400, "expected a number"),
        ("horizon = 1e16", "at most 1e+15"),
        ("[planning]\nyears = [2026]\nbudget = [" + "9" * 400 + "]", "expected a number"),
        ("[planning]\nyears = [1, " + "9" * 400 + "]\nbudget = [1]", "at most 9999"),
        ('horizon = "' + "x" * 2**20 + '"', "expected a number"),
        ("y" * 10_000 + " = 1", "which is unknown"),
    ],
)
def test_numbers_and_keys_without_end_are_refused(settings, says, full):
    (full / "instance.toml").write_text(settings + "\n", encoding="utf-8")
    found = faults(oc.load, full)
    assert any(says in fault.message for fault in found)
    assert all(len(fault.message) < 500 for fault in found)


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("chains", 0), {"chain": "pumps", "acc_before": "much"}),
        (("chains", 0), 5),
        (("spofs_before", 0, "root"), None),
        (("spofs_before", 0, "kind"), "planet"),
        (("spofs_after",), [{"kind": "site"}]),
        (("breaches",), [{"rule": 1}]),
        (("changes",), [{"measure": "m", "change": "moved", "now": 3}]),
        (("wishes", "rows"), [[1, 2]]),
        (("wishes", "fix"), 7),
        (("wishes", "started"), [["m", 1]]),
        (("provenance",), []),
        (("provenance", "evidence"), {"seconds": 3}),
        (("policies", 0, "start_year"), 10**6),
        (("budget",), {"soon": 1.0}),
        (("objective",), 10**400),
        (("policies", 0, "measures", 0, "units"), 1e308),
        (("spofs_before", 0, "at_stake"), 10**400),
        (("certificate",), {"bound": float("nan")}),
    ],
)
def test_everything_that_is_read_of_a_plan_has_its_type(place, wrong, base, tmp_path):
    document = json.loads(json.dumps(base.plan_document))
    node = document
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = wrong
    (tmp_path / "plan.json").write_text(json.dumps(document), encoding="utf-8")
    found = faults(oc.load_plan, tmp_path / "plan.json")
    assert all((fault.column or "").startswith(str(place[0])) for fault in found)


def test_evidence_needs_the_budget_of_every_planning_year(base):
    plan = dataclasses.replace(base.plan, budget={y: b for y, b in base.plan.budget.items() if y != 2027})
    for kinds in (["leave_one_out"], ["frontier"]):
        (found,) = faults(lambda k=kinds: oc.gather_evidence(base.quickstart, plan, kinds=k))
        assert (found.column, found.message) == ("budget", "there is no budget for 2027, a planning year")


def test_messages_are_short_however_long_the_names(base, tmp_path):
    long = "x" * 40_000
    with pytest.raises(PlanError) as caught:
        insist_on_measures(base.quickstart, [long])
    path = tmp_path / "candidates.csv"
    row = f"{long},a,1,1,1\n"
    path.write_text("chain,cluster,strength,driving,technology\n" + row + row, encoding="utf-8")
    for fault in (*caught.value.faults(), *faults(lambda: oc.choose_chains(read_candidates(path), 1))):
        assert len(fault.message) < 200


@pytest.mark.parametrize("units", ["1e308", "2e15", "-1", "nan ", "x"])
def test_units_of_a_list_are_numbers_that_can_be_computed_with(units, base, tmp_path):
    measure = base.plan.choices[0].measure
    path = tmp_path / "choices.csv"
    path.write_text(f"measure,units,start_year\n{measure},{units},2026\n", encoding="utf-8")
    (found,) = faults(lambda: oc.evaluate(base.quickstart, read_choices(path)))
    assert (found.row, found.column) == (2, "units")


def test_a_plan_is_read_back_as_it_was_written(base):
    assert oc.load_plan(base.place / "plan.json").to_json() == base.plan.to_json()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"status": 1, "status": 2}', "twice in one object"),
        ("[" * 80 + "]" * 80, "levels deep"),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 10_000, "thousands of digits"),
        ('{"x": [1, NaN, -1e999]}', "finite number, got nan"),
        ("{" + "".join(f'"{k}": 0, ' for k in range(30_000)) + '"29999": 1}', "twice in one object"),
    ],
)
def test_a_plan_is_json_that_means_one_thing(text, says, tmp_path):
    (tmp_path / "plan.json").write_text(text, encoding="utf-8")
    for read in (oc.load_plan, oc.load_columns):
        assert says in faults(read, tmp_path / "plan.json")[0].message


def test_rows_of_lists_keep_their_numbers_and_none_is_cut(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("measure, start_year\n\nm, 2026\n\n\nn, 2027\n", encoding="utf-8")
    frame = read_choices(path)
    assert frame.index.tolist() == [3, 6]
    assert frame["start_year"].tolist() == ["2026", "2027"]
    path.write_text("measure,start_year\nm,2026,9\nn\n", encoding="utf-8")
    assert [(f.row, f.code) for f in faults(read_choices, path)] == [(2, "ragged-row"), (3, "ragged-row")]
    path.write_text("measure,measure,\nm,n,o\n", encoding="utf-8")
    assert [(f.row, f.code) for f in faults(read_choices, path)] == [
        (1, "duplicate-column"),
        (2, "unnamed-column"),
    ]


def test_a_table_of_what_happened_without_a_needed_column_is_one_fault(base, tmp_path):
    folder = tmp_path / "happened"
    folder.mkdir()
    (folder / "happenings.csv").write_text("happening,event\nflood,site:x\n,\n", encoding="utf-8")
    (folder / "losses.csv").write_text("chain,lost\npumps,1\n", encoding="utf-8")
    found = faults(oc.review, base.quickstart, base.plan, folder)
    assert [(f.file, f.row, f.column) for f in found] == [
        ("happenings.csv", 1, "date"),
        ("losses.csv", 1, "happening"),
    ]


def test_a_file_is_read_up_to_a_size(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_bytes(path, most=5) == b"12345"
    with pytest.raises(OSError, match="5 bytes, expected at most 4"):
        read_bytes(path, most=4)


def test_a_small_file_takes_little_memory(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    tracemalloc.start()
    try:
        read_bytes(path)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_what_a_library_says_of_a_broken_workbook_is_cut(base, tmp_path):
    """Some libraries repeat all bytes that they stumbled over."""
    whole = base.forms["north.xlsx"]
    broken, at = bytearray(whole), whole.index(b"xl/worksheets/sheet2.xml") - 30
    broken[at + 26 : at + 28] = (5_000).to_bytes(2, "little")  # how long the name of a part is
    path = tmp_path / "form.xlsx"
    path.write_bytes(broken)
    for read in (oc.read_submission, oc.load):
        (fault,) = faults(read, path)
        assert len(fault.message) < 300
