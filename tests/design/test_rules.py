"""Every rule of the format by itself: which lists of measures break it, and which just do not."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import optichain as oc
import small
from optichain.design.firststage.rules import money_of_years, planning_of
from optichain.errors import InfeasibleError, UsageError

Choices = list[tuple[str, int, int]]


def instance(planning: dict[str, Any] | None = None, **tables: Any) -> oc.Instance:
    """Two chains and four measures: m1 and m2 of c, n of d, s of nobody; at most three units of m2."""
    chains = {"c": {"cluster": "X", "region": "R"}, "d": {"cluster": "Y", "region": "R"}}
    for row in tables.pop("chains", []):
        chains[row["chain"]] |= row
    costs = {
        "m1": {"chain": "c", "cost_1": 5, "cost_2": 2, "cost_3": 1, "kind": "stock"},
        "m2": {"chain": "c", "cost_1": 1, "max_units": 3, "kind": "recovery"},
        "n": {"chain": "d", "cost_1": 4, "cost_2": 4, "kind": "stock"},
        "s": {"cost_1": 3, "kind": "digital"},
    }
    for row in tables.pop("measures", []):
        costs[row["measure"]] |= row
    return small.instance(
        planning={
            "years": [2026, 2027, 2028],
            "budget": [100.0, 100.0, 100.0],
            "terminal_years": 0,
            **(planning or {}),
        },
        chains=[{"chain": name, **row} for name, row in chains.items()],
        chain_owners=[{"chain": "c", "enterprise": "Lead"}, {"chain": "d", "enterprise": "Other"}],
        items=[{"item": "x", "chain": "c"}, {"item": "y", "chain": "d"}],
        sites=[{"site": "a", "recovery_time": 5, "annual_probability": 0.1}],
        sources=[{"site": "a", "item": "x", "capacity": 9}, {"site": "a", "item": "y", "capacity": 9}],
        demands=[{"item": "x", "rate": 1, "chain": "c"}, {"item": "y", "rate": 1, "chain": "d"}],
        measures=[{"measure": name, **row} for name, row in costs.items()],
        effects=[{"measure": "m2", "effect": "stockpile", "target": "x", "amount": 1}]
        + [
            {"measure": name, "effect": "recover", "target": "site:a", "amount": 1}
            for name in ("m1", "n", "s")
        ],
        **tables,
    )


def worked_out(given: oc.Instance, choices: Choices) -> Any:
    return oc.evaluate(given, pd.DataFrame(choices, columns=["measure", "units", "start_year"]))


def broken(given: oc.Instance, choices: Choices) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for breach in worked_out(given, choices).breaches:
        found.setdefault(breach["rule"], []).append(breach["message"])
    return found


Y = 2026
FREE: dict[str, Any] = {}
LIMIT = {"limit": "L", "on": "spend", "kind": "all"}


def limits(**row: Any) -> dict[str, Any]:
    return {"limits": [{**LIMIT, **row}]}


CASES: list[tuple[str, dict[str, Any], Choices, str | None]] = [
    ("nothing is bought", FREE, [], None),
    ("one of each", FREE, [("m1", 1, Y), ("m2", 3, Y), ("n", 1, Y + 1), ("s", 1, Y + 2)], None),
    ("two starts of a chain", FREE, [("m1", 1, Y), ("m2", 1, Y + 1)], "one chain, one policy"),
    ("too many units", FREE, [("m2", 4, Y)], "units"),
    ("before the first year", FREE, [("s", 1, Y - 1)], "start year"),
    ("after the last year", FREE, [("s", 1, Y + 3)], "start year"),
    # what requires what
    ("without what it requires", {"measure_rules": [("requires", "m1", "s")]}, [("m1", 1, Y)], "requires"),
    (
        "required too late",
        {"measure_rules": [("requires", "m1", "s")]},
        [("m1", 1, Y), ("s", 1, Y + 1)],
        "requires",
    ),
    ("required in time", {"measure_rules": [("requires", "m1", "s")]}, [("m1", 1, Y + 1), ("s", 1, Y)], None),
    ("required at once", {"measure_rules": [("requires", "m1", "s")]}, [("m1", 1, Y), ("s", 1, Y)], None),
    ("the other way round", {"measure_rules": [("requires", "m1", "s")]}, [("s", 1, Y)], None),
    (
        "required support runs",
        {
            "measure_rules": [("requires", "m1", "s")],
            "running": [{"chain": None, "measure": "s", "start_year": 2025}],
        },
        [("m1", 1, Y)],
        None,
    ),
    # what excludes what
    ("excluded", {"measure_rules": [("excludes", "n", "s")]}, [("n", 1, Y), ("s", 1, Y + 2)], "excludes"),
    ("one of them", {"measure_rules": [("excludes", "n", "s")]}, [("n", 1, Y)], None),
    (
        "excluded by support that runs",
        {
            "measure_rules": [("excludes", "n", "m1")],
            "running": [{"chain": "c", "measure": "m1", "start_year": 2025}],
        },
        [("n", 1, Y)],
        "excludes",
    ),
    (
        "support runs and nothing else",
        {
            "measure_rules": [("excludes", "n", "m1")],
            "running": [{"chain": "c", "measure": "m1", "start_year": 2025}],
        },
        [],
        None,
    ),
    (
        "a chain in support is not taken in again",
        {"running": [{"chain": "c", "measure": "m1", "start_year": 2025}]},
        [("m2", 1, Y)],
        "running",
    ),
    (
        "what runs is not started again",
        {"running": [{"chain": "c", "measure": "m1", "start_year": 2025}]},
        [("m1", 1, Y)],
        "running",
    ),
    # what must be
    ("not started", {"measures": [{"measure": "n", "required": True}]}, [], "required"),
    ("started", {"measures": [{"measure": "n", "required": True}]}, [("n", 1, Y + 2)], None),
    # intake
    ("too many chains", {"planning": {"max_new_chains": 1}}, [("m1", 1, Y), ("n", 1, Y)], "intake"),
    ("one a year", {"planning": {"max_new_chains": 1}}, [("m1", 1, Y), ("n", 1, Y + 1), ("s", 1, Y)], None),
    (
        "too few chains",
        {"planning": {"years": [2026, 2027], "budget": [100.0, 100.0], "min_new_chains": 1}},
        [("m1", 1, Y), ("s", 1, Y + 1)],
        "intake",
    ),
    (
        "enough chains",
        {"planning": {"years": [2026, 2027], "budget": [100.0, 100.0], "min_new_chains": 1}},
        [("m1", 1, Y), ("n", 1, Y + 1)],
        None,
    ),
    # amounts of a chain's three support years: 5, 2, 1 of m1 and 1 a unit of m2
    (
        "too little in the third",
        {"chains": [{"chain": "c", "support_min": 1.5}]},
        [("m1", 1, Y)],
        "support_min",
    ),
    ("just enough in the third", {"chains": [{"chain": "c", "support_min": 1.0}]}, [("m1", 1, Y)], None),
    (
        "too much in the first",
        {"chains": [{"chain": "c", "support_max": 6.9}]},
        [("m1", 1, Y), ("m2", 2, Y)],
        "support_max",
    ),
    (
        "just at the most",
        {"chains": [{"chain": "c", "support_max": 7.0}]},
        [("m1", 1, Y), ("m2", 2, Y)],
        None,
    ),
    ("no support, no minimum", {"chains": [{"chain": "c", "support_min": 1.5}]}, [("n", 1, Y)], None),
    # a catalogue
    ("no policy of the catalogue", {"catalogue": True}, [("m1", 1, Y)], "catalogue"),
    ("other units than the policy's", {"catalogue": True}, [("m1", 1, Y), ("m2", 1, Y)], "catalogue"),
    ("the larger policy", {"catalogue": True}, [("m1", 1, Y), ("m2", 2, Y)], None),
    ("the smaller policy", {"catalogue": True}, [("m2", 1, Y)], None),
    # limits on money: 5 + 3 in 2026, 2 + 4 in 2027, 1 + 4 in 2028
    ("spent too much", limits(year=Y, max=7.9), [("m1", 1, Y), ("n", 1, Y + 1), ("s", 1, Y)], "limit"),
    ("spent as much", limits(year=Y, max=8.0), [("m1", 1, Y), ("n", 1, Y + 1), ("s", 1, Y)], None),
    ("spent too little", limits(year=Y + 1, min=6.1), [("m1", 1, Y), ("n", 1, Y + 1)], "limit"),
    ("spent enough", limits(year=Y + 1, min=6.0), [("m1", 1, Y), ("n", 1, Y + 1)], None),
    ("in each year", limits(max=7.9), [("m1", 1, Y), ("s", 1, Y)], "limit"),
    (
        "running support is spending too",
        {**limits(year=Y, max=1.9), "running": [{"chain": "c", "measure": "m1", "start_year": 2025}]},
        [],
        "limit",
    ),
    (
        "in its third year it takes less",
        {**limits(year=Y + 1, max=1.0), "running": [{"chain": "c", "measure": "m1", "start_year": 2025}]},
        [],
        None,
    ),
    ("of a cluster", limits(kind="cluster", target="X", max=4.9), [("m1", 1, Y)], "limit"),
    ("of the other cluster", limits(kind="cluster", target="Y", max=3.9), [("m1", 1, Y)], None),
    ("of a region", limits(kind="region", target="R", year=Y, max=8.9), [("m1", 1, Y), ("n", 1, Y)], "limit"),
    (
        "but not of nobody's",
        limits(kind="region", target="R", year=Y, max=5.0),
        [("m1", 1, Y), ("s", 1, Y)],
        None,
    ),
    ("of a chain", limits(kind="chain", target="d", max=3.9), [("n", 1, Y)], "limit"),
    ("of the other chain", limits(kind="chain", target="d", max=3.9), [("m1", 1, Y)], None),
    ("of a chain owner", limits(kind="enterprise", target="Lead", max=4.9), [("m1", 1, Y)], "limit"),
    ("of another owner", limits(kind="enterprise", target="Other", max=3.9), [("m1", 1, Y)], None),
    (
        "of a kind of measure",
        limits(kind="measure_kind", target="stock", year=Y, max=8.9),
        [("m1", 1, Y), ("n", 1, Y)],
        "limit",
    ),
    (
        "of another kind",
        limits(kind="measure_kind", target="digital", max=3.0),
        [("m1", 1, Y), ("s", 1, Y)],
        None,
    ),
    ("too many measures", limits(on="measures", year=Y, max=1), [("m1", 1, Y), ("s", 1, Y)], "limit"),
    ("units do not count", limits(on="measures", year=Y, max=2), [("m1", 1, Y), ("m2", 3, Y)], None),
    (
        "new chains of a cluster",
        limits(on="new_chains", kind="cluster", target="X", max=0),
        [("m1", 1, Y)],
        "limit",
    ),
    ("new chains elsewhere", limits(on="new_chains", kind="cluster", target="X", max=0), [("n", 1, Y)], None),
    # money: 5, 2, 1 of m1; 4, 4 of n
    ("more than there is", {"planning": {"budget": [4.9, 100.0, 100.0]}}, [("m1", 1, Y)], "budget"),
    (
        "all there is",
        {"planning": {"budget": [5.0, 2.0, 1.0], "tail_budget": [0.0, 0.0]}},
        [("m1", 1, Y)],
        None,
    ),
    (
        "no money in the third year",
        {"planning": {"budget": [5.0, 2.0, 0.9], "tail_budget": [0.0, 0.0]}},
        [("m1", 1, Y)],
        "budget",
    ),
    ("no money after the last year", {"planning": {"tail_budget": [2.0, 0.9]}}, [("m1", 1, Y + 2)], "budget"),
    ("money after the last year", {"planning": {"tail_budget": [2.0, 1.0]}}, [("m1", 1, Y + 2)], None),
    (
        "half of what is left goes on",
        {"planning": {"budget": [2.0, 4.0, 1.0], "carry_over": 0.5, "tail_budget": [1.0, 1.0]}},
        [("m1", 1, Y + 1)],
        "budget",
    ),
    # 2 are left of 2026, 1 of them is there in 2027, 4 + 1 are spent; then nothing is left and 2 are there
    (
        "and is spent",
        {"planning": {"budget": [2.0, 4.0, 2.0], "carry_over": 0.5, "tail_budget": [1.0, 1.0]}},
        [("m1", 1, Y + 1)],
        None,
    ),
    (
        "commitments come first",
        {
            "planning": {"budget": [5.9, 100.0, 100.0]},
            "running": [{"chain": "c", "measure": "m1", "start_year": 2025}],
        },
        [("n", 1, Y)],
        "budget",
    ),
    (
        "and leave the rest",
        {
            "planning": {"budget": [6.0, 100.0, 100.0]},
            "running": [{"chain": "c", "measure": "m1", "start_year": 2025}],
        },
        [("n", 1, Y)],
        None,
    ),
]


def built(tables: dict[str, Any]) -> oc.Instance:
    tables = dict(tables)
    if tables.pop("catalogue", False):
        tables["policies"] = [{"policy": p, "chain": "c"} for p in ("large", "little")]
        tables["policy_measures"] = [
            {"policy": "large", "measure": "m1"},
            {"policy": "large", "measure": "m2", "units": 2},
            {"policy": "little", "measure": "m2", "units": 1},
        ]
    if "measure_rules" in tables:
        rules = tables["measure_rules"]
        tables["measure_rules"] = [{"rule": r, "measure": m, "other": o} for r, m, o in rules]
    return instance(**tables)


@pytest.mark.parametrize(("tables", "choices", "rule"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_list_breaks_the_rule_that_it_breaks_and_no_other(
    tables: dict[str, Any], choices: Choices, rule: str | None
) -> None:
    assert set(broken(built(tables), choices)) == ({rule} if rule else set())


def test_what_is_spent_what_is_owed_and_what_each_policy_costs() -> None:
    given = built({"running": [{"chain": "d", "measure": "n", "start_year": 2025}], "catalogue": True})
    plan = worked_out(given, [("m1", 1, 2027), ("m2", 2, 2027), ("s", 1, 2028)])
    assert plan.years_of_cost == (2026, 2027, 2028, 2029, 2030)
    assert plan.commitments == {2026: 4.0, 2027: 0.0, 2028: 0.0, 2029: 0.0, 2030: 0.0}
    assert plan.spend == {2026: 4.0, 2027: 7.0, 2028: 2.0 + 3.0, 2029: 1.0, 2030: 0.0}
    (policy,) = plan.policies
    assert (policy.chain, policy.start_year, policy.policy) == ("c", 2027, "large")
    assert policy.cost == (0.0, 7.0, 2.0, 1.0, 0.0)
    (shared,) = plan.shared_measures
    assert (shared.chain, shared.policy, shared.acc_before, shared.cost[2]) == (None, None, None, 3.0)
    assert plan.breaches == []


def test_breaches_are_told_in_words_that_name_everything() -> None:
    given = built(
        {
            "planning": {"budget": [1.0, 100.0, 100.0], "max_new_chains": 1},
            "measure_rules": [("requires", "m1", "s"), ("excludes", "m1", "n")],
            **limits(kind="cluster", target="X", on="new_chains", year=Y, min=0, max=0),
            "chains": [{"chain": "c", "support_min": 3.0, "support_max": 4.0}],
        }
    )
    assert broken(given, [("m1", 1, Y), ("n", 1, Y)]) == {
        "budget": ["spending in 2026 stays within the money at hand (budget 1)"],
        "intake": ["between 0 and 1 chains are taken into support in 2026"],
        "requires": ["measure m1 requires s, chosen too and started no later"],
        "excludes": ["measures m1 and n exclude each other"],
        "limit": ["limit L: new_chains of cluster X in 2026 at least 0 and at most 0"],
        "support_min": [
            "chain c in support from 2026: its amount in 2027 is at least 3",
            "chain c in support from 2026: its amount in 2028 is at least 3",
        ],
        "support_max": ["chain c in support from 2026: its amount in 2026 is at most 4"],
    }


def test_what_cannot_start_is_told_in_words_that_name_everything() -> None:
    given = built({"running": [{"chain": "c", "measure": "m1", "start_year": 2025}]})
    assert broken(given, [("m1", 1, Y), ("m2", 4, Y), ("s", 1, 2030)]) == {
        "running": [
            "measure m1 already has support from 2025",
            "measure m2: chain c already has support and is not taken in again",
        ],
        "units": ["measure m2 has 4 units, expected a whole number from 1 to 3"],
        "start year": ["measure s starts in 2030, outside the planning years 2026-2028"],
    }


def test_the_budget_of_each_year_is_the_callers_or_the_instances() -> None:
    given = instance({"budget": [1.0, 2.0, 3.0]})
    assert list(money_of_years(given, None).items()) == [
        (2026, 1.0),
        (2027, 2.0),
        (2028, 3.0),
        (2029, 3.0),
        (2030, 3.0),
    ]
    assert list(money_of_years(given, 7).values()) == [7.0] * 5
    assert list(money_of_years(given, [7.0]).values()) == [7.0] * 5
    assert list(money_of_years(given, [7.0, 8.0, 0.0]).values()) == [7.0, 8.0, 0.0, 0.0, 0.0]
    # years after the last keep the money that the instance gives them
    own = instance({"budget": [1.0, 2.0, 3.0], "tail_budget": [0.5, 0.25]})
    assert list(money_of_years(own, 7.0).values()) == [7.0, 7.0, 7.0, 0.5, 0.25]
    for wrong in ([1.0, 2.0], [], -1.0, [1.0, 2.0, float("inf")], float("nan"), [1.0, -1e-9, 1.0]):
        with pytest.raises(UsageError, match=r"expected one number, or 3 numbers >= 0 for 2026-2028"):
            money_of_years(given, wrong)


def test_without_years_nothing_can_be_planned() -> None:
    given = small.instance(
        sources=[{"site": "a", "item": "x", "capacity": 1}], demands=[{"item": "x", "rate": 1}]
    )
    with pytest.raises(UsageError, match=r"instance.toml has no \[planning\] section; it gives the years"):
        planning_of(given)


def test_a_chain_that_must_be_taken_in_and_may_buy_nothing_clashes() -> None:
    given = instance({"years": [2026], "budget": [9.0], "max_new_chains": 2, "min_new_chains": 2})
    with pytest.raises(
        InfeasibleError, match="chain d buys at least one measure when it is taken into support"
    ):
        oc.reinforce(given, forbid=["n"])
