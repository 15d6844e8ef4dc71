"""How much of each thing its users can take at most: what bounds useful flow, and tells plenty from scarcity."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
import scipy.sparse.linalg as spla

from optichain.network import Network

__all__ = ["largest_use", "most_needed", "without_end"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def largest_use(network: Network, thing: Ints, size: int, *, lanes: bool) -> sp.csr_matrix:
    """Return, for each thing made and each thing used, the most of the latter in one unit, over all activities.

    Parameters
    ----------
    network : Network
    thing : ndarray, shape (commodities,)
        Number of the thing that each commodity is: its item, or itself.
    size : int
        Number of things.
    lanes : bool
        Whether lanes count as activities.

    Returns
    -------
    csr_matrix, shape (made, used)
    """
    users = network.requirement_activity[network.alternative_requirement]
    counted = np.ones(len(users), dtype=bool) if lanes else ~network.is_lane[users]
    activity = users[counted]
    used = thing[network.alternative_commodity[counted]]
    quantity = network.alternative_quantity[counted]
    each = sp.coo_matrix((quantity, (activity, used)), shape=(network.n_activities, size)).tocsr().tocoo()
    made = thing[network.output[each.row]]
    keys, place = np.unique(made * size + each.col, return_inverse=True)
    most = np.zeros(len(keys))
    np.maximum.at(most, place, each.data)
    return sp.csr_matrix((most, (keys // size, keys % size)), shape=(size, size))


def most_needed(use: sp.csr_matrix, wanted: Floats, endless: Bools) -> Floats:
    """Return what is wanted of each thing and what all its users need to make what is needed of theirs.

    Parameters
    ----------
    use : csr_matrix, shape (made, used)
        As of `largest_use`.
    wanted : ndarray, shape (things,)
    endless : ndarray of bool, shape (things,)
        Things that consume themselves without limit: they and all that they use need no end.
    """
    size = len(wanted)
    _, part = sp.csgraph.connected_components(use, directed=True, connection="strong")
    edges = use.tocoo()
    kept = ~(endless[edges.row] & endless[edges.col] & (part[edges.row] == part[edges.col]))
    used = sp.csc_matrix((edges.data[kept], (edges.col[kept], edges.row[kept])), shape=(size, size))
    need = np.asarray(spla.spsolve(sp.identity(size, format="csc") - used, wanted), dtype=float).reshape(-1)
    return without_end(use, np.maximum(need, 0.0), endless)


def without_end(use: sp.csr_matrix, need: Floats, drawn: Bools) -> Floats:
    """Return what is needed of each thing when some are drawn without limit, and so all that they use.

    Parameters
    ----------
    use : csr_matrix, shape (made, used)
        As of `largest_use`.
    need : ndarray, shape (things,)
        As of `most_needed`.
    drawn : ndarray of bool, shape (things,)
    """
    result, front = need.copy(), drawn & np.isfinite(need)
    while front.any():
        result[front] = np.inf
        following = np.asarray((use.T @ front.astype(float)) > 0.0).reshape(-1)
        front = following & np.isfinite(result)
    return result
