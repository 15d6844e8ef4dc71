"""One face for PuLP 3 and 4, and for any solver that PuLP knows.

The two versions differ in what ``solve`` returns and in what they bundle; nothing else in the project
needs to know.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from optichain.errors import SolverError, UsageError
from optichain.nearest import nearest_clause
from optichain.storage.atomic import new_beside, unwritten
from optichain_solvers.outside import watched

__all__ = [
    "Outcome",
    "add_between",
    "available_solvers",
    "check_highs_options",
    "expression",
    "renew_scheduler",
    "run",
    "values_of",
    "write_mps",
]

WHOLE = 1e-4
"""How far a solver's value may be from a whole number."""
TIGHT = 1e-9
CAREFUL: dict[str, Any] = {
    "mip_feasibility_tolerance": 1e-7,
    "primal_feasibility_tolerance": TIGHT,
    "dual_feasibility_tolerance": TIGHT,
    "mip_allow_restart": False,
}
"""For integer programmes that HiGHS solves, whose proofs are to hold.

Within its own tolerances, rows whose bounds are no larger than these can make presolve of version 1.16 lose the optimum. Within
tighter ones, one in a hundred proofs was false, all of them after the search had begun again at the root.
"""
OPTIMAL, STOPPED, INFEASIBLE, FAILED = "optimal", "stopped", "infeasible", "failed"


@dataclass(frozen=True)
class Outcome:
    """How a solver ended.

    Attributes
    ----------
    status : str
        ``optimal`` (to the gap asked for), ``stopped``, ``infeasible`` or ``failed``.
    has_solution : bool
    bound : float or None
        Proven bound on the objective, in its own sense; ``None`` where the solver tells none.
    message : str
    """

    status: str
    has_solution: bool
    bound: float | None
    message: str


def available_solvers() -> list[str]:
    """Return the names of the solvers that PuLP can run here."""
    import pulp

    with _quiet():
        return sorted(pulp.listSolvers(onlyAvailable=True))


def expression(terms: Sequence[tuple[Any, float]]) -> Any:
    """Return a linear expression from (variable, coefficient) pairs, no variable twice."""
    import pulp

    make = getattr(pulp.LpAffineExpression, "from_list", pulp.LpAffineExpression)
    return make(list(terms))


def add_between(problem: Any, left: Any, low: float, high: float) -> None:
    """Add a row: an expression between two numbers, either of which may be infinite."""
    if low == high:
        problem += left == low
        return
    if math.isfinite(low):
        problem += left >= low
    if math.isfinite(high):
        problem += left <= high


def values_of(variables: Sequence[Any]) -> npt.NDArray[np.float64]:
    """Return the values of variables, shape (variables,); one that no row holds is 0."""
    return np.array([0.0 if v.value() is None else float(v.value()) for v in variables])


def run(
    problem: Any,
    *,
    solver: str = "HiGHS",
    options: Mapping[str, Any] | None = None,
    gap: float | None = None,
    time_limit: float | None = None,
    threads: int | None = None,
    seed: int | None = None,
    stop: threading.Event | None = None,
) -> Outcome:
    """Solve a PuLP problem and say how it ended.

    Parameters
    ----------
    problem : pulp.LpProblem
    solver : str
        Name as in ``pulp.listSolvers()``.
    options : mapping, optional
        Handed to the solver; one that it does not know is refused.
    gap : float, optional
        Relative gap at which to stop.
    time_limit : float, optional
        Seconds.
    threads, seed : int, optional
    stop : threading.Event, optional
        Once set, HiGHS stops with what it has; a program that PuLP started is ended (`optichain_solvers.outside`).

    Raises
    ------
    UsageError
        No such solver or option.
    SolverError
        The solver is not installed, or crashed.
    """
    import pulp

    if solver not in pulp.listSolvers():
        raise UsageError(
            f"PuLP knows no solver {solver!r}: expected one of {', '.join(sorted(pulp.listSolvers()))}"
        )
    engine = _engine(pulp, solver, dict(options or {}), gap, time_limit, threads, seed, stop)
    with _quiet():
        if solver == "HiGHS":
            # HiGHS refuses another number of threads later in one process unless its scheduler is renewed
            renew_scheduler()
        if not engine.available():
            raise SolverError(
                f"solver {solver} is not installed here; available: {', '.join(available_solvers())}"
            )
        if solver == "HiGHS":
            try:
                problem.solve(engine)
            except pulp.PulpSolverError as error:
                raise SolverError(f"solver {solver} failed: {error}") from error
            return _highs_outcome(problem)
        with watched(engine, time_limit=time_limit, stop=stop) as ended:
            try:
                answer = problem.solve(engine)
            except MemoryError:
                raise
            except Exception as error:  # a program that crashes, and whatever PuLP makes of what it wrote
                if ended.reason:
                    return Outcome(STOPPED, False, None, ended.reason)
                reason = " ".join(str(error).split()) or type(error).__name__
                raise SolverError(
                    f"solver {solver} failed: {reason}; 'optichain doctor' lists the solvers that are installed here"
                ) from error
    return _generic_outcome(pulp, problem, answer, gap)


def insist_on_whole(values: npt.NDArray[np.float64], solver: str) -> None:
    """Refuse decisions that are no whole numbers, before rounding hides what a solver left half-done.

    Raises
    ------
    SolverError
        With the first of them.
    """
    wrong = ~(np.abs(values - np.round(values)) <= WHOLE)
    if wrong.any():
        raise SolverError(
            f"solver {solver} gave {values[wrong][0]:g} for a decision that is a whole number: it stopped half-way, "
            "or its answer cannot be read"
        )


def write_mps(problem: Any, path: str | Path) -> None:
    """Write a PuLP problem as MPS, whole or not at all.

    Raises
    ------
    UsageError
        The place cannot be written to.
    """
    try:
        target = Path(path).resolve()
        with new_beside(target) as temporary:
            problem.writeMPS(str(temporary))
            os.replace(temporary, target)
    except OSError as error:
        raise unwritten(Path(path), error) from None


def _engine(
    pulp: Any,
    solver: str,
    options: dict[str, Any],
    gap: float | None,
    time_limit: float | None,
    threads: int | None,
    seed: int | None,
    stop: threading.Event | None,
) -> Any:
    common: dict[str, Any] = {"msg": False, "timeLimit": time_limit}
    if solver == "HiGHS":
        check_highs_options(options)
        # HiGHS stops at an absolute gap of 1e-6 by default; objectives here are shares of what can be improved
        settings = {"mip_abs_gap": 1e-9, "random_seed": seed or 0, **CAREFUL, **options}
        if stop is not None:
            settings |= _listening(stop)
        return pulp.getSolver(solver, **common, gapRel=gap, threads=threads, **settings)
    if options:
        common["options"] = [text for key, value in options.items() for text in (str(key), str(value))]
    wanted = {**common, "gapRel": gap, "threads": threads}
    try:
        return pulp.getSolver(solver, **wanted)
    except TypeError:
        known = {key: value for key, value in wanted.items() if key in ("msg", "timeLimit", "options")}
        return pulp.getSolver(solver, **known)


def _listening(stop: threading.Event) -> dict[str, Any]:
    """Return PuLP's options with which HiGHS asks, now and then, whether it is to stop."""
    import highspy

    def ask(kind: Any, message: str, data_out: Any, data_in: Any, user_data: Any) -> None:
        if stop.is_set():
            data_in.user_interrupt = True

    kinds = highspy.cb.HighsCallbackType
    asked = [kinds.kCallbackMipInterrupt, kinds.kCallbackSimplexInterrupt, kinds.kCallbackIpmInterrupt]
    return {"callbackTuple": (ask, None), "callbacksToActivate": asked}


def renew_scheduler() -> None:
    """Let HiGHS take another number of threads than earlier in this process."""
    import highspy

    highspy.Highs.resetGlobalScheduler(True)


def check_highs_options(options: Mapping[str, Any]) -> None:
    """Refuse options that HiGHS does not know: it would ignore them without a word."""
    import highspy

    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)
    known = [name for name in dir(highs.getOptions()) if not name.startswith("_")]
    for name in options:
        if name not in known:
            raise UsageError(f"HiGHS has no option {name!r}{nearest_clause(name, known)}")
        if highs.setOptionValue(name, options[name]) != highspy.HighsStatus.kOk:
            raise UsageError(f"HiGHS refuses {options[name]!r} for option {name}")


def _highs_outcome(problem: Any) -> Outcome:
    import highspy

    model = problem.solverModel
    status, info = model.getModelStatus(), model.getInfo()
    text = str(model.modelStatusToString(status))
    kinds = highspy.HighsModelStatus
    has = info.primal_solution_status == 2
    # PuLP hands a maximisation over with its sign turned
    sign = -1.0 if problem.sense == -1 and model.getLp().sense_ == highspy.ObjSense.kMinimize else 1.0
    integer = any(v.cat == "Integer" for v in problem.variables())
    bound = float(info.mip_dual_bound) if integer else float(info.objective_function_value)
    known = sign * bound if math.isfinite(bound) and abs(bound) < 1e30 else None
    if status == kinds.kOptimal and has:
        return Outcome(OPTIMAL, True, known, text)
    if status in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible):
        return Outcome(INFEASIBLE, False, None, text)
    if status in (
        kinds.kTimeLimit,
        kinds.kIterationLimit,
        kinds.kSolutionLimit,
        kinds.kInterrupt,
        kinds.kObjectiveBound,
    ):
        return Outcome(STOPPED, has, known, text)
    return Outcome(FAILED, False, None, text)


def _generic_outcome(pulp: Any, problem: Any, answer: Any, gap: float | None) -> Outcome:
    """Read what PuLP tells of other solvers: a status, and no bound unless it is an optimum to the gap."""
    if hasattr(answer, "has_solution"):  # PuLP 4
        text, has = str(answer.status.name), bool(answer.has_solution)
        optimal = has and text in ("Optimal", "GapLimit")
    else:
        text = str(pulp.LpStatus.get(problem.status, problem.status))
        has = problem.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
        optimal = text == "Optimal" and problem.sol_status == pulp.LpSolutionOptimal
    if text == "Infeasible":
        return Outcome(INFEASIBLE, False, None, text)
    if not optimal:
        early = has or text in ("Not Solved", "TimeLimit", "Interrupted", "Stopped", "MemoryLimit")
        return Outcome(STOPPED if early else FAILED, has, None, text)
    stated = pulp.value(problem.objective)
    if stated is None or not math.isfinite(stated):
        return Outcome(FAILED, False, None, f"{text}, with the objective {stated}")
    margin = (gap or 0.0) * abs(stated) * (1 if problem.sense == pulp.LpMaximize else -1)
    return Outcome(OPTIMAL, True, float(stated) + margin, text)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what solvers write to file descriptor 1 out of standard output; it goes to standard error."""
    sys.stdout.flush()
    try:
        saved = os.dup(1)
    except OSError:
        yield
        return
    try:
        os.dup2(2, 1)
        yield
    finally:
        sys.stdout.flush()
        os.dup2(saved, 1)
        os.close(saved)
