"""Autonomy of a chain: what goes on when everything that is not own intellectual property is lost (3.3)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from optichain.effects import State
from optichain.network import Network
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.reach import Reach

__all__ = ["autonomy_intervals", "not_own", "without"]

Floats = npt.NDArray[np.float64]


def autonomy_intervals(network: Network, state: State, engine: ContinuityEngine) -> tuple[Floats, Floats]:
    """Return (low, high) autonomy of each chain, shape (chains,) each; NaN for a chain without demand.

    One end loses the sources with ``own_ip`` unknown as well, the other keeps them; low is the lesser. A chain
    that shares inputs can have more where another chain has nothing left to take. The losses last for the whole
    horizon, and no hardening or faster recovery acts on them.
    """
    foreign, unsure = (told & ~state.own for told in not_own(network))
    doubted = _continuity_without(network, state, engine, foreign | unsure)
    trusted = _continuity_without(network, state, engine, foreign)
    return np.fmin(doubted, trusted), np.fmax(doubted, trusted)


def not_own(network: Network) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return the sources that are said to be foreign, and those of which nothing is said, shape (activities,) each."""
    told = network.instance["sources"]["own_ip"].to_numpy(dtype=object)
    stated = np.full(network.n_activities, "lane", dtype=object)
    sources = ~network.is_lane
    stated[sources] = told[network.activity_row[sources]]
    unknown = np.array([value is None or value != value for value in stated.tolist()], dtype=bool)
    return stated == "no", unknown


def without(network: Network, state: State, lost: npt.NDArray[np.bool_]) -> Reach:
    """Return the loss of activities for the whole horizon, against which nothing protects."""
    activities = np.flatnonzero(lost)
    nothing = np.empty(0, dtype=np.int64)
    return Reach(
        activities,
        np.ones(len(activities)),
        np.full(len(activities), network.horizon),
        nothing,
        np.empty(0),
        np.empty(0),
        np.zeros(len(state.stock_site), dtype=bool),
    )


def _continuity_without(
    network: Network, state: State, engine: ContinuityEngine, lost: npt.NDArray[np.bool_]
) -> Floats:
    reach = without(network, state, lost)
    result = np.full(len(network.chains), np.nan)
    for number in network.blocks.tolist():
        block = engine.block(number)
        result[block.chains] = block.continuity(state, reach)
    return result
