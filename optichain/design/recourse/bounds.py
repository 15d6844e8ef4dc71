"""How much of an item can be of any use: the proven bounds behind "closed or open" of unlimited things."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.effects import apply_measures
from optichain.network import Network
from optichain.risk.flows.usage import largest_use, most_needed

__all__ = ["useful_quantity"]

Floats = npt.NDArray[np.float64]


def useful_quantity(network: Network) -> Floats:
    """Return the most of each item that can be of use over the horizon, shape (items,), in units.

    Some optimal flow makes, moves and uses no more of an item than this: what is demanded, plus the most
    that its users can consume to make what is of use of their items. Lanes only move the item, and an
    optimal flow needs no round trips. Nor is more of use than the sources, with all measures, can make and
    the stocks hold. ``inf`` where neither says anything: a loop whose largest gain reaches 1, of items that
    all have an unlimited source.
    """
    size = len(network.items)
    wanted = np.zeros(size)
    np.add.at(wanted, network.commodity_item[network.demand_commodity], network.demand_rate * network.horizon)
    matrix = largest_use(network, network.commodity_item, size, lanes=False)
    _, part = sp.csgraph.connected_components(matrix, directed=True, connection="strong")
    bound = most_needed(matrix, wanted, _endless(matrix, part))
    return _tightened(bound, _makeable(network, size), matrix, wanted)


def _makeable(network: Network, size: int) -> Floats:
    """Return the most of each item that all sources and stocks can provide over the horizon."""
    most = network.instance["measures"]["max_units"].to_numpy(float)
    everything = apply_measures(network, most)
    sources = ~network.is_lane
    total = np.zeros(size)
    item = network.commodity_item[network.output[sources]]
    np.add.at(total, item, everything.capacity[sources] * network.horizon)
    np.add.at(total, network.commodity_item[everything.stock_commodity], everything.stock_quantity)
    return total


def _tightened(bound: Floats, makeable: Floats, matrix: sp.csr_matrix, wanted: Floats) -> Floats:
    """Let finite bounds of users bound what they use, until no more becomes finite."""
    bound = np.minimum(bound, makeable)
    while np.isinf(bound).any():
        endless = np.isinf(bound)
        finite = np.where(endless, 0.0, bound)
        fed = np.asarray(matrix.T @ endless.astype(float)).reshape(-1) > 0.0
        following = np.where(fed, np.inf, wanted + np.asarray(matrix.T @ finite).reshape(-1))
        better = np.minimum(bound, following)
        if np.array_equal(better, bound):
            break
        bound = better
    return bound


def _endless(matrix: sp.csr_matrix, part: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Return the items in strongly connected parts with spectral radius >= 1."""
    endless = np.zeros(matrix.shape[0], dtype=bool)
    endless[matrix.diagonal() >= 1.0] = True
    for number in np.flatnonzero(np.bincount(part) > 1):
        members = np.flatnonzero(part == number)
        radius = np.max(np.abs(np.linalg.eigvals(matrix[members][:, members].toarray())))
        endless[members] |= radius >= 1.0 - 1e-9
    return endless
