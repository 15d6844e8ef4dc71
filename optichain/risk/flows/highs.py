"""A thin hand-over of array models to HiGHS: one matrix, many right-hand sides."""

from __future__ import annotations

import os
import sys
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.errors import SolverError

__all__ = ["ArrayLP", "new_highs"]

Floats = npt.NDArray[np.float64]

TOLERANCE = 1e-9
LEAST = 1e-12
"""Coefficients below this are dropped by HiGHS, which allows no less; of its own accord it drops those below 1e-9."""
DUAL, PRIMAL = 1, 4
"""Numbers of HiGHS for its ways of the simplex method."""


def new_highs() -> Any:
    """Return a new HiGHS without its greeting, which the first one of a process writes to standard output."""
    import highspy

    sys.stdout.flush()
    nowhere, kept = os.open(os.devnull, os.O_WRONLY), os.dup(1)
    try:
        os.dup2(nowhere, 1)
        return highspy.Highs()  # type: ignore[no-untyped-call]
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


class ArrayLP:
    """A maximisation ``max c x, row_lower <= A x <= row_upper, 0 <= x <= upper`` kept in HiGHS.

    The matrix stays; costs and bounds change between solves. Every solve starts from the basis given, so
    that an answer never depends on what was solved before.

    Parameters
    ----------
    matrix : csc_matrix, shape (rows, columns)
    cost : ndarray, shape (columns,)
    upper : ndarray, shape (columns,)
    row_lower, row_upper : ndarray, shape (rows,)
    """

    def __init__(
        self, matrix: sp.csc_matrix, cost: Floats, upper: Floats, row_lower: Floats, row_upper: Floats
    ) -> None:
        import highspy

        self._highspy = highspy
        self.n_rows, self.n_columns = matrix.shape
        self._columns = np.arange(self.n_columns, dtype=np.int32)
        self._rows = np.arange(self.n_rows, dtype=np.int32)
        self._lower = np.zeros(self.n_columns)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self.n_columns, self.n_rows
        model.sense_ = highspy.ObjSense.kMaximize
        model.col_cost_, model.col_lower_, model.col_upper_ = cost, self._lower, upper
        model.row_lower_, model.row_upper_ = row_lower, row_upper
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = matrix.indptr
        model.a_matrix_.index_ = matrix.indices
        model.a_matrix_.value_ = matrix.data
        self._highs = new_highs()
        for option, value in {
            "output_flag": False,
            "solver": "simplex",
            "presolve": "off",
            "primal_feasibility_tolerance": TOLERANCE,
            "dual_feasibility_tolerance": TOLERANCE,
            "dual_simplex_cost_perturbation_multiplier": 0.0,
            "small_matrix_value": LEAST,
        }.items():
            self._highs.setOptionValue(option, value)
        if self._highs.passModel(model) == highspy.HighsStatus.kError:
            raise SolverError(
                "HiGHS refuses a model: its coefficients are too large, too small or no numbers"
            )

    def tune(self, **options: Any) -> None:
        """Set options of HiGHS that change how it works, not what it answers."""
        for option, value in options.items():
            self._highs.setOptionValue(option, value)

    def set_bounds(
        self, upper: Floats, row_lower: Floats, row_upper: Floats, lower: Floats | None = None
    ) -> None:
        """Change the bounds of all columns and rows."""
        low = self._lower if lower is None else lower
        self._highs.changeColsBounds(self.n_columns, self._columns, low, upper)
        self._highs.changeRowsBounds(self.n_rows, self._rows, row_lower, row_upper)

    def set_cost(self, cost: Floats) -> None:
        """Change the objective."""
        self._highs.changeColsCost(self.n_columns, self._columns, cost)

    def solve(self, basis: Any = None) -> float:
        """Solve and return the optimal value.

        Parameters
        ----------
        basis : HighsBasis, optional
            Where to start; without one from scratch.

        Raises
        ------
        SolverError
            HiGHS found no optimum even from scratch.
        """
        if basis is None:
            self._highs.clearSolver()
        else:
            self._highs.setBasis(basis)
        self._highs.run()
        if self._highs.getModelStatus() != self._highspy.HighsModelStatus.kOptimal:
            return self.solve_reduced()
        return float(self._highs.getObjectiveValue())

    def solve_reduced(self) -> float:
        """Solve from scratch, the model reduced beforehand: for models too large for a start to be worth much.

        Raises
        ------
        SolverError
            HiGHS found no optimum.
        """
        self._highs.clearSolver()
        self._highs.setOptionValue("presolve", "on")
        try:
            self._highs.run()
        finally:
            self._highs.setOptionValue("presolve", "off")
        status = self._highs.getModelStatus()
        if status != self._highspy.HighsModelStatus.kOptimal:
            raise SolverError(
                f"HiGHS ended a continuity model with status {self._highs.modelStatusToString(status)}"
            )
        return float(self._highs.getObjectiveValue())

    def forget(self) -> None:
        """Drop everything that was learned in solving, so that the next answer has the same last digit as the first."""
        self._highs.clearSolver()

    def start_from(self, basis: Any) -> None:
        """Set the basis that the next `improve` starts from."""
        self._highs.setBasis(basis)

    def improve(self) -> float:
        """Go on from the last optimum, which is still feasible: new costs, or bounds that contain it.

        Raises
        ------
        SolverError
            HiGHS found no optimum even from scratch.
        """
        self._highs.setOptionValue("simplex_strategy", PRIMAL)
        try:
            self._highs.run()
        finally:
            self._highs.setOptionValue("simplex_strategy", DUAL)
        if self._highs.getModelStatus() == self._highspy.HighsModelStatus.kOptimal:
            return float(self._highs.getObjectiveValue())
        return self.solve()

    def solve_or_nothing(self) -> float | None:
        """Solve from scratch; return None where there is no feasible point."""
        self._highs.clearSolver()
        self._highs.run()
        status = self._highs.getModelStatus()
        if status == self._highspy.HighsModelStatus.kOptimal:
            return float(self._highs.getObjectiveValue())
        if status == self._highspy.HighsModelStatus.kInfeasible:
            return None
        raise SolverError(
            f"HiGHS ended a survival model with status {self._highs.modelStatusToString(status)}"
        )

    def joined_basis(self, columns: list[Any], rows: list[Any]) -> Any:
        """Return a basis made of the status of each column and row."""
        basis = self._highspy.HighsBasis()
        basis.valid = True
        basis.col_status, basis.row_status = columns, rows
        return basis

    @property
    def statuses(self) -> Any:
        """The statuses that a column or row can have in a basis."""
        return self._highspy.HighsBasisStatus

    @property
    def basis(self) -> Any:
        """The basis of the last solve."""
        return self._highs.getBasis()

    def primal(self) -> Floats:
        """Return the values of the columns."""
        return np.asarray(self._highs.getSolution().col_value, dtype=float)

    def primal_and_prices(self) -> tuple[Floats, Floats]:
        """Return (values of the columns, dual of each row), read at once."""
        solution = self._highs.getSolution()
        return np.asarray(solution.col_value, dtype=float), np.asarray(solution.row_dual, dtype=float)

    def row_activity(self) -> Floats:
        """Return the values of the rows."""
        return np.asarray(self._highs.getSolution().row_value, dtype=float)

    def duals(self) -> tuple[Floats, Floats]:
        """Return (reduced cost of each column, dual of each row)."""
        solution = self._highs.getSolution()
        return np.asarray(solution.col_dual, dtype=float), np.asarray(solution.row_dual, dtype=float)
