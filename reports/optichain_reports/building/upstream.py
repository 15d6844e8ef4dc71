"""The network upstream of each chain, item by item, with its SPOFs, and the picture of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from optichain_reports.building.facts import Facts, Spof
from optichain_reports.building.tables import Demand, NetworkTables, tiers, upstream
from optichain_reports.building.titles import Titles
from optichain_reports.model import Picture, PictureItem, PictureSource

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["ChainNetwork", "chain_networks", "picture_of", "qualified_targets"]

MOST_ITEMS = 120
"""Items in one picture; what is nearest to the demand, and SPOFs before others, come first."""

Element = tuple[str, str]


@dataclass(frozen=True)
class ChainNetwork:
    """What is upstream of one chain.

    Attributes
    ----------
    demands : set of Demand
    before, after : set of (kind, name)
        Elements that alone stop one of its products, before the plan and with it.
    items : tuple of PictureItem
        Nearest to the demand first.
    """

    chain: str
    demands: set[Demand]
    before: set[Element]
    after: set[Element]
    items: tuple[PictureItem, ...]


def chain_networks(
    instance: Instance, supported: set[str], facts: Facts, tables: NetworkTables, titles: Titles
) -> tuple[ChainNetwork, ...]:
    """Return the network of each chain with demand, in the order of the table ``chains``.

    Parameters
    ----------
    instance, facts, tables, titles
    supported : set of str
        Measures that the plan funds, or that run.
    """
    qualified = qualified_targets(instance, supported)
    result = []
    for chain in instance["chains"]["chain"]:
        demands = tables.demanded.get(chain, set())
        if demands:
            before = _stopping(demands, facts.spofs_before)
            after = _stopping(demands, facts.spofs_after)
            demanded = {item for item, _ in demands}
            reached = upstream(demanded, tables.inputs)
            depth = tiers(reached, tables.inputs)
            items = tuple(
                _item(item, depth[item], item in demanded, before, after, qualified, tables, titles)
                for item in reached
            )
            result.append(ChainNetwork(chain, demands, before, after, items))
    return tuple(result)


def qualified_targets(instance: Instance, measures: set[str]) -> set[str]:
    """Return the names of what some measures make usable: sources, lanes, ``item>input``."""
    effects = instance["effects"]
    chosen = effects["measure"].isin(measures) & (effects["effect"] == "qualify")
    targets = set(effects.loc[chosen, "target"])
    return targets | {target.removeprefix("source:") for target in targets}


def _stopping(demands: set[Demand], spofs: frozenset[Spof]) -> set[Element]:
    """Return the elements, (kind, name), that stop one of some demands."""
    return {s[2:] for s in spofs if s[:2] in demands}


def picture_of(network: ChainNetwork, tables: NetworkTables, titles: Titles) -> Picture:
    """Return the picture of a chain's network."""
    urgency = {"sole": 0, "cleared": 1, "plain": 2}
    items = sorted(network.items, key=lambda i: (not i.demanded, urgency[i.state], i.tier, i.item))
    kept = sorted(items[:MOST_ITEMS], key=lambda i: (i.tier, i.item))
    names = {i.item for i in kept}
    edges = sorted((used, item) for item in names for used in tables.inputs.get(item, ()) if used in names)
    return Picture(
        network.chain,
        titles.of("chain", network.chain),
        tuple(kept),
        tuple(edges),
        len(items) - len(kept),
        *(sum(i.state == state for i in kept) for state in ("sole", "cleared")),
    )


def _item(
    item: str,
    tier: int,
    demanded: bool,
    before: set[Element],
    after: set[Element],
    qualified: set[str],
    tables: NetworkTables,
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
