"""The L-shaped method against the extensive form, on random instances: every objective, rule and price."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import strategies
from optichain.design.aims import COST, Aim
from optichain.design.firststage.wishes import Wishes
from optichain.design.twostage.problem import DesignProblem, build_problem
from optichain.errors import OptichainError, UsageError
from optichain_solvers.extensive.solver import ExtensiveSolver
from optichain_solvers.lshaped.solver import LShapedSolver

RUN = 20


def wishes_of(instance: Any, rng: np.random.Generator) -> Wishes:
    """Return an objective drawn at random."""
    kind = rng.choice(["expected", "expected", "loss", "worst", "cvar", "mix", "cost"])
    if kind == "mix":
        objective = str(rng.choice(["worst", "cvar"]))
        return Wishes(aim=Aim(objective, float(rng.choice([0.0, 0.5, 0.9])), float(rng.choice([0.2, 0.7]))))
    if kind == "cost":
        plain = build_problem(instance)
        share = float(rng.choice([0.0, 0.3, 0.6]))
        least = plain.nothing + share * (plain.everything - plain.nothing)
        return Wishes(aim=Aim(COST), min_acc=min(1.0, max(0.0, least)))
    return Wishes(aim=Aim(str(kind), float(rng.choice([0.5, 0.8, 0.95])) if kind == "cvar" else 0.95))


def priced(problem: DesignProblem, rng: np.random.Generator) -> None:
    """Put prices on half of the starts, of the size of what is to be gained."""
    size = 0.2 * max(abs(problem.everything - problem.nothing), 1e-3)
    for column in {**problem.stage.start, **problem.stage.chain}.values():
        if rng.random() < 0.5:
            problem.stage_cost[column] += rng.normal() * size


def answer(solver: Any, problem: DesignProblem, **options: Any) -> tuple[Any, ...]:
    try:
        found = solver.solve(problem, gap=1e-9, **options)
    except UsageError:
        raise
    except OptichainError as error:
        return (type(error).__name__,)
    return found.objective, found.bound, found.values


def differences(seed: int, instance: Any) -> list[str]:
    """Return what is wrong with the answer of the L-shaped method on one instance."""
    rng = np.random.default_rng(seed)
    try:
        problem = build_problem(instance, wishes_of(instance, rng))
    except UsageError as error:
        return [] if "no bound can be proven" in str(error) else [f"seed {seed}: {error}"]
    if rng.random() < 0.4:
        priced(problem, rng)
    truth, mine = answer(ExtensiveSolver(), problem), answer(LShapedSolver(), problem)
    if len(truth) == 1 or len(mine) == 1:
        return [] if truth[0] == mine[0] else [f"seed {seed}: {mine[0]}, the extensive form {truth[0]}"]
    room = 2e-6 * max(1.0, abs(truth[0]), abs(problem.everything - problem.nothing))
    out = []
    if abs(mine[0] - truth[0]) > room:
        out.append(f"seed {seed}: {mine[0]}, the extensive form {truth[0]}")
    if not abs(mine[1] - mine[0]) <= room:
        out.append(f"seed {seed}: bound {mine[1]} away from {mine[0]}")
    point = np.round(mine[2])
    broken = [
        row.message
        for row in problem.stage.rows
        if all(problem.stage.columns[c].integer for c in row.coefficients) and row.broken(point)
    ]
    return out + [f"seed {seed}: breaks {message}" for message in broken]


@pytest.mark.parametrize(
    "first", [pytest.param(f, marks=[pytest.mark.slow] if f >= 60 else []) for f in range(0, 800, RUN)]
)
def test_it_finds_what_the_extensive_form_finds(first: int) -> None:
    cases = strategies.accepted(RUN, first=20000 + first)
    assert [d for seed, instance in cases for d in differences(seed, instance)] == []
