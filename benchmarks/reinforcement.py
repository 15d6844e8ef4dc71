"""The L-shaped method against the extensive form, paired in one run, for one deep chain of growing size.

Rivals: the extensive form through PuLP, as `--method extensive` solves it, and the same as scipy matrices handed to
HiGHS directly (`benchmarks.whole_arrays`). All are asked for the same improvement gap on the same problem, one after the
other in each round; a rival is given up after `--patience` times what the L-shaped method took, so that its ratio is a
lower limit. Ratios are medians over the rounds.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.chain_case import arcs, chain_case
from benchmarks.whole_arrays import whole_programme
from optichain.design.problem import DesignProblem, build_problem
from optichain.errors import OptichainError
from optichain_solvers.extensive import ExtensiveSolver
from optichain_solvers.lshaped import LShapedSolver
from optichain_solvers.master import Master
from optichain_solvers.programmes import solve_whole

CASES = {
    "small": (30, 50, 24, 1),
    "aim": (70, 100, 40, 1),
    "years": (70, 100, 40, 3),
    "events": (70, 500, 40, 1),
    "arcs": (280, 100, 60, 1),
}
"""Items, events, measures, planning years."""


def lshaped(problem: DesignProblem, gap: float, limit: float | None) -> float | None:
    found = LShapedSolver().solve(problem, gap=gap, time_limit=limit)
    return _reached(problem, found.objective, found.bound)


def extensive(problem: DesignProblem, gap: float, limit: float | None) -> float | None:
    try:
        found = ExtensiveSolver().solve(problem, gap=gap, time_limit=limit)
    except OptichainError:
        return None
    return _reached(problem, found.objective, found.bound)


def arrays(problem: DesignProblem, gap: float, limit: float | None) -> float | None:
    programme = whole_programme(problem)
    ending = solve_whole(programme, gap=gap, time_limit=limit)
    if ending.point is None or ending.bound is None:
        return None
    master = Master(problem)
    people = [
        problem.value(master.reference + share / master.scale)
        for share in (float(programme.cost @ ending.point) + programme.offset, ending.bound)
    ]
    return _reached(problem, *people)


def _reached(problem: DesignProblem, objective: float, bound: float | None) -> float | None:
    """Return the improvement gap."""
    if bound is None:
        return None
    return abs(bound - objective) / max(abs(bound - problem.nothing), 1e-12)


def timed(solve: Callable[..., float | None], *given: Any) -> tuple[float, float, float | None]:
    """Return (seconds, processor seconds, gap)."""
    began, worked = time.perf_counter(), time.process_time()
    gap = solve(*given)
    return time.perf_counter() - began, time.process_time() - worked, gap


def _gap(value: float | None) -> str:
    return "no plan" if value is None else f"{value:.1e}"


RIVALS = {"extensive": extensive, "arrays": arrays}


def run(name: str, *, gap: float, rounds: int, patience: float, seed: int, rivals: list[str]) -> None:
    items, events, measures, years = CASES[name]
    instance = chain_case(items, events, measures, years=years, seed=seed)
    began = time.perf_counter()
    problem = build_problem(instance)
    built = time.perf_counter() - began
    columns = sum(s.matrix.shape[1] for s in problem.scenarios)
    print(
        f"{name}: {arcs(instance)} arcs, {events} events, {measures} measures, {years} years: "
        f"{len(problem.scenarios)} scenarios, {columns} flow columns; built in {built:.1f} s",
        flush=True,
    )
    ratios: dict[str, list[float]] = {rival: [] for rival in rivals}
    for _ in range(rounds):
        own, worked, reached = timed(lshaped, problem, gap, None)
        print(f"  lshaped   {own:8.1f} s ({worked:.1f} s of processor)  gap {_gap(reached)}", flush=True)
        for rival in rivals:
            seconds, theirs, left = timed(RIVALS[rival], problem, gap, patience * own)
            over = left is None or left > gap * 1.01 + 1e-9
            ratios[rival].append(seconds / own)
            print(
                f"  {rival:9} {seconds:8.1f} s ({theirs:.1f} s of processor)  gap {_gap(left)}  "
                f"{'more than ' if over else ''}{seconds / own:.1f} times ({theirs / worked:.1f} of processor)",
                flush=True,
            )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    medians = ", ".join(f"{rival} {statistics.median(r):.1f}" for rival, r in ratios.items())
    print(f"  median ratios: {medians}; most memory {memory:.1f} GiB", flush=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks reinforcement", description=__doc__)
    parser.add_argument("--case", choices=sorted(CASES), action="append", help="default: small and aim")
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--patience", type=float, default=25.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rival", choices=sorted(RIVALS), action="append", help="default: both")
    given = parser.parse_args(arguments)
    for name in given.case or ["small", "aim"]:
        run(
            name,
            gap=given.gap,
            rounds=given.rounds,
            patience=given.patience,
            seed=given.seed,
            rivals=given.rival or sorted(RIVALS),
        )
    return 0
