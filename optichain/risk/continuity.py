"""Continuity of each chain under an event (3.3), from one family of linear programmes a block.

Events share a matrix and differ in bounds, so each is solved from the basis of the undisturbed network;
events with the same bounds are solved once. The answer does not depend on the order of events.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from optichain.effects import State, base_state
from optichain.network import Network
from optichain.risk.events import Event
from optichain.risk.flow import BlockFlow, Sides
from optichain.risk.highs import ArrayLP
from optichain.risk.reach import Reach, reach_of

__all__ = ["BlockContinuity", "ContinuityEngine"]

Floats = npt.NDArray[np.float64]

FACE_TOLERANCE = 1e-9


@dataclass(eq=False)
class _Family:
    """The model for one number of phases, and the basis every event starts from."""

    model: ArrayLP
    cost: Floats
    basis: Any


class BlockContinuity:
    """Solves events of one block.

    Parameters
    ----------
    network : Network
    block : int
    weight : ndarray, shape (chains,)
        Weight of every chain in the objective.

    Attributes
    ----------
    flow : BlockFlow
    chains : ndarray
        Chains of the block.
    demanded : ndarray, shape (chains of the block,)
        Value demanded over the horizon.
    mix : ndarray, shape (chains of the block,)
        Weights in the objective, summing to 1.
    """

    def __init__(self, network: Network, block: int, weight: Floats) -> None:
        self.network = network
        self.flow = BlockFlow(network, block)
        self.base = base_state(network)
        self.chains = self.flow.chains
        demands = self.flow.demands
        self.demand_chain = np.searchsorted(self.chains, network.demand_chain[demands])
        worth = network.demand_value[demands] * network.demand_rate[demands] * network.horizon
        self.demanded = np.zeros(len(self.chains))
        np.add.at(self.demanded, self.demand_chain, worth)
        self.weight = weight[self.chains]
        names = network.chains.to_numpy(dtype=object)[self.chains]
        self.order = sorted(range(len(self.chains)), key=lambda i: (-self.weight[i], str(names[i])))
        mixed = self.weight if self.weight.sum() > 0.0 else self.demanded
        self.mix = mixed / mixed.sum()
        value = network.demand_value[demands] * self.flow.serve_scale
        self._share = value / self.demanded[self.demand_chain]
        self._families: dict[int, _Family] = {}
        self._known: dict[bytes, Floats] = {}

    @property
    def share(self) -> Floats:
        """What serving one unit of s adds to the continuity of its chain, shape (demands of the block,)."""
        return self._share

    @property
    def cost_of_serving(self) -> Floats:
        """Coefficients of s in the objective, shape (demands of the block,)."""
        return np.asarray(self.mix[self.demand_chain] * self._share, dtype=float)

    def continuity(self, state: State, reach: Reach) -> Floats:
        """Return the continuity of each chain of the block, shape (chains of the block,)."""
        sides = self.flow.sides(state, reach)
        key = hashlib.blake2b(b"".join(sides.key()), digest_size=16).digest()
        if key not in self._known:
            self._known[key] = self._solve(sides)
        return self._known[key]

    def served(self, lengths: Floats, sides: Sides) -> float:
        """Return the value served under given bounds, as a share of what the horizon demands, plain values."""
        family = self._family(len(lengths))
        phases = len(lengths)
        cost = np.zeros(len(family.cost))
        cost[self.flow.served_columns(phases)] = (self._share * self.demanded[self.demand_chain])[None, :]
        total = self.demanded.sum()
        family.model.set_cost(cost / total)
        family.model.set_bounds(sides.upper, sides.row_lower, sides.row_upper)
        value = family.model.solve(family.basis)
        family.model.set_cost(family.cost)
        return value

    def _family(self, phases: int) -> _Family:
        if phases not in self._families:
            matrix = self.flow.matrix(phases)
            cost = np.zeros(matrix.shape[1])
            cost[self.flow.served_columns(phases)] = self.cost_of_serving[None, :]
            starts = np.linspace(0.0, self.network.horizon, phases, endpoint=False)
            sides = self.flow.sides(self.base, reach_of(self.network, self.base, None), starts=starts)
            model = ArrayLP(matrix, cost, sides.upper, sides.row_lower, sides.row_upper)
            model.solve()
            self._families[phases] = _Family(model, cost, model.basis)
        return self._families[phases]

    def _solve(self, sides: Sides) -> Floats:
        phases = len(sides.lengths)
        family = self._family(phases)
        model = family.model
        model.set_bounds(sides.upper, sides.row_lower, sides.row_upper)
        model.solve(family.basis)
        columns = self.flow.served_columns(phases)
        if len(self.chains) > 1:
            served = self._split(model, family, sides, columns)
        else:
            served = model.primal()[columns]
        result = np.zeros(len(self.chains))
        np.add.at(result, np.broadcast_to(self.demand_chain, served.shape), served * self._share[None, :])
        return np.clip(result, 0.0, 1.0)

    def _split(self, model: ArrayLP, family: _Family, sides: Sides, columns: npt.NDArray[np.int64]) -> Floats:
        """Among the optima, serve the chains in their order; each optimum is narrowed to its face by duals."""
        lower, upper = np.zeros(model.n_columns), sides.upper.copy()
        row_lower, row_upper = sides.row_lower.copy(), sides.row_upper.copy()
        values = model.primal()
        changed = False
        last = self.order[-1]
        for place in self.order:
            mine = columns[:, self.demand_chain == place].ravel()
            full = bool(np.all(values[mine] >= sides.upper[mine] - 1e-12 * (1.0 + sides.upper[mine])))
            if full or (place == last and self.mix[place] > 0.0):
                lower[mine] = np.minimum(values[mine], upper[mine])
                continue
            _narrow(model, values, lower, upper, row_lower, row_upper)
            cost = np.zeros(model.n_columns)
            cost[mine] = np.tile(self._share[self.demand_chain == place], len(columns))
            model.set_bounds(upper, row_lower, row_upper, lower)
            model.set_cost(cost)
            model.solve(model.basis)
            values = model.primal()
            changed = True
        if changed:
            model.set_cost(family.cost)
            model.set_bounds(sides.upper, sides.row_lower, sides.row_upper)
        return values[columns]


def _narrow(
    model: ArrayLP, values: Floats, lower: Floats, upper: Floats, row_lower: Floats, row_upper: Floats
) -> None:
    """Restrict bounds to the optimal face: what has a price keeps its value."""
    column_dual, row_dual = model.duals()
    priced = np.abs(column_dual) > FACE_TOLERANCE
    at_upper = priced & np.isfinite(upper) & (np.abs(values - upper) <= np.abs(values - lower))
    lower[at_upper] = upper[at_upper]
    at_lower = priced & ~at_upper
    upper[at_lower] = lower[at_lower]
    activity = model.row_activity()
    tight = np.abs(row_dual) > FACE_TOLERANCE
    with np.errstate(invalid="ignore"):
        to_upper = tight & (np.abs(activity - row_upper) <= np.abs(activity - row_lower))
    row_lower[to_upper] = row_upper[to_upper]
    to_lower = tight & ~to_upper
    row_upper[to_lower] = row_lower[to_lower]


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
        for number in self._near(reach, state):
            block = self.block(number)
            result[block.chains] = block.continuity(state, reach)
        return result

    def _near(self, reach: Reach, state: State) -> list[int]:
        """Return the blocks with demand that an event touches."""
        lost = state.stock_commodity[reach.stock_lost & (state.stock_quantity > 0.0)]
        blocks = np.concatenate(
            [self.network.activity_block[reach.activity], self.network.commodity_block[lost]]
        )
        return [b for b in np.unique(blocks).tolist() if b in set(self.network.blocks.tolist())]
