"""From data frames to the arrays of the activity network (3.1), without a loop over rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from optichain.elements import find_elements
from optichain.estimates import item_requirements, source_capacities, stock_quantities
from optichain.graphs import Relation
from optichain.instance.targets import Names, Target, resolve_target
from optichain.network import STATUSES, Network

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["chain_weights", "compile_network", "raw_weights"]

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


def _codes(index: pd.Index, names: pd.Series) -> Ints:
    """Return the position of each name, -1 where blank."""
    codes = index.get_indexer(_names(names))
    return np.asarray(codes, dtype=np.int64)


def _names(column: pd.Series) -> pd.Index:
    """Return a column of names as an index of plain str objects, which hash fastest."""
    names: pd.Index = pd.Index(column.to_numpy(dtype=object), dtype=object)
    return names


def _statuses(column: pd.Series) -> Ints:
    return np.asarray(pd.Index(STATUSES, dtype=object).get_indexer(_names(column)), dtype=np.int64)


class _Compiler:
    """Holds the tables while the arrays are put together, each step one method."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.items = _names(instance["items"]["item"])
        self.sites = _names(instance["sites"]["site"])
        self.chains = _names(instance["chains"]["chain"])
        self.requirements = item_requirements(instance)
        lanes, bom = instance["lanes"], instance["bom"]
        self.bom_item, self.bom_input = _codes(self.items, bom["item"]), _codes(self.items, bom["input"])
        self.laned = np.zeros(len(self.items), dtype=bool)
        self.laned[_codes(self.items, lanes["item"])] = True
        self.recipe: Ints = np.empty(0, dtype=np.int64)

    def _key(self, item: Ints, site: Ints) -> Ints:
        """Return the key of the commodity that stands for an item seen from a site."""
        return item * (len(self.sites) + 1) + np.where(self.laned[item], site + 1, 0)

    def network(self) -> Network:
        """Put the arrays together."""
        instance = self.instance
        sources, lanes = instance["sources"], instance["lanes"]
        capacity, _ = source_capacities(instance, self.requirements)
        expanded = _expanded_targets(instance)
        site_capacity = instance["sites"]["capacity"].to_numpy(float)

        all_sites, all_items = _codes(self.sites, sources["site"]), _codes(self.items, sources["item"])
        source_site = all_sites
        load = sources["load"].to_numpy(float)
        growing_site = self.sites.isin(expanded["site"])
        shut = (site_capacity == 0.0) & ~growing_site
        # only a capacity stated as 0 makes a source absent: one estimated as 0 is there, and of no use
        present = (sources["capacity"].to_numpy(float) != 0.0) | sources["source"].isin(
            expanded["activity"]
        ).to_numpy(bool)
        present &= ~(shut[source_site] & (load > 0.0)) if len(sources) else present
        rows = np.flatnonzero(present)
        lane_capacity = lanes["capacity"].to_numpy(float)
        lane_present = (lane_capacity > 0.0) | lanes["lane"].isin(expanded["activity"]).to_numpy(bool)
        lane_rows = np.flatnonzero(lane_present)

        source_item = all_items[rows]
        lane_item = _codes(self.items, lanes["item"])[lane_rows]
        from_site = _codes(self.sites, lanes["from_site"])[lane_rows]
        to_site = _codes(self.sites, lanes["to_site"])[lane_rows]
        source_site = source_site[rows]
        handled = ~_pairs_in(lane_item, from_site, all_items, all_sites, len(self.sites))

        bom = self._requirements(rows, source_item, source_site)
        n_sources, n_lanes = len(rows), len(lane_rows)
        n_groups = int(bom["requirement"].max()) + 1 if len(bom) else 0
        requirement_activity = np.concatenate(
            [
                bom.drop_duplicates("requirement")["activity"].to_numpy(np.int64),
                n_sources + np.arange(n_lanes),
            ]
        )

        stocks, demands = instance["stocks"], instance["demands"]
        stock_site = _codes(self.sites, stocks["site"])
        stock_key = self._key(_codes(self.items, stocks["item"]), stock_site)
        demand_key = self._key(_codes(self.items, demands["item"]), _codes(self.sites, demands["site"]))
        output_key = np.concatenate([self._key(source_item, source_site), self._key(lane_item, to_site)])
        input_key = np.concatenate([bom["key"].to_numpy(np.int64), self._key(lane_item, from_site)])
        extra_key = self._stockpile_keys()
        keys = np.unique(np.concatenate([output_key, input_key, stock_key, demand_key, extra_key]))
        place = len(self.sites) + 1

        activity_site = np.concatenate([source_site, np.where(handled, from_site, -1)])
        element_kind, element_name, site_elements, activity_elements = find_elements(
            self.instance, rows, lane_rows, activity_site
        )
        demand_chain = _codes(self.chains, demands["chain"])
        demand_rate, demand_value = demands["rate"].to_numpy(float), demands["value"].to_numpy(float)
        worth = np.zeros(len(self.chains))
        np.add.at(worth, demand_chain, demand_rate * demand_value)

        loads = np.concatenate([load[rows], np.zeros(n_lanes)])
        output = np.searchsorted(keys, output_key)
        commodity = np.searchsorted(keys, input_key)
        alternative_requirement = np.concatenate(
            [bom["requirement"].to_numpy(np.int64), n_groups + np.arange(n_lanes)]
        )
        demand_commodity = np.searchsorted(keys, demand_key)
        limited = np.isfinite(site_capacity)
        block = _blocks(
            n_commodities=len(keys),
            output=output,
            user=requirement_activity[alternative_requirement],
            used=commodity,
            activity_site=np.where((loads > 0) & limited[activity_site], activity_site, -1)
            if len(loads)
            else activity_site,
            n_sites=len(self.sites),
            demand_commodity=demand_commodity,
            demand_chain=demand_chain,
            n_chains=len(self.chains),
        )
        n_c, n_a = len(keys), n_sources + n_lanes
        chain_block = np.where(worth > 0.0, block[n_c + n_a + len(self.sites) :], -1)
        kinds = np.concatenate([bom["status"].to_numpy(np.int64), np.zeros(n_lanes, dtype=np.int64)])
        links, link = self._links(bom)
        return Network(
            instance=instance,
            horizon=float(instance.settings.horizon),
            items=self.items,
            sites=self.sites,
            chains=self.chains,
            commodity_item=keys // place,
            commodity_site=keys % place - 1,
            activity_name=np.concatenate(
                [
                    sources["source"].to_numpy(dtype=object)[rows],
                    lanes["lane"].to_numpy(dtype=object)[lane_rows],
                ]
            ),
            is_lane=np.repeat([False, True], [n_sources, n_lanes]),
            activity_row=np.concatenate([rows, lane_rows]),
            activity_recipe=np.concatenate([self.recipe, len(self.items) + n_sources + np.arange(n_lanes)]),
            output=output,
            status=np.concatenate(
                [_statuses(sources["status"])[rows], _statuses(lanes["status"])[lane_rows]]
            ),
            switch_time=np.concatenate(
                [
                    sources["switch_time"].to_numpy(float)[rows],
                    lanes["switch_time"].to_numpy(float)[lane_rows],
                ]
            ),
            capacity=np.concatenate([capacity[rows], lane_capacity[lane_rows]]),
            activity_site=activity_site,
            load=loads,
            requirement_activity=requirement_activity,
            alternative_requirement=alternative_requirement,
            alternative_commodity=commodity,
            alternative_quantity=np.concatenate([bom["quantity"].to_numpy(float), np.ones(n_lanes)]),
            alternative_status=kinds,
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
            stock_commodity=np.searchsorted(keys, stock_key),
            stock_site=stock_site,
            stock_quantity=stock_quantities(instance, self.requirements),
            demand_commodity=demand_commodity,
            demand_chain=demand_chain,
            demand_rate=demand_rate,
            demand_value=demand_value,
            weight=chain_weights(instance, worth),
            commodity_block=block[:n_c],
            activity_block=block[n_c : n_c + n_a],
            chain_block=chain_block,
            requirement_rate=self.requirements.to_numpy(float),
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
            owner[special] = _codes(pd.Index(names, dtype=object), bom["source"][special])
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
        codes, unique = pd.factorize(pair)
        made, used = np.divmod(np.asarray(unique, dtype=np.int64), max(len(names), 1))
        text = [f"{i}>{j}" for i, j in zip(names[made].tolist(), names[used].tolist(), strict=True)]
        return pd.Index(text, dtype=object), np.asarray(codes, dtype=np.int64)

    def _stockpile_keys(self) -> Ints:
        """Return commodities that only a stockpiling measure may hold, so that they exist."""
        named = _targets_of(self.instance, "stockpile")
        item = _codes(self.items, pd.Series([target.name for target in named], dtype=object))
        site = _codes(self.sites, pd.Series([target.site for target in named], dtype=object))
        return self._key(item, site)


def _requirement_labels(bom: pd.DataFrame, item: Ints) -> Ints:
    """Give a number to the requirements within (item, source): rows with one label are alternatives of one another."""
    label, labels = pd.factorize(bom["requirement"].to_numpy(dtype=object))
    source, sources = pd.factorize(bom["source"].to_numpy(dtype=object))
    label = np.where(label < 0, len(labels) + np.arange(len(bom)), label)
    owner, _ = pd.factorize(item * (len(sources) + 1) + source + 1)
    return np.asarray(pd.factorize(owner * (len(labels) + len(bom) + 1) + label)[0], dtype=np.int64)


def _pairs_in(item: Ints, site: Ints, items: Ints, sites: Ints, n_sites: int) -> npt.NDArray[np.bool_]:
    """Tell which (item, site) pairs occur among others."""
    return np.isin(item * (n_sites + 1) + site, items * (n_sites + 1) + sites)


def _expanded_targets(instance: Instance) -> dict[str, set[str]]:
    """Return the sources, lanes and sites whose capacity a measure can add to."""
    named = _targets_of(instance, "expand")
    return {
        "activity": {target.name for target in named if target.kind != "site"},
        "site": {target.name for target in named if target.kind == "site"},
    }


def _targets_of(instance: Instance, effect: str) -> list[Target]:
    """Return what the effects of a kind name; the reader has refused what names nothing."""
    effects = instance["effects"]
    names = Names.of(instance.frames)
    found = (
        resolve_target(effect, str(text), names)
        for text in effects.loc[effects["effect"] == effect, "target"].unique()
    )
    return [target for target in found if target is not None]


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


def chain_weights(instance: Instance, worth: Floats) -> Floats:
    """Return the normalised weights of the chains, shape (chains,); `raw_weights` before they are normalised."""
    raw = raw_weights(instance, worth)
    return np.asarray(raw / raw.sum(), dtype=float)


def raw_weights(instance: Instance, worth: Floats) -> Floats:
    """Return the weights of the chains as they were given, shape (chains,).

    Given weights; else the three scores mixed by ``chain_scores``; else each chain's share of the demanded
    value. A chain without demand has weight 0.

    Parameters
    ----------
    instance : Instance
        A checked instance.
    worth : ndarray, shape (chains,)
        Demanded value per time unit of each chain.
    """
    chains = instance["chains"]
    scores = instance.settings.chain_scores
    given = chains["weight"].to_numpy(float)
    parts = chains[["strength", "driving", "technology"]].to_numpy(float)
    if len(given) and not np.isnan(given).all():
        raw = np.nan_to_num(given)
    elif not np.isnan(parts).all():
        raw = np.nan_to_num(parts) @ np.array([scores.strength, scores.driving, scores.technology])
    else:
        raw = worth
    raw = np.where(worth > 0.0, raw, 0.0)
    if raw.sum() <= 0.0:
        raw = worth
    return np.asarray(raw, dtype=float)
