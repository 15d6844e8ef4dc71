"""Products of decisions: what measures in effect do to one right-hand side, as an exact polynomial (3.4).

A right-hand side depends on a few measures only. Its dependence on which of them are in effect is written
as a sum over subsets (the Moebius inversion of its values on all combinations), each subset a product of
binaries, times at most one count of units. Nothing is approximated and no product is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optichain.errors import UsageError

__all__ = ["MOST_TOGETHER", "Monomial", "combinations", "moebius"]

Floats = npt.NDArray[np.float64]

MOST_TOGETHER = 14
"""Measures that may act together on one right-hand side: 2^14 combinations are still quick."""


@dataclass(frozen=True, slots=True, order=True)
class Monomial:
    """A product of "measure in effect" binaries and at most one count of units.

    Attributes
    ----------
    binaries : tuple of int
        Rows of ``measures``, ascending; the empty product is 1.
    units : int
        Row of the measure whose units in effect multiply it, or -1.
    """

    binaries: tuple[int, ...]
    units: int = -1

    def at(self, units: Floats) -> float:
        """Return the product with measures in effect, given their units, shape (measures,)."""
        if any(units[m] <= 0.0 for m in self.binaries):
            return 0.0
        return 1.0 if self.units < 0 else float(units[self.units])

    def with_units(self, measure: int) -> Monomial:
        """Return this product times the units of a measure, whose own binary is then implied."""
        return Monomial(tuple(m for m in self.binaries if m != measure), measure)


def combinations(measures: Sequence[int], *, what: str) -> npt.NDArray[np.bool_]:
    """Return all combinations of measures in effect, shape (2^n, n); bit i of the row number is measure i.

    Raises
    ------
    UsageError
        More than `MOST_TOGETHER` measures act on one thing.
    """
    n = len(measures)
    if n > MOST_TOGETHER:
        raise UsageError(
            f"{n} measures act together on {what}; more than {MOST_TOGETHER} on one thing are not supported: "
            "merge measures that would be funded together"
        )
    return (np.arange(1 << n)[:, None] >> np.arange(n)[None, :] & 1).astype(bool)


def moebius(values: Floats) -> Floats:
    """Return the coefficients of the products from the values on all combinations.

    Parameters
    ----------
    values : ndarray, shape (2^n, ...)
        Value on each combination, in the order of `combinations`.

    Returns
    -------
    ndarray, shape (2^n, ...)
        c[T] with value(S) = sum of c[T] over T in S. A coefficient lost in rounding becomes exactly 0.

    Examples
    --------
    >>> moebius(np.array([0.0, 0.5, 0.5, 0.75]))
    array([ 0.  ,  0.5 ,  0.5 , -0.25])
    """
    result = np.array(values, dtype=float)
    size = len(result)
    step = 1
    while step < size:
        shaped = result.reshape(size // (2 * step), 2, step, *result.shape[1:])
        shaped[:, 1] -= shaped[:, 0]
        step *= 2
    result[np.abs(result) <= 1e-13 * np.max(np.abs(values), initial=1e-300)] = 0.0
    return result
