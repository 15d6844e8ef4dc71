"""A feasible start for a model of several phases: one phase after the other, each with the stock the last one left."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from optichain.effects import State
from optichain.risk.flows.family import Family
from optichain.risk.flows.flow import BlockFlow, Sides
from optichain.risk.flows.reach import Reach

__all__ = ["phase_by_phase"]

Floats = npt.NDArray[np.float64]


def phase_by_phase(
    single: Family, several: Family, flow: BlockFlow, state: State, reach: Reach, starts: Floats, end: float
) -> Any:
    """Return the basis that the optima of the phases, each for itself, make together.

    What a phase leaves over is the stock of the next, so the point is feasible; it lacks only what could be laid up on
    purpose. A surplus that is basic in its phase makes the stock after that phase basic: the whole stays a basis.

    Parameters
    ----------
    single, several : Family
        Of one phase, and of as many as there are `starts`.
    flow : BlockFlow
    state : State
    reach : Reach
    starts : ndarray, shape (phases,)
    end : float

    Returns
    -------
    HighsBasis
    """
    n_c = len(flow.commodities)
    status = single.model.statuses
    columns: list[Any] = []
    rows: list[Any] = []
    stocks: list[Any] = []
    ends = np.append(starts[1:], end)
    left: Floats | None = None
    for k, (start, stop) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        sides = flow.sides(state, reach, starts=np.array([start]), horizon=stop)
        if left is not None:
            sides.row_lower[:n_c] = -left
        single.optimum(Sides(sides.lengths, sides.upper, sides.row_lower, sides.row_upper))
        surplus = single.model.row_activity()[:n_c] - sides.row_lower[:n_c]
        left = np.maximum(surplus, 0.0)
        basis = single.model.basis
        columns += basis.col_status
        mine = list(basis.row_status)
        if k + 1 < len(starts):
            kept = [s == status.kBasic for s in mine[:n_c]]
            stocks += [status.kBasic if b else status.kLower for b in kept]
            mine[:n_c] = [status.kLower] * n_c
        rows += mine
    return several.model.joined_basis(columns + stocks, rows)
