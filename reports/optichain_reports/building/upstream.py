"""The network upstream of a chain, item by item, with its SPOFs: the data of a picture."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import networkx as nx

from optichain_reports.building.facts import Facts, Spof
from optichain_reports.building.titles import Titles
from optichain_reports.model import Picture, PictureItem, PictureSource

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.instance.model import Instance

__all__ = ["pictures_of_chains"]

MOST_ITEMS = 120
"""Items in one picture; what is nearest to the demand, and SPOFs before others, come first."""


@dataclass
class _Tables:
    """The tables of the network by item."""

    inputs: dict[str, list[str]] = field(default_factory=dict)
    sources: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    lanes: dict[str, list[str]] = field(default_factory=dict)
    mapped: dict[str, bool] = field(default_factory=dict)
    demanded: dict[str, set[tuple[str, str | None]]] = field(default_factory=dict)


def pictures_of_chains(instance: Instance, plan: Plan, facts: Facts, titles: Titles) -> tuple[Picture, ...]:
    """Return one picture for each chain with demand, in the order of the table ``chains``."""
    tables = _read(instance)
    qualified = _qualified(instance, {c.measure for c in plan.choices})
    result = []
    for chain in instance["chains"]["chain"]:
        demands = tables.demanded.get(chain, set())
        if demands:
            before = _stopping(demands, facts.spofs_before)
            after = _stopping(demands, facts.spofs_after)
            result.append(
                _picture(chain, {item for item, _ in demands}, before, after, qualified, tables, titles)
            )
    return tuple(result)


def _read(instance: Instance) -> _Tables:
    tables = _Tables()
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


def _qualified(instance: Instance, funded: set[str]) -> set[str]:
    effects = instance["effects"]
    chosen = effects["measure"].isin(funded) & (effects["effect"] == "qualify")
    return {target.removeprefix("source:") for target in effects.loc[chosen, "target"]} | set(
        effects.loc[chosen, "target"]
    )


def _stopping(demands: set[tuple[str, str | None]], spofs: frozenset[Spof]) -> set[tuple[str, str]]:
    """Return the elements, (kind, name), that stop one of some demands."""
    return {s[2:] for s in spofs if s[:2] in demands}


def _picture(
    chain: str,
    demanded: set[str],
    before: set[tuple[str, str]],
    after: set[tuple[str, str]],
    qualified: set[str],
    tables: _Tables,
    titles: Titles,
) -> Picture:
    reached = _upstream(demanded, tables.inputs)
    tiers = _tiers(demanded, reached, tables.inputs)
    items = [
        _item(item, tiers[item], item in demanded, before, after, qualified, tables, titles)
        for item in reached
    ]
    urgency = {"sole": 0, "cleared": 1, "plain": 2}
    items.sort(key=lambda i: (not i.demanded, urgency[i.state], i.tier, i.item))
    kept = sorted(items[:MOST_ITEMS], key=lambda i: (i.tier, i.item))
    names = {i.item for i in kept}
    edges = sorted((used, item) for item in names for used in tables.inputs.get(item, ()) if used in names)
    return Picture(
        chain,
        titles.of("chain", chain),
        tuple(kept),
        tuple(edges),
        len(items) - len(kept),
        *(sum(i.state == state for i in kept) for state in ("sole", "cleared")),
    )


def _upstream(demanded: set[str], inputs: dict[str, list[str]]) -> list[str]:
    """Return the items that the demanded ones are made of, nearest first."""
    seen, queue = set(demanded), deque(sorted(demanded))
    order = list(queue)
    while queue:
        for used in sorted(inputs.get(queue.popleft(), ())):
            if used not in seen:
                seen.add(used)
                order.append(used)
                queue.append(used)
    return order


def _tiers(demanded: set[str], reached: list[str], inputs: dict[str, list[str]]) -> dict[str, int]:
    """Return the longest way from what is demanded to each item; items of one cycle share a tier."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(reached)
    graph.add_edges_from((item, used) for item in reached for used in inputs.get(item, ()))
    whole = nx.condensation(graph)
    depth: dict[int, int] = {}
    for part in nx.topological_sort(whole):
        depth[part] = max((depth[p] + 1 for p in whole.predecessors(part)), default=0)
    return {item: depth[whole.graph["mapping"][item]] for item in reached}


def _item(
    item: str,
    tier: int,
    demanded: bool,
    before: set[tuple[str, str]],
    after: set[tuple[str, str]],
    qualified: set[str],
    tables: _Tables,
    titles: Titles,
) -> PictureItem:
    rows = sorted(tables.sources.get(item, ()), key=lambda s: (s[2], s[1], s[0]))
    lone_before = _lone_site(rows, set())
    lone_after = _lone_site(rows, qualified)
    sources = []
    for source, site, status in rows:
        element, place = ("source", source), ("site", site)
        if element in after or (site == lone_after and place in after):
            state = "sole"
        elif element in before or (site == lone_before and place in before):
            state = "cleared"
        else:
            state = "plain"
        sources.append(PictureSource(site, titles.of("site", site), status, source in qualified, state))
    lanes = tables.lanes.get(item, [])
    states = {s.state for s in sources}
    sole_lanes = sum(("lane", lane) in after for lane in lanes)
    state = "sole" if "sole" in states or sole_lanes else "cleared" if "cleared" in states else "plain"
    return PictureItem(
        item=item,
        title=titles.of("item", item),
        tier=tier,
        demanded=demanded,
        mapped=tables.mapped.get(item, True),
        irreplaceable=("item", item) in after,
        lanes=len(lanes),
        sole_lanes=sole_lanes,
        state=state,
        sources=tuple(sources),
    )


def _lone_site(rows: list[tuple[str, str, str]], qualified: set[str]) -> str | None:
    """Return the site at which all usable sources of an item stand, if it is one."""
    sites = {site for source, site, status in rows if status != "potential" or source in qualified}
    return sites.pop() if len(sites) == 1 else None
