"""What a solver of the two-stage problem is, and who implements it (entry points ``optichain.solvers``)."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from optichain.design.problem import DesignProblem
from optichain.errors import UsageError

__all__ = ["Solution", "Solver", "find_solver", "solver_names"]

GROUP = "optichain.solvers"


@dataclass(frozen=True, eq=False)
class Solution:
    """What a solver returns.

    Attributes
    ----------
    values : ndarray, shape (columns of the first stage,)
    objective : float
        What the solver says the objective for people is.
    bound : float or None
        Proven bound on the objective for people.
    proven : bool
        Optimal to the gap asked for; otherwise it was stopped.
    message : str
        How the solver ended, in its own words.
    """

    values: npt.NDArray[np.float64]
    objective: float
    bound: float | None
    proven: bool
    message: str


class Solver(Protocol):
    """A method that solves the two-stage problem of reinforcement.

    One that also keeps the floors of a problem says so by an attribute ``floors`` that is true.
    """

    name: str

    def solve(self, problem: DesignProblem, **options: Any) -> Solution:
        """Return the best choice of measures found."""


def solver_names() -> list[str]:
    """Return the names of the installed methods."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def find_solver(name: str) -> Solver:
    """Return an installed method by name; ``auto`` takes the extensive form.

    Raises
    ------
    UsageError
        No such method is installed.
    """
    wanted = "extensive" if name == "auto" else name
    for point in entry_points(group=GROUP):
        if point.name == wanted:
            return cast("Solver", point.load()())
    raise UsageError(
        f"no method {name!r} is installed: expected one of {', '.join(['auto', *solver_names()])}"
    )
