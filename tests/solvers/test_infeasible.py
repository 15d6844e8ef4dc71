"""Rules that clash: the smallest set of them, and the cheapest way out, against all subsets and all points."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import optichain as oc
import small
from optichain.design.firststage.stage import FirstStage, Row
from optichain.design.twostage.problem import DesignProblem
from optichain.errors import InfeasibleError
from optichain_solvers.extensive.infeasible import explain


def random_stage(seed: int) -> FirstStage:
    """Three yes-or-no decisions and one of 0 to 3 units under six random rules that no point obeys together."""
    rng = np.random.default_rng(seed)
    while True:
        stage = FirstStage((2026,), (2026, 2027, 2028))
        for i in range(3):
            stage.add_column(f"d{i}", 1.0)
        stage.add_column("u", 3.0)
        for k in range(6):
            terms = {j: float(c) for j, c in enumerate(rng.integers(-2, 4, 4)) if c}
            bound = float(rng.integers(-2, 6))
            lower, upper = (bound, math.inf) if rng.random() < 0.5 else (-math.inf, bound)
            stage.rows.append(Row(f"rule {k}", f"the {k}th", terms, lower, upper))
        if clashes(stage.rows):
            return stage


POINTS = [np.array(p, dtype=float) for p in itertools.product((0, 1), (0, 1), (0, 1), range(4))]


def clashes(rows: Any) -> bool:
    return all(any(row.broken(point, tolerance=1e-9) for row in rows) for point in POINTS)


def size(row: Row) -> float:
    """A move is measured against the bound, or against the largest coefficient where the bound is 0."""
    bound = max(abs(b) for b in (row.lower, row.upper) if math.isfinite(b))
    return max(1.0, bound or max((abs(c) for c in row.coefficients.values()), default=0.0))


def moved(row: Row, point: np.ndarray) -> float:
    value = row.value(point)
    return max(row.lower - value, value - row.upper, 0.0) / size(row)


@pytest.mark.parametrize("seed", range(12))
def test_the_clash_is_smallest_and_the_way_out_cheapest(seed: int) -> None:
    stage = random_stage(seed)
    found = explain(DesignProblem("random", stage, stage_cost=np.zeros(4)))
    named = [row for row in stage.rows if any(c.rule == row.rule for c in found.clash)]
    assert clashes(named)
    smallest = next(k for k in range(1, 7) if any(clashes(s) for s in itertools.combinations(stage.rows, k)))
    assert (len(named), found.smallest) == (smallest, True)
    cheapest = min(sum(moved(row, point) for row in stage.rows) for point in POINTS)
    sizes = {row.rule: size(row) for row in stage.rows}
    assert sum(r.amount / sizes[r.rule] for r in found.relaxation) == pytest.approx(cheapest, abs=1e-6)


def test_when_time_is_up_the_clash_is_irreducible_and_said_not_to_be_smallest() -> None:
    stage = random_stage(3)
    found = explain(DesignProblem("random", stage, stage_cost=np.zeros(4)), time_limit=0.0)
    named = [row for row in stage.rows if any(c.rule == row.rule for c in found.clash)]
    assert clashes(named)
    assert not any(clashes([row for row in named if row is not left]) for left in named)
    assert found.smallest is False


def poor() -> Any:
    """Two required measures of 6 each, 10 of money."""
    return small.instance(
        planning={"years": [2026], "budget": [10.0]},
        sites=[{"site": "a", "recovery_time": 10, "annual_probability": 0.1}],
        sources=[{"site": "a", "item": "x", "capacity": 10}],
        demands=[{"item": "x", "rate": 10}],
        measures=[
            {"measure": "m", "chain": "c", "cost_1": 6, "required": True},
            {"measure": "n", "chain": "c", "cost_1": 6, "required": True},
        ],
        effects=[
            {"measure": "m", "effect": "harden", "target": "site:a", "amount": 0.5},
            {"measure": "n", "effect": "harden", "target": "site:a", "amount": 0.5},
        ],
    )


def test_two_required_measures_and_the_budget_clash_and_two_more_of_money_are_the_way_out() -> None:
    with pytest.raises(InfeasibleError) as caught:
        oc.reinforce(poor())
    found = caught.value.explanation
    assert sorted(c.rule for c in found.clash) == ["budget", "required", "required"]
    # 2 of 10 is less than one of two measures given up
    assert [(r.rule, r.amount) for r in found.relaxation] == [("budget", pytest.approx(2.0))]
    assert found.text() in str(caught.value)


def test_an_acc_out_of_reach_names_what_can_be_reached() -> None:
    with pytest.raises(InfeasibleError) as caught:
        oc.reinforce(poor(), budget=12, min_acc=0.9)
    found = caught.value.explanation
    # both harden by half: a quarter of the loss is left, ACC 0.75
    assert [c.rule for c in found.clash] == ["min_acc"]
    assert [(r.rule, r.bound) for r in found.relaxation] == [("min_acc", pytest.approx(0.75))]


def test_no_chain_is_asked_to_keep_less_than_nothing() -> None:
    # two products of one foreign mill keep nothing, and fall short by 0.3 each
    case = small.instance(
        planning={"years": [2026], "budget": [1.0]},
        items=[{"item": "x", "chain": "X"}, {"item": "y", "chain": "Y"}, {"item": "steel"}],
        sources=[
            {"site": "a", "item": "x", "capacity": 10, "own_ip": "yes"},
            {"site": "b", "item": "y", "capacity": 10, "own_ip": "yes"},
            {"site": "mill", "item": "steel", "capacity": 20, "own_ip": "no"},
        ],
        bom=[{"item": product, "input": "steel", "quantity": 1.0} for product in "xy"],
        demands=[{"item": "x", "rate": 10, "chain": "X"}, {"item": "y", "rate": 10, "chain": "Y"}],
    )
    with pytest.raises(InfeasibleError) as caught:
        oc.reinforce(case, min_autonomy=0.3)
    (way,) = caught.value.explanation.relaxation
    assert (way.rule, way.amount, way.bound) == ("min_autonomy", pytest.approx(0.3), pytest.approx(0.0))


def test_the_command_line_tells_programs_too(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from optichain.cli.root import root

    oc.write(poor(), tmp_path / "poor.json")
    result = CliRunner().invoke(root, ["solve", str(tmp_path / "poor.json"), "--json"])
    assert result.exit_code == 4
    told = json.loads(result.stdout)
    assert told["errors"][0]["code"] == "infeasible"
    assert len(told["clash"]) == 3
    assert told["relaxation"][0]["amount"] == pytest.approx(2.0)
