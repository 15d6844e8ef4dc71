"""Plans: what is bought, what it costs, which rules are broken, and what verification catches."""

import dataclasses
import json

import pandas as pd
import pytest

import optichain as oc
import small
from optichain.design.plan import Plan
from optichain.errors import InfeasibleError, PlanError, UsageError, VerificationError


def choice_of_two(**planning):
    """One source fails for 10 of 10 weeks; a second source (cost 6) saves all, a stock (4 a unit) 2 weeks a unit."""
    return small.instance(
        planning={"years": [2026, 2027], "budget": [6.0, 6.0], "terminal_years": 1, **planning},
        sites=[
            {"site": "a", "recovery_time": 10, "annual_probability": 0.1},
            {"site": "b", "annual_probability": 0},
        ],
        sources=[
            {"site": "a", "item": "x", "capacity": 10},
            {"site": "b", "item": "x", "capacity": 10, "status": "potential"},
        ],
        demands=[{"item": "x", "rate": 10, "value": 2}],
        measures=[
            {"measure": "second", "chain": "c", "cost_1": 6, "lead_time": 1},
            {"measure": "stock", "chain": "c", "cost_1": 4, "cost_2": 1, "max_units": 5},
        ],
        effects=[
            {"measure": "second", "effect": "qualify", "target": "b:x"},
            {"measure": "stock", "effect": "stockpile", "target": "x", "amount": 20},
        ],
    )


def test_the_second_source_wins_and_every_number_follows():
    plan = oc.reinforce(choice_of_two())
    assert plan.status == "optimal"
    assert plan.measures.to_dict("records") == [
        {"chain": "c", "measure": "second", "units": 1.0, "start_year": 2026}
    ]
    # years 2026, 2027 and the terminal year 2028; in effect from 2027: (0 + 1 + 1) / 3
    assert plan.objective == pytest.approx(2 / 3)
    assert plan.acc_by_year == pytest.approx({2026: 0.0, 2027: 1.0, 2028: 1.0})
    assert (plan.acc_before, plan.acc_after) == pytest.approx((0.0, 1.0))
    # one event in ten years loses all of 10 weeks x 10 units x 2
    assert plan.expected_annual_loss_before == pytest.approx(20.0)
    assert plan.expected_annual_loss_after == pytest.approx(0.0)
    assert plan.avoidable_share == pytest.approx(1.0)
    assert plan.spend == pytest.approx({2026: 6.0, 2027: 0.0, 2028: 0.0, 2029: 0.0})
    assert plan.bound >= plan.objective
    assert plan.improvement_gap <= 1e-4


def test_one_chain_starts_once_so_the_stock_must_wait_or_go_without():
    # with 10 a year both fit in one year: stock of one unit serves 2 weeks in 2026
    plan = oc.reinforce(choice_of_two(), budget=10)
    assert {c.measure: c.units for c in plan.choices} == {"second": 1.0, "stock": 1.0}
    assert plan.objective == pytest.approx((0.2 + 1 + 1) / 3)
    # the next year of the stock is paid too
    assert plan.spend[2027] == pytest.approx(1.0)


def test_a_list_is_worked_out_and_each_broken_rule_named():
    listed = pd.DataFrame(
        {"chain": ["c", "c"], "measure": ["second", "stock"], "units": [1, 6], "start_year": [2026, 2027]}
    )
    plan = oc.evaluate(choice_of_two(max_new_chains=1), listed)
    assert plan.status == "given"
    assert plan.bound is None
    broken = {b["rule"] for b in plan.breaches}
    assert broken == {"units", "budget", "one chain, one policy"}
    assert any("one start" in b["rule"] or "taken into support once" in b["message"] for b in plan.breaches)
    assert plan.spend[2027] == pytest.approx(24.0)


def test_a_list_with_faults_names_row_column_and_the_nearest_name():
    listed = pd.DataFrame(
        {
            "chain": ["c", "d"],
            "measure": ["secnd", "stock"],
            "units": ["1", "many"],
            "start_year": ["2026", "soon"],
        }
    )
    with pytest.raises(PlanError) as caught:
        oc.evaluate(choice_of_two(), listed)
    faults = {(f.row, f.column) for f in caught.value.faults()}
    assert faults == {(2, "measure"), (3, "chain"), (3, "units"), (3, "start_year")}
    assert "did you mean 'second'" in str(caught.value)


def test_a_plan_survives_its_file_and_is_verified_from_it(tmp_path):
    instance = choice_of_two()
    plan = oc.reinforce(instance)
    oc.write_plan(plan, tmp_path / "plan.json")
    again = oc.load_plan(tmp_path / "plan.json")
    assert again.to_json() == plan.to_json()
    assert all(claim.ok for claim in oc.verify(instance, again))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("objective", 0.9),
        ("objective_nothing", 0.1),
        ("acc_after", 0.99),
        ("acc_by_year", {2026: 1.0, 2027: 1.0, 2028: 1.0}),
        ("expected_annual_loss_before", 30.0),
        ("avoidable_share", 0.5),
        ("loss_unavoidable", 1.0),
        ("spend", {2026: 5.0, 2027: 0.0, 2028: 0.0, 2029: 0.0}),
        ("bound", 0.1),
        ("improvement_gap", 0.5),
        ("spofs_after", []),
        ("breaches", [{"rule": "budget", "message": "x"}]),
        ("instance_digest", "0" * 64),
    ],
)
def test_a_claim_that_was_changed_is_found(field, value):
    instance = choice_of_two()
    plan = dataclasses.replace(oc.reinforce(instance), **{field: value})
    wrong = [c.claim for c in oc.check_claims(instance, plan) if not c.ok]
    assert any(field.split("_")[0] in claim or field == "instance_digest" for claim in wrong), wrong
    with pytest.raises(VerificationError, match="do not hold"):
        oc.verify(instance, plan)


def test_a_measure_that_was_smuggled_in_is_found():
    instance = choice_of_two()
    data = oc.reinforce(instance).to_json()
    data["policies"][0]["measures"].append({"measure": "stock", "units": 2.0})
    wrong = {c.claim for c in oc.check_claims(instance, Plan.from_json(data)) if not c.ok}
    assert {"objective", "breaches", "spend 2026"} <= wrong


def test_a_file_that_is_no_plan_names_every_place(tmp_path):
    (tmp_path / "p.json").write_text(json.dumps({"status": 3, "objective": "high"}))
    with pytest.raises(PlanError) as caught:
        oc.load_plan(tmp_path / "p.json")
    columns = {f.column for f in caught.value.faults()}
    assert {"status", "objective", "policies", "instance_digest"} <= columns


def test_wishes_are_obeyed_and_verified():
    instance = choice_of_two()
    plan = oc.reinforce(instance, fix=["stock=1"], forbid=["second"])
    assert [(c.measure, c.units) for c in plan.choices] == [("stock", 1.0)]
    assert all(c.ok for c in oc.check_claims(instance, plan))
    with pytest.raises(InfeasibleError):
        oc.reinforce(instance, fix=["second"], forbid=["second"])
    with pytest.raises(UsageError, match="did you mean 'second'"):
        oc.reinforce(instance, fix=["secnd"])


def test_a_rule_of_the_user_is_obeyed_and_verified():
    instance = choice_of_two()
    plan = oc.reinforce(instance, rows=[({("second", 2026): 1}, "<=", 0)])
    assert [(c.measure, c.start_year) for c in plan.choices] == [("second", 2027)]
    assert all(c.ok for c in oc.check_claims(instance, Plan.from_json(plan.to_json())))


def test_the_model_can_be_taken_and_changed_by_hand():
    import pulp

    model = oc.build_model(choice_of_two())
    model.addConstraint(model.start["second", 2026] <= 0, "not_yet")
    model.solve(pulp.HiGHS(msg=False))
    assert model.start["second", 2027].value() == pytest.approx(1.0)
    assert model.chain["c", 2027].value() == pytest.approx(1.0)


def test_a_lower_loss_is_an_objective_of_its_own():
    plan = oc.reinforce(choice_of_two(), objective="loss")
    # 20 a year in 2026, none in 2027 and 2028
    assert plan.objective == pytest.approx(20 / 3)
    assert plan.objective_nothing == pytest.approx(20.0)
    assert plan.bound <= plan.objective + 1e-9
