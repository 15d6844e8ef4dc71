"""What a solver of the two-stage problem is, and who implements it (entry points ``optichain.solvers``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.design.twostage.problem import DesignProblem, Scenario
from optichain.errors import SolverError, UsageError
from optichain.plugins import METHODS, make_plugin, plugin_names

__all__ = [
    "Solution",
    "Solver",
    "choose_solver",
    "find_solver",
    "improvement_gap",
    "independent_parts",
    "solver_names",
]

NOTHING = 1e-9
"""An improvement of less, in continuity or in what counts as one in money, is none."""

SMALL = 20_000
"""Coefficients of all scenarios up to which the extensive form is as quick as any other method."""
SEVERAL = 4
"""Parts from which a method for portfolios is worth its overhead."""


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

    One that also keeps the floors of a problem says so by an attribute ``floors`` that is true; one that can go on
    from a file, by ``checkpoints``; one that takes a plan to begin with (``start``, a point of the first stage or
    ``None``), by ``starts``; one that takes no problem with tails, by ``tails`` that is false.
    """

    name: str

    def solve(self, problem: DesignProblem, **options: Any) -> Solution:
        """Return the best choice of measures found."""


def solver_names() -> list[str]:
    """Return the names of the installed methods."""
    return plugin_names(METHODS)


def find_solver(name: str) -> Solver:
    """Return an installed method by name.

    Raises
    ------
    UsageError
        No such method is installed.
    SolverError
        It cannot be loaded.
    """
    found = make_plugin(
        METHODS, name, lambda told: SolverError(f"the method {name} {told}; mend or uninstall what brings it")
    )
    if found is not None:
        return cast("Solver", found)
    raise UsageError(
        f"no method {name!r} is installed: expected one of {', '.join(['auto', *solver_names()])}"
    )


def choose_solver(name: str, problem: DesignProblem, *, checkpoint: bool = False) -> tuple[Solver, str]:
    """Return a method for a problem and why it was chosen.

    Parameters
    ----------
    name : str
        An installed method, or ``auto``: the extensive form while it is small, a method for portfolios where parts
        share no flow and no measure, else the L-shaped method.
    problem : DesignProblem
    checkpoint : bool
        The method must be able to go on from a file.

    Raises
    ------
    UsageError, SolverError
        No such method, or it cannot do what is asked.
    """
    if name != "auto":
        found = find_solver(name)
        missing = _missing(found, problem, checkpoint=checkpoint)
        if missing:
            able = [other for other in solver_names() if _able(other, problem, checkpoint=checkpoint)]
            others = f"take {' or '.join([*able, 'auto'])}" if able else "no installed method does"
            raise UsageError(f"method {name} {missing}: {others}")
        return found, "asked for"
    size = sum(scenario.matrix.nnz for scenario in problem.scenarios)
    parts = independent_parts(problem)
    shape = f"{len(problem.scenarios)} scenarios with {size} coefficients in all"
    wanted = []
    if size <= SMALL:
        wanted.append(("extensive", f"{shape}: small enough to be solved whole"))
    if parts >= SEVERAL:
        wanted.append(("portfolio", f"{shape}, in {parts} parts that share rules but no flow and no measure"))
    wanted.append(("lshaped", f"{shape}: too many to be solved whole"))
    wanted.append(("extensive", f"{shape}: no other method is installed that takes this problem"))
    installed = solver_names()
    for candidate, reason in wanted:
        if candidate in installed:
            found = find_solver(candidate)
            if not _missing(found, problem, checkpoint=checkpoint):
                return found, reason
    raise SolverError("no installed method takes this problem: optichain doctor lists what is installed")


def _able(name: str, problem: DesignProblem, *, checkpoint: bool) -> bool:
    """Tell whether an installed method can be loaded and lacks nothing that a problem needs."""
    try:
        return not _missing(find_solver(name), problem, checkpoint=checkpoint)
    except SolverError:
        return False


def _missing(found: Solver, problem: DesignProblem, *, checkpoint: bool) -> str:
    """Return what a method cannot do that the problem needs; an empty text: nothing."""
    if problem.floors and not getattr(found, "floors", False):
        return "keeps no lower limits on ACC or autonomy"
    if problem.tails and not getattr(found, "tails", True):
        return "knows no objective of worst events"
    if problem.lows and not getattr(found, "lows", False):
        return "does not know the objective worst-case"
    if checkpoint and not getattr(found, "checkpoints", False):
        return "keeps no checkpoint"
    return ""


def improvement_gap(bound: float, objective: float, nothing: float, *, size: float = 1.0) -> float:
    """Return the part of the possible improvement that may still be missing.

    Parameters
    ----------
    bound, objective, nothing : float
        What no plan passes, what is reached, and what doing nothing is worth.
    size : float
        What counts as one in the objective: an improvement of less than a billionth of it is none.
    """
    room = abs(bound - nothing)
    return 0.0 if room <= NOTHING * size else abs(bound - objective) / room


def independent_parts(problem: DesignProblem) -> int:
    """Return the number of sets of scenarios that no measure links: candidates for policies of their own."""
    edges = [(s, p) for s, scenario in enumerate(problem.scenarios) for p in _products_of(scenario)]
    first, products = len(problem.scenarios), len(problem.products)
    offset = first + products
    pairs = [(s, first + p) for s, p in edges]
    for place, product in enumerate(problem.products):
        columns = [c for factor in product.binaries for c in factor] + list(product.units)
        pairs += [(first + place, offset + c) for c in columns]
    # the starts of a measure in different years are one measure
    seen: dict[str, int] = {}
    for (measure, _), column in [*problem.stage.start.items(), *problem.stage.units.items()]:
        pairs.append((offset + column, offset + seen.setdefault(measure, column)))
    size = offset + len(problem.stage.columns)
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    graph = sp.coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(size, size))
    _, part = sp.csgraph.connected_components(graph, directed=False)
    return len(set(part[:first].tolist()))


def _products_of(scenario: Scenario) -> set[int]:
    return {p for _, p, _ in (*scenario.column_terms, *scenario.row_terms) if p >= 0}
