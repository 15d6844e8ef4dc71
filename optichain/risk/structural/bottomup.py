"""Minimal cut sets of every commodity, truncated at an order, from the first tier to the demands (3.2).

An activity fails when an element or a requirement of it fails: families are joined. A requirement fails when
all its options fail, a commodity when all that provide it fail: the product of families.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from optichain.risk.structural.failgraph import FailGraph
from optichain.risk.structural.families import (
    Batch,
    Budget,
    FamilyStore,
    empty,
    joined,
    minimal,
    product,
    singles,
)

__all__ = ["LoopDecider", "all_fail", "families_of", "made_by"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

PORTION = 100_000

LoopDecider = Callable[[FailGraph, FamilyStore, Ints, Budget], None]


def families_of(fails: FailGraph, order: int, budget: Budget, decide_loop: LoopDecider) -> FamilyStore:
    """Return the minimal cut sets of every commodity, as classes of elements.

    Parameters
    ----------
    fails : FailGraph
    order : int
        Largest size of a set.
    budget : Budget
    decide_loop : callable
        Stores the families of the commodities of one loop.

    Raises
    ------
    OutOfBudget
    """
    store = FamilyStore(fails.graph.n_commodities, order, budget)
    for tier, loops in zip(fails.tiers, fails.loops, strict=True):
        for some in _portions(fails, store, tier):
            store.put(some, made_by(fails, store, some))
        for loop in loops:
            decide_loop(fails, store, loop, budget)
    return store


def _portions(fails: FailGraph, store: FamilyStore, tier: Ints) -> list[Ints]:
    """Split a tier so that the families that go into each part are about `PORTION` sets: they fit in a cache."""
    who, activity = fails.makers.take(tier)
    needer, requirement = fails.needs.take(activity)
    option_of, option = fails.options.take(requirement)
    taken = np.bincount(who[needer[option_of]], weights=store.size(option), minlength=len(tier))
    taken = taken + np.bincount(who, weights=fails.classes.count(activity), minlength=len(tier))
    part = (np.cumsum(taken) / PORTION).astype(np.int64)
    return np.split(tier, np.flatnonzero(np.diff(part)) + 1) if len(tier) else []


def made_by(fails: FailGraph, store: FamilyStore, commodities: Ints, void: Bools | None = None) -> Batch:
    """Return the families of commodities from those of what they are made of, owners by position.

    Parameters
    ----------
    void : ndarray of bool, shape (commodities,), optional
        Commodities that do not exist (yet): no option of anything. At least one way to make each of
        ``commodities`` must do without them.
    """
    order = store.order
    who, activity = fails.makers.take(commodities)
    needer, requirement = fails.needs.take(activity)
    option_of, option = fails.options.take(requirement)
    if void is not None:
        there = ~void[option]
        option_of, option = option_of[there], option[there]
        met = np.bincount(option_of, minlength=len(requirement)) > 0
        runs = np.bincount(needer[~met], minlength=len(activity)) == 0
        kept = runs[needer[option_of]]
        option_of, option = option_of[kept], option[kept]
    count = np.bincount(option_of, minlength=len(requirement))
    plain = count[option_of] == 1
    parts = [store.gather(option[plain], needer[option_of[plain]])]
    if not plain.all():
        parts.append(_with_owner(all_fail(store, option_of[~plain], option[~plain]), needer))
    own_of, own = fails.classes.take(activity)
    parts.append(singles(own_of, own, order))
    of_activity = minimal(joined(parts))
    if void is not None:
        kept_sets = [(o[runs[o]], m[runs[o]]) for o, m in of_activity]
        return _over_makers(kept_sets, who[runs], np.flatnonzero(runs), len(activity), store)
    return _over_makers(of_activity, who, np.arange(len(activity)), len(activity), store)


def _over_makers(of_activity: Batch, who: Ints, activity: Ints, size: int, store: FamilyStore) -> Batch:
    """Return the families of commodities from those of the activities that make them."""
    if np.all(np.diff(who) > 0):
        place = np.zeros(size, dtype=np.int64)
        place[activity] = who
        return [(place[o], m) for o, m in of_activity]
    local = FamilyStore(size, store.order, store.budget)
    local.put(np.arange(size), of_activity)
    return all_fail(local, who, activity)


def _with_owner(batch: Batch, owner: Ints) -> Batch:
    return [(owner[o], m) for o, m in batch]


def all_fail(store: FamilyStore, owner: Ints, option: Ints) -> Batch:
    """Return the families of what fails only when all its options fail.

    Parameters
    ----------
    store : FamilyStore
        With the families of the options.
    owner, option : ndarray
        Pairs. Owners ascending.
    """
    sizes = store.size(option)
    hopeless = np.zeros(int(owner.max(initial=0)) + 1, dtype=bool)
    hopeless[owner[sizes == 0]] = True
    rank = np.lexsort((sizes, owner))
    owner, option = owner[rank], option[rank]
    kept = ~hopeless[owner]
    owner, option = owner[kept], option[kept]
    starts = np.concatenate([[True], owner[1:] != owner[:-1]]) if len(owner) else np.empty(0, dtype=bool)
    turn = np.arange(len(owner)) - np.flatnonzero(starts)[np.cumsum(starts) - 1] if len(owner) else owner
    total = np.bincount(owner)
    current = store.gather(option[turn == 0], owner[turn == 0])
    done: list[Batch] = []
    for r in range(1, int(total.max(initial=0))):
        going = [total[o] > r for o, _ in current]
        done.append([(o[~g], m[~g]) for (o, m), g in zip(current, going, strict=True)])
        current = [(o[g], m[g]) for (o, m), g in zip(current, going, strict=True)]
        left = np.zeros(len(total), dtype=bool)
        for o, _ in current:
            left[o] = True
        mine = (turn == r) & left[owner]
        current = product(current, store.gather(option[mine], owner[mine]), store.budget)
    done.append(current)
    whole = joined(done) if len(done) > 1 else current
    return [_by_owner(o, m) for o, m in whole] if len(owner) else empty(store.order)


def _by_owner(owner: Ints, members: Ints) -> tuple[Ints, Ints]:
    if np.all(owner[1:] >= owner[:-1]):
        return owner, members
    order = np.argsort(owner, kind="stable")
    return owner[order], members[order]
