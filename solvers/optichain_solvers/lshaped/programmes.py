"""Solving an integer programme given as arrays: by HiGHS directly, or through PuLP by any solver that it knows."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from optichain.errors import SolverError
from optichain.risk.flows.highs import new_highs
from optichain_solvers.backend import (
    CAREFUL,
    FAILED,
    INFEASIBLE,
    OPTIMAL,
    STOPPED,
    TIGHT,
    add_between,
    check_highs_options,
    expression,
    insist_on_whole,
    renew_scheduler,
    run,
    values_of,
)
from optichain_solvers.lshaped.master import Programme

__all__ = ["Ending", "Relaxation", "solve_whole"]

Floats = npt.NDArray[np.float64]

LIGHT = 50_000
"""Coefficients up to which one thread solves a programme sooner than several would have begun."""


@dataclass(frozen=True, eq=False)
class Ending:
    """How the solution of an integer programme ended.

    Attributes
    ----------
    status : str
        As of `optichain_solvers.backend.Outcome`.
    point : ndarray or None
        The best whole point found.
    bound : float or None
        Proven bound on the objective, offset included.
    message : str
    """

    status: str
    point: Floats | None
    bound: float | None
    message: str


def solve_whole(
    programme: Programme,
    *,
    solver: str = "HiGHS",
    options: Mapping[str, Any] | None = None,
    gap: float = 0.0,
    time_limit: float | None = None,
    threads: int | None = None,
    seed: int = 0,
    stop: threading.Event | None = None,
) -> Ending:
    """Solve an integer programme.

    Known plans are not handed over: on master problems a start saves HiGHS no time, and 1.16 could call one optimal.

    Parameters
    ----------
    programme : Programme
    solver : str
        HiGHS takes the arrays; any other solver of PuLP a model built from them.
    options : mapping, optional
        For the solver.
    gap : float
        Relative gap at which to stop.
    time_limit : float, optional
        Seconds.
    threads : int, optional
        By default one for light programmes, and what HiGHS chooses for others.
    seed : int
    stop : threading.Event, optional
        Once set, the solver stops with what it has.
    """
    if solver != "HiGHS":
        return _through_pulp(programme, solver, options, gap, time_limit, threads, seed, stop)
    check_highs_options(options or {})
    if threads is None and programme.matrix.nnz <= LIGHT:
        threads = 1
    return _by_highs(programme, options, gap, time_limit, threads, seed, stop)


def _by_highs(
    programme: Programme,
    options: Mapping[str, Any] | None,
    gap: float,
    time_limit: float | None,
    threads: int | None,
    seed: int,
    stop: threading.Event | None,
) -> Ending:
    import highspy

    renew_scheduler()
    highs = new_highs()
    settings: dict[str, Any] = {
        "output_flag": False,
        "mip_rel_gap": gap,
        "mip_abs_gap": 1e-10,
        "random_seed": seed,
        **CAREFUL,
        **({} if time_limit is None else {"time_limit": max(time_limit, 0.01)}),
        **({} if threads is None else {"threads": threads}),
        **(options or {}),
    }
    for name, value in settings.items():
        highs.setOptionValue(name, value)
    highs.passModel(_highs_model(programme))
    if stop is not None:

        def ask(kind: Any, message: str, data_out: Any, data_in: Any, user_data: Any) -> None:
            if stop.is_set():
                data_in.user_interrupt = True

        highs.setCallback(ask, None)
        highs.startCallback(highspy.cb.HighsCallbackType.kCallbackMipInterrupt)
        highs.startCallback(highspy.cb.HighsCallbackType.kCallbackSimplexInterrupt)
    highs.run()
    status, info = highs.getModelStatus(), highs.getInfo()
    text = str(highs.modelStatusToString(status))
    kinds = highspy.HighsModelStatus
    if status in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible):
        return Ending(INFEASIBLE, None, None, text)
    whole = bool(programme.integer.any())
    bound = float(info.mip_dual_bound if whole else info.objective_function_value)
    # without integers only an optimum bounds
    known = math.isfinite(bound) and abs(bound) < 1e30 and (whole or status == kinds.kOptimal)
    has = info.primal_solution_status == 2
    point = np.asarray(highs.getSolution().col_value, dtype=float) if has else None
    if status == kinds.kOptimal and has:
        return Ending(OPTIMAL, point, bound if known else None, text)
    if status in (kinds.kTimeLimit, kinds.kIterationLimit, kinds.kSolutionLimit, kinds.kInterrupt):
        return Ending(STOPPED, point, bound if known else None, text)
    return Ending(FAILED, None, None, text)


def _highs_model(programme: Programme) -> Any:
    import highspy

    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = programme.matrix.shape
    model.sense_ = highspy.ObjSense.kMaximize
    model.offset_ = programme.offset
    model.col_cost_, model.col_lower_, model.col_upper_ = programme.cost, programme.lower, programme.upper
    model.row_lower_, model.row_upper_ = programme.row_lower, programme.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = programme.matrix.indptr
    model.a_matrix_.index_ = programme.matrix.indices
    model.a_matrix_.value_ = programme.matrix.data
    kind = highspy.HighsVarType
    model.integrality_ = [kind.kInteger if whole else kind.kContinuous for whole in programme.integer]
    return model


def _through_pulp(
    programme: Programme,
    solver: str,
    options: Mapping[str, Any] | None,
    gap: float,
    time_limit: float | None,
    threads: int | None,
    seed: int,
    stop: threading.Event | None,
) -> Ending:
    import pulp

    model = pulp.LpProblem("master", pulp.LpMaximize)
    columns = [
        model.add_variable(
            f"x_{i}",
            None if math.isinf(low) else low,
            None if math.isinf(high) else high,
            pulp.LpInteger if whole else pulp.LpContinuous,
        )
        for i, (low, high, whole) in enumerate(
            zip(programme.lower.tolist(), programme.upper.tolist(), programme.integer.tolist(), strict=True)
        )
    ]
    one = model.add_variable("one", 1.0, 1.0, pulp.LpContinuous)
    terms = [(columns[j], float(programme.cost[j])) for j in np.flatnonzero(programme.cost).tolist()]
    model += expression([*terms, (one, programme.offset)])
    matrix = programme.matrix
    for i in range(matrix.shape[0]):
        part = slice(matrix.indptr[i], matrix.indptr[i + 1])
        pairs = zip(matrix.indices[part].tolist(), matrix.data[part].tolist(), strict=True)
        left = expression([(columns[j], value) for j, value in pairs])
        add_between(model, left, float(programme.row_lower[i]), float(programme.row_upper[i]))
    outcome = run(
        model,
        solver=solver,
        options=options,
        gap=gap,
        time_limit=time_limit,
        threads=threads,
        seed=seed,
        stop=stop,
    )
    point = None
    if outcome.has_solution:
        point = values_of(columns)
        insist_on_whole(point[programme.integer], solver)
    return Ending(outcome.status, point, outcome.bound, outcome.message)


class Relaxation:
    """The linear relaxation of an integer programme, warm, to which rows are added.

    Parameters
    ----------
    programme : Programme
    """

    def __init__(self, programme: Programme) -> None:
        self._highs = new_highs()
        self._columns = programme.matrix.shape[1]
        for name, value in {
            "output_flag": False,
            "solver": "simplex",
            "primal_feasibility_tolerance": TIGHT,
            "dual_feasibility_tolerance": TIGHT,
        }.items():
            self._highs.setOptionValue(name, value)
        model = _highs_model(programme)
        model.integrality_ = []
        self._highs.passModel(model)

    def add(self, rows: list[tuple[npt.NDArray[np.int64], Floats, float]]) -> None:
        """Add rows ``values . x[columns] <= upper``."""
        if not rows:
            return
        starts = np.cumsum([0, *(len(columns) for columns, _, _ in rows)])[:-1]
        count = sum(len(columns) for columns, _, _ in rows)
        self._highs.addRows(
            len(rows),
            np.full(len(rows), -np.inf),
            np.array([upper for _, _, upper in rows], dtype=float),
            count,
            starts.astype(np.int32),
            np.concatenate([columns for columns, _, _ in rows]).astype(np.int32),
            np.concatenate([values for _, values, _ in rows]),
        )

    def solve(self, time_limit: float | None = None) -> tuple[float, Floats] | None:
        """Return (value, point), or None where there is no feasible point or no time.

        Raises
        ------
        SolverError
            HiGHS ends without an answer.
        """
        import highspy

        if time_limit is not None:
            self._highs.setOptionValue("time_limit", self._highs.getRunTime() + max(time_limit, 0.01))
        self._highs.run()
        status = self._highs.getModelStatus()
        kinds = highspy.HighsModelStatus
        if status in (kinds.kInfeasible, kinds.kTimeLimit):
            return None
        if status != kinds.kOptimal:
            raise SolverError(
                f"HiGHS ended the relaxed master problem with status {self._highs.modelStatusToString(status)}"
            )
        return float(self._highs.getObjectiveValue()), np.asarray(
            self._highs.getSolution().col_value, dtype=float
        )

    def prices(self) -> Floats | None:
        """Return what the objective gains by one unit more on the right of each row; ``None`` without a solution."""
        solution = self._highs.getSolution()
        return np.asarray(solution.row_dual, dtype=float) if solution.dual_valid else None

    def slack(self) -> Floats | None:
        """Return how far each row is below its upper bound; ``None`` where rows came after the last solution."""
        upper = np.asarray(self._highs.getLp().row_upper_, dtype=float)
        solution = self._highs.getSolution()
        activity = np.asarray(solution.row_value, dtype=float)
        if not solution.value_valid or len(activity) != len(upper):
            return None
        return np.asarray(upper - activity, dtype=float)
