"""Every objective and every requirement against the best of all plans, on random small instances.

A difference names the seed: ``strategies.seeded(seed)`` is the instance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import strategies
from oracle import compare

RUN = 4
QUICK = 3


def _differences(first: int, question: Callable[[Any, int], list[str]]) -> list[str]:
    """Return every difference on a run of instances, with its seed."""
    return [
        f"seed {seed}: {difference}"
        for seed, instance in strategies.accepted(QUICK if first == QUICK else RUN, first=first)
        for difference in question(instance, seed)
    ]


FIRST = [QUICK, *(pytest.param(first, marks=pytest.mark.slow) for first in range(8, 300, RUN))]


@pytest.mark.parametrize("first", FIRST)
def test_the_plan_for_the_worst_events_is_the_best_of_all_plans(first: int) -> None:
    def question(instance: Any, seed: int) -> list[str]:
        objective = ("worst", "cvar", "cvar", "worst", "cvar")[seed % 5]
        alpha, mix = (0.95, 0.5, 0.8)[seed % 3], (0.0, 0.0, 0.3, 0.75)[seed % 4]
        return compare.reinforcement(instance, objective, alpha=alpha, mix=mix)

    assert _differences(first, question) == []


@pytest.mark.parametrize(
    "question",
    [compare.required_acc, compare.cleared_spofs, compare.least_autonomy, compare.replanning],
    ids=lambda question: question.__name__,
)
@pytest.mark.parametrize("first", FIRST)
def test_what_is_required_is_reached_as_the_best_of_all_plans_reaches_it(
    first: int, question: Callable[[Any, int], list[str]]
) -> None:
    assert _differences(first, question) == []
