"""Every rule of the format refuses its own broken instance, at the right place, and nothing else besides."""

import json
from pathlib import Path

import pytest

import optichain as oc
from optichain.instance.raw import LISTED_PER_RULE

BAD = Path(__file__).parents[1] / "data" / "bad"
CASES = sorted(folder.name for folder in BAD.iterdir())


@pytest.mark.parametrize("case", CASES)
def test_every_fault_is_placed_and_nothing_only_follows_from_it(case):
    expected = json.loads((BAD / case / "expected.json").read_text(encoding="utf-8"))
    with pytest.raises(oc.InstanceError) as caught:
        oc.load(BAD / case)
    faults = caught.value.faults()
    found = sorted((f.file, f.row or 0, f.column or "", f.code) for f in faults)
    assert found == sorted((e["file"], e["row"] or 0, e["column"] or "", e["code"]) for e in expected)
    for entry in expected:
        same = [
            str(f)
            for f in faults
            if (f.file, f.row, f.column) == (entry["file"], entry["row"], entry["column"])
        ]
        assert any(entry["words"] in text for text in same), same
    assert caught.value.exit_status == 3
    assert all(f.message in str(caught.value) for f in faults)


def test_the_cases_cover_the_rules_of_the_format():
    codes = {e["code"] for case in CASES for e in json.loads((BAD / case / "expected.json").read_text())}
    assert len(CASES) > 120
    assert {
        "duplicate-key",
        "dangling-reference",
        "not-finite",
        "requires-cycle",
        "nothing-demanded",
    } <= codes


def test_many_faults_of_one_kind_are_counted_not_listed(tmp_path):
    for name in ("instance.toml", "chains.csv", "items.csv", "sites.csv", "demands.csv"):
        (tmp_path / name).write_text((BAD / "blank" / name).read_text().replace("pump,,1", "pump,5,1"))
    rows = "".join(f"S1,pump-{k},{k}x,\n" for k in range(5000))
    sources = (BAD / "blank" / "sources.csv").read_text()
    (tmp_path / "sources.csv").write_text(sources + rows)
    with pytest.raises(oc.InstanceError) as caught:
        oc.load(tmp_path)
    faults = caught.value.faults()
    by_column = [[f for f in faults if f.column == column] for column in ("capacity", "item")]
    for listed in by_column:
        assert len(listed) == LISTED_PER_RULE + 1
        assert listed[0].row is None
        assert str(5000 - LISTED_PER_RULE) in listed[0].message
    assert by_column[0][1].row == 6
    assert len(faults) == 2 * (LISTED_PER_RULE + 1)
