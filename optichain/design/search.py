"""A search for plans: one method with all that it is handed, and one time limit for all that it solves (3.5)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from optichain.design.account.finish import version_of
from optichain.design.answers import answer_of
from optichain.design.firststage.lazily import LazyRules
from optichain.design.twostage.arrays import DesignProblem
from optichain.errors import InfeasibleError, SolverError, VerificationError
from optichain.explaining import explain

if TYPE_CHECKING:
    import threading
    from concurrent.futures import Executor
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from optichain.solving import Solution, Solver

__all__ = ["Search"]

log = logging.getLogger(__name__)


@dataclass
class Search:
    """One method at work on one problem and what is made of it.

    Attributes
    ----------
    method : Solver
    reason : str
        Why it was chosen.
    solver : str
        Behind the method.
    solver_options : mapping, optional
    gap : float
        Improvement gap at which to stop; for least cost, relative to the cost.
    time_limit : float, optional
        Seconds from now for all solves together.
    threads, seed : int
    write_model : path, optional
    stop : threading.Event, optional
    checkpoint : path, optional
        For a method that keeps one.
    progress : callable, optional
        For a method that tells how far it is.
    executor : Executor, optional
        For a method that spreads work.
    start : ndarray, shape (columns of the first stage,), optional
        A plan to begin with, for a method that takes one (`takes_start`).
    """

    method: Solver
    reason: str
    solver: str = "HiGHS"
    solver_options: Mapping[str, Any] | None = None
    gap: float = 1e-4
    time_limit: float | None = None
    threads: int | None = None
    seed: int = 0
    write_model: str | Path | None = None
    stop: threading.Event | None = None
    checkpoint: str | Path | None = None
    progress: Callable[[dict[str, Any]], object] | None = None
    executor: Executor | None = None
    start: npt.NDArray[np.float64] | None = None
    _began: float = field(default_factory=time.perf_counter)

    @property
    def foreign(self) -> bool:
        """Whether a solver is at work whose word alone stands for its bound: any but HiGHS."""
        return self.solver != "HiGHS"

    @property
    def takes_start(self) -> bool:
        """Whether the method can begin with a plan."""
        return bool(getattr(self.method, "starts", False))

    def provenance(self, solution: Solution) -> dict[str, Any]:
        """Return how a solution was found, as a plan tells it."""
        return {
            "method": self.method.name,
            "method_reason": self.reason,
            "solver": self.solver,
            "solver_version": version_of({"HiGHS": "highspy"}.get(self.solver, "pulp")),
            "solver_message": solution.message,
            "seed": self.seed,
            "gap_asked": self.gap,
            "time_limit": self.time_limit,
        }

    def solve(self, problem: DesignProblem) -> Solution:
        """Return what the method answers in the time that is left."""
        more: dict[str, Any] = {}
        if getattr(self.method, "checkpoints", False):  # a method with iterations
            more = {"checkpoint": self.checkpoint, "progress": self.progress}
        if getattr(self.method, "spreads", False):  # a method with independent parts
            more |= {"executor": self.executor, "progress": self.progress}
        if self.start is not None:
            more["start"] = self.start
        left = self.time_limit
        if left is not None:
            left = max(left - (time.perf_counter() - self._began), 1e-3)
        return answer_of(
            self.method,
            problem,
            solver=self.solver,
            options=self.solver_options,
            gap=self.gap,
            time_limit=left,
            threads=self.threads,
            seed=self.seed,
            write_model=self.write_model,
            stop=self.stop,
            **more,
        )

    def solve_lazily(self, problem: DesignProblem, rules: LazyRules) -> Solution:
        """Solve, add the rules that the answer breaks, and solve again, until it breaks none.

        What is known so far is always a relaxation, so the last bound holds. Rules of structure are first found without
        the second stage, which they do not need.
        """
        if rules.clearing is not None and problem.floors:
            while rules.add(self.solve(_first_stage_of(problem)).values, structure_only=True):
                log.info("%d rules, structure alone", len(problem.stage.rows))
        solution = self.solve(problem)
        while rules.add(solution.values):
            log.info("%d rules", len(problem.stage.rows))
            solution = self.solve(problem)
        return solution

    def explained(self, problem: DesignProblem, error: InfeasibleError) -> InfeasibleError:
        """Return the error with the rules that clash and the cheapest relaxation, or as it is where that fails."""
        try:
            explanation = explain(problem, stop=self.stop)
        except VerificationError as failure:
            if self.foreign:  # HiGHS clashes by a rounding error at most
                raise VerificationError(f"solver {self.solver} is wrong: {failure}") from error
            return error
        except SolverError as failure:
            log.warning("the clash of rules could not be explained: %s", failure)
            return error
        rules = sorted({clash.rule for clash in explanation.clash})
        return InfeasibleError(explanation.text(), rules=rules, explanation=explanation)


def _first_stage_of(problem: DesignProblem) -> DesignProblem:
    return replace(problem, scenarios=[], products=[], tails=(), floors=())
