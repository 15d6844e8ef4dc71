"""How much of what is served depends on an element, in one given flow: a bound on what its failure can do (3.3).

Everything that passes through a failed element is taken out of the flow, and with it everything that was made
of that. What remains is a flow that is still possible, so no failure costs more than what was taken out; for
several elements together no more than the sum: all failures divide time at the same moments. One pass for all elements
replaces a linear programme each.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.network import Network
from optichain.risk.flows.witness import BlockWitness, Stop, Witness

__all__ = ["Dependence"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SETTLED = 1e-10
SWEEPS = 200
"""Rounds within a phase; without cycles the depth of the network suffices, and stopping early is still a bound."""

PARTS = 4
"""Moments at which failures may end within a phase that draws stock; more bound closer, and take longer than they save."""


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
        self.by_owner = np.argsort(self.mixed_owner, kind="stable")
        self.owners, self.first_of_owner = np.unique(self.mixed_owner[self.by_owner], return_index=True)

    def damage(self, witness: Witness, stops: Sequence[Stop], lost_stock: Floats) -> Floats:
        """Return the most continuity of the block that each failure can cost, shape (failures,).

        Parameters
        ----------
        witness : Witness
            The flow that the failures meet.
        stops : sequence of Stop
            What each failure stops.
        lost_stock : ndarray, shape (failures, commodities of the block)
            Stock that it destroys at the start, scaled.
        """
        n = len(stops)
        lasting = np.array([stop.lasting for stop in stops])
        place = self.flow.place_of_activity(np.concatenate([stop.activities for stop in stops]))
        failure = np.repeat(np.arange(n), [len(stop.activities) for stop in stops])
        hit = np.zeros((len(self.flow.activities), n))
        hit[place[place >= 0], failure[place >= 0]] = 1.0
        # what is never drawn afterwards is no part of the flow
        drawn = witness.stock - np.minimum.accumulate(witness.stock[::-1], axis=0)[::-1]
        carried = np.minimum(lost_stock.T * _ratio(1.0, witness.stock[0])[:, None], 1.0)
        total = np.zeros(n)
        grid = _some(np.unique(lasting))
        for k, (start, length) in enumerate(zip(witness.starts, witness.lengths, strict=True)):
            phase = _Phase(self, witness.output[k], witness.use[k])
            served = self.gain * witness.served[k]
            during = np.clip((lasting - start) / length, 0.0, 1.0)
            stocked = bool(drawn[k].any() or drawn[k + 1].any())
            # without stock nothing is carried over: every moment of the phase that a failure lasts is like the first
            ends = (grid[(grid > start) & (grid < start + length)] - start) / length
            moments = np.append(0.0, ends) if stocked else np.zeros(1)
            for moment, end in zip(moments.tolist(), [*moments[1:].tolist(), 1.0], strict=True):
                stock = drawn[k] + moment * (drawn[k + 1] - drawn[k])
                spoilt = carried * stock[:, None]
                down = during > moment
                touched = np.flatnonzero(down | spoilt.any(axis=0))
                carried = np.zeros_like(carried)
                carried[:, touched] = phase.share(
                    stock, spoilt[:, touched], end - moment, np.where(down, hit, 0.0)[:, touched]
                )
                lost = served @ carried[self.demand_place]
                total += lost * ((end - moment) if stocked else during)
        return total


def _some(moments: Floats) -> Floats:
    """Return a few of ascending moments, the last among them: what ends between two of them is taken to last longer."""
    if len(moments) <= PARTS:
        return moments
    return np.asarray(moments[np.linspace(0, len(moments) - 1, PARTS + 1).astype(np.int64)[1:]], dtype=float)


def _ratio(part: Floats | float, whole: Floats) -> Floats:
    """Return part / whole, 0 where there is nothing."""
    some = whole > 0.0
    return np.where(some, part / np.where(some, whole, 1.0), 0.0)


class _Phase:
    """The flow of one phase, and what in it depends on what."""

    def __init__(self, of: Dependence, output: Floats, use: Floats) -> None:
        self.of = of
        n_c, n_a = len(of.flow.commodities), len(output)
        running = np.flatnonzero(output > 0.0)
        self.provided = np.bincount(of.out_place[running], weights=output[running], minlength=n_c)
        self.made = sp.csr_matrix((output[running], (of.out_place[running], running)), shape=(n_c, n_a))
        single = np.flatnonzero(output[of.single_owner] > 0.0)
        single = single[np.argsort(of.single_owner[single], kind="stable")]
        self.taken = of.single_place[single]
        self.takers, self.first_taken = np.unique(of.single_owner[single], return_index=True)
        self.mix = self._mix(output, use)

    def share(self, stock: Floats, spoilt: Floats, part: float, hit: Floats) -> Floats:
        """Return the share of each commodity that depends on each failure, in a part of the phase.

        Parameters
        ----------
        stock : ndarray, shape (commodities,)
            At the start of the part.
        spoilt : ndarray, shape (commodities, failures)
            What of it depends on each failure.
        part : float
            Length of the part, as a share of the phase.
        hit : ndarray, shape (activities, failures)
            1 where an activity is stopped.

        Returns
        -------
        ndarray, shape (commodities, failures)
        """
        of = self.of
        inflow = stock + part * self.provided
        share = np.repeat((inflow > 0.0).astype(float)[:, None], hit.shape[1], axis=1)
        still = spoilt * _ratio(1.0, inflow)[:, None]
        made = part * _ratio(1.0, inflow)[:, None]
        for _ in range(SWEEPS):
            spoiled = hit.copy()
            if len(self.takers):
                worst = np.maximum.reduceat(share[self.taken], self.first_taken, axis=0)
                spoiled[self.takers] = np.maximum(spoiled[self.takers], worst)
            if self.mix.nnz:
                worst = np.maximum.reduceat((self.mix @ share)[of.by_owner], of.first_of_owner, axis=0)
                spoiled[of.owners] = np.maximum(spoiled[of.owners], worst)
            following = np.minimum(still + made * (self.made @ spoiled), share)
            settled = float(np.max(share - following, initial=0.0)) <= SETTLED
            share = following
            if settled:
                break
        return share

    def _mix(self, output: Floats, use: Floats) -> sp.csr_matrix:
        """Return the share of each commodity in each requirement with several alternatives."""
        of = self.of
        needed = output[of.mixed_owner][of.mixed_row]
        used = np.flatnonzero((use > 0.0) & (needed > 0.0))
        part = of.per_output[used] * use[used] / needed[used]
        shape = (len(of.flow.mixed_requirement), len(of.flow.commodities))
        return sp.csr_matrix((part, (of.mixed_row[used], of.mixed_place[used])), shape=shape)
