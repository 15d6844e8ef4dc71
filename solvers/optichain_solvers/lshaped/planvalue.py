"""What a plan is worth: exactly where that matters, and never more than it is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from optichain.design.twostage.problem import DesignProblem
from optichain_solvers.lshaped.cuts import CutPool
from optichain_solvers.lshaped.events import SecondStage
from optichain_solvers.lshaped.limits import Limits
from optichain_solvers.lshaped.master import SLACK, Master
from optichain_solvers.lshaped.monotone import KnownValues
from optichain_solvers.products import product_values

__all__ = ["PlanValuer"]

Floats = npt.NDArray[np.float64]

CHECKED = 8
"""Scenarios between two looks at whether a plan can still be the best."""


class PlanValuer:
    """Values plans, and hands on what their event models prove.

    Values are shares of the largest possible improvement, as in the master.

    Parameters
    ----------
    problem : DesignProblem
    master : Master
    stage : SecondStage
    pool : CutPool
    limits : Limits
    keep : callable
        Given a scenario and the row prices of its event model.
    """

    def __init__(
        self,
        problem: DesignProblem,
        master: Master,
        stage: SecondStage,
        pool: CutPool,
        limits: Limits,
        keep: Callable[[int, Floats], None],
    ) -> None:
        self._problem, self._master, self._limits, self._keep = problem, master, limits, keep
        self._stage, self._pool = stage, pool
        self._share = master.importance
        self._known = KnownValues(
            problem.products,
            [form.local for form in stage.forms],
            np.array([s.worst for s in problem.scenarios]),
            np.array([s.best for s in problem.scenarios]),
            master.n_decisions,
        )

    def value(self, plan: Floats, *, beat: float, negligible: float) -> float | None:
        """Return at least what a plan is worth, or None where it does not keep the floors for certain.

        Scenarios are worked out exactly, those that can matter most first, until the rest cannot matter: because
        values known at other plans and the cuts at this one leave next to nothing open, or because the cuts show that
        the plan is no better than the best. What is not worked out, also for lack of time, counts with the least that
        it can be worth.

        Parameters
        ----------
        plan : ndarray, shape (first-stage columns,)
            Whole where decisions are.
        beat : float
            What the best plan is worth.
        negligible : float
            Share that may stay open.
        """
        products = product_values(self._problem.products, plan)
        factors = self._known.factors(plan)
        ends = [self._known.between(n, factors) for n in range(len(self._share))]
        low = np.array([end for end, _ in ends])
        high = np.array([min(e[1], self._pool.lowest(n, products)[0]) for n, e in enumerate(ends)])
        high = np.maximum(high, low)
        fixed = float(self._problem.stage_cost @ plan)
        for done, number in enumerate(np.argsort(-self._share * (high - low), kind="stable").tolist()):
            if self._limits.over or high[number] - low[number] <= 0.0:
                break
            if self._settled(fixed, low, high, beat, negligible, closely=done % CHECKED == 0):
                break
            answer = self._stage.answer(number, products)
            self._keep(number, answer.row_dual)
            self._known.add(number, factors, answer.value)
            low[number] = high[number] = answer.value
        return self._total(fixed, low) if self._kept(low) else None

    def _settled(
        self, fixed: float, low: Floats, high: Floats, beat: float, negligible: float, *, closely: bool
    ) -> bool:
        """Tell whether what is still open at a plan cannot matter; the costlier reasons only now and then."""
        if self._kept(low) and float(self._share @ (high - low)) <= negligible:
            return True
        if not closely:
            return False
        most = self._total(fixed, high)
        if self._kept(low) and most - self._total(fixed, low) <= negligible:
            return True
        return most <= beat or not self._kept(high)

    def _total(self, fixed: float, values: Floats) -> float:
        """Return the objective, a share, from the cost of the first stage and the values of the scenarios."""
        gained = fixed + self._problem.second_stage(values.tolist()) - self._master.reference
        return float(gained * self._master.scale)

    def _kept(self, values: Floats) -> bool:
        """Tell whether all floors are kept where scenarios have these values."""
        return all(floor.value(values.tolist()) >= floor.least - SLACK for floor in self._problem.floors)
