"""Searches that are killed at any moment go on from their checkpoint and end with the same objective."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import optichain as oc
import resumed
from optichain.design.twostage.problem import build_problem
from optichain.errors import UsageError, VerificationError
from optichain_solvers.lshaped import checkpoint
from optichain_solvers.lshaped.solver import LShapedSolver
from optichain_solvers.portfolio.solver import PortfolioSolver

SMALL = ("lshaped", "portfolio", "worst-case")
LARGE = ("lshaped, large", "portfolio, large", "portfolio, not listed", "worst-case, large")


def written(case: Any, checkpoint: Path) -> tuple[Any, list[float]]:
    """Return the plan of a search left alone, and when it wrote its checkpoint."""
    times: list[float] = []
    with resumed.often(lambda: times.append(time.monotonic())):
        plan = resumed.search(case, checkpoint)
    return plan, times


@pytest.mark.parametrize(
    ("name", "times"),
    [
        *(pytest.param(name, 1, id=f"{name} once") for name in SMALL if name != "lshaped"),
        *(pytest.param(name, 8, id=f"{name} often", marks=pytest.mark.slow) for name in SMALL),
        *(pytest.param(name, 4, id=name, marks=pytest.mark.slow) for name in LARGE),
    ],
)
def test_killed_at_any_moment_it_goes_on_and_ends_with_the_same_objective(
    tmp_path: Path, name: str, times: int
) -> None:
    if name in LARGE:
        pytest.importorskip("benchmarks.chain_case", reason="the sources come without benchmarks")
    case = resumed.CASES[name]()
    whole, moments = written(case, tmp_path / "whole")
    rng = np.random.default_rng()
    path = tmp_path / "killed"
    ended = 0
    for _ in range(times):
        write = int(rng.integers(1, len(moments) + 1))
        step = (moments[-1] - moments[0]) / max(len(moments) - 1, 1)
        ended += resumed.killed(name, path, write=write, seconds=float(rng.uniform(0.0, step)))
    assert path.exists()
    last, _ = written(case, path)
    assert last.status == whole.status == "optimal"
    assert last.objective == pytest.approx(whole.objective, abs=1e-7)
    assert all(claim.ok for claim in oc.check_claims(case[0], last))
    # a process that goes on may end before the moment comes: the first one cannot
    assert ended > 0


def programmes(message: str) -> int:
    """Return how many linear programmes a portfolio solved."""
    return int(message.split(", ")[-1].split()[0])


def test_a_portfolio_goes_on_without_solving_again_what_is_known(tmp_path: Path) -> None:
    problem, path = build_problem(resumed.rows(2, 3)), tmp_path / "search"
    first = PortfolioSolver().solve(problem, gap=0.0, checkpoint=path)
    again = PortfolioSolver().solve(problem, gap=0.0, checkpoint=path)
    assert programmes(first.message) > 0
    assert programmes(again.message) == 0
    assert (again.objective, again.bound) == (first.objective, first.bound)
    # under another budget too
    other = build_problem(resumed.rows(2, 3, money=1.3))
    alone = PortfolioSolver().solve(other, gap=0.0)
    more = PortfolioSolver().solve(other, gap=0.0, checkpoint=path)
    assert more.objective == pytest.approx(alone.objective, abs=1e-9)
    assert programmes(more.message) < programmes(alone.message)


@pytest.mark.parametrize("most_policies", [pytest.param(0, marks=pytest.mark.slow), 1 << 16])
def test_two_methods_share_a_checkpoint(tmp_path: Path, most_policies: int) -> None:
    problem = build_problem(resumed.rows(2, 2))
    alone = PortfolioSolver().solve(problem, gap=0.0)
    there, back = tmp_path / "there", tmp_path / "back"
    LShapedSolver().solve(problem, gap=0.0, checkpoint=there)
    PortfolioSolver().solve(problem, gap=0.0, checkpoint=back, most_policies=most_policies)
    asked = {"gap": 0.0, "most_policies": most_policies}
    found = PortfolioSolver().solve(problem, checkpoint=there, **asked)
    assert found.objective == pytest.approx(alone.objective, abs=1e-9)
    assert LShapedSolver().solve(problem, gap=0.0, checkpoint=back).objective == pytest.approx(
        alone.objective, abs=1e-9
    )


def test_a_false_checkpoint_makes_no_false_claim(tmp_path: Path) -> None:
    """Values in the file are changed, and prices beside them: the answer is right, or there is none."""
    case, path = resumed.rows(2, 3), tmp_path / "search"
    asked = {"method": "portfolio", "gap": 1e-9}
    right = oc.reinforce(case, checkpoint=path, **asked)
    problem = build_problem(case)
    digest = checkpoint.digest_of(problem)
    known = checkpoint.read_checkpoint(path, digest)
    assert known is not None
    rng = np.random.default_rng(1)
    outcomes = set()
    for round_ in range(4):
        proofs = []
        for p in known.proofs:
            dual = p.dual * rng.choice([0.0, 0.9, 1.0, 1.1], len(p.dual))
            worth = p.worth + rng.choice([-0.1, 0.1])
            proofs.append(checkpoint.Proof(p.scenario, dual if round_ % 2 else p.dual, float(worth), p.units))
        checkpoint.Saver(path, digest).offer(lambda p=proofs: checkpoint.Checkpoint(None, p), last=True)
        try:
            plan = oc.reinforce(case, checkpoint=path, **asked)
        except VerificationError:
            outcomes.add("refused")
        else:
            outcomes.add("right")
            assert plan.objective == pytest.approx(right.objective, abs=1e-9)
            assert plan.bound == pytest.approx(right.bound, abs=1e-9)
    assert "right" in outcomes


@pytest.mark.parametrize("asked", [{"method": "portfolio"}, {"objective": "worst-case", "k": 1}])
def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path, asked: dict[str, Any]) -> None:
    path = tmp_path / "search"
    oc.reinforce(resumed.rows(2, 2), checkpoint=path, **asked)
    held = path.read_bytes()
    with pytest.raises(UsageError, match="is of another problem"):
        oc.reinforce(resumed.rows(2, 3), checkpoint=path, **asked)
    other = {"objective": "worst-case", "k": 2} if "method" in asked else {"method": "portfolio"}
    with pytest.raises(UsageError, match="is of another problem"):
        oc.reinforce(resumed.rows(2, 2), checkpoint=path, **other)
    assert path.read_bytes() == held
    with np.load(path) as data:
        arrays = dict(data)
    with path.open("wb") as file:
        np.savez(file, **{**arrays, "format": np.array(1)})
    with pytest.raises(UsageError, match="written by another version"):
        oc.reinforce(resumed.rows(2, 2), checkpoint=path, **asked)
    path.write_bytes(held[: len(held) // 2])
    with pytest.raises(UsageError, match="is no checkpoint"):
        oc.reinforce(resumed.rows(2, 2), checkpoint=path, **asked)


def test_the_worst_case_goes_on_from_its_attacks(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    case, path = resumed.rows(2, 3), tmp_path / "search"
    asked = {"objective": "worst-case", "k": 1}
    first = oc.reinforce(case, checkpoint=path, **asked)
    with np.load(path) as data:
        arrays = dict(data)
    # attacks that no such threat knows, and a plan that breaks rules, are not looked at
    strange = ['[0, [["site", "nowhere"]]]', '[9, [["site", "00"]]]', '[0, [["group", "00"]]]']
    arrays["attacks"] = np.concatenate([arrays["attacks"], strange])
    arrays["plan"] = np.full(len(arrays["plan"]), 1.0)
    with path.open("wb") as file:
        np.savez(file, **arrays)
    with caplog.at_level("INFO"):
        again = oc.reinforce(case, checkpoint=path, **asked)
    assert (again.objective, again.bound) == (first.objective, first.bound)
    # one master is enough: all attacks are known
    assert caplog.text.count("worst case: best") == 1


def test_a_method_without_a_checkpoint_names_those_with_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="extensive keeps no checkpoint: take lshaped or portfolio or auto"):
        oc.reinforce(resumed.rows(2, 2), method="extensive", checkpoint=tmp_path / "x")
