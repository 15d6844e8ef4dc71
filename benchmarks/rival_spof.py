"""What a good engineer writes in a week: SPOFs tier by tier with scipy matrices, from the same arrays.

One sparse matrix of elements for each kind of node; a union is a product with an incidence matrix, an
intersection a product whose entries reach the number of options. No loops: it refuses networks with cycles.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from optichain.network import POTENTIAL, Network

__all__ = ["rival_spofs"]


def rival_spofs(network: Network) -> sp.csr_matrix:
    """Return the SPOFs of every demand, shape (demands, elements).

    Parameters
    ----------
    network : optichain.Network
        Compiled; acyclic.

    Raises
    ------
    ValueError
        The network has a cycle.
    """
    n_c, n_a, n_g = network.n_commodities, network.n_activities, len(network.requirement_activity)
    usable = (network.status < POTENTIAL) & (network.capacity > 0)
    option = (network.alternative_status < POTENTIAL) & usable[
        network.requirement_activity[network.alternative_requirement]
    ]
    use = _matrix(network.alternative_requirement[option], network.alternative_commodity[option], (n_g, n_c))
    need = _matrix(network.requirement_activity, np.arange(n_g), (n_a, n_g))
    make = _matrix(network.output[usable], np.flatnonzero(usable), (n_c, n_a))
    own = network.activity_elements.astype(np.int32)
    tier = _tiers(use, need, make)
    known = sp.csr_matrix((n_c, network.n_elements), dtype=np.int32)
    provided = np.zeros(n_c, dtype=bool)
    for depth in range(int(tier.max()) + 1):
        here = np.flatnonzero(tier == depth)
        activities = np.unique(make[here].indices)
        requirements = np.unique(need[activities].indices)
        options = use[requirements] @ sp.diags(provided.astype(np.int32), dtype=np.int32)
        options.eliminate_zeros()
        met = np.diff(options.indptr)
        forced = _reached(options @ known, met)
        wanted = need[activities][:, requirements]
        running = np.asarray(wanted @ (met == 0).astype(np.int32)).reshape(-1) == 0
        stopped = wanted @ forced + own[activities]
        stopped.data[:] = 1
        ways = make[here][:, activities] @ sp.diags(running.astype(np.int32), dtype=np.int32)
        ways.eliminate_zeros()
        several = np.diff(ways.indptr)
        sets = _reached(ways @ stopped, several)
        place = _matrix(here, np.arange(len(here)), (n_c, len(here)))
        known = known + place @ sets
        provided[here[several > 0]] = True
    return known[network.demand_commodity]


def _matrix(row: np.ndarray, column: np.ndarray, shape: tuple[int, int]) -> sp.csr_matrix:
    return sp.csr_matrix((np.ones(len(row), dtype=np.int32), (row, column)), shape=shape)


def _reached(counts: sp.csr_matrix, options: np.ndarray) -> sp.csr_matrix:
    """Keep the entries that equal the number of options of their row, as ones."""
    counts = counts.tocsr()
    counts.data = (counts.data == np.repeat(options, np.diff(counts.indptr))).astype(np.int32)
    counts.eliminate_zeros()
    return counts


def _tiers(use: sp.csr_matrix, need: sp.csr_matrix, make: sp.csr_matrix) -> np.ndarray:
    """Return the longest way to each commodity from what needs nothing."""
    inputs = (make @ need @ use).tocsr()
    inputs.data[:] = 1
    tier = np.zeros(inputs.shape[0], dtype=np.int64)
    for _ in range(inputs.shape[0]):
        longest = np.zeros_like(tier)
        rows = np.repeat(np.arange(inputs.shape[0]), np.diff(inputs.indptr))
        np.maximum.at(longest, rows, tier[inputs.indices] + 1)
        if np.array_equal(longest, tier):
            return tier
        tier = longest
    raise ValueError("the network has a cycle")
