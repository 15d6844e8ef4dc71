"""Solve, evaluate: from an instance to a plan that is worked out again before it is returned (3.4, 3.5)."""

from __future__ import annotations

import logging
import platform
import threading
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.compilation import compile_network
from optichain.design.account import Account, Wishes, make_account
from optichain.design.plan import Choice, Plan
from optichain.design.problem import DesignProblem, build_problem
from optichain.design.rules import Rows
from optichain.errors import Fault, PlanError, VerificationError
from optichain.risk.continuity import ContinuityEngine

if TYPE_CHECKING:
    from optichain.instance.model import Instance
    from optichain.solving import Solution

__all__ = ["build_model", "evaluate", "gaps", "reinforce"]

log = logging.getLogger(__name__)

AGREEMENT = 1e-6


def reinforce(
    instance: Instance,
    *,
    budget: float | Sequence[float] | None = None,
    objective: str = "expected",
    method: str = "auto",
    solver: str = "HiGHS",
    solver_options: Mapping[str, Any] | None = None,
    gap: float = 1e-4,
    time_limit: float | None = None,
    threads: int | None = None,
    seed: int = 0,
    fix: Sequence[str] = (),
    forbid: Sequence[str] = (),
    rows: Rows = (),
    write_model: str | Path | None = None,
    command: str | None = None,
    stop: threading.Event | None = None,
) -> Plan:
    """Find the measures that serve most under a budget.

    Parameters
    ----------
    instance : Instance
    budget : float or sequence of float, optional
        Instead of the instance's: one number for each planning year, or one a year.
    objective : {"expected", "loss"}
        Expected ACC (maximised) or expected annual loss (minimised).
    method : str
        An installed method; ``auto`` chooses.
    solver : str
        Any solver of PuLP; ``auto`` is HiGHS.
    solver_options : mapping, optional
        For that solver.
    gap : float
        Improvement gap at which to stop.
    time_limit : float, optional
        Seconds for the solver.
    threads, seed : int
    fix, forbid : sequence of str
        Measures that must start (``name`` or ``name=units``) or must not.
    rows : sequence of (coefficients, sense, number)
        Further rules: coefficients by (measure, year) of starting.
    write_model : path, optional
        Where to write the integer programme as MPS.
    command : str, optional
        For the provenance.
    stop : threading.Event, optional
        Once set, from another thread, the solver stops with what it has: a plan with status ``feasible``.

    Returns
    -------
    Plan
        Worked out again from the instance, without the optimiser.

    Raises
    ------
    InfeasibleError, StoppedError
        There is no plan, or none was found in time.
    VerificationError
        The optimiser's objective is not confirmed; no plan is returned.
    """
    from optichain.solving import find_solver

    began = time.perf_counter()
    name = "HiGHS" if solver == "auto" else solver
    wishes = Wishes(budget, tuple(fix), tuple(forbid), tuple(rows))
    network = compile_network(instance)
    engine = ContinuityEngine(network)
    shared = engine if objective == "expected" else None
    problem = build_problem(
        instance, objective=objective, budget=budget, fix=fix, forbid=forbid, rows=rows, engine=shared
    )
    log.info(
        "problem: %d decisions, %d scenarios, %d products",
        len(problem.stage.columns),
        len(problem.scenarios),
        len(problem.products),
    )
    found = find_solver(method)
    solution = found.solve(
        problem,
        solver=name,
        options=solver_options,
        gap=gap,
        time_limit=time_limit,
        threads=threads,
        seed=seed,
        write_model=write_model,
        stop=stop,
    )
    choices, policies = read_choices(problem, solution.values)
    account = make_account(
        instance, choices, policies=policies, objective=objective, wishes=wishes, engine=engine
    )
    _insist(problem, account, solution)
    bound = None if solution.bound is None else _beyond(solution.bound, account.objective, problem.sense)
    relative, improvement = gaps(bound, account.objective, account.objective_nothing)
    proven = solution.proven and improvement is not None and improvement <= gap + 1e-7
    return _plan(
        instance,
        account,
        status="optimal" if proven else "feasible",
        objective=objective,
        bound=bound,
        gap=relative,
        improvement=improvement,
        wishes=wishes,
        provenance={
            **versions(),
            "method": found.name,
            "solver": name,
            "solver_version": _version({"HiGHS": "highspy"}.get(name, "pulp")),
            "solver_message": solution.message,
            "seed": seed,
            "gap_asked": gap,
            "time_limit": time_limit,
            "seconds": time.perf_counter() - began,
            "command": command,
        },
    )


def read_choices(
    problem: DesignProblem, values: npt.NDArray[np.float64]
) -> tuple[list[Choice], dict[str, str]]:
    """Return the measures that start, and the policy of each chain with a catalogue, from a solver's values."""
    stage = problem.stage
    choices = [
        Choice(measure, float(round(values[stage.units[measure, year]])), year)
        for (measure, year), column in stage.start.items()
        if values[column] > 0.5
    ]
    policies = {stage.policy_chain[p]: p for (p, _), column in stage.policy.items() if values[column] > 0.5}
    return choices, policies


def _insist(problem: DesignProblem, account: Account, solution: Solution) -> None:
    """Refuse a plan whose rules or objective the re-computation does not confirm."""
    if account.breaches:
        broken = "; ".join(b["message"] for b in account.breaches[:5])
        raise VerificationError(f"the solver returned a plan that breaks rules: {broken}")
    # flows of an early incumbent may serve less than its measures allow: then the re-computation is the better
    room = AGREEMENT * max(1.0, abs(account.objective), abs(problem.nothing - problem.everything))
    missing = problem.sense * (solution.objective - account.objective)
    if not missing <= room:
        raise VerificationError(
            f"the solver claims {solution.objective:.9g}, but its plan comes to {account.objective:.9g} when worked out again"
        )
    if solution.bound is not None and problem.sense * (account.objective - solution.bound) > room:
        raise VerificationError(
            f"the solver claims that no plan passes {solution.bound:.9g}, but its own plan comes to {account.objective:.9g}"
        )


def _beyond(bound: float, objective: float, sense: int) -> float:
    """Return a bound that is not on the wrong side of what was reached by a rounding error."""
    return max(bound, objective) if sense > 0 else min(bound, objective)


def gaps(bound: float | None, objective: float, nothing: float) -> tuple[float | None, float | None]:
    """Return (gap relative to the objective, improvement gap); ``None`` where there is no bound."""
    if bound is None:
        return None, None
    difference = abs(bound - objective)
    relative = 0.0 if difference == 0.0 else difference / max(abs(objective), 1e-300)
    room = abs(bound - nothing)
    return relative, 0.0 if room < 1e-9 else difference / room


def evaluate(
    instance: Instance,
    choices: pd.DataFrame,
    *,
    budget: float | Sequence[float] | None = None,
    objective: str = "expected",
    command: str | None = None,
    file: str = "choices",
) -> Plan:
    """Work out a given list of measures, and name every rule that it breaks.

    Parameters
    ----------
    instance : Instance
    choices : DataFrame
        Columns measure, start_year; chain (checked where given) and units (1) optional.
    budget : float or sequence of float, optional
        Instead of the instance's.
    objective : {"expected", "loss"}
    command, file : str, optional
        For the provenance, and for messages.

    Returns
    -------
    Plan
        With status ``given`` and `Plan.breaches`.

    Raises
    ------
    PlanError
        The list names what the instance does not have; every fault is listed.
    """
    began = time.perf_counter()
    wishes = Wishes(budget)
    account = make_account(instance, _read_list(instance, choices, file), objective=objective, wishes=wishes)
    return _plan(
        instance,
        account,
        status="given",
        objective=objective,
        bound=None,
        gap=None,
        improvement=None,
        wishes=wishes,
        provenance={
            **versions(),
            "method": "given",
            "seconds": time.perf_counter() - began,
            "command": command,
        },
    )


def _read_list(instance: Instance, frame: pd.DataFrame, file: str) -> list[Choice]:
    """Read a list of measures, with every fault of it."""
    import difflib

    faults = [
        Fault(
            file,
            1,
            name,
            "missing-column",
            f"column {name!r} is missing",
            "expected chain, measure, units, start_year",
        )
        for name in ("measure", "start_year")
        if name not in frame.columns
    ]
    if faults:
        raise PlanError(faults, what="The list of measures")
    owners = dict(zip(instance["measures"]["measure"], instance["measures"]["chain"], strict=True))
    result: list[Choice] = []
    seen: set[str] = set()
    for row, record in enumerate(frame.to_dict("records"), start=2):
        measure = "" if pd.isna(record["measure"]) else str(record["measure"]).strip()
        if measure not in owners:
            near = difflib.get_close_matches(measure, [str(m) for m in owners], n=1)
            hint = f"did you mean {near[0]!r}?" if near else None
            faults.append(
                Fault(file, row, "measure", "dangling-reference", f"no measure is called {measure!r}", hint)
            )
            continue
        if measure in seen:
            faults.append(
                Fault(file, row, "measure", "duplicate-key", f"measure {measure!r} is listed twice")
            )
        seen.add(measure)
        chain = record.get("chain")
        if isinstance(chain, str) and chain.strip() and chain.strip() != owners[measure]:
            owner = owners[measure] if isinstance(owners[measure], str) else "no chain (it is shared)"
            faults.append(
                Fault(
                    file,
                    row,
                    "chain",
                    "wrong-chain",
                    f"measure {measure!r} belongs to {owner}, not to {chain!r}",
                )
            )
        units = _number(record.get("units"), 1.0)
        year = _number(record["start_year"], None)
        if units is None or units < 0:
            faults.append(
                Fault(
                    file,
                    row,
                    "units",
                    "not-a-number",
                    f"expected a number of units, got {record.get('units')!r}",
                )
            )
        if year is None or year != int(year):
            faults.append(
                Fault(
                    file, row, "start_year", "not-a-number", f"expected a year, got {record['start_year']!r}"
                )
            )
        if units is not None and year is not None and units > 0:
            result.append(Choice(measure, units, int(year)))
    if faults:
        raise PlanError(faults, what="The list of measures")
    return result


def _number(value: Any, blank: float | None) -> float | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return blank
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    if number != number:
        return blank
    return number if np.isfinite(number) else None


def _plan(
    instance: Instance,
    account: Account,
    *,
    status: str,
    objective: str,
    bound: float | None,
    gap: float | None,
    improvement: float | None,
    wishes: Wishes,
    provenance: Mapping[str, Any],
) -> Plan:
    return Plan(
        status=status,
        objective_name=objective,
        bound=bound,
        gap=gap,
        improvement_gap=improvement,
        instance_digest=instance.digest,
        wishes=wishes.to_json(),
        provenance=provenance,
        **{name: getattr(account, name) for name in account.__dataclass_fields__},
    )


def versions() -> dict[str, str]:
    """Return the versions that a result depends on."""
    return {
        "optichain": _version("optichain"),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "highspy": _version("highspy"),
        "pulp": _version("pulp"),
        "date": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def build_model(
    instance: Instance,
    *,
    budget: float | Sequence[float] | None = None,
    objective: str = "expected",
    rows: Rows = (),
) -> Any:
    """Return the integer programme as a PuLP problem, with its decisions by name.

    Returns
    -------
    pulp.LpProblem
        With ``start[measure, year]``, ``units[measure, year]`` and ``chain[chain, year]``.
    """
    from importlib import import_module

    model: Any = import_module("optichain_solvers.model")
    return model.extensive_model(build_problem(instance, objective=objective, budget=budget, rows=rows))
