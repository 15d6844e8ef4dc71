"""Models of what an event can make scarce in a block, one for all events that can make the same things scarce (3.3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optichain.network import Network
from optichain.risk.flows.continuity import BlockContinuity
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.flow import Scarce
from optichain.risk.flows.plenty import BlockPlenty
from optichain.risk.flows.reach import Reach

__all__ = ["BlockScarcity", "ScarceModel"]


@dataclass(frozen=True, eq=False)
class ScarceModel:
    """What an event can make scarce in a block.

    Attributes
    ----------
    block : BlockContinuity
        Of the scarce part alone.
    certain : float
        Weighted continuity that all other demands add: they are served whatever happens.
    """

    block: BlockContinuity
    certain: float


class BlockScarcity:
    """Finds the model of each event of a block.

    Parameters
    ----------
    network : Network
    engine : ContinuityEngine
        With the weights.
    number : int
        The block.
    """

    def __init__(self, network: Network, engine: ContinuityEngine, number: int) -> None:
        self.network, self.number = network, number
        self._whole, self._weight = engine.block(number), engine.weight
        self._plenty = BlockPlenty(self._whole.flow)
        self._models: dict[Scarce, ScarceModel] = {}

    def under(self, reach: Reach) -> ScarceModel:
        """Return the model of an event; equal answers are one object.

        Parameters
        ----------
        reach : Reach
            As of `BlockPlenty.under`.
        """
        part = self._plenty.under(reach)
        if part not in self._models:
            self._models[part] = self._make(part)
        return self._models[part]

    def _make(self, part: Scarce) -> ScarceModel:
        flow, serving = self._whole.flow, self._whole.cost_of_serving
        full = self.network.demand_rate[flow.demands] * self.network.horizon / flow.serve_scale
        plentiful = ~np.isin(flow.demands, part.demands)
        block = BlockContinuity(self.network, self.number, self._weight, part)
        return ScarceModel(block, float((serving * full)[plentiful].sum()))
