"""Why a problem has no solution: a smallest set of clashing rules, and the cheapest relaxation (3.6).

The elastic model gives every rule a slack. Its optimum is the cheapest relaxation. The rules that give way in an elastic
optimum are a correction set: a clash needs one of them. A smallest set of rules that meets all correction sets found so
far either clashes, and then no smaller set does, or its elastic optimum is a further correction set (implicit hitting
sets, Ignatiev et al. 2015, doi 10.1007/978-3-319-23219-5_13).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

import pulp

from optichain.design.firststage.stage import FirstStage, Row
from optichain.design.twostage.problem import DesignProblem
from optichain.errors import SolverError, VerificationError
from optichain.explaining import Clash, Explanation, Relaxation
from optichain.sentences import Sentence
from optichain_solvers.backend import INFEASIBLE, expression, run
from optichain_solvers.extensive.model import handed_over, second_stages

__all__ = ["explain"]

DEFINITIONS = ("units", "one start", "part of the policy")
"""Rules that say what a decision is: they always hold, and nobody could give way on them."""

TOLERANCE = 1e-6


@dataclass(frozen=True)
class _Rule:
    """A rule that can give way: its row of the first stage, or its floor."""

    rule: str
    message: Sentence
    coefficients: Any
    lower: float
    upper: float
    limit: float | None
    """The bound as people know it, where no bound of the row says it."""
    size: float
    """What a move of the rule is measured against, in the numbers of the solver as everything else."""
    unit: float = 1.0
    """What one of the solver's numbers is for people."""


def _rule_of(stage: FirstStage, row: Row) -> _Rule:
    """Return a row as a rule; what is asked of a year's money, or of a chain in support, stands in a coefficient."""
    limit = None
    coefficients, lower, upper = handed_over(stage, row)
    size = max([abs(b) for b in (lower, upper) if math.isfinite(b)], default=0.0)
    years = [year for year, column in stage.have.items() if column in row.coefficients]
    if row.rule == "budget" and years:
        limit = size = stage.budget[years[0]] / row.size
    elif size == 0.0:
        size = max((abs(c) for c in coefficients.values()), default=0.0)
        limit = size if row.rule in ("support_min", "support_max") else limit
    return _Rule(row.rule, row.message, coefficients, lower, upper, limit, max(1.0, size), row.size)


def explain(
    problem: DesignProblem, *, time_limit: float = 60.0, stop: threading.Event | None = None
) -> Explanation:
    """Find a smallest set of clashing rules and the cheapest relaxation.

    Parameters
    ----------
    problem : DesignProblem
        Without any solution.
    time_limit : float
        Seconds after which an irreducible set may stand for a smallest one.
    stop : threading.Event, optional
        Once set, likewise.

    Raises
    ------
    VerificationError
        The problem has a solution after all.
    SolverError
        Not even rules that all give way leave one.
    """
    return _Explainer(problem, time.perf_counter() + time_limit, stop).explanation()


class _Explainer:
    def __init__(self, problem: DesignProblem, deadline: float, stop: threading.Event | None) -> None:
        # the objective is no matter here: only the scenarios of floors are written down
        idle = [replace(scenario, weight=0.0) for scenario in problem.scenarios]
        self.problem = replace(problem, scenarios=idle, tails=())
        self.deadline, self.stop = deadline, stop
        rows = problem.stage.rows
        # money at hand is an equation that defines a column
        self.fixed = [r for r in rows if r.rule in DEFINITIONS or (r.rule == "budget" and r.lower == r.upper)]
        held = {id(row) for row in self.fixed}
        self.rules = [_rule_of(problem.stage, row) for row in rows if id(row) not in held]
        self.rules += [
            _Rule(f.rule, f.message, f.terms, f.least, math.inf, f.limit, 1.0) for f in problem.floors
        ]
        self.first_floor = len(self.rules) - len(problem.floors)

    def explanation(self) -> Explanation:
        """Return the explanation."""
        cheapest = self._elastic(())
        if cheapest is None:
            raise SolverError("no plan obeys the definitions of the decisions, whatever the rules")
        if not cheapest:
            raise VerificationError("the rules are said to clash, but some plan obeys them all")
        clash, smallest = self._smallest(set(cheapest))
        listed = [Clash(self.rules[i].rule, self.rules[i].message) for i in sorted(clash)]
        return Explanation(tuple(listed), smallest, self._relaxation(cheapest))

    def _relaxation(self, moves: dict[int, tuple[float, float]]) -> tuple[Relaxation, ...]:
        found = []
        for i, (below, above) in sorted(moves.items()):
            rule = self.rules[i]
            lower, upper = (rule.lower, rule.upper) if rule.limit is None else (rule.limit, rule.limit)
            if i >= self.first_floor:
                below = min(
                    below, lower
                )  # what chains fall short together; none is asked for less than nothing
            bound = lower - below if below > above else upper + above
            amount = max(below, above) * rule.unit
            found.append(Relaxation(rule.rule, rule.message, amount, bound * rule.unit))
        return tuple(found)

    def _smallest(self, first: set[int]) -> tuple[set[int], bool]:
        """Return a smallest set of clashing rules; when time is up, an irreducible one."""
        corrections = [first]
        while not self._late():
            hitting = self._hitting_set(corrections)
            moved = self._elastic(hitting)
            if moved is None:
                return hitting, True
            corrections.append(set(moved))
        return self._irreducible(), False

    def _irreducible(self) -> set[int]:
        """Leave out one rule after another as long as the others clash (deletion filter, Chinneck and Dravnieks 1991)."""
        kept = set(range(len(self.rules)))
        for i in range(len(self.rules)):
            if self._elastic(kept - {i}, others=False) is None:
                kept.discard(i)
        return kept

    def _late(self) -> bool:
        return time.perf_counter() > self.deadline or (self.stop is not None and self.stop.is_set())

    @staticmethod
    def _hitting_set(corrections: Iterable[set[int]]) -> set[int]:
        """Return a smallest set of rules with one of each correction set, the first rules first."""
        sets = [sorted(c) for c in corrections]
        members = sorted({i for c in sets for i in c})
        model = pulp.LpProblem("hitting", pulp.LpMinimize)
        take = {i: model.add_variable(f"t_{i}", 0, 1, pulp.LpInteger) for i in members}
        model += expression([(take[i], 1.0 + 1e-6 * place / len(members)) for place, i in enumerate(members)])
        for c in sets:
            model += expression([(take[i], 1.0) for i in c]) >= 1.0
        run(model, gap=0.0)
        return {i for i in members if take[i].value() > 0.5}

    def _elastic(
        self, hard: Collection[int], *, others: bool = True
    ) -> dict[int, tuple[float, float]] | None:
        """Let all rules but some give way as little as can be: the least sum of moves, each relative to its rule.

        Parameters
        ----------
        hard : collection of int
            Rules that hold.
        others : bool
            Whether the other rules are looked at at all.

        Returns
        -------
        dict of rule to (below, above), or None
            How far each rule that moves gives way at its lower and its upper bound; ``None`` where no point obeys the
            hard ones.
        """
        problem = self.problem
        model = pulp.LpProblem("elastic", pulp.LpMinimize)
        decisions = [
            model.add_variable(
                f"d_{i}",
                None if math.isinf(c.lower) else c.lower / c.size,
                None if math.isinf(c.upper) else c.upper / c.size,
                pulp.LpInteger if c.integer else pulp.LpContinuous,
            )
            for i, c in enumerate(problem.stage.columns)
        ]
        one = model.add_variable(
            "one", 1, 1
        )  # a rule about nothing, and an objective of nothing, need a term
        for row in self.fixed:
            coefficients, lower, upper = handed_over(problem.stage, row)
            terms = [(decisions[i], c) for i, c in coefficients.items()]
            _bounded(model, terms, lower, upper, None, None)
        floors = [i for i in range(self.first_floor, len(self.rules)) if others or i in hard]
        values = second_stages(model, problem, decisions) if floors else {}
        price: list[tuple[Any, float]] = []
        slack: dict[int, list[Any]] = {}
        for i, rule in enumerate(self.rules):
            if i not in hard and not others:
                continue
            if i >= self.first_floor:
                terms = [(v, c * x) for c, s in rule.coefficients for v, x in values[s]]
            else:
                terms = [(decisions[j], c) for j, c in rule.coefficients.items()]
            below = above = None
            if i not in hard:
                below = model.add_variable(f"b_{i}", 0, None) if math.isfinite(rule.lower) else None
                above = model.add_variable(f"a_{i}", 0, None) if math.isfinite(rule.upper) else None
                slack[i] = [below, above]
                price += [(v, 1.0 / rule.size) for v in (below, above) if v is not None]
            _bounded(model, terms or [(one, 0.0)], rule.lower, rule.upper, below, above)
        model += expression([*price, (one, 1.0)])
        outcome = run(model, gap=1e-6, stop=None)
        if outcome.status == INFEASIBLE:
            return None
        if not outcome.has_solution:
            raise SolverError(f"the clash of rules cannot be narrowed down: {outcome.message}")
        found = {}
        for i, pair in slack.items():
            moves = [0.0 if v is None or v.value() is None else float(v.value()) for v in pair]
            if max(moves) > TOLERANCE * self.rules[i].size:
                found[i] = (moves[0], moves[1])
        return found


def _bounded(
    model: Any, terms: list[tuple[Any, float]], lower: float, upper: float, below: Any, above: Any
) -> None:
    """Add ``lower - below <= terms <= upper + above``."""
    low = [] if below is None else [(below, 1.0)]
    high = [] if above is None else [(above, -1.0)]
    if math.isfinite(lower):
        model += expression([*terms, *low]) >= lower
    if math.isfinite(upper):
        model += expression([*terms, *high]) <= upper
