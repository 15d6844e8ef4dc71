"""How much of what is served depends on an element, in one given flow: a bound on what its failure can do (3.3).

Everything that passes through a failed element is taken out of the flow, and with it everything that was made
of that. What remains is a flow that is still possible, so no failure costs more than what was taken out; for
several elements together no more than the sum. One pass for all elements replaces a linear programme each.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.network import Network
from optichain.risk.reach import Reach
from optichain.risk.witness import BlockWitness, Witness

__all__ = ["Dependence"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SETTLED = 1e-10
SWEEPS = 200
"""Rounds within a phase; without cycles the depth of the network suffices, and stopping early is still a bound."""


class Dependence:
    """Bounds the damage of failures in the flows of one block.

    Parameters
    ----------
    network : Network
    block : BlockWitness
    """

    def __init__(self, network: Network, block: BlockWitness) -> None:
        flow = block.flow
        self.block, self.flow = block, flow
        place = np.full(network.n_commodities, -1, dtype=np.int64)
        place[flow.commodities] = np.arange(len(flow.commodities))
        activity = np.full(network.n_activities, -1, dtype=np.int64)
        activity[flow.activities] = np.arange(len(flow.activities))
        owner = network.requirement_activity[network.alternative_requirement]
        self.out_place = place[network.output[flow.activities]]
        self.single_owner = activity[owner[flow.single]]
        self.single_place = place[network.alternative_commodity[flow.single]]
        self.mixed_place = place[network.alternative_commodity[flow.mixed]]
        requirement = network.alternative_requirement[flow.mixed]
        self.mixed_row = np.searchsorted(flow.mixed_requirement, requirement)
        self.mixed_owner = activity[network.requirement_activity[flow.mixed_requirement]]
        quantity = network.alternative_quantity[flow.mixed]
        self.per_output = flow.use_scale / (quantity * flow.out_scale[activity[owner[flow.mixed]]])
        self.demand_place = place[network.demand_commodity[flow.demands]]
        self.gain = block.block.cost_of_serving
        self._by_owner = np.argsort(self.mixed_owner, kind="stable")
        self._owners, self._first_of_owner = np.unique(self.mixed_owner[self._by_owner], return_index=True)

    def damage(self, witness: Witness, reaches: list[Reach], lost_stock: Floats) -> Floats:
        """Return the most continuity of the block that each failure can cost, shape (failures,).

        Parameters
        ----------
        witness : Witness
            The flow that the failures meet.
        reaches : list of Reach
            What each failure reaches.
        lost_stock : ndarray, shape (failures, commodities of the block)
            Stock that it destroys at the start, scaled.
        """
        n = len(reaches)
        total = np.zeros(n)
        carried = np.zeros((len(self.flow.commodities), n))
        place = self.flow.place_of_activity(np.concatenate([reach.activity for reach in reaches]))
        failure = np.repeat(np.arange(n), [len(reach.activity) for reach in reaches])
        lasting = np.concatenate([reach.activity_duration for reach in reaches])
        for k, start in enumerate(witness.starts.tolist()):
            hit = np.zeros((len(self.flow.activities), n))
            down = (place >= 0) & (lasting > start)
            hit[place[down], failure[down]] = 1.0
            stock = witness.stock[k]
            spoilt = lost_stock.T if k == 0 else carried * stock[:, None]
            carried = self._phase(
                witness.output[k], witness.use[k], np.minimum(spoilt, stock[:, None]), stock, hit
            )
            served = (self.gain * witness.served[k])[:, None]
            total += np.sum(served * carried[self.demand_place], axis=0)
        return total

    def _phase(self, output: Floats, use: Floats, spoilt: Floats, stock: Floats, hit: Floats) -> Floats:
        """Return the share of each commodity that depends on each failure, shape (commodities, failures)."""
        n_c, n_a = len(self.flow.commodities), len(output)
        running = np.flatnonzero(output > 0.0)
        inflow = stock + np.bincount(self.out_place[running], weights=output[running], minlength=n_c)
        made = sp.csr_matrix((output[running], (self.out_place[running], running)), shape=(n_c, n_a))
        there = inflow > 0.0
        share = np.where(there[:, None], 1.0, 0.0) * np.ones((1, hit.shape[1]))
        single = np.flatnonzero(output[self.single_owner] > 0.0)
        single = single[np.argsort(self.single_owner[single], kind="stable")]
        mix = self._mix(output, use)
        for _ in range(SWEEPS):
            spoiled = hit.copy()
            if len(single):
                owners, first = np.unique(self.single_owner[single], return_index=True)
                worst = np.maximum.reduceat(share[self.single_place[single]], first, axis=0)
                spoiled[owners] = np.maximum(spoiled[owners], worst)
            if mix.nnz:
                worst = np.maximum.reduceat((mix @ share)[self._by_owner], self._first_of_owner, axis=0)
                spoiled[self._owners] = np.maximum(spoiled[self._owners], worst)
            following = np.zeros_like(share)
            following[there] = (spoilt + made @ spoiled)[there] / inflow[there, None]
            following = np.minimum(following, share)
            settled = float(np.max(share - following, initial=0.0)) <= SETTLED
            share = following
            if settled:
                break
        return share

    def _mix(self, output: Floats, use: Floats) -> sp.csr_matrix:
        """Return the share of each commodity in each requirement with several alternatives."""
        n_g = len(self.flow.mixed_requirement)
        needed = output[self.mixed_owner][self.mixed_row]
        used = np.flatnonzero((use > 0.0) & (needed > 0.0))
        part = self.per_output[used] * use[used] / needed[used]
        shape = (n_g, len(self.flow.commodities))
        return sp.csr_matrix((part, (self.mixed_row[used], self.mixed_place[used])), shape=shape)
