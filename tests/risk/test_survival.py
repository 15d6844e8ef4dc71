"""Times to survive with measures in effect: one model gives what closing in on the moment gives."""

import math

import numpy as np
import pytest

import strategies
from optichain.compilation import compile_network
from optichain.effects import apply_measures
from optichain.risk.events import single_failure
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.reach import reach_of, touched_blocks
from optichain.risk.flows.survival import SurvivalClock, _BlockClock


def by_bisection(network, state, engine, element):
    """Return the last moment at which as much is served as undisturbed, searched in models of whole blocks."""
    event = single_failure(network, element, permanent=True)
    reach = reach_of(network, state, event, horizon=math.inf)
    touched = set(touched_blocks(network, state, reach))
    clocks = [_BlockClock(engine.block(b), state) for b in network.blocks.tolist() if b in touched]
    return min((clock._search(reach) for clock in clocks), default=math.inf)


@pytest.mark.parametrize("first", [0, *(pytest.param(f, marks=pytest.mark.slow) for f in (100, 200, 300))])
def test_one_model_is_as_good_as_closing_in(first):
    wrong, partial = [], 0
    for seed, instance in strategies.accepted(8 if first == 0 else 40, first=70000 + first):
        network = compile_network(instance)
        rng = np.random.default_rng(seed)
        most = instance["measures"]["max_units"].to_numpy(float)
        state = apply_measures(network, np.where(rng.random(len(most)) < 0.7, most, 0.0))
        engine = ContinuityEngine(network)
        clock = SurvivalClock(network, state, engine)
        for element in range(network.n_elements):
            found, truth = clock.time_to_survive(element), by_bisection(network, state, engine, element)
            partial += not math.isinf(truth) and bool((state.loss_factor < 1.0).any())
            same = found == truth or abs(found - truth) <= 1e-5 * (1.0 + abs(truth))
            if not same:
                wrong.append(f"seed {seed}, element {element}: {found}, closing in {truth}")
    assert wrong == []
    assert partial > 0
