"""Rules of thumb under the same budget and rules: what they buy, and that none passes the best plan."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import optichain as oc
import small
import strategies
from optichain.design.aims import Aim
from optichain.design.firststage.rules import build_first_stage
from optichain.design.plan import Choice
from optichain.design.recourse.worth import Worth
from oracle import plans
from oracle.data import read


def two_chains(**planning: Any) -> Any:
    """Two chains, each a source that fails for all ten weeks with probability 0.1.

    The heavy chain (weight 0.75) can be secured in halves: m1 and m2 each harden by half. The light one for 2.
    """
    return small.instance(
        planning={"years": [2026], "budget": [8.0], "terminal_years": 0, **planning},
        chains=[{"chain": "heavy", "weight": 3.0}, {"chain": "light", "weight": 1.0}],
        sites=[
            {"site": "a", "recovery_time": 10, "annual_probability": 0.1},
            {"site": "b", "recovery_time": 10, "annual_probability": 0.1},
        ],
        items=[{"item": "x", "chain": "heavy"}, {"item": "y", "chain": "light"}],
        sources=[
            {"site": "a", "item": "x", "capacity": 10},
            {"site": "b", "item": "y", "capacity": 10},
        ],
        demands=[
            {"item": "x", "chain": "heavy", "rate": 10},
            {"item": "y", "chain": "light", "rate": 10},
        ],
        measures=[
            {"measure": "m1", "chain": "heavy", "cost_1": 7},
            {"measure": "m2", "chain": "heavy", "cost_1": 6},
            {"measure": "n", "chain": "light", "cost_1": 2},
        ],
        effects=[
            {"measure": "m1", "effect": "harden", "target": "site:a", "amount": 1.0},
            {"measure": "m2", "effect": "harden", "target": "site:a", "amount": 0.5},
            {"measure": "n", "effect": "harden", "target": "site:b", "amount": 1.0},
        ],
    )


def bought(plan: Any) -> set[str]:
    return {c.measure for c in plan.choices}


def test_each_rule_of_thumb_buys_what_it_says() -> None:
    instance = two_chains()
    best = oc.reinforce(instance)
    found = oc.baselines(instance, plan=best)
    # m1 alone gains 0.75; m2 and n together 0.375 + 0.25
    assert bought(best) == {"m1"}
    # 6 of 8 for the heavy chain pays for m2, 2 for the light one for n
    assert bought(found.plans["pro-rata"]) == {"m2", "n"}
    # the heavy chain first: m1, and the money left pays for nothing
    assert bought(found.plans["by-score"]) == {"m1"}
    # site a loses 100, as does site b; the names decide; no measure clears it, the cheapest that helps is m2
    assert bought(found.plans["by-spof"]) == {"m2", "n"}
    # gain per cost: n 0.125, m1 0.107, m2 0.0625; then 6 are left
    assert bought(found.plans["greedy"]) == {"n", "m2"}
    shares = found.table.set_index("name")["share_of_plan"]
    assert shares["greedy"] == pytest.approx(0.625 / 0.75)
    assert shares["plan"] == pytest.approx(1.0)
    assert found.greedy_is_close is False


def test_what_a_remedy_adds_elsewhere_does_not_hide_the_next_single_point() -> None:
    # site a loses 5 x 10 weeks and goes first; source c serves 20 a week, 150 more than a did before anything happened.
    # site b loses 4 x 10 = 40 all the same, and n is still bought
    found = oc.baselines(
        small.instance(
            planning={"years": [2026], "budget": [9.0], "terminal_years": 0},
            sites=[{"site": s, "recovery_time": 10, "annual_probability": 0.1} for s in ("a", "b", "c")],
            items=[{"item": "x", "chain": "heavy"}, {"item": "y", "chain": "light"}],
            sources=[
                {"site": "a", "item": "x", "capacity": 5},
                {"site": "c", "item": "x", "capacity": 20, "status": "potential"},
                {"site": "b", "item": "y", "capacity": 4},
            ],
            demands=[
                {"item": "x", "chain": "heavy", "rate": 20},
                {"item": "y", "chain": "light", "rate": 4},
            ],
            measures=[
                {"measure": "m", "chain": "heavy", "cost_1": 7},
                {"measure": "n", "chain": "light", "cost_1": 2},
            ],
            effects=[
                {"measure": "m", "effect": "qualify", "target": "source:c:x"},
                {"measure": "n", "effect": "harden", "target": "site:b", "amount": 1.0},
            ],
        )
    )
    assert bought(found.plans["by-spof"]) == {"m", "n"}


def test_greedy_that_finds_the_best_plan_is_said_to_be_close() -> None:
    instance = two_chains(budget=[9.0])
    found = oc.baselines(instance, plan=oc.reinforce(instance))
    assert bought(found.plans["greedy"]) == {"m1", "n"}
    assert found.greedy_is_close is True


def test_a_given_list_stands_beside_them_with_its_breaches() -> None:
    listed = pd.DataFrame({"measure": ["m1", "m2"], "start_year": [2026, 2026]})
    found = oc.baselines(two_chains(), choose=listed)
    row = found.table.set_index("name").loc["given"]
    assert (row["spend"], row["breaches"]) == (13.0, 1)


def test_what_the_rules_require_is_bought_first_and_requirements_come_along() -> None:
    instance = two_chains(budget=[15.0])
    tables = dict(instance.tables)
    tables["measures"] = tables["measures"].assign(required=[False, False, True])
    tables["measure_rules"] = pd.DataFrame([{"rule": "requires", "measure": "m1", "other": "m2"}])
    changed = instance.replace(**{name: tables[name] for name in ("measures", "measure_rules")})
    found = oc.baselines(changed)
    for name, plan in found.plans.items():
        assert "n" in bought(plan), name
        assert plan.breaches == [], name
    assert bought(found.plans["greedy"]) == {"m1", "m2", "n"}


@pytest.mark.parametrize("first", [3, pytest.param(24, marks=pytest.mark.slow)])
def test_no_rule_of_thumb_breaks_a_rule_or_passes_the_best_plan(first: int) -> None:
    wrong = []
    count = 2 if first < 24 else 100
    for seed, instance in strategies.accepted(count, first=first):
        objective = ("expected", "loss", "cvar")[seed % 3]
        best = plans.enumerate_plans(instance, objective=objective)
        try:
            found = oc.baselines(instance, objective=objective)
        except oc.OptichainError as error:
            if best is not None:
                wrong.append(f"seed {seed}: {error}")
            continue
        assert best is not None
        sign = -1.0 if objective == "loss" else 1.0
        valuer = plans.Valuer(instance, objective=objective)
        for name, plan in found.plans.items():
            chosen = frozenset((c.measure, int(c.units), c.start_year) for c in plan.choices)
            value = valuer.value(chosen)
            if plan.breaches or not plans.keeps_rules(read(instance), chosen):
                wrong.append(f"seed {seed}: {name} breaks {plan.breaches}")
            if sign * (value - best.objective) > 1e-6 or abs(value - plan.objective) > 1e-6:
                wrong.append(f"seed {seed}: {name} {plan.objective}, truly {value}, best {best.objective}")
    assert wrong == []


@pytest.mark.parametrize("objective", ["expected", "loss", "worst", "cvar"])
def test_worth_by_block_is_the_objective_of_the_account(objective: str) -> None:
    wrong = []
    for seed, instance in strategies.accepted(2, first=100):
        network = oc.compile_network(instance)
        worth = Worth(network, build_first_stage(instance), Aim(objective, 0.7))
        for plan in sorted(plans.all_plans(read(instance)), key=sorted)[:: max(1, seed % 7)][:6]:
            listed = pd.DataFrame(sorted(plan), columns=["measure", "units", "start_year"])
            truth = oc.evaluate(instance, listed, objective=objective, alpha=0.7).objective
            found = worth.of([Choice(m, float(u), y) for m, u, y in plan])
            if abs((-found if objective == "loss" else found) - truth) > 1e-7 * max(1.0, abs(truth)):
                wrong.append(f"seed {seed}: {sorted(plan)}: {found}, by the account {truth}")
    assert wrong == []
