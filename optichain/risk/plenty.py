"""What there is plenty of under an event: all of it that could ever be used, so that no model need carry it (3.3).

A commodity is plentiful when sources that work from the first moment, that the event does not hit, and whose own inputs
are plentiful can together make as much as all its users could need at full demand. Such a commodity is never short,
whatever else is, and nobody competes for it. What is left is what the event can make scarce: mostly the way from
the place of the failure to the products.

Nothing is lost: capacities only grow after an event has begun, so nobody gains by drawing more of anything than its
share of full demand, neither to lay it up nor to catch up (unserved demand is lost).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.network import ACTIVE, Network
from optichain.risk.flow import BlockFlow
from optichain.risk.reach import Reach
from optichain.risk.usage import largest_use, most_needed

__all__ = ["BlockPlenty", "Plenty"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

ROUNDING = 1e-12
"""Share by which a capacity may miss what is needed: rounding."""


@dataclass(frozen=True, eq=False)
class Plenty:
    """What a model of a block may leave out.

    Attributes
    ----------
    commodities : ndarray of bool, shape (commodities of the network,)
        Never short.
    requirements : ndarray of bool, shape (requirements of the network,)
        Met for certain, by an alternative that is open and never short.
    """

    commodities: Bools
    requirements: Bools


class BlockPlenty:
    """Finds what there is plenty of in a block, before any measure; measures only add.

    Parameters
    ----------
    flow : BlockFlow
        Of the whole block.
    """

    def __init__(self, flow: BlockFlow) -> None:
        self.flow, network = flow, flow.network
        self.network = network
        self._need = _needs(network)[flow.commodities]
        output = network.output[flow.activities]
        self._output = flow.place_of_commodity(output)
        self._capacity = network.capacity[flow.activities]
        users = network.requirement_activity[network.alternative_requirement]
        mine = np.flatnonzero(flow.place_of_activity(users) >= 0)
        requirements, self._requirement = np.unique(
            network.alternative_requirement[mine], return_inverse=True
        )
        self._requirements = requirements
        self._owner = flow.place_of_activity(network.requirement_activity[requirements])
        self._open = np.flatnonzero(network.alternative_status[mine] == ACTIVE)
        self._input = flow.place_of_commodity(network.alternative_commodity[mine])
        self._site = flow.place_of_site(np.maximum(network.activity_site[flow.activities], 0))
        self._site[(network.load[flow.activities] <= 0.0) | (network.activity_site[flow.activities] < 0)] = -1
        self._works = (network.status[flow.activities] == ACTIVE) & (self._capacity > 0.0)
        self._works &= self._roomy()
        self._known: dict[bytes, Plenty] = {}
        self._found: dict[bytes, Plenty] = {}

    def _roomy(self) -> Bools:
        """Tell which activities stand at a site with room for all that could be needed of what is made there."""
        network, flow = self.network, self.flow
        loaded = np.flatnonzero(self._site >= 0)
        work = np.zeros(len(flow.sites))
        need = self._need[self._output[loaded]]
        np.add.at(work, self._site[loaded], network.load[flow.activities[loaded]] * need)
        roomy = work <= network.site_capacity[flow.sites] * (1.0 + ROUNDING)
        result = np.ones(len(flow.activities), dtype=bool)
        result[loaded] = roomy[self._site[loaded]]
        return result

    def under(self, reach: Reach) -> Plenty:
        """Return what there is plenty of under an event.

        Parameters
        ----------
        reach : Reach
            Of the event before any measure.
        """
        works = self._works.copy()
        hit = self.flow.place_of_activity(reach.activity)
        works[hit[hit >= 0]] = False
        if len(reach.site) and len(self.flow.sites):
            sites = self.flow.place_of_site(reach.site)
            works[np.isin(self._site, sites[sites >= 0])] = False
        key = works.tobytes()
        if key not in self._known:
            self._known[key] = self._find(works)
        return self._known[key]

    def _find(self, works: Bools) -> Plenty:
        """Go from what needs no inputs upwards, until nothing more is plentiful; equal answers are one object."""
        capacity = np.where(works, self._capacity, 0.0)
        plenty = self._need <= 0.0
        while True:
            usable = self._open[plenty[self._input[self._open]]]
            met = np.zeros(len(self._requirements), dtype=bool)
            met[self._requirement[usable]] = True
            able = works.copy()
            able[self._owner[~met]] = False
            made = np.bincount(self._output[able], capacity[able], len(self._need))
            more = plenty | (made >= self._need * (1.0 - ROUNDING))
            if np.array_equal(more, plenty):
                break
            plenty = more
        key = plenty.tobytes() + met.tobytes()
        if key not in self._found:
            self._found[key] = self._as_masks(plenty, met)
        return self._found[key]

    def _as_masks(self, plenty: Bools, met: Bools) -> Plenty:
        commodities = np.zeros(self.network.n_commodities, dtype=bool)
        commodities[self.flow.commodities[plenty]] = True
        requirements = np.zeros(len(self.network.requirement_activity), dtype=bool)
        requirements[self._requirements[met]] = True
        return Plenty(commodities, requirements)


def _needs(network: Network) -> Floats:
    """Return the most of each commodity that can be needed per time unit, ``inf`` for what feeds itself; kept."""
    kept = network.__dict__.get("_most_needed")
    if kept is None:
        size = network.n_commodities
        use = largest_use(network, np.arange(size), size, lanes=True)
        wanted = np.zeros(size)
        np.add.at(wanted, network.demand_commodity, network.demand_rate)
        _, part = sp.csgraph.connected_components(use, directed=True, connection="strong")
        loops = (np.bincount(part, minlength=size)[part] > 1) | (use.diagonal() > 0.0)
        kept = network.__dict__["_most_needed"] = most_needed(use, wanted, loops)
    result: Floats = kept
    return result
