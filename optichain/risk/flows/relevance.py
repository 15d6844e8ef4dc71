"""What of an event matters to a block, and from which moment on it is over (3.3)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.effects import State
from optichain.risk.flows.flow import BlockFlow
from optichain.risk.flows.reach import Reach

__all__ = ["Steady", "Worth", "over_from", "relevant", "rhs_key", "useful_activities"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SPARE = 1e-12
"""Share by which a steady flow may exceed what is left of a capacity: rounding."""


@dataclass(frozen=True, eq=False)
class Worth:
    """A bound on what can be served in a time: its share of the horizon x `value`, and `price` x the stock it begins with.

    Attributes
    ----------
    value : float
        Weighted, as a share of what the horizon demands.
    price : ndarray, shape (commodities of the block,)
        For a scaled unit; 0 or more.
    """

    value: float
    price: Floats


@dataclass(frozen=True, eq=False)
class Steady:
    """A flow that a block can keep up for ever without stock and without waiting for anything to open.

    Attributes
    ----------
    output : ndarray, shape (activities of the block,)
        Units per time unit, scaled as in `BlockFlow`.
    used : ndarray, shape (mixed alternatives,)
    work : ndarray, shape (sites of the block,)
        Load per time unit, scaled.
    served : ndarray, shape (demands of the block,)
        Units per time unit, scaled.
    full : bool
        It serves all demand.
    worths : tuple of Worth
        Bounds on what any time without an event is worth.
    """

    output: Floats
    used: Floats
    work: Floats
    served: Floats
    full: bool
    worths: tuple[Worth, ...]


def useful_activities(flow: BlockFlow) -> Bools:
    """Return which activities of a block lead to a demand: no optimum needs the others."""
    network = flow.network
    users = network.requirement_activity[network.alternative_requirement]
    shape = (network.n_commodities, network.n_commodities)
    leads: sp.csr_matrix = sp.csr_matrix(
        (np.ones(len(users)), (network.output[users], network.alternative_commodity)), shape=shape
    )
    wanted = np.zeros(network.n_commodities, dtype=bool)
    wanted[network.demand_commodity[flow.demands]] = True
    fresh = wanted
    while fresh.any():
        reached = np.asarray(leads.T @ fresh.astype(float)) > 0.0
        fresh = reached & ~wanted
        wanted |= fresh
    return np.asarray(wanted[network.output[flow.activities]], dtype=bool)


def relevant(flow: BlockFlow, state: State, reach: Reach, useful: Bools) -> Reach:
    """Return what of a reach can matter to a block, each hit once, in a fixed order.

    Left out: other blocks; activities that lead to no demand, have no capacity, or open only after the hit is over;
    losses below 1 of what is unlimited; hits that a larger and longer one covers is not looked for.
    """
    place = flow.place_of_activity(reach.activity)
    limit = state.capacity[reach.activity]
    kept = (place >= 0) & (limit > 0.0)
    kept[kept] &= useful[place[kept]]
    kept &= np.isfinite(limit) | (reach.activity_loss >= 1.0)
    kept &= state.switch_time[reach.activity] < reach.activity_duration
    activity, loss, duration = _once(
        reach.activity[kept], reach.activity_loss[kept], reach.activity_duration[kept]
    )
    at = flow.place_of_site(reach.site) >= 0
    site, site_loss, site_duration = _once(reach.site[at], reach.site_loss[at], reach.site_duration[at])
    lost = reach.stock_lost & (state.stock_quantity > 0.0) & flow.holds(state.stock_commodity)
    return replace(
        reach,
        activity=activity,
        activity_loss=loss,
        activity_duration=duration,
        site=site,
        site_loss=site_loss,
        site_duration=site_duration,
        stock_lost=lost,
    )


def _once(where: Ints, loss: Floats, duration: Floats) -> tuple[Ints, Floats, Floats]:
    """Sort hits, and keep one of those that are the same."""
    order = np.lexsort((duration, loss, where))
    where, loss, duration = where[order], loss[order], duration[order]
    if len(where) > 1:
        same = (where[1:] == where[:-1]) & (loss[1:] == loss[:-1]) & (duration[1:] == duration[:-1])
        fresh = np.concatenate([[True], ~same])
        where, loss, duration = where[fresh], loss[fresh], duration[fresh]
    return where, loss, duration


def rhs_key(flow: BlockFlow, state: State, reach: Reach) -> bytes:
    """Return what tells the right-hand sides of relevant reaches apart, given the state of the block."""
    stock = flow.stock(state, reach) if reach.stock_lost.any() else np.empty(0)
    parts = (
        reach.activity,
        reach.activity_loss,
        reach.activity_duration,
        reach.site,
        reach.site_loss,
        reach.site_duration,
        stock,
    )
    return b"|".join(part.tobytes() for part in parts)


def over_from(flow: BlockFlow, state: State, reach: Reach, steady: Steady) -> float:
    """Return the moment from which a steady flow is possible although the event happened."""
    last = 0.0
    for where, loss, duration, limit, used in (
        (
            flow.place_of_activity(reach.activity),
            reach.activity_loss,
            reach.activity_duration,
            state.capacity[flow.activities] / flow.out_scale,
            steady.output,
        ),
        (
            flow.place_of_site(reach.site),
            reach.site_loss,
            reach.site_duration,
            state.site_capacity[flow.sites] / flow.site_scale,
            steady.work,
        ),
    ):
        if not len(where):
            continue
        left = np.where(loss >= 1.0, 0.0, limit[where] * np.maximum(1.0 - loss, 1e-300))
        short = used[where] > left * (1.0 + SPARE) + SPARE * 1e-3
        last = max(last, float(duration[short].max(initial=0.0)))
    return last
