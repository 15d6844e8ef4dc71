"""What supports the plan, in every format; without it, the command that works it out and no empty table."""

from __future__ import annotations

import dataclasses
import io
from typing import Any

import pytest

import optichain as oc
from optichain_reports.building.build import build_report
from optichain_reports.model import Flip, Named, ReportModel
from optichain_reports.page import render_page
from optichain_reports.wording.placed import Number, Placed
from optichain_reports.wording.sheets import all_sheets
from optichain_reports.wording.texts import Texts
from optichain_reports.wording.writer import Writer

WRITTEN = "2026-03-05T10:00:00+0800"
SECTIONS = ("rivals", "bought", "unfunded", "firmness", "quotas", "shared_nodes")


def section(tree: Any, key: str) -> Any:
    return next(e for e in tree.all("section") if e.attributes.get("id") == key)


def rows_of(tree: Any, key: str) -> list[list[str]]:
    table = next(e for e in tree.all("table") if e.attributes.get("id") == f"t-{key}")
    body = next(iter(table.all("tbody")))
    return [[" ".join(cell.text.split()) for cell in row.all("th", "td")] for row in body.all("tr")]


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-")


def test_the_first_table_is_the_plan_beside_simpler_ways(tree: Any) -> None:
    assert tree.all("table")[0].attributes["id"] == "t-rivals"
    rows = [[plain(cell) for cell in row] for row in rows_of(tree, "rivals")]
    # by hand: 27.1 a year are lost before; the plan avoids 9.6 by the forge and 3.2 by the seals
    assert rows[0][:4] == ["This plan", "12.80 14.30 left", "–", "77.6 %"]
    # seals twice over avoid 1.6, the hardened forge 6.0; both work from 2026, so on average as much
    assert rows[1][0].startswith("The list that was given breaks 2 rules")
    assert rows[1][1:6] == ["7.60 19.50 left", "-5.20", "46.1 %", "7.60", "72.0 %"]
    assert len(rows) == 6


def test_what_greedy_and_the_given_list_come_to_is_said(tree: Any, model: ReportModel) -> None:
    said = [plain(" ".join(p.text.split())) for p in section(tree, "rivals").all("p")]
    assert (
        "Buying greedily reaches 80.0 % of what this plan improves, and avoids 9.20 CNY million a year."
        in said
    )
    assert (
        "The list that was given avoids 7.60 CNY million a year; this plan avoids 12.80 CNY million." in said
    )
    # chains by weight avoid 12.90 in full effect, but late: 7.68 on average against 10.67
    assert Texts("en")("more_later") in said
    assert model.evidence.greedy_is_close is False


def test_greedy_within_a_percent_is_said(model: ReportModel, read: Any) -> None:
    close = dataclasses.replace(model.evidence, greedy_is_close=True)
    page = read(render_page(dataclasses.replace(model, evidence=close)))
    said = section(page, "rivals").text
    assert "comes within one percent of this plan" in " ".join(said.split())


def test_greedy_that_does_better_is_said_so(model: ReportModel, read: Any, quick: None) -> None:
    rivals = tuple(
        dataclasses.replace(r, share_of_plan=1.05) if r.name == "greedy" else r for r in model.evidence.rivals
    )
    ahead = dataclasses.replace(model.evidence, rivals=rivals, greedy_is_close=True)
    page = read(render_page(dataclasses.replace(model, evidence=ahead)))
    assert "does better than this plan" in " ".join(section(page, "rivals").text.split())


def test_acc_never_stands_without_money_and_share(model: ReportModel) -> None:
    """Every list with ACC has a loss in money beside it, and the share of the avoidable loss or the loss before."""
    texts = Texts("en")
    for sheet in all_sheets(Placed(model), Writer(model.heading)):
        labels = [column.label for column in sheet.columns]
        if not any(label.startswith("ACC") for label in labels) or sheet.key == "chains":
            continue
        assert any(texts(key) in labels for key in ("avoids", "avoided")), sheet.key
        assert texts("of_avoidable") in labels, sheet.key


def test_why_measures_are_funded_and_why_not(tree: Any) -> None:
    bought = {row[0]: [plain(c) for c in row] for row in rows_of(tree, "bought")}
    forge = bought["Qualify the second forgeControl valves"]
    # cost 7, avoids 9.6 of the avoidable 16.5
    assert forge[1:4] == ["7.00", "9.60", "58.2 %"]
    assert forge[6] == "0.73"
    unfunded = {row[0]: row[-1] for row in rows_of(tree, "unfunded")}
    # 7 of the 8 of 2026 are spent, the hardened forge costs 5
    assert (
        unfunded["Protect the first forge against floodsControl valves"]
        == "too little money; 2026: 4.00 short"
    )


def test_every_number_of_the_evidence_is_on_the_page(tree: Any, model: ReportModel) -> None:
    shown = {element.attributes["data-at"] for element in tree.all("data")}
    evidence = model.evidence
    expected = []
    for i in range(len(evidence.rivals)):
        keys = ("loss_avoided", "loss_avoided_mean", "avoidable_share", "acc", "cost", "share_of_plan")
        expected += [f"evidence.rivals.{i}.{key}" for key in keys]
    for name in ("bought", "unfunded"):
        keys = ("cost", "loss_avoided", "loss_avoided_mean", "avoidable_share", "acc_gain")
        expected += [f"evidence.{name}.{i}.{k}" for i in range(len(getattr(evidence, name))) for k in keys]
    for i in range(len(evidence.firmness.standings)):
        expected += [f"evidence.firmness.standings.{i}.{key}" for key in ("funded", "as_planned")]
    for i in range(len(evidence.quotas)):
        expected += [f"evidence.quotas.{i}.{key}" for key in ("step", "price", "loss_avoided")]
    for i, node in enumerate(evidence.shared_nodes):
        expected.append(f"evidence.shared_nodes.{i}.lost")
        expected += [f"evidence.shared_nodes.{i}.losing.{j}.lost" for j in range(len(node.losing))]
    assert len(expected) > 80
    assert set(expected) <= shown


@pytest.fixture(scope="module")
def without(bare: tuple[Any, Any]) -> ReportModel:
    return build_report(*bare, written=WRITTEN)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_evidence_the_command_stands_in_its_place(
    bare: tuple[Any, Any], read: Any, language: str, quick: None
) -> None:
    tree = read(render_page(build_report(*bare, written=WRITTEN, language=language)))
    told = Texts(language)
    for key in SECTIONS:
        part = section(tree, key)
        assert not part.all("table"), key
        assert told("missing") in part.text, key
        assert "optichain evidence PATH PLAN --kinds" in part.text
    assert "--kinds stability" in section(tree, "firmness").text
    for kind in ("frontier", "value_of_money"):
        assert f"--kinds {kind} -o PLAN" in section(tree, "frontier").text


def test_the_command_is_one_that_works(without: ReportModel) -> None:
    from optichain.cli.options import EVIDENCE_SETS

    named = [one.command.split("--kinds ")[1].split()[0] for one in without.evidence.missing]
    assert tuple(named) == EVIDENCE_SETS["all"]


def test_what_a_plan_does_not_allow_is_told_with_its_reason(
    bare: tuple[Any, Any], read: Any, quick: None
) -> None:
    instance, _ = bare
    plan = oc.reinforce(instance, objective="worst-case", k=1)
    supported = oc.gather_evidence(instance, plan, kinds=["quotas"])
    tree = read(render_page(build_report(instance, supported, written=WRITTEN)))
    assert "a plan against the worst case is not solved again here" in section(tree, "quotas").text


def test_inputs_that_flip_the_plan_are_listed(model: ReportModel, read: Any, quick: None) -> None:
    flip = Flip(
        "sites", "annual_probability", "forge-a", 0.01, 0.001, 0.1, (), (Named("measure", "m", "Harden"),)
    )
    firm = dataclasses.replace(model.evidence.firmness, inputs=3, tested=2, flips=(flip,))
    changed = dataclasses.replace(model, evidence=dataclasses.replace(model.evidence, firmness=firm))
    tree = read(render_page(changed))
    (row,) = rows_of(tree, "flips")
    assert row == ["sites: forge-a, annual_probability", "0.01", "0.001", "0.1", "Harden", ""]
    assert "2 of 3 uncertain inputs" in " ".join(section(tree, "firmness").text.split())


def test_word_begins_with_the_comparison(model: ReportModel, without: ReportModel) -> None:
    docx = pytest.importorskip("docx", reason="writes documents: pip install 'optichain[reports]'")
    from optichain_reports.document import render_document

    made = docx.Document(io.BytesIO(render_document(model)))
    first = [cell.text for cell in made.tables[0].rows[1].cells]
    assert first[:2] == ["This plan", "12.80"]
    made = docx.Document(io.BytesIO(render_document(without)))
    said = [p.text for p in made.paragraphs]
    assert "optichain evidence PATH PLAN --kinds baselines -o PLAN" in said
    headings = [p.text for p in made.paragraphs if p.style.name == "Heading 1"]
    assert Texts("en")("section_bought") not in headings
    assert Texts("en")("section_missing") in headings


def test_lists_of_the_workbook_carry_the_numbers_of_the_json(model: ReportModel) -> None:
    sheets = {s.key: s for s in all_sheets(Placed(model), Writer(model.heading))}
    assert next(iter(sheets)) == "rivals"
    for key in ("rivals", "bought", "unfunded", "firmness", "quotas", "shared_nodes"):
        assert any(isinstance(cell, Number) for row in sheets[key].rows for cell in row), key
    assert "missing" not in sheets


def test_evidence_is_no_part_of_the_plan_that_is_named(model: ReportModel, without: ReportModel) -> None:
    assert model.provenance.plan_digest == without.provenance.plan_digest
