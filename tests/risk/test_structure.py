"""Single points of failure of networks small enough to see the answer."""

import math

import numpy as np
import pytest

import optichain as oc
import small
import strategies
from optichain.errors import UsageError
from optichain.risk.structural import roots


def spofs(instance, **options):
    frame = oc.find_spofs(instance, **options)
    return {f"{kind}:{element}" for kind, element in zip(frame["kind"], frame["element"], strict=True)}


def pump(**more):
    """A pump needs a casting and a seal; two foundries cast, one firm seals."""
    return small.instance(
        sources=[
            {"site": "plant", "item": "pump", "capacity": 10},
            {"site": "north", "item": "casting", "capacity": 10},
            {"site": "south", "item": "casting", "capacity": 10, "status": "qualified", "switch_time": 2},
            {"site": "sealer", "item": "seal", "capacity": 10},
        ],
        bom=[
            {"item": "pump", "input": "casting", "quantity": 1},
            {"item": "pump", "input": "seal", "quantity": 2},
        ],
        demands=[{"item": "pump", "rate": 5}],
        **more,
    )


def test_a_second_source_clears_the_site_but_not_the_item():
    found = spofs(pump())
    assert "site:sealer" in found
    assert "item:casting" in found
    assert not found & {"site:north", "site:south", "source:north:casting"}


def test_with_active_sources_alone_the_qualified_one_does_not_count():
    assert {"site:north", "source:north:casting"} <= spofs(pump(), status="active")


def test_rows_that_are_one_fact_share_a_root():
    frame = oc.find_spofs(pump()).set_index(["kind", "element"])
    one_fact = [("site", "sealer"), ("source", "sealer:seal"), ("item", "seal")]
    assert {frame.at[row, "root"] for row in one_fact} == {"site:sealer"}
    assert frame.at[("item", "casting"), "root"] != "site:sealer"


def test_kinds_can_be_chosen_and_a_misspelt_one_is_refused():
    assert spofs(pump(), kinds=["item"]) == {"item:pump", "item:casting", "item:seal"}
    with pytest.raises(UsageError, match="unknown kind of element 'site s'"):
        oc.find_spofs(pump(), kinds=["site s"])


def test_stock_clears_no_spof_but_is_felt_later():
    # 20 seals last 20 / (5 pumps x 2 seals) = 2 weeks
    found = oc.find_spofs(pump(stocks=[{"item": "seal", "quantity": 20}])).set_index(["kind", "element"])
    assert found.at[("site", "sealer"), "time_to_survive"] == pytest.approx(2.0)
    # the site stays down for the default of 12 weeks, the horizon is 10: 8 weeks x 5 pumps are lost
    assert found.at[("site", "sealer"), "lost"] == pytest.approx(40.0)


@pytest.mark.parametrize("unit", [1.0, 1e-12, 1e12])
def test_a_mutual_loop_runs_when_its_gain_allows_it_in_whatever_unit_it_is_counted(unit):
    def loop(coal_per_power):
        return small.instance(
            sources=[
                {"site": "station", "item": "power", "capacity": 10},
                {"site": "mine", "item": "coal", "capacity": 10 * unit},
            ],
            bom=[
                {"item": "power", "input": "coal", "quantity": coal_per_power * unit},
                {"item": "coal", "input": "power", "quantity": 0.1 / unit},
            ],
            demands=[{"item": "power", "rate": 1}],
        )

    runs = oc.structure(loop(0.1))
    assert set(runs.loops) == {"coal", "power"}
    assert len(runs.unprovidable) == 0
    # 20 units of coal for one of power, of which 2 go back into coal: the loop eats more than it makes
    starved = oc.structure(loop(20.0))
    assert list(starved.unprovidable["demand"]) == ["power"]
    assert len(starved.spofs) == 0


def test_recycling_cannot_replace_the_virgin_source():
    # a unit of scrap comes from each unit of product, 0.3 units of metal from each unit of scrap
    instance = small.instance(
        sources=[
            {"site": "smelter", "item": "metal", "capacity": 10},
            {"source": "recycler", "site": "yard", "item": "metal", "capacity": 10},
            {"site": "works", "item": "scrap", "capacity": 10},
        ],
        bom=[
            {"item": "metal", "input": "scrap", "quantity": 1 / 0.3, "source": "recycler"},
            {"item": "scrap", "input": "metal", "quantity": 1},
        ],
        demands=[{"item": "metal", "rate": 1}],
    )
    found = spofs(instance)
    assert "site:smelter" in found
    assert "site:yard" not in found


def test_a_warehouse_that_handles_an_item_fails_its_lanes_but_a_plant_ships_its_stock():
    instance = small.instance(
        sources=[{"site": "plant", "item": "valve", "capacity": 10}],
        lanes=[
            {"item": "valve", "from_site": "plant", "to_site": "port"},
            {"item": "valve", "from_site": "port", "to_site": "shop"},
        ],
        stocks=[{"item": "valve", "site": "plant", "quantity": 15}],
        demands=[{"item": "valve", "site": "shop", "rate": 5}],
    )
    frame = oc.find_spofs(instance).set_index(["kind", "element"])
    assert {("site", "plant"), ("site", "port")} <= set(frame.index)
    assert ("site", "shop") not in frame.index
    assert frame.at[("site", "plant"), "time_to_survive"] == pytest.approx(3.0)
    assert frame.at[("site", "port"), "time_to_survive"] == pytest.approx(0.0, abs=1e-9)
    assert set(frame["site"]) == {"shop"}


def test_what_is_never_felt_survives_for_ever():
    instance = small.instance(
        sources=[
            {"site": "a", "item": "bolt", "capacity": 10},
            {"site": "b", "item": "bolt", "capacity": 10},
        ],
        demands=[{"item": "bolt", "rate": 5}],
    )
    from optichain.effects import base_state
    from optichain.risk.flows.engine import ContinuityEngine
    from optichain.risk.flows.survival import SurvivalClock

    network = oc.compile_network(instance)
    clock = SurvivalClock(network, base_state(network), ContinuityEngine(network))
    assert math.isinf(clock.time_to_survive(network.element("site", "a")))


def test_what_is_not_mapped_is_told_by_tier():
    instance = small.instance(
        items=[{"item": "seal", "mapped": False}],
        sources=[
            {"site": "plant", "item": "pump", "capacity": 10},
            {"site": "sealer", "item": "seal", "capacity": 10},
            {"site": "forge", "item": "nut", "capacity": 10},
        ],
        bom=[{"item": "pump", "input": "seal", "quantity": 1}],
        demands=[{"item": "pump", "rate": 3, "value": 1}, {"item": "nut", "rate": 1, "value": 1}],
    )
    # three quarters of the value wait for seals, whose suppliers are not known
    assert oc.structure(instance).unmapped == {"0": 0.0, "1": 0.75}


def test_the_network_as_a_graph_says_the_same_as_the_arrays():
    network = oc.compile_network(pump())
    graph = network.to_networkx()
    nodes = dict(graph.nodes(data=True))
    (block,) = {data["block"] for data in nodes.values() if "block" in data}
    item = {name: ("commodity", name, None) for name in ("casting", "pump", "seal")}
    made = {
        "plant:pump": ("pump", "active", 0.0),
        "north:casting": ("casting", "active", 0.0),
        "south:casting": ("casting", "qualified", 2.0),
        "sealer:seal": ("seal", "active", 0.0),
    }
    sources = {
        ("activity", name): {
            "kind": "source",
            "status": status,
            "capacity": 10.0,
            "switch_time": switch,
            "block": block,
        }
        for name, (_, status, switch) in made.items()
    }
    needs = {("requirement", "plant:pump", number): {"kind": "requirement"} for number in (0, 1)}
    commodities = {node: {"kind": "commodity", "block": block} for node in item.values()}
    demand = {("demand", 0): {"kind": "demand", "chain": "c", "rate": 5.0}}
    assert nodes == {**sources, **needs, **commodities, **demand}
    edges = {(a, b): data for a, b, data in graph.edges(data=True)}
    assert edges == {
        **{(("activity", name), item[output]): {} for name, (output, _, _) in made.items()},
        **{(need, ("activity", "plant:pump")): {} for need in needs},
        (item["casting"], ("requirement", "plant:pump", 0)): {"quantity": 1.0, "status": "active"},
        (item["seal"], ("requirement", "plant:pump", 1)): {"quantity": 2.0, "status": "active"},
        (item["pump"], ("demand", 0)): {},
    }


def test_a_lane_joins_an_item_at_two_sites_in_the_graph():
    network = oc.compile_network(
        small.instance(
            sources=[{"site": "plant", "item": "valve", "capacity": 10}],
            lanes=[{"lane": "ship", "item": "valve", "from_site": "plant", "to_site": "shop", "capacity": 4}],
            demands=[{"item": "valve", "site": "shop", "rate": 5}],
        )
    )
    graph = network.to_networkx()
    assert graph.nodes["activity", "ship"]["kind"] == "lane"
    assert graph.nodes["activity", "ship"]["capacity"] == 4.0
    there, here = ("commodity", "valve", "plant"), ("commodity", "valve", "shop")
    (need,) = graph.predecessors(("activity", "ship"))
    assert list(graph.predecessors(need)) == [there]
    assert list(graph.successors(("activity", "ship"))) == [here]
    assert graph.edges[there, need]["quantity"] == 1.0


@pytest.mark.parametrize("number", [0, 1])
def test_roots_are_exact_even_where_the_numbers_that_stand_for_them_agree(monkeypatch, number):
    """With one number for all activities only elements that stop as many look alike; with 0 all of them do."""
    monkeypatch.setattr(roots, "_numbers", lambda count: np.full(count, number, dtype=np.uint64))
    for _, instance in strategies.accepted(12, first=300, planning=False):
        network = oc.compile_network(instance)
        usable = network.capacity > 0.0
        stops = [
            frozenset(
                np.flatnonzero((network.activity_elements[:, [e]].toarray()[:, 0] > 0) & usable).tolist()
            )
            for e in range(network.n_elements)
        ]
        assert roots.root_elements(network, usable).tolist() == [stops.index(mine) for mine in stops]
