"""Cut sets at a level (3.2): the smallest losses for ever that bring steady-state continuity below it.

They know capacity: what is left may be too little without being nothing. Each question is a linear programme,
and most need none: a flow that was found before answers for every set that leaves it alone.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from optichain.effects import State, base_state
from optichain.errors import UsageError
from optichain.network import STATUSES, Network
from optichain.risk.chances import Chances, element_chance, tail_chance, union_bounds
from optichain.risk.flows.steady import SteadyBlock, steady_state
from optichain.risk.fragility import (
    CutSets,
    Place,
    check_search,
    demanded_commodities,
    make_budget,
    may_fail,
    places_of,
)
from optichain.risk.structural.cutsets import written_out
from optichain.risk.structural.failgraph import Relation, alike_elements
from optichain.risk.structural.families import Batch
from optichain.risk.structural.hitting import Cut, minimal_breaking_sets

__all__ = ["LevelSearch", "level_cuts"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

TOLERANCE = 1e-8
"""Continuity is below a level only where it is so by more than this."""


class LevelSearch:
    """Answers whether continuity stays at a level without some classes of elements.

    Parameters
    ----------
    network : Network
    state : State
        Of `optichain.risk.flows.steady.steady_state`.
    gain : ndarray, shape (demands,)
        What serving one unit of each demand over the horizon adds to continuity.
    classes : Relation
        Classes of elements that stop each activity.
    n_classes : int
    level : float
    """

    def __init__(
        self,
        network: Network,
        state: State,
        gain: Floats,
        classes: Relation,
        n_classes: int,
        level: float,
    ) -> None:
        blocks = np.unique(network.demand_block[gain > 0.0]).tolist()
        self._blocks = [SteadyBlock(network, state, block, gain) for block in blocks]
        self._classes = classes
        owner = np.repeat(np.arange(network.n_activities), classes.count(np.arange(network.n_activities)))
        self._stops = Relation.of(classes.values, owner, n_classes)
        self._n_activities, self._n_classes = network.n_activities, n_classes
        self._level = level
        self._carrying = np.zeros((0, n_classes), dtype=bool)
        self.undisturbed = self.continuity(frozenset())

    def _stopped(self, lost: Cut) -> Bools:
        down = np.zeros(self._n_activities, dtype=bool)
        down[self._stops.take(np.array(sorted(lost), dtype=np.int64))[1]] = True
        return down

    def continuity(self, lost: Cut) -> float:
        """Return the steady-state continuity without some classes."""
        down = self._stopped(lost)
        return sum(block.continuity(down[block.activities]) for block in self._blocks)

    def below(self, continuity: float) -> bool:
        """Tell whether a continuity is below the level."""
        return continuity < self._level - TOLERANCE

    def answer(self, lost: Cut, last: bool) -> list[Cut] | None:
        """Tell what the level rests on without some classes; None where it is not reached."""
        members = sorted(lost)
        untouched = self._carrying[~self._carrying[:, members].any(axis=1)]
        if not len(untouched):
            if self.below(self.continuity(lost)):
                return None
            untouched = self._carriers(lost)[None, :]
            self._carrying = np.concatenate([self._carrying, untouched])
        if last:
            return []
        fewest = untouched[np.argmin(untouched.sum(axis=1))]
        return [frozenset([c]) for c in np.flatnonzero(fewest).tolist()]

    def _carriers(self, lost: Cut) -> Bools:
        """Return the classes that touch a flow that reaches the level, as small a flow as is easily found."""
        down = self._stopped(lost)
        best = [block.continuity(down[block.activities]) for block in self._blocks]
        spare = max(sum(best) - self._level, 0.0)
        touched = np.zeros(self._n_classes, dtype=bool)
        for block, most in zip(self._blocks, best, strict=True):
            needed = max(most - spare, 0.0)
            spare -= most - needed
            running = block.carriers(down[block.activities], needed * (1.0 - 1e-10))
            touched[self._classes.take(running)[1]] = True
        return touched


def level_cuts(
    network: Network,
    level: float,
    *,
    state: State | None = None,
    order: int = 2,
    kinds: Sequence[str] | None = None,
    demands: Sequence[str] | None = None,
    status: str = "qualified",
    limit: int = 1_000_000,
    time_limit: float | None = None,
    stop: threading.Event | None = None,
) -> CutSets:
    """Find the minimal sets of elements whose permanent loss leaves steady-state continuity below a level.

    Parameters
    ----------
    network : Network
    level : float
        In (0, 1].
    state, order, kinds, status, limit, time_limit, stop
        As of `optichain.risk.fragility.analyse_cuts`.
    demands : sequence of str, optional
        Each place of these items by itself: the share of its demand that can be served where nothing else is.
        Without it the weighted continuity of all chains together.

    Raises
    ------
    UsageError
        Unknown kind, status or demand; an order below 1; a level that is none.
    """
    check_search(order, status, limit)
    if not 0.0 < level <= 1.0:
        raise UsageError(f"level: expected a number above 0 and at most 1, got {level}")
    allowed = may_fail(network, kinds)
    worst = STATUSES.index(status)
    now = steady_state(base_state(network) if state is None else state, worst)
    usable = (now.switch_time <= 0.0) & (now.capacity > 0.0)
    classes, members = alike_elements(network, usable, allowed)
    budget = make_budget(time_limit, stop)
    places, gains = _what_counts(network, demands)
    owners: list[int] = []
    found: list[Cut] = []
    proven, undisturbed = order, []
    n_classes = len(members.pointer) - 1
    for position, gain in enumerate(gains):
        search = LevelSearch(network, now, gain, classes, n_classes, level)
        undisturbed.append(search.undisturbed)
        if search.below(search.undisturbed):
            continue
        cuts, complete_to = minimal_breaking_sets(search.answer, order, budget)
        proven = min(proven, complete_to)
        owners += [position] * len(cuts)
        found += cuts
    sets, fitting = written_out(_as_batch(owners, found, order), members, limit)
    never = tuple(c < level - TOLERANCE for c in undisturbed)
    proven = max(min(proven, fitting), 0)
    return CutSets(
        network=network,
        places=places,
        sets=sets,
        order=order,
        proven=proven,
        unprovidable=never,
        chances=_chances(network, sets, members, proven, never),
        level=level,
        undisturbed=tuple(undisturbed),
    )


def _what_counts(network: Network, demands: Sequence[str] | None) -> tuple[tuple[Place, ...], list[Floats]]:
    """Return each place and what serving one unit of each demand adds to its continuity."""
    worth = network.demand_rate * network.demand_value * network.horizon
    demanded = demanded_commodities(network, demands)
    if demands:
        gains = []
        for c in demanded.tolist():
            mine = network.demand_commodity == c
            gains.append(np.where(mine, network.demand_value / worth[mine].sum(), 0.0))
        return places_of(network, demanded), gains
    of_chain = np.zeros(len(network.chains))
    np.add.at(of_chain, network.demand_chain, worth)
    gain = network.weight[network.demand_chain] * network.demand_value / of_chain[network.demand_chain]
    place: tuple[Place, ...] = places_of(network, demanded) if len(demanded) == 1 else ((None, None),)
    return place, [gain]


def _as_batch(owners: list[int], found: list[Cut], order: int) -> Batch:
    batch: Batch = []
    for size in range(1, order + 1):
        rows = sorted((o, *sorted(cut)) for o, cut in zip(owners, found, strict=True) if len(cut) == size)
        table = np.array(rows, dtype=np.int64).reshape(-1, size + 1)
        batch.append((table[:, 0], table[:, 1:]))
    return batch


def _chances(
    network: Network, sets: Batch, members: Relation, proven: int, never: tuple[bool, ...]
) -> Chances:
    """Return how likely a level is missed, from the sets alone: exact where no larger set can be left."""
    chance, _ = element_chance(network)
    tail = tail_chance(chance[members.values], proven)
    low, high = np.full(len(never), np.nan), np.full(len(never), np.nan)
    for place in range(len(never)):
        if not never[place]:
            low[place], high[place] = union_bounds([m[o == place] for o, m in sets], chance, tail)
    alive = ~np.array(never)
    return Chances(
        low=low,
        high=high,
        exact=low == high,
        any_low=float(low[alive].max()) if alive.any() else float("nan"),
        any_high=float(1.0 - np.prod(1.0 - high[alive])) if alive.any() else float("nan"),
        birnbaum=[None] * len(never),
    )
