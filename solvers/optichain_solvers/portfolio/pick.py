"""One option of each group, chosen by an integer programme: search tree first, then all choices that can still win (3.5)."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.risk.flows.highs import new_highs
from optichain_solvers.backend import CAREFUL
from optichain_solvers.portfolio.choices import best_of_all
from optichain_solvers.portfolio.master import FEASIBLE

__all__ = ["Pick", "pick", "undominated"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NODES = 500
"""Nodes of the search tree after which all choices that can still win are gone through instead."""
CHOICES = 20_000_000
"""Work for going through choices at most, some ten seconds; beyond, the search tree goes on."""
OPTIONS = 2_000
"""Options of all groups up to which choices are gone through: beyond, their relaxations take too long."""


@dataclass(frozen=True, eq=False)
class Pick:
    """A choice of one column of each group.

    Attributes
    ----------
    columns : ndarray of int, shape (groups,), or None
        Which option of each group; None where none was found.
    value : float
        Sum of gains; -inf where none was found.
    bound : float
        No choice gains more; -inf where there is proven to be none.
    proven : bool
        The search ended by itself.
    """

    columns: Ints | None
    value: float
    bound: float
    proven: bool


def pick(
    gains: Sequence[Floats],
    uses: Sequence[Floats],
    lower: Floats,
    upper: Floats,
    *,
    gap: float = 0.0,
    time_limit: float | None = None,
    threads: int | None = None,
    seed: int = 0,
    start: Sequence[int] | None = None,
    stop: threading.Event | None = None,
    rough: bool = False,
) -> Pick:
    """Solve the integer programme over given columns.

    Parameters
    ----------
    gains : sequence of ndarray, shape (options of the group,)
    uses : sequence of ndarray, shape (options of the group, rules)
    lower, upper : ndarray, shape (rules,)
    gap : float
        Absolute gap at which to stop.
    time_limit : float, optional
        Seconds.
    threads, seed : int
    start : sequence of int, optional
        An option of each group to start from.
    stop : threading.Event, optional
    rough : bool
        End with what a limited search finds. The limit is on nodes, not on time: the answer is the same everywhere.
    """
    if any(len(g) == 0 for g in gains):
        return Pick(None, -np.inf, -np.inf, True)
    end = np.inf if time_limit is None else time.monotonic() + time_limit
    tree = _Tree(gains, uses, lower, upper, gap=gap, threads=threads, seed=seed, stop=stop)
    small = sum(map(len, gains)) <= OPTIONS
    first = tree.search(start, end - time.monotonic(), NODES if small else None)

    def ended() -> bool:
        return time.monotonic() > end or (stop is not None and stop.is_set())

    if first.proven or rough or ended():
        return first
    beat = first.value + max(gap, 1e-9 * abs(first.value)) if first.columns is not None else -np.inf
    every = best_of_all(gains, uses, lower, upper, beat=beat, most=CHOICES, ended=ended)
    best = replace(first, bound=min(first.bound, every.bound), proven=every.proven)
    if every.columns is not None:
        value = float(sum(g[c] for g, c in zip(gains, every.columns, strict=True)))
        best = replace(best, columns=every.columns, value=value, bound=max(value, best.bound))
    if best.proven or ended():
        return best
    again = tree.search(best.columns, end - time.monotonic(), None)
    return replace(again, bound=max(min(best.bound, again.bound), again.value))


class _Tree:
    """The integer programme in HiGHS."""

    def __init__(
        self,
        gains: Sequence[Floats],
        uses: Sequence[Floats],
        lower: Floats,
        upper: Floats,
        *,
        gap: float,
        threads: int | None,
        seed: int,
        stop: threading.Event | None,
    ) -> None:
        import highspy

        self.gains, self.sizes, self.stop = gains, [len(g) for g in gains], stop
        total, rules = sum(self.sizes), len(lower)
        everything = np.concatenate(uses) if uses else np.zeros((0, rules))
        magnitude = np.abs(everything).max(axis=0, initial=0.0)
        scale = np.where(magnitude > 0.0, magnitude, 1.0)
        owner = np.repeat(np.arange(len(gains)), self.sizes)
        one = sp.csr_matrix((np.ones(total), (owner, np.arange(total))), shape=(len(gains), total))
        matrix = sp.vstack([sp.csr_matrix((everything / scale).T), one], format="csc")
        self.settings: dict[str, Any] = {
            **CAREFUL,
            "output_flag": False,
            "mip_rel_gap": 0.0,
            "mip_abs_gap": max(gap, 1e-10),
            "mip_feasibility_tolerance": FEASIBLE,
            "primal_feasibility_tolerance": FEASIBLE,
            "random_seed": seed,
        }
        if threads is not None:
            highspy.Highs.resetGlobalScheduler(True)
            self.settings["threads"] = threads
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = total, rules + len(gains)
        model.sense_ = highspy.ObjSense.kMaximize
        model.col_cost_ = np.concatenate(gains) if gains else np.zeros(0)
        model.col_lower_, model.col_upper_ = np.zeros(total), np.ones(total)
        ones = np.ones(len(gains))
        model.row_lower_ = np.concatenate([lower / scale, ones])
        model.row_upper_ = np.concatenate([upper / scale, ones])
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
        model.a_matrix_.value_ = matrix.data
        model.integrality_ = [highspy.HighsVarType.kInteger] * total
        self.model = model
        self.first = np.concatenate([[0], np.cumsum(self.sizes)])[:-1].astype(np.int64)

    def search(self, start: Sequence[int] | Ints | None, seconds: float, nodes: int | None) -> Pick:
        """Search for some time, and to some nodes."""
        import highspy

        highs = new_highs()
        limits = {"time_limit": max(seconds, 0.01)} if np.isfinite(seconds) else {}
        if nodes is not None:
            limits["mip_max_nodes"] = nodes
        for option, setting in {**self.settings, **limits}.items():
            highs.setOptionValue(option, setting)
        highs.passModel(self.model)
        if start is not None:
            chosen = np.zeros(sum(self.sizes))
            chosen[self.first + np.asarray(start)] = 1.0
            guess = highspy.HighsSolution()
            guess.col_value = chosen.tolist()
            highs.setSolution(guess)
        if self.stop is not None:
            _listen(highs, self.stop)
        highs.run()
        status, info = highs.getModelStatus(), highs.getInfo()
        kinds = highspy.HighsModelStatus
        if status in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible):
            return Pick(None, -np.inf, -np.inf, True)
        proven = status in (kinds.kOptimal, kinds.kModelEmpty)
        bound = float(info.mip_dual_bound) if status != kinds.kModelEmpty else 0.0
        bound = bound if np.isfinite(bound) and abs(bound) < 1e30 else np.inf
        if info.primal_solution_status != 2 and status != kinds.kModelEmpty:
            return Pick(None, -np.inf, bound, False)
        values = np.asarray(highs.getSolution().col_value, dtype=float)
        columns = np.array(
            [int(np.argmax(values[f : f + n])) for f, n in zip(self.first, self.sizes, strict=True)],
            dtype=np.int64,
        )
        value = float(sum(g[c] for g, c in zip(self.gains, columns, strict=True)))
        return Pick(columns, value, max(bound, value), proven)


def undominated(options: Ints, gain: Floats, use: Floats, lower: Floats, upper: Floats) -> list[int]:
    """Leave out options that use no less of anything than another that gains as much.

    Parameters
    ----------
    options : ndarray of int, shape (options,)
        Their numbers; of options that are alike the first is kept.
    gain : ndarray, shape (options,)
    use : ndarray, shape (options, rules)
    lower, upper : ndarray, shape (rules,)
        Where a lower limit stands, more is better.
    """
    if len(options) < 2:
        return [int(o) for o in options]
    ceiling, ground = np.isfinite(upper), np.isfinite(lower)
    order = np.lexsort((options, -gain))
    signed = np.concatenate([use[:, ceiling], -use[:, ground]], axis=1)
    kept: list[int] = []
    rows = np.empty_like(signed)
    for place in order.tolist():
        if kept and bool((rows[: len(kept)] <= signed[place] + 1e-12).all(axis=1).any()):
            continue
        rows[len(kept)] = signed[place]
        kept.append(place)
    return sorted(int(options[i]) for i in kept)


def _listen(highs: Any, stop: threading.Event) -> None:
    """Let HiGHS ask, now and then, whether it is to stop."""
    import highspy

    def ask(kind: Any, message: str, data_out: Any, data_in: Any, user_data: Any) -> None:
        if stop.is_set():
            data_in.user_interrupt = True

    highs.setCallback(ask, None)
    for kind in (
        highspy.cb.HighsCallbackType.kCallbackMipInterrupt,
        highspy.cb.HighsCallbackType.kCallbackSimplexInterrupt,
    ):
        highs.startCallback(kind)
