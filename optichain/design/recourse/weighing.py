"""Which events count for a block, and how much (3.3): in ACC, in its worst events, in the expected annual loss."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from optichain.design.aims import LOSS, Aim
from optichain.design.recourse.protection import find_levers
from optichain.effects import base_state
from optichain.network import Network
from optichain.risk.events import Event, make_events
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.reach import reach_of
from optichain.risk.resilience import reached_blocks

__all__ = ["Weighing", "engine_for", "value_weights"]

Floats = npt.NDArray[np.float64]


def value_weights(network: Network) -> Floats:
    """Return each chain's share of the demanded value, shape (chains,)."""
    worth = np.zeros(len(network.chains))
    np.add.at(worth, network.demand_chain, network.demand_rate * network.demand_value)
    return np.asarray(worth / worth.sum(), dtype=float)


def engine_for(network: Network, aim: Aim) -> ContinuityEngine:
    """Return an engine whose flows serve what the objective counts: value for the loss, else weighted chains."""
    return ContinuityEngine(network, value_weights(network) if aim.objective == LOSS else network.weight)


class Weighing:
    """Weights of events, block by block.

    Parameters
    ----------
    network : Network
    aim : Aim
    engine : ContinuityEngine
        With the weights that the objective counts (`engine_for`).

    Attributes
    ----------
    events : list of Event
        Those of positive probability.
    """

    def __init__(self, network: Network, aim: Aim, engine: ContinuityEngine) -> None:
        self.network, self.aim, self.engine = network, aim, engine
        self.events = [e for e in make_events(network) if e.probability > 0.0]
        self._column = {number: i for i, number in enumerate(network.blocks.tolist())}
        self._reached = reached_blocks(network, self.events)
        self._stocks_grow = bool(find_levers(network).stockpile)

    @property
    def demanded(self) -> float:
        """Value demanded over the horizon."""
        network = self.network
        return float(np.sum(network.demand_rate * network.demand_value) * network.horizon)

    @property
    def calm_loss(self) -> float:
        """What a year's events would lose if nothing were served during them, as money: the origin of the loss."""
        calm = self.engine.undisturbed(base_state(self.network))
        has = self.network.chain_block >= 0
        often = sum(e.probability for e in self.events)
        return often * float(calm[has] @ self.engine.weight[has]) * self.demanded

    def share(self, block: int) -> float:
        """Return the weight of a block in the objective."""
        return float(self.engine.weight[self.network.chain_block == block].sum())

    def of_block(self, block: int) -> list[tuple[Event | None, float]]:
        """Return the events that count with their weights, ``None`` meaning undisturbed.

        For continuity the weights sum to 1 over W_B; for the loss they are money a year, and what happens
        elsewhere counts as undisturbed.
        """
        hit = self._reached[:, self._column[block]]
        mine = [e for e, here in zip(self.events, hit, strict=True) if here]
        if self.aim.objective != LOSS:
            total = sum(e.probability for e in mine)
            return [(e, e.probability / total) for e in mine] if mine else [(None, 1.0)]
        base, flow = base_state(self.network), self.engine.block(block).flow
        near = [e for e in self.events if flow.touched(base, reach_of(self.network, base, e)) or e in mine]
        # an event that only destroys stock which a measure adds later must count as near as well
        if self.network.instance.settings.stock_at_failed_site == "lost" and self._stocks_grow:
            near = list(self.events)
        away = sum(e.probability for e in self.events) - sum(e.probability for e in near)
        return [*((e, e.probability * self.demanded) for e in near), (None, max(away, 0.0) * self.demanded)]
