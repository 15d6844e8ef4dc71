"""Continuity of all chains under any event and state (3.3): the blocks of a network, each solved by itself."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from optichain.effects import State
from optichain.network import Network
from optichain.risk.events import Event
from optichain.risk.flows.continuity import BlockContinuity
from optichain.risk.flows.reach import reach_of, touched_blocks
from optichain.risk.flows.screening import Screen

__all__ = ["ContinuityEngine"]

Floats = npt.NDArray[np.float64]


class ContinuityEngine:
    """Continuity of all chains under any event and state; one `BlockContinuity` a block, made when needed.

    Parameters
    ----------
    network : Network
    weight : ndarray, shape (chains,), optional
        Weights of the chains in the objective; the network's by default.
    """

    def __init__(self, network: Network, weight: Floats | None = None) -> None:
        self.network = network
        self.weight = network.weight if weight is None else weight
        self._blocks: dict[int, BlockContinuity] = {}
        self._screens: dict[int, tuple[State, Screen]] = {}

    def screen(self, number: int, state: State) -> Screen:
        """Return the bounds of a block in a state; those of the last state are kept."""
        kept = self._screens.get(number)
        if kept is None or kept[0] is not state:
            block = self.block(number)
            kept = (state, Screen(block.flow, block.tiers, state, block.steady(state), block.pay))
            self._screens[number] = kept
        return kept[1]

    def block(self, number: int) -> BlockContinuity:
        """Return the solver of a block."""
        if number not in self._blocks:
            self._blocks[number] = BlockContinuity(self.network, number, self.weight)
        return self._blocks[number]

    def undisturbed(self, state: State) -> Floats:
        """Return the continuity of each chain without any hit, shape (chains,); NaN for one without demand."""
        result = np.full(len(self.network.chains), np.nan)
        nothing = reach_of(self.network, state, None)
        for number in self.network.blocks.tolist():
            block = self.block(number)
            result[block.chains] = block.continuity(state, nothing)
        return result

    def under(self, state: State, event: Event, undisturbed: Floats) -> Floats:
        """Return the continuity of each chain under an event, shape (chains,).

        Parameters
        ----------
        state : State
        event : Event
        undisturbed : ndarray, shape (chains,)
            What `undisturbed` gave for this state; kept for blocks that the event does not touch.
        """
        reach = reach_of(self.network, state, event)
        result = undisturbed.copy()
        with_demand = set(self.network.blocks.tolist())
        for number in touched_blocks(self.network, state, reach):
            if number not in with_demand:
                continue
            block = self.block(number)
            result[block.chains] = block.continuity(state, reach)
        return result
