"""One model for all events of a block with the same number of phases, each solved from the same basis (3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from optichain.effects import State
from optichain.risk.flows.flow import BlockFlow, Sides
from optichain.risk.flows.highs import ArrayLP
from optichain.risk.flows.reach import Reach

__all__ = ["FEW", "Family", "Prices"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

FLOW_COST = 1e-6
"""Cost of a scaled unit of flow or stock, relative to the dearest unit served, while the way to the optimum is found.

Without it most bases on the way are degenerate. It is taken away before the end, so no answer contains it.
"""

NOW = 0.999
"""Part of its price that stock left over has on the way to the optimum: what can as well be served now is."""

FEW = 4
"""Phases up to which a model is solved from a basis; with more, reducing it from scratch is quicker by far."""


@dataclass(frozen=True, eq=False)
class Prices:
    """What one more unit of each bound would be worth at an optimum.

    Attributes
    ----------
    column, row : ndarray, shape (columns,), (rows,)
        Gain of the objective (largest coefficient 1) for a unit of a column's or a row's upper bound; 0 or more.
    """

    column: Floats
    row: Floats


class Family:
    """The linear programmes of a block with a number of phases.

    Parameters
    ----------
    flow : BlockFlow
    phases : int
    worth : ndarray, shape (demands of the block,)
        Value of a scaled unit served.
    state : State
        Its undisturbed optimum is where every event starts from, so that answers do not depend on their order.
    nothing : Reach
        The reach of no event.

    Attributes
    ----------
    model : ArrayLP
    cost : ndarray, shape (columns,)
        The objective, divided by `unit` so that its largest coefficient is 1.
    served : ndarray, shape (phases, demands)
        Columns of what is served.
    """

    def __init__(self, flow: BlockFlow, phases: int, worth: Floats, state: State, nothing: Reach) -> None:
        matrix = self._matrix = flow.matrix(phases)
        self._phase_rows = flow.n_phase_rows
        self.served = flow.served_columns(phases)
        self.unit = float(worth.max(initial=0.0)) or 1.0
        self.cost = np.zeros(matrix.shape[1])
        self.cost[self.served] = (worth / self.unit)[None, :]
        self._guide = self.cost - _flow_costs(flow, phases, matrix.shape[1])
        starts = np.linspace(0.0, flow.network.horizon, phases, endpoint=False)
        sides = flow.sides(state, nothing, starts=starts)
        self.model = ArrayLP(matrix, self._guide, sides.upper, sides.row_lower, sides.row_upper)
        self._undisturbed = sides

    @cached_property
    def basis(self) -> Any:
        """The basis of the undisturbed optimum."""
        sides = self._undisturbed
        self.model.set_cost(self._guide)
        self.model.set_bounds(sides.upper, sides.row_lower, sides.row_upper)
        self.model.solve()
        return self.model.basis

    def optimum(self, sides: Sides, *, feasible: Any = None, left_over: Floats | None = None) -> Floats:
        """Solve with given bounds; return the values of the columns, and leave the true costs in the model.

        Parameters
        ----------
        sides : Sides
        feasible : HighsBasis, optional
            Of a feasible point, to start from instead of the undisturbed optimum. More than `FEW` phases without one are
            solved from scratch: their models shrink to a fraction beforehand.
        left_over : ndarray, shape (commodities,), optional
            Value of a scaled unit of stock at the end, in the unit of `cost`; none by default.
        """
        extra = np.zeros(1) if left_over is None else self._of_left_over(left_over)
        if feasible is None and len(self.served) > FEW:
            self.model.set_cost(self.cost + extra)
            self.model.set_bounds(sides.upper, sides.row_lower, sides.row_upper)
            self.model.solve_reduced()
        elif feasible is None:
            start = self.basis
            self.model.set_cost(self._guide + NOW * extra)
            self.model.set_bounds(sides.upper, sides.row_lower, sides.row_upper)
            self.model.solve(start)
            self.model.set_cost(self.cost + extra)
        else:
            self.model.set_cost(self.cost + extra)
            self.model.set_bounds(sides.upper, sides.row_lower, sides.row_upper)
            self.model.start_from(feasible)
        self.model.improve()
        return self.model.primal()

    def _of_left_over(self, value: Floats) -> Floats:
        """Return what each column adds to the value of the stock at the end, but for the stock at the beginning."""
        rows = np.zeros(self._matrix.shape[0])
        last = len(rows) - self._phase_rows
        rows[last : last + len(value)] = value
        return np.asarray(self._matrix.T @ rows, dtype=float)

    def prices(self) -> Prices:
        """Return the prices of the last optimum."""
        column, row = self.model.duals()
        return Prices(np.maximum(column, 0.0), np.maximum(row, 0.0))


def _flow_costs(flow: BlockFlow, phases: int, columns: int) -> Floats:
    """Return a small cost of every flow, a little larger later, and of stock: early, direct and little is preferred."""
    cost = np.zeros(columns)
    flows = len(flow.activities) + len(flow.mixed)
    for phase in range(phases):
        first = phase * flow.n_phase_columns
        cost[first : first + flows] = FLOW_COST * (1.0 + 0.1 * phase)
    cost[phases * flow.n_phase_columns :] = FLOW_COST
    return cost
