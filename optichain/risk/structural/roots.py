"""The fact behind an element: elements that stop the same usable activities are one fact."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.network import ELEMENT_KINDS, Network

__all__ = ["root_elements", "root_names"]

Ints = npt.NDArray[np.int64]


def root_elements(network: Network, usable: npt.NDArray[np.bool_]) -> Ints:
    """Return for each element the first one that stops the same usable activities, shape (elements,).

    Parameters
    ----------
    network : Network
    usable : ndarray of bool, shape (activities,)

    Notes
    -----
    Elements are compared by the sum of a random number for each activity that they stop, and those that
    agree are then compared activity by activity: the answer is exact.
    """
    columns = network.elements_of_activities
    counted = usable[columns.indices]
    numbers = np.where(counted, _numbers(network.n_activities)[columns.indices], np.uint64(0))
    running = np.concatenate([[np.uint64(0)], np.cumsum(numbers, dtype=np.uint64)])
    mark = running[columns.indptr[1:]] - running[columns.indptr[:-1]]
    group, marks = pd.factorize(mark)
    first = np.empty(len(marks), dtype=np.int64)
    first[group[::-1]] = np.arange(len(group))[::-1]
    root = np.asarray(first[group], dtype=np.int64)
    size = np.diff(np.concatenate([[0], np.cumsum(counted)])[columns.indptr])
    stopped = columns.indices[counted].astype(np.int64)
    start = np.concatenate([[0], np.cumsum(size)])[:-1]
    others = np.flatnonzero(root != np.arange(len(root)))
    same_size = size[others] == size[root[others]]
    checked = others[same_size]
    inside = np.arange(int(size[checked].sum())) - np.repeat(
        np.cumsum(size[checked]) - size[checked], size[checked]
    )
    differs = (
        stopped[np.repeat(start[checked], size[checked]) + inside]
        != stopped[np.repeat(start[root[checked]], size[checked]) + inside]
    )
    wrong = np.unique(np.repeat(checked, size[checked])[differs])
    for e in np.union1d(wrong, others[~same_size]).tolist():
        root[e] = _first_equal(e, stopped, start, size, np.flatnonzero(group == group[e]))
    return root


def root_names(network: Network, roots: Ints) -> npt.NDArray[np.object_]:
    """Return ``kind:name`` of some elements."""
    unique, where = np.unique(roots, return_inverse=True)
    kinds, names = network.element_kind[unique].tolist(), network.element_name[unique].tolist()
    texts = np.empty(len(unique), dtype=object)
    texts[:] = [f"{ELEMENT_KINDS[k]}:{name}" for k, name in zip(kinds, names, strict=True)]
    return texts[where]


def _numbers(count: int) -> npt.NDArray[np.uint64]:
    return np.random.default_rng(20260101).integers(1, 2**63, count, dtype=np.uint64)


def _first_equal(element: int, stopped: Ints, start: Ints, size: Ints, candidates: Ints) -> int:
    """Return the first of some elements that stops exactly what an element stops."""
    mine = stopped[start[element] : start[element] + size[element]]
    return next(
        int(c) for c in candidates.tolist() if np.array_equal(stopped[start[c] : start[c] + size[c]], mine)
    )
