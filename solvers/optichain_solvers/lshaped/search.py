"""The iteration of the L-shaped method: plans from below, cuts from above, until they meet (3.5).

1. Cuts at the point of no measure; a first plan from the master with these alone.
2. The relaxed master with in-out stabilisation: cuts are sought between its solution and a point that follows
   behind (Fischetti, Ljubic and Sinnl 2017, doi 10.1287/mnsc.2016.2461), the whole way only when that stalls.
3. The whole master, to a gap that shrinks with the gap of the search; each of its plans is worked out exactly, and
   the cuts that hold there with equality join the master.
"""

from __future__ import annotations

import hashlib
import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from optichain.design.twostage.problem import DesignProblem
from optichain.errors import InfeasibleError, SolverError, StoppedError
from optichain.sentences import say
from optichain_solvers.backend import FAILED, INFEASIBLE
from optichain_solvers.lshaped.cuts import CutPool
from optichain_solvers.lshaped.events import SecondStage
from optichain_solvers.lshaped.limits import Limits
from optichain_solvers.lshaped.master import Master
from optichain_solvers.lshaped.planvalue import PlanValuer
from optichain_solvers.lshaped.programmes import Relaxation, solve_whole
from optichain_solvers.products import product_values

__all__ = ["Search"]

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float64]

TIGHT = 1e-9
"""A ceiling this close to a value, in the value's own unit (a continuity), counts as reached."""
FIRST_PLAN = 1.0
"""Seconds that the search for any plan at all may take beyond the limit."""
REFUTED = 1e-6
"""Share by which a plan must pass a bound to prove it false."""
STALL = 4
"""Rounds of the relaxation without progress after which the whole way is taken, and after which it ends."""


@dataclass(eq=False)
class Search:
    """State of one search. Values are shares of the largest possible improvement, as in the master.

    Attributes
    ----------
    problem : DesignProblem
    stage : SecondStage
    pool : CutPool
    limits : Limits
    solver, options, threads, seed
        For the whole master.
    plan : ndarray or None
        The best plan: values of the first-stage columns.
    objective : float
        At least reached by `plan`.
    bound : float
        Not passed by any plan.
    """

    problem: DesignProblem
    stage: SecondStage
    pool: CutPool
    limits: Limits
    solver: str = "HiGHS"
    options: Mapping[str, Any] | None = None
    threads: int | None = None
    seed: int = 0
    plan: Floats | None = None
    objective: float = -np.inf
    bound: float = np.inf
    message: str = ""
    _iteration: int = 0
    _relaxed: float = np.inf

    def __post_init__(self) -> None:
        self.began = time.monotonic()
        self.master = Master(self.problem)
        self.share = self.master.importance
        self._shape = hashlib.blake2b(self.master.base.upper.tobytes(), digest_size=16).digest()
        scenarios = self.problem.scenarios
        self.valuer = PlanValuer(self.problem, self.master, self.stage, self.pool, self.limits, self.keep)
        self._whole = np.array([c.integer for c in self.problem.stage.columns], dtype=bool)
        self._held: list[set[int]] = [set() for _ in self.problem.scenarios]
        self._rows: list[tuple[int, int]] = []
        self._last = np.array([s.worst for s in scenarios])
        self._first: Floats | None = None
        for number, place in self.pool.held:
            self._hold(number, place)

    # ---- what the search knows ----

    @property
    def gap(self) -> float:
        """Improvement gap reached; infinity without a plan or bound."""
        if not np.isfinite(self.bound) or self.plan is None:
            return np.inf
        missing = max(0.0, self.bound - self.objective)
        # as in `optichain.design.account.finish.gaps`: nothing worth speaking of is left
        one = self.problem.size * self.master.scale
        if missing <= 1e-10 * one:
            return 0.0
        return missing / max(abs(self.bound), 1e-9 * one)

    @property
    def done(self) -> bool:
        """Tell whether plan and bound are as close as asked."""
        return self.gap <= self.limits.gap

    def keep(self, number: int, row_dual: Floats) -> None:
        """Keep what row prices of a scenario prove."""
        self.pool.add(number, row_dual)
        if self.limits.save is not None:
            self.limits.save(self.plan, self.pool)

    def consider(self, values: Floats) -> None:
        """Work out a plan, and keep it if it is the best."""
        plan = self._plan_at(values)
        known = np.isfinite(self.bound)
        total = self.valuer.value(
            plan,
            beat=self.objective,
            negligible=0.1 * self.limits.gap * abs(self.bound) if known else 0.0,
        )
        if total is not None and (self.plan is None or total > self.objective):
            self.plan, self.objective = plan, total
            if self._refuted(self.bound):
                log.warning(
                    "a bound of the master is passed by a plan, and forgotten: %g < %g", self.bound, total
                )
                self.bound = np.inf if self._refuted(self._relaxed) else self._relaxed

    def _lower(self, bound: float) -> None:
        """Take a bound, unless a plan passes it."""
        if not self._refuted(bound):
            self.bound = min(self.bound, bound)

    def _refuted(self, bound: float) -> bool:
        """Tell whether a plan passes a bound by more than rounding: an integer solver can be wrong."""
        return self.objective > bound + REFUTED * max(1.0, abs(bound)) + TIGHT * self.master.scale

    def _plan_at(self, point: Floats) -> Floats:
        """Return the plan that a point of the master stands for."""
        return self._rounded(point[: self.master.n_decisions] * self.master.sizes)

    def _rounded(self, raw: Floats) -> Floats:
        return np.asarray(np.where(self._whole, np.round(raw), raw), dtype=float)

    def begin_with(self, plan: Floats | None) -> None:
        """Start from a plan found before, if it obeys the rules."""
        if plan is None or plan.shape != self._whole.shape:
            return
        point = self._rounded(plan)
        if self.problem.stage.obeys(point):
            self._first = point

    # ---- the iteration ----

    def run(self) -> None:
        """Search until done, out of time, or at the limit of the numbers.

        Raises
        ------
        InfeasibleError
            No choice obeys all rules.
        StoppedError
            Time was up before any choice was found.
        """
        self._start()
        if not self.done and not self.limits.over:
            self._relax()
        if not self.done and not self.limits.over:
            self._close()
        self.pool.held = list(self._rows)

    def _start(self) -> None:
        """Bound every scenario by its prices with nothing in effect, and find a first plan."""
        nothing = np.zeros(len(self.problem.products))
        for number in range(len(self.share)):
            if self.limits.over:
                break
            if self.pool.lowest(number, nothing)[0] > self.stage.forms[number].worst + TIGHT:
                self.keep(number, self.stage.answer(number, nothing).row_dual)
            self._hold(number, self.pool.lowest(number, nothing)[1])
        if self._first is not None:
            self.consider(self._first)
        self._whole_master(0.02)
        self._tell("start")

    def _relax(self) -> None:
        """Bring the bound of the relaxation down."""
        relaxation = Relaxation(self.master.with_rows(self._as_rows(self._rows)))
        follower: Floats | None = None
        stalled, last = 0, np.inf
        while not self.limits.over:
            found = relaxation.solve(self.limits.left)
            if found is None:
                break
            value, point = found
            if not math.isfinite(value):
                break
            self._relaxed = min(self._relaxed, value)
            self._lower(value)
            self._tell("relaxation")
            if self.done or (stalled >= 2 * STALL and follower is not None):
                break
            # the end of the road is flat: whole plans then teach more than the relaxation does
            stalled = stalled + 1 if last - value <= 0.02 * max(value - max(self.objective, 0.0), 0.0) else 0
            last = min(last, value)
            follower = point if follower is None else 0.5 * (follower + point)
            step = 0.3 if stalled < STALL else 1.0
            between = point if step == 1.0 else step * point + (1.0 - step) * follower
            new = self._separate(between, point)
            if not new and step < 1.0:
                new = self._separate(point, point)
                follower = point
            if not new:
                break
            relaxation.add(self._as_rows(new))
        self._forget(relaxation)

    def _separate(self, where: Floats, point: Floats) -> list[tuple[int, int]]:
        """Seek cuts at one point of the relaxation that cut off another; return those new to the master."""
        here, there = self.master.products(where), self.master.products(point)
        ceilings = self.master.ceilings(point)
        enough = self._worthwhile()
        new: list[tuple[int, int]] = []
        idle, patience = 0, max(10, len(self.share) // 10)
        slack = self.share * (ceilings - self._last)
        for number in np.argsort(-slack, kind="stable").tolist():
            if self.limits.over or idle > patience:
                break
            limit = ceilings[number] - max(TIGHT, enough / max(self.share[number], 1e-300))
            value, place = self.pool.lowest(number, there)
            if value >= limit and ceilings[number] > self.stage.forms[number].worst + TIGHT:
                try:
                    answer = self.stage.answer(number, here)
                except SolverError:
                    log.debug("scenario %d has no answer between plans; left out there", number)
                    continue
                self._last[number] = answer.value
                self.keep(number, answer.row_dual)
                value, place = self.pool.lowest(number, there)
                idle = idle + 1 if value >= limit else 0
            if value < limit and self._hold(number, place):
                new.append((number, place))
        return new

    def _worthwhile(self) -> float:
        """Return the least violation of a cut that is worth a row, as a share."""
        room = self.bound if np.isfinite(self.bound) else 1.0
        return max(1e-12, 0.1 * self.limits.gap * abs(room) / max(len(self.share), 1))

    def _close(self) -> None:
        """Solve the whole master again and again, with the cuts of each of its plans."""
        aim = self.limits.gap
        fine = 1.0
        while not self.done and not self.limits.over:
            wanted = min(0.3 * self.gap, 0.02) if np.isfinite(self.gap) else 0.02
            new = self._whole_master(max(wanted * fine, 0.2 * aim))
            self._tell("plans")
            if new or self.done:
                continue
            if fine < 1e-6 or wanted * fine <= 1e-12:
                self.message = "at the limit of floating-point accuracy"
                break
            fine *= 0.1

    def _whole_master(self, gap: float) -> bool:
        """Solve the master as an integer programme, work out its plan, and tell whether it taught anything."""
        programme = self.master.with_rows(self._as_rows(self._rows))
        ending = solve_whole(
            programme,
            solver=self.solver,
            options=self.options,
            gap=gap,
            time_limit=self._patience,
            threads=self.threads,
            seed=self.seed,
            stop=self.limits.stop,
        )
        if ending.status == INFEASIBLE:
            kinds = sorted({row.rule for row in self.problem.stage.rows})
            raise InfeasibleError(say("no-plan", rules=kinds), rules=kinds)
        if ending.status == FAILED:
            raise SolverError(say("solver-failed", solver=self.solver, told=ending.message))
        self.message = ending.message
        if ending.bound is not None:
            self._lower(ending.bound)
        if ending.point is None:
            if self.plan is None:
                raise StoppedError(say("solver-stopped", solver=self.solver, told=ending.message))
            return False
        self.consider(ending.point)
        return self._learn(ending.point)

    @property
    def _patience(self) -> float | None:
        """Seconds for the whole master; a first plan is worth a second beyond the limit."""
        left = self.limits.left
        return left if left is None or self.plan is not None else max(left, FIRST_PLAN)

    def _learn(self, point: Floats) -> bool:
        """Let the master hold every cut that its own solution violates."""
        products = product_values(self.problem.products, self._plan_at(point))
        ceilings = self.master.ceilings(point)
        new = False
        for number in range(len(self.share)):
            value, place = self.pool.lowest(number, products)
            if value < ceilings[number] - TIGHT and self._hold(number, place):
                new = True
        return new

    def _hold(self, number: int, place: int) -> bool:
        """Let the master hold a cut; tell whether that is new."""
        if place < 0 or place in self._held[number]:
            return False
        self._held[number].add(place)
        self._rows.append((number, place))
        return True

    def _as_rows(self, rows: list[tuple[int, int]]) -> list[Any]:
        return [self._as_row(number, place) for number, place in rows]

    def _as_row(self, number: int, place: int) -> Any:
        """Return a cut as a row of the master; kept for searches whose columns have the same bounds."""
        key = (self._shape, number, place)
        if key not in self.pool.rows:
            local = self.stage.forms[number].local
            self.pool.rows[key] = self.master.row(number, self.pool.cut(number, place), local)
        return self.pool.rows[key]

    def _forget(self, relaxation: Relaxation) -> None:
        """Let go of cuts that are far from binding in the relaxation; the pool still knows them."""
        slack = relaxation.slack()
        if slack is None or len(slack) < len(self._rows):
            return
        slack = slack[len(slack) - len(self._rows) :]
        kept = [row for row, room in zip(self._rows, slack.tolist(), strict=True) if room <= 1e-6]
        self._held = [set() for _ in self._held]
        for number, place in kept:
            self._held[number].add(place)
        self._rows = kept

    def prices(self) -> Floats:
        """Return what one unit more on the right of each rule is worth in the relaxation, in the maximised objective.

        Of the relaxation that the cuts known by now describe, shape (rules of the first stage,); NaN where it has no
        solution.
        """
        sizes = np.array([row.size for row in self.problem.stage.rows], dtype=float)
        relaxation = Relaxation(self.master.with_rows(self._as_rows(self._rows)))
        found = relaxation.solve()
        prices = None if found is None else relaxation.prices()
        return (
            np.full(len(sizes), np.nan)
            if prices is None
            else prices[: len(sizes)] / sizes / self.master.scale
        )

    def _tell(self, phase: str) -> None:
        self._iteration += 1
        known = np.isfinite(self.bound)
        report = {
            "iteration": self._iteration,
            "phase": phase,
            "bound": self.people(self.bound) if known else None,
            "objective": self.people(self.objective) if self.plan is not None else None,
            "improvement_gap": self.gap if np.isfinite(self.gap) else None,
            "seconds": time.monotonic() - self.began,
            "cuts": len(self.pool),
            "rows": len(self._rows),
            "programmes": self.stage.solved,
        }
        log.info("%(phase)s %(iteration)d: objective %(objective)s, bound %(bound)s", report)
        if self.limits.progress is not None:
            self.limits.progress(report)

    def people(self, share: float) -> float:
        """Return the objective for people of a share."""
        return self.problem.value(self.master.reference + share / self.master.scale)
