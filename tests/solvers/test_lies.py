"""A solver that lies never yields a plan."""

import numpy as np
import pytest

import optichain as oc
import small
from optichain import solving
from optichain.errors import SolverError, UsageError, VerificationError
from optichain.solving import Solution


def instance():
    return small.instance(
        planning={"years": [2026], "budget": [1.0]},
        sites=[{"site": "a", "recovery_time": 5, "annual_probability": 0.1}],
        sources=[{"site": "a", "item": "x", "capacity": 10}],
        demands=[{"item": "x", "rate": 10}],
        measures=[{"measure": "m", "chain": "c", "cost_1": 1}, {"measure": "n", "chain": "c", "cost_1": 1}],
        effects=[
            {"measure": "m", "effect": "harden", "target": "site:a", "amount": 0.5},
            {"measure": "n", "effect": "recover", "target": "site:a", "amount": 1},
        ],
    )


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
    return oc.reinforce(instance())


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


def test_unknown_solvers_options_and_methods_are_refused_by_name():
    with pytest.raises(UsageError, match="PuLP knows no solver 'HiHGS'"):
        oc.reinforce(instance(), solver="HiHGS")
    with pytest.raises(UsageError, match="did you mean 'mip_rel_gap'"):
        oc.reinforce(instance(), solver_options={"mip_relgap": 1})
    with pytest.raises(UsageError, match="no method 'magic'"):
        oc.reinforce(instance(), method="magic")
    with pytest.raises(SolverError, match="not installed"):
        oc.reinforce(instance(), solver="GUROBI_CMD")
