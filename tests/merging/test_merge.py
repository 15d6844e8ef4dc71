"""Two chain owners who share a foundry: what they agree on is one thing, what they do not is a question."""

import csv
import json

import numpy as np
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

import optichain as oc
from optichain.errors import UsageError
from optichain.merging.decisions import DecisionError, Question, read_decisions, write_decisions
from optichain.merging.likeness import likely_pairs
from optichain.merging.renaming import rename

NORTH = {
    "chains": [{"chain": "pumps"}],
    "chain_owners": [{"chain": "pumps", "enterprise": "North Pumps"}],
    "items": [{"item": "pump", "chain": "pumps"}, {"item": "casting", "unit": "pc"}],
    "sites": [
        {"site": "N", "enterprise": "North Pumps"},
        {
            "site": "F",
            "enterprise": "River Castings Ltd",
            "x_enterprise_code": "91A",
            "recovery_time": 20.0,
            "grade": "B",
        },
        {"site": "Hill Castings", "enterprise": "Hill Castings"},
    ],
    "sources": [
        {"site": "N", "item": "pump", "capacity": 10.0},
        {"site": "F", "item": "casting", "capacity": 100.0, "grade": "B"},
        {"site": "Hill Castings", "item": "casting", "capacity": 5.0, "status": "potential"},
    ],
    "bom": [{"item": "pump", "input": "casting", "quantity": 1.0}],
    "stocks": [{"item": "casting", "cover": 2.0}],
    "demands": [{"item": "pump", "rate": 10.0, "value": 1.0}],
    "measures": [{"measure": "second", "chain": "pumps", "title": "Hill", "cost_1": 1.0}],
    "effects": [{"measure": "second", "effect": "qualify", "target": "Hill Castings:casting"}],
}
SOUTH = {
    "chains": [{"chain": "fans"}],
    "chain_owners": [{"chain": "fans", "enterprise": "South Fans"}],
    "items": [{"item": "fan", "chain": "fans"}, {"item": "casting"}, {"item": "castings"}],
    "sites": [
        {"site": "S", "enterprise": "South Fans"},
        {
            "site": "F",
            "enterprise": "Beijiang Foundry",
            "x_enterprise_code": "91a",
            "recovery_time": 26.0,
            "region": "Qingyuan",
            "grade": "A",
        },
        {"site": "Hill Casting Co", "enterprise": "Hill Casting Co"},
    ],
    "sources": [
        {"site": "S", "item": "fan", "capacity": 4.0},
        {"site": "F", "item": "casting", "capacity": 80.0, "grade": "C", "note": "from a catalogue"},
        {"site": "Hill Casting Co", "item": "castings", "capacity": 3.0, "status": "potential"},
        {"site": "F", "item": "castings", "capacity": 9.0},
    ],
    "bom": [
        {"item": "fan", "input": "casting", "quantity": 2.0},
        {"item": "fan", "input": "castings", "quantity": 1.0},
    ],
    "stocks": [{"item": "casting", "quantity": 30.0}],
    "demands": [{"item": "fan", "rate": 4.0, "value": 1.0}],
    "measures": [{"measure": "second", "chain": "fans", "title": "Hill too", "cost_1": 2.0}],
    "effects": [{"measure": "second", "effect": "qualify", "target": "Hill Casting Co:castings"}],
}


def instance(tables, who, **settings):
    frames = {name: pd.DataFrame(rows).assign(submitted_by=who) for name, rows in tables.items()}
    return oc.Instance.from_frames(frames, {"name": who, **settings})


@pytest.fixture
def places(tmp_path):
    oc.write(instance(NORTH, "North"), tmp_path / "north")
    oc.write(instance(SOUTH, "South"), tmp_path / "south.xlsx")
    return [tmp_path / "north", tmp_path / "south.xlsx"]


def question(found, **wanted):
    (one,) = [q for q in found.questions if all(getattr(q, name) == value for name, value in wanted.items())]
    return one


def test_the_same_code_is_the_same_enterprise(places):
    found = oc.merge(places)
    assert list(found.joined) == [{"code": "91A", "names": ["River Castings Ltd", "Beijiang Foundry"]}]
    sites = found.instance["sites"].set_index("site")
    assert sites.loc["F", "enterprise"] == "River Castings Ltd"
    assert sites.loc["F", "region"] == "Qingyuan"  # only one of the two says it
    assert len(sites) == 5


def test_conflicts_show_both_values_and_the_better_grade_holds(places):
    found = oc.merge(places)
    asked = question(found, what="sites", key="F", column="recovery_time")
    assert (asked.first, asked.first_by, asked.first_grade) == ("20", "North", "B")
    assert (asked.second, asked.second_by, asked.second_grade, asked.kept) == ("26", "South", "A", "second")
    assert question(found, what="sources", key="F:casting", column="capacity").kept == "first"
    sites, sources = found.instance["sites"].set_index("site"), found.instance["sources"].set_index("source")
    assert (sites.loc["F", "recovery_time"], sites.loc["F", "grade"]) == (26.0, "A")
    assert (sources.loc["F:casting", "capacity"], sources.loc["F:casting", "grade"]) == (100.0, "B")
    assert sources.loc["F:casting", "submitted_by"] == "North; South"
    assert sources.loc["F:casting", "note"] == "from a catalogue"
    assert sources.loc["F:casting", "x_conflict"] == ("capacity: 100 (North, B) ≠ 80 (South, C) → 100?")


def test_contradictions_and_guesses_reach_the_assumptions(places, tmp_path):
    oc.write(oc.merge(places).instance, tmp_path / "out")
    said = [(a.file, a.code) for a in oc.check(tmp_path / "out").assumptions]
    assert said.count(("sources.csv", "contradicted")) == 1
    assert said.count(("sites.csv", "contradicted")) == 1
    assert said.count(("stocks.csv", "contradicted")) == 1


def test_a_quantity_and_a_cover_of_one_stock_contradict_each_other(places):
    found = oc.merge(places)
    asked = question(found, what="stocks")
    assert (asked.column, asked.first, asked.second) == ("quantity or cover", "cover 2", "quantity 30")
    stock = found.instance["stocks"].iloc[0]
    assert (stock["cover"], np.isnan(stock["quantity"])) == (2.0, True)


def test_near_names_are_asked_about_and_nothing_is_assumed(places):
    found = oc.merge(places)
    asked = {(q.what, q.first, q.second) for q in found.undecided if q.ask == "name"}
    assert asked == {
        ("enterprise", "Hill Castings", "Hill Casting Co"),
        ("site", "Hill Castings", "Hill Casting Co"),
    }
    assert {"Hill Castings", "Hill Casting Co"} <= set(found.instance["sites"]["enterprise"])


def test_measures_of_two_chains_with_one_name_stay_two(places):
    found = oc.merge(places).instance
    measures = found["measures"].set_index("measure")
    assert measures["cost_1"].to_dict() == {"second": 1.0, "fans/second": 2.0}
    assert found["effects"].set_index("measure")["target"].to_dict() == {
        "second": "Hill Castings:casting",
        "fans/second": "Hill Casting Co:castings",
    }


def decide(places, tmp_path, answers):
    """Answer questions in the file, as a person would, and merge again."""
    file = tmp_path / "decisions.csv"
    file.write_text(write_decisions(oc.merge(places).questions), encoding="utf-8")
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        row["decision"] = answers.get((row["what"], row["column"], row["second"]), "")
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return oc.merge(places, decisions=file), file


def test_decisions_are_edited_and_given_back(places, tmp_path):
    found, file = decide(
        places,
        tmp_path,
        {
            ("enterprise", "", "Hill Casting Co"): "same",
            ("sources", "capacity", "80"): "sum",
            ("sites", "recovery_time", "26"): "first",
            ("stocks", "quantity or cover", "quantity 30"): "second",
        },
    )
    sites, sources = found.instance["sites"].set_index("site"), found.instance["sources"].set_index("source")
    assert set(sites.index) == {"N", "F", "Hill Castings", "S"}  # the plain site goes with its enterprise
    assert sources.index.tolist().count("Hill Castings:castings") == 1
    assert found.instance["effects"]["target"].tolist()[1] == "Hill Castings:castings"
    assert sources.loc["F:casting", "capacity"] == 180.0
    assert sites.loc["F", "recovery_time"] == 20.0
    assert sites.loc["F", "x_conflict"].endswith("≠ 26 (South, A) → 20")
    assert found.instance["stocks"]["quantity"].tolist() == [30.0]
    assert found.undecided == ()
    # what was decided stays in the file
    file.write_text(write_decisions(found.questions), encoding="utf-8")
    again = oc.merge(places, decisions=file)
    assert again.instance == found.instance
    assert sorted(q.identity for q in again.questions) == sorted(q.identity for q in found.questions)


def test_an_answer_to_values_that_have_changed_since_is_asked_again(places, tmp_path):
    _, file = decide(places, tmp_path, {("sources", "capacity", "80"): "second"})
    changed = {**SOUTH, "sources": [{**row} for row in SOUTH["sources"]]}
    changed["sources"][1]["capacity"] = 85.0
    oc.write(instance(changed, "South"), places[1])
    found = oc.merge(places, decisions=file)
    assert question(found, what="sources", column="capacity").second == "85"
    assert question(found, what="sources", column="capacity").decision == ""


def test_different_codes_keep_enterprises_of_one_name_apart(places, tmp_path):
    third = {
        name: [dict(row) for row in rows]
        for name, rows in NORTH.items()
        if name not in ("measures", "effects")
    }
    third["chains"][0]["chain"] = third["chain_owners"][0]["chain"] = third["items"][0]["chain"] = "valves"
    third["items"][0]["item"] = third["sources"][0]["item"] = third["bom"][0]["item"] = "valve"
    third["demands"][0]["item"] = "valve"
    third["sites"][0]["site"] = third["sources"][0]["site"] = "W"
    third["sites"][1] |= {"site": "G", "x_enterprise_code": "92Z"}
    third["sources"][1]["site"] = "G"
    oc.write(instance(third, "West"), tmp_path / "west.json")
    sites = oc.merge([*places, tmp_path / "west.json"]).instance["sites"].set_index("site")
    assert sites.loc["F", "enterprise"] == "River Castings Ltd"
    assert sites.loc["G", "enterprise"] == "River Castings Ltd (92Z)"


def test_one_name_with_two_codes_in_one_submission_is_two_enterprises(places):
    tables = {**NORTH, "sites": [dict(row) for row in NORTH["sites"]]}
    tables["sites"][2] |= {"enterprise": "River Castings Ltd", "x_enterprise_code": "95X"}
    oc.write(instance(tables, "North"), places[0])
    sites = oc.merge(places).instance["sites"].set_index("site")
    assert sites.loc["F", "enterprise"] == "River Castings Ltd"
    assert sites.loc["Hill Castings", "enterprise"] == "River Castings Ltd (95X)"


def test_merging_one_submission_changes_nothing(places):
    found = oc.merge(places[:1])
    assert found.instance == oc.load(places[0])
    assert found.questions == ()


def test_an_input_under_two_requirements_stays_two_rows(tmp_path):
    """A pump needs a casting as body and another as lid; a second submission lists them the other way round."""
    body, lid = (
        {"item": "pump", "input": "casting", "requirement": name, "quantity": quantity}
        for name, quantity in (("body", 2.0), ("lid", 1.0))
    )
    both = [instance({**NORTH, "bom": rows}, "North") for rows in ([body, lid], [lid, body])]
    for parts in (both[:1], both):
        found = oc.merge(parts)
        assert found.questions == ()
        bom = found.instance["bom"].set_index("requirement")["quantity"]
        assert bom.to_dict() == {"body": 2.0, "lid": 1.0}
    (other,) = oc.merge(
        [both[0], instance({**NORTH, "bom": [body, {**lid, "quantity": 3.0}]}, "South")]
    ).undecided
    assert (other.key, other.first, other.second) == ("pump casting 2", "1", "3")


def test_networks_without_enterprises_are_merged(tmp_path):
    bare = {name: NORTH[name] for name in ("chains", "items", "sources", "bom", "demands")}
    bare["sites"] = [{"site": site["site"]} for site in NORTH["sites"]]
    assert oc.merge([instance(bare, "North")]).questions == ()


def test_what_the_merged_network_loses_is_what_the_parts_lose(tmp_path, checkout):
    """Quickstart's two chains share nothing but a town: apart and merged again they are quickstart."""
    whole = oc.load(checkout / "instances" / "quickstart")
    places = []
    for chain in ("pumps", "valves"):
        items = whole["items"][whole["items"]["chain"] == chain]["item"]
        of_chain = {
            name: whole[name][whole[name]["item"].isin(items)]
            for name in ("items", "sources", "bom", "stocks", "demands")
        }
        of_chain |= {
            name: whole[name][whole[name]["chain"] == chain]
            for name in ("chains", "chain_owners", "measures")
        }
        of_chain["sites"] = whole["sites"][whole["sites"]["site"].isin(of_chain["sources"]["site"])]
        of_chain["effects"] = whole["effects"][
            whole["effects"]["measure"].isin(of_chain["measures"]["measure"])
        ]
        part = oc.Instance.from_frames(of_chain, whole.settings)
        oc.write(part, tmp_path / chain)
        places.append(tmp_path / chain)
    merged = oc.merge(places)
    assert merged.questions == ()
    assert oc.resilience(merged.instance).acc == pytest.approx(oc.resilience(whole).acc)
    assert oc.reinforce(merged.instance).objective == pytest.approx(0.893229, abs=1e-6)


def test_units_must_agree(places, tmp_path):
    oc.write(instance(SOUTH, "South", currency="EUR"), tmp_path / "euro")
    with pytest.raises(UsageError, match="differ in currency"):
        oc.merge([places[0], tmp_path / "euro"])


def test_faults_name_the_submission(places, tmp_path):
    (places[0] / "bom.csv").write_text("item,input,quantity\npump,castling,1\n")
    with pytest.raises(oc.InstanceError) as caught:
        oc.merge(places)
    (fault,) = caught.value.faults()
    assert (fault.file, fault.row) == (f"{places[0]}: bom.csv", 2)
    (places[0] / "bom.csv").write_text("item,input,quantity\npump,casting,1\n")
    opened = openpyxl.load_workbook(places[1])
    header = [cell.value for cell in opened["demands"][1]]
    opened["demands"].cell(2, 1 + header.index("rate"), "many")
    opened.save(places[1])
    with pytest.raises(oc.InstanceError, match=r"south\.xlsx: demands!"):
        oc.merge(places)


def test_what_does_not_fit_together_names_the_row_of_a_submission(places, tmp_path):
    """One submission weighs its chain, the other does not."""
    tables = {**NORTH, "chains": [{"chain": "pumps", "weight": 3.0}]}
    oc.write(instance(tables, "North"), places[0])
    with pytest.raises(oc.InstanceError) as caught:
        oc.merge(places)
    (fault,) = caught.value.faults()
    assert (fault.file, fault.row, fault.column) == (f"{places[1]}: chains", 2, "weight")


def test_lanes_in_one_submission_only_are_remarked(places):
    tables = {
        **NORTH,
        "stocks": [],
        "lanes": [{"item": "casting", "from_site": "F", "to_site": "N"}],
    }
    del tables["stocks"]
    oc.write(instance(tables, "North"), places[0])
    del (south := {**SOUTH})["stocks"]
    oc.write(instance(south, "South"), places[1])
    (remark,) = oc.merge(places).remarks
    assert remark.startswith("'casting' moves on lanes according to North and is pooled according to South")


def test_names_are_alike_but_for_their_legal_form_and_not_for_their_numbers():
    assert likely_pairs(["南海泵业有限公司", "南海泵业股份有限公司"])[0][2] == 1.0
    assert likely_pairs(["Works 1", "Works 2", "Works 11"]) == []
    assert likely_pairs(["alpha", "omega"]) == []


def test_renaming_reaches_every_text():
    tables = {
        **NORTH,
        "bom": [{"item": "pump", "input": "casting", "quantity": 1.0, "source": "N:pump"}],
        "lanes": [
            {"item": "casting", "from_site": "F", "to_site": "N"},
            {"item": "casting", "from_site": "Hill Castings", "to_site": "N"},
        ],
        "stocks": [{"item": "casting", "site": "N", "cover": 2.0}],
        "elements": [{"kind": "enterprise", "target": "Hill Castings", "recovery_time": 3.0}],
        "events": [{"event": "e", "annual_probability": 0.1}],
        "hits": [
            {"event": "e", "kind": "site", "target": "F"},
            {"event": "e", "kind": "item", "target": "casting"},
        ],
        "measures": [{"measure": f"m{k}", "chain": "pumps", "title": "t", "cost_1": 1.0} for k in range(5)],
        "effects": [
            {"measure": "m0", "effect": "qualify", "target": "Hill Castings:casting"},
            {"measure": "m1", "effect": "stockpile", "target": "casting@N", "amount": 1.0},
            {"measure": "m2", "effect": "harden", "target": "site:F", "amount": 0.5},
            {"measure": "m3", "effect": "harden", "target": "casting:F>N", "amount": 0.5},
            {"measure": "m4", "effect": "harden", "target": "enterprise:Hill Castings", "amount": 0.5},
        ],
    }
    before = instance(tables, "x")
    renames = {
        "item": {"casting": "cast"},
        "site": {"F": "foundry", "N": "plant"},
        "enterprise": {"Hill Castings": "Hill"},
        "measure": {"m0": "first"},
    }
    after = oc.Instance.from_frames(rename(before.tables, renames), before.settings)
    assert after["effects"]["target"].tolist() == [
        "Hill Castings:cast",
        "cast@plant",
        "site:foundry",
        "cast:foundry>plant",
        "enterprise:Hill",
    ]
    assert after["bom"]["source"].tolist() == ["plant:pump"]
    assert after["lanes"]["lane"].tolist() == ["cast:foundry>plant", "cast:Hill Castings>plant"]
    assert after["hits"]["target"].tolist() == ["foundry", "cast"]
    assert after["elements"]["target"].tolist() == ["Hill"]
    assert after["effects"]["measure"].tolist()[0] == "first"
    back = {kind: {new: old for old, new in pairs.items()} for kind, pairs in renames.items()}
    assert oc.Instance.from_frames(rename(after.tables, back), before.settings) == before


def test_names_like_formulas_open_as_text_and_come_back(tmp_path):
    asked = Question("conflict", "sites", "=F", "note", "-5", "x", "", "+1", "y", "", "", "first", "second")
    text = write_decisions([asked])
    assert "'=F" in text
    assert "'-5" in text
    (tmp_path / "d.csv").write_text(text)
    assert read_decisions(tmp_path / "d.csv") == {asked.identity: asked}


def test_a_faulty_file_of_decisions_is_refused_with_its_rows(tmp_path):
    asked = Question("conflict", "sites", "F", "region", "A", "x", "", "B", "y", "", "", "first", "sum")
    other = Question("name", "site", "", "", "a", "x", "", "b", "y", "", "1", "different", "smae")
    (tmp_path / "d.csv").write_text(write_decisions([asked, other]))
    with pytest.raises(DecisionError) as caught:
        read_decisions(tmp_path / "d.csv")
    assert [(f.row, f.column, f.code) for f in caught.value.faults()] == [
        (2, "decision", "not-a-number"),
        (3, "decision", "not-a-choice"),
    ]
    digits = Question("conflict", "sites", "F", "region", "12", "x", "", "3", "y", "", "", "first", "sum")
    (tmp_path / "d.csv").write_text(write_decisions([digits]))
    with pytest.raises(DecisionError, match="expected numbers"):
        read_decisions(tmp_path / "d.csv")
    (tmp_path / "d.csv").write_text("ask,what\n")
    with pytest.raises(DecisionError, match="the column 'decision' is missing"):
        read_decisions(tmp_path / "d.csv")


def test_the_command_asks_and_takes_the_answers(places, tmp_path):
    from optichain.cli.root import root

    def call(*words):
        return CliRunner().invoke(root, [str(word) for word in words], prog_name="optichain")

    first = call("merge", *places, "-o", tmp_path / "out", "--json")
    found = json.loads(first.stdout)
    assert oc.load(tmp_path / "out").digest == found["digest"]
    assert len(found["undecided"]) == 5
    file = tmp_path / "out.decisions.csv"
    text = file.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    for row in rows:
        row["decision"] = {"name": "different", "conflict": "second"}[row["ask"]]
    file.write_text(write_decisions(Question(**row) for row in rows), encoding="utf-8-sig")
    second = json.loads(call("merge", *places, "-o", tmp_path / "out", "--json").stdout)
    assert (second["undecided"], second["decided"]) == ([], 5)
    assert "May be the same" in call("merge", *places, "-o", tmp_path / "other").stdout


@pytest.mark.parametrize(
    ("content", "code"),
    [(None, "unreadable"), (b"\xff\xfe\x00ask", "bad-csv"), (b'ask,what\n"name', "missing-column")],
)
def test_a_file_of_decisions_that_cannot_be_read_is_refused_by_name(tmp_path, content, code):
    file = tmp_path / "decisions.csv"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    with pytest.raises(DecisionError) as caught:
        read_decisions(file)
    assert {(fault.file, fault.code) for fault in caught.value.faults()} == {("decisions.csv", code)}
