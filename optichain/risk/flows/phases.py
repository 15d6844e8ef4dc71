"""The moments at which phases must begin for an event: those that have a price, no others (3.3, page on speed).

A model with few phases takes each capacity as it is when its phase begins. Capacities only grow after the event
has begun (hits end, what was closed opens), so such a model serves too little, if anything. Its prices, taken as
those of every part of a phase, bound what the moments that it leaves out could add: where that is nothing, the
model with few phases has the value of the one with all of them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from optichain.effects import State
from optichain.risk.flows.family import Prices
from optichain.risk.flows.flow import BlockFlow
from optichain.risk.flows.reach import Reach

__all__ = ["moments_that_matter"]

Floats = npt.NDArray[np.float64]

NEGLIGIBLE = 1e-10
"""What all moments left out may add together, as a share of what the horizon demands."""

MOST = 8.0
"""Scaled units over the horizon that an unlimited capacity is taken to add: several times all that is demanded."""


def moments_that_matter(
    flow: BlockFlow, state: State, reach: Reach, starts: Floats, end: float, prices: Prices, unit: float
) -> Floats:
    """Return the moments between the starts of phases at which something with a price grows.

    Parameters
    ----------
    flow : BlockFlow
    state : State
    reach : Reach
    starts : ndarray, shape (phases,)
    end : float
        End of the last phase.
    prices : Prices
        Of an optimum with these phases.
    unit : float
        Value of one unit of the objective that the prices belong to, as a share of what the horizon demands.

    Returns
    -------
    ndarray
        The dearest first; empty where the phases give the value of the finest ones, within `NEGLIGIBLE`.
    """
    moments = np.setdiff1d(flow.breakpoints(state, reach, horizon=end), starts)
    if not len(moments):
        return moments
    phase = np.searchsorted(starts, moments, side="right") - 1
    left = np.append(starts, end)[phase + 1] - moments
    horizon = flow.network.horizon
    columns = len(flow.activities) + len(flow.mixed)
    now, then = flow.rates(state, reach, starts), flow.rates(state, reach, moments)
    worth = np.zeros(len(moments))
    for place, (k, time) in enumerate(zip(phase.tolist(), left.tolist(), strict=True)):
        price = prices.column[k * flow.n_phase_columns :][:columns]
        row = prices.row[k * flow.n_phase_rows :][: flow.n_phase_rows][flow.n_phase_rows - len(flow.sites) :]
        for value, before, after in (
            (price, now[0][k], then[0][place]),
            (row, now[1][k], then[1][place]),
        ):
            grows = (value > 0.0) & (after > before)
            gain = np.minimum((after[grows] - before[grows]) * time, MOST * time / horizon)
            worth[place] += float(value[grows] @ gain) * unit
    order = np.argsort(worth, kind="stable")
    kept = np.cumsum(worth[order]) > NEGLIGIBLE
    return np.asarray(moments[order[kept]][::-1], dtype=float)
