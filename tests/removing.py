"""What cannot be done without, found by taking out one element after another."""

from __future__ import annotations

import numpy as np


def by_removal(network, graph, wanted):
    """Return (commodity, element) for every commodity of some that is no longer provided without the element."""
    calm, _, _ = graph.providable(graph.usable)
    wanted = np.unique(wanted[calm[wanted]])
    columns = network.elements_of_activities
    found = set()
    for e in range(network.n_elements):
        up = graph.usable.copy()
        up[columns.indices[columns.indptr[e] : columns.indptr[e + 1]]] = False
        if (up != graph.usable).any():
            left, _, _ = graph.providable(up)
            found |= {(c, e) for c in wanted[~left[wanted]].tolist()}
    return found
