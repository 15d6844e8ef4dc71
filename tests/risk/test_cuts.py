"""Minimal cut sets of networks small enough to see the answer."""

import math

import numpy as np
import pytest

import optichain as oc
import small
from optichain.effects import base_state
from optichain.errors import UsageError
from optichain.network import ELEMENT_KINDS
from optichain.risk.structural.cutsets import minimal_cut_sets
from optichain.risk.structural.families import Budget


def sets(instance, **options):
    frame = oc.find_cuts(instance, **options)
    return {" + ".join(f"{kind}:{name}" for kind, name in members) for members in frame["elements"]}


def pump(**more):
    """A pump needs a casting and a seal; two foundries of one port cast, one firm seals."""
    return small.instance(
        sites=[
            {"site": "north", "annual_probability": 0.1, "groups": "port"},
            {"site": "south", "annual_probability": 0.2, "groups": "port"},
            {"site": "sealer", "annual_probability": 0.05},
            {"site": "plant", "annual_probability": 0.0},
        ],
        sources=[
            {"site": "plant", "item": "pump", "capacity": 10},
            {"site": "north", "item": "casting", "capacity": 8},
            {"site": "south", "item": "casting", "capacity": 4, "status": "qualified", "switch_time": 2},
            {"site": "sealer", "item": "seal", "capacity": 20},
        ],
        bom=[
            {"item": "pump", "input": "casting", "quantity": 1},
            {"item": "pump", "input": "seal", "quantity": 2},
        ],
        demands=[{"item": "pump", "rate": 8}],
        elements=[{"kind": "group", "target": "port", "annual_probability": 0.01}],
        **more,
    )


def test_both_foundries_together_are_a_cut_set_and_so_is_their_port():
    assert sets(pump(), kinds=["site", "group"]) == {
        "site:plant",
        "site:sealer",
        "group:port",
        "site:north + site:south",
    }


def test_kinds_of_which_nothing_supplies_the_demand_break_nothing():
    found = oc.cut_sets(pump(), order=2, kinds=["region"])
    assert (len(found.frame), found.complete, found.top_probability) == (0, True, 0.0)


def test_of_order_one_the_cut_sets_are_the_single_points_of_failure():
    for kinds in (None, ["item"], ["site", "group"]):
        spofs = oc.find_spofs(pump(), kinds=kinds)
        alone = {f"{k}:{e}" for k, e in zip(spofs["kind"], spofs["element"], strict=True)}
        assert sets(pump(), order=1, kinds=kinds) == alone


def test_stock_and_hardening_clear_no_cut_set():
    planned = pump(
        stocks=[{"item": "casting", "quantity": 1000}],
        planning={"years": [2026], "budget": [9]},
        measures=[{"measure": "walls", "cost_1": 1.0}],
        effects=[{"measure": "walls", "effect": "harden", "target": "site:sealer", "amount": 1.0}],
    )
    plan = oc.reinforce(planned, fix=["walls"])
    assert sets(planned, plan=plan) == sets(pump())
    assert sets(planned, plan=plan, level=0.4) == sets(pump(), level=0.4)


def test_a_source_that_is_only_qualified_counts_unless_active_ones_are_asked_for():
    assert "site:north" not in sets(pump(), kinds=["site"])
    assert "site:north" in sets(pump(), kinds=["site"], status="active")


def test_probabilities_top_probability_and_importance():
    found = oc.cut_sets(pump(), kinds=["site", "group"])
    likely = dict(zip(found.frame["elements"], found.frame["probability"], strict=True))
    assert likely[("site", "north"), ("site", "south")] == pytest.approx(0.1 * 0.2)
    # works: sealer 0.95, port 0.99, not both foundries 1 - 0.1 x 0.2
    works = 0.95 * 0.99 * (1 - 0.1 * 0.2)
    assert found.top_probability == pytest.approx(1 - works, rel=1e-12)
    matters = found.importance.set_index("element")["importance"]
    assert matters["sealer"] == pytest.approx(works / 0.95)
    # north matters where south is down and the rest is up
    assert matters["north"] == pytest.approx(0.2 * 0.95 * 0.99)
    assert matters["port"] == pytest.approx(0.95 * (1 - 0.02))


def test_several_demands_have_their_own_sets_and_probabilities():
    both = small.instance(
        sites=[{"site": "a", "annual_probability": 0.1}, {"site": "b", "annual_probability": 0.2}],
        sources=[{"site": "a", "item": "x", "capacity": 1}, {"site": "b", "item": "y", "capacity": 1}],
        demands=[{"item": "x", "rate": 1}, {"item": "y", "rate": 1}],
    )
    found = oc.cut_sets(both, kinds=["site"])
    assert found.frame[["demand", "elements"]].to_numpy().tolist() == [
        ["x", (("site", "a"),)],
        ["y", (("site", "b"),)],
    ]
    assert found.top["high"].tolist() == pytest.approx([0.1, 0.2])
    assert found.top_probability == pytest.approx(1 - 0.9 * 0.8)
    assert sets(both, kinds=["site"], demands=["y"]) == {"site:b"}
    with pytest.raises(UsageError, match="no demand is for 'z'"):
        oc.find_cuts(both, demands=["z"])


def test_what_nobody_can_provide_is_said_and_has_no_cut_sets():
    none = small.instance(
        sources=[{"site": "a", "item": "x", "capacity": 1, "status": "potential"}],
        demands=[{"item": "x", "rate": 1}],
    )
    answer = oc.cut_sets(none).to_json()
    assert answer["cut_sets"] == []
    assert answer["unprovidable"] == [{"demand": "x", "site": None}]
    assert answer["top_probability"] is None


def test_a_level_knows_capacity():
    # 8 pumps are wanted; north alone casts 8, south alone 4: without north half is served
    assert sets(pump(), kinds=["site"], level=0.5) == {"site:plant", "site:sealer", "site:north + site:south"}
    assert sets(pump(), kinds=["site"], level=0.51) == {"site:plant", "site:sealer", "site:north"}
    assert sets(pump(), kinds=["site"], level=1.0, status="active") == {
        "site:plant",
        "site:sealer",
        "site:north",
    }


def test_a_level_that_is_missed_with_nothing_failed_is_said():
    short = small.instance(
        sources=[{"site": "a", "item": "x", "capacity": 1}], demands=[{"item": "x", "rate": 4}]
    )
    found = oc.cut_sets(short, level=0.5)
    assert found.count == 0
    assert found.unprovidable == (True,)
    assert found.undisturbed == (pytest.approx(0.25),)
    assert sets(short, level=0.25, kinds=["site"]) == {"site:a"}


def test_with_several_demands_a_level_is_of_all_together_or_of_one():
    def two(**more):
        return small.instance(
            sources=[{"site": "a", "item": "x", "capacity": 9}, {"site": "b", "item": "y", "capacity": 9}],
            demands=[
                {"item": "x", "rate": 1, "value": 3.0, "chain": "c"},
                {"item": "y", "rate": 1, "value": 1.0, "chain": "c"},
            ],
            **more,
        )

    # x is 3/4 of the value, y 1/4
    assert sets(two(), kinds=["site"], level=0.5) == {"site:a"}
    assert sets(two(), kinds=["site"], level=0.2) == {"site:a + site:b"}
    frame = oc.find_cuts(two(), kinds=["site"], level=0.5, demands=["y"])
    assert frame[["demand", "elements"]].to_numpy().tolist() == [["y", (("site", "b"),)]]
    assert oc.find_cuts(two(), kinds=["site"], level=0.5)["demand"].tolist() == [None]


def test_a_mutual_loop_counts_when_its_gain_allows_it():
    def loop(coal_per_power):
        return small.instance(
            sources=[
                {"site": "station", "item": "power", "capacity": "unlimited"},
                {"site": "mine", "item": "coal", "capacity": "unlimited"},
                {"site": "port", "item": "coal", "source": "import", "capacity": "unlimited"},
            ],
            bom=[
                {"item": "power", "input": "coal", "quantity": coal_per_power},
                {"item": "coal", "source": "mine:coal", "input": "power", "quantity": 0.1},
            ],
            demands=[{"item": "power", "rate": 1}],
        )

    assert sets(loop(0.1), kinds=["site"]) == {"site:station", "site:mine + site:port"}
    assert sets(loop(11.0), kinds=["site"]) == {"site:station", "site:port"}


def many_ways(ways):
    """A product of three parts, each with several sources: 3 x C(ways) independent ways to fail."""
    parts = ["p", "q", "r"]
    return small.instance(
        sources=[{"site": "plant", "item": "x", "capacity": 9}]
        + [{"site": f"{part}{k}", "item": part, "capacity": 9} for part in parts for k in range(ways)],
        bom=[{"item": "x", "input": part, "quantity": 1} for part in parts],
        demands=[{"item": "x", "rate": 1}],
    )


def test_a_search_that_would_hold_too_much_proves_every_order_that_fits():
    # three makers of one product, each in need of six parts of its own: 7 x 7 x 7 sets of three sites, none smaller
    makers, parts = "abc", range(6)
    network = oc.compile_network(
        small.instance(
            sources=[{"site": m, "source": m, "item": "x", "capacity": 9} for m in makers]
            + [{"site": f"{m}{k}", "item": f"p{m}{k}", "capacity": 9} for m in makers for k in parts],
            bom=[
                {"item": "x", "source": m, "input": f"p{m}{k}", "quantity": 1} for m in makers for k in parts
            ],
            demands=[{"item": "x", "rate": 1}],
        )
    )

    def search(order, sets):
        return minimal_cut_sets(
            network,
            base_state(network),
            network.demand_commodity,
            order=order,
            allowed=network.element_kind == ELEMENT_KINDS.index("site"),
            budget=Budget(sets=sets),
        )

    assert [len(owner) for owner, _ in search(3, 10_000).sets] == [0, 0, 7**3]
    answers = set()
    for sets in (1, 30, 100, 300, 600, 10_000):
        alone = [order for order in (1, 2, 3) if search(order, sets).proven == order]
        found = search(3, sets)
        assert found.proven == max(alone, default=0)
        assert found.complete == (found.proven == 3)
        answers.add(found.proven)
    assert answers == {0, 1, 2, 3}


def test_a_limit_on_the_number_stops_and_says_so():
    found = oc.cut_sets(many_ways(2), order=2, kinds=["site"], limit=3)
    assert [len(owner) for owner, _ in found.sets] == [1, 2]
    assert (found.complete, found.proven) == (False, 1)
    whole = oc.cut_sets(many_ways(2), order=2, kinds=["site"], limit=4)
    assert (whole.complete, whole.proven, whole.count) == (True, 2, 4)


def test_as_many_sets_are_listed_as_the_limit_allows_also_of_those_that_are_one_fact():
    """A plant, its source and its item stop the same demand: three sets of one class."""
    whole = oc.cut_sets(many_ways(2), order=2)
    sizes = [len(members) for members in whole.frame["elements"]]
    for limit in range(1, whole.count + 1):
        found = oc.cut_sets(many_ways(2), order=2, limit=limit)
        assert sorted(map(len, found.frame["elements"])) == sorted(sizes)[:limit]
        assert set(found.frame["elements"]) <= set(whole.frame["elements"])
        assert found.complete == (limit == whole.count)


def test_where_too_many_sets_would_have_to_be_held_lower_orders_are_proven():
    def proven(sets):
        network = oc.compile_network(many_ways(2))
        state = base_state(network)
        demanded = np.unique(network.demand_commodity)
        allowed = np.ones(network.n_elements, dtype=bool)
        budget = {} if sets is None else {"budget": Budget(sets=sets)}
        found = minimal_cut_sets(network, state, demanded, order=2, allowed=allowed, **budget)
        assert found.order == 2
        return found.proven, [len(owner) for owner, _ in found.sets]

    # alone: plant, its source, item x, and each of the three items; together: 2 x 2 for each part (site or source)
    assert proven(None) == proven(1000) == (2, [6, 12])
    assert proven(12) == (1, [6, 0])


def test_a_limit_on_time_leaves_what_is_proven():
    found = oc.cut_sets(many_ways(2), order=2, kinds=["site"], time_limit=0.0)
    assert (found.complete, found.proven, found.count) == (False, 0, 0)
    low, high = found.chances.any_low, found.chances.any_high
    assert low == high > 0.0  # the diagram needs no cut sets


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_a_limit_on_time_that_is_not_reached_changes_nothing(order):
    free, limited = (
        oc.cut_sets(many_ways(5), order=order, kinds=["site"], time_limit=limit) for limit in (None, 1e6)
    )
    assert [(owner.tolist(), sets.tolist()) for owner, sets in limited.sets] == [
        (owner.tolist(), sets.tolist()) for owner, sets in free.sets
    ]
    assert (limited.complete, limited.proven) == (free.complete, free.proven) == (True, order)


def test_orders_beyond_three():
    found = oc.cut_sets(many_ways(5), order=5, kinds=["site"])
    assert [len(owner) for owner, _ in found.sets] == [1, 0, 0, 0, 3]
    assert found.complete


def test_where_no_diagram_fits_there_are_bounds(monkeypatch):
    from optichain.risk import chances

    exact = oc.cut_sets(pump(), kinds=["site", "group"])
    monkeypatch.setattr(chances, "NODES_OF_ONE", 3)
    bounded = oc.cut_sets(pump(), kinds=["site", "group"])
    tiny = 1e-12
    assert bounded.chances.any_low - tiny <= exact.top_probability <= bounded.chances.any_high + tiny
    assert bounded.chances.any_low < bounded.chances.any_high
    assert math.isnan(bounded.top_probability)
    assert bounded.to_json()["top_probability"] is None
    assert len(bounded.importance) == 0


def test_searches_that_make_no_sense_are_refused():
    with pytest.raises(UsageError, match="order"):
        oc.find_cuts(pump(), order=0)
    with pytest.raises(UsageError, match="level"):
        oc.find_cuts(pump(), level=1.5)
    with pytest.raises(UsageError, match="unknown status"):
        oc.find_cuts(pump(), status="potential")
    with pytest.raises(UsageError, match="unknown kind"):
        oc.find_cuts(pump(), kinds=["town"])


def test_what_is_assumed_for_want_of_a_fact_is_listed():
    answer = oc.cut_sets(pump(), kinds=["site", "item"], order=1).to_json()
    assert answer["assumed_probabilities"] == [
        {"kind": "item", "element": name} for name in ("casting", "pump", "seal")
    ]


def test_json_lists_are_sorted_and_do_not_depend_on_the_order_of_rows():
    def ways(parts):
        return small.instance(
            sources=[{"site": f"s{k}", "item": "x", "capacity": 1} for k in parts],
            demands=[{"item": "x", "rate": 1}],
        )

    one, other = (
        oc.cut_sets(ways(parts), order=3, kinds=["site"]).to_json() for parts in ([1, 2, 3], [3, 1, 2])
    )
    assert one == other
    assert one["cut_sets"][0]["elements"] == [{"kind": "site", "element": f"s{k}"} for k in (1, 2, 3)]
    assert np.isclose(one["cut_sets"][0]["probability"], 0.01**3)
