"""All minimal sets that break something, against trying every set."""

from __future__ import annotations

import itertools
import random

import pytest

from optichain.risk.structural.families import Budget
from optichain.risk.structural.hitting import Cut, minimal_breaking_sets

ELEMENTS = range(7)


def a_system(seed: int) -> list[Cut]:
    """Return ways to work, each of the elements that it needs: a system works while one of them is whole."""
    chance = random.Random(seed)
    return [frozenset(chance.sample(ELEMENTS, chance.randint(1, 4))) for _ in range(chance.randint(1, 4))]


def breaking(ways: list[Cut], order: int) -> list[Cut]:
    """Return the minimal sets that hit every way to work, by trying all."""
    found: list[Cut] = []
    for size in range(order + 1):
        for tried in map(frozenset, itertools.combinations(ELEMENTS, size)):
            if all(tried & way for way in ways) and not any(known <= tried for known in found):
                found.append(tried)
    return found


def answers(ways: list[Cut], asked: list[tuple[Cut, bool]]):
    """Answer from a way that still works: to break the system one of its elements must fail."""

    def answer(lost: Cut, last: bool) -> list[Cut] | None:
        asked.append((lost, last))
        whole = [way for way in ways if not way & lost]
        return [frozenset([element]) for element in sorted(whole[0])] if whole else None

    return answer


@pytest.mark.parametrize("order", [0, 1, 2, 3])
@pytest.mark.parametrize("seed", range(25))
def test_every_minimal_set_is_found_and_nothing_is_asked_twice(seed: int, order: int) -> None:
    ways, asked = a_system(seed), []
    found, proven = minimal_breaking_sets(answers(ways, asked), order, Budget())
    assert proven == order
    assert [len(cut) for cut in found] == sorted(len(cut) for cut in found)
    assert sorted(map(sorted, found)) == sorted(map(sorted, breaking(ways, order)))
    questions = [lost for lost, _ in asked]
    assert len(questions) == len(set(questions))
    # in one order whatever the sets hash to, and told where nothing larger will be asked
    assert questions == sorted(questions, key=lambda lost: (len(lost), sorted(lost)))
    assert all(last == (len(lost) == order) for lost, last in asked)


@pytest.mark.parametrize("limit", range(8))
def test_a_search_that_ends_early_has_everything_up_to_the_size_that_it_proves(limit: int) -> None:
    class Patience(Budget):
        def __init__(self) -> None:
            super().__init__()
            self.left = limit

        def check(self, sets: int = 0) -> None:
            self.left -= 1
            if self.left < 0:
                self.sets = -1
            super().check(sets)

    ways = [frozenset({0, 1}), frozenset({2, 3})]
    # one question about nothing, two about one element, four about two
    found, proven = minimal_breaking_sets(answers(ways, []), 2, Patience())
    assert proven == (-1 if limit < 1 else 0 if limit < 3 else 1 if limit < 7 else 2)
    assert len(found) == max(0, min(limit - 3, 4))


def test_what_does_not_work_anyway_is_broken_by_nothing() -> None:
    assert minimal_breaking_sets(lambda lost, last: None, 2, Budget()) == ([frozenset()], 2)
