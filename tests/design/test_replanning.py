"""Next year's plan: what has begun stays, what was announced has its price, and what changed is told with its reason."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

import optichain as oc
import small
from optichain.errors import PlanError


def two_sources(first: int, budget: list[float], **changes: Any) -> Any:
    """Two chains of one source each, which fails for all ten weeks with probability 0.1; either is secured for 6 + 2."""
    tables: dict[str, Any] = {
        "sites": [
            {"site": "a", "recovery_time": 10, "annual_probability": 0.1},
            {"site": "b", "recovery_time": 10, "annual_probability": 0.1},
        ],
        "items": [{"item": "x", "chain": "one"}, {"item": "y", "chain": "two"}],
        "sources": [
            {"site": "a", "item": "x", "capacity": 20},
            {"site": "b", "item": "y", "capacity": 20},
        ],
        "demands": [
            {"item": "x", "chain": "one", "rate": 10},
            {"item": "y", "chain": "two", "rate": 9},
        ],
        "measures": [
            {"measure": "m", "chain": "one", "cost_1": 6, "cost_2": 2},
            {"measure": "n", "chain": "two", "cost_1": 6, "cost_2": 2},
        ],
        "effects": [
            {"measure": "m", "effect": "harden", "target": "site:a", "amount": 1.0},
            {"measure": "n", "effect": "harden", "target": "site:b", "amount": 1.0},
        ],
        **changes,
    }
    years = list(range(first, first + len(budget)))
    return small.instance(planning={"years": years, "budget": budget, "terminal_years": 1}, **tables)


def starts(plan: Any) -> dict[str, int]:
    return {c.measure: c.start_year for c in plan.choices}


def test_what_has_begun_stays_and_its_later_cost_is_a_commitment() -> None:
    old = oc.reinforce(two_sources(2026, [6.0, 8.0]))
    assert starts(old) == {"m": 2026, "n": 2027}
    instance = two_sources(2027, [8.0, 8.0])
    new = oc.reinforce(instance, previous=old)
    assert starts(new) == {"n": 2027}
    assert new.commitments[2027] == pytest.approx(2.0)
    assert new.spend[2027] == pytest.approx(8.0)
    assert new.acc_after == pytest.approx(1.0)
    assert new.changes == []
    assert all(c.ok for c in oc.check_claims(instance, new))
    # in full effect what has begun works too
    assert oc.resilience(instance, plan=new).acc == pytest.approx(1.0)


def test_less_money_moves_what_was_announced_and_the_rule_is_named() -> None:
    old = oc.reinforce(two_sources(2026, [6.0, 8.0]))
    new = oc.reinforce(two_sources(2027, [7.0, 8.0]), previous=old, change_price=0.01)
    assert starts(new) == {"n": 2028}
    (change,) = new.changes
    assert (change["measure"], change["change"]) == ("n", "moved")
    assert change["announced"] == {"units": 1.0, "start_year": 2027}
    assert "spending in 2027" in change["why"]
    # years 2027, 2028, 2029: 10/19 then all; one promise is broken
    assert new.objective == pytest.approx((10 / 19 + 1 + 1) / 3 - 0.01)
    # to buy nothing breaks it too
    assert new.objective_nothing == pytest.approx(10 / 19 - 0.01)


def test_a_price_on_changes_keeps_what_is_only_a_little_worse() -> None:
    old = oc.reinforce(two_sources(2026, [0.0, 6.0]))
    assert starts(old) == {"m": 2027}
    # chain two has grown beyond chain one: 10 of 21 against 11 of 21
    demands = [
        {"item": "x", "chain": "one", "rate": 10},
        {"item": "y", "chain": "two", "rate": 11},
    ]
    instance = two_sources(2027, [6.0], demands=demands)
    assert starts(oc.reinforce(instance, previous=old)) == {"n": 2027}
    kept = oc.reinforce(instance, previous=old, change_price=0.05)
    assert starts(kept) == {"m": 2027}
    dropped = oc.reinforce(instance, previous=old, change_price=0.04)
    # without the price m would gain 10/21 and n 11/21 each year
    assert {row["measure"]: row["change"] for row in dropped.changes} == {"m": "dropped", "n": "new"}
    assert all(c.ok for c in oc.check_claims(instance, dropped))


def test_what_has_begun_must_be_in_the_new_data() -> None:
    old = oc.reinforce(two_sources(2026, [6.0, 8.0]))
    kept = [{"measure": "n", "chain": "two", "cost_1": 6, "cost_2": 2}]
    effects = [{"measure": "n", "effect": "harden", "target": "site:b", "amount": 1.0}]
    with pytest.raises(PlanError, match="'m' has begun in 2026"):
        oc.reinforce(two_sources(2027, [8.0], measures=kept, effects=effects), previous=old)


def test_an_announced_measure_that_is_no_more_is_told() -> None:
    old = oc.reinforce(two_sources(2026, [6.0, 8.0]))
    kept = [{"measure": "m", "chain": "one", "cost_1": 6, "cost_2": 2}]
    effects = [{"measure": "m", "effect": "harden", "target": "site:a", "amount": 1.0}]
    instance = two_sources(2027, [8.0], measures=kept, effects=effects)
    new = oc.reinforce(instance, previous=old)
    assert [(row["measure"], row["why"]) for row in new.changes] == [("n", "is not in the new data")]
    assert all(c.ok for c in oc.check_claims(instance, new))


def test_two_plans_are_compared_by_what_they_fund_and_why() -> None:
    instance = two_sources(2026, [6.0, 8.0])
    one, other = oc.reinforce(instance), oc.reinforce(instance, forbid=["m"])
    found = oc.compare(one, other)
    rows = {row["measure"]: row for row in found.measures.to_dict("records")}
    assert rows["m"]["change"] == "dropped"
    assert rows["m"]["why"] == "ruled out in the second plan alone"
    assert (rows["n"]["change"], rows["n"]["start_year_second"]) == ("moved", 2026)
    assert [str(cause) for cause in found.causes] == ["the measures ruled out changed"]
    assert oc.compare(one, one).same


def test_a_year_later_the_second_plan_tells_its_own_reasons() -> None:
    old = oc.reinforce(two_sources(2026, [6.0, 8.0]))
    new = oc.reinforce(two_sources(2027, [7.0, 8.0]), previous=old)
    found = oc.compare(old, new)
    (row,) = found.measures.to_dict("records")
    assert row["measure"] == "n"
    assert "spending in 2027" in row["why"]
    assert "the data differ" in [str(cause) for cause in found.causes]


def test_what_is_given_up_is_told_and_verified() -> None:
    old = oc.reinforce(two_sources(2026, [6.0, 8.0]))
    # 2 are owed for m in the first year, which leaves n too little in either
    instance = two_sources(2027, [2.0, 2.0])
    new = oc.reinforce(instance, previous=old)
    (change,) = new.changes
    assert (change["measure"], change["now"]) == ("n", None)
    assert change["announced"] == {"units": 1.0, "start_year": 2027}
    assert all(c.ok for c in oc.check_claims(instance, new))
    silent = dataclasses.replace(new, changes=[])
    assert [c.claim for c in oc.check_claims(instance, silent) if not c.ok] == ["change of n"]
    invented = dataclasses.replace(new, changes=[*new.changes, {**change, "measure": "m"}])
    assert [c.claim for c in oc.check_claims(instance, invented) if not c.ok] == ["change of m"]
