"""A method of one's own, found through the entry point ``optichain.solvers``: relax and fix.

Run ``python custom_solver.py [INSTANCE]``; without an instance, the shipped quickstart.

The method solves the problem twice as a reader would by hand. First with all decisions allowed to be fractions, which is
quick and bounds what any plan can reach. Then whole, with those measures forbidden that the fractions did not touch. The
plan may miss the optimum; the bound says by how much at most, and is part of the plan like any other method's.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from plugging_in import installed

import optichain as oc
from optichain.design.twostage import DesignProblem
from optichain.errors import InfeasibleError
from optichain.solving import Solution, find_solver

UNTOUCHED = 1e-6


class RelaxAndFix:
    """Measures that the relaxation leaves alone are left out."""

    name = "relax-and-fix"
    floors = True  # keeps lower limits on ACC and autonomy, since the extensive form does

    def solve(self, problem: DesignProblem, **options: Any) -> Solution:
        """Return a plan with a proven bound.

        Parameters
        ----------
        problem : DesignProblem
            First stage, products and scenarios as arrays.
        **options
            As of `optichain.reinforce`: solver, gap, time_limit, threads, seed, and more; handed on.
        """
        exact = find_solver("extensive")
        columns = problem.stage.columns
        relaxed = exact.solve(with_columns(problem, [replace(c, integer=False) for c in columns]), **options)
        idle = {i for i in problem.stage.start.values() if relaxed.values[i] < UNTOUCHED}
        fewer = [replace(c, upper=c.lower) if i in idle else c for i, c in enumerate(columns)]
        try:
            found = exact.solve(with_columns(problem, fewer), **options)
        except InfeasibleError:  # what was left out is needed by some rule
            found = exact.solve(problem, **options)
        bound = relaxed.objective
        missing = problem.sense * (bound - found.objective)
        possible = problem.sense * (bound - problem.nothing)
        close = missing <= options.get("gap", 1e-4) * max(possible, UNTOUCHED)
        return replace(found, bound=bound, proven=close, message=f"relax and fix: {found.message}")


def with_columns(problem: DesignProblem, columns: list[Any]) -> DesignProblem:
    """Return the problem with other bounds on its decisions."""
    return replace(problem, stage=replace(problem.stage, columns=columns))


def main(path: str = "quickstart") -> None:
    """Compare the method with the extensive form."""
    instance = oc.load(path)
    with installed("optichain.solvers", "relax-and-fix", "custom_solver:RelaxAndFix"):
        for method in ("extensive", "relax-and-fix"):
            plan = oc.reinforce(instance, method=method)
            oc.verify(instance, plan)
            measures = ", ".join(c.measure for c in plan.choices)
            print(f"{method:14} {plan.status:9} {plan.objective:.6f} of at most {plan.bound:.6f}  {measures}")


if __name__ == "__main__":
    main(*sys.argv[1:])
