"""The worst that k failures can do, against all sets of k failures."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import numpy as np
import pytest

import optichain as oc
import rooms
import strategies
from optichain.compilation import compile_network
from optichain.effects import apply_measures, base_state
from optichain.network import ELEMENT_KINDS
from optichain.risk.attack import Attacker, worst_case
from optichain.risk.events import Event, Hit
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.reach import reach_of
from optichain.risk.reverse import reverse_stress
from oracle import continuity
from oracle.network import build
from small import instance


def _triangle() -> Any:
    """Three sites make a product: 6, 5 and 3 of the 10 wanted a week; each down for 5 of 10 weeks."""
    return instance(
        sites=[{"site": s, "recovery_time": 5.0} for s in "ABC"],
        sources=[{"site": s, "item": "p", "capacity": c} for s, c in (("A", 6.0), ("B", 5.0), ("C", 3.0))],
        demands=[{"item": "p", "rate": 10.0}],
    )


@pytest.mark.parametrize(
    ("k", "left", "attack"),
    [
        (1, (5.0 * 8 + 5 * 10) / 100, ["A"]),
        (2, (5.0 * 3 + 5 * 10) / 100, ["A", "B"]),
        (3, 5.0 * 10 / 100, ["A", "B", "C"]),
    ],
)
def test_the_worst_sites_fail_together(k: int, left: float, attack: list[str]) -> None:
    found = oc.worst_case(_triangle(), k)
    assert found.continuity == pytest.approx(left)
    assert found.bound == found.continuity
    assert [name for _, name in found.attack.elements] == attack
    assert found.complete
    assert found.sets == {1: 3, 2: 6, 3: 7}[k]


def test_a_duration_replaces_the_recovery_times() -> None:
    assert oc.worst_case(_triangle(), 3, duration=10.0).continuity == pytest.approx(0.0)
    assert oc.worst_case(_triangle(), 3, duration=0.0).continuity == pytest.approx(1.0)


def test_a_search_that_is_stopped_still_proves_a_bound() -> None:
    stop = threading.Event()
    stop.set()
    found = oc.worst_case(_triangle(), 2, stop=stop)
    assert not found.complete
    assert found.bound <= 0.65 <= found.continuity


def test_nonsense_is_refused() -> None:
    for options in ({"k": 0}, {"k": 1, "kinds": ["town"]}, {"k": 1, "duration": -1.0}):
        with pytest.raises(oc.OptichainError, match=r"at least one|unknown kind|not negative"):
            oc.worst_case(_triangle(), **options)


def _by_definition(net: Any, k: int) -> float:
    weight = continuity.weights(net)
    worst = np.inf
    for size in range(k + 1):
        for members in itertools.combinations(sorted(net.site_elements), size):
            hits = tuple(continuity.Hit(("site", s)) for s in members)
            outcome = continuity.solve(net, hits, split=False).continuity
            worst = min(worst, sum(weight[c] * x for c, x in outcome.items()))
    return float(worst)


@pytest.mark.parametrize(("first", "count"), [(900, 10), pytest.param(1000, 150, marks=pytest.mark.slow)])
def test_random_networks_against_all_sets(first: int, count: int) -> None:
    wrong = []
    for seed, case in strategies.accepted(count, first=first, planning=False):
        k = 1 + seed % 3
        found = oc.worst_case(case, k)
        truth = _by_definition(build(case), k)
        if abs(found.continuity - truth) > 1e-7 or abs(found.bound - truth) > 1e-7:
            wrong.append(
                f"seed {seed}, k {k}: {found.continuity}, bound {found.bound}, by definition {truth}"
            )
    assert wrong == []


@pytest.mark.parametrize(("first", "count"), [(1300, 12), pytest.param(1400, 200, marks=pytest.mark.slow)])
def test_what_depends_on_elements_bounds_what_their_failure_costs(first: int, count: int) -> None:
    """What two elements do together is bounded by the sum, in flows with few phases and with all that matter."""
    for seed, case in strategies.accepted(count, first=first, planning=False):
        network = compile_network(case)
        attacker = Attacker(network, base_state(network), ContinuityEngine(network), 2)
        calm = attacker.reach([])
        lost = [
            np.array([attacker.lost[e][b] for e in attacker.elements]) for b in range(len(attacker.lost[0]))
        ]
        for flows in (attacker.witness.witnesses(calm), attacker.witness.flows(calm)):
            damage = sum(
                share * dependence.damage(flow, list(attacker.stops.values()), destroyed)
                for (share, _), dependence, flow, destroyed in zip(
                    attacker.witness.blocks, attacker.dependence, flows, lost, strict=True
                )
            )
            whole = attacker.witness.weighted(flows)
            for size in (1, 2):
                for places in itertools.combinations(range(len(attacker.elements)), size):
                    members = [attacker.elements[i] for i in places]
                    left = attacker.witness.value(attacker.reach(members))
                    assert left >= whole - sum(damage[i] for i in places) - 1e-7, (seed, members)


def _enumerated(network: Any, state: Any, k: int) -> float:
    """Return the least continuity that any k sites leave, by the models of whole blocks."""
    engine = ContinuityEngine(network)
    sites = [e for e in range(len(network.element_kind)) if ELEMENT_KINDS[network.element_kind[e]] == "site"]
    least = np.inf
    for members in itertools.combinations(sites, min(k, len(sites))):
        event = Event("", "", 0.0, tuple(Hit(e, 1.0, np.nan) for e in members))
        reach = reach_of(network, state, event)
        parts = [(engine.block(n), n) for n in network.blocks.tolist()]
        least = min(
            least,
            sum(
                network.weight[network.chain_block == n].sum() * float(b.continuity(state, reach) @ b.mix)
                for b, n in parts
            ),
        )
    return float(least)


@pytest.mark.parametrize(("first", "count"), [(0, 6), pytest.param(100, 150, marks=pytest.mark.slow)])
def test_random_networks_with_measures_in_effect_against_all_sets(first: int, count: int) -> None:
    cases = [*strategies.accepted(count, first=5000 + first)]
    cases += [(seed, rooms.rooms(seed)) for seed in range(first, first + count)]
    wrong = []
    for seed, case in cases:
        network, k = compile_network(case), 1 + seed % 2
        rng = np.random.default_rng(seed)
        most = case["measures"]["max_units"].to_numpy(float)
        state = apply_measures(network, np.where(rng.random(len(most)) < 0.6, most, 0.0))
        found = worst_case(network, k, state=state)
        truth = _enumerated(network, state, k)
        if abs(found.continuity - truth) > 1e-7 or abs(found.bound - truth) > 1e-7:
            wrong.append(f"seed {seed}, k {k}: {found.continuity}, bound {found.bound}, all sets {truth}")
    assert wrong == []


def test_a_source_that_is_protected_still_needs_the_room_of_its_site() -> None:
    case = instance(
        sites=[{"site": "A", "capacity": 20.0, "recovery_time": 5.0}, {"site": "B", "recovery_time": 5.0}],
        sources=[{"site": "A", "item": "p", "capacity": 10.0, "load": 1.0}],
        demands=[{"item": "p", "rate": 10.0, "chain": "C"}],
        chains=[{"chain": "C"}],
        measures=[{"measure": "m", "cost_1": 1.0, "chain": "C"}],
        effects=[{"measure": "m", "effect": "harden", "target": "A:p", "amount": 1.0}],
        planning={"years": [2026], "budget": [1.0]},
    )
    network = compile_network(case)
    state = apply_measures(network, np.ones(1))
    found = worst_case(network, 1, state=state)
    assert found.continuity == pytest.approx(0.5)
    assert [name for _, name in found.attack.elements] == ["A"]
    assert [s.elements for s in reverse_stress(network, 0.9, order=1, state=state).sets] == [(("site", "A"),)]
