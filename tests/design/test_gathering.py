"""Evidence that a plan carries: gathered, written to its file, read back, and worked out again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import optichain as oc
import small
import strategies
from optichain.design.evidence.gathered import QUICK, Evidence, Kind
from optichain.design.evidence.schema import ROWS, InputRow, MeasureRow
from optichain.errors import PlanError, UsageError, VerificationError
from oracle import plans

EVERY = [kind.value for kind in Kind]


def two_chains(**planning: Any) -> Any:
    """Two chains of a maker each, worth 300 and 100; a maker fails for all ten weeks once in ten years.

    So 30 and 10 are lost a year. Each makes all of its chain stop; m hardens the heavy maker fully for 2, k by half
    for 1, n the light one fully for 1.
    """
    sites = [{"site": s, "recovery_time": 10, "annual_probability": 0.1} for s in "ab"]
    return small.instance(
        planning={"years": [2026], "budget": [2.0], "terminal_years": 0, **planning},
        chains=[{"chain": "heavy"}, {"chain": "light"}],
        sites=sites,
        items=[{"item": "x", "chain": "heavy"}, {"item": "y", "chain": "light"}],
        sources=[{"site": "a", "item": "x", "capacity": 10}, {"site": "b", "item": "y", "capacity": 10}],
        demands=[
            {"item": "x", "chain": "heavy", "rate": 10, "value": 3},
            {"item": "y", "chain": "light", "rate": 10},
        ],
        measures=[
            {"measure": "m", "chain": "heavy", "cost_1": 2},
            {"measure": "k", "chain": "heavy", "cost_1": 1},
            {"measure": "n", "chain": "light", "cost_1": 1},
        ],
        effects=[
            {"measure": "m", "effect": "harden", "target": "site:a", "amount": 1.0},
            {"measure": "k", "effect": "harden", "target": "site:a", "amount": 0.5},
            {"measure": "n", "effect": "harden", "target": "site:b", "amount": 1.0},
        ],
    )


def supported(instance: Any, **options: Any) -> tuple[oc.Plan, Evidence]:
    plan = oc.gather_evidence(instance, oc.reinforce(instance), **options)
    assert plan.evidence is not None
    return plan, plan.evidence


def by(frame: pd.DataFrame | None, key: str) -> Any:
    assert frame is not None
    return frame.set_index(key)


def test_the_plan_and_the_users_own_list_beside_it_in_money() -> None:
    listed = pd.DataFrame({"measure": ["k", "n"], "start_year": [2026, 2026]})
    plan, found = supported(two_chains(), choose=listed)
    assert [c.measure for c in plan.choices] == ["m"]
    rows = by(found.baselines, "name")
    assert rows.index.tolist() == ["plan", "given", "greedy", "by-spof", "by-score", "pro-rata"]
    # of 40 a year, m avoids 30; k half of 30 and n 10; all measures avoid all 40
    assert rows["loss_avoided"]["plan"] == pytest.approx(30.0)
    assert rows["loss_avoided"]["given"] == pytest.approx(25.0)
    assert rows["avoidable_share"]["given"] == pytest.approx(25.0 / 40.0)
    assert rows["share_of_plan"]["given"] == pytest.approx(25.0 / 30.0)
    assert rows["cost"]["given"] == 2.0
    assert [c["measure"] for c in rows["choices"]["given"]] == ["k", "n"]
    # per cost m and k gain 15, n 10; m is not divided, so greedy takes one of the two first
    assert rows["loss_avoided"]["greedy"] in (pytest.approx(30.0), pytest.approx(25.0))


def test_what_other_budgets_and_one_more_unit_of_money_buy() -> None:
    _, found = supported(two_chains(), kinds=EVERY, budgets=[0.0, 1.0, 3.0], samples=1)
    points = by(found.frontier, "budget")
    assert points["loss_avoided"].tolist() == pytest.approx([0.0, 15.0, 40.0])
    assert points["avoidable_share"].tolist() == pytest.approx([0.0, 0.375, 1.0])
    # every event stops one block: before, its chain serves nothing while its maker is down
    assert points["acc"].tolist() == pytest.approx([0.0, 0.75 * 0.5, 1.0], abs=1e-6)
    worth = by(found.value_of_money, "year").loc[2026]
    assert worth["difference"] == pytest.approx(0.25, abs=1e-3)
    assert worth["loss_avoided"] == pytest.approx(10.0)
    assert worth["measures_in"] == ["n"]
    assert found.settings["near_optimal"]["best"] == pytest.approx(0.75)
    # within a hundredth only m is good; k and n come to 0.625
    assert by(found.near_optimal, "measure")["standing"].to_dict() == {"k": "out", "m": "core", "n": "out"}
    assert found.kinds == tuple(Kind)


def test_evidence_passes_through_the_plan_file(tmp_path: Path) -> None:
    instance = two_chains()
    plan, found = supported(instance, kinds=EVERY, samples=2, most_inputs=1)
    oc.write_plan(plan, tmp_path / "plan.json")
    again = oc.load_plan(tmp_path / "plan.json").evidence
    assert again is not None
    assert again.to_json() == found.to_json()
    for kind, row in ROWS.items():
        frame, back = getattr(found, kind), getattr(again, kind)
        assert list(frame.columns) == list(row.model_fields), kind
        pd.testing.assert_frame_equal(frame, back, check_dtype=False)
    assert found.stability is not None
    assert list(found.stability.measures.columns) == list(MeasureRow.model_fields)
    assert list(found.stability.inputs.columns) == list(InputRow.model_fields)
    claims = oc.verify(instance, oc.load_plan(tmp_path / "plan.json"))
    assert sum(claim.claim.startswith("evidence: ") for claim in claims) > 50


def test_two_runs_give_the_same_bytes_but_for_the_provenance() -> None:
    texts = []
    for _ in range(2):
        plan, _ = supported(two_chains(), kinds=EVERY, samples=2, most_inputs=1)
        assert set(plan.provenance["evidence"]["seconds"]) == set(EVERY)
        texts.append(json.dumps({k: v for k, v in plan.to_json().items() if k != "provenance"}))
    assert texts[0] == texts[1]


def test_evidence_is_added_to_what_is_there_and_a_plan_file_without_it_still_loads() -> None:
    instance = two_chains()
    bare = oc.reinforce(instance)
    old = {k: v for k, v in bare.to_json().items() if k != "evidence"}
    assert oc.Plan.from_json(old).evidence is None
    first = oc.gather_evidence(instance, oc.Plan.from_json(old), kinds=["leave_one_out"])
    second = oc.gather_evidence(instance, first, kinds=["add_one"])
    assert second.evidence is not None
    assert second.evidence.kinds == (Kind.LEAVE_ONE_OUT, Kind.ADD_ONE)
    assert second.evidence.baselines is None


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("leave_one_out", "loss_avoided"),
        ("leave_one_out", "spofs_cleared"),
        ("baselines", "acc"),
        ("baselines", "loss_avoided_mean"),
        ("frontier", "cost"),
    ],
)
def test_verify_finds_a_lie_in_the_evidence(kind: str, column: str) -> None:
    instance = two_chains()
    plan, found = supported(instance, kinds=[*QUICK, "frontier"])
    frame = getattr(found, kind).copy()
    last = frame.index[-1]
    frame.at[last, column] = ["site:z of x"] if column == "spofs_cleared" else frame.at[last, column] + 0.5
    lying = replace(plan, evidence=replace(found, **{kind: frame}))
    with pytest.raises(VerificationError, match="evidence: .*" + column):
        oc.verify(instance, lying)


def test_a_faulty_plan_file_is_told_by_place() -> None:
    plan, _ = supported(two_chains())
    data = plan.to_json()
    data["evidence"]["leave_one_out"][0]["acc"] = "much"
    data["evidence"]["baselines"][1]["choices"] = [{"measure": "m"}]
    with pytest.raises(PlanError) as error:
        oc.Plan.from_json(data, file="plan.json")
    places = {fault.column for fault in error.value.faults()}
    assert "evidence.leave_one_out.0.acc" in places
    assert "evidence.baselines.1.choices.0.start_year" in places


def test_evidence_that_names_a_stranger_is_refused() -> None:
    instance = two_chains()
    plan, _ = supported(instance)
    data = plan.to_json()
    data["evidence"]["baselines"][1]["choices"] = [{"measure": "zz", "units": 1.0, "start_year": 2026}]
    with pytest.raises(PlanError, match="'zz' is not in the instance"):
        oc.verify(instance, oc.Plan.from_json(data))


def test_a_plan_for_another_version_of_the_instance_is_refused() -> None:
    plan = oc.reinforce(two_chains())
    with pytest.raises(PlanError, match="another version"):
        oc.gather_evidence(two_chains(budget=[3.0]), plan)
    with pytest.raises(UsageError, match="no evidence of kind frontiers"):
        oc.gather_evidence(two_chains(), plan, kinds=["frontiers"])


def test_what_a_plan_does_not_allow_is_said() -> None:
    instance = two_chains()
    plan = oc.reinforce(instance, objective="worst-case", k=1)
    found = oc.gather_evidence(instance, plan, kinds=["baselines", "quotas", "stability"], samples=1).evidence
    assert found is not None
    assert set(found.impossible) == {"quotas", "stability"}
    # rules of thumb are compared by ACC then, which a budget limits
    assert found.settings["baselines"]["objective"] == "expected"
    assert found.baselines is not None


def test_least_cost_is_compared_by_what_its_rivals_avoid() -> None:
    instance = two_chains(budget=[4.0])
    plan = oc.reinforce(instance, min_acc=0.7)
    found = oc.gather_evidence(instance, plan, kinds=["baselines", "frontier"], budgets=[1.0]).evidence
    assert found is not None
    rows = by(found.baselines, "name")
    assert rows["cost"]["plan"] == 2.0
    assert rows["loss_avoided"]["greedy"] == pytest.approx(40.0)
    assert by(found.frontier, "budget")["loss_avoided"][1.0] == pytest.approx(15.0)
    oc.verify(instance, oc.gather_evidence(instance, plan, kinds=["baselines", "frontier"]))


@pytest.mark.parametrize("objective", ["loss", "cvar"])
def test_random_frontiers_are_those_of_all_plans(objective: str) -> None:
    wrong = []
    for seed, instance in strategies.accepted(2, first=40):
        plan = oc.reinforce(instance, objective=objective)
        budget = float(sum(plan.budget.values())) / len(plan.budget)
        kinds = ["frontier", "near_optimal"]
        found = oc.gather_evidence(instance, plan, kinds=kinds, budgets=[budget], gap=1e-6).evidence
        assert found is not None
        best = plans.enumerate_plans(instance, objective=objective)
        assert best is not None
        stated = found.settings.get("near_optimal", {}).get("best")
        if stated is None or abs(stated - best.objective) > 1e-5 * max(1.0, abs(best.objective)):
            wrong.append(f"seed {seed}: {stated}, truly {best.objective}")
        oc.verify(instance, oc.gather_evidence(instance, plan, kinds=kinds, budgets=[budget], gap=1e-6))
    assert wrong == []


def test_a_given_list_that_starts_a_measure_twice_is_verified_start_by_start() -> None:
    instance = two_chains(years=[2026, 2027], budget=[4.0, 4.0])
    listed = pd.DataFrame({"measure": ["m", "m", "n"], "start_year": [2026, 2027, 2026]})
    plan = oc.gather_evidence(instance, oc.evaluate(instance, listed))
    claims = oc.verify(instance, plan)
    assert sum(c.claim.startswith("evidence: without m from ") for c in claims) == 18
