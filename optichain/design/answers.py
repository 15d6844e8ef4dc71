"""What a method answers: in its time, in the right form, and not below what anybody can buy.

A method may be anybody's. What would keep its plan from being worked out again is caught first: that it never answers, or
answers nonsense. Then the plan is held against its account, which no solver had a hand in; and the bound against a plan
bought without a solver, where the bound is one that only the solver's word stands for.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from optichain.design.account.account import Account
from optichain.design.twostage.problem import DesignProblem
from optichain.errors import OptichainError, SolverError, StoppedError, VerificationError
from optichain.solving import Solution, Solver

__all__ = ["THREAD", "answer_of", "insist", "insist_on_rival"]

log = logging.getLogger(__name__)

THREAD = "optichain-method"
LATE, LATE_SHARE = 30.0, 0.25
"""Seconds, or share of the time limit, that a method may be late before it is told to stop."""
DEAF = 15.0
"""Seconds that it then has to hand over what it has."""
AGREEMENT = 1e-6
"""How far a value may be from what it comes to when it is worked out again, relative to its size."""
WHOLE = 1e-4
"""How far a decision may be from a whole number, or outside its bounds."""


def answer_of(
    method: Solver,
    problem: DesignProblem,
    *,
    time_limit: float | None = None,
    stop: threading.Event | None = None,
    **options: Any,
) -> Solution:
    """Return what a method answers.

    Parameters
    ----------
    method : Solver
    problem : DesignProblem
    time_limit : float, optional
        Seconds, for the method. Where it does not keep them, it is told to stop after a quarter more, 30 seconds at
        least, and given up another 15 seconds later.
    stop : threading.Event, optional
        For the method; set here too when its time is long over.
    options
        For the method.

    Raises
    ------
    StoppedError
        The method was given up.
    SolverError
        It fails, or what it answers is no solution.
    """
    told = threading.Event() if stop is None else stop
    call = _careful(lambda: method.solve(problem, time_limit=time_limit, stop=told, **options), method)
    solution = call() if time_limit is None else _in_time(call, time_limit, told, method.name)
    _insist_on_form(problem, solution, method.name)
    return solution


def _careful(call: Callable[[], Solution], method: Solver) -> Callable[[], Solution]:
    """Tell a failure of somebody else's method from a defect of ours."""
    if type(method).__module__.split(".")[0] == "optichain_solvers":
        return call

    def carefully() -> Solution:
        try:
            return call()
        except (OptichainError, MemoryError, OSError):
            raise
        except Exception as error:
            raise SolverError(f"the method {method.name} failed: {type(error).__name__}: {error}") from error

    return carefully


def _in_time(call: Callable[[], Solution], time_limit: float, told: threading.Event, name: str) -> Solution:
    """Make a call beside this thread, and wait for it as long as is reasonable."""
    solutions: list[Solution] = []
    errors: list[BaseException] = []
    done = threading.Event()

    def target() -> None:
        try:
            solutions.append(call())
        except BaseException as error:
            errors.append(error)
        finally:
            done.set()

    began = time.monotonic()
    threading.Thread(target=target, name=THREAD, daemon=True).start()
    if not _wait(done, time_limit + max(LATE, LATE_SHARE * time_limit)):
        log.warning("the method %s is late; it is told to stop", name)
        told.set()
        if not _wait(done, DEAF):
            raise StoppedError(
                f"the method {name} was given {time_limit:.3g} seconds, and did not end in "
                f"{time.monotonic() - began:.0f}: it was given up. A checkpoint (--checkpoint) keeps what is learned"
            )
    if errors:
        raise errors[0]
    return solutions[0]


def _wait(done: threading.Event, seconds: float) -> bool:
    """Wait in short steps, so that a signal is heard everywhere."""
    end = time.monotonic() + seconds
    while not done.wait(min(0.1, max(seconds, 0.0))):
        if time.monotonic() >= end:
            return done.is_set()
    return True


def _insist_on_form(problem: DesignProblem, solution: Any, name: str) -> None:
    """Refuse what is no point of the first stage, or bounds nothing."""
    columns = problem.stage.columns
    if not isinstance(solution, Solution):
        raise SolverError(f"the method {name} answered with {type(solution).__name__}, which is no solution")
    values = np.asarray(solution.values)
    if values.shape != (len(columns),) or values.dtype.kind not in "fiub":
        raise SolverError(
            f"the method {name} answered with values of shape {values.shape}, expected a number for each of "
            f"{len(columns)} decisions"
        )
    for column, value in zip(columns, values.tolist(), strict=True):
        room = WHOLE * max(column.size, abs(value)) if math.isfinite(value) else 0.0
        if not column.lower - room <= value <= column.upper + room:
            limits = f"a number from {column.lower:g} to {column.upper:g}"
            raise SolverError(f"the method {name} decides {column.name} = {value:g}, expected {limits}")
        if column.integer and abs(value - round(value)) > WHOLE:
            raise SolverError(f"the method {name} decides {column.name} = {value:g}, expected a whole number")
    if solution.bound is not None and not math.isfinite(solution.bound):
        raise SolverError(
            f"the method {name} proves {solution.bound}, expected a number, or that it knows none"
        )


def insist(problem: DesignProblem, account: Account, solution: Solution) -> None:
    """Refuse a plan whose rules or objective the re-computation does not confirm."""
    if account.breaches:
        broken = "; ".join(b["message"] for b in account.breaches[:5])
        raise VerificationError(f"the solver returned a plan that breaks rules: {broken}")
    # flows of an early incumbent may serve less than its measures allow: then the re-computation is the better
    room = _room(problem, account)
    missing = problem.sense * (solution.objective - account.objective)
    if not missing <= room:
        raise VerificationError(
            f"the solver claims {solution.objective:.9g}, but its plan comes to {account.objective:.9g} when worked out again"
        )
    if solution.bound is not None and problem.sense * (account.objective - solution.bound) > room:
        raise VerificationError(
            f"the solver claims that no plan passes {solution.bound:.9g}, but its own plan comes to {account.objective:.9g}"
        )


def insist_on_rival(problem: DesignProblem, rival: Account, solution: Solution) -> None:
    """Refuse a bound that a plan passes which was bought greedily, without any solver."""
    if solution.bound is not None and problem.sense * (rival.objective - solution.bound) > _room(
        problem, rival
    ):
        raise VerificationError(
            f"the solver claims that no plan passes {solution.bound:.9g}, but one bought greedily comes to "
            f"{rival.objective:.9g}: what it calls optimal is not"
        )


def _room(problem: DesignProblem, account: Account) -> float:
    """Return what rounding may explain."""
    return AGREEMENT * max(problem.size, abs(account.objective), abs(problem.nothing - problem.everything))
