"""Single points of failure (3.2): which elements a demand cannot do without, exactly, in one pass.

For each node the set K of elements that it cannot do without: of an OR the intersection over its options,
of an AND the union over its inputs and its own elements. Nodes are taken level by level, a level at once.
Strongly connected parts are decided element by element, with `AndOrGraph.providable`, where K of what
enters them differs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.network import Network
from optichain.risk.providable import AndOrGraph

__all__ = ["Ragged", "indispensable_elements"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Ragged:
    """Sets of elements by node, kept in one flat array that grows.

    Parameters
    ----------
    nodes : int
        Number of nodes.
    """

    def __init__(self, nodes: int) -> None:
        self.start = np.zeros(nodes, dtype=np.int64)
        self.count = np.zeros(nodes, dtype=np.int64)
        self._flat = np.empty(1024, dtype=np.int64)
        self._used = 0

    def put(self, nodes: Ints, counts: Ints, values: Ints) -> None:
        """Store the sets of nodes, whose values follow one another."""
        need = self._used + len(values)
        if need > len(self._flat):
            grown = np.empty(max(need, 2 * len(self._flat)), dtype=np.int64)
            grown[: self._used] = self._flat[: self._used]
            self._flat = grown
        self._flat[self._used : need] = values
        self.start[nodes] = self._used + np.concatenate([[0], np.cumsum(counts)[:-1]]) if len(nodes) else 0
        self.count[nodes] = counts
        self._used = need

    def gather(self, nodes: Ints) -> tuple[Ints, Ints]:
        """Return (position in `nodes`, element) of every member of the sets of nodes."""
        counts = self.count[nodes]
        position = np.repeat(np.arange(len(nodes)), counts)
        offset = np.arange(len(position)) - np.repeat(np.cumsum(counts) - counts, counts)
        return position, self._flat[np.repeat(self.start[nodes], counts) + offset]

    def of(self, node: int) -> Ints:
        """Return the set of one node, ascending."""
        return self._flat[self.start[node] : self.start[node] + self.count[node]]


@dataclass(frozen=True, eq=False)
class _Nodes:
    """The graph with one numbering: commodities, then activities, then requirements."""

    network: Network
    graph: AndOrGraph
    alive: Bools
    user: Ints
    used: Ints

    @property
    def first_activity(self) -> int:
        return self.graph.n_commodities

    @property
    def first_requirement(self) -> int:
        return self.graph.n_commodities + self.graph.n_activities


def indispensable_elements(network: Network, graph: AndOrGraph) -> tuple[Ragged, Bools, Bools]:
    """Return, for every commodity, the elements whose complete, permanent loss makes it impossible to provide.

    Parameters
    ----------
    network : Network
    graph : AndOrGraph
        What may be used (`optichain.risk.providable.usable_graph`).

    Returns
    -------
    sets : Ragged
        Elements by node; nodes 0 .. commodities-1 are the commodities. Ascending.
    providable : ndarray of bool, shape (commodities,)
        What can be provided with nothing failed; the sets of the others mean nothing.
    on_loop : ndarray of bool, shape (commodities,)
        Provided only because a loop sustains itself.
    """
    commodities, running, on_loop = graph.providable(graph.usable)
    nodes = _alive_nodes(network, graph, commodities, running)
    size = len(nodes.alive)
    edges = sp.csr_matrix(
        (np.ones(len(nodes.used), dtype=np.int8), (nodes.used, nodes.user)), shape=(size, size)
    )
    _, part = sp.csgraph.connected_components(edges, directed=True, connection="strong")
    level = _levels(part, nodes)
    sets = Ragged(size)
    inputs = _by_row(nodes.user, nodes.used, size)
    part_size = np.bincount(part)
    for members in _grouped(np.flatnonzero(nodes.alive), level):
        plain_nodes = members[part_size[part[members]] == 1]
        _propagate(nodes, sets, plain_nodes, inputs)
        cyclic = members[part_size[part[members]] > 1]
        for group in _grouped(cyclic, part):
            _decide_cycle(nodes, sets, group)
    return sets, commodities, on_loop


def _alive_nodes(network: Network, graph: AndOrGraph, commodities: Bools, running: Bools) -> _Nodes:
    """Keep what can run and what can be provided; what cannot is no option of anything."""
    n_c, n_a = graph.n_commodities, graph.n_activities
    made = np.flatnonzero(running)
    needs = np.flatnonzero(running[graph.requirement_activity])
    options = (
        running[graph.requirement_activity[graph.alternative_requirement]]
        & commodities[graph.alternative_commodity]
    )
    alive = np.concatenate([commodities, running, running[graph.requirement_activity]])
    user = np.concatenate(
        [
            graph.output[made],
            n_c + graph.requirement_activity[needs],
            n_c + n_a + graph.alternative_requirement[options],
        ]
    )
    used = np.concatenate([n_c + made, n_c + n_a + needs, graph.alternative_commodity[options]])
    return _Nodes(network, graph, alive, user, used)


def _levels(part: npt.NDArray[np.int32], nodes: _Nodes) -> Ints:
    """Return the length of the longest path into each node, strongly connected parts counting as one node."""
    n_parts = int(part.max()) + 1 if len(part) else 0
    source, target = part[nodes.used].astype(np.int64), part[nodes.user].astype(np.int64)
    across = source != target
    pair = np.unique(source[across] * n_parts + target[across])
    source, target = pair // max(n_parts, 1), pair % max(n_parts, 1)
    level = np.zeros(n_parts, dtype=np.int64)
    waiting = np.bincount(target, minlength=n_parts)
    out = _by_row(source, target, n_parts)
    ready = np.flatnonzero(waiting == 0)
    depth = 0
    while len(ready):
        level[ready] = depth
        reached = _take(out, ready)
        freed, times = np.unique(reached, return_counts=True)
        waiting[freed] -= times
        ready = freed[waiting[freed] == 0]
        depth += 1
    return level[part]


def _by_row(row: Ints, column: Ints, size: int) -> tuple[Ints, Ints]:
    """Return (pointers, columns) of a relation ordered by row."""
    order = np.argsort(row, kind="stable")
    return np.concatenate([[0], np.cumsum(np.bincount(row, minlength=size))]), column[order]


def _take(relation: tuple[Ints, Ints], rows: Ints) -> Ints:
    """Return the columns of some rows, one after another."""
    pointer, columns = relation
    counts = pointer[rows + 1] - pointer[rows]
    offset = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.asarray(columns[np.repeat(pointer[rows], counts) + offset], dtype=np.int64)


def _grouped(members: Ints, label: npt.NDArray[np.integer]) -> list[Ints]:
    """Split members by label, labels ascending."""
    order = members[np.argsort(label[members], kind="stable")]
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    return [group for group in np.split(order, cuts) if len(group)]


def _own_elements(nodes: _Nodes, members: Ints) -> tuple[Ints, Ints]:
    """Return (position in `members`, element) of the own elements of activities; nothing else has any."""
    is_activity = (members >= nodes.first_activity) & (members < nodes.first_requirement)
    where = np.flatnonzero(is_activity)
    rows = nodes.network.activity_elements[members[where] - nodes.first_activity]
    return np.repeat(where, np.diff(rows.indptr)), rows.indices.astype(np.int64)


def _propagate(nodes: _Nodes, sets: Ragged, members: Ints, inputs: tuple[Ints, Ints]) -> None:
    """Set K of nodes whose inputs are all known: union for activities, intersection for the others."""
    if not len(members):
        return
    pointer, _ = inputs
    options = pointer[members + 1] - pointer[members]
    owner = np.repeat(np.arange(len(members)), options)
    position, element = sets.gather(_take(inputs, members))
    own_position, own_element = _own_elements(nodes, members)
    who = np.concatenate([owner[position], own_position])
    what = np.concatenate([element, own_element])
    key, times = np.unique(who * (nodes.network.n_elements + 1) + what, return_counts=True)
    who, what = np.divmod(key, nodes.network.n_elements + 1)
    is_and = (members >= nodes.first_activity) & (members < nodes.first_requirement)
    kept = is_and[who] | (times == options[who])
    who, what = who[kept], what[kept]
    sets.put(members, np.bincount(who, minlength=len(members)), what)


def _decide_cycle(nodes: _Nodes, sets: Ragged, members: Ints) -> None:
    """Set K of the nodes of one strongly connected part, one failed element after another.

    Elements that stop the same activities inside and the same inputs from outside have the same answer,
    so each such pattern is decided once.
    """
    inside = np.zeros(len(nodes.alive), dtype=bool)
    inside[members] = True
    entering = np.unique(nodes.used[inside[nodes.user] & ~inside[nodes.used]])
    position, element = sets.gather(entering)
    own_position, own_element = _own_elements(nodes, members)
    who = np.concatenate([position, len(entering) + own_position])
    what = np.concatenate([element, own_element])
    order = np.lexsort((who, what))
    who, what = who[order], what[order]
    cuts = np.flatnonzero(np.diff(what)) + 1
    patterns: dict[bytes, list[int]] = {}
    for element_group, stopped in zip(np.split(what, cuts), np.split(who, cuts), strict=True):
        if len(element_group):
            patterns.setdefault(stopped.tobytes(), []).append(int(element_group[0]))
    local = _local_graph(nodes, members, entering)
    found_node: list[Ints] = []
    found_element: list[Ints] = []
    for pattern, elements in patterns.items():
        stopped = np.frombuffer(pattern, dtype=np.int64)
        failed = local.failing(stopped)
        found_node.append(np.tile(failed, len(elements)))
        found_element.append(np.repeat(np.array(elements, dtype=np.int64), len(failed)))
    node = np.concatenate([*found_node, np.empty(0, dtype=np.int64)])
    elements_flat = np.concatenate([*found_element, np.empty(0, dtype=np.int64)])
    place = np.full(len(nodes.alive), -1, dtype=np.int64)
    place[members] = np.arange(len(members))
    order = np.lexsort((elements_flat, place[node]))
    sets.put(members, np.bincount(place[node], minlength=len(members)), elements_flat[order])


@dataclass(frozen=True, eq=False)
class _LocalGraph:
    """One strongly connected part with what enters it as activities that need nothing."""

    graph: AndOrGraph
    members: Ints
    entering: Ints
    node_kind: Ints
    node_place: Ints
    stop_of_entering: Ints

    def failing(self, stopped: Ints) -> Ints:
        """Return the nodes that cannot be provided when inputs and members (by position) are stopped."""
        up = np.ones(self.graph.n_activities, dtype=bool)
        n_in = len(self.entering)
        up[self.stop_of_entering[stopped[stopped < n_in]]] = False
        inner = stopped[stopped >= n_in] - n_in
        up[self.node_place[inner]] = False
        commodities, running, _ = self.graph.providable(up)
        met = np.zeros(self.graph.n_requirements, dtype=bool)
        met[self.graph.alternative_requirement[commodities[self.graph.alternative_commodity]]] = True
        state = (commodities, running, met)
        failed = np.zeros(len(self.members), dtype=bool)
        for kind in range(3):
            mine = self.node_kind == kind
            failed[mine] = ~state[kind][self.node_place[mine]]
        return self.members[failed]


def _local_graph(nodes: _Nodes, members: Ints, entering: Ints) -> _LocalGraph:
    """Cut one strongly connected part out.

    An entering commodity becomes a commodity made by an activity that needs nothing; an entering activity
    keeps making its output; an entering requirement becomes one that a commodity of its own meets.
    """
    graph, first_a, first_g = nodes.graph, nodes.first_activity, nodes.first_requirement
    everything = np.concatenate([members, entering])
    kind = np.where(everything < first_a, 0, np.where(everything < first_g, 1, 2))
    inside_activity = np.unique(everything[kind == 1]) - first_a
    inside_commodity = np.unique(np.concatenate([everything[kind == 0], graph.output[inside_activity]]))
    outer_commodity = entering[entering < first_a]
    outer_requirement = entering[entering >= first_g] - first_g
    n_c, n_a = len(inside_commodity), len(inside_activity)
    commodity = np.full(graph.n_commodities, -1, dtype=np.int64)
    commodity[inside_commodity] = np.arange(n_c)
    activity = np.full(graph.n_activities, -1, dtype=np.int64)
    activity[inside_activity] = np.arange(n_a)
    outer_activity = entering[(entering >= first_a) & (entering < first_g)] - first_a
    is_outer = np.zeros(graph.n_activities, dtype=bool)
    is_outer[outer_activity] = True
    requirements = np.flatnonzero(
        (activity[graph.requirement_activity] >= 0) & ~is_outer[graph.requirement_activity]
    )
    requirement = np.full(graph.n_requirements, -1, dtype=np.int64)
    requirement[requirements] = np.arange(len(requirements))
    replaced = np.zeros(graph.n_requirements, dtype=bool)
    replaced[outer_requirement] = True
    kept = (requirement[graph.alternative_requirement] >= 0) & ~replaced[graph.alternative_requirement]
    kept &= commodity[graph.alternative_commodity] >= 0
    n_oc, n_og = len(outer_commodity), len(outer_requirement)
    local = AndOrGraph(
        n_commodities=n_c + n_og,
        output=np.concatenate(
            [commodity[graph.output[inside_activity]], commodity[outer_commodity], n_c + np.arange(n_og)]
        ),
        usable=np.ones(n_a + n_oc + n_og, dtype=bool),
        requirement_activity=activity[graph.requirement_activity[requirements]],
        alternative_requirement=np.concatenate(
            [requirement[graph.alternative_requirement[kept]], requirement[outer_requirement]]
        ),
        alternative_commodity=np.concatenate(
            [commodity[graph.alternative_commodity[kept]], n_c + np.arange(n_og)]
        ),
        alternative_quantity=np.concatenate([graph.alternative_quantity[kept], np.ones(n_og)]),
    )
    stop = np.empty(len(entering), dtype=np.int64)
    stop[entering < first_a] = n_a + np.arange(n_oc)
    stop[(entering >= first_a) & (entering < first_g)] = activity[outer_activity]
    stop[entering >= first_g] = n_a + n_oc + np.arange(n_og)
    member_kind = np.where(members < first_a, 0, np.where(members < first_g, 1, 2))
    place = np.empty(len(members), dtype=np.int64)
    place[member_kind == 0] = commodity[members[member_kind == 0]]
    place[member_kind == 1] = activity[members[member_kind == 1] - first_a]
    place[member_kind == 2] = requirement[members[member_kind == 2] - first_g]
    return _LocalGraph(local, members, entering, member_kind, place, stop)
