"""What values at some plans say of others: more in effect never serves less.

A scenario's value grows with every measure in effect and every unit in effect. So a plan is worth at least what any
plan is that does no more, and at most what any is that does no less: often enough to need no linear programme.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.design.twostage.problem import Product

__all__ = ["KnownValues"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class KnownValues:
    """Exact values of scenarios at whole plans.

    Parameters
    ----------
    products : sequence of Product
    local : sequence of ndarray
        The products of each scenario.
    worst, best : ndarray, shape (scenarios,)
        Values with nothing and with everything in effect.
    columns : int
        Of the first stage.
    """

    def __init__(
        self, products: Sequence[Product], local: Sequence[Ints], worst: Floats, best: Floats, columns: int
    ) -> None:
        self._worst, self._best = worst, best
        numbers: dict[tuple[int, ...], int] = {}
        of_product = [
            [numbers.setdefault(key, len(numbers)) for key in (*p.binaries, *([p.units] if p.units else []))]
            for p in products
        ]
        rows = [number for key, number in numbers.items() for _ in key]
        places = [column for key in numbers for column in key]
        self._factors = sp.csr_matrix((np.ones(len(rows)), (rows, places)), shape=(len(numbers), columns))
        self._own = [
            np.array(sorted({f for p in mine.tolist() for f in of_product[p]}), dtype=np.int64)
            for mine in local
        ]
        self._points: list[list[Floats]] = [[] for _ in local]
        self._values: list[list[float]] = [[] for _ in local]

    def factors(self, plan: Floats) -> Floats:
        """Return how much of every measure is in effect, shape (factors,)."""
        return np.asarray(self._factors @ plan, dtype=float)

    def add(self, number: int, factors: Floats, value: float) -> None:
        """Remember the value of a scenario where so much is in effect."""
        self._points[number].append(factors[self._own[number]])
        self._values[number].append(value)

    def between(self, number: int, factors: Floats) -> tuple[float, float]:
        """Return the least and the most that a scenario can be worth where so much is in effect."""
        low, high = float(self._worst[number]), float(self._best[number])
        if not self._points[number]:
            return low, high
        here = factors[self._own[number]]
        known = np.array(self._points[number])
        values = np.array(self._values[number])
        less = np.all(known <= here + 1e-9, axis=1)
        more = np.all(known >= here - 1e-9, axis=1)
        return float(np.max(values[less], initial=low)), float(np.min(values[more], initial=high))
