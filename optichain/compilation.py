"""From data frames to the arrays of the activity network (3.1), without a loop over rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from optichain.activities import Activities, codes, find_activities, names_of, targets_of
from optichain.elements import find_elements
from optichain.estimates import item_requirements, source_capacities, stock_quantities
from optichain.graphs import Relation
from optichain.network import STATUSES, Network
from optichain.weights import chain_weights

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["compile_network"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def compile_network(instance: Instance) -> Network:
    """Compile an instance into its activity network.

    Parameters
    ----------
    instance : Instance
        A checked instance.

    Returns
    -------
    Network
        Its arrays. The result is kept with the instance, so that asking twice costs nothing.
    """
    kept = instance.__dict__.get("_network")
    if isinstance(kept, Network):
        return kept
    network = _Compiler(instance).network()
    instance.__dict__["_network"] = network
    return network


def _statuses(column: pd.Series) -> Ints:
    return codes(pd.Index(STATUSES, dtype=object), column)


class _Compiler:
    """Holds the tables while the arrays are put together, each step one method."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.items = names_of(instance["items"]["item"])
        self.sites = names_of(instance["sites"]["site"])
        self.chains = names_of(instance["chains"]["chain"])
        self.requirements = item_requirements(instance)
        lanes, bom = instance["lanes"], instance["bom"]
        self.bom_item, self.bom_input = codes(self.items, bom["item"]), codes(self.items, bom["input"])
        self.laned = np.zeros(len(self.items), dtype=bool)
        self.laned[codes(self.items, lanes["item"])] = True
        self.recipe: Ints = np.empty(0, dtype=np.int64)

    def _key(self, item: Ints, site: Ints) -> Ints:
        """Return the key of the commodity that stands for an item seen from a site."""
        return item * (len(self.sites) + 1) + np.where(self.laned[item], site + 1, 0)

    def network(self) -> Network:
        """Put the arrays together."""
        instance, sites = self.instance, self.instance["sites"]
        stocks, demands = instance["stocks"], instance["demands"]
        there = find_activities(instance, self.items, self.sites)
        bom = self._requirements(there.sources, there.item, there.site)
        n_sources, n_lanes = len(there.sources), len(there.lanes)
        activity_site = np.concatenate([there.site, there.lane_stands])
        load = np.concatenate([instance["sources"]["load"].to_numpy(float)[there.sources], np.zeros(n_lanes)])
        site_capacity = sites["capacity"].to_numpy(float)
        # a lane needs one unit of its item where it begins
        n_groups = int(bom["requirement"].max()) + 1 if len(bom) else 0
        requirement_activity = np.concatenate(
            [
                bom.drop_duplicates("requirement")["activity"].to_numpy(np.int64),
                n_sources + np.arange(n_lanes),
            ]
        )
        alternative_requirement = np.concatenate(
            [bom["requirement"].to_numpy(np.int64), n_groups + np.arange(n_lanes)]
        )

        stock_site = codes(self.sites, stocks["site"])
        keys, (output, commodity, stock_commodity, demand_commodity) = _numbered(
            [
                np.concatenate(
                    [self._key(there.item, there.site), self._key(there.lane_item, there.lane_to)]
                ),
                np.concatenate([bom["key"].to_numpy(np.int64), self._key(there.lane_item, there.lane_from)]),
                self._key(codes(self.items, stocks["item"]), stock_site),
                self._key(codes(self.items, demands["item"]), codes(self.sites, demands["site"])),
            ],
            beside=self._stockpile_keys(),
        )
        place = len(self.sites) + 1

        demand_chain = codes(self.chains, demands["chain"])
        demand_rate, demand_value = demands["rate"].to_numpy(float), demands["value"].to_numpy(float)
        worth = np.zeros(len(self.chains))
        np.add.at(worth, demand_chain, demand_rate * demand_value)
        sharing = load > 0
        sharing[sharing] = np.isfinite(site_capacity)[activity_site[sharing]]
        block = _blocks(
            n_commodities=len(keys),
            output=output,
            user=requirement_activity[alternative_requirement],
            used=commodity,
            activity_site=np.where(sharing, activity_site, -1),
            n_sites=len(self.sites),
            demand_commodity=demand_commodity,
            demand_chain=demand_chain,
            n_chains=len(self.chains),
        )
        n_c, n_a = len(keys), n_sources + n_lanes
        links, link = self._links(bom)
        elements = find_elements(instance, there.sources, there.lanes, activity_site)
        element_kind, element_name, site_elements, activity_elements = elements
        return Network(
            instance=instance,
            horizon=float(instance.settings.horizon),
            items=self.items,
            sites=self.sites,
            chains=self.chains,
            commodity_item=keys // place,
            commodity_site=keys % place - 1,
            activity_name=self._column(there, "source", "lane", object),
            is_lane=np.repeat([False, True], [n_sources, n_lanes]),
            activity_row=np.concatenate([there.sources, there.lanes]),
            activity_recipe=np.concatenate([self.recipe, len(self.items) + n_sources + np.arange(n_lanes)]),
            output=output,
            status=_statuses(pd.Series(self._column(there, "status", "status", object))),
            switch_time=self._column(there, "switch_time", "switch_time", float),
            capacity=np.concatenate(
                [
                    source_capacities(instance, self.requirements)[0][there.sources],
                    instance["lanes"]["capacity"].to_numpy(float)[there.lanes],
                ]
            ),
            activity_site=activity_site,
            load=load,
            requirement_activity=requirement_activity,
            alternative_requirement=alternative_requirement,
            alternative_commodity=commodity,
            alternative_quantity=np.concatenate([bom["quantity"].to_numpy(float), np.ones(n_lanes)]),
            alternative_status=np.concatenate(
                [bom["status"].to_numpy(np.int64), np.zeros(n_lanes, dtype=np.int64)]
            ),
            alternative_switch=np.concatenate([bom["switch_time"].to_numpy(float), np.zeros(n_lanes)]),
            alternative_link=np.concatenate([link, np.full(n_lanes, -1)]),
            links=links,
            bom_item=self.bom_item,
            bom_input=self.bom_input,
            element_kind=element_kind,
            element_name=element_name,
            activity_elements=activity_elements,
            site_elements=site_elements,
            site_capacity=site_capacity,
            stock_commodity=stock_commodity,
            stock_site=stock_site,
            stock_quantity=stock_quantities(instance, self.requirements),
            demand_commodity=demand_commodity,
            demand_chain=demand_chain,
            demand_rate=demand_rate,
            demand_value=demand_value,
            weight=chain_weights(instance, worth),
            commodity_block=block[:n_c],
            activity_block=block[n_c : n_c + n_a],
            chain_block=np.where(worth > 0.0, block[n_c + n_a + len(self.sites) :], -1),
            requirement_rate=self.requirements.to_numpy(float),
        )

    def _column(self, there: Activities, of_sources: str, of_lanes: str, dtype: type) -> npt.NDArray[Any]:
        """Return a column of the tables of sources and lanes for each activity, shape (activities,)."""
        return np.concatenate(
            [
                self.instance["sources"][of_sources].to_numpy(dtype=dtype)[there.sources],
                self.instance["lanes"][of_lanes].to_numpy(dtype=dtype)[there.lanes],
            ]
        )

    def _requirements(self, rows: Ints, item: Ints, site: Ints) -> pd.DataFrame:
        """Return one row per alternative of every source: activity, requirement, key, quantity, status, switch_time."""
        bom, sources = self.instance["bom"], self.instance["sources"]
        made, used = self.bom_item, self.bom_input
        label = _requirement_labels(bom, made)
        special = bom["source"].notna().to_numpy(bool)
        owner = np.full(len(bom), -1, dtype=np.int64)
        if special.any():
            names = sources["source"].to_numpy(dtype=object)[rows]
            owner[special] = codes(pd.Index(names, dtype=object), bom["source"][special])
        has_own = np.zeros(len(rows), dtype=bool)
        has_own[owner[owner >= 0]] = True
        # rows of the bill of materials by activity: in the order of activities, then as they are listed
        general = Relation.of(made[~special], np.flatnonzero(~special), len(self.items))
        plain = np.flatnonzero(~has_own)
        position, of_item = general.gather(item[plain])
        own = np.flatnonzero(owner >= 0)
        activity = np.concatenate([plain[position], owner[own]])
        bom_row = np.concatenate([of_item, own])
        if len(own):
            order = np.lexsort((bom_row, activity))
            activity, bom_row = activity[order], bom_row[order]
        # activities with rows of their own, or with inputs or output at their own site, are like no other
        apart = has_own | self.laned[item]
        apart[activity[self.laned[used[bom_row]]]] = True
        self.recipe = np.where(apart, len(self.items) + np.arange(len(rows)), item)
        pair = activity * (len(bom) + 1) + label[bom_row]
        return pd.DataFrame(
            {
                "activity": activity,
                "requirement": np.asarray(pd.factorize(pair)[0], dtype=np.int64),
                "item": made[bom_row],
                "input": used[bom_row],
                "key": self._key(used[bom_row], site[activity]),
                "quantity": bom["quantity"].to_numpy(float)[bom_row],
                "status": _statuses(bom["status"])[bom_row],
                "switch_time": bom["switch_time"].to_numpy(float)[bom_row],
            }
        )

    def _links(self, bom: pd.DataFrame) -> tuple[pd.Index, Ints]:
        """Return the names ``item>input`` and the number of each alternative's."""
        names = self.items.to_numpy(dtype=object)
        pair = bom["item"].to_numpy(np.int64) * len(names) + bom["input"].to_numpy(np.int64)
        numbers, unique = pd.factorize(pair)
        made, used = np.divmod(np.asarray(unique, dtype=np.int64), max(len(names), 1))
        text = [f"{i}>{j}" for i, j in zip(names[made].tolist(), names[used].tolist(), strict=True)]
        return pd.Index(text, dtype=object), np.asarray(numbers, dtype=np.int64)

    def _stockpile_keys(self) -> Ints:
        """Return commodities that only a stockpiling measure may hold, so that they exist."""
        named = targets_of(self.instance, "stockpile")
        item = codes(self.items, pd.Series([target.name for target in named], dtype=object))
        site = codes(self.sites, pd.Series([target.site for target in named], dtype=object))
        return self._key(item, site)


def _numbered(keys: list[Ints], *, beside: Ints) -> tuple[Ints, list[Ints]]:
    """Return all keys, those beside included, in ascending order, and the place of each of the others among them."""
    every = np.unique(np.concatenate([*keys, beside]))
    return every, [np.searchsorted(every, some) for some in keys]


def _requirement_labels(bom: pd.DataFrame, item: Ints) -> Ints:
    """Give a number to the requirements within (item, source): rows with one label are alternatives of one another."""
    label, labels = pd.factorize(bom["requirement"].to_numpy(dtype=object))
    source, sources = pd.factorize(bom["source"].to_numpy(dtype=object))
    label = np.where(label < 0, len(labels) + np.arange(len(bom)), label)
    owner, _ = pd.factorize(item * (len(sources) + 1) + source + 1)
    return np.asarray(pd.factorize(owner * (len(labels) + len(bom) + 1) + label)[0], dtype=np.int64)


def _blocks(
    *,
    n_commodities: int,
    output: Ints,
    user: Ints,
    used: Ints,
    activity_site: Ints,
    n_sites: int,
    demand_commodity: Ints,
    demand_chain: Ints,
    n_chains: int,
) -> Ints:
    """Return the block of each commodity, activity, site and chain, one after another."""
    n_activities = len(output)
    at_site = np.flatnonzero(activity_site >= 0)
    first_site = n_commodities + n_activities
    first_chain = first_site + n_sites
    left = np.concatenate(
        [
            n_commodities + np.arange(n_activities),
            n_commodities + user,
            n_commodities + at_site,
            first_chain + demand_chain,
        ]
    )
    right = np.concatenate([output, used, first_site + activity_site[at_site], demand_commodity])
    size = first_chain + n_chains
    graph = sp.csr_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    _, label = sp.csgraph.connected_components(graph, directed=False)
    return np.asarray(label, dtype=np.int64)
