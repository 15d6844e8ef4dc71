"""A coalition in the portfolio: what it answers to prices, and what it adds to rules between coalitions (3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from optichain_solvers.lshaped.checkpoint import Proof

__all__ = ["Bounds", "Group", "Offer", "Share"]

Floats = npt.NDArray[np.float64]

Bounds = Mapping[int, tuple[float, float]]
"""Narrower bounds of columns of a coalition, from branching."""


@dataclass(frozen=True)
class Offer:
    """What a coalition answers to prices.

    Attributes
    ----------
    bound : float
        No policy is worth more at these prices; -inf where there is none.
    option : int
        The best policy found; -1 where there is none.
    """

    bound: float
    option: int


class Group(Protocol):
    """A coalition in the portfolio.

    Attributes
    ----------
    upper, lower : ndarray, shape (options,)
        Bounds on the gain of each policy known, over doing nothing, normalised.
    use, sure : ndarray, shape (options, rules)
        What each policy adds to the rules between coalitions, at most and for certain: they differ only in floors.
    complete : bool
        All policies are known.
    """

    upper: Floats
    lower: Floats
    use: Floats
    sure: Floats
    complete: bool

    def price(self, prices: Floats, bounds: Bounds) -> Offer:
        """Return the best policy at prices of the totals."""

    def values(self, option: int) -> Floats:
        """Return the first stage of a policy, shape (columns of the coalition,)."""

    def find(self, point: Floats) -> int:
        """Return the policy that is a point of the first stage, -1 where it is none."""

    def recall(self, proof: Proof) -> None:
        """Take in what was proven before about a scenario of the coalition."""


@dataclass(frozen=True)
class Share:
    """What a coalition adds to a floor that several reach together, as one of the rules between coalitions.

    Attributes
    ----------
    rule : int
        Its place among the rules.
    terms : tuple of (coefficient, scenario of the coalition)
    nothing : float
        Their sum with nothing bought: the rule counts what is reached beyond it.
    """

    rule: int
    terms: tuple[tuple[float, int], ...]
    nothing: float
