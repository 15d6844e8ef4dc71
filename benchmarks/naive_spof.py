"""The naive way: take each element out of a networkx graph and walk through what is left."""

from __future__ import annotations

from collections import deque

import networkx as nx
import numpy as np

from optichain.network import POTENTIAL, Network

__all__ = ["naive_spofs"]


def naive_spofs(network: Network) -> set[tuple[int, int]]:
    """Return (demanded commodity, element) of every SPOF; networks without cycles only."""
    graph = _graph(network)
    wanted = set(network.demand_commodity.tolist())
    calm = _provided(graph, wanted)
    found = set()
    columns = network.elements_of_activities
    for element in range(network.n_elements):
        stopped = columns.indices[columns.indptr[element] : columns.indptr[element + 1]].tolist()
        left = graph.copy()
        left.remove_nodes_from([("activity", a) for a in stopped])
        found |= {(c, element) for c in calm - _provided(left, wanted)}
    return found


def _graph(network: Network) -> nx.DiGraph:
    graph = nx.DiGraph()
    usable = (network.status < POTENTIAL) & (network.capacity > 0)
    for a in np.flatnonzero(usable).tolist():
        graph.add_edge(("activity", a), ("commodity", int(network.output[a])))
    for g, a in enumerate(network.requirement_activity.tolist()):
        if usable[a]:
            graph.add_edge(("requirement", g), ("activity", a), need=True)
    for o in np.flatnonzero(network.alternative_status < POTENTIAL).tolist():
        g = int(network.alternative_requirement[o])
        if ("requirement", g) in graph:
            graph.add_edge(("commodity", int(network.alternative_commodity[o])), ("requirement", g))
    return graph


def _provided(graph: nx.DiGraph, wanted: set[int]) -> set[int]:
    waiting = {node: graph.in_degree(node) for node in graph if node[0] == "activity"}
    queue = deque(node for node, count in waiting.items() if count == 0)
    done = set(queue)
    while queue:
        for user in graph.successors(queue.popleft()):
            if user in done:
                continue
            if user[0] == "activity":
                waiting[user] -= 1
                if waiting[user]:
                    continue
            done.add(user)
            queue.append(user)
    return {c for c in wanted if ("commodity", c) in done}
