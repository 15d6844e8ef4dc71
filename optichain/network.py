"""The activity network (3.1): an instance compiled into arrays, which everything else reads.

A *commodity* is an item (pooled) or an item at a site (laned); an *activity* is a source or a lane; a
*requirement* of an activity is met by any mix of its *alternatives*; *elements* are what can fail. All
are numbered from 0, and every relation is an array of such numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from optichain.instance.kinds import ELEMENT_KINDS, STATUSES

if TYPE_CHECKING:
    import networkx as nx

    from optichain.instance.model import Instance

__all__ = ["ELEMENT_KINDS", "STATUSES", "Network"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

ACTIVE, QUALIFIED, POTENTIAL = range(3)


@dataclass(frozen=True, eq=False)
class Network:
    """An instance as arrays. Made by `optichain.compilation.compile_network`; never changed.

    Attributes
    ----------
    instance : Instance
        What it was compiled from.
    horizon : float
        Time units over which continuity is measured.
    items, sites, chains : pandas.Index
        Names; positions are the numbers used below.
    commodity_item, commodity_site : ndarray, shape (commodities,)
        Item, and site or -1 where pooled.
    activity_name : ndarray of str, shape (activities,)
        Name of the source or lane.
    is_lane : ndarray of bool, shape (activities,)
    activity_row : ndarray, shape (activities,)
        Row of the activity in its table, from 0.
    activity_recipe : ndarray, shape (activities,)
        A number that activities share only if they provide the same commodity and have the same requirements,
        row for row of the bill of materials.
    output : ndarray, shape (activities,)
        Commodity that the activity provides.
    status, switch_time, capacity : ndarray, shape (activities,)
        Status (0 active, 1 qualified, 2 potential); time units; units per time unit (``inf`` unlimited).
    activity_site : ndarray, shape (activities,)
        The site whose failure stops the activity, or -1: a source's own; of a lane the one that handles.
    load : ndarray, shape (activities,)
        Units of the site's capacity that one unit of output takes (0 for lanes).
    requirement_activity : ndarray, shape (requirements,)
    alternative_requirement, alternative_commodity : ndarray, shape (alternatives,)
    alternative_quantity : ndarray, shape (alternatives,)
        Units of the commodity in one unit of the activity's output.
    alternative_status, alternative_switch : ndarray, shape (alternatives,)
    alternative_link : ndarray, shape (alternatives,)
        Number of the ``item>input`` pair in `links`, -1 for what a lane moves.
    links : pandas.Index
        Names ``item>input`` of the bill of materials.
    bom_item, bom_input : ndarray, shape (rows of the bill of materials,)
        Items, whether anything provides them or not.
    element_kind, element_name : ndarray, shape (elements,)
        Kind as a position in `ELEMENT_KINDS`, and name; in this order, ascending.
    activity_elements : csr_matrix of bool, shape (activities, elements)
        E(a): what stops an activity.
    site_elements : csr_matrix of bool, shape (sites, elements)
        What stops a site's own capacity.
    site_capacity : ndarray, shape (sites,)
        Load units per time unit, ``inf`` where unlimited.
    stock_commodity, stock_site : ndarray, shape (stocks,)
        Site is -1 for stock without one.
    stock_quantity : ndarray, shape (stocks,)
    demand_commodity, demand_chain : ndarray, shape (demands,)
    demand_rate, demand_value : ndarray, shape (demands,)
        Units per time unit; value of serving one unit.
    weight : ndarray, shape (chains,)
        Normalised chain weights; 0 for a chain without demand.
    commodity_block, activity_block : ndarray
        Block of each.
    chain_block : ndarray, shape (chains,)
        Block of each chain, -1 for a chain without demand.
    requirement_rate : ndarray, shape (items,)
        Demand exploded to each item, units per time unit.
    """

    instance: Instance
    horizon: float
    items: pd.Index
    sites: pd.Index
    chains: pd.Index
    commodity_item: Ints
    commodity_site: Ints
    activity_name: npt.NDArray[np.object_]
    is_lane: Bools
    activity_row: Ints
    activity_recipe: Ints
    output: Ints
    status: Ints
    switch_time: Floats
    capacity: Floats
    activity_site: Ints
    load: Floats
    requirement_activity: Ints
    alternative_requirement: Ints
    alternative_commodity: Ints
    alternative_quantity: Floats
    alternative_status: Ints
    alternative_switch: Floats
    alternative_link: Ints
    links: pd.Index
    bom_item: Ints
    bom_input: Ints
    element_kind: Ints
    element_name: npt.NDArray[np.object_]
    activity_elements: sp.csr_matrix
    site_elements: sp.csr_matrix
    site_capacity: Floats
    stock_commodity: Ints
    stock_site: Ints
    stock_quantity: Floats
    demand_commodity: Ints
    demand_chain: Ints
    demand_rate: Floats
    demand_value: Floats
    weight: Floats
    commodity_block: Ints
    activity_block: Ints
    chain_block: Ints
    requirement_rate: Floats

    @property
    def n_commodities(self) -> int:
        """Number of commodities."""
        return len(self.commodity_item)

    @property
    def n_activities(self) -> int:
        """Number of activities."""
        return len(self.output)

    @property
    def n_elements(self) -> int:
        """Number of elements that can fail."""
        return len(self.element_kind)

    @property
    def blocks(self) -> Ints:
        """Blocks that hold demand, ascending."""
        return np.unique(self.chain_block[self.chain_block >= 0])

    @property
    def demand_block(self) -> Ints:
        """Block of each demand, shape (demands,)."""
        return self.chain_block[self.demand_chain]

    def element(self, kind: str, name: str) -> int:
        """Return the number of an element, or -1 where nothing has it among its elements."""
        return self._numbers_by_name(kind).get(name, -1)

    def elements_named(self, kind: str, names: npt.NDArray[np.object_]) -> Ints:
        """Return the numbers of elements of a kind, -1 where nothing has one among its elements."""
        known = self._numbers_by_name(kind)
        return np.fromiter((known.get(name, -1) for name in names), dtype=np.int64)

    def _numbers_by_name(self, kind: str) -> dict[str, int]:
        """Return the number of each element of a kind by its name; elements are in the order of kinds."""
        key = "_elements_" + kind
        if key not in self.__dict__:
            number = ELEMENT_KINDS.index(kind)
            first, last = np.searchsorted(self.element_kind, [number, number + 1]).tolist()
            names = self.element_name[first:last].tolist()
            self.__dict__[key] = {name: element for element, name in enumerate(names, first)}
        numbers: dict[str, int] = self.__dict__[key]
        return numbers

    @cached_property
    def elements_of_activities(self) -> sp.csc_matrix:
        """`activity_elements` by column: which activities an element stops."""
        return self.activity_elements.tocsc()

    @cached_property
    def elements_of_sites(self) -> sp.csc_matrix:
        """`site_elements` by column: which sites an element stops."""
        return self.site_elements.tocsc()

    def commodity_title(self, commodity: int) -> str:
        """Return ``item`` or ``item@site``."""
        item = str(self.items[self.commodity_item[commodity]])
        site = self.commodity_site[commodity]
        return item if site < 0 else f"{item}@{self.sites[site]}"

    def to_networkx(self) -> nx.DiGraph[Any]:
        """Return the AND/OR network as a directed graph, from inputs to demands.

        Returns
        -------
        networkx.DiGraph
            Nodes ``("commodity", item, site)``, ``("activity", name)``, ``("requirement", name, number)``
            and ``("demand", row)`` with their data; an edge from what is used to what uses it.
        """
        import networkx as nx

        graph: nx.DiGraph[Any] = nx.DiGraph()
        nodes = [
            ("commodity", self.items[item], self.sites[site] if site >= 0 else None)
            for item, site in zip(self.commodity_item, self.commodity_site, strict=True)
        ]
        for node, block in zip(nodes, self.commodity_block.tolist(), strict=True):
            graph.add_node(node, kind="commodity", block=block)
        for a in range(self.n_activities):
            graph.add_node(
                ("activity", self.activity_name[a]),
                kind="lane" if self.is_lane[a] else "source",
                status=STATUSES[self.status[a]],
                capacity=float(self.capacity[a]),
                switch_time=float(self.switch_time[a]),
                block=int(self.activity_block[a]),
            )
            graph.add_edge(("activity", self.activity_name[a]), nodes[self.output[a]])
        for g, a in enumerate(self.requirement_activity.tolist()):
            graph.add_node(("requirement", self.activity_name[a], g), kind="requirement")
            graph.add_edge(("requirement", self.activity_name[a], g), ("activity", self.activity_name[a]))
        for g, c, quantity, status in zip(
            self.alternative_requirement.tolist(),
            self.alternative_commodity.tolist(),
            self.alternative_quantity.tolist(),
            self.alternative_status.tolist(),
            strict=True,
        ):
            name = self.activity_name[self.requirement_activity[g]]
            graph.add_edge(nodes[c], ("requirement", name, g), quantity=quantity, status=STATUSES[status])
        for d, c in enumerate(self.demand_commodity.tolist()):
            chain = self.chains[self.demand_chain[d]]
            graph.add_node(("demand", d), kind="demand", chain=chain, rate=float(self.demand_rate[d]))
            graph.add_edge(nodes[c], ("demand", d))
        return graph
