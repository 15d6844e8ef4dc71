"""The library against brute force from the definitions, on random small instances.

Each case is a run of seeds. A difference names the seed: ``strategies.seeded(seed)`` is the instance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

import optichain as oc
import strategies
from oracle import compare

RUN = 10


def _differences(
    first: int, count: int, question: Callable[[Any, int], list[str]], **options: Any
) -> list[str]:
    """Return every difference on ``count`` instances, with its seed."""
    return [
        f"seed {seed}: {difference}"
        for seed, instance in strategies.accepted(count, first=first, **options)
        for difference in question(instance, seed)
    ]


def _runs(quick: int, slow: int) -> list[Any]:
    """Return the first seeds of runs; those beyond ``quick`` instances are slow."""
    return [
        pytest.param(first, marks=[pytest.mark.slow] if first >= quick else [])
        for first in range(0, slow, RUN)
    ]


@pytest.mark.parametrize("first", _runs(200, 1000))
def test_capacities_and_their_estimates(first: int) -> None:
    assert _differences(first, RUN, lambda instance, _: compare.capacities(instance), planning=False) == []


@pytest.mark.parametrize("first", _runs(50, 600))
def test_single_points_of_failure_of_every_kind_and_demand(first: int) -> None:
    def question(instance: Any, _: int) -> list[str]:
        return compare.spofs(instance, "qualified") + compare.spofs(instance, "active")

    assert _differences(first, RUN, question, planning=False) == []


@pytest.mark.parametrize("first", _runs(20, 300))
def test_minimal_cut_sets_of_every_kind_and_demand(first: int) -> None:
    def question(instance: Any, seed: int) -> list[str]:
        order = 3 if seed % 5 == 0 else 2
        return compare.cut_sets(instance, order, "active" if seed % 4 == 3 else "qualified")

    assert _differences(first, RUN, question, planning=False) == []


@pytest.mark.parametrize(
    "first", [pytest.param(s, marks=[pytest.mark.slow] if s >= 12 else []) for s in range(0, 300, 6)]
)
def test_minimal_cut_sets_and_their_chances_where_items_consume_one_another(first: int) -> None:
    differences = []
    for seed in range(first, first + 6):
        drawn, tables = strategies.looped(seed)
        instance = oc.Instance.from_frames(tables, drawn)
        differences += compare.cut_sets(instance, 3, kinds=["site"])
        if len(tables["sites"]) < 7:
            differences += compare.top_probability(instance, ["site"])
    assert differences == []


@pytest.mark.parametrize("first", _runs(10, 100))
def test_top_probability_and_importance(first: int) -> None:
    def question(instance: Any, seed: int) -> list[str]:
        return compare.top_probability(instance, ["site", ("group", "lane")[seed % 2]])

    assert _differences(first, RUN, question, planning=False) == []


@pytest.mark.parametrize("first", _runs(20, 300))
def test_cut_sets_at_a_level_know_capacity(first: int) -> None:
    def question(instance: Any, seed: int) -> list[str]:
        level = (1.0, 0.9, 0.6, 0.3)[seed % 4]
        return compare.level_cuts(instance, level, 2, "active" if seed % 3 == 2 else "qualified")

    assert _differences(first, RUN, question, planning=False) == []


@pytest.mark.parametrize("first", _runs(80, 1000))
def test_continuity_of_every_event_and_all_that_is_drawn_from_it(first: int) -> None:
    def question(instance: Any, seed: int) -> list[str]:
        return compare.resilience(instance, alpha=(0.95, 0.5, 0.0)[seed % 3])

    assert _differences(first, RUN, question) == []


@pytest.mark.parametrize("first", range(5000, 5006))
def test_loss_and_time_to_survive_of_single_points_of_failure(first: int) -> None:
    assert (
        _differences(first, 1, lambda instance, _: compare.spof_figures(instance, most=3), planning=False)
        == []
    )


@pytest.mark.slow
@pytest.mark.parametrize("first", range(6000, 6060, RUN))
def test_loss_and_time_to_survive_of_many(first: int) -> None:
    assert _differences(first, RUN, lambda instance, _: compare.spof_figures(instance), planning=False) == []


@pytest.mark.parametrize("first", _runs(30, 1000))
def test_the_best_plan_is_the_best_of_all_plans(first: int) -> None:
    assert _differences(first, RUN, lambda instance, _: compare.reinforcement(instance)) == []


@pytest.mark.parametrize("first", _runs(10, 400))
def test_the_plan_of_least_expected_loss_is_the_best_of_all_plans(first: int) -> None:
    assert _differences(first, RUN, lambda instance, _: compare.reinforcement(instance, "loss")) == []


@pytest.mark.parametrize("first", _runs(10, 400))
def test_what_the_caller_asks_beyond_the_instance_is_honoured(first: int) -> None:
    assert _differences(first, RUN, compare.wishes) == []


@pytest.mark.parametrize("first", _runs(20, 600))
def test_any_given_plan_is_worth_what_brute_force_says_and_breaks_the_same_rules(first: int) -> None:
    assert _differences(first, RUN, compare.given_plan) == []


@given(strategies.instances(planning=False))
@settings(max_examples=15)
def test_instances_that_hypothesis_thinks_of(pair: Any) -> None:
    drawn, tables = pair
    instance = oc.Instance.from_frames(tables, drawn)
    assert (
        compare.capacities(instance) + compare.resilience(instance) + compare.spofs(instance, "qualified")
        == []
    )


def test_the_random_instances_are_not_all_of_a_kind() -> None:
    """Random instances prove nothing where every answer is 0 or 1, or no measure makes a difference."""
    gains = partial = several = loops = 0
    for _, instance in strategies.accepted(30):
        result = oc.resilience(instance)
        partial += 0.01 < result.acc < 0.99
        several += sum(result.chains["weight"] > 0.0) > 1
        loops += bool(oc.structure(instance).loops)
        best = compare.plans.enumerate_plans(instance)
        gains += best is not None and best.objective > best.of_nothing + 1e-6
    assert (partial >= 15, several >= 8, loops >= 1, gains >= 5) == (True,) * 4, (
        partial,
        several,
        loops,
        gains,
    )
