"""A coalition too large to be listed: another method solves it at each set of prices (3.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from optichain.design.firststage.stage import Column
from optichain.design.twostage.arrays import DesignProblem
from optichain.errors import InfeasibleError
from optichain.solving import Solution
from optichain_solvers.lshaped.checkpoint import Proof
from optichain_solvers.lshaped.events import SecondStage
from optichain_solvers.portfolio.coalitions import Bounds, Offer, Share
from optichain_solvers.products import product_values

__all__ = ["Search", "Searched"]

Floats = npt.NDArray[np.float64]


class Search(Protocol):
    """The method of a coalition too large to be listed."""

    def __call__(self, problem: DesignProblem) -> Solution:
        """Return the best policy, exact or with a bound."""

    def recall(self, problem: DesignProblem, proof: Proof) -> None:
        """Take in what was proven before about a scenario."""

    def proofs(self, problem: DesignProblem) -> list[Proof]:
        """Return what was proven about scenarios."""


class Searched:
    """A coalition too large to be listed: another method solves it at each set of prices.

    Parameters
    ----------
    problem : DesignProblem
        Of the coalition alone.
    coefficients : ndarray, shape (rules, columns)
    factor : float
    search : Search
    shares : sequence of Share
    """

    complete = False

    def __init__(
        self,
        problem: DesignProblem,
        coefficients: Floats,
        factor: float,
        search: Search,
        shares: Sequence[Share] = (),
    ) -> None:
        self.shares = shares
        self._scenarios = problem.scenarios
        self._events: SecondStage | None = None
        self.problem, self.factor, self.search = problem, factor, search
        self.coefficients = coefficients
        self._given = problem.stage_cost.copy()
        self._columns = list(problem.stage.columns)
        self._points: list[Floats] = []
        self._number: dict[bytes, int] = {}
        self._asked: dict[tuple[object, ...], Offer] = {}
        self.upper = self.lower = np.zeros(0)
        self.use = self.sure = np.zeros((0, len(coefficients)))

    def price(self, prices: Floats, bounds: Bounds) -> Offer:
        """Return the best policy at prices of the totals, and a bound on what the best may be worth."""
        key = (prices.tobytes(), tuple(sorted(bounds.items())))
        if key not in self._asked:
            self._asked[key] = self._search(prices, bounds)
        return self._asked[key]

    def _search(self, prices: Floats, bounds: Bounds) -> Offer:
        charge = (prices @ self.coefficients) / self.factor
        paid = self._paid(prices)
        small, nothing = self.problem, self.problem.nothing
        before = (small.stage_cost, small.scenarios, small.nothing, small.everything)
        small.stage_cost = self._given - charge
        small.stage.columns[:] = [
            _narrowed(c, *bounds[i]) if i in bounds else c for i, c in enumerate(self._columns)
        ]
        if paid:
            small.scenarios = [
                replace(s, weight=s.weight + paid.get(n, 0.0)) for n, s in enumerate(self._scenarios)
            ]
            small.nothing += sum(v * self._scenarios[n].worst for n, v in paid.items())
            small.everything += sum(v * self._scenarios[n].best for n, v in paid.items())
        start = small.nothing
        try:
            solution = self.search(small)
        except InfeasibleError:
            return Offer(-np.inf, -1)
        finally:
            small.stage_cost, small.scenarios, small.nothing, small.everything = before
            small.stage.columns[:] = self._columns
        found = float(solution.objective)
        bound = found if solution.bound is None else max(found, float(solution.bound))
        point = np.asarray(solution.values, dtype=float)
        reached = self._reached(point)
        earned = sum(v * reached[n] for n, v in paid.items())
        gain = (found + float(charge @ point) - earned - nothing) * self.factor
        return Offer((bound - start) * self.factor, self._remember(point, gain, reached))

    def _paid(self, prices: Floats) -> dict[int, float]:
        """Return what floors between coalitions pay for the value of each scenario, in the objective."""
        paid: dict[int, float] = {}
        for share in self.shares:
            for coefficient, scenario in share.terms if prices[share.rule] else ():
                paid[scenario] = paid.get(scenario, 0.0) - prices[share.rule] * coefficient / self.factor
        return paid

    def _reached(self, point: Floats) -> dict[int, float]:
        """Return the values at a point of the scenarios that floors between coalitions count."""
        if not self.shares:
            return {}
        if self._events is None:
            self._events = SecondStage(self._scenarios, self.problem.products)
        products = product_values(self.problem.products, point)
        counted = {scenario for share in self.shares for _, scenario in share.terms}
        return {n: self._events.answer(n, products).value for n in sorted(counted)}

    def _remember(self, point: Floats, gain: float, reached: Mapping[int, float]) -> int:
        key = np.round(point).astype(np.int64).tobytes()
        if key not in self._number:
            self._number[key] = len(self._points)
            self._points.append(point)
            self.upper = np.append(self.upper, gain)
            self.lower = self.upper.copy()
            use = self.coefficients @ point
            for share in self.shares:
                use[share.rule] = sum(c * reached[n] for c, n in share.terms) - share.nothing
            self.use = self.sure = np.vstack([self.use, use])
        number = self._number[key]
        if gain > self.upper[number]:
            self.upper[number] = self.lower[number] = gain
        return number

    def allowed(self, bounds: Bounds) -> npt.NDArray[np.bool_]:
        """Return which of the policies known are within bounds of columns."""
        points = np.array(self._points).reshape(len(self._points), -1)
        kept: npt.NDArray[np.bool_] = np.ones(len(points), dtype=bool)
        for column, (low, high) in bounds.items():
            kept &= (points[:, column] >= low - 1e-6) & (points[:, column] <= high + 1e-6)
        return kept

    def values(self, option: int) -> Floats:
        """Return the first stage of a policy."""
        point: Floats = self._points[option]
        return point

    def find(self, point: Floats) -> int:
        """Return the policy that is a point of the first stage, worked out by the method; -1 where it is none."""
        fixed = {i: (float(value), float(value)) for i, value in enumerate(np.round(point))}
        return self.price(np.zeros(len(self.coefficients)), fixed).option

    def recall(self, proof: Proof) -> None:
        """Hand what was proven before to the method."""
        self.search.recall(self.problem, proof)

    def proofs(self) -> list[Proof]:
        """Return what the method has proven."""
        return self.search.proofs(self.problem)


def _narrowed(column: Column, low: float, high: float) -> Column:
    return replace(column, lower=max(column.lower, low), upper=min(column.upper, high))
