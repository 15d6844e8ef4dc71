"""A solver that lies never yields a plan."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

import optichain as oc
import small
from optichain import plugins, solving
from optichain.design import answers
from optichain.design.twostage.problem import build_problem
from optichain.errors import SolverError, StoppedError, UsageError, VerificationError
from optichain.solving import Solution
from optichain_solvers.lshaped import search
from optichain_solvers.lshaped.solver import LShapedSolver


class Liar:
    name = "liar"

    def __init__(self, chosen, objective, bound):
        self.chosen, self.objective, self.bound = chosen, objective, bound

    def solve(self, problem, **options):
        values = np.zeros(len(problem.stage.columns))
        for measure in self.chosen:
            values[problem.stage.start[measure, 2026]] = 1.0
        return Solution(values, self.objective, self.bound, proven=True, message="trust me")


def reinforce_with(monkeypatch, liar):
    monkeypatch.setattr(solving, "find_solver", lambda name: liar)
    return oc.reinforce(small.two_measures())


def test_an_honest_one_passes(monkeypatch):
    # five of ten weeks at half capacity: 0.75
    plan = reinforce_with(monkeypatch, Liar(["m"], 0.75, 0.75))
    assert plan.objective == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("chosen", "objective", "bound", "message"),
    [
        (["m", "n"], 0.8, 0.8, "breaks rules"),
        (["m"], 0.9, 0.9, "worked out again"),
        (["m"], 0.75, 0.6, "no plan passes"),
        (["m"], float("nan"), 0.75, "worked out again"),
    ],
)
def test_a_false_plan_value_or_bound_is_refused(monkeypatch, chosen, objective, bound, message):
    with pytest.raises(VerificationError, match=message):
        reinforce_with(monkeypatch, Liar(chosen, objective, bound))


class Odd:
    """Somebody else's method that does what none should."""

    name = "odd"

    def __init__(self, answer):
        self.answer = answer

    def solve(self, problem, **options):
        return self.answer(problem, **options)


def values(problem, **columns):
    found = np.zeros(len(problem.stage.columns))
    found[problem.stage.start["m", 2026]] = columns.get("m", 1.0)
    return found


def fail(problem, **_):
    raise ZeroDivisionError("the method divides by nothing")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda problem, **_: None, "answered with NoneType, which is no solution"),
        (lambda problem, **_: Solution(np.zeros(1), 0.75, 0.75, True, ""), r"values of shape \(1,\)"),
        (lambda problem, **_: Solution(values(problem, m=np.nan), 0.75, 0.75, True, ""), "= nan, expected"),
        (lambda problem, **_: Solution(values(problem, m=2.0), 0.75, 0.75, True, ""), "from 0 to 1"),
        (lambda problem, **_: Solution(values(problem, m=0.5), 0.75, 0.75, True, ""), "a whole number"),
        (lambda problem, **_: Solution(values(problem), 0.75, np.nan, True, ""), "proves nan"),
        (lambda problem, **_: Solution(values(problem), 0.75, np.inf, True, ""), "proves inf"),
        (fail, "the method odd failed: ZeroDivisionError: the method divides by nothing"),
    ],
)
def test_a_method_that_answers_nonsense_is_named(monkeypatch, answer, message):
    with pytest.raises(SolverError, match=message):
        reinforce_with(monkeypatch, Odd(answer))


def test_optimal_is_only_what_a_bound_says(monkeypatch):
    plan = reinforce_with(monkeypatch, Odd(lambda p, **_: Solution(values(p), 0.75, 0.8, True, "Optimal")))
    assert (plan.status, plan.bound) == ("feasible", 0.8)
    unbounded = reinforce_with(monkeypatch, Odd(lambda p, **_: Solution(values(p), 0.75, None, True, "")))
    assert (unbounded.status, unbounded.bound) == ("feasible", None)


def test_a_method_that_does_not_keep_its_time_is_told_and_then_given_up(monkeypatch):
    monkeypatch.setattr(answers, "LATE", 0.3)
    monkeypatch.setattr(answers, "DEAF", 0.3)
    monkeypatch.setattr(solving, "find_solver", lambda name: method)
    release, heard = threading.Event(), []

    def late(problem, *, stop, **_):
        heard.append(stop.wait(20.0))
        return Solution(values(problem), 0.75, 0.75, True, "as asked")

    method = Odd(late)
    assert oc.reinforce(small.two_measures(), method="odd", time_limit=0.2).objective == pytest.approx(0.75)
    assert heard == [True]
    method = Odd(lambda problem, **_: release.wait(60.0))
    began = time.monotonic()
    with pytest.raises(StoppedError, match=r"the method odd was given 0\.\d+ seconds, .* given up"):
        oc.reinforce(small.two_measures(), method="odd", time_limit=0.2)
    assert time.monotonic() - began < 20.0
    release.set()


class Broken:
    """An entry point whose module cannot be imported."""

    name, value = "odd", "somebody:Method"

    def load(self):
        raise ImportError("No module named 'somebody'")


def test_a_method_that_cannot_be_loaded_is_named(monkeypatch):
    monkeypatch.setattr(plugins, "entry_points", lambda group: [Broken()])
    with pytest.raises(
        SolverError, match=r"the method odd \(somebody:Method\) cannot be loaded: ImportError"
    ):
        solving.find_solver("odd")


def test_an_odd_end_of_highs_is_no_answer(monkeypatch):
    """Statuses that HiGHS has and nobody expects; read where every answer of HiGHS is read."""
    import highspy

    real = highspy.Highs.getModelStatus
    for status in (
        highspy.HighsModelStatus.kSolveError,
        highspy.HighsModelStatus.kUnknown,
        highspy.HighsModelStatus.kUnbounded,
    ):
        monkeypatch.setattr(highspy.Highs, "getModelStatus", lambda self, status=status: status)
        for method in ("extensive", "lshaped", "portfolio"):
            with pytest.raises(SolverError):
                oc.reinforce(small.two_measures(), method=method)
    monkeypatch.setattr(highspy.Highs, "getModelStatus", real)


def test_unknown_solvers_options_and_methods_are_refused_by_name():
    with pytest.raises(UsageError, match="PuLP knows no solver 'HiHGS'"):
        oc.reinforce(small.two_measures(), solver="HiHGS")
    with pytest.raises(UsageError, match="did you mean 'mip_rel_gap'"):
        oc.reinforce(small.two_measures(), solver_options={"mip_relgap": 1})
    with pytest.raises(UsageError, match="no method 'magic'"):
        oc.reinforce(small.two_measures(), method="magic")
    with pytest.raises(SolverError, match="not installed"):
        oc.reinforce(small.two_measures(), solver="GUROBI_CMD")


@pytest.mark.parametrize("false", [0.2, -0.3])
def test_a_bound_that_a_plan_passes_is_not_believed(monkeypatch, false):
    honest, lies = search.solve_whole, [false]

    def sometimes(programme, **options):
        ending = honest(programme, **options)
        # an improvement of 0.2 at most, says the first proof, where half of it is had
        return replace(ending, bound=lies.pop()) if lies else ending

    monkeypatch.setattr(search, "solve_whole", sometimes)
    problem = build_problem(small.two_measures())
    found = LShapedSolver().solve(problem, gap=1e-6)
    assert not lies
    assert found.objective == pytest.approx(0.75)
    assert found.bound == pytest.approx(0.75)
    assert found.proven
