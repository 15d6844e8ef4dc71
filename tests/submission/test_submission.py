"""The chain owner's workbook: out of an instance, through a spreadsheet, and back."""

import json

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner

import optichain as oc
from optichain.errors import UsageError
from optichain.submission.form import CHAIN, FORM
from optichain.submission.prefill import prefill
from optichain.submission.write_form import write_form

CELLS = {
    "链 Chain": {
        "C2": "pumps",
        "C7": "North Pumps",
        "C8": "91440000A",
        "C9": "Office of North Pumps",
        "C10": "pump",
        "C13": 520,
        "C14": 0.5,
    },
    "环节 Items": [
        ["casting", "铸件", "pc", None, 2, None, None, None, 3, "true 是"],
        ["forging", "锻件", None, None, 2, "casting", "潜在", 6],
        ["steel", "钢", "kg", "casting", 5, None, None, None, None, "否", "C", "from a brochure"],
    ],
    "供应商 Suppliers": [
        ["pump", "North Pumps", "91440000A", "works", "Foshan", "China", None, 600],
        [
            "casting",
            "River Castings",
            "91440000B",
            None,
            None,
            "China",
            80,
            None,
            "在用",
            None,
            20,
            0.05,
            "是",
        ],
        ["casting", "Hill Castings", None, None, None, None, 20, None, "potential 潜在", 3],
        ["forging", "Forge", None, None, None, None, None, 1040],
        [
            "steel",
            "unknown",
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            "C 推测",
        ],
    ],
    "措施 Measures": [
        [
            "hill",
            "Qualify Hill",
            "认证",
            "second_source 第二来源",
            "认证替代来源",
            "casting",
            "Hill Castings",
            None,
            3,
        ],
        ["forging", "Approve the forging", None, None, "qualify", "forging", None, None, 2, 1],
        ["stock", "Stock", None, "库存", "stockpile 建立储备", "casting", None, 2, 1],
        ["stock", None, None, None, "harden 加固", None, "works", 40],
        ["twin", "Twin", None, "digital", "switch", None, None, 1, 4],
    ],
}


def fill(place, cells):
    book = openpyxl.load_workbook(place)
    for name, content in cells.items():
        if isinstance(content, dict):
            for cell, value in content.items():
                book[name][cell] = value
        else:
            for row, values in enumerate(content, start=2):
                for column, value in enumerate(values, start=1):
                    book[name].cell(row, column, value)
    book.save(place)


@pytest.fixture
def book(tmp_path):
    write_form(tmp_path / "w.xlsx")
    fill(tmp_path / "w.xlsx", CELLS)
    return tmp_path / "w.xlsx"


def faults(book):
    with pytest.raises(oc.InstanceError) as caught:
        oc.read_submission(book)
    return {(fault.cell, fault.code) for fault in caught.value.faults()}


def test_the_workbook_speaks_both_languages_and_offers_words(tmp_path):
    write_form(tmp_path / "w.xlsx")
    book = openpyxl.load_workbook(tmp_path / "w.xlsx")
    assert book.sheetnames == ["说明 Guide", CHAIN.title, *(form.title for form in FORM.values())]
    for form in FORM.values():
        sheet = book[form.title]
        for cell, column in zip(sheet[1], form.table.columns, strict=True):
            label, text = form.zh[column.name]
            assert cell.value == f"{column.name} {label}"
            assert text in cell.comment.text
            assert column.description in cell.comment.text
    sheet = book["供应商 Suppliers"]
    lists = {str(v.sqref).split(":")[0]: v.formula1 for v in sheet.data_validations.dataValidation}
    assert lists["I2"] == '"active 在用,qualified 已认证,potential 潜在"'
    assert lists["A2"] == "'环节 Items'!$A$2:$A$201"


def test_a_filled_workbook_is_an_instance(book):
    found = oc.read_submission(book)
    assert found["demands"][["rate", "value"]].to_numpy().tolist() == [[10.0, 0.5]]
    bom = found["bom"].set_index("input")
    assert bom["item"].to_dict() == {"casting": "pump", "forging": "pump", "steel": "casting"}
    assert bom["requirement"].to_dict() == {"casting": "casting", "forging": "casting", "steel": None}
    assert bom["status"].to_dict() == {"casting": "active", "forging": "potential", "steel": "active"}
    assert bom.loc["forging", "switch_time"] == pytest.approx(26.0)  # six months
    sources = found["sources"].set_index("source")
    assert sources["capacity"].to_dict() == pytest.approx(
        {
            "works:pump": 600 / 52,
            "River Castings:casting": np.nan,
            "Hill Castings:casting": np.nan,
            "Forge:forging": 20.0,
            "unknown:steel": np.nan,
        },
        nan_ok=True,
    )
    assert sources.loc["River Castings:casting", "share"] == 0.8
    assert sources.loc["Hill Castings:casting", "switch_time"] == pytest.approx(13.0)
    assert sources.loc["River Castings:casting", "own_ip"] == "yes"
    assert found["stocks"][["item", "cover"]].to_numpy().tolist() == [["casting", 3.0]]
    assert found["items"].loc[~found["items"]["mapped"], "item"].tolist() == ["steel"]
    site = found["sites"].set_index("site").loc["works"]
    assert (site["enterprise"], site["x_enterprise_code"]) == ("North Pumps", "91440000A")


def test_measures_say_what_they_do_in_the_units_of_the_workbook(book):
    found = oc.read_submission(book)
    effects = found["effects"][["measure", "effect", "target", "amount"]].fillna(-1.0)
    assert effects.to_numpy().tolist() == [
        ["hill", "qualify", "Hill Castings:casting", -1.0],
        ["forging", "qualify", "pump>forging", -1.0],
        ["stock", "stockpile", "casting", 40.0],  # two weeks of 10 pumps with 2 castings
        ["stock", "harden", "site:works", 0.4],
        ["twin", "switch", "chain:pumps", 1.0],
    ]
    measures = found["measures"].set_index("measure")
    assert measures["cost_1"].to_dict() == {"hill": 3.0, "forging": 2.0, "stock": 1.0, "twin": 4.0}
    assert measures.loc["hill", ["kind", "title_zh"]].tolist() == ["second_source", "认证"]


def test_who_says_so_and_how_well_it_is_known_stand_in_every_row(book):
    found = oc.read_submission(book)
    for frame in found.tables.values():
        assert set(frame["submitted_by"]) <= {"Office of North Pumps"}
        assert frame["grade"].notna().all()
    assert found["items"].set_index("item")["grade"].to_dict()["steel"] == "C"
    assert found["items"].set_index("item")["note"].to_dict()["steel"] == "from a brochure"
    guessed = [a.message for a in oc.check(_written(found, book)).assumptions if a.code == "guessed"]
    assert "'steel' is guessed by Office of North Pumps: from a brochure" in guessed


def _written(instance, beside):
    oc.write(instance, beside.parent / "instance")
    return beside.parent / "instance"


@pytest.mark.parametrize(
    ("cell", "value", "where", "code"),
    [
        (("供应商 Suppliers", "I3"), "asleep", "'供应商 Suppliers'!I3", "not-a-choice"),
        (("供应商 Suppliers", "G3"), 120, "'供应商 Suppliers'!G3", "out-of-range"),
        (("供应商 Suppliers", "A4"), "castling", "'供应商 Suppliers'!A4", "dangling-reference"),
        (("供应商 Suppliers", "B6"), None, "'供应商 Suppliers'!B6", "missing-value"),
        (("供应商 Suppliers", "H3"), "=1/0", "'供应商 Suppliers'!H3", "not-a-number"),
        (("环节 Items", "D4"), "castling", "'环节 Items'!D4", "dangling-reference"),
        (("环节 Items", "F3"), "steel", "'环节 Items'!F3", "dangling-reference"),
        (("环节 Items", "A2"), "pump", "'环节 Items'!A2", "duplicate-key"),
        (("环节 Items", "A4"), "iron", "'环节 Items'!A4", "no-source"),
        (("环节 Items", "A1"), "thing", "'环节 Items'!A1", "unknown-column"),
        (("链 Chain", "C13"), "many", "'链 Chain'!C13", "not-a-number"),
        (("链 Chain", "C13"), None, "'链 Chain'!C13", "missing-value"),
        (("链 Chain", "C10"), "pomp", "'链 Chain'!C10", "no-source"),
        (("链 Chain", "A9"), "submitted", "'链 Chain'!A9", "unknown-key"),
        (("措施 Measures", "G2"), "Hil", "'措施 Measures'!G2", "dangling-reference"),
        (("措施 Measures", "G2"), None, "'措施 Measures'!G2", "missing-value"),
        (("措施 Measures", "I2"), None, "'措施 Measures'!I2", "missing-value"),
        (("措施 Measures", "G2"), "River Castings", "'措施 Measures'!F2", "not-potential"),
    ],
)
def test_every_fault_points_to_its_cell(book, cell, value, where, code):
    opened = openpyxl.load_workbook(book)
    opened[cell[0]][cell[1]] = value
    opened.save(book)
    assert (where, code) in faults(book)


def test_two_descriptions_of_one_plant_are_a_fault(book):
    opened = openpyxl.load_workbook(book)
    for column, value in enumerate(["steel", "River Castings", "91440000Z", None, None, "Japan"], start=1):
        opened["供应商 Suppliers"].cell(7, column, value)
    opened.save(book)
    assert faults(book) == {
        ("'供应商 Suppliers'!C7", "conflicting-value"),
        ("'供应商 Suppliers'!F7", "conflicting-value"),
    }


def test_what_is_no_such_workbook_is_refused(tmp_path):
    oc.write(oc.load("instances/quickstart"), tmp_path / "i.xlsx")
    with pytest.raises(oc.InstanceError, match="the sheet '链 Chain' is missing"):
        oc.read_submission(tmp_path / "i.xlsx")
    (tmp_path / "x.xlsx").write_text("no")
    with pytest.raises(oc.InstanceError, match="not a workbook"):
        oc.read_submission(tmp_path / "x.xlsx")


def test_the_quickstart_goes_out_and_comes_back(tmp_path, checkout):
    """The pump chain on its own is worth what the shipped README works out: ACC 0.818510, 15.1 lost a year."""
    instance = oc.load(checkout / "instances" / "quickstart")
    head, rows, left = prefill(instance, "pumps")
    assert left == []
    write_form(tmp_path / "w.xlsx", chain={**head, "submitted_by": "Nanhai Pump"}, rows=rows)
    back = oc.read_submission(tmp_path / "w.xlsx")
    found = oc.resilience(back)
    assert found.acc == pytest.approx(6.81 / 8.32)
    assert found.expected_annual_loss == pytest.approx(0.02 * 40 + 0.05 * 110 + 0.04 * 220)
    before, after = instance["effects"].set_index("measure"), back["effects"].set_index("measure")
    assert after.loc["seal-stock", "amount"] == before.loc["seal-stock", "amount"]
    assert after.loc["second-foundry", "target"] == before.loc["second-foundry", "target"]


def test_what_is_held_of_a_substitute_that_is_merely_possible_comes_back(book, tmp_path):
    """Nothing is needed of it yet, so that no weeks can be worked out of a quantity: what was said is kept, or named."""
    fill(book, {"环节 Items": {"I3": 3}})
    instance = oc.read_submission(book)
    head, rows, left = prefill(instance, "pumps")
    assert left == []
    assert head["owner_code"] == "91440000A"
    write_form(tmp_path / "again.xlsx", chain={**head, "submitted_by": "A"}, rows=rows)
    stocks = oc.read_submission(tmp_path / "again.xlsx")["stocks"]
    assert dict(zip(stocks["item"], stocks["cover"], strict=True)) == {"casting": 3.0, "forging": 3.0}
    pieces = instance["stocks"].assign(quantity=[np.nan, 40.0], cover=[3.0, np.nan])
    assert (
        "what is held of 'forging', of which nothing is needed yet"
        in prefill(instance.replace(stocks=pieces), "pumps")[2]
    )


def test_a_name_in_a_message_is_cut(book):
    fill(book, {"环节 Items": {"D4": "9" * 10_000}})
    with pytest.raises(oc.InstanceError) as caught:
        oc.read_submission(book)
    (fault,) = [fault for fault in caught.value.faults() if fault.code == "dangling-reference"]
    assert len(fault.message) < 200


def test_a_chain_of_the_province_goes_out_and_comes_back(tmp_path, checkout):
    instance = oc.load(checkout / "instances" / "guangdong-100")
    head, rows, left = prefill(instance, "smartphones")
    write_form(tmp_path / "w.xlsx", chain={**head, "submitted_by": "A"}, rows=rows)
    back = oc.read_submission(tmp_path / "w.xlsx")
    inside = set(back["items"]["item"])
    for name, key in (("bom", ["item", "input"]), ("sources", ["source"])):
        columns = [*key, "status", "switch_time"]
        was, now = instance[name][columns], back[name][columns]
        was = was[was["item" if name == "bom" else "source"].isin(now["item" if name == "bom" else "source"])]
        was, now = was.set_index(key).sort_index(), now.set_index(key).sort_index()
        assert was.index.tolist() == now.index.tolist()
        assert now["status"].tolist() == was["status"].tolist()
        assert now["switch_time"].to_numpy() == pytest.approx(was["switch_time"].to_numpy())
    cover = back["stocks"].set_index("item")["cover"]
    assert cover.to_numpy() == pytest.approx(instance["stocks"].set_index("item").loc[cover.index, "cover"])
    assert (instance["bom"]["requirement"].notna() & instance["bom"]["item"].isin(inside)).any()
    assert back["bom"]["requirement"].notna().any()
    assert all(words for words in left)


def test_what_cannot_be_asked_is_refused(checkout):
    instance = oc.load(checkout / "instances" / "quickstart")
    with pytest.raises(UsageError, match="did you mean 'pumps'"):
        prefill(instance, "pump")


def test_check_and_merge_take_a_filled_workbook_as_it_is(tmp_path, book):
    from optichain.cli.root import root

    def call(*words):
        return CliRunner().invoke(root, [str(word) for word in words], prog_name="optichain")

    found = json.loads(call("check", book, "--json").stdout)
    assert found["ok"]
    assert [a["code"] for a in found["assumptions"]].count("guessed") >= 2
    done = call("merge", book, "quickstart", "-o", tmp_path / "out", "--json")
    assert {row["submitted_by"] for row in json.loads(done.stdout)["submissions"]} == {
        "Office of North Pumps",
        "quickstart",
    }
    opened = openpyxl.load_workbook(book)
    opened["链 Chain"]["C13"] = "many"
    opened.save(book)
    done = call("check", book, "--json")
    assert done.exit_code == 3
    assert [error["cell"] for error in json.loads(done.stdout)["errors"]] == ["'链 Chain'!C13"]
    write_form(tmp_path / "blank.xlsx")
    done = call("merge", book, tmp_path / "blank.xlsx", "-o", tmp_path / "out", "--json")
    assert done.exit_code == 3
    cells = {error["cell"] for error in json.loads(done.stdout)["errors"]}
    assert f"{book}: '链 Chain'!C13" in cells
    assert f"{tmp_path / 'blank.xlsx'}: '链 Chain'!C9" in cells


def test_the_commands(tmp_path, book):
    from optichain.cli.root import root

    def call(*words):
        return CliRunner().invoke(root, [str(word) for word in words], prog_name="optichain")

    done = call("workbook", tmp_path / "q.xlsx", "--from", "quickstart", "--chain", "pumps", "--json")
    assert json.loads(done.stdout)["rows"] == {"items": 2, "suppliers": 4, "measures": 2}
    assert call("workbook", tmp_path / "q.xlsx", "--chain", "pumps").exit_code == 2
    assert call("workbook", tmp_path / "q.csv").exit_code == 2
    done = call("submission", book, "-o", tmp_path / "out", "--json")
    found = json.loads(done.stdout)
    assert found["submitted_by"] == "Office of North Pumps"
    assert oc.load(tmp_path / "out").digest == found["digest"]
    done = call("submission", tmp_path / "q.xlsx", "--json")
    assert done.exit_code == 3
    assert [error["cell"] for error in json.loads(done.stdout)["errors"]] == ["'链 Chain'!C9"]


def test_a_workbook_is_never_written_over_another(tmp_path):
    place = tmp_path / "w.xlsx"
    write_form(place)
    filled = place.read_bytes()
    with pytest.raises(oc.OptichainError, match="there is a file of that name"):
        write_form(place)
    assert place.read_bytes() == filled
