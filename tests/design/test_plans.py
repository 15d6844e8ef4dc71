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


@pytest.mark.parametrize(
    ("rate", "value", "probabilities"), [(2.3, 0.1, (0.1, 0.2)), (3.7, 2.9, (0.013, 0.37))]
)
def test_where_no_event_loses_anything_the_least_loss_is_none_and_no_rounding_speaks_against_it(
    rate, value, probabilities
):
    # either of two sources makes all that is wanted
    instance = small.instance(
        planning={"years": [2026], "budget": [5.0], "terminal_years": 0},
        sites=[
            {"site": site, "recovery_time": 3, "annual_probability": p}
            for site, p in zip("ab", probabilities, strict=True)
        ],
        sources=[{"site": site, "item": "x", "capacity": 10} for site in "ab"],
        demands=[{"item": "x", "rate": rate, "value": value}],
        measures=[{"measure": "more", "chain": "c", "cost_1": 4}],
        effects=[{"measure": "more", "effect": "expand", "target": "b:x", "amount": 2}],
    )
    plan = oc.reinforce(instance, objective="loss")
    assert (plan.status, plan.choices, plan.improvement_gap) == ("optimal", (), 0.0)
    assert plan.objective == pytest.approx(0.0, abs=1e-9)
    assert all(claim.ok for claim in oc.check_claims(instance, plan))


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


def test_a_measure_that_starts_in_two_years_breaks_a_rule_and_twice_in_one_is_a_fault():
    listed = pd.DataFrame({"measure": ["stock", "stock"], "units": [1, 1], "start_year": [2026, 2027]})
    plan = oc.evaluate(choice_of_two(), listed)
    assert "one start" in {b["rule"] for b in plan.breaches}
    assert plan.spend[2027] == pytest.approx(5.0)
    assert all(claim.ok for claim in oc.check_claims(choice_of_two(), plan))
    with pytest.raises(PlanError, match="listed twice in 2026"):
        oc.evaluate(choice_of_two(), listed.assign(start_year=2026))


@pytest.mark.parametrize(("start_year", "rule"), [(2026, "running"), (2025, "start year")])
def test_money_is_overspent_by_what_a_list_may_not_start_too(start_year, rule):
    # of 6 in 2026 the running stock takes 1; 'second' costs 6 in 2026 or, started before, 6 of the year after
    instance = choice_of_two()
    measures = instance["measures"].assign(cost_2=lambda m: m["cost_1"].where(m["measure"] == "second", 1.0))
    running = pd.DataFrame([{"chain": "c", "measure": "stock", "start_year": 2025}])
    instance = instance.replace(measures=measures, running=running)
    listed = pd.DataFrame({"measure": ["second"], "start_year": [start_year]})
    plan = oc.evaluate(instance, listed)
    assert plan.spend[2026] == pytest.approx(7.0)
    assert {b["rule"] for b in plan.breaches} == {rule, "budget"}
    (broken,) = [b["message"] for b in plan.breaches if b["rule"] == "budget"]
    assert "spending in 2026" in broken
    affordable = oc.evaluate(instance, listed, budget=7)
    assert {b["rule"] for b in affordable.breaches} == {rule}


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


def two_parts(**changes):
    """A pump of one casting and one seal; either source fails alone, with 0.05 and 0.15 a year, for all ten weeks."""
    tables = {
        "sites": [
            {"site": "works", "annual_probability": 0},
            {"site": "cast", "recovery_time": 10, "annual_probability": 0.05},
            {"site": "cast2", "annual_probability": 0},
            {"site": "seal", "recovery_time": 10, "annual_probability": 0.15},
            {"site": "seal2", "annual_probability": 0},
        ],
        "sources": [
            {"site": "works", "item": "pump", "capacity": 10, "own_ip": "yes"},
            {"site": "cast", "item": "casting", "capacity": 10, "own_ip": "no"},
            {"site": "cast2", "item": "casting", "capacity": 10, "status": "potential", "own_ip": "yes"},
            {"site": "seal", "item": "seal", "capacity": 10, "own_ip": "no"},
            {"site": "seal2", "item": "seal", "capacity": 6, "status": "potential", "own_ip": "yes"},
        ],
        "bom": [
            {"item": "pump", "input": "casting", "quantity": 1},
            {"item": "pump", "input": "seal", "quantity": 1},
        ],
        "demands": [{"item": "pump", "rate": 10}],
        "measures": [
            {"measure": "casting", "chain": "c", "cost_1": 5},
            {"measure": "seal", "chain": "c", "cost_1": 4},
            {"measure": "own", "chain": "c", "cost_1": 9},
        ],
        "effects": [
            {"measure": "casting", "effect": "qualify", "target": "cast2:casting"},
            {"measure": "seal", "effect": "qualify", "target": "seal2:seal"},
            {"measure": "own", "effect": "own_ip", "target": "seal:seal"},
        ],
        **changes,
    }
    planning = {"years": [2026], "budget": [20.0], "terminal_years": 0}
    return small.instance(planning=planning, **tables)


def bought(plan):
    return {c.measure for c in plan.choices}


@pytest.mark.parametrize(
    ("options", "measures", "objective"),
    [
        # 0.25 x 0 + 0.75 x 0.6 with the seal; 0.25 x 1 with the casting
        ({"objective": "expected", "budget": 5}, {"seal"}, 0.45),
        # the worst event is 0 until both are secured, 0.6 then
        ({"objective": "worst", "budget": 9}, {"casting", "seal"}, 0.6),
        # the worst half of probability is the seal's, whose quarter beyond it does not count
        ({"objective": "cvar", "alpha": 0.5, "budget": 9}, {"casting", "seal"}, 0.6),
        # half of it is the worst event, half of it the expectation 0.25 + 0.75 x 0.6
        ({"objective": "worst", "mix": 0.5, "budget": 9}, {"casting", "seal"}, 0.5 * 0.6 + 0.5 * 0.7),
    ],
)
def test_worst_events_count_for_more_than_their_probability(options, measures, objective):
    instance = two_parts()
    plan = oc.reinforce(instance, **options)
    assert bought(plan) == measures
    assert plan.objective == pytest.approx(objective)
    assert all(claim.ok for claim in oc.check_claims(instance, Plan.from_json(plan.to_json())))


@pytest.mark.parametrize(
    ("options", "measures"),
    [
        ({"min_acc": 0.25}, {"seal"}),
        ({"min_acc": 0.46}, {"casting", "seal"}),
        ({"clear_spofs": ["site"], "spof_exceptions": ["site:works"]}, {"casting", "seal"}),
        ({"clear_spofs": ["site"], "spof_exceptions": ["site:works", "site:seal"]}, {"casting"}),
        ({"clear_spofs": ["group"]}, set()),
    ],
)
def test_what_is_required_is_bought_at_least_cost(options, measures):
    instance = two_parts()
    plan = oc.reinforce(instance, **options)
    assert bought(plan) == measures
    assert plan.objective_name == "cost"
    assert plan.objective == pytest.approx(sum({"casting": 5, "seal": 4}[m] for m in measures))
    assert plan.bound == pytest.approx(plan.objective)
    assert (plan.improvement_gap, plan.status) == (None, "optimal")
    assert all(claim.ok for claim in oc.check_claims(instance, Plan.from_json(plan.to_json())))


@pytest.mark.parametrize(
    ("limit", "measures"),
    # nothing is own before; both second sources give 0.6; the first seal made own gives all
    [(0.6, {"casting", "seal"}), (0.61, {"casting", "own"}), (1.0, {"casting", "own"})],
)
def test_a_limit_on_autonomy_is_kept_whatever_the_objective(limit, measures):
    instance = two_parts()
    # under 9 of money the best by ACC is both second sources; 14 is what the other way costs
    plan = oc.reinforce(instance, min_autonomy=limit, min_acc=0.0)
    assert bought(plan) == measures
    assert plan.breaches == []
    found = oc.resilience(instance, plan=plan).chains["autonomy_low"]
    assert float(found[0]) >= limit - 1e-9
    best = oc.reinforce(instance, min_autonomy=limit)
    assert best.objective_name == "expected"
    assert measures <= bought(best)


def test_what_no_measure_clears_is_named_with_the_way_out():
    with pytest.raises(InfeasibleError, match=r"site:works of pump.*name it as an exception"):
        oc.reinforce(two_parts(), clear_spofs=["site"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"objective": "best"}, "unknown objective"),
        ({"objective": "cvar", "alpha": 1.0}, "alpha"),
        ({"objective": "expected", "mix": 0.5}, "mix"),
        ({"min_acc": 1.5}, "min_acc"),
        ({"min_acc": 0.5, "objective": "loss"}, "the objective is cost"),
        ({"clear_spofs": ["planet"]}, "unknown kind"),
        ({"clear_spofs": ["site"], "spof_exceptions": ["site:moon"]}, "no element"),
        ({"spof_exceptions": ["site:works"]}, "which kinds"),
        ({"change_price": -1.0}, "change_price"),
    ],
)
def test_what_makes_no_sense_is_refused(options, message):
    with pytest.raises(UsageError, match=message):
        oc.reinforce(two_parts(), **options)
