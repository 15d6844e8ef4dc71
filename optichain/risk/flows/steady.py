"""Steady-state continuity without some activities (3.2): no stock, all switch times elapsed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.effects import State
from optichain.network import Network
from optichain.risk.flows.flow import BlockFlow
from optichain.risk.flows.highs import ArrayLP
from optichain.risk.flows.reach import reach_of

__all__ = ["SteadyBlock", "steady_state"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

RUNS = 1e-11
"""A scaled flow above this counts as running."""


def steady_state(state: State, worst_status: int) -> State:
    """Return a state as it is in the long run: what may be used is open at once, there is no stock.

    Nothing protects from a loss for ever, so hardening and faster recovery are left out.
    """
    return replace(
        state,
        switch_time=np.where(state.status <= worst_status, 0.0, np.inf),
        alternative_switch=np.where(state.alternative_status <= worst_status, 0.0, np.inf),
        stock_quantity=np.zeros_like(state.stock_quantity),
        loss_factor=np.ones_like(state.loss_factor),
        recovery_gain=np.zeros_like(state.recovery_gain),
    )


class SteadyBlock:
    """The steady flow of one block as a linear programme, for any set of stopped activities.

    Parameters
    ----------
    network : Network
    state : State
        Of `steady_state`.
    block : int
    gain : ndarray, shape (demands,)
        What serving one unit of each demand over the horizon adds to continuity.

    Attributes
    ----------
    activities : ndarray
        Activities of the block.
    """

    def __init__(self, network: Network, state: State, block: int, gain: Floats) -> None:
        flow = BlockFlow(network, block)
        self.activities = flow.activities
        sides = flow.sides(state, reach_of(network, state, None), starts=np.zeros(1))
        matrix = flow.matrix(1)
        self._cost = np.zeros(matrix.shape[1])
        served = flow.served_columns(1)[0]
        self._cost[served] = gain[flow.demands] * flow.serve_scale
        self._upper = sides.upper
        self._row_lower = np.append(sides.row_lower, -np.inf)
        self._row_upper = np.append(sides.row_upper, np.inf)
        self._effort = np.zeros(matrix.shape[1])
        self._effort[: len(self.activities)] = -1.0
        whole = sp.csc_matrix(sp.vstack([matrix, sp.csr_matrix(self._cost)]))
        self._model = ArrayLP(whole, self._cost, self._upper, self._row_lower, self._row_upper)
        self._model.solve()
        self._basis = self._model.basis
        self._known: dict[bytes, float] = {}

    def _bounds(self, stopped: npt.NDArray[np.bool_]) -> Floats:
        upper = self._upper.copy()
        upper[: len(self.activities)][stopped] = 0.0
        return upper

    def continuity(self, stopped: npt.NDArray[np.bool_]) -> float:
        """Return the most continuity with some activities of the block stopped, shape (activities of the block,)."""
        key = np.packbits(stopped).tobytes()
        if key not in self._known:
            self._model.set_cost(self._cost)
            self._model.set_bounds(self._bounds(stopped), self._row_lower, self._row_upper)
            self._known[key] = self._model.solve(self._basis)
        return self._known[key]

    def carriers(self, stopped: npt.NDArray[np.bool_], needed: float) -> Ints:
        """Return few activities that together reach a continuity, which is reachable, with some stopped."""
        if needed <= 0.0:
            return self.activities[:0]
        lower = self._row_lower.copy()
        lower[-1] = needed
        self._model.set_cost(self._effort)
        self._model.set_bounds(self._bounds(stopped), lower, self._row_upper)
        self._model.solve(self._basis)
        return self.activities[self._model.primal()[: len(self.activities)] > RUNS]
