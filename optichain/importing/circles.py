"""Circles in bills of materials: a part that contains itself, and which row to blame."""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx

from optichain.importing.bill import Bill, Link
from optichain.importing.ledger import Ledger, Refusal

__all__ = ["drop_circles"]


def drop_circles(bill: Bill, products: Iterable[str], ledger: Ledger) -> None:
    """Reject rows until no part contains itself.

    Of the links of a circle the one goes that leads furthest back up: from a part many steps below the products to
    one few steps below them; of equals the last in the extract. So the choice is the same in every run, and the
    reason names the whole circle, for whoever knows better.

    Parameters
    ----------
    bill : Bill
        Loses the links.
    products : iterable of str
        What is wanted.
    ledger : Ledger
    """
    between: dict[tuple[str, str], list[Link]] = {}
    for link in bill.links:
        between.setdefault((link.item, link.input), []).append(link)
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(bill.parts)
    graph.add_edges_from(between)
    depth = _depths(graph, products)
    place = {pair: k for k, pair in enumerate(between)}
    tangles = _tangles(graph)
    while tangles:
        tangle = tangles.pop()

        def rank(pair: tuple[str, str]) -> tuple[int, int]:
            return depth[pair[0]] - depth[pair[1]], place[pair]

        item, used = max(tangle.edges, key=rank)
        circle = [*nx.shortest_path(tangle, used, item), used]
        refusal = Refusal(
            "circle",
            f"the row closes a circle: {' contains '.join(circle)}",
            "mend the row of the circle that is wrong",
            "input",
        )
        for link in between[item, used]:
            for row in link.rows.values():
                ledger.reject(row, refusal)
        bill.drop(between[item, used])
        tangle.remove_edge(item, used)
        tangles += _tangles(tangle)


def _tangles(graph: nx.DiGraph[str]) -> list[nx.DiGraph[str]]:
    """Return the parts of a graph in which everything contains everything."""
    return [
        graph.subgraph(nodes).copy() for nodes in nx.strongly_connected_components(graph) if len(nodes) > 1
    ]


def _depths(graph: nx.DiGraph[str], products: Iterable[str]) -> dict[str, int]:
    """Return how many steps each part is below the products, or below what no part contains."""
    depth: dict[str, int] = {}
    unused = [part for part, users in graph.in_degree() if not users]
    for starts in ([part for part in products if part in graph], unused, list(graph)):
        layer = [part for part in starts if part not in depth]
        steps = 0
        while layer:
            depth |= {part: steps for part in layer if part not in depth}
            layer = [below for part in layer for below in graph.successors(part) if below not in depth]
            steps += 1
    return depth
