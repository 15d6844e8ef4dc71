"""Measures that gain nothing are left out of a plan, where the rules let them: money that is spare is not spent (3.4).

A solver is content with any plan of the best objective; one that also funds what changes nothing is as good for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from optichain.design.firststage.basket import RowArrays
from optichain.design.plan import Choice
from optichain.design.twostage.arrays import DesignProblem, Product, Scenario
from optichain.risk.flows.highs import ArrayLP

__all__ = ["pruned"]

Floats = npt.NDArray[np.float64]
Contents = tuple[list[Choice], dict[str, str]]

SAME = 1e-9
"""Change of a scenario's continuity that counts as none."""


def pruned(problem: DesignProblem, choices: Sequence[Choice], policies: dict[str, str]) -> Contents:
    """Return the choices without what gains nothing, and the policies of the chains that are left.

    Parameters
    ----------
    problem : DesignProblem
        Without rules that are only found on the way (SPOFs to clear, autonomy).
    choices : sequence of Choice
        A plan that keeps the rules.
    policies : mapping of chain to policy
        For chains with a catalogue.

    Notes
    -----
    A unit, a measure or the whole policy of a chain goes when no rule needs it and no scenario feels it, whatever the
    objective; what costs most goes first. What is left is not the cheapest plan of the same objective: only no single
    part of it is idle.
    """
    return _Pruning(problem, list(choices), dict(policies)).run()


class _Pruning:
    def __init__(self, problem: DesignProblem, choices: list[Choice], policies: dict[str, str]) -> None:
        self.problem, self.stage = problem, problem.stage
        self.choices, self.policies = choices, policies
        self.rules = RowArrays(self.stage)
        self.cost = self.stage.cost_of_columns()
        self.values = _Values(problem)
        self.point = self._point(choices, policies)

    def run(self) -> Contents:
        """Leave out one part after another until none is idle."""
        while True:
            for choices in self._less():
                if self._as_good(choices):
                    break
            else:
                return self.choices, self.policies
            self._take(choices)

    def _less(self) -> Iterator[list[Choice]]:
        """Yield the plan without each part, the dearest first: policies of chains, measures, units."""
        parts: list[tuple[float, list[Choice]]] = []
        owners = {self.stage.owner.get(c.measure) for c in self.choices} - {None}
        for owner in sorted(map(str, owners)):
            rest = [c for c in self.choices if self.stage.owner.get(c.measure) != owner]
            parts.append((self._spent(self.choices) - self._spent(rest), rest))
        for i, c in enumerate(self.choices):
            fewer = [Choice(c.measure, c.units - 1.0, c.start_year)] if c.units > 1.0 else []
            for kept in ([], fewer) if fewer else ([],):
                rest = [*self.choices[:i], *kept, *self.choices[i + 1 :]]
                parts.append((self._spent(self.choices) - self._spent(rest), rest))
        for _, rest in sorted(parts, key=lambda part: -part[0]):
            yield rest

    def _spent(self, choices: Sequence[Choice]) -> float:
        return sum(float(self.cost[self.stage.units[c.measure, c.start_year]]) * c.units for c in choices)

    def _as_good(self, choices: list[Choice]) -> bool:
        """Tell whether a smaller plan keeps the rules and every scenario's value, and costs the objective nothing."""
        point = self._point(choices, self._policies_of(choices))
        if self.rules.broken(point)[0] or float(self.problem.stage_cost @ (point - self.point)) < 0.0:
            return False
        return self.values.unchanged(self.point, point)

    def _take(self, choices: list[Choice]) -> None:
        self.choices, self.policies = choices, self._policies_of(choices)
        self.point = self._point(choices, self.policies)

    def _policies_of(self, choices: Sequence[Choice]) -> dict[str, str]:
        owners = {self.stage.owner.get(c.measure) for c in choices}
        return {chain: policy for chain, policy in self.policies.items() if chain in owners}

    def _point(self, choices: Sequence[Choice], policies: dict[str, str]) -> Floats:
        values = np.zeros(len(self.stage.columns))
        for c in choices:
            values[self.stage.units[c.measure, c.start_year]] = c.units
            values[self.stage.start[c.measure, c.start_year]] = 1.0
        return self.stage.completed(values, policies)


class _Values:
    """Values of scenarios at points, each worked out once; asked for only where products differ."""

    def __init__(self, problem: DesignProblem) -> None:
        self.problem = problem
        self.used = [
            sorted({p for _, p, _ in (*s.column_terms, *s.row_terms) if p >= 0}) for s in problem.scenarios
        ]
        # those that weigh most tell soonest
        weight = np.array([s.weight for s in problem.scenarios])
        self.order = np.argsort(-weight, kind="stable").tolist()
        self._models: dict[int, ArrayLP] = {}
        self._known: dict[tuple[int, bytes], float] = {}

    def unchanged(self, before: Floats, after: Floats) -> bool:
        """Tell whether every scenario is worth the same at both points."""
        old, new = (
            np.array([_product(product, point) for product in self.problem.products])
            for point in (before, after)
        )
        for number in self.order:
            used = self.used[number]
            if np.array_equal(old[used], new[used]):
                continue
            if abs(self._value(number, old) - self._value(number, new)) > SAME:
                return False
        return True

    def _value(self, number: int, products: Floats) -> float:
        key = (number, products[self.used[number]].tobytes())
        if key not in self._known:
            self._known[key] = self._solve(self.problem.scenarios[number], products)
        return self._known[key]

    def _solve(self, scenario: Scenario, products: Floats) -> float:
        upper, row_lower, row_upper = (
            a.copy() for a in (scenario.upper, scenario.row_lower, scenario.row_upper)
        )
        upper[[column for column, _, _ in scenario.column_terms]] = 0.0
        for column, p, value in scenario.column_terms:
            upper[column] += value * (products[p] if p >= 0 else 1.0)
        for row, p, value in scenario.row_terms:
            row_lower[row] += value * (products[p] if p >= 0 else 1.0)
            row_upper[row] += value * (products[p] if p >= 0 else 1.0)
        bounds = np.maximum(upper, 0.0), row_lower, row_upper
        model = self._models.get(id(scenario.matrix))
        if model is None:
            model = self._models[id(scenario.matrix)] = ArrayLP(scenario.matrix, scenario.cost, *bounds)
        model.set_cost(scenario.cost)
        model.set_bounds(*bounds)
        return model.solve()


def _product(product: Product, point: Floats) -> float:
    """Return a product of decisions at a point."""
    if any(sum(point[c] for c in columns) < 0.5 for columns in product.binaries):
        return 0.0
    return float(sum(point[c] for c in product.units)) if product.units else 1.0
