"""Variants of one problem, solved by one method: other budgets, a measure asked for or ruled out (3.6)."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from optichain.compilation import compile_network
from optichain.design.account.account import Account, make_account
from optichain.design.account.scale import Scale
from optichain.design.aims import LOSS
from optichain.design.answers import answer_of, insist
from optichain.design.firststage.periods import year_weights
from optichain.design.firststage.rules import money_of_years, planning_of
from optichain.design.firststage.wishes import Wishes
from optichain.design.plan import Choice
from optichain.design.recourse.weighing import engine_for
from optichain.design.twostage.arrays import DesignProblem
from optichain.design.twostage.budgets import with_money, with_wish
from optichain.design.twostage.choices import read_choices
from optichain.design.twostage.problem import build_problem
from optichain.errors import InfeasibleError, StoppedError

if TYPE_CHECKING:
    from optichain.instance.model import Instance
    from optichain.solving import Solution

__all__ = ["Explorer", "Point", "YearOfMoney"]


@dataclass(frozen=True, eq=False)
class Point:
    """The best plan found under a budget.

    Attributes
    ----------
    budget : float
        Of each planning year.
    objective, bound : float or None
        Of the plan, and what no plan passes; None where the rules cannot be obeyed, as in all that follows.
    acc, expected_annual_loss : float or None
        Mean over the years that count.
    acc_after, expected_annual_loss_after, avoidable_share : float or None
        With the plan in full effect.
    loss_avoided : float or None
        Money a year, with the plan in full effect.
    cost : float or None
        Money of the fund for new measures, over all years.
    measures : tuple of Choice
    """

    budget: float
    objective: float | None = None
    bound: float | None = None
    acc: float | None = None
    expected_annual_loss: float | None = None
    acc_after: float | None = None
    expected_annual_loss_after: float | None = None
    loss_avoided: float | None = None
    avoidable_share: float | None = None
    cost: float | None = None
    measures: tuple[Choice, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the point as in the command ``frontier``."""
        result = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "measures"}
        chosen = sorted(self.measures, key=lambda c: c.measure)
        result["measures"] = [
            {"measure": c.measure, "units": c.units, "start_year": c.start_year} for c in chosen
        ]
        return result


@dataclass(frozen=True)
class YearOfMoney:
    """What one more unit of money in one year is worth; positive is better.

    Attributes
    ----------
    dual : float or None
        In the objective, by the relaxation in which chains may mix their policies; None where the method knows none.
    difference, most : float or None
        What the best plan found with it adds to the objective, and what the proven bound leaves possible.
    loss_avoided : float or None
        Money a year that this plan avoids besides, mean over the years that count. None, as the two before, where no
        time was left.
    measures_in, measures_out : tuple of str
        What that plan funds besides, and no longer.
    """

    dual: float | None
    difference: float | None = None
    most: float | None = None
    loss_avoided: float | None = None
    measures_in: tuple[str, ...] = ()
    measures_out: tuple[str, ...] = ()


class Explorer:
    """Solves variants of one problem by one method.

    Parameters
    ----------
    instance : Instance
    wishes : Wishes
        What is asked for beside the instance; no limits on ACC, autonomy or SPOFs.
    method : str
        An installed method, or ``auto``: one that keeps what it learns from one solve to the next.
    options : dict
        For each solve.
    executor : Executor, optional
        For a method that spreads work.
    time_limit : float, optional
        Seconds for all solves together.
    """

    def __init__(
        self,
        instance: Instance,
        wishes: Wishes,
        method: str,
        options: dict[str, Any],
        *,
        executor: Executor | None = None,
        time_limit: float | None = None,
    ) -> None:
        from optichain.solving import find_solver

        self.instance, self.wishes, self.options = instance, wishes, options
        self.network = compile_network(instance)
        self.engine = engine_for(self.network, wishes.aim)
        self.problem = build_problem(instance, wishes, engine=self.engine)
        self.solver: Any = find_solver(_learning(self.problem) if method == "auto" else method)
        if executor is not None and getattr(self.solver, "spreads", False):
            self.options = {**options, "executor": executor}
        self.scale = Scale(self.network, wishes.aim, None if wishes.aim.objective == LOSS else self.engine)
        self.weights = year_weights(instance)
        self.until = None if time_limit is None else time.perf_counter() + time_limit

    @property
    def sense(self) -> int:
        """1 where more of the objective is better, -1 where less is."""
        return self.problem.sense

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return self.until is not None and time.perf_counter() >= self.until

    def solve(self, problem: DesignProblem, *, threshold: float | None = None) -> Solution | None:
        """Solve a variant; None where it has no plan, or no time is left for one.

        With a threshold only until it is known whether a plan reaches it.
        """
        left = None if self.until is None else self.until - time.perf_counter()
        if left is not None and left <= 0.0:
            return None
        more: dict[str, Any] = {"time_limit": left, **self.options}
        iterates = getattr(self.solver, "checkpoints", False) or getattr(self.solver, "spreads", False)
        if threshold is not None and iterates:
            ending = _Ending(self.options.get("stop"))

            def settle(report: Mapping[str, Any]) -> None:
                reached, bound = report.get("objective"), report.get("bound")
                above = reached is not None and self.sense * (reached - threshold) >= 0.0
                below = bound is not None and self.sense * (bound - threshold) < 0.0
                if above or below:
                    ending.set()

            more |= {"stop": ending, "progress": settle}
        try:
            solution = answer_of(self.solver, problem, **more)
        except (InfeasibleError, StoppedError):
            return None
        return solution

    def account(self, solution: Solution, wishes: Wishes) -> Account:
        """Work a plan out again; what the solver claims must hold."""
        choices, policies = read_choices(self.problem, solution.values)
        account = make_account(
            self.instance, choices, policies=policies, wishes=wishes, scale=self.scale, spofs=False
        )
        insist(self.problem, account, solution)
        return account

    def point(self, budget: float) -> Point | None:
        """Return the best plan under a budget; None where no time was left for it."""
        if self.over:
            return None
        solution = self.solve(with_money(self.problem, money_of_years(self.instance, budget)))
        if solution is None:
            return Point(budget)
        account = self.account(solution, replace(self.wishes, budget=budget))
        choices, _ = read_choices(self.problem, solution.values)
        before, after = account.expected_annual_loss_before, account.expected_annual_loss_after
        return Point(
            budget=budget,
            objective=account.objective,
            bound=None if solution.bound is None else self.problem.beyond(solution.bound, account.objective),
            acc=self._mean(account.acc_by_year),
            expected_annual_loss=self._mean(account.expected_annual_loss_by_year),
            acc_after=account.acc_after,
            expected_annual_loss_after=after,
            loss_avoided=before - after,
            avoidable_share=account.avoidable_share,
            cost=math.fsum(account.spend.values()) - math.fsum(account.commitments.values()),
            measures=tuple(choices),
        )

    def value_of_money(self, own: Solution) -> dict[int, YearOfMoney]:
        """Return what one more unit of money in each planning year is worth."""
        duals: Mapping[int, float] = getattr(self.solver, "money_values", dict)()
        base, years = self.problem.stage.budget, planning_of(self.instance).years
        reference = self._mean(self.account(own, self.wishes).expected_annual_loss_by_year)
        values: dict[int, YearOfMoney] = {}
        for year in years:
            richer = {**base, year: base[year] + 1.0}
            more = self.solve(with_money(self.problem, richer))
            if more is None:
                values[year] = YearOfMoney(duals.get(year))
                continue
            gained = self.sense * (more.objective - own.objective)
            room = None if more.bound is None else self.sense * (more.bound - own.objective)
            most = None if room is None else max(room, gained, 0.0)
            if gained <= 0.0:  # a plan under less money is a plan under more
                values[year] = YearOfMoney(duals.get(year), 0.0, most, 0.0)
                continue
            account = self.account(more, replace(self.wishes, budget=[richer[y] for y in years]))
            saved = reference - self._mean(account.expected_annual_loss_by_year)
            new, old = self._chosen(more), self._chosen(own)
            values[year] = YearOfMoney(
                duals.get(year), gained, most, saved, tuple(sorted(new - old)), tuple(sorted(old - new))
            )
        return values

    def near_optimal(
        self, own: Solution, threshold: float
    ) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Return the measures in every plan that reaches a threshold, in some, and those left open.

        For each measure the best plan with it, and the best without it, are what decides; a plan found on the way
        answers for many measures, and so does a bound.
        """
        # the bounds that are asked for are those of the plan's own budget
        self.solve(self.problem)
        measures = list(dict.fromkeys(m for m, _ in self.problem.stage.start))
        bounds: Mapping[str, tuple[float, float]] = getattr(self.solver, "measure_bounds", dict)()
        plans = [self._chosen(own)]
        sense = self.sense

        def reached(measure: str, chosen: bool) -> bool | None:
            """Tell whether some good plan has (or lacks) a measure; None where it stays open."""
            if any((measure in plan) == chosen for plan in plans):
                return True
            known = bounds.get(measure)
            if known is not None and sense * (known[0 if chosen else 1] - threshold) < 0.0:
                return False
            solution = self.solve(with_wish(self.problem, measure, chosen=chosen), threshold=threshold)
            if solution is None:
                return None if self.over or self._stopped() else False
            if sense * (solution.objective - threshold) >= 0.0:
                plans.append(self._chosen(solution))
                return True
            beaten = solution.bound is not None and sense * (solution.bound - threshold) < 0.0
            return False if beaten else None

        core, contested, undecided = [], [], []
        for measure in sorted(measures):
            some, lacking = reached(measure, True), reached(measure, False)
            if some is None or lacking is None:
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

    def _mean(self, by_year: Mapping[int, float]) -> float:
        return math.fsum(self.weights[y] * v for y, v in by_year.items())


class _Ending(threading.Event):
    """An event that is also set where another one is."""

    def __init__(self, other: threading.Event | None) -> None:
        super().__init__()
        self._other = other

    def is_set(self) -> bool:
        """Tell whether either is set."""
        return super().is_set() or (self._other is not None and self._other.is_set())


def _learning(problem: DesignProblem) -> str:
    """Return the method that profits most from having solved nearly the same before."""
    from optichain.solving import SEVERAL, independent_parts, solver_names

    apart = independent_parts(problem) >= SEVERAL and not problem.tails
    wanted = ("portfolio", "lshaped", "extensive") if apart else ("lshaped", "extensive")
    return next(name for name in wanted if name in solver_names())
