"""The two kinds of coalition that the portfolio can price: one whose policies are listed, one that is searched."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from optichain.design.parts import Coalition, restrict
from optichain.design.stage import Column, Row
from optichain.design.twostage import DesignProblem
from optichain.errors import InfeasibleError
from optichain.solving import Solution
from optichain_solvers.checkpoint import Proof
from optichain_solvers.policies import list_policies, obeying
from optichain_solvers.states import States, find_states

__all__ = ["Group", "Listed", "Offer", "Search", "Searched", "make_group", "use_of"]

Floats = npt.NDArray[np.float64]
WISHES = ("fix", "forbid")
"""Rules that only leave out policies: what is known about the others stays when they change."""

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


class Search(Protocol):
    """The method of a coalition too large to be listed."""

    def __call__(self, problem: DesignProblem) -> Solution:
        """Return the best policy, exact or with a bound."""

    def recall(self, problem: DesignProblem, proof: Proof) -> None:
        """Take in what was proven before about a scenario."""

    def proofs(self, problem: DesignProblem) -> list[Proof]:
        """Return what was proven about scenarios."""


class Group(Protocol):
    """A coalition in the portfolio.

    Attributes
    ----------
    upper, lower : ndarray, shape (options,)
        Bounds on the gain of each policy known, over doing nothing, normalised.
    use : ndarray, shape (options, rules)
        What each policy adds to the rules between coalitions.
    complete : bool
        All policies are known.
    """

    upper: Floats
    lower: Floats
    use: Floats
    complete: bool

    def price(self, prices: Floats, bounds: Bounds) -> Offer:
        """Return the best policy at prices of the totals."""

    def values(self, option: int) -> Floats:
        """Return the first stage of a policy, shape (columns of the coalition,)."""

    def find(self, point: Floats) -> int:
        """Return the policy that is a point of the first stage, -1 where it is none."""

    def recall(self, proof: Proof) -> None:
        """Take in what was proven before about a scenario of the coalition."""


def use_of(rows: Sequence[Row], columns: npt.NDArray[np.int64], total: int) -> Floats:
    """Return the coefficients of rules between coalitions in one of them, shape (rules, columns of it)."""
    place = np.full(total, -1, dtype=np.int64)
    place[columns] = np.arange(len(columns))
    matrix = np.zeros((len(rows), len(columns)))
    for i, row in enumerate(rows):
        for c, v in row.coefficients.items():
            if place[c] >= 0:
                matrix[i, place[c]] = v
    return matrix


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

    def ask(self, coefficients: Floats, wishes: Sequence[Row]) -> None:
        """Take other rules between coalitions, and wishes that leave fewer policies; what is known stays.

        Parameters
        ----------
        coefficients : ndarray, shape (rules, columns)
        wishes : sequence of Row
            Over columns of the coalition.
        """
        self.use = self.policies.astype(float) @ coefficients.T
        self.kept = obeying(self.policies, wishes)
        self._allowed: dict[tuple[tuple[int, tuple[float, float]], ...], npt.NDArray[np.bool_]] = {}
        self.refresh()

    def refresh(self) -> None:
        """Take over what the states say now."""
        upper, lower = self.states.bounds()
        self.upper = (self._fixed + upper - self._nothing) * self.factor
        self.lower = np.minimum((self._fixed + lower - self._nothing) * self.factor, self.upper)
        self.upper[~self.kept] = self.lower[~self.kept] = -np.inf

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


class Searched:
    """A coalition too large to be listed: another method solves it at each set of prices.

    Parameters
    ----------
    problem : DesignProblem
        Of the coalition alone.
    coefficients : ndarray, shape (rules, columns)
    factor : float
    search : Search
    """

    complete = False

    def __init__(
        self,
        problem: DesignProblem,
        coefficients: Floats,
        factor: float,
        search: Search,
    ) -> None:
        self.problem, self.factor, self.search = problem, factor, search
        self.coefficients = coefficients
        self._given = problem.stage_cost.copy()
        self._columns = list(problem.stage.columns)
        self._points: list[Floats] = []
        self._number: dict[bytes, int] = {}
        self._asked: dict[tuple[object, ...], Offer] = {}
        self.upper = self.lower = np.zeros(0)
        self.use = np.zeros((0, len(coefficients)))

    def price(self, prices: Floats, bounds: Bounds) -> Offer:
        """Return the best policy at prices of the totals, and a bound on what the best may be worth."""
        key = (prices.tobytes(), tuple(sorted(bounds.items())))
        if key not in self._asked:
            self._asked[key] = self._search(prices, bounds)
        return self._asked[key]

    def _search(self, prices: Floats, bounds: Bounds) -> Offer:
        charge = (prices @ self.coefficients) / self.factor
        self.problem.stage_cost = self._given - charge
        self.problem.stage.columns[:] = [
            _narrowed(c, *bounds[i]) if i in bounds else c for i, c in enumerate(self._columns)
        ]
        try:
            solution = self.search(self.problem)
        except InfeasibleError:
            return Offer(-np.inf, -1)
        finally:
            self.problem.stage_cost = self._given
            self.problem.stage.columns[:] = self._columns
        found = float(solution.objective)
        bound = found if solution.bound is None else max(found, float(solution.bound))
        point = np.asarray(solution.values, dtype=float)
        gain = (found + float(charge @ point) - self.problem.nothing) * self.factor
        return Offer((bound - self.problem.nothing) * self.factor, self._remember(point, gain))

    def _remember(self, point: Floats, gain: float) -> int:
        key = np.round(point).astype(np.int64).tobytes()
        if key not in self._number:
            self._number[key] = len(self._points)
            self._points.append(point)
            self.upper = np.append(self.upper, gain)
            self.lower = self.upper.copy()
            self.use = np.vstack([self.use, self.coefficients @ point])
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


def make_group(
    problem: DesignProblem,
    part: Coalition,
    linking: Sequence[Row],
    factor: float,
    *,
    most_policies: int,
    most_bounds: int,
    searcher: Callable[[], Search],
    known: dict[tuple[object, ...], Listed],
) -> Listed | Searched:
    """Return a coalition, listed where it is small enough.

    Parameters
    ----------
    searcher : callable
        Returns the method of a coalition that is too large to be listed.
    known : dict
        Coalitions listed before for the same scenarios: what is known about their policies is kept.
    """
    coefficients = use_of(linking, part.columns, len(problem.stage.columns))
    place = {int(c): i for i, c in enumerate(part.columns)}
    asked = [row for row in part.rows if row.rule in WISHES]
    wishes = [replace(row, coefficients={place[c]: v for c, v in row.coefficients.items()}) for row in asked]
    own = tuple(row for row in part.rows if row.rule not in WISHES)
    cost = problem.stage_cost[part.columns].tobytes()
    key = (part.columns.tobytes(), part.scenarios, tuple(map(_identity, own)), cost, factor)
    if key not in known:
        small = restrict(problem, replace(part, rows=own))
        policies = list_policies(small.stage, most_policies) if most_policies > 0 else None
        states = None if policies is None else find_states(small, policies, most_bounds)
        if policies is not None and states is not None:
            small.scenarios = []  # the states hold all that is needed of them
            known[key] = Listed(small, policies, states, coefficients, factor)
    if key in known:
        known[key].ask(coefficients, wishes)
        return known[key]
    small = restrict(problem, part)
    return Searched(small, coefficients, factor, searcher())


def _identity(row: Row) -> tuple[object, ...]:
    return (tuple(sorted(row.coefficients.items())), row.lower, row.upper)
