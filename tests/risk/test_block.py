"""What a block knows of its chains before any event: who is worth what, and who is served first."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import optichain as oc
import small
from optichain.effects import base_state
from optichain.risk.events import Event, Hit, single_failure
from optichain.risk.flows.continuity import BlockContinuity
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.flow import BlockFlow, Scarce
from optichain.risk.flows.reach import reach_of


def two_chains() -> Any:
    """Chain a is worth 2 x 4 x 10 = 80 and chain b 2 x 10 + 3 x 2 x 10 = 80, half of its value by each of two demands."""
    return oc.compile_network(
        small.instance(
            chains=[{"chain": "b"}, {"chain": "a"}],
            items=[{"item": "p", "chain": "a"}, {"item": "q", "chain": "b"}, {"item": "s", "chain": "b"}],
            sources=[{"site": f"S{item}", "item": item, "capacity": 10.0} for item in ("p", "q", "s", "r")],
            bom=[{"item": item, "input": "r", "quantity": 1.0} for item in ("p", "q", "s")],
            demands=[
                {"item": "s", "rate": 2.0, "value": 1.0, "chain": "b"},
                {"item": "p", "rate": 4.0, "value": 2.0, "chain": "a"},
                {"item": "q", "rate": 2.0, "value": 3.0, "chain": "b"},
            ],
        )
    )


def block(network: Any, a: float, b: float) -> BlockContinuity:
    (number,) = network.blocks.tolist()
    weight = {"a": a, "b": b}
    return BlockContinuity(network, number, np.array([weight[name] for name in network.chains]))


def test_what_is_demanded_of_a_chain_is_all_of_its_demands_over_the_horizon() -> None:
    found = block(two_chains(), 0.5, 0.5)
    assert found.demanded.tolist() == [80.0, 80.0]
    # a scaled unit of each demand, as a share of what its chain demands over the horizon
    worth = dict(
        zip(
            found.network.items[found.network.commodity_item[found.network.demand_commodity]],
            found.share / found.flow.serve_scale,
            strict=True,
        )
    )
    assert worth == pytest.approx({"s": 1.0 / 80.0, "p": 2.0 / 80.0, "q": 3.0 / 80.0})


@pytest.mark.parametrize(
    ("weight", "mix"),
    [
        ((0.75, 0.25), [0.75, 0.25]),
        ((3.0, 1.0), [0.75, 0.25]),
        ((0.3, 0.1), [0.75, 0.25]),
        ((1.0, 0.0), [1.0, 0.0]),
        # nobody has a weight: what is demanded counts
        ((0.0, 0.0), [0.5, 0.5]),
    ],
)
def test_weights_in_the_objective_add_up_to_one(weight: tuple[float, float], mix: list[float]) -> None:
    found = block(two_chains(), *weight)
    assert dict(zip(found.network.chains[found.chains], found.mix, strict=True)) == pytest.approx(
        dict(zip("ab", mix, strict=True))
    )
    assert found.cost_of_serving.tolist() == pytest.approx(
        (found.mix[found.demand_chain] * found.share).tolist()
    )


@pytest.mark.parametrize(
    ("weight", "first"),
    [
        ((0.4, 0.3), "a"),
        ((0.3, 0.4), "b"),
        ((0.5, 0.5), "a"),
        ((0.3, 0.3 + 4e-13), "a"),
        ((0.3, 0.3 + 4e-12), "b"),
    ],
)
def test_the_heavier_chain_is_served_first_and_of_equals_the_one_whose_name_comes_first(
    weight: tuple[float, float], first: str
) -> None:
    found = block(two_chains(), *weight)
    assert str(found.network.chains[found.chains[found.order[0]]]) == first
    assert sorted(found.order) == [0, 1]


def test_what_the_whole_horizon_demands_is_served_where_nothing_happens() -> None:
    network = two_chains()
    engine = ContinuityEngine(network)
    state = base_state(network)
    assert engine.undisturbed(state).tolist() == pytest.approx([1.0, 1.0])
    (number,) = network.blocks.tolist()
    starts, sides, values = engine.block(number).optimal_flow(state, reach_of(network, state, None))
    assert starts.tolist() == [0.0]
    assert engine.block(number).served(starts, sides) == pytest.approx(1.0)
    assert len(values) == len(sides.upper)


def test_a_part_of_a_block_is_measured_against_what_is_demanded_of_all_of_it() -> None:
    """Without q and s nothing of chain b is left to serve, but its demand stays what it was."""
    network = two_chains()
    (number,) = network.blocks.tolist()
    whole = BlockFlow(network, number)
    left = np.isin(network.items[network.commodity_item], ["p", "r"])
    activities = np.flatnonzero(left[network.output])
    requirement = network.alternative_requirement[whole.single]
    part = Scarce(
        of=whole,
        activities=activities,
        commodities=np.flatnonzero(left),
        demands=np.flatnonzero(left[network.demand_commodity]),
        single=whole.single[np.isin(network.requirement_activity[requirement], activities)],
        mixed=np.empty(0, dtype=np.int64),
    )
    found = BlockContinuity(network, number, np.array([0.5, 0.5]), part)
    assert found.flow.activities.tolist() == activities.tolist()
    assert found.demanded.tolist() == [80.0, 80.0]
    state = base_state(network)
    starts, _, values = found.optimal_flow(state, reach_of(network, state, None))
    served = values[found.flow.served_columns(len(starts))].sum(axis=0)
    assert float(found.cost_of_serving @ served) == pytest.approx(0.5)


@pytest.mark.parametrize("starts", [[0.0, 4.0], [0.0, 1.0, 2.0, 3.0, 4.0]], ids=["few phases", "many phases"])
def test_what_is_served_under_given_bounds_does_not_depend_on_what_was_asked_before(
    starts: list[float],
) -> None:
    """A makes 6 of 10 a week and is down for 4 of 10 weeks: 24 are missing, of which 20 are in stock."""
    network = oc.compile_network(
        small.instance(
            sites=[{"site": "A", "capacity": 6.0, "recovery_time": 4.0}],
            sources=[
                {"site": "A", "item": "p", "capacity": "unlimited"},
                {"site": "B", "item": "p", "capacity": 4.0},
            ],
            stocks=[{"item": "p", "quantity": 20.0}],
            demands=[{"item": "p", "rate": 10.0}],
        )
    )
    state = base_state(network)
    (number,) = network.blocks.tolist()
    found = ContinuityEngine(network).block(number)
    hit = single_failure(network, network.element("site", "A"))
    calm, struck = (
        found.flow.sides(state, reach_of(network, state, event), starts=np.array(starts))
        for event in (None, hit)
    )
    served = [found.served(np.array(starts), sides) for sides in (calm, struck, calm, struck)]
    assert served == pytest.approx([1.0, 0.96, 1.0, 0.96])


def test_an_event_counts_in_every_block_that_it_touches_also_beside_one_without_demand() -> None:
    network = oc.compile_network(
        small.instance(
            sites=[{"site": site, "region": "R", "recovery_time": 5.0} for site in "ABC"],
            sources=[
                {"site": site, "item": item, "capacity": 9.0} for site, item in zip("ABC", "opq", strict=True)
            ],
            demands=[{"item": "q", "rate": 9.0}],
        )
    )
    engine, state = ContinuityEngine(network), base_state(network)
    event = Event("flood", "Flood", 0.0, (Hit(network.element("region", "R"), 1.0, 5.0),))
    assert engine.under(state, event, engine.undisturbed(state)).tolist() == pytest.approx([0.5])


def test_an_engine_weighs_the_chains_as_it_is_told() -> None:
    network = two_chains()
    (number,) = network.blocks.tolist()
    for weight in ([0.0, 1.0], [1.0, 0.0]):
        assert ContinuityEngine(network, np.array(weight)).block(number).mix.tolist() == weight
    assert ContinuityEngine(network).block(number).mix.tolist() == network.weight.tolist()


def test_states_are_told_apart_by_all_that_a_measure_can_change() -> None:
    """What was found for one state is not the answer for the next, whatever the order in which they take turns."""
    network = oc.compile_network(
        small.instance(
            sites=[{"site": "A", "capacity": 10.0}],
            sources=[{"site": "A", "item": "p", "capacity": 10.0}],
            stocks=[{"item": "p", "quantity": 0.0}],
            demands=[{"item": "p", "rate": 10.0}],
        )
    )
    base, engine = base_state(network), ContinuityEngine(network)
    states = {
        1.0: base,
        0.5: dataclasses.replace(base, capacity=base.capacity * 0.5),
        0.25: dataclasses.replace(base, site_capacity=base.site_capacity * 0.25),
        0.75: dataclasses.replace(
            base, capacity=base.capacity * 0.5, stock_quantity=base.stock_quantity + 25.0
        ),
        0.8: dataclasses.replace(base, switch_time=base.switch_time + 2.0),
    }
    for _ in range(2):
        for right, state in states.items():
            assert engine.undisturbed(state).tolist() == pytest.approx([right])


@pytest.mark.parametrize(("other", "served"), [(6.0, 0.98), (4.0, 0.78)], ids=["enough", "never enough"])
def test_what_goes_on_during_a_short_event_counts(other: float, served: float) -> None:
    """A makes 4 of the 10 a week, and nothing in half a week of ten."""
    network = oc.compile_network(
        small.instance(
            sites=[{"site": "A", "recovery_time": 0.5}],
            sources=[
                {"site": "A", "item": "p", "capacity": 4.0},
                {"site": "B", "item": "p", "capacity": other},
            ],
            demands=[{"item": "p", "rate": 10.0}],
        )
    )
    engine, state = ContinuityEngine(network), base_state(network)
    event = single_failure(network, network.element("site", "A"))
    assert engine.under(state, event, engine.undisturbed(state)).tolist() == pytest.approx([served])
