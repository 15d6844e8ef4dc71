"""The flows that serve most under an event: what an answer rests on (3.3).

`ContinuityEngine` tells how much goes on; here stands by which flows. What an optimal flow does not use can
fail too without any further harm: searches over failures prune by that. Where the value alone is asked for, it comes
from the small model of what the event can make scarce.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optichain.effects import State
from optichain.network import Network
from optichain.risk.events import Event
from optichain.risk.flows.continuity import BlockContinuity
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.family import FEW
from optichain.risk.flows.reach import Reach, reach_of
from optichain.risk.flows.scarcity import BlockScarcity, ScarceModel

__all__ = ["BlockWitness", "NetworkWitness", "Stop", "Witness", "reach_key", "stop_of"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

USED = 1e-9
"""Scaled flow (about a share of the horizon's need) from which a flow counts as used."""


@dataclass(frozen=True, eq=False)
class Witness:
    """A flow of one block under one event, steady within each phase.

    Attributes
    ----------
    continuity : float
        Weighted continuity of the block, its weights summing to 1.
    starts, lengths : ndarray, shape (phases,)
        Time units.
    output : ndarray, shape (phases, activities of the block)
        Provided in each phase, in the block's scaled units, like all that follows.
    use : ndarray, shape (phases, alternatives of mixed requirements)
    served : ndarray, shape (phases, demands of the block)
    stock : ndarray, shape (phases + 1, commodities of the block)
        At the start of each phase, and what is left over in the end.
    """

    continuity: float
    starts: Floats
    lengths: Floats
    output: Floats
    use: Floats
    served: Floats
    stock: Floats


@dataclass(frozen=True, eq=False)
class Stop:
    """What a failure stops, taken to be complete: no flow that leaves it alone is touched.

    Attributes
    ----------
    activities : ndarray
        Reached themselves, or in need of the room of a site that is reached.
    lasting : float
        Time units that any of it lasts.
    stock : bool
        Some stock is destroyed.
    """

    activities: Ints
    lasting: float
    stock: bool


def stop_of(network: Network, state: State, reach: Reach) -> Stop:
    """Return what a failure stops at most."""
    limited = np.flatnonzero(np.isfinite(state.site_capacity))
    struck = reach.site[np.isin(reach.site, limited)]
    needy = np.flatnonzero((network.load > 0.0) & np.isin(network.activity_site, struck))
    durations = np.append(reach.activity_duration, reach.site_duration)
    return Stop(
        np.union1d(reach.activity, needy),
        float(durations.max(initial=0.0)),
        bool(np.any(reach.stock_lost & (state.stock_quantity > 0.0))),
    )


class BlockWitness:
    """Solves events of one block and keeps the flows.

    Parameters
    ----------
    network : Network
    block : BlockContinuity
        Of which weights and the flow model are taken.
    """

    def __init__(self, network: Network, block: BlockContinuity) -> None:
        self.network, self.block, self.flow = network, block, block.flow
        self._place = np.full(network.n_activities, -1, dtype=np.int64)
        self._place[self.flow.activities] = np.arange(len(self.flow.activities))

    def place(self, activities: Ints) -> Ints:
        """Return the positions of activities in the block, those of other blocks left out."""
        places = self._place[activities]
        return np.asarray(places[places >= 0], dtype=np.int64)

    def solve(self, state: State, reach: Reach, *, most: int | None = None) -> Witness:
        """Return a flow under what an event reaches: an optimal one, or one of few phases."""
        starts, sides, values = self.block.optimal_flow(state, reach, most=most)
        phases, flow = len(starts), self.flow
        n_a, n_u, n_c = len(flow.activities), len(flow.mixed), len(flow.commodities)
        values = np.where(values > USED, values, 0.0)
        size = phases * flow.n_phase_columns
        served = values[flow.served_columns(phases)]
        flows = values[:size].reshape(phases, flow.n_phase_columns)
        stock = np.vstack([flow.stock(state, reach), values[size:].reshape(phases - 1, n_c)])
        left_over = np.maximum(stock[-1] + (flow.matrix(1) @ flows[-1])[:n_c], 0.0)
        return Witness(
            continuity=float(np.clip(served.sum(axis=0) @ self.block.cost_of_serving, 0.0, 1.0)),
            starts=starts,
            lengths=sides.lengths,
            output=flows[:, :n_a],
            use=flows[:, n_a : n_a + n_u],
            served=flows[:, n_a + n_u :],
            stock=np.vstack([stock, left_over]),
        )


class NetworkWitness:
    """Weighted continuity of all chains, and the flows behind it, block by block.

    Parameters
    ----------
    network : Network
    state : State
        Measures in effect.
    engine : ContinuityEngine
        With the weights.

    Attributes
    ----------
    blocks : list of (share, BlockWitness)
        Blocks with weight, and their share of it.
    """

    def __init__(self, network: Network, state: State, engine: ContinuityEngine) -> None:
        self.network, self.state = network, state
        self.blocks: list[tuple[float, BlockWitness]] = []
        self._scarcity: list[BlockScarcity] = []
        for number in network.blocks.tolist():
            share = float(engine.weight[network.chain_block == number].sum())
            if share > 0.0:
                self.blocks.append((share, BlockWitness(network, engine.block(number))))
                self._scarcity.append(BlockScarcity(network, engine, number))
        self._known: list[dict[bytes, Witness]] = [{} for _ in self.blocks]
        self._worth: list[dict[bytes, float]] = [{} for _ in self.blocks]

    def witnesses(self, reach: Reach) -> list[Witness]:
        """Return an optimal flow of each block under a reach."""
        result = []
        for (_, block), known in zip(self.blocks, self._known, strict=True):
            here = _inside(reach, block)
            key = reach_key(here)
            if key not in known:
                known[key] = block.solve(self.state, here)
            result.append(known[key])
        return result

    def flows(self, reach: Reach) -> list[Witness]:
        """Return a flow of each block that is possible under a reach, and close to optimal: of few phases, so quicker."""
        return [block.solve(self.state, _inside(reach, block), most=FEW) for _, block in self.blocks]

    def value(self, reach: Reach) -> float:
        """Return the weighted continuity under a reach, by models of what is scarce: much quicker than with the flows."""
        total = []
        for (share, block), scarcity, known in zip(self.blocks, self._scarcity, self._worth, strict=True):
            here = _inside(reach, block)
            key = reach_key(here)
            if key not in known:
                known[key] = self._value(scarcity.under(here), here)
            total.append(share * known[key])
        return math.fsum(total)

    def _value(self, model: ScarceModel, reach: Reach) -> float:
        if not len(model.block.flow.demands):
            return model.certain
        starts, _, values = model.block.optimal_flow(self.state, reach)
        served = values[model.block.flow.served_columns(len(starts))].sum(axis=0)
        return float(np.clip(model.certain + served @ model.block.cost_of_serving, 0.0, 1.0))

    def continuity(self, event: Event) -> float:
        """Return the weighted continuity under an event."""
        return self.value(reach_of(self.network, self.state, event))

    def weighted(self, witnesses: list[Witness]) -> float:
        """Return the weighted continuity of what `witnesses` returned."""
        return math.fsum(share * w.continuity for (share, _), w in zip(self.blocks, witnesses, strict=True))


def _inside(reach: Reach, block: BlockWitness) -> Reach:
    """Return the part of a reach that concerns a block, so that equal parts are solved once."""
    activity = np.isin(reach.activity, block.flow.activities)
    site = np.isin(reach.site, block.flow.sites)
    return Reach(
        reach.activity[activity],
        reach.activity_loss[activity],
        reach.activity_duration[activity],
        reach.site[site],
        reach.site_loss[site],
        reach.site_duration[site],
        reach.stock_lost,
    )


def reach_key(reach: Reach) -> bytes:
    """Return what tells reaches apart that differ in anything."""
    order = np.lexsort((reach.activity_duration, reach.activity_loss, reach.activity))
    sites = np.lexsort((reach.site_duration, reach.site_loss, reach.site))
    parts = [
        reach.activity[order],
        reach.activity_loss[order],
        reach.activity_duration[order],
        reach.site[sites],
        reach.site_loss[sites],
        reach.site_duration[sites],
        reach.stock_lost,
    ]
    return b"|".join(part.tobytes() for part in parts)
