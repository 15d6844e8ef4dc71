"""What a solver of reinforcement gets (3.4): first stage, products of decisions, scenarios, tails and floors as arrays.

Solvers read this and nothing else; they need no supply chain.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.design.firststage.periods import Period
from optichain.design.firststage.stage import FirstStage
from optichain.risk.resilience import tail_mean
from optichain.sentences import Sentence

__all__ = ["DesignProblem", "Floor", "Low", "Product", "Scenario", "Tail"]

Floats = npt.NDArray[np.float64]

DIFFERENCE: Final = 1e-3
"""Share of the value that events leave or take at which a loss, the difference of two values served, is small."""


@dataclass(frozen=True, slots=True)
class Product:
    """A product of decisions: measures in effect, times the units in effect of at most one.

    Attributes
    ----------
    binaries : tuple of tuple of int
        For each measure the columns of its starts that are in effect: the measure is in effect when their
        sum is 1.
    units : tuple of int
        Columns of units in effect that multiply the product; empty: none.
    most : float
        Largest value of the units.
    """

    binaries: tuple[tuple[int, ...], ...]
    units: tuple[int, ...]
    most: float


@dataclass(frozen=True, eq=False)
class Scenario:
    """A linear programme of the second stage: a block under an event in a period.

    maximise ``cost v`` with ``row_lower <= matrix v <= row_upper``, ``0 <= v <= upper``, where products add to bounds.

    Attributes
    ----------
    name : str
    weight : float
        In the objective; 0 for one that only tails or floors use.
    matrix : csc_matrix, shape (rows, columns)
        Shared by all scenarios of a block with as many phases.
    cost, upper : ndarray, shape (columns,)
    row_lower, row_upper : ndarray, shape (rows,)
    column_terms : list of (column, product, coefficient)
        Upper bounds that depend on decisions: ``v <= sum coefficient * product``; product -1 is the constant 1.
    row_terms : list of (row, product, coefficient)
        Added to the finite bounds of the row.
    worst, best : float
        Value with no measure beyond the running ones, and with all of them.
    """

    name: str
    weight: float
    matrix: sp.csc_matrix
    cost: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    column_terms: list[tuple[int, int, float]]
    row_terms: list[tuple[int, int, float]]
    worst: float
    best: float


@dataclass(frozen=True, slots=True)
class Tail:
    """The worst of a block's events in a period, as a part of the objective (3.3, 3.4).

    Attributes
    ----------
    weight : float
        In the objective.
    mass : float
        Probability mass of the tail, 1 - alpha of the block's events; 0: the worst member.
    members : tuple of (probability, scenario, constant)
        Probability normalised in the block; scenario number, or -1 where no decision changes the constant continuity.
    """

    weight: float
    mass: float
    members: tuple[tuple[float, int, float], ...]

    def value(self, of: Sequence[float]) -> float:
        """Return the mean of the lower tail, of scenario values by number (unweighted)."""
        values = np.array([of[s] if s >= 0 else constant for _, s, constant in self.members])
        if self.mass <= 0.0:
            return float(values.min())
        return tail_mean(values, np.array([p for p, _, _ in self.members]), 1.0 - self.mass)


@dataclass(frozen=True, slots=True)
class Floor:
    """A lower limit on what scenarios reach together: ``sum coefficient * value >= least``.

    Attributes
    ----------
    rule, message : str
        As of a rule of the first stage.
    terms : tuple of (coefficient, scenario)
        Coefficients are positive; scenario values unweighted.
    least : float
        What the terms must reach, without what no decision changes.
    limit : float
        The limit as it was asked for.
    """

    rule: str
    message: Sentence
    terms: tuple[tuple[float, int], ...]
    least: float
    limit: float

    def value(self, of: Sequence[float]) -> float:
        """Return the left-hand side, of scenario values by number."""
        return float(sum(coefficient * of[s] for coefficient, s in self.terms))


@dataclass(frozen=True, slots=True)
class Low:
    """The least of several sums of scenario values, as a part of the objective: the worst of the known attacks.

    Attributes
    ----------
    weight : float
        In the objective.
    members : tuple of (terms, constant)
        Each a sum of (coefficient, scenario), coefficients positive, and what no decision changes.
    """

    weight: float
    members: tuple[tuple[tuple[tuple[float, int], ...], float], ...]

    def value(self, of: Sequence[float]) -> float:
        """Return the least sum, of scenario values by number (unweighted)."""
        return min(constant + math.fsum(c * of[s] for c, s in terms) for terms, constant in self.members)


@dataclass(eq=False)
class DesignProblem:
    """What a solver gets.

    Attributes
    ----------
    name : str
    stage : FirstStage
    products : list of Product
    scenarios : list of Scenario
        Only those that decisions can change.
    tails : tuple of Tail
        What the worst events add to the objective beside the weighted scenarios.
    floors : tuple of Floor
        Lower limits that every solution keeps.
    lows : tuple of Low
        What the worst known attacks add to the objective.
    constant : float
        What all other scenarios and tails add to the objective.
    sense : int
        1: the objective is maximised as it stands (continuity); -1: reported with its sign turned (a loss).
    offset : float
        Objective for people = sense x (constant + stage_cost x + scenarios + tails) + offset.
    stage_cost : ndarray, shape (columns of the first stage,)
        Added to the maximised objective for each unit of a column: prices of money or of change; else 0.
    nothing, everything : float
        Objective for people with no new measure, and with all measures in full effect as early as can be.
    weight : ndarray, shape (chains,)
        Weights of the chains that the flows serve.
    periods : tuple of Period
    """

    name: str
    stage: FirstStage
    products: list[Product] = field(default_factory=list)
    scenarios: list[Scenario] = field(default_factory=list)
    tails: tuple[Tail, ...] = ()
    floors: tuple[Floor, ...] = ()
    lows: tuple[Low, ...] = ()
    constant: float = 0.0
    sense: int = 1
    offset: float = 0.0
    nothing: float = 0.0
    everything: float = 0.0
    weight: Floats = field(default_factory=lambda: np.zeros(0))
    periods: tuple[Period, ...] = ()
    stage_cost: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def size(self) -> float:
        """What counts as one in the objective: 1, or less where it is money and all of it is less.

        A loss is the difference between two values served: where nothing is lost, what is left of it is their rounding.
        """
        costs = float(np.abs(self.stage_cost).max(initial=0.0))
        largest = max(abs(self.nothing), abs(self.everything), costs, DIFFERENCE * abs(self.offset))
        return min(1.0, largest) if self.sense < 0 and largest > 0.0 else 1.0

    def value(self, gained: float) -> float:
        """Return the objective for people from what `scenarios` and `tails` add, stage costs included."""
        return self.sense * (self.constant + gained) + self.offset

    def beyond(self, bound: float, objective: float) -> float:
        """Return a bound for people that is not on the wrong side of what was reached by a rounding error."""
        return max(bound, objective) if self.sense > 0 else min(bound, objective)

    def second_stage(self, of: Sequence[float]) -> float:
        """Return what scenarios and tails add to the maximised objective, of scenario values by number."""
        weighted = math.fsum(s.weight * value for s, value in zip(self.scenarios, of, strict=True))
        tails = math.fsum(tail.weight * tail.value(of) for tail in self.tails)
        return weighted + tails + math.fsum(low.weight * low.value(of) for low in self.lows)
