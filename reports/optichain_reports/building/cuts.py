"""Pairs of sites that stop a chain together, before the plan and with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from optichain.risk.chances import element_chance
from optichain.risk.fragility import demanded_commodities, may_fail
from optichain.risk.structural.cutsets import minimal_cut_sets
from optichain_reports.building.facts import Facts
from optichain_reports.building.titles import Titles
from optichain_reports.model import CutSet

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["PairsOfChain", "pairs_of_sites"]

MOST = 12
"""Pairs listed for one chain."""
LIMIT = 200_000

Pair = tuple[int, int]


@dataclass(frozen=True)
class PairsOfChain:
    """The likeliest pairs of sites that stop a chain; `proven` says that none is missing."""

    listed: tuple[CutSet, ...]
    omitted: int
    proven: bool


def pairs_of_sites(facts: Facts, titles: Titles) -> dict[str, PairsOfChain]:
    """Return the minimal cut sets of two sites by chain."""
    network = facts.network
    chance, _ = element_chance(network)
    commodities = demanded_commodities(network, None)
    allowed = may_fail(network, ("site",))
    found: list[dict[int, set[Pair]]] = []
    proven = True
    for state in facts.states:
        cuts = minimal_cut_sets(network, state, commodities, order=2, allowed=allowed, limit=LIMIT)
        proven &= cuts.complete
        mine: dict[int, set[Pair]] = {}
        for owner, members in cuts.sets[1:2]:
            for place, pair in zip(owner.tolist(), members.tolist(), strict=True):
                mine.setdefault(int(commodities[place]), set()).add((pair[0], pair[1]))
        found.append(mine)
    wanted: dict[int, set[int]] = {}
    for commodity, chain in zip(
        network.demand_commodity.tolist(), network.demand_chain.tolist(), strict=True
    ):
        wanted.setdefault(chain, set()).add(commodity)
    return {
        str(network.chains[chain]): _of_chain(facts, titles, found, chance, mine, proven)
        for chain, mine in wanted.items()
    }


def _of_chain(
    facts: Facts,
    titles: Titles,
    found: list[dict[int, set[Pair]]],
    chance: npt.NDArray[np.float64],
    commodities: set[int],
    proven: bool,
) -> PairsOfChain:
    network = facts.network
    before, after = ({c: sets.get(c, set()) for c in commodities} for sets in found)
    everyone = {pair for sets in (before, after) for pairs in sets.values() for pair in pairs}

    def probability(pair: Pair) -> float:
        return float(chance[pair[0]] * chance[pair[1]])

    def made(pair: Pair) -> CutSet:
        was = {c for c in commodities if pair in before[c]}
        still = {c for c in commodities if pair in after[c]}
        names = (network.commodity_title(c).partition("@") for c in was | still)
        stopped = sorted({(item, site) for item, _, site in names})
        return CutSet(
            elements=tuple(titles.named("site", str(network.element_name[e])) for e in pair),
            demands=tuple(titles.named("item", item) for item in dict.fromkeys(item for item, _ in stopped)),
            probability=probability(pair),
            state="cleared" if not still else "new" if not was else "remaining",
        )

    ordered = sorted(everyone, key=lambda pair: (-probability(pair), pair))
    listed = tuple(made(pair) for pair in ordered[:MOST])
    return PairsOfChain(listed, max(len(ordered) - MOST, 0), proven)
