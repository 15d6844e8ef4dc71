"""The portfolio finds what the extensive form finds, and chooses among given columns as well as anyone knows."""

import itertools
import json
import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

import joined
import small
import strategies
from optichain.design.aims import Aim
from optichain.design.firststage.wishes import Wishes
from optichain.design.twostage.parts import split
from optichain.design.twostage.problem import build_problem
from optichain.errors import InfeasibleError, StoppedError, UsageError
from optichain.processes import Processes
from optichain.spreading import open_executor
from optichain_solvers.extensive.solver import ExtensiveSolver
from optichain_solvers.portfolio.choices import best_of_all
from optichain_solvers.portfolio.listed import Listed
from optichain_solvers.portfolio.pick import pick
from optichain_solvers.portfolio.solver import PortfolioSolver

RUN = 5


def answer(solver, problem, **options):
    """Return (objective, bound), or a word where no plan obeys the rules."""
    try:
        solution = solver.solve(problem, gap=0.0, **options)
    except InfeasibleError:
        return "infeasible", "infeasible"
    assert solution.proven
    return solution.objective, solution.bound


def differences(instance, seed, **options):
    """Return in which objectives the portfolio and the extensive form differ."""
    found = []
    for aim in (Aim(), Aim("loss"), Aim("worst", mix=0.3), Aim("cvar", alpha=0.8)):
        problem = build_problem(instance, Wishes(aim=aim))
        right, _ = answer(ExtensiveSolver(), problem)
        value, bound = answer(PortfolioSolver(), problem, inner="extensive", **options)
        near = 1e-6 if isinstance(right, str) else 1e-6 * max(1.0, abs(right))
        for name, other in (("objective", value), ("bound", bound)):
            same = (
                right == other
                if isinstance(right, str) or isinstance(other, str)
                else abs(right - other) <= near
            )
            if not same:
                found.append(f"seed {seed}, {aim.objective}: {name} {other}, extensive {right}")
    return found


def runs(quick, slow):
    """Return the first seeds of runs; those beyond ``quick`` instances are slow."""
    return [pytest.param(i, marks=[pytest.mark.slow] if i >= quick else []) for i in range(0, slow, RUN)]


@pytest.mark.parametrize("first", runs(15, 300))
def test_several_blocks_under_one_budget(first):
    instances = [(seed, joined.joined(seed, parts=2 + seed % 2)) for seed in range(first, first + RUN)]
    assert [d for seed, i in instances if i is not None for d in differences(i, seed)] == []


@pytest.mark.parametrize("first", runs(5, 200))
def test_chains_that_share_a_block(first):
    assert [d for seed, i in strategies.accepted(RUN, first=first) for d in differences(i, seed)] == []


@pytest.mark.parametrize(
    "first", [100, *(pytest.param(i, marks=pytest.mark.slow) for i in range(103, 160, 3))]
)
def test_coalitions_too_large_to_list_are_searched_by_another_method(first):
    instances = [(seed, joined.joined(seed)) for seed in range(first, first + 3)]
    assert [d for seed, i in instances if i is not None for d in differences(i, seed, most_policies=0)] == []


def test_coalitions_that_are_listed_and_some_that_are_not_are_branched_on_together(monkeypatch):
    """The relaxation of this instance takes parts of policies: nodes narrow what listed and searched ones may do."""
    narrowed, allowed = [], Listed.allowed

    def noting(group, bounds):
        narrowed.append(bounds)
        return allowed(group, bounds)

    monkeypatch.setattr(Listed, "allowed", noting)
    problem = build_problem(joined.joined(16, parts=2))
    right, _ = answer(ExtensiveSolver(), problem)
    value, bound = answer(PortfolioSolver(), problem, inner="extensive", most_policies=8)
    assert any(narrowed)
    assert value == pytest.approx(right, abs=1e-6)
    assert bound == pytest.approx(right, abs=1e-6)


def test_the_chain_that_weighs_more_gets_the_money():
    # X loses half of its demand to its one event, or a quarter when hardened; Y likewise
    problem = build_problem(small.two_chains())
    solution = PortfolioSolver().solve(problem)
    assert solution.objective == pytest.approx(0.75 * 0.75 + 0.25 * 0.5)
    assert solution.values[problem.stage.start["m", 2026]] == 1.0
    assert [part.chains for part in split(problem).coalitions] == [("X",), ("Y",)]


def test_what_ties_chains_together_makes_one_coalition():
    rule = [{"rule": "excludes", "measure": "m", "other": "n"}]
    assert len(split(build_problem(small.two_chains(measure_rules=rule))).coalitions) == 1
    shared = [{"measure": "s", "cost_1": 1}]
    both = [{"measure": "s", "effect": "recover", "target": f"site:{s}", "amount": 1} for s in "ab"]
    assert len(split(build_problem(small.two_chains(also=shared, effects=both))).coalitions) == 1


def test_intake_and_limits_stay_between_coalitions():
    limits = [{"limit": "q", "on": "measures", "kind": "all", "max": 1}]
    parts = split(build_problem(small.two_chains(planning={"max_new_chains": 1}, limits=limits)))
    assert len(parts.coalitions) == 2
    assert {row.rule for row in parts.linking} == {"budget", "intake", "limit"}


def test_rules_that_clash_are_told_apart_from_a_stop():
    limits = [{"limit": "q", "on": "measures", "kind": "all", "min": 2}]
    with pytest.raises(InfeasibleError):
        PortfolioSolver().solve(build_problem(small.two_chains(limits=limits)))
    stopped = threading.Event()
    stopped.set()
    limits = [{"limit": "q", "on": "measures", "kind": "all", "min": 1}]
    needs_one = build_problem(small.two_chains(limits=limits))
    with pytest.raises(StoppedError):
        PortfolioSolver().solve(needs_one, stop=stopped)


def test_a_stop_before_the_start_still_gives_a_plan_and_a_bound_that_holds():
    stopped = threading.Event()
    stopped.set()
    solution = PortfolioSolver().solve(build_problem(small.two_chains()), stop=stopped)
    assert not solution.proven
    assert solution.objective >= 0.5 - 1e-12
    assert solution.bound >= 0.75 * 0.75 + 0.25 * 0.5 - 1e-9


def test_there_is_no_model_to_write(tmp_path):
    with pytest.raises(UsageError, match="no single model"):
        PortfolioSolver().solve(build_problem(small.two_chains()), write_model=tmp_path / "m.mps")


def test_the_answer_does_not_depend_on_where_it_is_worked_out():
    problem = build_problem(joined.joined(2, parts=3))
    alone = PortfolioSolver().solve(problem, gap=0.0)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        spread = PortfolioSolver().solve(problem, gap=0.0, executor=executor)
    assert spread.objective == pytest.approx(alone.objective, abs=1e-12)
    assert np.array_equal(spread.values, alone.values)


def test_a_worker_killed_in_the_middle_costs_time_not_answers():
    problem = build_problem(joined.joined(2, parts=3))
    alone = PortfolioSolver().solve(problem, gap=0.0)
    submit, calls, killed = Processes.submit, itertools.count(1), []

    def submit_and_kill(pool, *words):
        future = submit(pool, *words)
        if next(calls) in (2, 7):
            killed.append(multiprocessing.active_children()[0])
            killed[-1].kill()
        return future

    with pytest.MonkeyPatch.context() as patch, open_executor(jobs=2) as executor:
        patch.setattr(Processes, "submit", submit_and_kill)
        spread = PortfolioSolver().solve(problem, gap=0.0, executor=executor)
    assert killed
    assert np.array_equal(spread.values, alone.values)
    assert (spread.objective, spread.bound) == (alone.objective, alone.bound)


def test_progress_never_gets_worse():
    seen = []
    PortfolioSolver().solve(build_problem(joined.joined(2, parts=3)), gap=0.0, progress=seen.append)
    objectives = [row["objective"] for row in seen if row["objective"] is not None]
    assert objectives == sorted(objectives)
    bounds = [row["bound"] for row in seen]
    assert bounds == sorted(bounds, reverse=True)


@pytest.mark.parametrize("seed", range(20))
def test_the_master_alone_picks_the_best_of_all_choices(seed):
    rng = np.random.default_rng(seed)
    gains = [rng.integers(0, 9, n).astype(float) for n in (3, 4, 2)]
    uses = [rng.integers(0, 5, (len(g), 2)).astype(float) for g in gains]
    lower, upper = np.array([2.0, -np.inf]), np.array([np.inf, 6.0])
    worth = [
        gains[0][i] + gains[1][j] + gains[2][k]
        for i in range(3)
        for j in range(4)
        for k in range(2)
        if (total := uses[0][i] + uses[1][j] + uses[2][k])[0] >= 2.0 and total[1] <= 6.0
    ]
    found = pick(gains, uses, lower, upper)
    assert found.proven
    assert found.value == (max(worth) if worth else -np.inf)
    assert (found.columns is None) == (not worth)


@pytest.mark.parametrize("seed", range(60))
def test_going_through_all_choices_finds_the_best(seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 6, rng.integers(1, 6))
    gains = [rng.integers(-3, 9, n) + rng.choice([0.0, 0.5], n) for n in sizes]
    uses = [rng.integers(-1, 6, (n, 3)).astype(float) for n in sizes]
    middle = sum(u.mean(axis=0) for u in uses)
    lower = np.where(rng.random(3) < 0.4, middle - 1.0, -np.inf)
    upper = np.where(rng.random(3) < 0.7, middle + 1.0, np.inf)
    worth = {}
    for choice in itertools.product(*map(range, sizes)):
        total = sum(u[o] for u, o in zip(uses, choice, strict=True))
        if (total >= lower).all() and (total <= upper).all():
            worth[choice] = sum(g[o] for g, o in zip(gains, choice, strict=True))
    best = max(worth.values(), default=-np.inf)
    found = best_of_all(gains, uses, lower, upper, beat=-np.inf, most=10**6)
    assert found.proven
    assert found.bound == best
    assert (found.columns is None) == (not worth)
    if worth:
        assert worth[tuple(found.columns.tolist())] == best
        beaten = best_of_all(gains, uses, lower, upper, beat=best, most=10**6)
        assert beaten.columns is None
        assert beaten.bound == best
    stopped = best_of_all(gains, uses, lower, upper, beat=-np.inf, most=0, ended=lambda: True)
    assert stopped.bound >= best
    assert not stopped.proven


def test_knapsacks_with_published_optima(published_data):
    """Multiple-choice knapsacks of Khan et al. under several budgets, from the OR library."""
    knapsacks = json.loads((published_data / "mmkp" / "instances.json").read_text(encoding="utf-8"))
    known = [k for k in knapsacks if k.get("exact") is not None]
    assert known
    for knapsack in known:
        gains = [np.array([option[0] for option in group]) for group in knapsack["items"]]
        uses = [np.array([option[1:] for option in group]) for group in knapsack["items"]]
        capacity = np.array(knapsack["capacity"])
        found = pick(gains, uses, np.full(len(capacity), -np.inf), capacity)
        assert (knapsack["name"], found.value) == (knapsack["name"], pytest.approx(knapsack["exact"]))
        assert found.bound == pytest.approx(knapsack["exact"])
        assert found.proven


def test_a_plan_to_begin_with_is_the_first_choice_if_it_obeys_the_rules():
    stopped = threading.Event()
    stopped.set()
    problem = build_problem(small.two_chains())
    stage = problem.stage

    def point(*measures):
        values = np.zeros(len(stage.columns))
        for m in measures:
            values[stage.start[m, 2026]] = values[stage.units[m, 2026]] = 1.0
        return stage.completed(values, {})

    # hardening Y alone: X keeps half of its demand, Y three quarters
    good = PortfolioSolver().solve(problem, start=point("n"), stop=stopped)
    assert good.objective == pytest.approx(0.75 * 0.5 + 0.25 * 0.75)
    # both cost twice the budget: not looked at
    dear = PortfolioSolver().solve(problem, start=point("m", "n"), stop=stopped)
    assert dear.objective == pytest.approx(0.5)
    # a coalition that is searched works the plan out itself
    found = PortfolioSolver().solve(problem, start=point("n"), most_policies=0)
    assert found.objective == pytest.approx(0.75 * 0.75 + 0.25 * 0.5)
