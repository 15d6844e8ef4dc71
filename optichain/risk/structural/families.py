"""Families of sets of elements, truncated at an order, of many owners at once.

A family holds the minimal sets whose failure stops its owner. Where every input is needed the families of
the inputs are joined; where any one of several options will do, their *product* is taken, the unions of one
set of each. Both are truncated at an order, which is exact: no set of at most k elements comes from a larger
one. The work is done on arrays, for all owners of a batch at once.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = [
    "Batch",
    "Budget",
    "FamilyStore",
    "OutOfBudget",
    "empty",
    "joined",
    "minimal",
    "product",
    "singles",
]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SMALL = 2_000
SCRAMBLE = np.uint64(0x9E3779B97F4A7C15)

Batch: TypeAlias = list[tuple[Ints, Ints]]
"""Families of several owners: for each size s from 1, (owner, shape (n,); members, shape (n, s), ascending)."""


class OutOfBudget(Exception):  # noqa: N818 - no error: the search stops here with what it has
    """The limit on time or on the number of sets is reached."""


@dataclass
class Budget:
    """What a search may take.

    Attributes
    ----------
    seconds : float
        Wall-clock time.
    sets : int
        Sets held at once, those of intermediate nodes included.
    stop : threading.Event, optional
        Ends the search when set.
    """

    seconds: float = float("inf")
    sets: int = 20_000_000
    stop: threading.Event | None = None
    _start: float = field(default_factory=time.monotonic)

    def check(self, sets: int = 0) -> None:
        """Raise `OutOfBudget` where the time is up, ``sets`` are too many, or somebody asks to stop."""
        asked = self.stop is not None and self.stop.is_set()
        if asked or sets > self.sets or time.monotonic() - self._start > self.seconds:
            raise OutOfBudget


def empty(order: int) -> Batch:
    """Return families without any set."""
    return [(np.empty(0, dtype=np.int64), np.empty((0, s), dtype=np.int64)) for s in range(1, order + 1)]


def singles(owner: Ints, element: Ints, order: int) -> Batch:
    """Return families of sets of one element."""
    batch = empty(order)
    if len(owner):
        batch[0] = (owner, element[:, None])
    return batch


def joined(batches: Sequence[Batch]) -> Batch:
    """Put the sets of several batches together; `minimal` makes families of them."""
    return [
        (np.concatenate([b[s][0] for b in batches]), np.concatenate([b[s][1] for b in batches]))
        for s in range(len(batches[0]))
    ]


def minimal(batch: Batch) -> Batch:
    """Return each family without duplicates and without sets that contain another, sorted by owner and members."""
    coder = _Coder(batch)
    if coder.middle is not None:
        return joined([minimal(half) for half in _halves(batch, coder.middle)])
    result: Batch = []
    kept: list[Ints] = []
    for size, given in enumerate(batch, start=1):
        code = _distinct(coder.code(*given))
        for smaller, known in enumerate(kept, start=1):
            for columns in itertools.combinations(range(size), smaller):
                if len(known) and len(code):
                    owner, members = coder.decode(code, size)
                    code = code[~_member(coder.code(owner, members[:, columns]), known)]
        kept.append(code)
        result.append(coder.decode(code, size))
    return result


def _distinct(code: Ints) -> Ints:
    """Return codes ascending, each once."""
    code = np.sort(code)
    return code[np.concatenate([[True], code[1:] != code[:-1]])] if len(code) else code


def product(one: Batch, other: Batch, budget: Budget) -> Batch:
    """Return the families of what fails only when both fail: the minimal unions of one set of each, truncated.

    Raises
    ------
    OutOfBudget
        There are more unions than may be held.
    """
    order = len(one)
    coder = _Coder(one, other)
    if coder.middle is not None:
        halves = zip(_halves(one, coder.middle), _halves(other, coder.middle), strict=True)
        return joined([product(a, b, budget) for a, b in halves])
    one, other, common = _without_common(coder, one, other)
    parts: list[list[tuple[Ints, Ints]]] = [[] for _ in range(order)]
    parts[0].append(common)
    for s in range(1, order + 1):
        for t in range(1, order + 1):
            if not (len(one[s - 1][0]) and len(other[t - 1][0])):
                continue
            shared = max(0, s + t - order)
            if shared > min(s, t):
                continue
            owner, members = _unions(coder, one[s - 1], other[t - 1], shared, budget)
            for size, piece in _by_size(owner, members, order):
                parts[size - 1].append(piece)
    nothing = empty(order)
    return minimal(
        [
            (np.concatenate([p[0] for p in pieces]), np.concatenate([p[1] for p in pieces]))
            if pieces
            else nothing[s]
            for s, pieces in enumerate(parts)
        ]
    )


def _without_common(coder: _Coder, one: Batch, other: Batch) -> tuple[Batch, Batch, tuple[Ints, Ints]]:
    """Take out the elements that stop both alone, and every set that contains one: it is not minimal."""
    mine, theirs = coder.code(*one[0]), coder.code(*other[0])
    both = _member(mine, _distinct(theirs))
    common = (one[0][0][both], one[0][1][both])
    if not both.any():
        return one, other, common
    known = np.sort(mine[both])

    def rest(batch: Batch) -> Batch:
        kept: Batch = []
        for owner, members in batch:
            keep = np.ones(len(owner), dtype=bool)
            for column in range(members.shape[1]):
                keep &= ~_member(coder.code(owner, members[:, column : column + 1]), known)
            kept.append((owner[keep], members[keep]))
        return kept

    return rest(one), rest(other), common


def _unions(
    coder: _Coder, one: tuple[Ints, Ints], other: tuple[Ints, Ints], shared: int, budget: Budget
) -> tuple[Ints, Ints]:
    """Return every union of a set of one and a set of the other with the same owner and enough elements in common."""
    left, right = _subsets(coder, *one, shared), _subsets(coder, *other, shared)
    if shared:
        left = _those(left, _member(left[0], _distinct(right[0])))
        right = _those(right, _member(right[0], _distinct(left[0])))
    order = np.argsort(right[0], kind="stable")
    code, place = right[0][order], right[1][order]
    low, high = np.searchsorted(code, left[0], "left"), np.searchsorted(code, left[0], "right")
    counts = high - low
    budget.check(int(counts.sum()))
    first = np.repeat(left[1], counts)
    offset = np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts, counts)
    second = place[np.repeat(low, counts) + offset]
    members = np.concatenate([one[1][first], other[1][second]], axis=1)
    members.sort(axis=1)
    return one[0][first], members


def _those(pair: tuple[Ints, Ints], kept: Bools) -> tuple[Ints, Ints]:
    return pair[0][kept], pair[1][kept]


def _subsets(coder: _Coder, owner: Ints, members: Ints, size: int) -> tuple[Ints, Ints]:
    """Return (code of owner and subset, row) for every subset of a size of every set."""
    rows = np.arange(len(owner))
    choices = list(itertools.combinations(range(members.shape[1]), size))
    codes = [coder.code(owner, members[:, columns]) for columns in choices]
    return np.concatenate(codes), np.tile(rows, len(choices))


def _by_size(owner: Ints, members: Ints, order: int) -> list[tuple[int, tuple[Ints, Ints]]]:
    """Split sets with repeated members by their true size; those beyond the order are left out."""
    if not len(owner):
        return []
    again = np.zeros(members.shape, dtype=bool)
    again[:, 1:] = members[:, 1:] == members[:, :-1]
    sizes = members.shape[1] - again.sum(axis=1)
    pieces = []
    for size in range(1, min(order, members.shape[1]) + 1):
        mine = sizes == size
        if mine.any():
            rows = members[mine][~again[mine]].reshape(-1, size)
            pieces.append((size, (owner[mine], rows)))
    return pieces


def _member(query: Ints, known: Ints) -> Bools:
    """Tell which codes are among sorted ones.

    Most are not, and a small table of scrambled codes tells so for nearly all of these without a search.
    """
    result = np.zeros(len(query), dtype=bool)
    if not len(known) or not len(query):
        return result
    if query.dtype == object or len(query) < SMALL:
        asked = np.arange(len(query))
    else:
        bits = min(max(len(known).bit_length() + 3, 12), 22)
        table = np.zeros(1 << bits, dtype=bool)
        table[_scrambled(known, bits)] = True
        asked = np.flatnonzero(table[_scrambled(query, bits)])
    place = np.searchsorted(known, query[asked])
    place[place == len(known)] = 0
    result[asked] = known[place] == query[asked]
    return result


def _scrambled(code: Ints, bits: int) -> Ints:
    """Return numbers below 2**bits that look random (Fibonacci hashing)."""
    return ((code.view(np.uint64) * SCRAMBLE) >> np.uint64(64 - bits)).astype(np.int64)


class _Coder:
    """Codes (owner, members) as whole numbers, equal exactly where owner and members are equal.

    Where 63 bits are too few, members are numbered anew by what occurs; where that is too many still, the
    owners are better taken in two halves (`middle`), and for a single owner the codes are Python integers in
    an array of objects: slow, and exact.
    """

    def __init__(self, *batches: Batch) -> None:
        owners = [o for b in batches for o, _ in b if len(o)]
        members = [m for b in batches for _, m in b if len(m)]
        self._low = min((int(o.min()) for o in owners), default=0)
        self._high = max((int(o.max()) for o in owners), default=0)
        self._step = max((int(m.max()) for m in members), default=0) + 1
        self._number: Ints | None = None
        if self._too_many(len(batches[0])):
            occurs = np.zeros(self._step, dtype=bool)
            for m in members:
                occurs[m.ravel()] = True
            self._number = np.cumsum(occurs) - 1
            self._member = np.flatnonzero(occurs)
            self._step = len(self._member)
        self._wide = self._too_many(len(batches[0]))
        self.middle = (self._low + self._high + 1) // 2 if self._wide and self._high > self._low else None

    def _too_many(self, order: int) -> bool:
        codes: int = (self._high - self._low + 1) * self._step**order
        return codes >= 2**63

    def code(self, owner: Ints, members: Ints) -> Ints:
        """Return the codes of sets of one size."""
        result = owner - self._low
        if self._wide:
            result = result.astype(object)
        for column in range(members.shape[1]):
            part = members[:, column]
            result = result * self._step + (part if self._number is None else self._number[part])
        return result

    def decode(self, code: Ints, size: int) -> tuple[Ints, Ints]:
        """Return (owner, members) of codes of sets of one size."""
        members = np.empty((len(code), size), dtype=np.int64)
        for column in range(size - 1, -1, -1):
            rest = code // self._step
            number = (code - rest * self._step).astype(np.int64)
            members[:, column] = number if self._number is None else self._member[number]
            code = rest
        return code.astype(np.int64) + self._low, members


def _halves(batch: Batch, middle: int) -> tuple[Batch, Batch]:
    """Split a batch by owner."""
    low = [(o[o < middle], m[o < middle]) for o, m in batch]
    high = [(o[o >= middle], m[o >= middle]) for o, m in batch]
    return low, high


class FamilyStore:
    """Families by node, in flat arrays that grow.

    Parameters
    ----------
    nodes : int
    order : int
    budget : Budget
        Limits the sets that are held.
    """

    def __init__(self, nodes: int, order: int, budget: Budget) -> None:
        self.order = order
        self.budget = budget
        self._start = np.zeros((order, nodes), dtype=np.int64)
        self._count = np.zeros((order, nodes), dtype=np.int64)
        self._flat = [np.empty((1024, s), dtype=np.int32) for s in range(1, order + 1)]
        self._used = [0] * order

    def size(self, nodes: Ints) -> Ints:
        """Return how many sets each node has."""
        return np.asarray(self._count[:, nodes].sum(axis=0), dtype=np.int64)

    def put(self, nodes: Ints, batch: Batch) -> None:
        """Store the families of nodes; owners of the batch are positions in ``nodes``, ascending."""
        for s, (owner, members) in enumerate(batch):
            used = self._used[s]
            need = used + len(owner)
            if need > len(self._flat[s]):
                grown = np.empty((max(need, 2 * len(self._flat[s])), s + 1), dtype=np.int32)
                grown[:used] = self._flat[s][:used]
                self._flat[s] = grown
            self._flat[s][used:need] = members
            counts = np.bincount(owner, minlength=len(nodes))
            self._start[s, nodes] = used + np.cumsum(counts) - counts
            self._count[s, nodes] = counts
            self._used[s] = need
        self.budget.check(sum(self._used))

    def gather(self, nodes: Ints, owner: Ints) -> Batch:
        """Return the families of nodes as a batch, each under the owner given for it."""
        batch: Batch = []
        for s in range(self.order):
            counts = self._count[s, nodes]
            total = int(counts.sum())
            offset = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
            rows = np.repeat(self._start[s, nodes], counts) + offset
            batch.append((np.repeat(owner, counts), self._flat[s][rows].astype(np.int64)))
        self.budget.check()
        return batch
