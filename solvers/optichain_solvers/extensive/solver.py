"""The extensive form, solved whole: the reference for every other method (3.5)."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from optichain.design.twostage.problem import DesignProblem
from optichain.errors import InfeasibleError, SolverError, StoppedError
from optichain.sentences import say
from optichain.solving import Solution

__all__ = ["ExtensiveSolver"]


class ExtensiveSolver:
    """Builds one PuLP model and hands it to any solver that PuLP knows."""

    name = "extensive"
    lows = True
    floors = True

    def solve(
        self,
        problem: DesignProblem,
        *,
        solver: str = "HiGHS",
        options: Mapping[str, Any] | None = None,
        gap: float = 1e-4,
        time_limit: float | None = None,
        threads: int | None = None,
        seed: int = 0,
        write_model: str | Path | None = None,
        stop: threading.Event | None = None,
    ) -> Solution:
        """Solve to an improvement gap.

        Parameters
        ----------
        problem : DesignProblem
        solver : str
            Any solver of PuLP.
        options : mapping, optional
            For the solver.
        gap : float
            Improvement gap at which to stop.
        time_limit : float, optional
            Seconds.
        threads, seed : int
        write_model : path, optional
            Where to write the model as MPS.
        stop : threading.Event, optional
            Once set, the solver stops with what it has.

        Raises
        ------
        InfeasibleError
            No choice of measures obeys all rules.
        StoppedError
            The limit came before any plan.
        """
        from optichain_solvers.backend import (
            FAILED,
            INFEASIBLE,
            OPTIMAL,
            insist_on_whole,
            run,
            values_of,
            write_mps,
        )
        from optichain_solvers.extensive.model import extensive_model, reference_of

        model = extensive_model(problem)
        if write_model is not None:
            write_mps(model, write_model)
        outcome = run(
            model,
            solver=solver,
            options=options,
            gap=gap,
            time_limit=time_limit,
            threads=threads,
            seed=seed,
            stop=stop,
        )
        if outcome.status == INFEASIBLE:
            kinds = sorted({row.rule for row in problem.stage.rows})
            raise InfeasibleError(say("no-plan", rules=kinds), rules=kinds)
        if outcome.status == FAILED:
            raise SolverError(say("solver-failed", solver=solver, told=outcome.message))
        if not outcome.has_solution:
            raise StoppedError(say("solver-stopped", solver=solver, told=outcome.message))
        columns = problem.stage.columns
        raw = values_of(model.decisions)
        raw *= [c.size for c in columns]
        whole = np.array([c.integer for c in columns])
        insist_on_whole(raw[whole], solver)
        values = np.where(whole, np.round(raw), raw)
        reference, scale = reference_of(problem)
        bound = None if outcome.bound is None else problem.value(reference + outcome.bound / scale)
        objective = problem.value(reference + float(model.objective.value()) / scale)
        return Solution(
            values=values,
            objective=objective,
            bound=bound,
            proven=outcome.status == OPTIMAL,
            message=outcome.message,
        )
