"""The portfolio against the extensive form, paired in one run, for many chains under one budget.

Building the problem and solving it are timed apart, both on `--jobs` processes. Times of the portfolio are wall clock and,
for all together, processor time of this process and its workers: on a machine that others use the latter says more. The extensive form is asked for the
same improvement gap on the same problem, right after, and given up after `--patience` times what the portfolio took,
so that its ratio is a lower limit; it is left out beyond `--rival` scenarios.
"""

from __future__ import annotations

import argparse
import resource
import time
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from benchmarks.portfolio_case import portfolio_case
from optichain.design.twostage.arrays import DesignProblem
from optichain.design.twostage.problem import build_problem
from optichain.errors import OptichainError
from optichain.instance.model import Instance
from optichain_solvers.extensive.solver import ExtensiveSolver
from optichain_solvers.portfolio.solver import PortfolioSolver

CASES = {
    "small": (5, 20, 10, 1, 0.005),
    "chains": (20, 50, 10, 1, 0.005),
    "aim": (100, 100, 10, 1, 0.005),
    "years": (20, 100, 10, 3, 0.01),
    "rolling": (100, 500, 10, 3, 0.01),
}
"""Chains, events and measures of each, planning years, improvement gap."""


def processor_seconds() -> float:
    """Return the processor time of this process and of its workers that have ended."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


@dataclass(frozen=True)
class Done:
    """A case built and solved: seconds on the clock and of processor, both in all; the gap; GiB, workers included."""

    size: str
    asked: float
    seconds: float
    processor: float
    gap: float
    memory: float


def run(name: str, *, jobs: int, patience: float, rival: int, seed: int) -> Done:
    """Build and solve one case, then hand it to the rival."""
    chains, events, measures, years, gap = CASES[name]
    tables, settings = portfolio_case(
        chains, events, measures, years=years, intake=max(2, chains // 8) if years > 1 else None, seed=seed
    )
    instance = Instance.from_frames(tables, settings)
    executor: Executor | None = None
    if jobs > 1:
        executor = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))
    began, used = time.perf_counter(), processor_seconds()
    problem = build_problem(instance, executor=executor)
    print(
        f"{name}: {chains} chains x {events} events x {measures} measures, {years} years, {len(instance['sources'])} "
        f"sources: {len(problem.scenarios)} scenarios that measures change; built in "
        f"{time.perf_counter() - began:.1f} s",
        flush=True,
    )
    whole = time.perf_counter() - began
    began = time.perf_counter()
    found = PortfolioSolver().solve(problem, gap=gap, executor=executor)
    own = time.perf_counter() - began
    if executor is not None:
        executor.shutdown()
    reached = improvement_gap(problem, found.objective, found.bound)
    worked = processor_seconds() - used
    print(
        f"  portfolio {own:8.1f} s, {whole + own:.1f} s with building ({worked:.1f} s of processor in "
        f"all)  gap {reached:.1e}  {found.message}"
    )
    memory = [
        resource.getrusage(who).ru_maxrss / 2**20 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    print(f"  most memory {memory[0]:.2f} GiB, largest worker {memory[1]:.2f} GiB", flush=True)
    size = f"{chains} chains x {events} events x {chains * measures:,} measures, {years} years"
    done = Done(size, gap, whole + own, worked, reached, memory[0] + max(jobs, 1) * memory[1])
    if len(problem.scenarios) > rival:
        return done
    began = time.perf_counter()
    text = "no plan"
    over = True
    try:
        other = ExtensiveSolver().solve(problem, gap=gap, time_limit=max(patience * own, 1.0))
        theirs = improvement_gap(problem, other.objective, other.bound)
        text, over = f"gap {theirs:.1e}", theirs > gap * 1.01
        if not over:
            room = 1.01 * gap * abs(problem.everything - problem.nothing)
            assert abs(other.objective - found.objective) <= room, (other.objective, found.objective)
    except OptichainError as error:
        text = str(error)
    seconds = time.perf_counter() - began
    print(
        f"  extensive {seconds:8.1f} s  {text}  {'> ' if over else ''}{seconds / own:.1f} times", flush=True
    )
    return done


def improvement_gap(problem: DesignProblem, objective: float, bound: float | None) -> float:
    """Return what may be missing as a share of what can be gained."""
    if bound is None:
        return float("inf")
    return abs(bound - objective) / max(abs(bound - problem.nothing), 1e-12)


def main(arguments: list[str] | None = None) -> int:
    """Run the cases asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks portfolio", description=__doc__)
    parser.add_argument("--case", choices=sorted(CASES), action="append", help="default: small and chains")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--patience", type=float, default=20.0)
    parser.add_argument("--rival", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    for name in given.case or ["small", "chains"]:
        run(name, jobs=given.jobs, patience=given.patience, rival=given.rival, seed=given.seed)
    return 0
