"""Many phases, solved one after the other: exact where what stock is worth later can be proven (3.3).

Phases are tied by stock alone. Going back from the end, the prices of each phase say what a unit of stock would be worth
at its beginning; a phase, with what it leaves over valued at the prices of the next, bounds what it can add from above,
and so the sum bounds the whole (a Lagrangian bound: stock that is left and stock that is found are paid for alike).
Going forward with the same values and the stock that is really there gives a flow that is possible. Where the two meet,
the flow is optimal, at the cost of two small models a phase instead of one large model.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from optichain.effects import State
from optichain.risk.family import Family
from optichain.risk.flow import BlockFlow
from optichain.risk.reach import Reach

__all__ = ["stage_by_stage"]

Floats = npt.NDArray[np.float64]


def stage_by_stage(
    single: Family,
    flow: BlockFlow,
    state: State,
    reach: Reach,
    starts: Floats,
    end: float,
    *,
    left_over: Floats | None = None,
    tolerance: float,
) -> tuple[Floats, Floats] | None:
    """Solve phases one after the other; return ``None`` where that is not proven to be the optimum.

    Parameters
    ----------
    single : Family
        Of one phase.
    flow : BlockFlow
    state : State
    reach : Reach
    starts : ndarray, shape (phases,)
    end : float
        End of the last phase.
    left_over : ndarray, shape (commodities,), optional
        Value of a scaled unit of stock at the end, in the unit of the family's cost; none by default.
    tolerance : float
        How far bound and flow may be apart, in the unit of the family's cost.

    Returns
    -------
    served : ndarray, shape (phases, demands)
        Scaled.
    stock : ndarray, shape (commodities,)
        What is left over at the end, scaled.
    """
    n_c = len(flow.commodities)
    spans = list(zip(starts.tolist(), np.append(starts[1:], end).tolist(), strict=True))
    worth = [np.zeros(n_c)] * len(spans) + [np.zeros(n_c) if left_over is None else left_over]
    bound = 0.0
    for k in range(len(spans) - 1, -1, -1):
        stock = flow.stock(state, reach) if k == 0 else np.zeros(n_c)
        value, _, _ = _phase(single, flow, state, reach, spans[k], stock, worth[k + 1])
        bound += value
        # what is found can be left as well: its price stands on top of what it is worth afterwards
        worth[k] = worth[k + 1] + np.maximum(-single.model.duals()[1][:n_c], 0.0)
    reached, stock, served = 0.0, flow.stock(state, reach), []
    for k, span in enumerate(spans):
        _, mine, stock = _phase(single, flow, state, reach, span, stock, worth[k + 1])
        reached += float(single.cost[single.served[0]] @ mine)
        served.append(mine)
    reached += float(worth[-1] @ stock)
    return (np.array(served), stock) if bound - reached <= tolerance else None


def _phase(
    single: Family,
    flow: BlockFlow,
    state: State,
    reach: Reach,
    span: tuple[float, float],
    stock: Floats,
    worth: Floats,
) -> tuple[float, Floats, Floats]:
    """Solve one phase; return its value with what it leaves over, what is served, and the stock that is left."""
    sides = flow.sides(state, reach, starts=np.array([span[0]]), horizon=span[1])
    sides.row_lower[: len(stock)] = -stock
    values = single.optimum(sides, left_over=worth)
    left = np.maximum(single.model.row_activity()[: len(stock)] + stock, 0.0)
    return float(single.cost @ values + worth @ left), values[single.served[0]], left
