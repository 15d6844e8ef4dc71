"""Continuity is that of the model in which every moment at which anything changes begins a phase.

The engine takes few phases, other times for themselves, and starts from what it solved before; here each answer is
compared with the whole model at once, solved by another interface from nothing.
"""

from __future__ import annotations

import dataclasses
import random
from typing import Any

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

import optichain as oc
import strategies
from optichain.effects import State, base_state
from optichain.network import Network
from optichain.risk.events import Event, Hit
from optichain.risk.flows.continuity import BlockContinuity
from optichain.risk.flows.reach import Reach, reach_of

SAME = 1e-7


def finest(block: BlockContinuity, state: State, reach: Reach) -> float:
    """Return what all phases together can serve, weighted."""
    sides = block.flow.sides(state, reach)
    phases = len(sides.lengths)
    cost = np.zeros(len(sides.upper))
    cost[block.flow.served_columns(phases)] = -block.cost_of_serving[None, :]
    rows = LinearConstraint(block.flow.matrix(phases), sides.row_lower, sides.row_upper)
    return -float(milp(cost, constraints=rows, bounds=Bounds(0.0, sides.upper)).fun)


def random_event(network: Network, rng: random.Random) -> Event:
    hits = tuple(
        Hit(e, rng.choice([0.4, 1.0, 1.0]), rng.choice([1.3, 4.0, float("nan"), float("inf")]))
        for e in rng.sample(range(network.n_elements), min(rng.choice([1, 1, 2, 3]), network.n_elements))
    )
    return Event("event", "event", 0.0, hits)


def states_of(network: Network) -> list[State]:
    """Return the network as it is, and as it is not: with less room, slower, and with more in stock."""
    base = base_state(network)
    return [
        base,
        dataclasses.replace(base, capacity=base.capacity * 0.75),
        dataclasses.replace(base, stock_quantity=base.stock_quantity * 2.0 + 1.0),
        dataclasses.replace(
            base, switch_time=base.switch_time + 1.0, alternative_switch=base.alternative_switch + 1.0
        ),
        dataclasses.replace(base, site_capacity=base.site_capacity * 0.5),
    ]


def random_cases(count: int, first: int) -> list[tuple[Any, BlockContinuity, list[tuple[State, Reach]]]]:
    """Return blocks with states and events; the states of a block take turns."""
    found = []
    for seed, instance in strategies.accepted(count, first=first, planning=False):
        network, rng = oc.compile_network(instance), random.Random(seed)
        states = states_of(network)
        events = [random_event(network, rng) for _ in range(3)]
        cases = [(state, reach_of(network, state, event)) for event in events for state in states]
        found += [
            (seed, BlockContinuity(network, number, network.weight), cases)
            for number in network.blocks.tolist()
        ]
    return found


@pytest.mark.parametrize("first", [52000])
def test_every_answer_is_that_of_the_finest_model(first: int) -> None:
    for seed, block, cases in random_cases(8, first):
        for state, reach in cases:
            right = finest(block, state, reach)
            assert float(block.mix @ block.continuity(state, reach)) == pytest.approx(right, abs=SAME), seed


@pytest.mark.parametrize("first", [52100])
def test_a_flow_that_serves_most_has_the_value_of_the_finest_model(first: int) -> None:
    for seed, block, cases in random_cases(5, first):
        for state, reach in cases:
            right = finest(block, state, reach)
            starts, sides, values = block.optimal_flow(state, reach)
            served = values[block.flow.served_columns(len(starts))].sum(axis=0)
            assert float(block.cost_of_serving @ served) == pytest.approx(right, abs=SAME), seed
            assert (values <= sides.upper + SAME).all()
            # with fewer phases it is possible still, and no more is served
            few, _, some = block.optimal_flow(state, reach, most=2)
            assert len(few) <= 2
            served = some[block.flow.served_columns(len(few))].sum(axis=0)
            assert float(block.cost_of_serving @ served) <= right + SAME
