"""What chains serve without everything abroad, and without everything at home: the two sides of localisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from optichain.risk.autonomy import without
from optichain_reports.building.facts import Facts
from optichain_reports.building.tables import NetworkTables
from optichain_reports.building.titles import Titles, text_or_none
from optichain_reports.building.upstream import ChainNetwork
from optichain_reports.model import HomeCase

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["home_cases"]

Floats = npt.NDArray[np.float64]


def home_cases(
    instance: Instance,
    facts: Facts,
    networks: tuple[ChainNetwork, ...],
    tables: NetworkTables,
    titles: Titles,
) -> tuple[HomeCase, ...]:
    """Return the case of each chain whose products are made in a country that is known.

    Everything abroad is every source at a site whose country is known and another one. Both losses last for the
    whole horizon, and neither hardening nor faster recovery acts on them.
    """
    sites = instance["sites"]
    country = {str(s): text_or_none(c) for s, c in zip(sites["site"], sites["country"], strict=True)}
    homes = {network.chain: _home(network, tables, country) for network in networks}
    place = np.array([country.get(str(s)) or "" for s in facts.network.sites], dtype=object)
    left = {home: _left(facts, place, home) for home in sorted({h for h in homes.values() if h})}
    number = {str(chain): i for i, chain in enumerate(facts.network.chains)}
    rows = [{row["chain"]: row for row in r.chains.to_dict("records")} for r in (facts.before, facts.after)]
    result = []
    for network in networks:
        home, chain = homes[network.chain], network.chain
        if home is None:
            continue
        mine = {source.site for item in network.items for source in item.sources}
        abroad, at_home = left[home]
        at = number[chain]
        autonomy = [float(row[chain][f"autonomy_{end}"]) for row in rows for end in ("low", "high")]
        result.append(
            HomeCase(
                chain,
                titles.of("chain", chain),
                titles.named("country", home),
                len(mine),
                sum(country.get(site) not in (home, None) for site in mine),
                *(float(values[at]) for values in (*abroad, *at_home)),
                *autonomy,
            )
        )
    return tuple(result)


def _home(network: ChainNetwork, tables: NetworkTables, country: dict[str, str | None]) -> str | None:
    """Return the country in which most usable sources of what the chain sells stand."""
    count: dict[str, int] = {}
    for item, _ in network.demands:
        for _, site, status in tables.sources.get(item, ()):
            where = country.get(site)
            if where is not None and status != "potential":
                count[where] = count.get(where, 0) + 1
    return min(count, key=lambda c: (-count[c], c)) if count else None


def _left(facts: Facts, place: npt.NDArray[np.object_], home: str) -> tuple[list[Floats], list[Floats]]:
    """Return the continuity of all chains, before and after, without what is abroad and without what is at home."""
    network = facts.network
    at = network.activity_site
    where = np.where(at >= 0, place[at], "")
    sides = ((where != home) & (where != ""), where == home)
    found: list[list[Floats]] = []
    for lost in sides:
        found.append([])
        for state in facts.states:
            values = np.full(len(network.chains), np.nan)
            reach = without(network, state, lost & ~network.is_lane)
            for block in network.blocks.tolist():
                model = facts.engine.block(block)
                values[model.chains] = model.continuity(state, reach)
            found[-1].append(values)
    return found[0], found[1]
