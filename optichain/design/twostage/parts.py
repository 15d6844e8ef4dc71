"""The parts of a two-stage problem that only money, intake and limits tie together: coalitions (3.5).

Decisions that share a rule of their own, a linear programme of the second stage or a tail belong to one
coalition; most often that is one chain. What is left between coalitions are linear rules over totals, of decisions or, where
a floor spans several, of what they reach.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from optichain.design.firststage.stage import FirstStage, Row
from optichain.design.twostage.arrays import DesignProblem, Product, Scenario, Tail
from optichain.errors import SolverError
from optichain.sentences import say

__all__ = ["Coalition", "Parts", "money_rows", "restrict", "split"]

Ints = npt.NDArray[np.int64]

LINKING = ("intake", "limit", "user row")
"""Rules that may span coalitions, beside money: each counts a total over decisions."""


@dataclass(frozen=True, eq=False)
class Coalition:
    """A part of the problem.

    Attributes
    ----------
    columns : ndarray
        Its columns of the first stage, ascending.
    rows : tuple of Row
        Its own rules.
    scenarios, tails, floors : tuple of int
        Numbers in the problem. Only floors that no other coalition has a part in.
    chains : tuple of str
        The chains whose policies it decides.
    """

    columns: Ints
    rows: tuple[Row, ...]
    scenarios: tuple[int, ...]
    tails: tuple[int, ...]
    floors: tuple[int, ...]
    chains: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Parts:
    """A problem in parts.

    Attributes
    ----------
    coalitions : tuple of Coalition
        In the order of their first column; those without a column decide nothing and are left out.
    linking : tuple of Row
        The rules between coalitions, money at hand eliminated.
    floors : tuple of int
        Numbers of the floors that several coalitions reach together: each is a rule over a total of theirs too.
    """

    coalitions: tuple[Coalition, ...]
    linking: tuple[Row, ...]
    floors: tuple[int, ...]


class _Forest:
    """Disjoint sets of numbers."""

    def __init__(self, size: int) -> None:
        self.parent = list(range(size))

    def root(self, i: int) -> int:
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def join(self, members: list[int]) -> None:
        roots = sorted({self.root(i) for i in members})
        for other in roots[1:]:
            self.parent[other] = roots[0]


def split(problem: DesignProblem) -> Parts:
    """Split a problem into coalitions and the rules between them.

    Raises
    ------
    SolverError
        A rule that is not about money uses the money at hand.
    """
    stage = problem.stage
    money = set(stage.have.values())
    forest = _Forest(len(stage.columns))
    rows = [row for row in stage.rows if row.rule != "budget"]
    for row in rows:
        if money & row.coefficients.keys():
            raise SolverError(f"a rule between parts uses the money at hand: {row.message}")
        if row.rule not in LINKING:
            forest.join(list(row.coefficients))
    used = [_columns_of(problem, s) for s in problem.scenarios]
    for columns in used:
        forest.join(columns)
    tails = [_scenarios_of_tail(tail) for tail in problem.tails]
    for members in tails:
        forest.join([c for s in members for c in used[s][:1]])
    inside: dict[int, list[Row]] = {}
    linking: list[Row] = money_rows(stage)
    for row in rows:
        roots = {forest.root(c) for c in row.coefficients}
        if len(roots) == 1:
            inside.setdefault(roots.pop(), []).append(row)
        else:
            linking.append(row)
    columns_of: dict[int, list[int]] = {}
    for c in range(len(stage.columns)):
        if c not in money:
            columns_of.setdefault(forest.root(c), []).append(c)
    scenarios_of: dict[int, list[int]] = {}
    for number, columns in enumerate(used):
        if columns:
            scenarios_of.setdefault(forest.root(columns[0]), []).append(number)
    tails_of: dict[int, list[int]] = {}
    for number, members in enumerate(tails):
        anchors = [c for s in members for c in used[s][:1]]
        if anchors:
            tails_of.setdefault(forest.root(anchors[0]), []).append(number)
    floors_of: dict[int, list[int]] = {}
    shared: list[int] = []
    for number, floor in enumerate(problem.floors):
        roots = {forest.root(used[s][0]) for _, s in floor.terms if used[s]}
        if len(roots) == 1 and all(used[s] for _, s in floor.terms):
            floors_of.setdefault(roots.pop(), []).append(number)
        else:
            shared.append(number)
    owner = {column: chain for (chain, _), column in stage.chain.items()}
    coalitions = [
        Coalition(
            np.array(columns, dtype=np.int64),
            tuple(inside.get(root, ())),
            tuple(scenarios_of.get(root, ())),
            tuple(tails_of.get(root, ())),
            tuple(floors_of.get(root, ())),
            tuple(dict.fromkeys(owner[c] for c in columns if c in owner)),
        )
        for root, columns in sorted(columns_of.items())
    ]
    return Parts(tuple(coalitions), tuple(linking), tuple(shared))


def money_rows(stage: FirstStage) -> list[Row]:
    """Return the rules of money without the money at hand.

    What is left of year t is budget_t - spend_t and the share carried over of what was left before, so
    ``sum over s <= t of carry^(t-s) (spend_s - budget_s) <= 0`` for each year.
    """
    rows = []
    carried: dict[int, float] = {}
    right = 0.0
    for year in stage.money_years:
        carried = {c: stage.carry_over * v for c, v in carried.items() if stage.carry_over * v != 0.0}
        for column, cost in stage.spend[year].items():
            carried[column] = carried.get(column, 0.0) + cost
        right = stage.carry_over * right + stage.budget[year] - stage.committed[year]
        text = say("spending", year=year)
        rows.append(Row("budget", text, dict(carried), -np.inf, right, stage.money_size))
    return rows


def _columns_of(problem: DesignProblem, scenario: Scenario) -> list[int]:
    """Return the decisions that a scenario depends on."""
    numbers = {p for _, p, _ in (*scenario.column_terms, *scenario.row_terms) if p >= 0}
    found: set[int] = set()
    for p in numbers:
        product = problem.products[p]
        found.update(product.units)
        for columns in product.binaries:
            found.update(columns)
    return sorted(found)


def _scenarios_of_tail(tail: Tail) -> list[int]:
    return [scenario for _, scenario, _ in tail.members if scenario >= 0]


def restrict(problem: DesignProblem, part: Coalition) -> DesignProblem:
    """Return the problem of one coalition alone: its decisions, its own rules and floors, its share of the objective.

    The objective is the maximised one, without constants: ``stage_cost x`` and its scenarios.
    """
    stage = problem.stage
    place = {int(c): i for i, c in enumerate(part.columns)}
    small = FirstStage(stage.years, stage.money_years)
    small.columns = [stage.columns[c] for c in part.columns.tolist()]
    small.rows = [
        replace(row, coefficients={place[c]: v for c, v in row.coefficients.items()}) for row in part.rows
    ]
    for name in ("start", "units", "chain", "policy"):
        mine = {key: place[c] for key, c in getattr(stage, name).items() if c in place}
        setattr(small, name, mine)
    measures = {m for m, _ in small.start}
    small.owner = {m: c for m, c in stage.owner.items() if m in measures}
    small.policy_chain = {p: c for p, c in stage.policy_chain.items() if any(p == q for q, _ in small.policy)}
    small.spend = {
        y: {place[c]: v for c, v in terms.items() if c in place} for y, terms in stage.spend.items()
    }
    small.committed = dict.fromkeys(stage.money_years, 0.0)
    small.budget = dict(stage.budget)
    small.carry_over, small.money_size = stage.carry_over, stage.money_size
    number: dict[int, int] = {}
    products: list[Product] = []

    def renumber(terms: list[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
        result = []
        for where, p, value in terms:
            if p >= 0 and p not in number:
                number[p] = len(products)
                products.append(_moved(problem.products[p], place))
            result.append((where, number[p] if p >= 0 else -1, value))
        return result

    scenarios = [
        replace(s, column_terms=renumber(s.column_terms), row_terms=renumber(s.row_terms))
        for s in (problem.scenarios[i] for i in part.scenarios)
    ]
    moved = {s: i for i, s in enumerate(part.scenarios)}
    tails = tuple(
        replace(t, members=tuple((p, moved[s] if s >= 0 else -1, v) for p, s, v in t.members))
        for t in (problem.tails[i] for i in part.tails)
    )
    floors = tuple(
        replace(f, terms=tuple((c, moved[s]) for c, s in f.terms))
        for f in (problem.floors[i] for i in part.floors)
    )
    result = replace(
        problem,
        stage=small,
        products=products,
        scenarios=scenarios,
        tails=tails,
        floors=floors,
        constant=0.0,
        sense=1,
        offset=0.0,
        stage_cost=problem.stage_cost[part.columns].copy(),
    )
    result.nothing = result.second_stage([s.worst for s in scenarios])
    result.everything = result.second_stage([s.best for s in scenarios])
    return result


def _moved(product: Product, place: dict[int, int]) -> Product:
    return Product(
        tuple(tuple(place[c] for c in columns) for columns in product.binaries),
        tuple(place[c] for c in product.units),
        product.most,
    )
