"""The worst that k failures can do, against all sets of k failures."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import numpy as np
import pytest

import optichain as oc
import strategies
from optichain.compilation import compile_network
from optichain.effects import base_state
from optichain.risk.attack import Attacker
from optichain.risk.continuity import ContinuityEngine
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


def test_what_depends_on_an_element_bounds_what_its_failure_costs() -> None:
    for _, case in strategies.accepted(25, first=1300, planning=False):
        network = compile_network(case)
        attacker = Attacker(network, base_state(network), ContinuityEngine(network), 1)
        calm = attacker.witness.witnesses(attacker.reach([]))
        whole = attacker.witness.weighted(calm)
        promised = dict(attacker._children(frozenset(), whole, calm))
        for e in attacker.elements:
            left = attacker.witness.continuity(attacker.event([e]))
            assert left >= promised.get(frozenset([e]), whole) - 1e-7
