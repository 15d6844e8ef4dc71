"""All choices that can still beat the best one known, batch by batch: a proof where a search tree makes no headway (3.5).

Choices are built group by group. Prices on the rules bound what the groups to come can add; what cannot beat the best
choice known is left out. Each batch has prices of its own, those of the relaxation at its middle, so that bounds become
sharper on the way. Every bound holds by weak duality, whatever prices the relaxation gave.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import linprog

__all__ = ["BestChoice", "best_of_all"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BATCH = 20_000
ROWS = 50_000
"""Beginnings that a batch may grow into at once: groups may have thousands of options."""
PRICING = 50
"""Beginnings that cost as much as an option in a relaxation."""
FEW = 50
"""Beginnings in a batch for which prices of their own take longer than they save."""
SLACK = 1e-9
"""Share of its largest use by which a rule may be missed: rounding."""


@dataclass(frozen=True, eq=False)
class BestChoice:
    """What a search among all choices ended with.

    Attributes
    ----------
    columns : ndarray of int, shape (groups,), or None
        A choice that gains more than was asked for; None where none was found.
    bound : float
        No choice gains more.
    work : int
        Beginnings of choices that were looked at, of every length, and what relaxations cost in that unit.
    proven : bool
        The search ended by itself.
    """

    columns: Ints | None
    bound: float
    work: int
    proven: bool


@dataclass(frozen=True, eq=False)
class _Batch:
    """Beginnings of choices: the first groups, in the order of the search, have their option."""

    depth: int
    picked: Ints
    gain: Floats
    use: Floats
    bound: Floats

    def where(self, some: Any) -> _Batch:
        """Return a part of the beginnings."""
        return _Batch(self.depth, self.picked[some], self.gain[some], self.use[some], self.bound[some])


def _joined(parts: Sequence[_Batch]) -> _Batch:
    """Return the beginnings of several batches of one depth."""
    if not parts:
        return _Batch(0, np.zeros((0, 0), np.int64), np.zeros(0), np.zeros((0, 0)), np.zeros(0))
    arrays = (
        np.concatenate([getattr(p, name) for p in parts]) for name in ("picked", "gain", "use", "bound")
    )
    return _Batch(parts[0].depth, *arrays)


@dataclass(frozen=True, eq=False)
class _Prices:
    """Prices of a unit of each rule's upper and lower side, and the most that the last groups are worth at them."""

    of_upper: Floats
    of_lower: Floats
    tail: Floats


def best_of_all(
    gains: Sequence[Floats],
    uses: Sequence[Floats],
    lower: Floats,
    upper: Floats,
    *,
    beat: float,
    most: int,
    ended: Callable[[], bool] = lambda: False,
) -> BestChoice:
    """Find the best choice of one option of each group that gains more than is known already.

    Parameters
    ----------
    gains : sequence of ndarray, shape (options of the group,)
    uses : sequence of ndarray, shape (options of the group, rules)
    lower, upper : ndarray, shape (rules,)
    beat : float
        What a choice must gain more than.
    most : int
        Work at most, counted as in `BestChoice`.
    ended : callable
        Tells whether to stop.
    """
    return _Search(gains, uses, lower, upper, beat).run(most, ended)


class _Search:
    def __init__(
        self, gains: Sequence[Floats], uses: Sequence[Floats], lower: Floats, upper: Floats, beat: float
    ) -> None:
        self.lower, self.upper = lower, upper
        largest = np.max([np.abs(u).max(axis=0, initial=0.0) for u in uses], axis=0, initial=0.0)
        self.slack = SLACK * np.where(largest > 0.0, largest, 1.0)
        self.least = beat
        self.work = 0
        self.best: Ints | None = None
        self.gains, self.uses = list(gains), list(uses)
        self.order = self._order()
        self.gains = [gains[g] for g in self.order]
        self.uses = [uses[g] for g in self.order]
        rules = len(lower)
        self.least_use = _tails([u.min(axis=0) for u in self.uses], rules)
        self.most_use = _tails([u.max(axis=0) for u in self.uses], rules)

    def _order(self) -> list[int]:
        """Return the groups, those first of which few options are near the best: so that batches grow late."""
        prices = self._prices(0, np.zeros(len(self.lower)))
        if prices is None:
            return list(range(len(self.gains)))
        spread = []
        for gain, use in zip(self.gains, self.uses, strict=True):
            worth = gain - use @ (prices.of_upper - prices.of_lower)
            spread.append(float(np.mean(worth.max() - worth)))
        return [int(g) for g in np.argsort(-np.array(spread), kind="stable")]

    def run(self, most: int, ended: Callable[[], bool]) -> BestChoice:
        rules = len(self.lower)
        nothing, zero = np.zeros((1, rules)), np.zeros(rules)
        prices = self._prices(0, zero) or self._priced(zero, zero)
        bound = self._bound(prices, 0, np.zeros(1), nothing)
        stack = [(_Batch(0, np.zeros((1, 0), np.int64), np.zeros(1), nothing, bound), prices)]
        while stack:
            if self.work > most or ended():
                left = max(float(batch.bound.max(initial=-np.inf)) for batch, _ in stack)
                return BestChoice(self.best, max(left, self.least), self.work, False)
            batch, prices = stack.pop()
            batch = batch.where(batch.bound > self.least)
            most_grown = max(ROWS // len(self.gains[batch.depth]), 1)
            if len(batch.gain) > most_grown:
                stack.append((batch.where(slice(None, -most_grown)), prices))
                batch = batch.where(slice(-most_grown, None))
            if len(batch.gain) >= FEW:
                prices = self._prices(batch.depth, batch.use.mean(axis=0)) or prices
                bound = np.minimum(batch.bound, self._bound(prices, batch.depth, batch.gain, batch.use))
                batch = replace(batch, bound=bound).where(bound > self.least)
            for grown in self._grown(batch, prices):
                if grown.depth == len(self.gains):
                    self._note(grown)
                else:
                    stack.append((grown, prices))
        return BestChoice(self.best, self.least, self.work, True)

    def _grown(self, batch: _Batch, prices: _Prices) -> list[_Batch]:
        """Return what a batch becomes with the next group, the most promising last."""
        g, options = batch.depth, len(self.gains[batch.depth])
        result = []
        size = max(BATCH // options, 1)
        for start in range(0, len(batch.gain), size):
            part = slice(start, start + size)
            gain = (batch.gain[part, None] + self.gains[g]).ravel()
            use = (batch.use[part, None, :] + self.uses[g]).reshape(len(gain), -1)
            self.work += len(gain)
            bound = self._bound(prices, g + 1, gain, use)
            possible = bound > self.least
            possible &= (use + self.least_use[g + 1] <= self.upper + self.slack).all(axis=1)
            possible &= (use + self.most_use[g + 1] >= self.lower - self.slack).all(axis=1)
            some = np.flatnonzero(possible)
            picked = np.column_stack([batch.picked[part][some // options], some % options])
            result.append(_Batch(g + 1, picked, gain[some], use[some], bound[some]))
        whole = _joined(result)
        order = np.argsort(whole.bound, kind="stable")
        return [whole.where(order[start : start + BATCH]) for start in range(0, len(order), BATCH)]

    def _note(self, whole: _Batch) -> None:
        """Keep the best of choices that are complete."""
        top = int(np.argmax(whole.gain))
        if whole.gain[top] > self.least:
            self.least = float(whole.gain[top])
            self.best = np.empty(len(self.order), dtype=np.int64)
            self.best[self.order] = whole.picked[top]

    def _bound(self, prices: _Prices, depth: int, gain: Floats, use: Floats) -> Floats:
        """Return what no choice that begins like this passes, shape (beginnings,)."""
        room = np.where(prices.of_upper > 0.0, self.upper, 0.0) - np.where(prices.of_upper > 0.0, use, 0.0)
        need = np.where(prices.of_lower > 0.0, self.lower, 0.0) - np.where(prices.of_lower > 0.0, use, 0.0)
        return np.asarray(gain + prices.tail[depth] + room @ prices.of_upper - need @ prices.of_lower)

    def _prices(self, depth: int, used: Floats) -> _Prices | None:
        """Return the prices of the relaxation over the groups from a depth on; None where it has no solution."""
        gains, uses = self.gains[depth:], self.uses[depth:]
        if not gains:
            return None
        self.work += PRICING * sum(map(len, gains))
        everything = np.concatenate(uses)
        owner = np.repeat(np.arange(len(gains)), [len(g) for g in gains])
        one: Any = sp.csr_matrix((np.ones(len(owner)), (owner, np.arange(len(owner)))))
        top, low = np.isfinite(self.upper), np.isfinite(self.lower)
        scale = self.slack / SLACK
        rows = np.concatenate([(everything / scale).T[top], -(everything / scale).T[low]])
        sides = np.concatenate([((self.upper - used) / scale)[top], -((self.lower - used) / scale)[low]])
        found = linprog(
            -np.concatenate(gains),
            A_ub=rows if len(rows) else None,
            b_ub=sides if len(rows) else None,
            A_eq=one,
            b_eq=np.ones(len(gains)),
            bounds=(0.0, None),
        )
        if found.status != 0:
            return None
        of_upper, of_lower = np.zeros(len(scale)), np.zeros(len(scale))
        if len(rows):
            dual = np.maximum(-found.ineqlin.marginals, 0.0)
            of_upper[top], of_lower[low] = dual[: int(top.sum())], dual[int(top.sum()) :]
        return self._priced(of_upper / scale, of_lower / scale)

    def _priced(self, of_upper: Floats, of_lower: Floats) -> _Prices:
        """Return prices with what the last groups are worth at them."""
        worth = [
            (gain - use @ (of_upper - of_lower)).max()
            for gain, use in zip(self.gains, self.uses, strict=True)
        ]
        return _Prices(of_upper, of_lower, _tails([np.array([w]) for w in worth], 1)[:, 0])


def _tails(parts: Sequence[Floats], width: int) -> Floats:
    """Return the sums of what stands from each place to the end, shape (parts + 1, width)."""
    stacked = np.array([*parts, np.zeros(width)]).reshape(len(parts) + 1, width)
    return np.asarray(np.cumsum(stacked[::-1], axis=0)[::-1], dtype=float)
