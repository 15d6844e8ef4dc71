"""A coalition small enough for all its policies to stand in a table (3.5)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from optichain.design.firststage.stage import Row
from optichain.design.twostage.arrays import DesignProblem, Floor
from optichain_solvers.lshaped.checkpoint import Proof
from optichain_solvers.lshaped.master import SLACK
from optichain_solvers.portfolio.coalitions import Bounds, Offer, Share
from optichain_solvers.portfolio.policies import obeying
from optichain_solvers.portfolio.states import States

__all__ = ["Listed"]

Floats = npt.NDArray[np.float64]


class Listed:
    """A coalition with all its policies in a table.

    Parameters
    ----------
    problem : DesignProblem
        Of the coalition alone.
    policies : ndarray, shape (options, columns)
    states : States
    coefficients : ndarray, shape (rules, columns)
    factor : float
        From the objective to normalised gain.
    """

    complete = True

    def __init__(
        self,
        problem: DesignProblem,
        policies: npt.NDArray[np.float32],
        states: States,
        coefficients: Floats,
        factor: float,
    ) -> None:
        self.problem, self.policies, self.states, self.factor = problem, policies, states, factor
        self._fixed = policies.astype(float) @ problem.stage_cost
        self._nothing = problem.nothing
        self.kept = np.ones(len(policies), dtype=bool)
        self.ask(coefficients, ())

    def ask(
        self,
        coefficients: Floats,
        wishes: Sequence[Row],
        floors: Sequence[Floor] = (),
        shares: Sequence[Share] = (),
    ) -> None:
        """Take other rules between coalitions, wishes and floors that leave fewer policies; what is known stays.

        Parameters
        ----------
        coefficients : ndarray, shape (rules, columns)
        wishes : sequence of Row
            Over columns of the coalition.
        floors : sequence of Floor
            Over scenarios of the coalition.
        shares : sequence of Share
        """
        self.floors, self.shares = floors, shares
        self.use = self.sure = self.policies.astype(float) @ coefficients.T
        self.kept = obeying(self.policies, wishes)
        self._allowed: dict[tuple[tuple[int, tuple[float, float]], ...], npt.NDArray[np.bool_]] = {}
        self.refresh()

    def refresh(self) -> None:
        """Take over what the states say now."""
        upper, lower = self.states.bounds()
        self.upper = (self._fixed + upper - self._nothing) * self.factor
        self.lower = np.minimum((self._fixed + lower - self._nothing) * self.factor, self.upper)
        self.least = float(self.lower[self.kept].min(initial=0.0))
        self.upper[~self.kept] = self.lower[~self.kept] = -np.inf
        self._hold_floors()

    def _hold_floors(self) -> None:
        """Leave out policies that miss a floor, and count as certain only those that reach it."""
        for floor in self.floors:
            high, low = self.states.bounds_of(floor.terms)
            self.upper[high < floor.least - SLACK] = -np.inf
            self.lower[low < floor.least - SLACK] = -np.inf
        self.open = np.isfinite(self.upper) & ~np.isfinite(self.lower)
        if self.shares:
            self.use, self.sure = self.use.copy(), self.use.copy()
        for share in self.shares:
            high, low = self.states.bounds_of(share.terms)
            self.use[:, share.rule], self.sure[:, share.rule] = high - share.nothing, low - share.nothing
            self.open |= np.isfinite(self.upper) & (high - low > SLACK)

    def questions(self, options: Sequence[int], slack: float) -> list[tuple[int, int, int]]:
        """Return what leaves the worth of some policies uncertain by more than a slack, or whether they keep floors."""
        unsettled = bool(self.open[list(options)].any())
        terms = (
            [*(f.terms for f in self.floors), *(share.terms for share in self.shares)] if unsettled else []
        )
        return self.states.open_questions(options, slack / self.factor, terms)

    def allowed(self, bounds: Bounds) -> npt.NDArray[np.bool_]:
        """Return which policies are within bounds of columns."""
        key = tuple(sorted(bounds.items()))
        if key not in self._allowed:
            kept = np.ones(len(self.policies), dtype=bool)
            for column, (low, high) in bounds.items():
                kept &= (self.policies[:, column] >= low - 1e-6) & (self.policies[:, column] <= high + 1e-6)
            self._allowed = {key: kept}
        return self._allowed[key]

    def price(self, prices: Floats, bounds: Bounds) -> Offer:
        """Return the best policy at prices of the totals."""
        worth = self.upper - self.use @ prices
        if bounds:
            worth = np.where(self.allowed(bounds), worth, -np.inf)
        if not len(worth):
            return Offer(-np.inf, -1)
        option = int(np.argmax(worth))
        best = float(worth[option])
        return Offer(best, option if np.isfinite(best) else -1)

    def values(self, option: int) -> Floats:
        """Return the first stage of a policy."""
        return np.asarray(self.policies[option], dtype=float)

    def find(self, point: Floats) -> int:
        """Return the policy that is a point of the first stage, -1 where it is none or may not be taken."""
        same = np.flatnonzero((self.policies == np.round(point)).all(axis=1) & self.kept)
        return int(same[0]) if len(same) else -1

    def recall(self, proof: Proof) -> None:
        """Take in what was proven before; `refresh` makes it count."""
        self.states.recall(proof)
