"""What each measure buys, why others are left out, what several chains share, and what quotas cost."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pandas as pd
import pytest

import optichain as oc
import small
import strategies
from optichain.design.evidence.bench import Bench
from optichain.design.evidence.uncertain import uncertain_inputs, with_inputs
from optichain.design.plan import Choice
from optichain.errors import InfeasibleError
from oracle import plans


def two_chains(**options: Any) -> Any:
    """Two chains with a third of the value each way: x needs the part p, y is p itself.

    Sites fail for all ten weeks with probability 0.1: a (makes x), b (makes p). Demand of x 10 a week worth 2, of y
    10 a week worth 1, so 200 and 100 in all. Stock of x for 5 weeks halves the loss of x; q opens a second maker of p.
    """
    planning = {"years": [2026, 2027], "budget": [10.0, 10.0], "terminal_years": 0}
    given: dict[str, Any] = {
        "chains": [{"chain": "X"}, {"chain": "Y"}],
        "sites": [
            {"site": "a", "recovery_time": 10, "annual_probability": 0.1},
            {"site": "b", "recovery_time": 10, "annual_probability": 0.1},
            {"site": "c", "recovery_time": 10, "annual_probability": 0.0},
        ],
        "items": [{"item": "x", "chain": "X"}, {"item": "y", "chain": "Y"}, {"item": "p"}],
        "sources": [
            {"site": "a", "item": "x", "capacity": 10},
            {"site": "c", "item": "y", "capacity": 10},
            {"site": "b", "item": "p", "capacity": 20},
            {"site": "c", "item": "p", "capacity": 20, "status": "potential"},
        ],
        "bom": [
            {"item": "x", "input": "p", "quantity": 1},
            {"item": "y", "input": "p", "quantity": 1},
        ],
        "demands": [
            {"item": "x", "chain": "X", "rate": 10, "value": 2},
            {"item": "y", "chain": "Y", "rate": 10, "value": 1},
        ],
        "measures": [
            {"measure": "stock", "chain": "X", "cost_1": 3},
            {"measure": "second", "cost_1": 6, "cost_2": 2, "kind": "second_source"},
            {"measure": "idle", "chain": "Y", "cost_1": 1},
            {"measure": "dear", "chain": "X", "cost_1": 14},
            {"measure": "late", "chain": "Y", "cost_1": 4, "lead_time": 1},
        ],
        "effects": [
            {"measure": "stock", "effect": "stockpile", "target": "x", "amount": 50},
            {"measure": "second", "effect": "qualify", "target": "c:p"},
            {"measure": "idle", "effect": "harden", "target": "site:c", "amount": 1.0},
            {"measure": "dear", "effect": "harden", "target": "site:a", "amount": 1.0},
            {"measure": "late", "effect": "stockpile", "target": "y", "amount": 50},
        ],
    }
    given |= options.pop("tables", {})
    return small.instance(planning={**planning, **options}, **given)


def listed(*choices: tuple[str, int]) -> pd.DataFrame:
    return pd.DataFrame(choices, columns=["measure", "start_year"])


def row(frame: pd.DataFrame, measure: str) -> Any:
    return frame.set_index("measure").loc[measure]


def test_what_is_lost_without_each_measure() -> None:
    instance = two_chains()
    plan = oc.evaluate(instance, listed(("stock", 2026), ("second", 2027)))
    # before: a stops x (200), b stops both (300): 50 a year. With both: a costs 100, b nothing.
    assert plan.expected_annual_loss_after == pytest.approx(10.0)
    found = oc.leave_one_out(instance, plan)
    assert found["measure"].tolist() == ["second", "stock"]
    second, stock = row(found, "second"), row(found, "stock")
    # without the second maker b costs 100 of x and 100 of y again: 10 + 20
    assert second["expected_annual_loss"] == pytest.approx(30.0)
    assert second["loss_avoided"] == pytest.approx(20.0)
    # it works in 2027 alone, one of the two years that count
    assert second["loss_avoided_mean"] == pytest.approx(10.0)
    assert second["cost"] == pytest.approx(8.0)
    assert second["cost_per_loss_avoided"] == pytest.approx(0.4)
    # ACC by value: 2/3 of x and 1/3 of y; c reaches the block too, at probability 0
    assert second["acc"] == pytest.approx((2 / 3 * 0.5 + 1 / 3 + 2 / 3 * 0.5) / 2)
    assert set(second["spofs_cleared"]) == {f"{n} of {d}" for n in ("site:b", "source:b:p") for d in "xy"}
    assert second["rules_broken"] == []
    # without the stock a costs 200 instead of 100, and b nothing; before 2027 b costs 100 of x more
    assert stock["loss_avoided"] == pytest.approx(10.0)
    assert stock["loss_avoided_mean"] == pytest.approx((20.0 + 10.0) / 2)
    assert stock["spofs_cleared"] == []


def test_what_dropping_a_measure_breaks_is_named() -> None:
    rules = [{"rule": "requires", "measure": "stock", "other": "second"}]
    instance = two_chains(tables={"measure_rules": rules})
    plan = oc.evaluate(instance, listed(("stock", 2026), ("second", 2026)))
    found = oc.leave_one_out(instance, plan)
    broken = row(found, "second")["rules_broken"]
    assert len(broken) == 1
    assert "stock requires second" in broken[0]
    assert row(found, "stock")["rules_broken"] == []


def test_why_measures_are_left_out() -> None:
    limits = [{"limit": "few", "on": "new_chains", "kind": "chain", "target": "Y", "max": 0}]
    instance = two_chains(tables={"limits": limits})
    plan = oc.evaluate(instance, listed(("stock", 2026), ("second", 2026)))
    assert plan.breaches == []
    found = oc.add_one(instance, plan)
    idle, dear, late = (row(found, m) for m in ("idle", "dear", "late"))
    assert idle["why"] == "no effect"
    # X is in support from 2026, so that is when dear would start: 3 + 6 + 14 of 10
    assert (dear["why"], dear["start_year"]) == ("budget", 2026)
    assert dear["short"] == pytest.approx({2026: 13.0})
    assert dear["reason"] == "2026 is short by 13"
    # the other half of what a costs
    assert dear["loss_avoided"] == pytest.approx(10.0)
    # y is served in spite of b since the second maker: nothing left to gain
    assert late["why"] == "no effect"
    alone = oc.add_one(instance, oc.evaluate(instance, listed(("stock", 2026))))
    late = row(alone, "late")
    assert late["why"] == "rule"
    assert "limit few" in late["reason"]
    # 5 of the 10 weeks of y are stocked: 50 of 100 saved at b; in effect from 2027, half of the years
    assert (late["start_year"], late["loss_avoided"]) == (2026, pytest.approx(5.0))
    assert late["loss_avoided_mean"] == pytest.approx(2.5)
    second = row(alone, "second")
    assert (second["why"], second["objective_gain"] > 0) == ("nothing", True)
    assert set(second["spofs_cleared"]) == {f"{n} of {d}" for n in ("site:b", "source:b:p") for d in "xy"}


def test_a_year_that_lacks_money_leaves_no_debt() -> None:
    instance = two_chains(budget=[2.0, 4.0], carry_over=0.5, tail_budget=[0.0, 0.0])
    found = oc.add_one(instance, oc.evaluate(instance, listed()))
    # from 2026: 6 of 2, then 2 of 4; from 2027: 2 + 1 left over of 2026 make 5 for 6, then 2 of nothing
    assert row(found, "second")["short"] == pytest.approx({2026: 4.0})
    # 14 of 2 in 2026, or 14 of 5 in 2027, which gains for a year less
    assert row(found, "dear")["short"] == pytest.approx({2026: 12.0})


def test_nodes_that_several_chains_share() -> None:
    instance = two_chains()
    found = oc.shared_nodes(instance)
    assert [f"{r['kind']}:{r['element']}" for r in found.to_dict("records")] == [
        "site:b",
        "source:b:p",
        "item:p",
    ]
    assert found["lost"].tolist() == pytest.approx([300.0] * 3)
    assert found["lost_by_chain"][0] == pytest.approx({"X": 200.0, "Y": 100.0})
    assert found["stopped"].tolist() == [["X", "Y"]] * 3
    plan = oc.evaluate(instance, listed(("second", 2026)))
    secured = oc.shared_nodes(instance, plan=plan)
    # only the item itself, whoever makes it, stops both still
    assert secured["element"].tolist() == ["p"]
    assert secured["stopped"].tolist() == [["X", "Y"]]


def test_the_price_of_quotas_is_a_true_difference() -> None:
    instance = two_chains(years=[2026], budget=[7.0], tail_budget=[2.0, 0.0], max_new_chains=1)
    plan = oc.reinforce(instance, forbid=["idle"])
    # 7 pays for the second maker (gains 0.5 of the whole in one of two events) and not for the stock too
    assert [c.measure for c in plan.choices] == ["second"]
    found = oc.quotas(instance, plan, money=2.0)
    prices = {(r["rule"], r["name"]): r for r in found.to_dict("records")}
    # with 9 the stock comes in: half of x, which is 2/3 of the value, in one of two events
    money = prices["budget", "2026"]
    assert money["price"] == pytest.approx(2 / 3 * 0.5 / 2 / 2.0)
    assert money["measures_in"] == ["stock"]
    assert prices["budget", "2027"]["price"] == 0.0
    assert prices["intake", "each year"]["price"] == 0.0
    assert all(r["price_least"] <= r["price"] <= r["price_most"] for r in found.to_dict("records"))


def test_a_limit_that_nothing_can_break_is_idle() -> None:
    limits = [
        {"limit": "many", "on": "measures", "kind": "all", "max": 9},
        {"limit": "one", "on": "measures", "kind": "measure_kind", "target": "second_source", "max": 0},
    ]
    instance = two_chains(years=[2026], budget=[8.0], max_new_chains=None, tables={"limits": limits})
    found = oc.quotas(instance, oc.reinforce(instance, forbid=["idle"])).set_index("name")
    assert found.loc["many", "status"] == "idle"
    assert found.loc["one", "measures_in"] == ["second"]
    # stock alone gains 1/3 at each of a and b; the second maker 1 at b: it takes 6 of 8, so the stock goes
    assert found.loc["one", "price"] == pytest.approx(1 / 2 - (1 / 3 + 1 / 3) / 2 - 0.0)


def solved(count: int, first: int, objective: str = "expected") -> list[tuple[int, Any, Any]]:
    """Return (seed, instance, best plan) of random instances whose rules leave a plan."""
    found = []
    for seed, instance in strategies.accepted(2 * count, first=first):
        with contextlib.suppress(InfeasibleError):
            found.append((seed, instance, oc.reinforce(instance, objective=objective)))
        if len(found) == count:
            return found
    raise AssertionError("too few of the random instances have a plan")


@pytest.mark.parametrize(
    ("first", "count", "objective"),
    [
        (7140, 2, "expected"),
        (7160, 1, "loss"),
        pytest.param(7300, 8, "expected", marks=pytest.mark.slow),
        pytest.param(7400, 8, "loss", marks=pytest.mark.slow),
        pytest.param(7500, 8, "cvar", marks=pytest.mark.slow),
    ],
)
def test_neighbours_of_random_plans_are_what_evaluate_says(first: int, count: int, objective: str) -> None:
    for seed, instance, plan in solved(count, first, objective):
        bench = Bench(instance, plan)
        funded = oc.leave_one_out(instance, plan, bench=bench)
        left_out = oc.add_one(instance, plan, bench=bench)
        mine = plan.measures[["measure", "units", "start_year"]]
        for found in funded.to_dict("records"):
            other = oc.evaluate(instance, mine[mine["measure"] != found["measure"]], objective=objective)
            assert found["objective"] == pytest.approx(other.objective, abs=1e-7), seed
            assert found["acc"] == pytest.approx(other.acc_after, abs=1e-7), seed
            assert found["expected_annual_loss"] == pytest.approx(other.expected_annual_loss_after, abs=1e-6)
            again = _spofs(other) - _spofs(plan)
            assert set(found["spofs_cleared"]) == again, seed
            assert bool(found["rules_broken"]) == bool(_new(other, plan)), seed
        for found in left_out.to_dict("records"):
            more = pd.DataFrame(
                [{"measure": found["measure"], "units": 1.0, "start_year": found["start_year"]}]
            )
            other = oc.evaluate(instance, pd.concat([mine, more]), objective=objective)
            assert found["objective"] == pytest.approx(other.objective, abs=1e-7), seed
            gain = -found["objective_gain"] if objective == "loss" else found["objective_gain"]
            assert gain == pytest.approx(other.objective - plan.objective, abs=1e-7), seed
            assert set(found["spofs_cleared"]) == _spofs(plan) - _spofs(other), seed
            new = _new(other, plan)
            assert bool(found["rules_broken"]) == any(rule != "budget" for rule, _ in new), seed
            assert bool(found["short"]) == any(rule == "budget" for rule, _ in new), seed
            # what breaks no rule and gains more than the gap would be in the plan
            if found["why"] == "nothing":
                assert found["objective_gain"] <= abs(plan.bound - plan.objective) + 1e-9, seed


def _spofs(plan: Any) -> set[str]:
    return {
        f"{r['kind']}:{r['element']} of {r['demand']}" + (f"@{r['site']}" if r["site"] else "")
        for r in plan.spofs_after
    }


def _new(other: Any, plan: Any) -> set[tuple[str, str]]:
    return {(b["rule"], b["message"]) for b in other.breaches} - {
        (b["rule"], b["message"]) for b in plan.breaches
    }


@pytest.mark.parametrize(("first", "count"), [(7200, 1), pytest.param(7600, 6, marks=pytest.mark.slow)])
def test_prices_of_random_quotas_against_all_plans(first: int, count: int) -> None:
    compared = 0
    for seed, instance, plan in solved(count, first):
        found = oc.quotas(instance, plan, gap=1e-7)
        best = plans.enumerate_plans(instance).objective
        planning = instance.settings.planning
        for quota in found.to_dict("records"):
            looser: dict[str, Any] | None = None
            if quota["rule"] == "intake" and quota["side"] == "max":
                looser = {"max_new_chains": planning.max_new_chains + 1}
            if quota["rule"] == "budget" and int(quota["name"]) in planning.years[:-1]:
                money = list(planning.budget)
                money[planning.years.index(int(quota["name"]))] += 1.0
                looser = {"budget": tuple(money)}
            if looser is None:
                continue
            compared += 1
            settings = instance.settings.model_copy(update={"planning": planning.model_copy(update=looser)})
            truth = plans.enumerate_plans(instance.replace(settings=settings)).objective
            assert quota["price"] == pytest.approx(truth - best, abs=2e-6), (seed, quota["name"])
            assert quota["price_least"] - 1e-9 <= truth - best <= quota["price_most"] + 1e-6, seed
    assert compared >= count


def rivals(**site: Any) -> Any:
    """Two chains worth 100 and 60 that one measure each secures completely; the budget pays for one."""
    return small.instance(
        planning={"years": [2026], "budget": [1.0], "terminal_years": 0},
        sites=[
            {"site": "a", "recovery_time": 10, **site},
            {"site": "b", "recovery_time": 10, "annual_probability": 0.01},
        ],
        items=[{"item": "x", "chain": "A"}, {"item": "y", "chain": "B"}],
        sources=[{"site": "a", "item": "x", "capacity": 10}, {"site": "b", "item": "y", "capacity": 10}],
        demands=[{"item": "x", "chain": "A", "rate": 10}, {"item": "y", "chain": "B", "rate": 6}],
        measures=[
            {"measure": "ma", "chain": "A", "cost_1": 1},
            {"measure": "mb", "chain": "B", "cost_1": 1},
        ],
        effects=[
            {"measure": "ma", "effect": "harden", "target": "site:a", "amount": 1.0},
            {"measure": "mb", "effect": "harden", "target": "site:b", "amount": 1.0},
        ],
    )


def test_how_often_a_measure_stays_and_what_flips_it() -> None:
    instance = rivals()
    plan = oc.reinforce(instance, objective="loss")
    # at the default of 0.01 securing a saves 1.0 a year, b 0.6
    assert [c.measure for c in plan.choices] == ["ma"]
    found = oc.stability(instance, plan, samples=12, seed=3)
    # a fails with 0.001 to 0.1; below 0.006 b is the better one
    drawn = 0.001 * 100 ** np.random.default_rng(3).random((12, 1))[:, 0]
    stays = float(np.mean(drawn > 0.006))
    assert 0.0 < stays < 1.0
    measures = found.measures.set_index("measure")
    assert measures.loc["ma", "funded"] == pytest.approx(stays)
    assert measures.loc["mb", "funded"] == pytest.approx(1.0 - stays)
    assert measures.loc["ma", "flipped_by"] == ["sites a annual_probability"]
    assert found.inputs[["name", "low", "high", "flips", "out", "into"]].to_numpy().tolist() == [
        ["a", pytest.approx(0.001), pytest.approx(0.1), True, ["ma"], ["mb"]]
    ]
    regret = np.maximum((0.6 - 100 * drawn) / 0.6, 0.0)
    assert found.regret_mean == pytest.approx(regret.mean())
    assert found.regret_worst == pytest.approx(regret.max())


def test_what_is_stated_flips_only_within_its_range() -> None:
    instance = rivals(annual_probability=0.01)
    plan = oc.reinforce(instance, objective="loss")
    assert oc.stability(instance, plan, samples=1).inputs.empty
    ranges = {"table": "sites", "name": "a", "column": "annual_probability"}
    near = oc.stability(
        instance, plan, samples=1, ranges=pd.DataFrame([{**ranges, "low": 0.007, "high": 0.02}])
    )
    assert near.inputs["flips"].tolist() == [False]
    assert near.kept == 1
    wide = oc.stability(
        instance, plan, samples=1, ranges=pd.DataFrame([{**ranges, "low": 0.005, "high": 0.02}])
    )
    assert wide.inputs["flips"].tolist() == [True]


def test_uncertain_inputs_and_their_ranges() -> None:
    instance = small.instance(
        sites=[{"site": "a"}, {"site": "b", "recovery_time": 3, "annual_probability": 0.5, "groups": "g"}],
        elements=[{"kind": "group", "target": "g", "recovery_time": 5}],
        sources=[{"site": "a", "item": "x"}, {"site": "b", "item": "x", "capacity": 4}],
        demands=[{"item": "x", "rate": 10}],
    )
    found = {(u.table, u.name, u.column): u for u in uncertain_inputs(instance)}
    # half of the demand of 10 is a's normal flow, and the surge of 0.2 is 0.1 to 0.4
    assert {key: (u.assumed, u.low, u.high) for key, u in found.items()} == {
        ("sites", "a", "recovery_time"): pytest.approx((12.0, 6.0, 24.0)),
        ("sites", "a", "annual_probability"): pytest.approx((0.01, 0.001, 0.1)),
        ("elements", "group:g", "annual_probability"): pytest.approx((0.01, 0.001, 0.1)),
        ("sources", "a:x", "capacity"): pytest.approx((6.0, 5.5, 7.0)),
    }
    assert found["sources", "a:x", "capacity"].at(0.5) == pytest.approx(6.0)
    moved = with_inputs(instance, {u: u.high for u in found.values()})
    assert moved["sites"]["recovery_time"].tolist() == [24.0, 3.0]
    assert moved["elements"]["annual_probability"].tolist() == pytest.approx([0.1])
    assert moved["sources"]["capacity"].tolist() == pytest.approx([7.0, 4.0])


@pytest.mark.parametrize("first", [200, pytest.param(230, marks=pytest.mark.slow)])
def test_a_neighbour_worked_out_block_by_block_is_the_account(first: int) -> None:
    wrong, compared = [], 0
    for seed, instance in strategies.accepted(6 if first < 230 else 60, first=first):
        every = [
            Choice(str(m), 1.0, instance.settings.planning.years[0]) for m in instance["measures"]["measure"]
        ]
        for objective in ("expected", "loss", "cvar"):
            listed = pd.DataFrame(
                [(c.measure, c.start_year) for c in every[::2]], columns=["measure", "start_year"]
            )
            bench = Bench(instance, oc.evaluate(instance, listed, objective=objective))
            for choices in ([], every[:1], every[1::2], every):
                account = bench.work_out(choices)
                found, right = bench.neighbour(choices), bench.figures_of(account)
                compared += 1
                for name in ("objective", "acc", "acc_mean", "loss", "loss_mean"):
                    mine, true = getattr(found.figures, name), getattr(right, name)
                    if abs(mine - true) > 1e-7 * max(1.0, abs(true)):
                        wrong.append(f"seed {seed}, {objective}, {len(choices)}: {name} {mine}, truly {true}")
                if found.breaches != account.breaches or found.spend != account.spend:
                    wrong.append(f"seed {seed}, {objective}: rules or money differ")
    assert wrong == []
    assert compared > 50
