"""Minimal cut sets of demands (3.2): the smallest sets of elements whose failure makes a demand impossible."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optichain.effects import State
from optichain.network import STATUSES, Network
from optichain.risk.structural.bottomup import families_of
from optichain.risk.structural.failgraph import FailGraph, Relation, fail_graph
from optichain.risk.structural.families import Batch, Budget, OutOfBudget, empty
from optichain.risk.structural.loops import cut_sets_of_loop
from optichain.risk.structural.providable import usable_graph

__all__ = ["CutList", "minimal_cut_sets", "written_out"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class CutList:
    """Minimal cut sets of some commodities, as arrays.

    Attributes
    ----------
    commodities : ndarray
        What is demanded, each once.
    unprovidable : ndarray of bool, shape (commodities,)
        Cannot be provided even with nothing failed: no cut sets.
    sets : list of (ndarray, ndarray)
        For each size s from 1: position in `commodities`, shape (n,); elements, shape (n, s), ascending.
    order : int
        The largest size that was asked for.
    proven : int
        No minimal cut set up to this size is missing.
    fails : FailGraph
        What the demands rest on.
    """

    commodities: Ints
    unprovidable: Bools
    sets: Batch
    order: int
    proven: int
    fails: FailGraph

    @property
    def complete(self) -> bool:
        """Whether no minimal cut set up to the order is missing."""
        return self.proven >= self.order


def minimal_cut_sets(
    network: Network,
    state: State,
    commodities: Ints,
    *,
    order: int,
    allowed: Bools,
    status: str = "qualified",
    limit: int = 1_000_000,
    budget: Budget | None = None,
) -> CutList:
    """Find all minimal cut sets up to an order.

    Parameters
    ----------
    network : Network
    state : State
    commodities : ndarray
        What is demanded, each once.
    order : int
        Largest size of a set.
    allowed : ndarray of bool, shape (elements,)
        Elements that may fail.
    status : {"qualified", "active"}
        The worst status that counts as usable.
    limit : int
        Sets listed at most; the smallest come first.
    budget : Budget, optional
        With a limit on time the orders are taken one after another, so that a stop leaves the lower ones proven.
    """
    limits = Budget() if budget is None else budget
    graph = usable_graph(network, state, worst_status=STATUSES.index(status))
    fails = fail_graph(network, graph, commodities, allowed)
    sets, proven = _to_the_order(fails, commodities, order, limits)
    listed, fitting = written_out(sets, fails.members, limit)
    return CutList(
        commodities=commodities,
        unprovidable=~fails.alive[commodities],
        sets=listed,
        order=order,
        proven=min(proven, fitting),
        fails=fails,
    )


def _to_the_order(fails: FailGraph, commodities: Ints, order: int, budget: Budget) -> tuple[Batch, int]:
    """Return the cut sets as classes, and the order up to which they are complete."""
    alive = np.flatnonzero(fails.alive[commodities])
    best, proven = empty(order), 0
    ascending = math.isfinite(budget.seconds)
    for k in range(1, order + 1) if ascending else range(order, 0, -1):
        try:
            store = families_of(fails, k, budget, cut_sets_of_loop)
            found = store.gather(commodities[alive], alive)
        except OutOfBudget:
            if ascending:
                break
            continue
        best, proven = [*found, *empty(order)[k:]], k
        if not ascending:
            break
    return best, proven


def written_out(sets: Batch, members: Relation, limit: int) -> tuple[Batch, int]:
    """Replace classes by their elements, one of each; return also the largest size that the limit leaves whole."""
    room, whole = limit, len(sets)
    result: Batch = []
    for size, (owner, classes) in enumerate(sets, start=1):
        ways = np.prod(members.count(classes.ravel()).reshape(classes.shape), axis=1, dtype=np.int64)
        total = np.cumsum(ways)
        if len(total) and total[-1] > room:
            whole = min(whole, size - 1)
            fits = int(np.searchsorted(total, room, "right"))
            owner, classes, ways = owner[: fits + 1], classes[: fits + 1], ways[: fits + 1]
            ways[fits] -= total[fits] - room
        result.append(_choices(owner, classes, ways, members))
        room -= int(ways.sum())
    return result, whole


def _choices(owner: Ints, classes: Ints, ways: Ints, members: Relation) -> tuple[Ints, Ints]:
    """Return every choice of one element of each class; the last class varies fastest."""
    row = np.repeat(np.arange(len(owner)), ways)
    rest = np.arange(len(row)) - np.repeat(np.cumsum(ways) - ways, ways)
    chosen = np.empty((len(row), classes.shape[1]), dtype=np.int64)
    for column in range(classes.shape[1] - 1, -1, -1):
        kind = classes[row, column]
        rest, which = np.divmod(rest, members.count(kind))
        chosen[:, column] = members.values[members.pointer[kind] + which]
    chosen.sort(axis=1)
    owner = owner[row]
    order = np.lexsort((*chosen.T[::-1], owner))
    return owner[order], chosen[order]
