"""What there is plenty of under an event: all of it that could ever be used, so that no model need carry it (3.3).

A commodity is plentiful when sources that work from the first moment, that the event does not hit, and whose own inputs
are plentiful can together make as much as all its users could need at full demand. Such a commodity is never short,
whatever else is, and nobody competes for it. What is left is what the event can make scarce: mostly the way from
the place of the failure to the products.

Nothing is lost: capacities only grow after an event has begun, so nobody gains by drawing more of anything than its
share of full demand, neither to lay it up nor to catch up (unserved demand is lost). Only where several sources share
a site that has too little room can it pay to make one thing before its time, while another cannot be made: room
does not keep. What such sources draw, and all that it is made of, counts as needed without end.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.network import ACTIVE, Network
from optichain.risk.flows.flow import BlockFlow, Scarce
from optichain.risk.flows.reach import Reach
from optichain.risk.flows.usage import largest_use, most_needed, without_end

__all__ = ["BlockPlenty"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

ROUNDING = 1e-12
"""Share by which a capacity may miss what is needed: rounding."""


class BlockPlenty:
    """Finds what can be scarce in a block; measures only add to what works before any of them.

    Parameters
    ----------
    flow : BlockFlow
        Of the whole block.
    """

    def __init__(self, flow: BlockFlow) -> None:
        self.flow, network = flow, flow.network
        self.network = network
        use, need = _needs(network)
        self._use, self._need = use[flow.commodities][:, flow.commodities], need[flow.commodities]
        output = network.output[flow.activities]
        self._output = flow.place_of_commodity(output)
        self._capacity = network.capacity[flow.activities]
        mine = np.concatenate([flow.single, flow.mixed])
        requirements, self._requirement = np.unique(
            network.alternative_requirement[mine], return_inverse=True
        )
        self._requirements = requirements
        self._owner = flow.place_of_activity(network.requirement_activity[requirements])
        self._open = np.flatnonzero(network.alternative_status[mine] == ACTIVE)
        self._input = flow.place_of_commodity(network.alternative_commodity[mine])
        self._site = flow.place_of_site(np.maximum(network.activity_site[flow.activities], 0))
        self._site[(network.load[flow.activities] <= 0.0) | (network.activity_site[flow.activities] < 0)] = -1
        self._shared = np.bincount(self._site[self._site >= 0], minlength=len(flow.sites)) > 1
        self._works = (network.status[flow.activities] == ACTIVE) & (self._capacity > 0.0)
        self._asked: dict[bytes, tuple[Floats, Bools]] = {}
        self._known: dict[bytes, Scarce] = {}
        self._found: dict[bytes, Scarce] = {}

    def under(self, reach: Reach) -> Scarce:
        """Return what can be scarce under an event; equal answers are one object.

        Parameters
        ----------
        reach : Reach
            Of the event, in a state of the network or, for all states at once, before any measure.
        """
        works = self._works.copy()
        hit = self.flow.place_of_activity(reach.activity)
        works[hit[hit >= 0]] = False
        sites = self.flow.place_of_site(reach.site)
        struck = np.zeros(len(self.flow.sites), dtype=bool)
        struck[sites[sites >= 0]] = True
        need, tight = self._need_with(struck)
        loaded = np.flatnonzero(self._site >= 0)
        works[loaded[tight[self._site[loaded]]]] = False
        key = works.tobytes() + tight.tobytes()
        if key not in self._known:
            self._known[key] = self._find(works, need)
        return self._known[key]

    def _need_with(self, struck: Bools) -> tuple[Floats, Bools]:
        """Return the most that can be needed of each commodity, and the sites without room for all of it, the struck included."""
        key = struck.tobytes()
        if key not in self._asked:
            need, tight = self._need, struck
            while True:
                need = without_end(self._use, need, self._drawn_at(tight, need))
                more = struck | ~self._roomy(need)
                if np.array_equal(more, tight):
                    break
                tight = more
            self._asked[key] = need, tight
        return self._asked[key]

    def _roomy(self, need: Floats) -> Bools:
        """Tell which sites have room for all that could be needed of what is made there."""
        network, flow = self.network, self.flow
        loaded = np.flatnonzero(self._site >= 0)
        work = np.zeros(len(flow.sites))
        np.add.at(
            work, self._site[loaded], network.load[flow.activities[loaded]] * need[self._output[loaded]]
        )
        return np.asarray(work <= network.site_capacity[flow.sites] * (1.0 + ROUNDING))

    def _drawn_at(self, tight: Bools, need: Floats) -> Bools:
        """Tell what is drawn by sources that share room at tight sites, where anybody needs what they make."""
        at = np.append(tight & self._shared, False)[self._site] & (need[self._output] > 0.0)
        drawn = np.zeros(len(need), dtype=bool)
        drawn[self._input[at[self._owner[self._requirement]]]] = True
        return drawn

    def _find(self, works: Bools, need: Floats) -> Scarce:
        """Go from what needs no inputs upwards, until nothing more is plentiful."""
        capacity = np.where(works, self._capacity, 0.0)
        plenty = need <= 0.0
        while True:
            usable = self._open[plenty[self._input[self._open]]]
            met = np.zeros(len(self._requirements), dtype=bool)
            met[self._requirement[usable]] = True
            able = works.copy()
            able[self._owner[~met]] = False
            made = np.bincount(self._output[able], capacity[able], len(need))
            more = plenty | (made >= need * (1.0 - ROUNDING))
            if np.array_equal(more, plenty):
                break
            plenty = more
        key = plenty.tobytes() + met.tobytes()
        if key not in self._found:
            self._found[key] = self._rest(plenty, met)
        return self._found[key]

    def _rest(self, plenty: Bools, met: Bools) -> Scarce:
        """Return what is left when plentiful commodities and requirements that are met for certain are not looked at."""
        network, flow = self.network, self.flow
        activities = ~plenty[self._output]
        sought = np.zeros(len(self._requirements), dtype=bool)
        sought[~met] = activities[self._owner[~met]]
        kept = self._requirements[sought]

        def of(alternatives: Ints) -> Ints:
            return alternatives[np.isin(network.alternative_requirement[alternatives], kept)]

        wanted = flow.place_of_commodity(network.demand_commodity[flow.demands])
        return Scarce(
            flow,
            flow.activities[activities],
            flow.commodities[~plenty],
            flow.demands[~plenty[wanted]],
            of(flow.single),
            of(flow.mixed),
        )


def _needs(network: Network) -> tuple[sp.csr_matrix, Floats]:
    """Return the largest uses, and the most needed of each commodity per time unit, ``inf`` for what feeds itself; kept."""
    kept = network.__dict__.get("_most_needed")
    if kept is None:
        size = network.n_commodities
        use = largest_use(network, np.arange(size), size, lanes=True)
        wanted = np.zeros(size)
        np.add.at(wanted, network.demand_commodity, network.demand_rate)
        _, part = sp.csgraph.connected_components(use, directed=True, connection="strong")
        loops = (np.bincount(part, minlength=size)[part] > 1) | (use.diagonal() > 0.0)
        kept = network.__dict__["_most_needed"] = use, most_needed(use, wanted, loops)
    result: tuple[sp.csr_matrix, Floats] = kept
    return result
