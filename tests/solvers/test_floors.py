"""Lower limits on ACC and autonomy: the portfolio keeps them as the extensive form does."""

from __future__ import annotations

import random
from typing import Any

import pytest

import joined
import optichain as oc
import resumed
import small
from optichain.design.aims import Aim
from optichain.design.firststage.wishes import Wishes
from optichain.design.twostage.parts import split
from optichain.design.twostage.problem import build_problem
from optichain.errors import InfeasibleError, UsageError
from optichain_solvers.extensive.solver import ExtensiveSolver
from optichain_solvers.lshaped.solver import LShapedSolver
from optichain_solvers.portfolio.solver import PortfolioSolver

RUN = 3


def answer(solver: Any, problem: Any, **options: Any) -> Any:
    """Return the objective, or a word where no plan obeys the rules."""
    try:
        solution = solver.solve(problem, gap=0.0, **options)
    except InfeasibleError:
        return "infeasible"
    assert solution.proven
    return solution.objective


def limits(instance: Any, chance: random.Random) -> list[dict[str, Any]]:
    """Draw lower limits: some out of reach, some kept by nothing, most in between."""
    free = build_problem(instance)
    low, high = sorted((free.nothing, free.everything))
    acc = min(1.0, max(0.0, low + (high - low) * chance.choice([0.3, 0.6, 0.9, 1.0, 1.2])))
    own = chance.choice([0.1, 0.3, 0.5, 0.8])
    return [
        {"min_acc": acc, "aim": Aim("cost")},
        {"min_acc": acc, "min_autonomy": own, "aim": Aim("cost")},
        {"min_autonomy": own},
        {"min_autonomy": own, "aim": Aim("worst", mix=0.3)},
    ]


@pytest.mark.parametrize(
    ("first", "count"),
    [(0, 1), *(pytest.param(f, RUN, marks=pytest.mark.slow) for f in range(1, 120, RUN))],
)
def test_floors_are_kept_as_by_the_extensive_form(first: int, count: int) -> None:
    found, compared = [], 0
    for seed in range(first, first + count):
        chance = random.Random(seed)
        instance = joined.joined(seed, parts=chance.choice([1, 2, 3]))
        for asked in [] if instance is None else limits(instance, chance):
            truth = answer(ExtensiveSolver(), build_problem(instance, Wishes(**asked)))
            for most in (1 << 16, 0):
                mine = answer(PortfolioSolver(), build_problem(instance, Wishes(**asked)), most_policies=most)
                words = isinstance(truth, str) or isinstance(mine, str)
                same = (
                    mine == truth if words else mine == pytest.approx(truth, abs=1e-6 * max(1.0, abs(truth)))
                )
                compared += 1
                if not same:
                    found.append(f"seed {seed}, {asked}, {most} policies: {mine}, extensive {truth}")
    assert found == []
    assert compared > 0


def two_chains(budget: float) -> Any:
    """Return chains X (weight 3) and Y with a budget, and no year after it."""
    return small.two_chains(planning={"budget": [budget], "terminal_years": 0})


@pytest.mark.parametrize(
    ("least", "chosen"),
    [
        (0.5, set()),  # both keep one half with nothing bought
        (0.56, {"n"}),  # 3/4 x 0.5 + 1/4 x 0.75 = 0.5625: Y alone, or X alone, for the same money
        (0.68, {"m"}),  # 3/4 x 0.75 + 1/4 x 0.5 = 0.6875: X alone
        (0.7, {"m", "n"}),
    ],
)
def test_the_least_money_for_an_acc_that_two_chains_reach_together(least: float, chosen: set[str]) -> None:
    plan = oc.reinforce(two_chains(2.0), method="portfolio", min_acc=least)
    assert plan.objective == pytest.approx(len(chosen))
    assert plan.acc_after >= least - 1e-9
    if chosen != {"n"}:
        assert {c.measure for c in plan.choices} == chosen
    parts = split(build_problem(two_chains(2.0), Wishes(aim=Aim("cost"), min_acc=0.7)))
    assert [part.floors for part in parts.coalitions] == [(), ()]
    assert parts.floors == (0,)


def test_an_acc_out_of_reach_is_explained() -> None:
    for budget, least in ((2.0, 0.8), (1.0, 0.7)):
        with pytest.raises(InfeasibleError) as caught:
            oc.reinforce(two_chains(budget), method="portfolio", min_acc=least)
        assert "min_acc" in caught.value.rules


def test_each_block_keeps_its_own_limit_on_autonomy() -> None:
    """Only q's foreign source is weighed against an own one; 4 of 10 a week are own with the measure."""
    case = small.instance(
        planning={"years": [2026], "budget": [2.0]},
        sites=[{"site": s, "recovery_time": 5, "annual_probability": 0.1} for s in "abcd"],
        sources=[
            {"site": "a", "item": "x", "capacity": 10, "own_ip": "no"},
            {"site": "b", "item": "x", "capacity": 4, "own_ip": "yes", "status": "potential"},
            {"site": "c", "item": "y", "capacity": 10, "own_ip": "yes"},
            {"site": "d", "item": "y", "capacity": 10, "own_ip": "yes", "status": "potential"},
        ],
        demands=[{"item": "x", "rate": 10, "chain": "X"}, {"item": "y", "rate": 10, "chain": "Y"}],
        measures=[
            {"measure": "own", "chain": "X", "cost_1": 2},
            {"measure": "second", "chain": "Y", "cost_1": 2},
        ],
        effects=[
            {"measure": "own", "effect": "qualify", "target": "b:x"},
            {"measure": "second", "effect": "qualify", "target": "d:y"},
        ],
    )
    free = oc.reinforce(case, method="portfolio")
    assert {c.measure for c in free.choices} == {"second"}  # y is worth as much and is served in full
    plan = oc.reinforce(case, method="portfolio", min_autonomy=0.4)
    assert {c.measure for c in plan.choices} == {"own"}
    with pytest.raises(InfeasibleError):
        oc.reinforce(case, method="portfolio", min_autonomy=0.5)
    parts = split(build_problem(case, Wishes(min_autonomy=0.4)))
    assert [len(part.floors) for part in parts.coalitions] == [1, 0]


def test_auto_takes_the_portfolio_for_floors_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from optichain import solving

    case = resumed.rows(4, 3)
    monkeypatch.setattr(solving, "SMALL", 10)
    plan = oc.reinforce(case, min_acc=0.8, gap=1e-7)
    assert plan.provenance["method"] == "portfolio"
    monkeypatch.setattr(PortfolioSolver, "floors", False)
    monkeypatch.setattr(LShapedSolver, "floors", False)
    rest = oc.reinforce(case, min_acc=0.8, gap=1e-7)
    assert rest.provenance["method"] == "extensive"
    assert rest.objective == pytest.approx(plan.objective, rel=1e-6)
    with pytest.raises(UsageError, match="keeps no lower limits on ACC or autonomy: take extensive or auto"):
        oc.reinforce(case, method="portfolio", min_acc=0.8)
