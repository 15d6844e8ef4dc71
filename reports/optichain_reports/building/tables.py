"""The tables of the network by item, and what is upstream of what."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import networkx as nx

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["Demand", "NetworkTables", "read_tables", "tiers", "upstream"]

Demand = tuple[str, str | None]
"""Demanded item, and its site where the item is laned."""


@dataclass
class NetworkTables:
    """The tables of the network by item.

    Attributes
    ----------
    inputs : dict of str to list of str
    sources : dict of str to list of (source, site, status)
    lanes : dict of str to list of str
    mapped : dict of str to bool
    demanded : dict of str to set of Demand
        By chain.
    """

    inputs: dict[str, list[str]] = field(default_factory=dict)
    sources: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    lanes: dict[str, list[str]] = field(default_factory=dict)
    mapped: dict[str, bool] = field(default_factory=dict)
    demanded: dict[str, set[Demand]] = field(default_factory=dict)


def read_tables(instance: Instance) -> NetworkTables:
    """Return the tables of an instance by item."""
    tables = NetworkTables()
    for item, used in instance["bom"][["item", "input"]].drop_duplicates().itertuples(index=False):
        tables.inputs.setdefault(item, []).append(used)
    columns = ["item", "source", "site", "status"]
    for item, source, site, status in instance["sources"][columns].itertuples(index=False):
        tables.sources.setdefault(item, []).append((source, site, status))
    for item, lane in instance["lanes"][["item", "lane"]].itertuples(index=False):
        tables.lanes.setdefault(item, []).append(lane)
    tables.mapped = dict(
        zip(instance["items"]["item"], instance["items"]["mapped"].astype(bool), strict=True)
    )
    for chain, item, site in instance["demands"][["chain", "item", "site"]].itertuples(index=False):
        laned = item in tables.lanes and isinstance(site, str)
        tables.demanded.setdefault(chain, set()).add((item, site if laned else None))
    return tables


def upstream(demanded: Iterable[str], inputs: Mapping[str, list[str]]) -> list[str]:
    """Return the items that the demanded ones are made of, and themselves, nearest first."""
    order = sorted(demanded)
    seen, queue = set(order), deque(order)
    while queue:
        for used in sorted(inputs.get(queue.popleft(), ())):
            if used not in seen:
                seen.add(used)
                order.append(used)
                queue.append(used)
    return order


def tiers(reached: Iterable[str], inputs: Mapping[str, list[str]]) -> dict[str, int]:
    """Return the longest way from what is demanded to each item; items of one cycle share a tier."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(reached)
    graph.add_edges_from((item, used) for item in reached for used in inputs.get(item, ()))
    whole = nx.condensation(graph)
    depth: dict[int, int] = {}
    for part in nx.topological_sort(whole):
        depth[part] = max((depth[p] + 1 for p in whole.predecessors(part)), default=0)
    return {item: depth[whole.graph["mapping"][item]] for item in reached}
