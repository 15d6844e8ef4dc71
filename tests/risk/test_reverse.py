"""The reverse stress test against its definition."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

import optichain as oc
import strategies
from oracle import continuity
from oracle.network import build
from small import instance


def _twins(**changes: Any) -> Any:
    """A product that two sites can each make at 6 of the 10 wanted a week, down for 5 of 10 weeks."""
    tables: dict[str, Any] = {
        "sites": [{"site": "A", "recovery_time": 5.0}, {"site": "B", "recovery_time": 5.0}],
        "sources": [
            {"site": "A", "item": "p", "capacity": 6.0},
            {"site": "B", "item": "p", "capacity": 6.0},
        ],
        "demands": [{"item": "p", "rate": 10.0}],
    }
    return instance(**{**tables, **changes})


def test_the_shortest_outage_that_undercuts_a_level() -> None:
    found = oc.reverse_stress(_twins(), 0.9, kinds=["site"], order=0)
    # 4 of 10 a week are missing: a tenth of 100 after 2.5 weeks
    assert {e: d for _, e, d in found.durations} == pytest.approx({"A": 2.5, "B": 2.5})
    none = oc.reverse_stress(_twins(), 0.6, kinds=["site"], order=0)
    assert [d for *_, d in none.durations] == [None, None]


def test_the_smallest_set_that_undercuts_a_level() -> None:
    # one down for 5 weeks leaves 0.8, both leave 0.5
    found = oc.reverse_stress(_twins(), 0.75, order=2)
    assert [s.elements for s in found.sets] == [(("site", "A"), ("site", "B"))]
    assert found.sets[0].continuity == pytest.approx(0.5)
    alone = oc.reverse_stress(_twins(), 0.85, order=2)
    assert [s.elements for s in alone.sets] == [(("site", "A"),), (("site", "B"),)]
    assert oc.reverse_stress(_twins(), 0.75, order=1).sets == ()


def test_a_network_that_is_below_the_level_undisturbed_needs_no_failure() -> None:
    short = _twins(demands=[{"item": "p", "rate": 20.0}])
    found = oc.reverse_stress(short, 0.7, kinds=["site"])
    assert [d for *_, d in found.durations] == [0.0, 0.0]
    assert [s.elements for s in found.sets] == [()]


def test_levels_and_orders_that_make_no_sense_are_refused() -> None:
    for level, order in ((0.0, 1), (1.5, 1), (0.5, -1)):
        with pytest.raises(oc.OptichainError, match=r"level|order"):
            oc.reverse_stress(_twins(), level, order=order)


def test_a_search_that_reaches_its_limit_says_so() -> None:
    from optichain.compilation import compile_network
    from optichain.risk.reverse import reverse_stress

    assert not reverse_stress(compile_network(_twins()), 0.75, order=2, limit=1).complete


def _whole(net: Any, hits: tuple[continuity.Hit, ...]) -> float:
    weight = continuity.weights(net)
    return sum(weight[c] * x for c, x in continuity.solve(net, hits, split=False).continuity.items())


def _sets_by_definition(net: Any, level: float, order: int) -> set[frozenset[str]]:
    sites = sorted(net.site_elements)
    found: set[frozenset[str]] = set()
    for size in range(order + 1):
        for members in itertools.combinations(sites, size):
            if any(smaller <= set(members) for smaller in found):
                continue
            if _whole(net, tuple(continuity.Hit(("site", s)) for s in members)) < level - 1e-8:
                found.add(frozenset(members))
    return found


@pytest.mark.parametrize(("first", "count"), [(700, 10), pytest.param(800, 120, marks=pytest.mark.slow)])
def test_random_networks_against_the_definition(first: int, count: int) -> None:
    wrong, pairs = [], 0
    for seed, case in strategies.accepted(count, first=first, planning=False):
        net = build(case)
        calm = _whole(net, ())
        level = min(max(calm * (0.9, 0.7, 0.4)[seed % 3], 0.01), 1.0)
        if seed % 2:  # a level that no site undercuts alone
            sites = [("site", s) for s in case["sites"]["site"]]
            level = max(0.999 * min(_whole(net, (continuity.Hit(s),)) for s in sites), 0.01)
        found = oc.reverse_stress(case, level, order=3)
        mine = {frozenset(e for _, e in s.elements) for s in found.sets}
        truth = _sets_by_definition(net, level, 3)
        pairs += any(len(s) > 1 for s in truth)
        if mine != truth:
            wrong.append(f"seed {seed}: sets {mine}, by definition {truth}")
        for kind, name, duration in found.durations[:4]:
            target = (kind, name)
            longest = float(case.settings.horizon)
            if duration is None:
                if _whole(net, (continuity.Hit(target, longest),)) < level - 1e-7:
                    wrong.append(f"seed {seed}: {target} undercuts {level}")
                continue
            shorter, longer = max(duration - 1e-5, 0.0), duration + 1e-5
            if duration and _whole(net, (continuity.Hit(target, shorter),)) < level - 1e-7:
                wrong.append(f"seed {seed}: {target} undercuts {level} before {duration}")
            if _whole(net, (continuity.Hit(target, longer),)) > level:
                wrong.append(f"seed {seed}: {target} does not undercut {level} at {duration}")
    assert wrong == []
    assert pairs
