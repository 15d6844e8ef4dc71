"""Minimal cut sets inside a loop (3.1): whether a loop goes on by itself depends on its gain.

Where every step of the loop takes at least one unit of it per unit made, no part of it can sustain itself: what
runs is what can start from nothing. Where every step takes less than one unit in all, whatever can go on does.
In between each question is put to a linear programme.
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from optichain.risk.structural.bottomup import made_by
from optichain.risk.structural.failgraph import FailGraph, Relation
from optichain.risk.structural.families import Batch, Budget, FamilyStore, OutOfBudget
from optichain.risk.structural.hitting import Cut, minimal_breaking_sets
from optichain.risk.structural.providable import AndOrGraph

__all__ = ["Loop", "cut_sets_of_loop", "loop_of"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def cut_sets_of_loop(fails: FailGraph, store: FamilyStore, members: Ints, budget: Budget) -> None:
    """Store the families of the commodities of one loop.

    Parameters
    ----------
    fails : FailGraph
    store : FamilyStore
        With the families of everything that enters the loop.
    members : ndarray
        Commodities of the loop.
    budget : Budget
    """
    loop = loop_of(fails, members)
    if loop.never_sustains:
        _from_nothing(fails, store, members)
    elif loop.always_sustains:
        store.put(members, [(o[:0], m[:0]) for o, m in store.gather(members, np.arange(len(members)))])
        _until_settled(fails, store, members)
    else:
        _asked(loop, store, budget)


def loop_of(fails: FailGraph, members: Ints) -> Loop:
    """Return a loop, made once, so that what it was asked before is known."""
    kept: dict[int, Loop] = fails.__dict__.setdefault("_loops", {})
    first = int(members[0])
    if first not in kept:
        kept[first] = Loop(fails, members)
    return kept[first]


def _from_nothing(fails: FailGraph, store: FamilyStore, members: Ints) -> None:
    """Start from nothing: what has not started yet does not exist, and from round to round less is fragile."""
    void = np.zeros(fails.graph.n_commodities, dtype=bool)
    void[members] = True
    while void[members].any():
        able = _can_start(fails, members[void[members]], void)
        store.put(able, made_by(fails, store, able, void))
        void[able] = False
    _until_settled(fails, store, members)


def _can_start(fails: FailGraph, commodities: Ints, void: Bools) -> Ints:
    """Return those that some activity makes from what exists."""
    who, activity = fails.makers.take(commodities)
    needer, requirement = fails.needs.take(activity)
    option_of, option = fails.options.take(requirement)
    met = np.bincount(option_of, weights=~void[option], minlength=len(requirement)) > 0
    lacking = np.bincount(needer, weights=~met, minlength=len(activity)) > 0
    return commodities[np.unique(who[~lacking])]


def _until_settled(fails: FailGraph, store: FamilyStore, members: Ints) -> None:
    """Make the families of the members from those of the last round until a round changes nothing."""
    while True:
        before = store.gather(members, np.arange(len(members)))
        after = made_by(fails, store, members)
        if all(
            np.array_equal(a[0], b[0]) and np.array_equal(a[1], b[1])
            for a, b in zip(before, after, strict=True)
        ):
            return
        store.put(members, after)


class Loop:
    """One loop with what enters it, as a small AND/OR graph.

    Parameters
    ----------
    fails : FailGraph
    members : ndarray
        Commodities of the loop.

    Attributes
    ----------
    inputs : ndarray
        Commodities from outside.
    activities : ndarray
        Activities that make a member.
    graph : AndOrGraph
        Members, then inputs, as commodities; then the activities and, for each input, one that provides it.
    """

    def __init__(self, fails: FailGraph, members: Ints) -> None:
        graph = fails.graph
        self.fails, self.members = fails, members
        _, self.activities = fails.makers.take(members)
        owner, requirements = fails.needs.take(self.activities)
        chosen = np.full(graph.n_requirements, -1, dtype=np.int64)
        chosen[requirements] = np.arange(len(requirements))
        kept = (chosen[graph.alternative_requirement] >= 0) & fails.alive[graph.alternative_commodity]
        row, used = chosen[graph.alternative_requirement[kept]], graph.alternative_commodity[kept]
        quantity = graph.alternative_quantity[kept]
        inside = np.zeros(graph.n_commodities, dtype=bool)
        inside[members] = True
        self.inputs = np.unique(used[~inside[used]])
        place = np.empty(graph.n_commodities, dtype=np.int64)
        place[members] = np.arange(len(members))
        place[self.inputs] = len(members) + np.arange(len(self.inputs))
        self.graph = AndOrGraph(
            n_commodities=len(members) + len(self.inputs),
            output=np.concatenate(
                [place[graph.output[self.activities]], len(members) + np.arange(len(self.inputs))]
            ),
            usable=np.ones(len(self.activities) + len(self.inputs), dtype=bool),
            requirement_activity=owner,
            alternative_requirement=row,
            alternative_commodity=place[used],
            alternative_quantity=quantity,
        )
        tied = inside[used]
        least = np.full(len(requirements), np.inf)
        most = np.zeros(len(requirements))
        np.minimum.at(least, row[tied], quantity[tied])
        np.maximum.at(most, row[tied], quantity[tied])
        self.never_sustains = bool(np.all(least >= 1.0))
        self.always_sustains = bool(
            np.all(np.bincount(owner, weights=most, minlength=len(self.activities)) < 1.0)
        )
        self._known: dict[bytes, Bools] = {}

    def working(self, up: Bools) -> Bools:
        """Return which members can be provided with only some activities and inputs up.

        Parameters
        ----------
        up : ndarray of bool, shape (activities + inputs,)
        """
        key = np.packbits(up).tobytes()
        if key not in self._known:
            self._known[key] = self.graph.providable(up)[0][: len(self.members)]
        return self._known[key]

    def rests_on(self, up: Bools, member: int) -> Ints:
        """Return a smallest choice of what is up that still provides a member: none of it can be spared."""
        needed = up.copy()
        for one in np.flatnonzero(up).tolist():
            needed[one] = False
            if not self.working(needed)[member]:
                needed[one] = True
        return np.flatnonzero(needed)


def _asked(loop: Loop, store: FamilyStore, budget: Budget) -> None:
    """Search the families of the members, each question put to `Loop.working`."""
    breaking = _breaking_sets(loop, store)
    owners = list(itertools.chain.from_iterable([place] * len(sets) for place, sets in enumerate(breaking)))
    flat = list(itertools.chain.from_iterable(breaking))
    by_member: dict[int, list[int]] = {}
    for place, cut in enumerate(flat):
        for element in cut:
            by_member.setdefault(element, []).append(place)
    size = np.array([len(cut) for cut in flat], dtype=np.int64)
    owner = np.array(owners, dtype=np.int64)

    def up(lost: Cut) -> Bools:
        hit = np.zeros(len(flat), dtype=np.int64)
        for element in lost:
            hit[by_member.get(element, [])] += 1
        state = np.ones(len(breaking), dtype=bool)
        state[owner[hit == size]] = False
        return state

    found: list[list[Cut]] = []
    for member in range(len(loop.members)):

        def answer(lost: Cut, last: bool, member: int = member) -> list[Cut] | None:
            state = up(lost)
            if not loop.working(state)[member]:
                return None
            if last:
                return []
            return [cut for one in loop.rests_on(state, member).tolist() for cut in breaking[one]]

        cuts, proven = minimal_breaking_sets(answer, store.order, budget)
        if proven < store.order:
            raise OutOfBudget
        found.append(cuts)
    store.put(loop.members, _as_batch(found, store.order))


def _breaking_sets(loop: Loop, store: FamilyStore) -> list[list[Cut]]:
    """Return, for each activity and each input of the loop, the minimal sets that stop it."""
    classes: Relation = loop.fails.classes
    _, own = classes.take(loop.activities)
    counts = classes.count(loop.activities)
    sets = [[frozenset([c]) for c in part.tolist()] for part in np.split(own, np.cumsum(counts)[:-1])]
    entering: list[list[Cut]] = [[] for _ in loop.inputs]
    for owner, members in store.gather(loop.inputs, np.arange(len(loop.inputs))):
        for place, row in zip(owner.tolist(), members.tolist(), strict=True):
            entering[place].append(frozenset(row))
    return [*sets, *entering]


def _as_batch(found: list[list[Cut]], order: int) -> Batch:
    batch: Batch = []
    for size in range(1, order + 1):
        rows = sorted(
            (place, *sorted(cut)) for place, cuts in enumerate(found) for cut in cuts if len(cut) == size
        )
        table = np.array(rows, dtype=np.int64).reshape(-1, size + 1)
        batch.append((table[:, 0], table[:, 1:]))
    return batch
