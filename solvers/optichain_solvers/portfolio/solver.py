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

from optichain.design.twostage.arrays import DesignProblem, Scenario
from optichain.errors import InfeasibleError, SolverError, StoppedError, UsageError
from optichain.sentences import say
from optichain.solving import Solution
from optichain_solvers.portfolio import afterwards
from optichain_solvers.portfolio.case import Case
from optichain_solvers.portfolio.listed import Listed
from optichain_solvers.portfolio.notes import InnerSearch, Notes
from optichain_solvers.portfolio.search import Portfolio

__all__ = ["PortfolioSolver"]

log = logging.getLogger(__name__)

MOST_POLICIES = 1 << 16
"""A coalition with more policies is solved by another method at each set of prices."""

MOST_BOUNDS = 1 << 23
"""A coalition whose events have more states together likewise."""


class PortfolioSolver:
    """Dantzig-Wolfe decomposition by coalitions."""

    name = "portfolio"
    checkpoints = True
    floors = True
    spreads = True
    starts = True

    def __init__(self) -> None:
        self._notes: tuple[Path, list[Scenario], Notes] | None = None
        self._known: dict[tuple[object, ...], Listed] = {}
        self._scenarios: list[Scenario] = []
        self._last: tuple[Case, Portfolio] | None = None

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
        start: npt.NDArray[np.float64] | None = None,
        checkpoint: str | Path | None = None,
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
            Called with ``{"seconds", "objective", "bound", "improvement_gap"}`` after each round.
        executor : Executor, optional
            Where linear programmes are solved; the answer never depends on it.
        inner : str, optional
            Method for coalitions with too many policies to list; L-shaped where installed, else extensive.
        most_policies : int
            Largest number of policies of a coalition to list.
        start : ndarray, shape (columns of the first stage,), optional
            A plan to begin with; one that breaks rules is not looked at.
        checkpoint : path, optional
            A file that is written now and then, and read first where it exists: another process goes on from it, also
            one of method ``lshaped``.

        Raises
        ------
        InfeasibleError
            No choice of measures obeys all rules.
        StoppedError
            The limit came before any plan.
        UsageError
            The checkpoint is of another problem.
        """
        if write_model is not None:
            raise UsageError("the portfolio has no single model to write: use --method extensive")
        began = time.perf_counter()

        def left() -> float:
            return math.inf if time_limit is None else time_limit - (time.perf_counter() - began)

        notes = self._notes_of(checkpoint, problem)

        def searcher() -> InnerSearch:
            # one for each coalition: what it has learned at other prices helps at these
            return InnerSearch(
                _inner(inner),
                lambda: None if time_limit is None else max(left(), 0.1),
                None if notes is None else notes.save,
                solver=solver,
                options=options,
                gap=0.1 * gap,
                threads=threads,
                seed=seed,
                stop=stop,
            )

        if problem.scenarios is not self._scenarios:
            self._known, self._scenarios = {}, problem.scenarios
        case = Case.of(
            problem,
            most_policies=most_policies,
            most_bounds=MOST_BOUNDS,
            searcher=searcher,
            known=self._known,
        )
        log.info(
            "portfolio: %d coalitions, %d of them listed, %d rules between them",
            len(case.groups),
            sum(group.complete for group in case.groups),
            len(case.linking),
        )

        def report(gain: float, bound: float) -> None:
            seconds, far = time.perf_counter() - began, case.progress(gain, bound)
            log.info("%.1f s: objective %s, bound %.9g", seconds, far["objective"], far["bound"])
            if progress is not None:
                progress({"seconds": seconds, **far})

        run = Portfolio(
            case.groups,
            case.linking,
            gap=gap,
            left=left,
            stop=stop,
            threads=threads,
            seed=seed,
            executor=executor,
            report=report,
            note=None if notes is None else notes.note,
        )
        begin = [start]
        if notes is not None:
            notes.follow(case.parts.coalitions, case.groups, lambda: case.plan(run.choice))
            begin.append(notes.plan)
        try:
            for plan in map(case.pieces, begin):
                if plan is not None:
                    run.begin_with(plan)
            run.solve()
        finally:
            if notes is not None:
                notes.save(last=True)
        self._last = (case, run)
        if run.infeasible:
            kinds = sorted({*(row.rule for row in problem.stage.rows), *(f.rule for f in problem.floors)})
            raise InfeasibleError(say("no-plan", rules=kinds), rules=kinds)
        values = case.plan(run.choice)
        if values is None:
            raise StoppedError(say("portfolio-stopped"))
        return Solution(
            values=values,
            objective=case.value(run.gain),
            bound=case.value(run.bound),
            proven=run.proven,
            message=run.message,
        )

    # ---- what the last call knows beside its answer ----

    def money_values(self) -> dict[int, float]:
        """Return what one more unit of money in each year is worth (`afterwards.money_values`)."""
        return afterwards.money_values(*self._insist())

    def measure_bounds(self) -> dict[str, tuple[float, float]]:
        """Return bounds on the objective with and without each measure (`afterwards.measure_bounds`)."""
        return afterwards.measure_bounds(*self._insist())

    def menus(self) -> dict[tuple[str, ...], list[npt.NDArray[np.float64]]]:
        """Return the policies on the frontier of each listed coalition (`afterwards.menus`)."""
        return afterwards.menus(*self._insist())

    def _notes_of(self, checkpoint: str | Path | None, problem: DesignProblem) -> Notes | None:
        """Return what keeps a checkpoint; that of the call before, where it is of the same scenarios."""
        if checkpoint is None:
            return None
        path, known = Path(checkpoint), self._notes
        if known is None or known[0] != path or known[1] is not problem.scenarios:
            known = self._notes = (path, problem.scenarios, Notes(path, problem))
        return known[2]

    def _insist(self) -> tuple[Case, Portfolio]:
        if self._last is None:
            raise SolverError("the portfolio has solved nothing yet")
        return self._last


def _inner(name: str | None) -> Any:
    from optichain.solving import find_solver, solver_names

    if name is None:
        name = "lshaped" if "lshaped" in solver_names() else "extensive"
    if name == "portfolio":
        raise UsageError("the portfolio cannot solve its own coalitions: choose another inner method")
    return find_solver(name)
