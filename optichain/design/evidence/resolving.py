"""Solving again and again what differs by little from one problem."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from optichain.compilation import compile_network
from optichain.design.aims import LOSS
from optichain.design.firststage.lazily import LazyRules
from optichain.design.firststage.stage import Row
from optichain.design.firststage.wishes import Wishes
from optichain.design.plan import Choice, Plan
from optichain.design.search import Search
from optichain.design.twostage.choices import read_choices
from optichain.design.twostage.problem import build_problem
from optichain.errors import UsageError
from optichain.risk.flows.engine import ContinuityEngine

if TYPE_CHECKING:
    from optichain.instance.model import Instance
    from optichain.solving import Solver

__all__ = ["Answer", "Resolver"]


@dataclass(frozen=True)
class Answer:
    """What a solver found.

    Attributes
    ----------
    choices : tuple of Choice
    objective : float
        In the solver's words; who reports it works it out again.
    bound : float or None
    proven : bool
        Optimal to the gap asked for.
    """

    choices: tuple[Choice, ...]
    objective: float
    bound: float | None
    proven: bool


class Resolver:
    """Builds the problem of an instance once, and solves it with its rules as they are or changed.

    Parameters
    ----------
    instance : Instance
    plan : Plan
        Whose kind of problem it is.
    wishes : Wishes
    gap : float
        Improvement gap at which to stop; for least cost, relative to the cost.
    time_limit : float, optional
        Seconds for each solve.
    threads : int, optional
    seed : int
    stop : threading.Event, optional
        Once set, from another thread, the solver stops with what it has.

    Attributes
    ----------
    problem : DesignProblem

    Raises
    ------
    UsageError
        The plan has columns of other instances, or is one against the worst case.
    """

    def __init__(
        self,
        instance: Instance,
        plan: Plan,
        wishes: Wishes,
        *,
        gap: float = 1e-4,
        time_limit: float | None = None,
        threads: int | None = None,
        seed: int = 0,
        stop: threading.Event | None = None,
    ) -> None:
        if plan.claimed or wishes.aim.threat is not None:
            raise UsageError(
                "a plan with columns of other instances, or against the worst case, is not solved again here"
            )
        self.wishes = wishes
        self.network = compile_network(instance)
        self.engine = ContinuityEngine(self.network)
        self.problem = build_problem(
            instance, wishes, engine=None if wishes.aim.objective == LOSS else self.engine
        )
        # a method that has solved nearly the same before may start from what it learned
        self._method: tuple[Solver, str] | None = None
        self._options: dict[str, Any] = {
            "gap": gap,
            "time_limit": time_limit,
            "threads": threads,
            "seed": seed,
            "stop": stop,
        }

    def solve(self, rows: Sequence[Row] | None = None) -> Answer:
        """Solve with these rules of the first stage, by default those of the instance.

        Raises
        ------
        InfeasibleError, StoppedError
            There is no plan, or none was found in time.
        """
        from optichain.solving import choose_solver

        stage = self.problem.stage
        stage = replace(stage, rows=list(stage.rows if rows is None else rows), columns=list(stage.columns))
        problem = replace(self.problem, stage=stage)
        rules = LazyRules(self.network, problem, self.wishes, self.engine)
        if self._method is None:
            self._method = choose_solver("auto", problem)
        solution = Search(*self._method, **self._options).solve_lazily(problem, rules)
        choices, _ = read_choices(problem, solution.values)
        return Answer(tuple(choices), solution.objective, solution.bound, solution.proven)
