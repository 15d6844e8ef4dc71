"""The portfolio: coalitions that only money, intake and limits tie together, priced apart and chosen together (3.5)."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from optichain.design.parts import split
from optichain.design.twostage import DesignProblem
from optichain.errors import InfeasibleError, StoppedError, UsageError
from optichain.solving import Solution
from optichain_solvers.coalitions import Listed, Searched, make_group
from optichain_solvers.search import Portfolio

__all__ = ["PortfolioSolver"]

log = logging.getLogger(__name__)

MOST_POLICIES = 1 << 16
"""A coalition with more policies is solved by another method at each set of prices."""

MOST_BOUNDS = 1 << 23
"""A coalition whose events have more states together likewise."""


class PortfolioSolver:
    """Dantzig-Wolfe decomposition by coalitions."""

    name = "portfolio"

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
        progress: Callable[[dict[str, Any]], None] | None = None,
        executor: Executor | None = None,
        inner: str | None = None,
        most_policies: int = MOST_POLICIES,
    ) -> Solution:
        """Solve to an improvement gap.

        Parameters
        ----------
        problem : DesignProblem
        solver, options
            For coalitions that are solved by another method; the master is always HiGHS.
        gap : float
            Improvement gap at which to stop.
        time_limit : float, optional
            Seconds.
        threads, seed : int
        write_model : path, optional
            Refused: there is no one model to write.
        stop : threading.Event, optional
            Once set, the best choice so far is returned.
        progress : callable, optional
            Called with ``{"seconds", "objective", "bound"}`` after each round.
        executor : Executor, optional
            Where linear programmes are solved; the answer never depends on it.
        inner : str, optional
            Method for coalitions with too many policies to list; L-shaped where installed, else extensive.
        most_policies : int
            Largest number of policies of a coalition to list.

        Raises
        ------
        InfeasibleError
            No choice of measures obeys all rules.
        StoppedError
            The limit came before any plan.
        """
        if write_model is not None:
            raise UsageError("the portfolio has no single model to write: use --method extensive")
        began = time.perf_counter()

        def left() -> float:
            return math.inf if time_limit is None else time_limit - (time.perf_counter() - began)

        def search(small: DesignProblem) -> Solution:
            limit = None if time_limit is None else max(left(), 0.1)
            return _inner(inner).solve(
                small,
                solver=solver,
                options=options,
                gap=0.1 * gap,
                time_limit=limit,
                threads=threads,
                seed=seed,
                stop=stop,
            )

        parts = split(problem)
        improvement = _largest_gain(problem)
        factor = 1.0 / improvement if improvement > 0.0 else 1.0
        groups: list[Listed | Searched] = [
            make_group(
                problem,
                part,
                parts.linking,
                factor,
                most_policies=most_policies,
                most_bounds=MOST_BOUNDS,
                search=search,
            )
            for part in parts.coalitions
        ]
        listed = sum(group.complete for group in groups)
        log.info(
            "portfolio: %d coalitions, %d of them listed, %d rules between them",
            len(groups),
            listed,
            len(parts.linking),
        )
        base = problem.second_stage([s.worst for s in problem.scenarios])

        def report(gain: float, bound: float) -> None:
            log.info(
                "%.1f s: objective %.9g, bound %.9g",
                time.perf_counter() - began,
                problem.value(base + gain / factor),
                problem.value(base + bound / factor),
            )
            if progress is not None:
                progress(
                    {
                        "seconds": time.perf_counter() - began,
                        "objective": problem.value(base + gain / factor) if math.isfinite(gain) else None,
                        "bound": problem.value(base + bound / factor),
                    }
                )

        run = Portfolio(
            groups,
            parts.linking,
            gap=gap,
            left=left,
            stop=stop,
            threads=threads,
            seed=seed,
            executor=executor,
            report=report,
        )
        run.solve()
        kinds = sorted({row.rule for row in problem.stage.rows})
        if run.infeasible:
            raise InfeasibleError(
                "no plan obeys all rules together; rules in play: " + ", ".join(kinds), rules=kinds
            )
        if run.choice is None:
            raise StoppedError("the portfolio stopped before it found any plan; give it more time")
        values = np.zeros(len(problem.stage.columns))
        for part, group, option in zip(parts.coalitions, groups, run.choice, strict=True):
            values[part.columns] = group.values(int(option))
        return Solution(
            values=_with_money(problem, values),
            objective=problem.value(base + run.gain / factor),
            bound=problem.value(base + run.bound / factor),
            proven=run.proven,
            message=run.message,
        )


def _largest_gain(problem: DesignProblem) -> float:
    """Return what all measures together would improve, stage costs left out."""
    ends = [problem.second_stage([getattr(s, end) for s in problem.scenarios]) for end in ("best", "worst")]
    gain = ends[0] - ends[1]
    return gain if gain > 1e-12 else float(np.abs(problem.stage_cost).max(initial=0.0))


def _with_money(problem: DesignProblem, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Fill in the money at hand, which follows from the spending."""
    stage = problem.stage
    at_hand = 0.0
    for place, year in enumerate(stage.money_years):
        spent = stage.spent(values, stage.money_years[place - 1]) if place else 0.0
        at_hand = stage.budget[year] + stage.carry_over * (at_hand - spent)
        values[stage.have[year]] = at_hand
    return values


def _inner(name: str | None) -> Any:
    from optichain.solving import find_solver, solver_names

    if name is None:
        name = "lshaped" if "lshaped" in solver_names() else "extensive"
    if name == "portfolio":
        raise UsageError("the portfolio cannot solve its own coalitions: choose another inner method")
    return find_solver(name)
