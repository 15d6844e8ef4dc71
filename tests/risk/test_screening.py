"""Bounds on continuity without a linear programme: what they are in cases that a person can compute.

Above, each user is seen as if it were alone; below stands a flow that is possible, in which users share what is short.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import optichain as oc
from optichain.effects import apply_measures, base_state
from optichain.risk.events import single_failure
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.reach import reach_of
from small import instance


def source(site: str, item: str, capacity: float | str, **more: Any) -> dict[str, Any]:
    return {"site": site, "item": item, "capacity": capacity, **more}


def interval(case: Any, event: str) -> tuple[float, float]:
    row = oc.screen(case).events.set_index("event").loc[event]
    return float(row["continuity_low"]), float(row["continuity_high"])


def between(low: float, high: float) -> Any:
    return pytest.approx((low, high), abs=1e-12)


def test_stock_bridges_what_it_can() -> None:
    """20 castings a week are missing for 4 of 10 weeks, and 30 in stock are good for 1.5 of them."""
    case = instance(
        sites=[{"site": "F", "recovery_time": 4.0}, {"site": "A", "recovery_time": 2.0}],
        sources=[source("A", "pump", 10.0), source("F", "casting", 20.0)],
        bom=[{"item": "pump", "input": "casting", "quantity": 2.0}],
        stocks=[{"item": "casting", "site": "F", "quantity": 30.0}],
        demands=[{"item": "pump", "rate": 10.0}],
    )
    assert interval(case, "site:F") == between(0.75, 0.75)
    assert interval(case, "site:A") == between(0.8, 0.8)


@pytest.mark.parametrize(("forged", "served"), [(30.0, 1.0), (14.0, 0.85), (0.0, 0.5)])
def test_another_way_takes_over_as_far_as_there_is_plenty_of_it(forged: float, served: float) -> None:
    """Two forgings do for a casting: 14 a week make 7 of 10 pumps for the 5 of 10 weeks without castings."""
    case = instance(
        sites=[{"site": s, "recovery_time": 5.0} for s in ("A", "F", "G")],
        sources=[source("A", "pump", 10.0), source("F", "cast", 10.0), source("G", "forged", forged)],
        bom=[
            {"item": "pump", "input": "cast", "requirement": "body", "quantity": 1.0},
            {"item": "pump", "input": "forged", "requirement": "body", "quantity": 2.0},
        ],
        demands=[{"item": "pump", "rate": 10.0}],
    )
    assert interval(case, "site:F") == between(served, served)
    assert interval(case, "site:A") == between(0.5, 0.5)


def test_no_more_is_asked_of_another_way_than_is_missing() -> None:
    """2 of 10 castings a week are missing: the 5 forgings that valves leave are just enough for them."""
    case = instance(
        sites=[{"site": s, "recovery_time": 5.0} for s in ("A", "E", "F", "G", "V")],
        sources=[
            source("A", "pump", 10.0),
            source("V", "valve", 10.0),
            source("E", "cast", 2.0),
            source("F", "cast", 8.0),
            source("G", "forged", 15.0),
        ],
        bom=[
            {"item": "pump", "input": "cast", "requirement": "body", "quantity": 1.0},
            {"item": "pump", "input": "forged", "requirement": "body", "quantity": 2.5},
            {"item": "valve", "input": "forged", "quantity": 1.0},
        ],
        demands=[{"item": "pump", "rate": 10.0}, {"item": "valve", "rate": 10.0}],
    )
    # a millionth of what is missing is sought where there is none to spare
    assert interval(case, "site:E") == pytest.approx((1.0, 1.0), abs=1e-6)


def test_of_what_two_chains_share_each_may_get_all_and_has_for_certain_what_the_other_leaves() -> None:
    """Half of the steel is missing for half of the time: shared evenly, both go on at 0.75.

    The total is then at least 0.75 and at most 1. The chain of weight 0.25 can take no more than 0.25 of it, so that of
    weight 0.75 has (0.75 - 0.25) / 0.75; the other may get nothing.
    """
    case = instance(
        chains=[{"chain": "heavy", "weight": 3.0}, {"chain": "light", "weight": 1.0}],
        sites=[{"site": s, "recovery_time": 5.0} for s in ("M", "N", "P", "Q")],
        items=[{"item": "p", "chain": "heavy"}, {"item": "q", "chain": "light"}, {"item": "steel"}],
        sources=[
            source("P", "p", 10.0),
            source("Q", "q", 10.0),
            source("M", "steel", 10.0),
            source("N", "steel", 10.0),
        ],
        bom=[{"item": item, "input": "steel", "quantity": 1.0} for item in ("p", "q")],
        demands=[
            {"item": "p", "rate": 10.0, "chain": "heavy"},
            {"item": "q", "rate": 10.0, "chain": "light"},
        ],
    )
    found = oc.screen(case)
    assert interval(case, "site:M") == between(0.75, 1.0)
    assert found.chain_low.loc["site:M", ["heavy", "light"]].tolist() == between(2 / 3, 0.0)
    assert found.chain_high.loc["site:M", ["heavy", "light"]].tolist() == between(1.0, 1.0)
    assert interval(case, "site:P") == between(1.0 - 0.75 / 2, 1.0 - 0.75 / 2)
    assert found.chain_low.loc["site:P", ["heavy", "light"]].tolist() == between(0.5, 1.0)


def test_sources_share_the_room_of_their_site() -> None:
    """Without B, pumps would take 20 and valves 2 of the room of 20 for 5 of 10 weeks: all is cut to 20/22."""
    case = instance(
        sites=[{"site": "A", "capacity": 20.0, "recovery_time": 5.0}, {"site": "B", "recovery_time": 5.0}],
        sources=[
            source("A", "pump", "unlimited", load=2.0),
            source("A", "valve", 10.0, load=0.5),
            source("B", "pump", 4.0),
        ],
        demands=[{"item": "pump", "rate": 10.0}, {"item": "valve", "rate": 4.0}],
    )
    assert interval(case, "site:B") == between(0.5 + 0.5 * 20 / 22, 1.0)
    # without A, B makes 4 of the 14 that are wanted
    assert interval(case, "site:A") == between(0.5 + 0.5 * 4 / 14, 0.5 + 0.5 * 4 / 14)


def test_what_opens_later_counts_above_from_then_on_and_not_at_all_below() -> None:
    case = instance(
        sites=[{"site": "A", "recovery_time": 5.0}, {"site": "B", "recovery_time": 5.0}],
        sources=[
            source("A", "pump", 10.0),
            source("B", "pump", 10.0, status="qualified", switch_time=2.0),
        ],
        demands=[{"item": "pump", "rate": 10.0}],
    )
    assert interval(case, "site:A") == between(0.5, 0.8)
    assert interval(case, "site:B") == between(1.0, 1.0)


def test_the_bounds_are_those_of_the_state_that_is_asked_for_and_the_last_are_kept() -> None:
    """Down for 5 of 10 weeks, or half down where the plant is hardened to a half."""
    case = instance(
        planning={"years": [2026], "budget": [1.0]},
        sites=[{"site": "A", "recovery_time": 5.0}],
        sources=[source("A", "pump", 10.0)],
        demands=[{"item": "pump", "rate": 10.0}],
        measures=[{"measure": "m", "chain": "c", "cost_1": 1.0}],
        effects=[{"measure": "m", "effect": "harden", "target": "site:A", "amount": 0.5}],
    )
    network = oc.compile_network(case)
    engine = ContinuityEngine(network)
    event = single_failure(network, network.element("site", "A"))
    before, after = base_state(network), apply_measures(network, np.ones(1))
    for state, served in ((before, 0.5), (after, 0.75), (before, 0.5)):
        screen = engine.screen(0, state)
        matters, _ = engine.block(0).case(state, reach_of(network, state, event))
        found = screen.bounds([matters])
        assert (found.lower.item(), found.upper.item()) == between(served, served)
        assert engine.screen(0, state) is screen
