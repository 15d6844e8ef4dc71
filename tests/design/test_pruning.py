"""What gains nothing is left out of a plan, unless a rule needs it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import optichain as oc
import small
import strategies
from optichain.design.plan import Choice
from optichain.design.pruning import pruned
from optichain.design.twostage.problem import build_problem


def one_source(**more: Any) -> Any:
    """A source that fails for ten weeks; `whole` saves all of it, after which `half` and stock save nothing."""
    measures = [
        {"measure": "whole", "chain": "C", "cost_1": 2},
        {"measure": "half", "chain": "C", "cost_1": 1},
        {"measure": "stock", "chain": "C", "cost_1": 1, "max_units": 3},
    ]
    for row in measures:
        row.update(more.pop(row["measure"], {}))
    return small.instance(
        planning={"years": [2026], "budget": [9.0], "terminal_years": 0},
        sites=[{"site": "a", "recovery_time": 10, "annual_probability": 0.1}],
        items=[{"item": "x", "chain": "C"}],
        sources=[{"site": "a", "item": "x", "capacity": 10}],
        demands=[{"item": "x", "rate": 10, "chain": "C"}],
        measures=measures,
        effects=[
            {"measure": "whole", "effect": "harden", "target": "site:a", "amount": 1.0},
            {"measure": "half", "effect": "harden", "target": "site:a", "amount": 0.5},
            {"measure": "stock", "effect": "stockpile", "target": "x", "amount": 60.0},
        ],
        **more,
    )


def left_of(instance: Any, units: dict[str, float]) -> dict[str, float]:
    choices = [Choice(m, u, 2026) for m, u in units.items()]
    kept, _ = pruned(build_problem(instance), choices, {})
    return {c.measure: c.units for c in kept}


def test_what_changes_no_event_goes_the_dearest_first() -> None:
    assert left_of(one_source(), {"whole": 1.0, "half": 1.0}) == {"whole": 1.0}
    # a whole and a half with 60 in stock save all of 100 as well: the dearest that is not needed goes first
    found = left_of(one_source(), {"whole": 1.0, "half": 1.0, "stock": 1.0})
    assert found == {"half": 1.0, "stock": 1.0}


def test_units_that_are_too_many_go() -> None:
    # 100 are lost; two units of 60 cover that, the third is idle
    assert left_of(one_source(), {"stock": 3.0}) == {"stock": 2.0}
    # beside half the loss is 50: one unit covers it
    assert left_of(one_source(), {"half": 1.0, "stock": 3.0}) in ({"half": 1.0, "stock": 1.0}, {"stock": 2.0})


def test_what_a_rule_needs_stays() -> None:
    both = {"whole": 1.0, "half": 1.0}
    assert left_of(one_source(half={"required": True}), both) == both
    needs = [{"rule": "requires", "measure": "whole", "other": "half"}]
    assert left_of(one_source(measure_rules=needs), both) == both
    least = [{"limit": "q", "on": "measures", "kind": "all", "min": 2}]
    assert left_of(one_source(limits=least), both) == both
    spend = [{"limit": "q", "on": "spend", "kind": "all", "min": 3}]
    assert left_of(one_source(limits=spend), both) == both


def test_a_policy_of_a_catalogue_stays_whole() -> None:
    instance = one_source(
        policies=[{"policy": "P", "chain": "C"}],
        policy_measures=[{"policy": "P", "measure": m} for m in ("whole", "half")],
    )
    problem = build_problem(instance)
    choices = [Choice(m, 1.0, 2026) for m in ("whole", "half")]
    assert pruned(problem, choices, {"C": "P"}) == (choices, {"C": "P"})


def test_a_plan_with_money_to_spare_holds_only_what_it_needs() -> None:
    plan = oc.reinforce(one_source(half={"cost_1": 0.0}), method="extensive")
    assert plan.objective == pytest.approx(1.0)
    assert [c.measure for c in plan.choices] in (["whole"], ["stock"])


@pytest.mark.parametrize("first", [0, pytest.param(200, marks=pytest.mark.slow)])
def test_no_part_of_a_plan_is_idle(first: int) -> None:
    wrong = []
    for seed, instance in strategies.accepted(6 if first == 0 else 60, first=first):
        try:
            plan = oc.reinforce(instance, method="lshaped")
        except oc.OptichainError:
            continue
        for gone in plan.choices:
            rest = [(c.measure, c.units, c.start_year) for c in plan.choices if c != gone]
            listed = pd.DataFrame(rest, columns=["measure", "units", "start_year"])
            without = oc.evaluate(instance, listed)
            if not without.breaches and without.objective >= plan.objective - 1e-11:
                wrong.append(f"seed {seed}: {gone.measure} is idle")
    assert wrong == []
