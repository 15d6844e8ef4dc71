"""The extensive form of 3.4 as one PuLP model, to be read beside the page.

max  stage_cost d + sum_w weight_w C_w + sum_tails weight (eta - sum p z / mass),  C_w = cost v_w
s.t. first stage: named rules on starts o, units x, chains z, money
y_S <= o_m, y_S >= sum o_m - (|S| - 1)                    products of measures in effect
q <= most y_S, q <= x, q >= x - most (1 - y_S)            products with units
matrix v_w within bounds + sum coefficient * product      every scenario
z_w >= eta - C_w, z_w >= 0                                every member of a tail; mass 0: eta <= C_w
sum coefficient C_w >= least                              every floor
"""

from __future__ import annotations

import math
from typing import Any

import pulp

from optichain.design.firststage.stage import FirstStage, Row, size_of
from optichain.design.twostage.arrays import Low
from optichain.design.twostage.problem import DesignProblem, Scenario, Tail
from optichain_solvers.backend import add_between, expression
from optichain_solvers.products import linearise

__all__ = ["ReinforcementModel", "extensive_model", "handed_over", "reference_of", "second_stages"]

Terms = list[tuple[Any, float]]


class ReinforcementModel(pulp.LpProblem):  # type: ignore[misc]
    """The integer programme, with its decisions by name.

    Attributes
    ----------
    start : dict of (measure, year) to variable
        1 when the measure starts in the year.
    units : dict of (measure, year) to variable
        Units bought.
    chain : dict of (chain, year) to variable
        1 when the chain is taken into support in the year.
    policy : dict of (policy, year) to variable
    decisions : list of variable
        All columns of the first stage.
    rules : dict of str to (rule, message)
        What each row of the first stage says, by its name in the model.
    """

    start: dict[tuple[str, int], Any]
    units: dict[tuple[str, int], Any]
    chain: dict[tuple[str, int], Any]
    policy: dict[tuple[str, int], Any]
    decisions: list[Any]
    rules: dict[str, tuple[str, str]]


def extensive_model(problem: DesignProblem) -> ReinforcementModel:
    """Write the two-stage problem as one integer programme.

    The objective is the share of the improvement that all measures together would make, so that a relative
    gap of the solver is an improvement gap.
    """
    model: ReinforcementModel = ReinforcementModel("reinforcement", pulp.LpMaximize)
    decisions = [
        _variable(model, f"d_{i}", c.lower / c.size, c.upper / c.size, integer=c.integer)
        for i, c in enumerate(problem.stage.columns)
    ]
    stage = problem.stage
    model.decisions = decisions
    model.start = {key: decisions[i] for key, i in stage.start.items()}
    model.units = {key: decisions[i] for key, i in stage.units.items()}
    model.chain = {key: decisions[i] for key, i in stage.chain.items()}
    model.policy = {key: decisions[i] for key, i in stage.policy.items()}
    model.rules = {}
    _first_stage(model, problem)
    gain = [(decisions[i], float(problem.stage_cost[i])) for i in problem.stage_cost.nonzero()[0].tolist()]
    values = second_stages(model, problem, decisions)
    gain += [
        term
        for number, scenario in enumerate(problem.scenarios)
        for term in _scaled(values.get(number, []), scenario.weight)
    ]
    for number, tail in enumerate(problem.tails):
        gain += _scaled(_tail(model, f"{number}", tail, values), tail.weight)
    for number, low in enumerate(problem.lows):
        gain += _scaled(_low(model, f"{number}", low, values), low.weight)
    for number, floor in enumerate(problem.floors):
        terms = [term for c, s in floor.terms for term in _scaled(values[s], c)]
        model.rules[f"floor_{number}"] = (floor.rule, floor.message)
        # an exact limit that a plan just reaches is not to fail for rounding
        _add(model, expression(terms) >= floor.least - 1e-9 * max(1.0, abs(floor.least)), f"floor_{number}")
    reference, scale = reference_of(problem)
    one = _variable(model, "one", 1.0, 1.0, integer=False)
    terms = [(variable, value * scale) for variable, value in gain]
    model += expression([*terms, (one, -reference * scale)])
    return model


def reference_of(problem: DesignProblem) -> tuple[float, float]:
    """Return (second-stage value of doing nothing, 1 / largest possible improvement)."""
    worst = problem.second_stage([s.worst for s in problem.scenarios])
    best = problem.second_stage([s.best for s in problem.scenarios])
    if best - worst > 0.0:
        return worst, 1.0 / (best - worst)
    return worst, 1.0 / size_of(problem.stage_cost.tolist())


def handed_over(stage: FirstStage, row: Row) -> tuple[dict[int, float], float, float]:
    """Return (coefficients, lower, upper) of a rule as a solver gets it: in the sizes of its columns and its own."""
    coefficients = {i: c * stage.columns[i].size / row.size for i, c in row.coefficients.items()}
    return coefficients, row.lower / row.size, row.upper / row.size


def _scaled(terms: Terms, factor: float) -> Terms:
    return [(variable, value * factor) for variable, value in terms] if factor else []


def second_stages(model: Any, problem: DesignProblem, decisions: list[Any]) -> dict[int, Terms]:
    """Add the products of decisions and the flows of all scenarios that count; return the value of each as terms."""
    products = _products(model, problem, decisions)
    limited = {s for floor in problem.floors for _, s in floor.terms}
    tailed = {s for tail in problem.tails for _, s, _ in tail.members}
    tailed |= {s for low in problem.lows for terms, _ in low.members for _, s in terms}
    values: dict[int, Terms] = {}
    for number, scenario in enumerate(problem.scenarios):
        if scenario.weight == 0.0 and number not in limited | tailed:
            continue
        flows = _second_stage(model, f"{number}", scenario, products)
        values[number] = [(flows[j], float(scenario.cost[j])) for j in scenario.cost.nonzero()[0].tolist()]
        if number in tailed:
            # used in several rows: one variable that is at most the value, and in no optimum less
            level = _variable(model, f"level_{number}", 0.0, math.inf, integer=False)
            model += expression([(level, 1.0), *_scaled(values[number], -1.0)]) <= 0.0
            values[number] = [(level, 1.0)]
    return values


def _tail(model: ReinforcementModel, name: str, tail: Tail, values: dict[int, Terms]) -> Terms:
    """Add the lower tail of Rockafellar and Uryasev (2000, doi 10.21314/JOR.2000.038); return its value as terms."""
    eta = _variable(model, f"eta_{name}", -math.inf, math.inf, integer=False)
    terms: Terms = [(eta, 1.0)]
    for place, (probability, number, constant) in enumerate(tail.members):
        below = [] if number < 0 else _scaled(values[number], -1.0)
        fixed = constant if number < 0 else 0.0
        if tail.mass <= 0.0:
            model += expression([(eta, 1.0), *below]) <= fixed
            continue
        short = _variable(model, f"z_{name}_{place}", 0.0, math.inf, integer=False)
        model += expression([(eta, 1.0), (short, -1.0), *below]) <= fixed
        terms.append((short, -probability / tail.mass))
    return terms


def _low(model: ReinforcementModel, name: str, low: Low, values: dict[int, Terms]) -> Terms:
    """Add a variable that no known attack leaves less than; return it as terms."""
    least = _variable(model, f"low_{name}", -math.inf, math.inf, integer=False)
    for terms, constant in low.members:
        below = [term for c, s in terms for term in _scaled(values[s], -c)]
        model += expression([(least, 1.0), *below]) <= constant
    return [(least, 1.0)]


def _variable(model: Any, name: str, lower: float, upper: float, *, integer: bool) -> Any:
    low = None if math.isinf(lower) else lower
    high = None if math.isinf(upper) else upper
    category = pulp.LpInteger if integer else pulp.LpContinuous
    return model.add_variable(name, low, high, category)


def _first_stage(model: ReinforcementModel, problem: DesignProblem) -> None:
    for number, row in enumerate(problem.stage.rows):
        name = f"rule_{number}"
        model.rules[name] = (row.rule, row.message)
        coefficients, lower, upper = handed_over(problem.stage, row)
        left = expression([(model.decisions[i], c) for i, c in coefficients.items()])
        if lower == upper:
            _add(model, left == lower, name)
            continue
        if math.isfinite(lower):
            _add(model, left >= lower, name + "_low")
        if math.isfinite(upper):
            _add(model, left <= upper, name + "_high")


def _add(model: Any, constraint: Any, name: str) -> None:
    model.addConstraint(constraint, name)


def _products(model: Any, problem: DesignProblem, decisions: list[Any]) -> list[Any]:
    """Return, for every product of decisions, an expression equal to it at every whole point."""
    exact = linearise(problem.products, len(decisions))
    columns = [
        *decisions,
        *(_variable(model, f"y_{i}", 0.0, upper, integer=False) for i, upper in enumerate(exact.upper)),
    ]
    for terms, lower, upper in exact.rows:
        left = expression([(columns[c], value) for c, value in terms.items()])
        model += left >= lower if math.isfinite(lower) else left <= upper
    return [expression([(columns[c], value) for c, value in terms.items()]) for terms in exact.expressions]


def _second_stage(model: Any, name: str, scenario: Scenario, products: list[Any]) -> list[Any]:
    """Add the flows of one scenario and return their variables."""
    flows = [
        _variable(model, f"v_{name}_{j}", 0.0, upper, integer=False)
        for j, upper in enumerate(scenario.upper.tolist())
    ]
    limits: dict[int, list[tuple[int, float]]] = {}
    for column, product, coefficient in scenario.column_terms:
        limits.setdefault(column, []).append((product, coefficient))
    for column, terms in limits.items():
        model += flows[column] <= _sum(terms, products)
    extra: dict[int, list[tuple[int, float]]] = {}
    for row, product, coefficient in scenario.row_terms:
        extra.setdefault(row, []).append((product, coefficient))
    rows = scenario.matrix.tocsr()
    for i in range(rows.shape[0]):
        begin, end = rows.indptr[i], rows.indptr[i + 1]
        pairs = zip(rows.indices[begin:end].tolist(), rows.data[begin:end].tolist(), strict=True)
        left = expression([(flows[j], value) for j, value in pairs])
        if i in extra:
            left = left - _sum(extra[i], products)
        add_between(model, left, float(scenario.row_lower[i]), float(scenario.row_upper[i]))
    return flows


def _sum(terms: list[tuple[int, float]], products: list[Any]) -> Any:
    constant = sum(coefficient for product, coefficient in terms if product < 0)
    return (
        pulp.lpSum(coefficient * products[product] for product, coefficient in terms if product >= 0)
        + constant
    )
