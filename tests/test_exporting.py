"""Results as data frames and as workbooks say the same as the JSON of the command line."""

import json

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

import optichain as oc
from optichain.cli.root import root
from optichain.errors import UsageError
from optichain.shipped import locate


@pytest.fixture(scope="module")
def instance():
    return oc.load(locate("quickstart"))


@pytest.fixture(scope="module")
def plan(instance):
    return oc.reinforce(instance)


def call(*words):
    return CliRunner().invoke(root, [str(word) for word in words], prog_name="optichain")


def sheets(path):
    """Every sheet as a list of rows by header."""
    book = openpyxl.load_workbook(path)
    found = {}
    for sheet in book:
        head, *rows = list(sheet.iter_rows(values_only=True))
        found[sheet.title] = [dict(zip(head, row, strict=True)) for row in rows]
    return found


def test_a_plan_as_frames(plan):
    frames = oc.to_frames(plan)
    figures = frames["summary"].set_index("figure")["value"]
    assert figures["acc_after"] == plan.acc_after
    assert frames["policies.measures"].to_dict("records") == plan.measures.to_dict("records")
    spend = frames["spend"].astype({"key": int}).set_index("key")["value"]
    assert spend.to_dict() == pytest.approx(dict(plan.spend))


def test_lists_within_lists_keep_what_they_belong_to():
    document = {
        "best": None,
        "points": [
            {
                "budget": 4,
                "measures": [{"measure": "a"}, {"measure": "b"}],
                "by": {"x": {"n": 1}, "y": {"n": 2}},
            },
            {"budget": 8, "measures": [], "by": {}},
        ],
        "attack": [{"kind": "site", "element": "F"}, {"kind": "item", "element": "seal"}],
        "span": [0.25, 0.5],
        "nested": {"key": {"inner": {"a": 1, "b": {"c": 2}}}},
    }
    frames = oc.to_frames(document)
    assert frames["points"]["budget"].tolist() == [4, 8]
    assert frames["points.measures"].to_dict("records") == [
        {"budget": 4, "measure": "a"},
        {"budget": 4, "measure": "b"},
    ]
    assert frames["points.by"].to_dict("records") == [
        {"budget": 4, "key": "x", "n": 1},
        {"budget": 4, "key": "y", "n": 2},
    ]
    figures = frames["summary"].set_index("figure")["value"].dropna().to_dict()
    assert figures == {"attack": "site:F; item:seal", "span": "0.25; 0.5"}
    assert frames["nested.inner"].to_dict("records")[0]["key 2"] == "a"


@pytest.mark.parametrize(
    ("words", "sheet", "column"),
    [
        (("stress", "quickstart"), "events", "lost"),
        (("spof", "quickstart"), "spofs", "element"),
        (("cuts", "quickstart", "--order", "2"), "cut_sets", "probability"),
        (("check", "guangdong-100"), "assumptions", "message"),
        (("exposure", "quickstart"), "elements", "time_to_survive"),
    ],
)
def test_every_result_can_be_a_workbook_with_the_numbers_of_the_json(tmp_path, words, sheet, column):
    book = tmp_path / "r.xlsx"
    done = call(*words, "-o", book, "--json")
    assert done.exit_code == 0
    listed = json.loads(done.stdout)[sheet]
    shown, said = [row[column] for row in sheets(book)[sheet]], [row[column] for row in listed]
    assert [cell is None for cell in shown] == [cell is None for cell in said]
    for cell, number in zip(shown, said, strict=True):  # Excel keeps fifteen digits
        assert cell == (pytest.approx(number, rel=1e-14) if isinstance(number, float) else number)
    assert len(listed) > 2


def test_text_is_never_a_formula_and_infinity_is_blank(tmp_path):
    frame = pd.DataFrame({"name": ["=1+1", "http://x"], "value": [float("inf"), 2.5], "flag": [True, False]})
    oc.export({"a list with a very long name: more than 31": frame}, tmp_path / "r.xlsx")
    (rows,) = sheets(tmp_path / "r.xlsx").values()
    assert rows == [
        {"name": "=1+1", "value": None, "flag": True},
        {"name": "http://x", "value": 2.5, "flag": False},
    ]
    (sheet,) = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert sheet["A2"].data_type == "s"
    assert len(sheet.title) <= 31


def test_what_cannot_be_exported_is_refused(tmp_path, plan):
    with pytest.raises(UsageError, match=r"ends in \.xlsx"):
        oc.export(plan, tmp_path / "r.ods")
    with pytest.raises(UsageError, match="no lists"):
        oc.to_frames([1, 2])
    done = call("solve", "quickstart", "-o", tmp_path / "plan.xlsx")
    assert done.exit_code == 2
    assert "--report" in done.stderr
    assert not (tmp_path / "plan.xlsx").exists()
