"""What is left of one thing on every combination of measures, and that as a polynomial in them (3.4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optichain.design.recourse.terms import Monomial

__all__ = ["Profile", "Term", "polynomial"]

Floats = npt.NDArray[np.float64]
Term = tuple[int, Monomial, float]
"""(place, product of measures in effect, coefficient)."""


@dataclass(frozen=True, eq=False)
class Profile:
    """What is left of a thing on every combination of the measures that act on it.

    Attributes
    ----------
    measures : list of int
    opens : ndarray, shape (combinations,)
        When it opens.
    loss, duration : ndarray, shape (hits, combinations)
    """

    measures: list[int]
    opens: Floats
    loss: Floats
    duration: Floats

    def moments(self) -> Floats:
        """Return the times at which what is left can change."""
        return np.concatenate([self.opens, self.duration.ravel()])

    def left(self, starts: Floats, *, unlimited: bool) -> Floats:
        """Return the share left, shape (combinations, phases)."""
        lost = np.zeros((len(self.opens), len(starts)))
        for loss, duration in zip(self.loss, self.duration, strict=True):
            lost = np.maximum(lost, np.where(duration[:, None] > starts[None, :], loss[:, None], 0.0))
        left = 1.0 - lost
        if unlimited:
            left = (left > 0.0).astype(float)
        return np.where(self.opens[:, None] <= starts[None, :], left, 0.0)


def polynomial(
    places: npt.NDArray[np.int64],
    share: Floats,
    measures: list[int],
    limit: Floats,
    grows: list[tuple[int, Floats]],
) -> list[Term]:
    """Return ``share * (limit + sum of growth per unit)`` as terms, one a phase and product.

    Parameters
    ----------
    places : ndarray, shape (phases,)
        Column or row of each phase.
    share : ndarray, shape (2^n, phases)
        Coefficients of the products of `measures`.
    limit : ndarray, shape (phases,)
    grows : list of (measure, ndarray of shape (phases,))
        What a unit in effect adds.
    """
    terms: list[Term] = []
    for subset in range(len(share)):
        product = Monomial(tuple(m for i, m in enumerate(measures) if subset >> i & 1))
        for phase, place in enumerate(places.tolist()):
            coefficient = float(share[subset, phase])
            if coefficient == 0.0 and subset:
                continue
            if coefficient * limit[phase] != 0.0 or not subset:
                terms.append((place, product, coefficient * float(limit[phase])))
            if coefficient != 0.0:
                terms += [
                    (place, product.with_units(m), coefficient * float(amount[phase])) for m, amount in grows
                ]
    return terms
