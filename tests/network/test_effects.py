"""What measures in effect make of a network: one number for each effect of the format."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import optichain as oc
import small
from optichain.effects import State, apply_measures, base_state, unit_vector
from optichain.network import STATUSES, Network


def instance(*effects: tuple[str, str, str, float | None]) -> oc.Instance:
    """A pump of a casting or a printed body; valves move by lane; effects as (measure, effect, target, amount)."""
    named = dict.fromkeys(measure for measure, *_ in effects)
    return small.instance(
        planning={"years": [2026], "budget": [9.0]},
        chains=[{"chain": "c"}, {"chain": "d"}],
        items=[
            {"item": "pump", "chain": "c"},
            {"item": "casting", "chain": "c"},
            {"item": "body"},
            {"item": "valve", "chain": "d"},
        ],
        sites=[
            {"site": "plant", "capacity": 50, "groups": "port"},
            {"site": "shop"},
            {"site": "shut", "capacity": 0},
        ],
        sources=[
            {"site": "plant", "item": "pump", "capacity": 10},
            {"site": "plant", "item": "casting", "capacity": 8, "status": "qualified", "switch_time": 4},
            {"site": "shop", "item": "casting", "capacity": 0},
            {"site": "shop", "item": "body", "capacity": 5, "status": "potential", "switch_time": 3},
            {"source": "valves", "site": "plant", "item": "valve", "capacity": 7, "own_ip": "no"},
            {"site": "shut", "item": "body", "capacity": 5},
        ],
        bom=[
            {"item": "pump", "input": "casting", "requirement": "body", "quantity": 1},
            {
                "item": "pump",
                "input": "body",
                "requirement": "body",
                "quantity": 2,
                "status": "potential",
                "switch_time": 6,
            },
        ],
        lanes=[
            {"item": "valve", "from_site": "plant", "to_site": "shop", "capacity": 6},
            {
                "lane": "air",
                "item": "valve",
                "from_site": "plant",
                "to_site": "shop",
                "status": "qualified",
                "switch_time": 2,
            },
            {"lane": "none", "item": "valve", "from_site": "plant", "to_site": "shop", "capacity": 0},
        ],
        stocks=[{"item": "casting", "quantity": 12}],
        demands=[
            {"item": "pump", "rate": 5, "chain": "c"},
            {"item": "valve", "site": "shop", "rate": 5, "chain": "d"},
        ],
        measures=[{"measure": m, "cost_1": 1, "max_units": 1} for m in named],
        effects=[
            {"measure": m, "effect": e, "target": t, **({} if a is None else {"amount": a})}
            for m, e, t, a in effects
        ],
    )


def changed(*effects: tuple[str, str, str, float | None], units: float = 1.0) -> tuple[Network, State]:
    network = oc.compile_network(instance(*effects))
    names = dict.fromkeys(measure for measure, *_ in effects)
    return network, apply_measures(network, unit_vector(network, dict.fromkeys(names, units)))


def of(network: Network, values: Any) -> dict[str, Any]:
    return dict(zip(network.activity_name.tolist(), np.asarray(values).tolist(), strict=True))


def of_links(network: Network, values: Any) -> dict[str, Any]:
    numbers, named = network.alternative_link, np.asarray(values)
    return {network.links[n]: named[i].item() for i, n in enumerate(numbers.tolist()) if n >= 0}


def test_before_any_measure_what_is_absent_is_not_there_and_what_is_potential_never_opens() -> None:
    network = oc.compile_network(instance(("m", "own_ip", "valves", None)))
    state = base_state(network)
    assert of(network, state.capacity) == {
        "plant:pump": 10.0,
        "plant:casting": 8.0,
        "shop:body": 5.0,
        "valves": 7.0,
        "valve:plant>shop": 6.0,
        "air": math.inf,
    }
    assert {name: STATUSES[s] for name, s in of(network, state.status).items() if s} == {
        "plant:casting": "qualified",
        "shop:body": "potential",
        "air": "qualified",
    }
    assert of(network, state.switch_time) == {
        "plant:pump": 0.0,
        "plant:casting": 4.0,
        "shop:body": math.inf,
        "valves": 0.0,
        "valve:plant>shop": 0.0,
        "air": 2.0,
    }
    assert of_links(network, state.alternative_switch) == {"pump>casting": 0.0, "pump>body": math.inf}
    assert not state.own.any()
    assert (state.loss_factor == 1.0).all()
    assert (state.recovery_gain == 0.0).all()
    assert base_state(network) is state


@pytest.mark.parametrize("target", ["shop:body", "source:shop:body"])
def test_a_qualified_source_opens_after_its_switch_time(target: str) -> None:
    network, state = changed(("m", "qualify", target, None))
    assert of(network, state.switch_time)["shop:body"] == 3.0
    assert STATUSES[of(network, state.status)["shop:body"]] == "qualified"
    assert of_links(network, state.alternative_switch)["pump>body"] == math.inf


def test_a_qualified_link_opens_after_its_switch_time() -> None:
    network, state = changed(("m", "qualify", "pump>body", None))
    assert of_links(network, state.alternative_switch) == {"pump>casting": 0.0, "pump>body": 6.0}
    assert of(network, state.switch_time)["shop:body"] == math.inf


def test_of_a_link_with_several_rows_the_one_in_use_does_not_become_slower() -> None:
    given = small.instance(
        sources=[
            {"source": "old", "site": "a", "item": "pump", "capacity": 9},
            {"source": "new", "site": "b", "item": "pump", "capacity": 9},
            {"site": "a", "item": "seal", "capacity": 9},
        ],
        bom=[
            {"item": "pump", "input": "seal", "source": "old", "quantity": 1, "switch_time": 4},
            {
                "item": "pump",
                "input": "seal",
                "source": "new",
                "quantity": 1,
                "status": "potential",
                "switch_time": 5,
            },
        ],
        demands=[{"item": "pump", "rate": 1}],
        planning={"years": [2026], "budget": [9.0]},
        measures=[{"measure": "m", "cost_1": 1}],
        effects=[{"measure": "m", "effect": "qualify", "target": "pump>seal"}],
    )
    state = apply_measures(oc.compile_network(given), np.ones(1))
    assert state.alternative_switch.tolist() == [0.0, 5.0]
    assert state.alternative_status.tolist() == [0, 1]


def test_an_item_may_be_called_like_a_target() -> None:
    given = small.instance(
        items=[{"item": "item:x"}, {"item": "x"}],
        sources=[{"site": "a", "item": "item:x", "capacity": 9}],
        demands=[{"item": "item:x", "rate": 1}],
        planning={"years": [2026], "budget": [9.0]},
        measures=[{"measure": "m", "cost_1": 1}],
        effects=[{"measure": "m", "effect": "stockpile", "target": "item:x", "amount": 3.0}],
    )
    network = oc.compile_network(given)
    state = apply_measures(network, np.ones(1))
    assert [network.commodity_title(c) for c in state.stock_commodity.tolist()] == ["item:x"]


@pytest.mark.parametrize(
    ("target", "name", "before"),
    [
        ("plant:pump", "plant:pump", 10.0),
        ("source:plant:pump", "plant:pump", 10.0),
        ("valves", "valves", 7.0),
        ("valve:plant>shop", "valve:plant>shop", 6.0),
        ("lane:valve:plant>shop", "valve:plant>shop", 6.0),
        # absent until a measure builds it
        ("shop:casting", "shop:casting", 0.0),
        ("source:shop:casting", "shop:casting", 0.0),
        ("none", "none", 0.0),
        ("lane:none", "none", 0.0),
    ],
)
def test_capacity_grows_by_the_amount_for_each_unit(target: str, name: str, before: float) -> None:
    network, state = changed(("m", "expand", target, 1.5), units=2.0)
    found = of(network, state.capacity)
    assert found[name] == before + 3.0
    untouched = of(network, base_state(network).capacity)
    assert untouched[name] == before
    assert {k: v for k, v in found.items() if k != name} == {k: v for k, v in untouched.items() if k != name}
    assert (state.site_capacity == network.site_capacity).all()


def test_the_capacity_of_a_site_grows_and_a_closed_one_opens() -> None:
    network, state = changed(("m", "expand", "site:plant", 5.0), ("m", "expand", "site:shut", 2.0), units=3.0)
    assert dict(zip(network.sites, state.site_capacity.tolist(), strict=True)) == {
        "plant": 65.0,
        "shop": math.inf,
        "shut": 6.0,
    }
    assert of(network, state.capacity)["shut:body"] == 5.0
    assert "shut:body" not in changed(("m", "expand", "site:plant", 5.0))[0].activity_name


@pytest.mark.parametrize(
    ("target", "item", "site", "stands"),
    [
        ("casting", "casting", None, None),
        ("item:casting", "casting", None, None),
        # pooled stock may stand at a site, and is lost with it
        ("casting@plant", "casting", "plant", None),
        ("valve@shop", "valve", "shop", "shop"),
        ("item:valve@plant", "valve", "plant", "plant"),
    ],
)
def test_stock_is_laid_up_where_it_is_said(
    target: str, item: str, site: str | None, stands: str | None
) -> None:
    network, state = changed(("m", "stockpile", target, 20.0), units=2.0)
    rows = [
        (
            network.items[network.commodity_item[c]],
            None if s < 0 else network.sites[s],
            None if network.commodity_site[c] < 0 else network.sites[network.commodity_site[c]],
            quantity,
        )
        for c, s, quantity in zip(
            state.stock_commodity.tolist(),
            state.stock_site.tolist(),
            state.stock_quantity.tolist(),
            strict=True,
        )
    ]
    assert rows == [("casting", None, None, 12.0), (item, site, stands, 40.0)]
    # a row stands there for every measure that may stock, chosen or not
    assert base_state(network).stock_quantity.tolist() == [12.0, 0.0]


def test_losses_that_remain_multiply_and_times_add_up() -> None:
    network, state = changed(
        ("m", "harden", "site:plant", 0.5),
        ("n", "harden", "site:plant", 0.2),
        ("m", "harden", "group:port", 0.25),
        ("m", "recover", "site:plant", 2.0),
        ("n", "recover", "site:plant", 3.0),
    )
    plant, port = network.element("site", "plant"), network.element("group", "port")
    assert state.loss_factor[plant] == pytest.approx(0.5 * 0.8)
    assert state.loss_factor[port] == pytest.approx(0.75)
    assert (np.delete(state.loss_factor, [plant, port]) == 1.0).all()
    assert state.recovery_gain[plant] == 5.0
    assert (np.delete(state.recovery_gain, plant) == 0.0).all()


def test_switch_times_shrink_down_to_nothing() -> None:
    network, state = changed(("m", "switch", "plant:casting", 3.0), ("n", "switch", "air", 5.0))
    found = of(network, state.switch_time)
    assert (found["plant:casting"], found["air"], found["shop:body"]) == (1.0, 0.0, math.inf)
    both = changed(("m", "switch", "plant:casting", 1.5), ("n", "switch", "plant:casting", 1.0))
    assert of(both[0], both[1].switch_time)["plant:casting"] == 1.5


def test_the_switch_of_a_chain_is_that_of_all_that_makes_and_moves_its_items() -> None:
    network, state = changed(("m", "switch", "chain:c", 1.0), ("m", "qualify", "pump>body", None))
    assert of(network, state.switch_time)["plant:casting"] == 3.0
    assert of(network, state.switch_time)["air"] == 2.0  # the other chain's
    assert of_links(network, state.alternative_switch)["pump>body"] == 5.0
    other = changed(("m", "switch", "chain:d", 1.5))
    assert of(other[0], other[1].switch_time) == {**of(network, base_state(network).switch_time), "air": 0.5}


def test_a_link_switches_faster_and_only_that_one() -> None:
    network, state = changed(("m", "switch", "pump>body", 2.0), ("m", "qualify", "pump>body", None))
    assert of_links(network, state.alternative_switch)["pump>body"] == 4.0
    assert of(network, state.switch_time)["plant:casting"] == 4.0


def test_a_source_becomes_ones_own() -> None:
    network, state = changed(("m", "own_ip", "valves", None))
    assert [name for name, own in of(network, state.own).items() if own] == ["valves"]


def test_a_measure_that_is_not_chosen_changes_nothing() -> None:
    kinds = [
        ("m", "qualify", "shop:body", None),
        ("m", "expand", "valves", 1.0),
        ("m", "harden", "site:plant", 0.5),
        ("m", "recover", "site:plant", 1.0),
        ("m", "switch", "air", 1.0),
        ("m", "own_ip", "valves", None),
        ("m", "stockpile", "casting", 1.0),
    ]
    network, state = changed(*kinds, units=0.0)
    before = base_state(network)
    for name in State.__dataclass_fields__:
        assert np.array_equal(getattr(state, name), getattr(before, name)), name
    assert unit_vector(network, {}).tolist() == [0.0]
    assert unit_vector(network, {"m": 2, "unknown": 3}).tolist() == [2.0]


def test_a_link_is_named_without_a_prefix_and_the_hint_says_so() -> None:
    with pytest.raises(oc.InstanceError, match="did you mean 'pump>body'"):
        instance(("m", "qualify", "link:pump>body", None))


def test_what_lies_at_a_site_is_called_by_both_names() -> None:
    network = oc.compile_network(
        small.instance(
            sources=[{"site": "shop", "item": "body", "capacity": 5}, {"site": "mine", "item": "ore"}],
            lanes=[{"item": "body", "from_site": "shop", "to_site": "plant"}],
            demands=[{"item": "body", "site": "plant", "rate": 1}, {"item": "ore", "rate": 1}],
        )
    )
    titles = {network.commodity_title(c) for c in range(network.n_commodities)}
    assert titles == {"body@shop", "body@plant", "ore"}
