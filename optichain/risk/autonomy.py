"""Autonomy of a chain: what goes on when everything that is not own intellectual property is lost (3.3)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from optichain.effects import State
from optichain.network import Network
from optichain.risk.continuity import ContinuityEngine
from optichain.risk.reach import Reach

__all__ = ["autonomy_intervals"]

Floats = npt.NDArray[np.float64]


def autonomy_intervals(network: Network, state: State, engine: ContinuityEngine) -> tuple[Floats, Floats]:
    """Return (low, high) autonomy of each chain, shape (chains,) each; NaN for a chain without demand.

    Low loses the sources with ``own_ip`` unknown as well, high keeps them. The losses last for the whole
    horizon, and no hardening or faster recovery acts on them.
    """
    told = network.instance["sources"]["own_ip"].to_numpy(dtype=object)
    stated = np.full(network.n_activities, "lane", dtype=object)
    sources = ~network.is_lane
    stated[sources] = told[network.activity_row[sources]]
    unknown = np.array([value is None or value != value for value in stated.tolist()], dtype=bool)
    foreign = (stated == "no") & ~state.own
    unsure = unknown & ~state.own
    return _continuity_without(network, state, engine, foreign | unsure), _continuity_without(
        network, state, engine, foreign
    )


def _continuity_without(
    network: Network, state: State, engine: ContinuityEngine, lost: npt.NDArray[np.bool_]
) -> Floats:
    activities = np.flatnonzero(lost)
    nothing = np.empty(0, dtype=np.int64)
    reach = Reach(
        activities,
        np.ones(len(activities)),
        np.full(len(activities), network.horizon),
        nothing,
        np.empty(0),
        np.empty(0),
        np.zeros(len(state.stock_site), dtype=bool),
    )
    result = np.full(len(network.chains), np.nan)
    for number in network.blocks.tolist():
        block = engine.block(number)
        result[block.chains] = block.continuity(state, reach)
    return result
