"""The master of the portfolio: one column of each group under rules over totals (3.5).

A multiple-choice knapsack with several rules: ``max sum gain``, exactly one option of each group,
``lower <= sum use <= upper``. Options are few enough to be priced, not to be all in one linear programme.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optichain.errors import SolverError
from optichain.risk.flows.highs import new_highs

__all__ = ["FEASIBLE", "Relaxation", "RestrictedMaster", "price_bound"]

Floats = npt.NDArray[np.float64]

FEASIBLE = 1e-9


@dataclass(frozen=True, eq=False)
class Relaxation:
    """The linear relaxation over the columns known.

    Attributes
    ----------
    value : float
    shares : ndarray, shape (columns,)
    prices : ndarray, shape (rules,)
        What a unit of each total is worth; positive where the upper bound binds.
    worth : ndarray, shape (groups,)
        Dual of "exactly one".
    missing : float
        By how much the rules are broken; 0 where the columns can obey them.
    """

    value: float
    shares: Floats
    prices: Floats
    worth: Floats
    missing: float


class RestrictedMaster:
    """The linear relaxation over a growing set of columns.

    Parameters
    ----------
    groups : int
    lower, upper : ndarray, shape (rules,)
    scale : ndarray, shape (rules,)
        Size of the totals; rows are divided by it.
    """

    def __init__(self, groups: int, lower: Floats, upper: Floats, scale: Floats) -> None:
        import highspy

        self._highspy = highspy
        self.groups, self.scale, self.rules = groups, scale, len(lower)
        self.gain: list[float] = []
        self.owner: list[int] = []
        self.penalty = 1.0
        self._highs = new_highs()
        for option, value in {
            "output_flag": False,
            "solver": "simplex",
            "presolve": "off",
            "primal_feasibility_tolerance": FEASIBLE,
            "dual_feasibility_tolerance": FEASIBLE,
        }.items():
            self._highs.setOptionValue(option, value)
        model = highspy.HighsLp()
        # two columns a rule, and one a group, take up at a penalty what the columns known cannot obey yet
        self._elastic = 2 * self.rules + groups
        model.num_col_, model.num_row_ = self._elastic, self.rules + groups
        model.sense_ = highspy.ObjSense.kMaximize
        model.col_cost_ = np.full(self._elastic, -self.penalty)
        model.col_lower_, model.col_upper_ = np.zeros(self._elastic), np.full(self._elastic, np.inf)
        ones = np.ones(groups)
        model.row_lower_ = np.concatenate([lower / scale, ones])
        model.row_upper_ = np.concatenate([upper / scale, ones])
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = np.arange(self._elastic + 1, dtype=np.int32)
        rows = np.arange(self.rules, dtype=np.int32)
        model.a_matrix_.index_ = np.concatenate([rows, rows, self.rules + np.arange(groups, dtype=np.int32)])
        model.a_matrix_.value_ = np.repeat([1.0, -1.0, 1.0], [self.rules, self.rules, groups])
        self._highs.passModel(model)

    def add(self, group: int, gain: float, use: Floats) -> int:
        """Add a column and return its number."""
        scaled = use / self.scale
        rows = np.flatnonzero(scaled)
        index = np.append(rows, self.rules + group).astype(np.int32)
        value = np.append(scaled[rows], 1.0)
        self._highs.addCol(gain, 0.0, np.inf, len(index), index, value)
        self.gain.append(gain)
        self.owner.append(group)
        return len(self.gain) - 1

    def set_gains(self, gains: Floats, penalty: float | None = None) -> None:
        """Change the gains of all columns, and the penalty on breaking a rule by its scale."""
        self.gain = gains.tolist()
        self.penalty = self.penalty if penalty is None else penalty
        cost = np.concatenate([np.full(self._elastic, -self.penalty), gains])
        self._highs.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)

    def set_use(self, column: int, rule: int, use: float) -> None:
        """Change what a column adds to a rule."""
        self._highs.changeCoeff(rule, self._elastic + column, use / self.scale[rule])

    def allow(self, columns: npt.NDArray[np.bool_]) -> None:
        """Open only these columns."""
        place = np.arange(self._elastic, self._elastic + len(columns), dtype=np.int32)
        self._highs.changeColsBounds(
            len(columns), place, np.zeros(len(columns)), np.where(columns, np.inf, 0.0)
        )

    def solve(self) -> Relaxation:
        """Solve the relaxation over the columns known."""
        highs, kinds = self._highs, self._highspy.HighsModelStatus
        highs.run()
        if highs.getModelStatus() != kinds.kOptimal:
            highs.clearSolver()
            highs.run()
        if highs.getModelStatus() != kinds.kOptimal:
            text = highs.modelStatusToString(highs.getModelStatus())
            raise SolverError(f"HiGHS ended the master of the portfolio with status {text}")
        solution = highs.getSolution()
        shares = np.asarray(solution.col_value, dtype=float)
        duals = np.asarray(solution.row_dual, dtype=float)
        return Relaxation(
            float(highs.getObjectiveValue()),
            shares[self._elastic :],
            duals[: self.rules] / self.scale,
            duals[self.rules :],
            float(shares[: self._elastic].sum()),
        )


def price_bound(prices: Floats, lower: Floats, upper: Floats) -> tuple[Floats, float]:
    """Return prices that prove a bound, and what the rules add to it.

    A price on a side that is not bounded proves nothing and is set to 0 (rounding leaves such prices).
    """
    good = np.where(prices > 0.0, np.isfinite(upper), np.isfinite(lower))
    clean = np.where(good, prices, 0.0)
    side = np.where(clean > 0.0, upper, lower)
    return clean, float(clean @ np.where(clean != 0.0, side, 0.0))
