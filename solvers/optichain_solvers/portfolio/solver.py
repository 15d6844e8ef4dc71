"""The portfolio: coalitions that only money, intake and limits tie together, priced apart and chosen together (3.5)."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from optichain.design.firststage.stage import Row
from optichain.design.twostage.arrays import DesignProblem, Floor, Scenario
from optichain.design.twostage.parts import Parts, split
from optichain.errors import InfeasibleError, SolverError, StoppedError, UsageError
from optichain.sentences import say
from optichain.solving import Solution
from optichain_solvers.lshaped.master import SLACK
from optichain_solvers.portfolio.grouping import make_group
from optichain_solvers.portfolio.listed import Listed
from optichain_solvers.portfolio.menu import frontier_of
from optichain_solvers.portfolio.notes import InnerSearch, Notes
from optichain_solvers.portfolio.search import Portfolio
from optichain_solvers.portfolio.searched import Searched

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
        self._last: _Last | None = None

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

        parts = split(problem)
        if problem.scenarios is not self._scenarios:
            self._known, self._scenarios = {}, problem.scenarios
        linking = (*parts.linking, *(_as_rule(problem, problem.floors[i]) for i in parts.floors))
        shared = {len(parts.linking) + place: problem.floors[i] for place, i in enumerate(parts.floors)}
        improvement = _largest_gain(problem)
        factor = 1.0 / improvement if improvement > 0.0 else 1.0
        groups: list[Listed | Searched] = [
            make_group(
                problem,
                part,
                linking,
                factor,
                most_policies=most_policies,
                most_bounds=MOST_BOUNDS,
                shared=shared,
                searcher=searcher,
                known=self._known,
            )
            for part in parts.coalitions
        ]
        listed = sum(group.complete for group in groups)
        log.info(
            "portfolio: %d coalitions, %d of them listed, %d rules between them",
            len(groups),
            listed,
            len(linking),
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
                best = problem.value(base + gain / factor) if math.isfinite(gain) else None
                most = problem.value(base + bound / factor)
                room = abs(most - problem.nothing)
                progress(
                    {
                        "seconds": time.perf_counter() - began,
                        "objective": best,
                        "bound": most,
                        "improvement_gap": None
                        if best is None
                        else abs(most - best) / room
                        if room > 1e-9 * problem.size
                        else 0.0,
                    }
                )

        run = Portfolio(
            groups,
            linking,
            gap=gap,
            left=left,
            stop=stop,
            threads=threads,
            seed=seed,
            executor=executor,
            report=report,
            note=None if notes is None else notes.note,
        )

        def best() -> npt.NDArray[np.float64] | None:
            if run.choice is None:
                return None
            values = np.zeros(len(problem.stage.columns))
            for part, group, option in zip(parts.coalitions, groups, run.choice, strict=True):
                values[part.columns] = group.values(int(option))
            return _with_money(problem, values)

        begin = [start]
        if notes is not None:
            notes.follow(parts.coalitions, groups, best)
            begin.append(notes.plan)
        try:
            for plan in begin:
                if plan is not None and plan.shape == (len(problem.stage.columns),):
                    run.begin_with([plan[part.columns] for part in parts.coalitions])
            run.solve()
        finally:
            if notes is not None:
                notes.save(last=True)
        self._last = _Last(problem, parts, run, factor)
        kinds = sorted({*(row.rule for row in problem.stage.rows), *(f.rule for f in problem.floors)})
        if run.infeasible:
            raise InfeasibleError(say("no-plan", rules=kinds), rules=kinds)
        values = best()
        if values is None:
            raise StoppedError(say("portfolio-stopped"))
        return Solution(
            values=values,
            objective=problem.value(base + run.gain / factor),
            bound=problem.value(base + run.bound / factor),
            proven=run.proven,
            message=run.message,
        )

    # ---- what the last call knows beside its answer ----

    def money_values(self) -> dict[int, float]:
        """Return what one more unit of money in each year is worth, in the maximised objective.

        The dual of the relaxation in which a coalition may mix its policies, at the last call of `solve`.
        """
        last = self._insist()
        stage = last.problem.stage
        if last.run.prices is None:
            return {}
        prices = np.maximum(last.run.prices.prices[: len(stage.money_years)], 0.0) / last.factor
        # money of a year that is not spent is worth its share later
        values: dict[int, float] = {}
        later = 0.0
        for year, price in reversed(list(zip(stage.money_years, prices.tolist(), strict=True))):
            later = price + stage.carry_over * later
            values[year] = later
        return dict(sorted(values.items()))

    def measure_bounds(self) -> dict[str, tuple[float, float]]:
        """Return bounds on the objective for people if a measure is (chosen, not chosen), at the last call.

        Only for measures of coalitions that are listed; of others nothing is known beyond the bound itself.
        """
        last = self._insist()
        run, problem = last.run, last.problem
        if run.prices is None:
            return {}
        base, price = problem.second_stage([s.worst for s in problem.scenarios]), run.prices

        def bound(end: float) -> float:
            return problem.value(base + (price.bound + end) / last.factor)

        found: dict[str, tuple[float, float]] = {}
        for part, group in zip(last.parts.coalitions, run.groups, strict=True):
            if not isinstance(group, Listed) or not len(group.upper):
                continue
            worth = group.upper - group.use @ price.prices
            place = {int(c): i for i, c in enumerate(part.columns)}
            columns: dict[str, list[int]] = {}
            for (measure, _), column in problem.stage.start.items():
                if column in place:
                    columns.setdefault(measure, []).append(place[column])
            for measure, mine in columns.items():
                chosen = group.policies[:, mine].any(axis=1)
                with_it, without = (
                    float(worth[which].max(initial=-np.inf) - worth.max()) for which in (chosen, ~chosen)
                )
                found[measure] = (bound(with_it), bound(without))
        return found

    def menus(self) -> dict[tuple[str, ...], list[npt.NDArray[np.float64]]]:
        """Return the policies on the budget-to-gain frontier of each listed coalition, for each start year.

        Returns
        -------
        dict of chains to list of ndarray, shape (columns of the first stage,)
            Buying nothing is left out.
        """
        last = self._insist()
        stage = last.problem.stage
        result: dict[tuple[str, ...], list[npt.NDArray[np.float64]]] = {}
        money = np.zeros(len(stage.columns))
        for terms in stage.spend.values():
            for column, value in terms.items():
                money[column] += value
        for k, (part, group) in enumerate(zip(last.parts.coalitions, last.run.groups, strict=True)):
            if not isinstance(group, Listed) or not part.chains:
                continue
            cost = group.policies.astype(float) @ money[part.columns]
            first = np.full(len(group.policies), -1)
            for i, year in enumerate(stage.years):
                mine = [
                    j
                    for j, c in enumerate(part.columns)
                    if any(stage.start.get((m, year)) == c for m, _ in group.problem.stage.start)
                ]
                first = np.where((first < 0) & group.policies[:, mine].any(axis=1), i, first)
            options: list[int] = []
            for i in range(len(stage.years)):
                allowed = ((first == i) | (first < 0)) & group.kept
                found = frontier_of(group, cost, allowed, lambda some, k=k: last.run.learn(k, some))  # type: ignore[misc]
                options += [p for p in found if first[p] >= 0 and p not in options]
            points = []
            for option in options:
                values = np.zeros(len(stage.columns))
                values[part.columns] = group.values(option)
                points.append(values)
            result[part.chains] = points
        return result

    def _notes_of(self, checkpoint: str | Path | None, problem: DesignProblem) -> Notes | None:
        """Return what keeps a checkpoint; that of the call before, where it is of the same scenarios."""
        if checkpoint is None:
            return None
        path, known = Path(checkpoint), self._notes
        if known is None or known[0] != path or known[1] is not problem.scenarios:
            known = self._notes = (path, problem.scenarios, Notes(path, problem))
        return known[2]

    def _insist(self) -> _Last:
        if self._last is None:
            raise SolverError("the portfolio has solved nothing yet")
        return self._last


@dataclass(frozen=True, eq=False)
class _Last:
    """The last call of `PortfolioSolver.solve`."""

    problem: DesignProblem
    parts: Parts
    run: Portfolio
    factor: float


def _largest_gain(problem: DesignProblem) -> float:
    """Return what all measures together would improve, stage costs left out."""
    ends = [problem.second_stage([getattr(s, end) for s in problem.scenarios]) for end in ("best", "worst")]
    gain = ends[0] - ends[1]
    return gain if gain > 1e-12 * problem.size else float(np.abs(problem.stage_cost).max(initial=0.0))


def _as_rule(problem: DesignProblem, floor: Floor) -> Row:
    """Return a floor as a rule over what coalitions reach beyond what they have with nothing bought."""
    nothing = floor.value([s.worst for s in problem.scenarios])
    return Row(floor.rule, floor.message, {}, floor.least - SLACK - nothing, np.inf)


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
