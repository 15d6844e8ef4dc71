"""The part of the AND/OR network that some demands rest on, as cut sets need it.

Elements with the same effect there are one *class*: whatever fails with one of them fails with the other, so
cut sets are found among classes and written out by their members. Commodities are taken tier by tier, those
of a loop (a strongly connected part) together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.network import Network
from optichain.risk.structural.providable import AndOrGraph

__all__ = ["FailGraph", "Relation", "alike_elements", "fail_graph", "group_by"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Relation:
    """Numbers that belong to numbers: ``values[pointer[i]:pointer[i + 1]]`` belong to i."""

    pointer: Ints
    values: Ints

    @staticmethod
    def of(row: Ints, value: Ints, size: int) -> Relation:
        """Return the relation of pairs, in the order given within a row."""
        order = np.argsort(row, kind="stable")
        pointer = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=size))]).astype(np.int64)
        return Relation(pointer, value[order])

    def count(self, rows: Ints) -> Ints:
        """Return how many values each row has."""
        return self.pointer[rows + 1] - self.pointer[rows]

    def take(self, rows: Ints) -> tuple[Ints, Ints]:
        """Return (position in ``rows``, value) of all values of some rows."""
        counts = self.count(rows)
        position = np.repeat(np.arange(len(rows)), counts)
        offset = np.arange(len(position)) - np.repeat(np.cumsum(counts) - counts, counts)
        return position, self.values[np.repeat(self.pointer[rows], counts) + offset]


@dataclass(frozen=True, eq=False)
class FailGraph:
    """What some demands rest on.

    Attributes
    ----------
    graph : AndOrGraph
        Everything that may be used; numbers of commodities, activities and requirements are its own.
    makers : Relation
        Activities that provide each commodity; only what can run, and only where a demand rests on it.
    needs : Relation
        Requirements of each activity.
    options : Relation
        Commodities that meet each requirement, each once.
    classes : Relation
        Classes among the elements of each activity.
    members : Relation
        Elements of each class, ascending.
    tiers : list of ndarray
        Commodities that rest on earlier tiers alone, or on their own loop.
    loops : list of list of ndarray
        By tier, the commodities of each loop; the others of the tier stand alone.
    alive : ndarray of bool, shape (commodities,)
        What can be provided with nothing failed.
    """

    graph: AndOrGraph
    makers: Relation
    needs: Relation
    options: Relation
    classes: Relation
    members: Relation
    tiers: list[Ints]
    loops: list[list[Ints]]
    alive: Bools

    @property
    def n_classes(self) -> int:
        """Number of classes of elements."""
        return len(self.members.pointer) - 1


def fail_graph(network: Network, graph: AndOrGraph, demanded: Ints, allowed: Bools) -> FailGraph:
    """Return what demanded commodities rest on.

    Parameters
    ----------
    network : Network
    graph : AndOrGraph
        What may be used.
    demanded : ndarray
        Commodities.
    allowed : ndarray of bool, shape (elements,)
        Elements that may fail.
    """
    alive, running, _ = graph.providable(graph.usable)
    option = alive[graph.alternative_commodity]
    pair = np.unique(
        graph.alternative_requirement[option] * graph.n_commodities + graph.alternative_commodity[option]
    )
    requirement, commodity = np.divmod(pair, max(graph.n_commodities, 1))
    options = Relation.of(requirement, commodity, graph.n_requirements)
    needs = Relation.of(graph.requirement_activity, np.arange(graph.n_requirements), graph.n_activities)
    activities = np.flatnonzero(running)
    makers = Relation.of(graph.output[activities], activities, graph.n_commodities)
    near, used, user = _upstream(makers, needs, options, demanded[alive[demanded]], graph.n_commodities)
    mine = running & near[graph.output]
    makers = Relation.of(graph.output[mine], np.flatnonzero(mine), graph.n_commodities)
    classes, members = alike_elements(network, mine, allowed)
    tiers, loops = _tiers(near, used, user)
    return FailGraph(graph, makers, needs, options, classes, members, tiers, loops, alive)


def _upstream(
    makers: Relation, needs: Relation, options: Relation, demanded: Ints, size: int
) -> tuple[Bools, Ints, Ints]:
    """Return which commodities are demanded or used towards a demand, and every (used, user) among them."""
    near = np.zeros(size, dtype=bool)
    front = np.unique(demanded)
    used, user = [front[:0]], [front[:0]]
    while len(front):
        near[front] = True
        made, activity = makers.take(front)
        who, requirement = needs.take(activity)
        what, commodity = options.take(requirement)
        used.append(commodity)
        user.append(front[made[who[what]]])
        front = np.unique(commodity[~near[commodity]])
    return near, np.concatenate(used), np.concatenate(user)


def alike_elements(network: Network, mine: Bools, allowed: Bools) -> tuple[Relation, Relation]:
    """Return the classes of each activity and the elements of each class.

    Elements are alike where they stop the same activities. Sums of random numbers by activity sort them;
    what sorts together is compared, so that chance has no say.
    """
    columns = network.elements_of_activities
    stopped = columns.indices.astype(np.int64)
    element = np.repeat(np.arange(network.n_elements), np.diff(columns.indptr))
    keep = mine[stopped] & allowed[element]
    stopped, element = stopped[keep], element[keep]
    by_element = Relation.of(element, stopped, network.n_elements)
    mark = np.random.default_rng(0).integers(0, 2**63, size=network.n_activities, dtype=np.uint64)
    total = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(mark[by_element.values])])
    sums = total[by_element.pointer[1:]] - total[by_element.pointer[:-1]]
    present = np.unique(element)
    order = present[np.lexsort((present, sums[present], by_element.count(present)))]
    new = np.ones(len(order), dtype=bool)
    same = sums[order[1:]] == sums[order[:-1]]
    same &= by_element.count(order[1:]) == by_element.count(order[:-1])
    follower = np.flatnonzero(same) + 1
    if len(follower):
        position, one = by_element.take(order[follower])
        _, other = by_element.take(order[follower - 1])
        differs = np.bincount(position, weights=one != other, minlength=len(follower)) > 0
        follower = follower[~differs]
    new[follower] = False
    number = np.empty(len(order), dtype=np.int64)
    label = np.cumsum(new) - 1
    first = order[new]
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    number = rank[label]
    members = Relation.of(number, order, len(first))
    lead = np.sort(first)
    position, activity = by_element.take(lead)
    return Relation.of(activity, position, network.n_activities), members


def _tiers(near: Bools, used: Ints, user: Ints) -> tuple[list[Ints], list[list[Ints]]]:
    """Return the commodities by tier, and the loops of each tier."""
    size = len(near)
    edges = sp.csr_matrix((np.ones(len(used), dtype=np.int8), (used, user)), shape=(size, size))
    _, label = sp.csgraph.connected_components(edges, directed=True, connection="strong")
    part = np.asarray(label, dtype=np.int64)
    on_loop = np.bincount(part, minlength=size)[part] > 1
    on_loop[used[used == user]] = True
    source, target = part[used], part[user]
    across = source != target
    pair = np.unique(source[across] * size + target[across])
    source, target = pair // max(size, 1), pair % max(size, 1)
    out = Relation.of(source, target, size)
    waiting = np.bincount(target, minlength=size)
    members = Relation.of(part[near], np.flatnonzero(near), size)
    ready = np.unique(part[near][waiting[part[near]] == 0])
    tiers: list[Ints] = []
    loops: list[list[Ints]] = []
    while len(ready):
        _, tier = members.take(ready)
        tiers.append(tier)
        loops.append(group_by(tier[on_loop[tier]], part))
        _, reached = out.take(ready)
        freed, times = np.unique(reached, return_counts=True)
        waiting[freed] -= times
        ready = freed[waiting[freed] == 0]
    return [tier[~on_loop[tier]] for tier in tiers], loops


def group_by(members: Ints, label: Ints) -> list[Ints]:
    """Split members by label, labels ascending."""
    order = members[np.argsort(label[members], kind="stable")]
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    return [group for group in np.split(order, cuts) if len(group)]
