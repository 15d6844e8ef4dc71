"""What more money buys: ACC against budget, measures that every good plan has, the worth of a year's money (3.6)."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optichain.compilation import compile_network
from optichain.design.account import Account, make_account
from optichain.design.budgets import with_money, with_wish
from optichain.design.choices import read_choices
from optichain.design.plan import Choice
from optichain.design.problem import build_problem
from optichain.design.reinforce import insist
from optichain.design.rules import money_of_years, planning_of
from optichain.design.twostage import DesignProblem
from optichain.design.wishes import Wishes
from optichain.errors import InfeasibleError, StoppedError, UsageError
from optichain.risk.continuity import ContinuityEngine
from optichain.tojson import plain

if TYPE_CHECKING:
    from optichain.instance.model import Instance
    from optichain.solving import Solution, Solver

__all__ = ["Frontier", "Point", "find_frontier"]


@dataclass(frozen=True, eq=False)
class Point:
    """The best plan found under a budget.

    Attributes
    ----------
    budget : float
        Of each planning year.
    acc, bound : float or None
        Mean ACC over the years that count, and what no plan passes; None where the rules cannot be obeyed.
    measures : tuple of Choice
    """

    budget: float
    acc: float | None
    bound: float | None
    measures: tuple[Choice, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the point as in the command ``frontier``."""
        chosen = sorted(self.measures, key=lambda c: c.measure)
        measures = [{"measure": c.measure, "units": c.units, "start_year": c.start_year} for c in chosen]
        return {"budget": self.budget, "acc": self.acc, "bound": self.bound, "measures": measures}


@dataclass(frozen=True, eq=False)
class Frontier:
    """ACC against budget, and how firm the plan under the instance's own budget is.

    Attributes
    ----------
    points : tuple of Point
    best, threshold : float or None
        ACC under the instance's own budget, and from where on a plan counts as near-optimal.
    core, contested : tuple of str
        Measures in every near-optimal plan; in some but not in all.
    undecided : tuple of str
        Measures for which time, or the gap, left it open.
    value_of_money : dict of year to dict
        ``dual``: ACC for one more unit of money by the relaxation; ``difference``: what one more unit of money in
        that year truly adds.
    gap : float
        Improvement gap that the points were solved to.
    """

    points: tuple[Point, ...]
    best: float | None
    threshold: float | None
    core: tuple[str, ...]
    contested: tuple[str, ...]
    undecided: tuple[str, ...]
    value_of_money: Mapping[int, Mapping[str, float | None]]
    gap: float

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of the command ``frontier``."""
        result = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "points"}
        cleaned: dict[str, Any] = plain({"points": [p.to_json() for p in self.points], **result})
        return cleaned


def find_frontier(
    instance: Instance,
    budgets: Sequence[float],
    *,
    method: str = "portfolio",
    within: float = 0.01,
    gap: float = 1e-4,
    time_limit: float | None = None,
    threads: int | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    stop: threading.Event | None = None,
) -> Frontier:
    """Find the most ACC under each of several budgets, and what holds for all good plans under the instance's own.

    Parameters
    ----------
    instance : Instance
    budgets : sequence of float
        Each holds for every planning year.
    method : str
        An installed method; the portfolio keeps what it knows from one budget to the next.
    within : float
        A plan is near-optimal when at most this share of the best improvement is missing.
    gap : float
        Improvement gap of every solve.
    time_limit : float, optional
        Seconds for all of it; budgets and questions that it leaves no time for are left out or undecided.
    threads, seed : int
    executor : Executor, optional
        For a method that spreads work.
    stop : threading.Event, optional
    """
    from optichain.solving import find_solver

    if any(b < 0.0 for b in budgets):
        raise UsageError(f"budgets: expected numbers that are not negative, got {list(budgets)}")
    if not 0.0 <= within <= 1.0:
        raise UsageError(f"within: expected a share in [0, 1], got {within}")
    explorer = _Explorer(
        instance,
        find_solver(method),
        {"gap": gap, "threads": threads, "seed": seed, "stop": stop}
        | ({"executor": executor} if executor is not None else {}),
        time_limit,
    )
    own = explorer.solve(explorer.problem)
    core: tuple[str, ...] = ()
    contested: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    value: dict[int, dict[str, float | None]] = {}
    best = threshold = None
    if own is not None:
        best = explorer.account(own, Wishes()).objective
        threshold = best - within * max(best - explorer.problem.nothing, 0.0)
        value = explorer.value_of_money(own)
        core, contested, undecided = explorer.near_optimal(own, threshold)
    points = [explorer.point(instance, b) for b in budgets]
    return Frontier(
        tuple(p for p in points if p is not None), best, threshold, core, contested, undecided, value, gap
    )


class _Explorer:
    """Solves variants of one problem by one solver."""

    def __init__(
        self, instance: Instance, solver: Solver, options: dict[str, Any], time_limit: float | None
    ) -> None:
        self.instance, self.solver, self.options = instance, solver, options
        self.network = compile_network(instance)
        self.engine = ContinuityEngine(self.network)
        self.problem = build_problem(instance, engine=self.engine)
        self.until = None if time_limit is None else time.perf_counter() + time_limit

    def solve(self, problem: DesignProblem) -> Solution | None:
        """Solve a variant; None where it has no plan, or no time is left for one."""
        left = None if self.until is None else self.until - time.perf_counter()
        if left is not None and left <= 0.0:
            return None
        try:
            return self.solver.solve(problem, time_limit=left, **self.options)
        except (InfeasibleError, StoppedError):
            return None

    def account(self, solution: Solution, wishes: Wishes) -> Account:
        """Work a plan out again; what the solver claims must hold."""
        choices, policies = read_choices(self.problem, solution.values)
        account = make_account(
            self.instance, choices, policies=policies, wishes=wishes, engine=self.engine, spofs=False
        )
        insist(self.problem, account, solution)
        return account

    def point(self, instance: Instance, budget: float) -> Point | None:
        """Return the best plan under a budget; None where no time was left for it."""
        if self.until is not None and time.perf_counter() >= self.until:
            return None
        solution = self.solve(with_money(self.problem, money_of_years(instance, budget)))
        if solution is None:
            return Point(budget, None, None, ())
        account = self.account(solution, Wishes(budget=budget))
        choices, _ = read_choices(self.problem, solution.values)
        bound = None if solution.bound is None else max(solution.bound, account.objective)
        return Point(budget, account.objective, bound, tuple(choices))

    def value_of_money(self, own: Solution) -> dict[int, dict[str, float | None]]:
        """Return what one more unit of money in each planning year is worth."""
        duals: Mapping[int, float] = getattr(self.solver, "money_values", dict)()
        base = self.problem.stage.budget
        values: dict[int, dict[str, float | None]] = {}
        for year in planning_of(self.instance).years:
            more = self.solve(with_money(self.problem, {**base, year: base[year] + 1.0}))
            # a plan under less money is a plan under more
            gained = None if more is None else max(more.objective - own.objective, 0.0)
            values[year] = {"dual": duals.get(year), "difference": gained}
        # the duals and bounds that are asked for next are those of the instance's own budget
        self.solve(self.problem)
        return values

    def near_optimal(
        self, own: Solution, threshold: float
    ) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Return the measures in every plan that reaches a threshold, in some, and those left open.

        For each measure the best plan with it, and the best without it, are what decides; a plan found on the way
        answers for many measures, and so does a bound.
        """
        measures = list(dict.fromkeys(m for m, _ in self.problem.stage.start))
        best: dict[tuple[str, bool], tuple[float, float]] = {}
        bounds: Mapping[str, tuple[float, float]] = getattr(self.solver, "measure_bounds", dict)()
        plans = [self._chosen(own)]

        def reached(measure: str, chosen: bool) -> bool | None:
            """Tell whether some good plan has (or lacks) a measure; None where it stays open."""
            if any((measure in plan) == chosen for plan in plans):
                return True
            known = bounds.get(measure)
            if known is not None and known[0 if chosen else 1] < threshold:
                return False
            solution = self.solve(with_wish(self.problem, measure, chosen=chosen))
            if solution is None:
                over = self.until is not None and time.perf_counter() >= self.until
                return None if over or self._stopped() else False
            if solution.objective >= threshold:
                plans.append(self._chosen(solution))
                return True
            return False if solution.bound is not None and solution.bound < threshold else None

        for measure in measures:
            for chosen in (True, False):
                answer = reached(measure, chosen)
                best[measure, chosen] = (float(answer is not False), float(answer is None))
        core, contested, undecided = [], [], []
        for measure in sorted(measures):
            (some, open_some), (lacking, open_lacking) = best[measure, True], best[measure, False]
            if open_some or open_lacking:
                undecided.append(measure)
            elif some and not lacking:
                core.append(measure)
            elif some:
                contested.append(measure)
        return tuple(core), tuple(contested), tuple(undecided)

    def _stopped(self) -> bool:
        stop = self.options.get("stop")
        return stop is not None and bool(stop.is_set())

    def _chosen(self, solution: Solution) -> set[str]:
        return {c.measure for c in read_choices(self.problem, solution.values)[0]}
