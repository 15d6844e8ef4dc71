"""The L-shaped method (Van Slyke and Wets 1969): decisions in a master, flows in their own programmes (3.5)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from optichain.design.problem import DesignProblem
from optichain.solving import Solution

__all__ = ["LShapedSolver"]


class LShapedSolver:
    """Master in decisions, cuts from warm event models, a plan and a bound at every iteration."""

    name = "lshaped"
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
        progress: Callable[[dict[str, Any]], object] | None = None,
    ) -> Solution:
        """Solve to an improvement gap."""
        from optichain_solvers.cuts import CutPool
        from optichain_solvers.events import SecondStage
        from optichain_solvers.search import Limits, Search

        end = float("inf") if time_limit is None else time.monotonic() + time_limit
        if write_model is not None:
            from optichain_solvers.model import extensive_model

            extensive_model(problem).writeMPS(str(write_model))
        stage = SecondStage(problem.scenarios, problem.products)
        search = Search(
            problem,
            stage,
            CutPool(stage),
            Limits(gap, end, stop, progress),
            solver=solver,
            options=options,
            threads=threads,
            seed=seed,
        )
        search.run()
        assert search.plan is not None
        return Solution(
            values=search.plan,
            objective=search.people(search.objective),
            bound=search.people(search.bound) if abs(search.bound) < float("inf") else None,
            proven=search.done,
            message=search.message,
        )
