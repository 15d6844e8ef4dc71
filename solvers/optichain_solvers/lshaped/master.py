"""The master problem of the L-shaped method as arrays: decisions, their products, and a ceiling on every scenario.

max  stage_cost d + sum_w weight_w theta_w + sum_tails weight (eta - sum p z / mass)
                                                 as a share of what all measures together would improve
s.t. first stage, products (`optichain_solvers.products`)
theta_w <= best_w
z_w >= eta - theta_w, z_w >= 0                   every member of a tail; mass 0: eta <= theta_w
sum coefficient theta_w >= least                 every floor
theta_w <= constant + coefficients . products    every cut added
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.design.twostage.problem import DesignProblem, Tail
from optichain_solvers.extensive.model import handed_over, reference_of
from optichain_solvers.lshaped.cuts import NEGLIGIBLE, Cut
from optichain_solvers.products import linearise

__all__ = ["Master", "Programme"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SLACK = 1e-8
"""By which a floor may be missed: rounding must not exclude a plan that reaches it exactly."""


@dataclass(frozen=True, eq=False)
class Programme:
    """An integer programme ``max cost x + offset, row_lower <= A x <= row_upper, lower <= x <= upper``.

    Attributes
    ----------
    cost, lower, upper : ndarray, shape (columns,)
    integer : ndarray of bool, shape (columns,)
    matrix : csr_matrix, shape (rows, columns)
    row_lower, row_upper : ndarray, shape (rows,)
    offset : float
    """

    cost: Floats
    lower: Floats
    upper: Floats
    integer: npt.NDArray[np.bool_]
    matrix: sp.csr_matrix
    row_lower: Floats
    row_upper: Floats
    offset: float


class Master:
    """Rows of the master problem, kept to be handed to any solver.

    Parameters
    ----------
    problem : DesignProblem

    Attributes
    ----------
    base : Programme
        Without cuts.
    scale : float
        1 / largest possible improvement.
    sizes : ndarray, shape (first-stage columns,)
        In what each is counted here.
    n_decisions, first_theta, first_tail : int
        Columns of the first stage; the first of the ceilings; the first of what tails add.
    expressions : csr_matrix, shape (products, columns)
        Each product of decisions as a linear expression.
    """

    def __init__(self, problem: DesignProblem) -> None:
        stage = problem.stage
        self.n_decisions = len(stage.columns)
        exact = linearise(problem.products, self.n_decisions)
        self.first_theta = self.n_decisions + len(exact.upper)
        self.first_tail = self.first_theta + len(problem.scenarios)
        self.reference, self.scale = reference_of(problem)
        self._importance = _importance(problem) * self.scale
        tails = _tail_columns(problem.tails, self.first_theta, self.first_tail)
        self.n_columns = self.first_tail + len(tails.cost)
        narrow = exact.matrix
        self.expressions = sp.csr_matrix(
            (narrow.data, narrow.indices, narrow.indptr), shape=(narrow.shape[0], self.n_columns)
        )
        extra = len(exact.upper)
        best = [s.best for s in problem.scenarios]
        weight = [s.weight for s in problem.scenarios]
        floors = [
            (_floor_terms(floor.terms, self.first_theta), floor.least - SLACK, math.inf)
            for floor in problem.floors
        ]
        rows: list[tuple[Mapping[int, float], float, float]] = [
            *(handed_over(stage, row) for row in stage.rows),
            *exact.rows,
            *tails.rows,
            *floors,
        ]
        decisions = stage.columns
        self.sizes = np.array([c.size for c in decisions], dtype=float)
        self.base = Programme(
            cost=np.concatenate([problem.stage_cost, np.zeros(extra), weight, tails.cost]) * self.scale,
            lower=np.concatenate(
                [
                    [c.lower / c.size for c in decisions],
                    np.zeros(extra),
                    np.full(len(best), -np.inf),
                    tails.lower,
                ]
            ),
            upper=np.concatenate(
                [[c.upper / c.size for c in decisions], exact.upper, best, np.full(len(tails.cost), np.inf)]
            ),
            integer=np.array([c.integer for c in decisions] + [False] * (self.n_columns - len(decisions))),
            matrix=_rows([terms for terms, _, _ in rows], self.n_columns),
            row_lower=np.array([low for _, low, _ in rows], dtype=float),
            row_upper=np.array([high for _, _, high in rows], dtype=float),
            offset=-self.reference * self.scale,
        )

    @property
    def importance(self) -> Floats:
        """The most that the objective, or a floor, changes with each scenario's value, shape (scenarios,)."""
        return self._importance

    def row(self, number: int, cut: Cut, local: Ints) -> tuple[Ints, Floats, float]:
        """Return (columns, values, upper bound) of a cut on the ceiling of a scenario.

        Coefficients that a solver would drop are dropped here, on the safe side.
        """
        cost = np.asarray(cut.coefficients @ self.expressions[local]).reshape(-1)
        columns = np.flatnonzero(cost)
        values = -cost[columns]
        small = np.abs(values) <= NEGLIGIBLE
        # a dropped gain is granted in full
        constant = cut.constant + float(np.maximum(-values[small], 0.0) @ self._most(columns[small]))
        keep = ~small
        return (
            np.append(columns[keep], self.first_theta + number).astype(np.int64),
            np.append(values[keep], 1.0),
            constant,
        )

    def _most(self, columns: Ints) -> Floats:
        return np.asarray(self.base.upper[columns], dtype=float)

    def products(self, point: Floats) -> Floats:
        """Return the products at a point of the relaxation, shape (products,)."""
        return np.asarray(self.expressions @ point, dtype=float)

    def ceilings(self, point: Floats) -> Floats:
        """Return theta at a point, shape (scenarios,)."""
        return point[self.first_theta : self.first_tail]

    def with_rows(self, rows: list[tuple[Ints, Floats, float]]) -> Programme:
        """Return the programme with cuts."""
        if not rows:
            return self.base
        pointers = np.cumsum([0, *(len(columns) for columns, _, _ in rows)])
        cuts = sp.csr_matrix(
            (
                np.concatenate([values for _, values, _ in rows]),
                np.concatenate([columns for columns, _, _ in rows]),
                pointers,
            ),
            shape=(len(rows), self.n_columns),
        )
        base = self.base
        return Programme(
            base.cost,
            base.lower,
            base.upper,
            base.integer,
            sp.vstack([base.matrix, cuts], format="csr"),
            np.append(base.row_lower, np.full(len(rows), -math.inf)),
            np.append(base.row_upper, [upper for _, _, upper in rows]),
            base.offset,
        )


@dataclass(eq=False)
class _TailColumns:
    """Columns eta and z of all tails, and their rows."""

    cost: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    rows: list[tuple[Mapping[int, float], float, float]] = field(default_factory=list)

    def add(self, cost: float, lower: float) -> int:
        self.cost.append(cost)
        self.lower.append(lower)
        return len(self.cost) - 1


def _tail_columns(tails: Sequence[Tail], first_theta: int, first: int) -> _TailColumns:
    """Write each tail as Rockafellar and Uryasev do (2000, doi 10.21314/JOR.2000.038)."""
    out = _TailColumns()
    for tail in tails:
        eta = first + out.add(tail.weight, -math.inf)
        for probability, number, constant in tail.members:
            terms = {eta: 1.0} if number < 0 else {eta: 1.0, first_theta + number: -1.0}
            if tail.mass > 0.0:
                terms[first + out.add(-tail.weight * probability / tail.mass, 0.0)] = -1.0
            out.rows.append((terms, -math.inf, constant if number < 0 else 0.0))
    return out


def _floor_terms(terms: Sequence[tuple[float, int]], first_theta: int) -> dict[int, float]:
    total: dict[int, float] = {}
    for coefficient, number in terms:
        total[first_theta + number] = total.get(first_theta + number, 0.0) + coefficient
    return total


def _importance(problem: DesignProblem) -> Floats:
    most = np.array([s.weight for s in problem.scenarios])
    for tail in problem.tails:
        for probability, number, _ in tail.members:
            if number >= 0:
                share = 1.0 if tail.mass <= 0.0 else min(1.0, probability / tail.mass)
                most[number] += tail.weight * share
    for floor in problem.floors:
        for coefficient, number in floor.terms:
            most[number] = max(most[number], coefficient)
    return most


def _rows(rows: Sequence[Mapping[int, float]], width: int) -> sp.csr_matrix:
    pointers = np.cumsum([0, *map(len, rows)])
    columns = np.array([c for terms in rows for c in terms], dtype=np.int64)
    values = np.array([v for terms in rows for v in terms.values()], dtype=float)
    return sp.csr_matrix((values, columns, pointers), shape=(len(rows), width))
