"""From parts of a problem to the coalitions of the portfolio: listed where that is little, else searched (3.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from optichain.design.firststage.stage import Row
from optichain.design.twostage.arrays import DesignProblem, Floor
from optichain.design.twostage.parts import Coalition, restrict
from optichain_solvers.portfolio.coalitions import Share
from optichain_solvers.portfolio.listed import Listed
from optichain_solvers.portfolio.policies import list_policies
from optichain_solvers.portfolio.searched import Search, Searched
from optichain_solvers.portfolio.states_reader import find_states

__all__ = ["make_group", "use_of"]

Floats = npt.NDArray[np.float64]
WISHES = ("fix", "forbid")
"""Rules that only leave out policies: what is known about the others stays when they change."""


def make_group(
    problem: DesignProblem,
    part: Coalition,
    linking: Sequence[Row],
    factor: float,
    *,
    most_policies: int,
    most_bounds: int,
    shared: Mapping[int, Floor],
    searcher: Callable[[], Search],
    known: dict[tuple[object, ...], Listed],
) -> Listed | Searched:
    """Return a coalition, listed where it is small enough.

    Parameters
    ----------
    shared : mapping of int to Floor
        Floors that several coalitions reach together, by their place among the rules.
    searcher : callable
        Returns the method of a coalition that is too large to be listed.
    known : dict
        Coalitions listed before for the same scenarios: what is known about their policies is kept.
    """
    coefficients = use_of(linking, part.columns, len(problem.stage.columns))
    place = {int(c): i for i, c in enumerate(part.columns)}
    asked = [row for row in part.rows if row.rule in WISHES]
    wishes = [replace(row, coefficients={place[c]: v for c, v in row.coefficients.items()}) for row in asked]
    own = tuple(row for row in part.rows if row.rule not in WISHES)
    cost = problem.stage_cost[part.columns].tobytes()
    shares = _shares(problem, part, shared)
    key = (part.columns.tobytes(), part.scenarios, tuple(map(_identity, own)), cost, factor)
    if key not in known:
        small = restrict(problem, replace(part, rows=own))
        policies = list_policies(small.stage, most_policies) if most_policies > 0 else None
        states = None if policies is None else find_states(small, policies, most_bounds)
        if policies is not None and states is not None:
            small.scenarios = []  # the states hold all that is needed of them
            known[key] = Listed(small, policies, states, coefficients, factor)
    if key in known:
        known[key].ask(coefficients, wishes, known[key].problem.floors, shares)
        return known[key]
    small = restrict(problem, part)
    return Searched(small, coefficients, factor, searcher(), shares)


def _shares(problem: DesignProblem, part: Coalition, shared: Mapping[int, Floor]) -> list[Share]:
    place = {s: i for i, s in enumerate(part.scenarios)}
    shares = []
    for rule, floor in shared.items():
        mine = [(c, s) for c, s in floor.terms if s in place]
        nothing = sum(c * problem.scenarios[s].worst for c, s in mine)
        if mine:
            shares.append(Share(rule, tuple((c, place[s]) for c, s in mine), nothing))
    return shares


def _identity(row: Row) -> tuple[object, ...]:
    return (tuple(sorted(row.coefficients.items())), row.lower, row.upper)


def use_of(rows: Sequence[Row], columns: npt.NDArray[np.int64], total: int) -> Floats:
    """Return the coefficients of rules between coalitions in one of them, shape (rules, columns of it)."""
    place = np.full(total, -1, dtype=np.int64)
    place[columns] = np.arange(len(columns))
    matrix = np.zeros((len(rows), len(columns)))
    for i, row in enumerate(rows):
        for c, v in row.coefficients.items():
            if place[c] >= 0:
                matrix[i, place[c]] = v
    return matrix
