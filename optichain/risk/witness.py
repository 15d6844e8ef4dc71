"""The flows that serve most under an event: what an answer rests on (3.3).

`ContinuityEngine` tells how much goes on; here stands by which flows. What an optimal flow does not use can
fail too without any further harm: searches over failures prune by that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optichain.effects import State
from optichain.network import Network
from optichain.risk.continuity import BlockContinuity, ContinuityEngine
from optichain.risk.events import Event
from optichain.risk.reach import Reach, reach_of

__all__ = ["BlockWitness", "NetworkWitness", "Witness", "reach_key"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

USED = 1e-9
"""Scaled flow (about a share of the horizon's need) from which a flow counts as used."""


@dataclass(frozen=True, eq=False)
class Witness:
    """An optimal flow of one block under one event.

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
    stock : ndarray, shape (phases, commodities of the block)
        At the start of each phase.
    """

    continuity: float
    starts: Floats
    lengths: Floats
    output: Floats
    use: Floats
    served: Floats
    stock: Floats


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

    def solve(self, state: State, reach: Reach) -> Witness:
        """Return an optimal flow under what an event reaches."""
        starts, sides, values = self.block.optimal_flow(state, reach)
        phases = len(starts)
        n_a, n_u, n_c = len(self.flow.activities), len(self.flow.mixed), len(self.flow.commodities)
        values = np.where(values > USED, values, 0.0)
        size = phases * self.flow.n_phase_columns
        served = values[self.flow.served_columns(phases)]
        flows = values[:size].reshape(phases, self.flow.n_phase_columns)
        return Witness(
            continuity=float(np.clip(served.sum(axis=0) @ self.block.cost_of_serving, 0.0, 1.0)),
            starts=starts,
            lengths=sides.lengths,
            output=flows[:, :n_a],
            use=flows[:, n_a : n_a + n_u],
            served=flows[:, n_a + n_u :],
            stock=np.vstack([self.flow.stock(state, reach), values[size:].reshape(phases - 1, n_c)]),
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
    solved : int
        Linear programmes so far.
    """

    def __init__(self, network: Network, state: State, engine: ContinuityEngine) -> None:
        self.network, self.state = network, state
        self.blocks: list[tuple[float, BlockWitness]] = []
        for number in network.blocks.tolist():
            share = float(network.weight[network.chain_block == number].sum())
            if share > 0.0:
                self.blocks.append((share, BlockWitness(network, engine.block(number))))
        self._known: list[dict[bytes, Witness]] = [{} for _ in self.blocks]
        self.solved = 0

    def witnesses(self, reach: Reach) -> list[Witness]:
        """Return an optimal flow of each block under a reach."""
        result = []
        for (_, block), known in zip(self.blocks, self._known, strict=True):
            here = _inside(reach, block)
            key = reach_key(here)
            if key not in known:
                known[key] = block.solve(self.state, here)
                self.solved += 1
            result.append(known[key])
        return result

    def value(self, reach: Reach) -> float:
        """Return the weighted continuity under a reach, without the flows: by few phases, so quicker."""
        total = []
        for share, block in self.blocks:
            self.solved += 1
            total.append(share * float(block.block.continuity(self.state, reach) @ block.block.mix))
        return math.fsum(total)

    def continuity(self, event: Event) -> float:
        """Return the weighted continuity under an event."""
        return self.weighted(self.witnesses(reach_of(self.network, self.state, event)))

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
