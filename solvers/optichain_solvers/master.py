"""The master problem of the L-shaped method as arrays: decisions, their products, and a ceiling on every scenario.

max  stage_cost d + sum_w weight_w theta_w       as a share of what all measures together would improve
s.t. first stage, products (`optichain_solvers.products`)
theta_w <= best_w
theta_w <= constant + coefficients . products    every cut added
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.design.problem import DesignProblem
from optichain_solvers.cuts import NEGLIGIBLE, Cut
from optichain_solvers.model import reference_of
from optichain_solvers.products import linearise, product_values

__all__ = ["Master", "Programme"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


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
    n_decisions, first_theta : int
        Columns of the first stage; the first of the ceilings.
    expressions : csr_matrix, shape (products, columns)
        Each product of decisions as a linear expression.
    """

    def __init__(self, problem: DesignProblem) -> None:
        stage = problem.stage
        self.n_decisions = len(stage.columns)
        exact = linearise(problem.products, self.n_decisions)
        self.first_theta = self.n_decisions + len(exact.upper)
        self.n_columns = self.first_theta + len(problem.scenarios)
        self._meaning = exact.meaning
        narrow = exact.matrix
        self.expressions = sp.csr_matrix(
            (narrow.data, narrow.indices, narrow.indptr), shape=(narrow.shape[0], self.n_columns)
        )
        self.reference, self.scale = reference_of(problem)
        weight = np.array([s.weight for s in problem.scenarios])
        best = np.array([s.best for s in problem.scenarios])
        extra = len(exact.upper)
        rows = [(row.coefficients, row.lower, row.upper) for row in stage.rows] + list(exact.rows)
        self.base = Programme(
            cost=np.concatenate([problem.stage_cost, np.zeros(extra), weight]) * self.scale,
            lower=np.concatenate(
                [[c.lower for c in stage.columns], np.zeros(extra), np.full(len(best), -np.inf)]
            ),
            upper=np.concatenate([[c.upper for c in stage.columns], exact.upper, best]),
            integer=np.array([c.integer for c in stage.columns] + [False] * (extra + len(best))),
            matrix=_rows([dict(terms) for terms, _, _ in rows], self.n_columns),
            row_lower=np.array([low for _, low, _ in rows], dtype=float),
            row_upper=np.array([high for _, _, high in rows], dtype=float),
            offset=-self.reference * self.scale,
        )

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
        return point[self.first_theta :]

    def completed(self, decisions: Floats, ceilings: Floats) -> Floats:
        """Return a plan as a point of the master.

        Parameters
        ----------
        decisions : ndarray, shape (first-stage columns,)
            Whole where decisions are.
        ceilings : ndarray, shape (scenarios,)
        """
        return np.concatenate([decisions, product_values(self._meaning, decisions), ceilings])

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


def _rows(rows: list[dict[int, float]], width: int) -> sp.csr_matrix:
    pointers = np.cumsum([0, *map(len, rows)])
    columns = np.array([c for terms in rows for c in terms], dtype=np.int64)
    values = np.array([v for terms in rows for v in terms.values()], dtype=float)
    return sp.csr_matrix((values, columns, pointers), shape=(len(rows), width))
