"""The policies that a coalition would take at some price of money: its budget-to-gain frontier (3.5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from optichain_solvers.portfolio.listed import Listed

__all__ = ["frontier_of"]

Floats = npt.NDArray[np.float64]
Learn = Callable[[Sequence[int]], bool]

_BETTER = 1e-9


def frontier_of(group: Listed, cost: Floats, allowed: npt.NDArray[np.bool_], learn: Learn) -> list[int]:
    """Return the policies on the upper hull of gain against cost, cheapest first, nothing left out.

    Parameters
    ----------
    group : Listed
    cost : ndarray, shape (options,)
        Money in all.
    allowed : ndarray of bool, shape (options,)
        Where to look.
    learn : callable
        Finds out exactly what policies gain; tells whether anything was new.

    Notes
    -----
    Between two neighbours on the hull, the slope is a price of money at which both are worth the same; the best
    policy at that price is one of them, or lies between (Aneja and Nair 1979, doi 10.1287/mnsc.25.1.73).
    """
    if not allowed.any():
        return []
    cheapest = _best(group, cost, allowed, 1e12 / max(float(cost.max()), 1e-12), learn)
    best = _best(group, cost, allowed, 0.0, learn)
    return sorted(
        {cheapest, best, *_between(group, cost, allowed, cheapest, best, learn)}, key=lambda p: cost[p]
    )


def _between(
    group: Listed, cost: Floats, allowed: npt.NDArray[np.bool_], low: int, high: int, learn: Learn
) -> list[int]:
    rise, run = float(group.lower[high] - group.lower[low]), float(cost[high] - cost[low])
    if rise <= _BETTER or run <= 0.0:
        return []
    price = rise / run
    middle = _best(group, cost, allowed, price, learn)
    if group.lower[middle] - price * cost[middle] <= group.lower[low] - price * cost[low] + _BETTER:
        return []
    left = _between(group, cost, allowed, low, middle, learn)
    return [*left, middle, *_between(group, cost, allowed, middle, high, learn)]


def _best(group: Listed, cost: Floats, allowed: npt.NDArray[np.bool_], price: float, learn: Learn) -> int:
    """Return the best policy at a price of money; of equals the cheapest."""
    while True:
        worth = np.where(allowed, group.upper - price * cost, -np.inf)
        top = np.flatnonzero(worth >= worth.max() - _BETTER)
        best = int(top[np.argmin(cost[top])])
        if not learn([best]):
            return best
