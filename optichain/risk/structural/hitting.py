"""All minimal sets that break something, up to an order, from answers to "does it work without these?".

Whoever answers either says that it does not work, or names things one of which every larger breaking set
must contain beside those already lost: what the working state rests on. Only these are tried next, so the
search is complete, and it asks about far fewer sets than there are.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import TypeAlias

from optichain.risk.structural.families import Budget, OutOfBudget

__all__ = ["Answer", "Cut", "minimal_breaking_sets"]

Cut: TypeAlias = frozenset[int]
Answer: TypeAlias = Callable[[Cut, bool], Iterable[Cut] | None]
"""(lost, last) -> None where it does not work, else the sets of which any breaking superset contains one.

With ``last`` true nothing is tried beyond, so that the sets need not be found out."""


def minimal_breaking_sets(answer: Answer, order: int, budget: Budget) -> tuple[list[Cut], int]:
    """Return the minimal sets that break something, up to an order.

    Parameters
    ----------
    answer : callable
        See `Answer`; must be monotone.
    order : int
        Largest size of a set.
    budget : Budget

    Returns
    -------
    cuts : list of frozenset
        Ascending by size.
    proven : int
        No minimal set up to this size is missing; less than ``order`` where the budget ended.
    """
    found: list[Cut] = []
    waiting: list[set[Cut]] = [set() for _ in range(order + 1)]
    waiting[0].add(frozenset())
    for size in range(order + 1):
        known = set(found)
        try:
            for lost in sorted(waiting[size], key=sorted):
                budget.check(sum(map(len, waiting)))
                if any(frozenset(part) in known for part in _proper_subsets(lost)):
                    continue
                following = answer(lost, size == order)
                if following is None:
                    found.append(lost)
                    continue
                for more in following:
                    larger = lost | more
                    if len(larger) <= order:
                        waiting[len(larger)].add(larger)
        except OutOfBudget:
            return found, size - 1
        waiting[size].clear()
    return found, order


def _proper_subsets(lost: Cut) -> Iterable[tuple[int, ...]]:
    members = sorted(lost)
    return itertools.chain.from_iterable(itertools.combinations(members, n) for n in range(len(members)))
