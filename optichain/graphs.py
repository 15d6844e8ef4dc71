"""Directed graphs as arrays: neighbours by row, levels from what needs nothing, strongly connected parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

__all__ = ["Relation", "Ragged", "grouped", "levels", "strong_parts"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Relation:
    """Pairs of numbers, ordered by the first.

    Attributes
    ----------
    pointer : ndarray, shape (rows + 1,)
    columns : ndarray, shape (pairs,)
        ``columns[pointer[i] : pointer[i + 1]]`` belong to row i, in the order they were given.
    """

    pointer: Ints
    columns: Ints

    @classmethod
    def of(cls, row: Ints, column: Ints, rows: int) -> Relation:
        """Order pairs by row."""
        place = sp.csr_matrix(
            (np.ones(len(row), dtype=bool), (row, np.arange(len(row)))), shape=(rows, max(len(row), 1))
        )
        return cls(place.indptr.astype(np.int64), column[place.indices])

    @property
    def counts(self) -> Ints:
        """Number of pairs of each row."""
        return np.diff(self.pointer)

    def gather(self, rows: Ints) -> tuple[Ints, Ints]:
        """Return (position in `rows`, column) of every pair of some rows, row after row."""
        return _gather(self.pointer[rows], self.pointer[rows + 1] - self.pointer[rows], self.columns)


class Ragged:
    """Sets of numbers by row, kept in one flat array that grows; each is written once.

    Parameters
    ----------
    rows : int
    """

    def __init__(self, rows: int) -> None:
        self.start = np.zeros(rows, dtype=np.int64)
        self.count = np.zeros(rows, dtype=np.int64)
        self._flat = np.empty(1024, dtype=np.int64)
        self._used = 0

    def put(self, rows: Ints, counts: Ints, values: Ints) -> None:
        """Store the sets of some rows, whose values follow one another."""
        need = self._used + len(values)
        if need > len(self._flat):
            grown = np.empty(max(need, 2 * len(self._flat)), dtype=np.int64)
            grown[: self._used] = self._flat[: self._used]
            self._flat = grown
        self._flat[self._used : need] = values
        self.start[rows] = self._used + np.cumsum(counts) - counts
        self.count[rows] = counts
        self._used = need

    def gather(self, rows: Ints) -> tuple[Ints, Ints]:
        """Return (position in `rows`, member) of every member of the sets of some rows."""
        return _gather(self.start[rows], self.count[rows], self._flat)

    def of(self, row: int) -> Ints:
        """Return the set of one row."""
        return self._flat[self.start[row] : self.start[row] + self.count[row]]


def _gather(start: Ints, counts: Ints, flat: Ints) -> tuple[Ints, Ints]:
    position = np.repeat(np.arange(len(counts)), counts)
    skipped = start - (np.cumsum(counts) - counts)
    return position, flat[np.repeat(skipped, counts) + np.arange(len(position))]


def levels(source: Ints, target: Ints, nodes: int) -> Ints:
    """Return the length of the longest path into each node, -1 for what lies on a cycle or behind one.

    Parameters
    ----------
    source, target : ndarray, shape (edges,)
    nodes : int
    """
    level = np.full(nodes, -1, dtype=np.int64)
    waiting = np.bincount(target, minlength=nodes)
    out = Relation.of(source, target, nodes)
    ready = np.flatnonzero(waiting == 0)
    depth = 0
    while len(ready):
        level[ready] = depth
        _, reached = out.gather(ready)
        np.subtract.at(waiting, reached, 1)
        ready = np.unique(reached[waiting[reached] == 0])
        depth += 1
    return level


def strong_parts(source: Ints, target: Ints, nodes: int) -> tuple[Ints, Ints]:
    """Return the strongly connected part of each node, and the level of each part (`levels`).

    Parameters
    ----------
    source, target : ndarray, shape (edges,)
    nodes : int

    Returns
    -------
    part : ndarray, shape (nodes,)
    level : ndarray, shape (parts,)
        From 0; an edge between parts leads to a higher level.
    """
    edges = sp.csr_matrix((np.ones(len(source), dtype=np.int8), (source, target)), shape=(nodes, nodes))
    count, label = sp.csgraph.connected_components(edges, directed=True, connection="strong")
    part = np.asarray(label, dtype=np.int64)
    across = part[source] != part[target]
    return part, levels(part[source[across]], part[target[across]], int(count))


def grouped(members: Ints, label: npt.NDArray[np.integer]) -> list[Ints]:
    """Split members by label, labels ascending."""
    order = members[np.argsort(label[members], kind="stable")]
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    return [group for group in np.split(order, cuts) if len(group)]
