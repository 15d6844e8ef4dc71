"""The L-shaped method against the extensive form, paired in one run, for one deep chain of growing size.

Three rivals. `textbook` is the extensive form as the literature has it, the whole network in every scenario, in PuLP
(`benchmarks.textbook`). `extensive` is `--method extensive`, also through PuLP, and `arrays` the same as scipy matrices
handed to HiGHS directly (`benchmarks.whole_arrays`): both profit from the small models that the L-shaped method solves.

All are asked for the same improvement gap, one after the other; what they prove must agree. A rival is given up after
`--patience` times what the L-shaped method took with building its models, so that its ratio is then a lower limit. The
L-shaped method is run three times, each time from nothing, and its median counts. Ratios `in all` include building the
problem: small models take longer to find than whole ones.
"""

from __future__ import annotations

import argparse
import functools
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.chain_case import arcs, chain_case
from benchmarks.measure import Taken, machine, peak_gigabytes, timed
from benchmarks.textbook import textbook_problem
from benchmarks.whole_arrays import whole_programme
from optichain.design.twostage.problem import DesignProblem, build_problem
from optichain.errors import OptichainError
from optichain_solvers.extensive.model import reference_of
from optichain_solvers.extensive.solver import ExtensiveSolver
from optichain_solvers.lshaped.programmes import solve_whole
from optichain_solvers.lshaped.solver import LShapedSolver

CASES = {
    "small": (30, 50, 24, 1),
    "aim": (70, 100, 40, 1),
    "years": (70, 100, 40, 3),
    "events": (70, 500, 40, 1),
    "arcs": (280, 100, 60, 1),
}
"""Items, events, measures, planning years."""
AIM = 20.0
"""Times that the L-shaped method is to be faster, from 500 arcs and 100 events on."""
REPEATS = 3

Ends = tuple[float, float]
"""Objective and bound."""


def lshaped(problem: DesignProblem, gap: float, limit: float | None = None) -> Ends | None:
    found = LShapedSolver().solve(problem, gap=gap, time_limit=limit)
    assert found.bound is not None
    return found.objective, found.bound


def extensive(problem: DesignProblem, gap: float, limit: float | None) -> Ends | None:
    try:
        found = ExtensiveSolver().solve(problem, gap=gap, time_limit=limit)
    except OptichainError:
        return None
    return None if found.bound is None else (found.objective, found.bound)


def arrays(problem: DesignProblem, gap: float, limit: float | None) -> Ends | None:
    programme = whole_programme(problem)
    ending = solve_whole(programme, gap=gap, time_limit=limit)
    if ending.point is None or ending.bound is None:
        return None
    reference, scale = reference_of(problem)
    share = float(programme.cost @ ending.point) + programme.offset
    return problem.value(reference + share / scale), problem.value(reference + ending.bound / scale)


RIVALS: dict[str, Callable[[DesignProblem, float, float | None], Ends | None]] = {
    "textbook": extensive,
    "extensive": extensive,
    "arrays": arrays,
}


@dataclass(frozen=True, eq=False)
class Case:
    """A problem with small and with whole models, and what building each took."""

    title: str
    problem: DesignProblem
    building: Taken
    whole: DesignProblem
    building_whole: Taken

    def gap(self, ends: Ends | None) -> float:
        """Return the improvement gap, infinity without a plan."""
        if ends is None:
            return float("inf")
        objective, bound = ends
        return max(0.0, bound - objective) / max(abs(bound - self.problem.nothing), 1e-12)


@dataclass(eq=False)
class Paired:
    """What a rival took over the L-shaped method: of processor, on the clock, and of processor with building."""

    processor: list[float] = field(default_factory=list)
    clock: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    given_up: bool = False

    @property
    def verdict(self) -> str:
        """Say whether the aim is met; a rival given up before that leaves it open."""
        if min(self.processor) >= AIM:
            return "met"
        return "open, given up too early" if self.given_up else "missed"

    def told(self) -> str:
        ratios = (statistics.median(x) for x in (self.processor, self.clock, self.whole))
        more = "> " if self.given_up else ""
        processor, clock, whole = (f"{more}{x:.1f}" for x in ratios)
        return f"{processor} of processor ({clock} of clock), {whole} of processor in all"


def make(name: str, seed: int) -> Case:
    """Build a case twice, with small and with whole models."""
    items, events, measures, years = CASES[name]
    instance = chain_case(items, events, measures, years=years, seed=seed)
    building = timed(functools.partial(build_problem, instance))
    problem: DesignProblem = building.value
    whole = timed(functools.partial(textbook_problem, instance, problem))
    title = f"{name}, seed {seed}: {arcs(instance)} arcs, {events} events, {measures} measures, {years} years"
    return Case(title, problem, building, whole.value, whole)


def run(
    name: str, *, gap: float, rounds: int, patience: float, seed: int, rivals: list[str]
) -> dict[str, Paired]:
    """Solve one case by all methods; print what each took."""
    case = make(name, seed)
    print(case.title, flush=True)
    for models, problem, building in (
        ("small", case.problem, case.building),
        ("whole", case.whole, case.building_whole),
    ):
        columns = sum(s.matrix.shape[1] for s in problem.scenarios)
        print(
            f"  {models} models: {len(problem.scenarios)} scenarios, {columns:,} flow columns; "
            f"built in {_seconds(building)}",
            flush=True,
        )
    pairs = {rival: Paired() for rival in rivals}
    for _ in range(rounds):
        own = timed(functools.partial(lshaped, case.problem, gap), repeat=REPEATS)
        print(f"  {'lshaped':9} {_seconds(own)}  gap {_gap(case.gap(own.value))}", flush=True)
        limit = patience * (own.wall + case.building.wall)
        for rival in rivals:
            _against(case, rival, own, gap, limit, pairs[rival])
    for rival, pair in pairs.items():
        print(f"  {rival:9} {pair.told()}; {AIM:.0f} times: {pair.verdict}", flush=True)
    print(f"  most memory {peak_gigabytes():.1f} GB", flush=True)
    return pairs


def _against(case: Case, rival: str, own: Taken, gap: float, limit: float, pair: Paired) -> None:
    """Let a rival solve a case, and add its ratios."""
    problem, building = case.problem, case.building
    if rival == "textbook":
        problem, building = case.whole, case.building_whole
    theirs = timed(functools.partial(RIVALS[rival], problem, gap, limit))
    left = case.gap(theirs.value)
    if left > gap * 1.01 + 1e-9:
        pair.given_up = True
    else:
        _agree(case, own.value, theirs.value)
    pair.processor.append(theirs.cpu / own.cpu)
    pair.clock.append(theirs.wall / own.wall)
    pair.whole.append((theirs.cpu + building.cpu) / (own.cpu + case.building.cpu))
    print(f"  {rival:9} {_seconds(theirs)}  gap {_gap(left)}", flush=True)


def _agree(case: Case, ours: Ends, theirs: Ends) -> None:
    """Insist that neither plan passes the other's bound."""
    room = 1e-6 * max(1.0, abs(case.problem.everything))
    assert ours[0] <= theirs[1] + room, (ours, theirs)
    assert theirs[0] <= ours[1] + room, (ours, theirs)


def _seconds(taken: Taken) -> str:
    return f"{taken.wall:.1f} s ({taken.cpu:.2f} of processor)"


def _gap(value: float) -> str:
    return "unknown, no plan" if value == float("inf") else f"{value:.1e}"


def warm_up() -> None:
    """Load what every method needs, so that no case pays for it."""
    problem = build_problem(chain_case(10, 10, 6, seed=1))
    for solve in (lshaped, extensive, arrays):
        solve(problem, 1e-2, None)


def main(arguments: list[str] | None = None) -> int:
    """Run the cases and seeds asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks reinforcement", description=__doc__)
    parser.add_argument("--case", choices=sorted(CASES), action="append", help="default: small and aim")
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--patience", type=float, default=25.0)
    parser.add_argument("--seed", type=int, action="append", help="default: 0")
    parser.add_argument("--rival", choices=list(RIVALS), action="append", help="default: all")
    given = parser.parse_args(arguments)
    print(machine(), flush=True)
    warm_up()
    for name in given.case or ["small", "aim"]:
        for seed in given.seed or [0]:
            run(
                name,
                gap=given.gap,
                rounds=given.rounds,
                patience=given.patience,
                seed=seed,
                rivals=given.rival or list(RIVALS),
            )
    return 0
