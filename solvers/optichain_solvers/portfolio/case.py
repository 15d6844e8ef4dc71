"""One problem in coalitions: what each offers, what ties them together, and what a choice among their offers is worth."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from optichain.design.firststage.stage import Row
from optichain.design.twostage.arrays import DesignProblem, Floor
from optichain.design.twostage.parts import Parts, split
from optichain.solving import improvement_gap
from optichain_solvers.lshaped.master import SLACK
from optichain_solvers.portfolio.grouping import make_group
from optichain_solvers.portfolio.listed import Listed
from optichain_solvers.portfolio.notes import InnerSearch
from optichain_solvers.portfolio.searched import Searched

__all__ = ["Case"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Case:
    """A problem in coalitions.

    Attributes
    ----------
    problem : DesignProblem
    parts : Parts
        Its coalitions.
    groups : list of Listed or Searched
        What each coalition offers, in the order of the parts.
    linking : tuple of Row
        Rules between coalitions, floors among them.
    factor : float
        Gains of coalitions are measured in shares of the largest there is: this many of them are one unit of value.
    nothing : float
        The value of the second stage with nothing bought, from which gains count.
    """

    problem: DesignProblem
    parts: Parts
    groups: list[Listed | Searched]
    linking: tuple[Row, ...]
    factor: float
    nothing: float

    @classmethod
    def of(
        cls,
        problem: DesignProblem,
        *,
        most_policies: int,
        most_bounds: int,
        searcher: Callable[[], InnerSearch],
        known: dict[tuple[object, ...], Listed],
    ) -> Case:
        """Split a problem.

        Parameters
        ----------
        problem : DesignProblem
        most_policies, most_bounds : int
            Up to which a coalition is listed (`make_group`).
        searcher : callable
            Returns what solves a coalition that is not.
        known : dict
            Lists made before for the same scenarios; new ones are added.
        """
        parts = split(problem)
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
                most_bounds=most_bounds,
                shared=shared,
                searcher=searcher,
                known=known,
            )
            for part in parts.coalitions
        ]
        nothing = problem.second_stage([s.worst for s in problem.scenarios])
        return cls(problem, parts, groups, linking, factor, nothing)

    def value(self, gain: float) -> float:
        """Return the objective for people at a gain of all coalitions together."""
        return self.problem.value(self.nothing + gain / self.factor)

    def plan(self, choice: npt.NDArray[np.int64] | None) -> Floats | None:
        """Return one option of each coalition as values of the first stage, shape (its columns,)."""
        if choice is None:
            return None
        values = np.zeros(len(self.problem.stage.columns))
        for part, group, option in zip(self.parts.coalitions, self.groups, choice.tolist(), strict=True):
            values[part.columns] = group.values(option)
        return self.problem.stage.with_money(values)

    def pieces(self, plan: Floats | None) -> list[Floats] | None:
        """Return what a plan means for each coalition; None where it is no plan of this problem."""
        if plan is None or plan.shape != (len(self.problem.stage.columns),):
            return None
        return [plan[part.columns] for part in self.parts.coalitions]

    def progress(self, gain: float, bound: float) -> dict[str, Any]:
        """Return how far a search is: the objective reached, what no plan passes, and the gap that is left."""
        best = self.value(gain) if math.isfinite(gain) else None
        most = self.value(bound)
        left = None
        if best is not None:
            left = improvement_gap(most, best, self.problem.nothing, size=self.problem.size)
        return {"objective": best, "bound": most, "improvement_gap": left}


def _largest_gain(problem: DesignProblem) -> float:
    """Return what all measures together would improve, stage costs left out."""
    ends = [problem.second_stage([getattr(s, end) for s in problem.scenarios]) for end in ("best", "worst")]
    gain = ends[0] - ends[1]
    return gain if gain > 1e-12 * problem.size else float(np.abs(problem.stage_cost).max(initial=0.0))


def _as_rule(problem: DesignProblem, floor: Floor) -> Row:
    """Return a floor as a rule over what coalitions reach beyond what they have with nothing bought."""
    nothing = floor.value([s.worst for s in problem.scenarios])
    return Row(floor.rule, floor.message, {}, floor.least - SLACK - nothing, np.inf)
