"""The L-shaped method when it is stopped, lied to, killed, or asked again."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import optichain as oc
import small
import strategies
from optichain.design.twostage.problem import DesignProblem, build_problem
from optichain.errors import OptichainError, SolverError, StoppedError, UsageError
from optichain.risk.flows.highs import ArrayLP
from optichain.solving import independent_parts
from optichain.storage import checkpoints
from optichain_solvers.backend import OPTIMAL, available_solvers, write_mps
from optichain_solvers.extensive.solver import ExtensiveSolver
from optichain_solvers.lshaped import checkpoint, search
from optichain_solvers.lshaped.cuts import cut_from
from optichain_solvers.lshaped.events import SecondStage
from optichain_solvers.lshaped.programmes import Ending
from optichain_solvers.lshaped.solver import LShapedSolver
from optichain_solvers.products import product_values


def hardened(sites: int = 6, *, budget: float = 4.0) -> Any:
    """Return sites in a row, each with its own measure: hardening costs 1 to 3 and serves 1 to 6 of 10 weeks."""
    names = [f"s{i}" for i in range(sites)]
    return small.instance(
        planning={"years": [2026], "budget": [budget]},
        sites=[{"site": n, "recovery_time": i + 1, "annual_probability": 0.1} for i, n in enumerate(names)],
        sources=[{"site": n, "item": f"x{i}", "capacity": 10} for i, n in enumerate(names)],
        bom=[{"item": f"x{i}", "input": f"x{i + 1}", "quantity": 1} for i in range(sites - 1)],
        demands=[{"item": "x0", "rate": 10}],
        measures=[{"measure": f"m{i}", "chain": "c", "cost_1": 1 + i % 3} for i in range(sites)],
        effects=[
            {"measure": f"m{i}", "effect": "harden", "target": f"site:{n}", "amount": 1.0}
            for i, n in enumerate(names)
        ],
    )


def test_hand_case() -> None:
    # site i is down i+1 of 10 weeks with equal chances; 3 buys m3 (cost 1) and m4 (cost 2): 4 + 5 weeks saved
    plan = oc.reinforce(hardened(budget=3.0), method="lshaped", gap=0.0)
    assert plan.objective == pytest.approx(1 - (1 + 2 + 3 + 6) / 60)
    assert sorted(plan.measures["measure"]) == ["m3", "m4"]
    assert plan.status == "optimal"
    assert plan.provenance["method"] == "lshaped"


def random_problem(seed: int) -> DesignProblem:
    return build_problem(strategies.accepted(1, first=seed)[0][1])


def test_every_price_gives_a_cut_that_holds_at_every_plan() -> None:
    """Duality needs no optimum: prices drawn at random cut off no plan either."""
    rng = np.random.default_rng(1)
    checked = 0
    for seed, instance in strategies.accepted(12, first=31000):
        problem = build_problem(instance)
        stage = SecondStage(problem.scenarios, problem.products)
        most = np.array([c.upper for c in problem.stage.columns])
        for number, form in enumerate(stage.forms):
            starts = np.zeros(len(most))
            for (measure, year), column in problem.stage.start.items():
                units = problem.stage.units[measure, year]
                same = [c for (m, _), c in problem.stage.start.items() if m == measure]
                if rng.random() < 0.4 and not starts[same].any():
                    starts[units] = rng.integers(1, most[units] + 1)
                    starts[column] = 1.0
            products = product_values(problem.products, starts)
            answer = stage.answer(number, products)
            drawn = answer.row_dual + rng.normal(size=len(answer.row_dual)) * rng.choice([0.0, 0.01, 1.0])
            for prices in (answer.row_dual, drawn):
                cut = cut_from(form, prices)
                if cut is None:  # a column without a limit has a positive reduced cost
                    continue
                checked += 1
                assert cut.constant + cut.coefficients @ products[form.local] >= answer.value - 1e-8, seed
    assert checked > 20


def test_a_price_that_proves_nothing_makes_no_cut() -> None:
    problem = build_problem(hardened())
    stage = SecondStage(problem.scenarios, problem.products)
    for bad in (np.nan, np.inf):
        assert cut_from(stage.forms[0], np.full(len(stage.forms[0].row_lower), bad)) is None


def test_wrong_duals_cost_time_but_no_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event model that reports prices of another event still ends with a bound that holds."""
    truth = oc.reinforce(hardened(), method="extensive", gap=0.0).objective
    honest = ArrayLP.duals
    rng = np.random.default_rng(0)

    def lying(self: ArrayLP) -> Any:
        column, row = honest(self)
        return column, row * rng.choice([0.3, 1.0, 2.0], len(row))

    monkeypatch.setattr(ArrayLP, "duals", lying)
    plan = oc.reinforce(hardened(), method="lshaped", gap=0.0, time_limit=20.0)
    assert plan.bound is not None
    assert plan.bound >= truth - 1e-9
    assert plan.objective <= truth + 1e-9


@pytest.mark.parametrize("status", ["failed", "nonsense"])
def test_a_master_that_fails_yields_no_plan(monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    monkeypatch.setattr(search, "solve_whole", lambda *a, **k: Ending("failed", None, None, status))
    with pytest.raises(SolverError, match=status):
        oc.reinforce(hardened(), method="lshaped")


def test_a_master_that_lies_about_rules_yields_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """It claims that all measures can be bought, for more than the budget."""

    def liar(programme: Any, **options: Any) -> Ending:
        return Ending(OPTIMAL, np.where(np.isfinite(programme.upper), programme.upper, 1.0), 1.0, "trust me")

    monkeypatch.setattr(search, "solve_whole", liar)
    with pytest.raises(OptichainError, match="breaks rules"):
        oc.reinforce(hardened(), method="lshaped", time_limit=5.0)


def test_no_time_at_all_yields_a_worked_out_plan_or_none() -> None:
    try:
        plan = oc.reinforce(hardened(), method="lshaped", time_limit=1e-3)
    except StoppedError:
        return
    assert plan.status in ("optimal", "feasible")
    assert plan.bound is None or plan.bound >= plan.objective


def test_a_stop_from_outside_ends_with_the_best_so_far() -> None:
    stop = threading.Event()
    seen: list[dict[str, Any]] = []

    def progress(report: dict[str, Any]) -> None:
        seen.append(report)
        stop.set()

    problem = random_problem(31003)
    found = LShapedSolver().solve(problem, gap=0.0, stop=stop, progress=progress)
    assert seen[0]["objective"] == pytest.approx(found.objective)
    truth = ExtensiveSolver().solve(problem, gap=1e-9).objective
    assert found.objective <= truth + 1e-7
    assert found.bound is None or found.bound >= truth - 1e-7


def test_bound_and_plan_only_get_better() -> None:
    for seed, instance in strategies.accepted(6, first=31100):
        reports: list[dict[str, Any]] = []
        try:
            LShapedSolver().solve(build_problem(instance), gap=1e-9, progress=reports.append)
        except OptichainError:
            continue
        bounds = [r["bound"] for r in reports if r["bound"] is not None]
        values = [r["objective"] for r in reports if r["objective"] is not None]
        assert bounds == sorted(bounds, reverse=True), seed
        assert values == sorted(values), seed


def test_another_budget_starts_from_the_cuts_of_the_first() -> None:
    solver = LShapedSolver()
    first: list[dict[str, Any]] = []
    solver.solve(build_problem(hardened(budget=4.0)), gap=0.0, progress=first.append)
    again: list[dict[str, Any]] = []
    richer = solver.solve(build_problem(hardened(budget=6.0)), gap=0.0, progress=again.append)
    fresh = LShapedSolver().solve(build_problem(hardened(budget=6.0)), gap=0.0)
    assert richer.objective == pytest.approx(fresh.objective, abs=1e-9)
    assert again[0]["cuts"] >= first[-1]["cuts"]


def test_any_solver_of_pulp_solves_the_master() -> None:
    other = next((s for s in available_solvers() if s not in ("HiGHS", "HiGHS_CMD")), None)
    if other is None:
        pytest.skip("no other solver is installed")
    plan = oc.reinforce(hardened(), method="lshaped", solver=other, gap=1e-6)
    assert plan.objective == pytest.approx(1 - (1 + 2 + 3 + 5) / 60)
    with pytest.raises(UsageError, match="PuLP knows no solver"):
        oc.reinforce(hardened(), method="lshaped", solver="HiHGS")


def test_a_checkpoint_is_gone_on_from_and_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / "search"
    problem = build_problem(hardened())
    stop = threading.Event()
    early = LShapedSolver().solve(problem, gap=0.0, checkpoint=path, stop=stop, progress=lambda _: stop.set())
    late = LShapedSolver().solve(problem, gap=0.0, checkpoint=path)
    assert late.objective >= early.objective
    assert late.objective == pytest.approx(1 - (1 + 2 + 3 + 5) / 60)
    with pytest.raises(UsageError, match="another problem"):
        LShapedSolver().solve(build_problem(hardened(5)), checkpoint=path)
    path.write_bytes(b"no checkpoint")
    with pytest.raises(UsageError, match="is no checkpoint"):
        LShapedSolver().solve(problem, checkpoint=path)


def test_a_disk_that_fills_up_ends_no_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    problem, path = build_problem(hardened()), tmp_path / "search.npz"
    alone = LShapedSolver().solve(problem, gap=0.0)
    written: list[bytes] = []

    def write_once(where: Path, content: bytes) -> None:
        if written:
            raise UsageError("cannot write search.npz: No space left on device")
        where.write_bytes(content)
        written.append(content)

    monkeypatch.setattr(checkpoints, "write_bytes", write_once)
    kept = LShapedSolver().solve(problem, gap=0.0, checkpoint=path)
    assert (kept.objective, kept.bound) == (alone.objective, alone.bound)
    assert "the search goes on, but its checkpoint is from earlier" in caplog.text
    monkeypatch.undo()
    # the one that was written is whole
    assert LShapedSolver().solve(problem, gap=0.0, checkpoint=path).objective == alone.objective


def test_two_searches_share_a_checkpoint(tmp_path: Path) -> None:
    problem, path = build_problem(hardened()), tmp_path / "search.npz"
    found: list[float] = []

    def search_twice() -> None:
        for _ in range(2):
            found.append(LShapedSolver().solve(build_problem(hardened()), gap=0.0, checkpoint=path).objective)

    threads = [threading.Thread(target=search_twice) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert found == pytest.approx([1 - (1 + 2 + 3 + 5) / 60] * 4)
    assert checkpoint.read_checkpoint(path, checkpoint.digest_of(problem)) is not None
    assert list(tmp_path.iterdir()) == [path]


def test_a_checkpoint_that_can_never_be_written_is_an_error_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot write"):
        LShapedSolver().solve(build_problem(hardened()), checkpoint=tmp_path / "no" / "search.npz")


def test_a_search_that_fails_leaves_what_it_learned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problem, path = build_problem(hardened()), tmp_path / "search.npz"

    def fail(*_: object) -> None:
        raise SolverError("the master is gone")

    monkeypatch.setattr(search.Search, "_whole_master", fail)
    with pytest.raises(SolverError, match="is gone"):
        LShapedSolver().solve(problem, gap=0.0, checkpoint=path)
    monkeypatch.undo()
    known = checkpoint.read_checkpoint(path, checkpoint.digest_of(problem))
    assert known is not None
    # of every event, not only what the first moment wrote
    assert {proof.scenario for proof in known.proofs} == set(range(len(problem.scenarios)))


def test_a_model_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "model.mps"
    path.write_text("old", encoding="utf-8")

    class Full:
        def writeMPS(self, name: str) -> None:
            Path(name).write_text("half", encoding="utf-8")
            raise OSError(28, "No space left on device")

    with pytest.raises(UsageError, match=r"model\.mps: No space left on device; nothing was changed"):
        write_mps(Full(), path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_auto_says_what_it_chose_and_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = oc.reinforce(hardened())
    assert plan.provenance["method"] == "extensive"
    assert "small enough" in plan.provenance["method_reason"]
    from optichain import solving

    monkeypatch.setattr(solving, "SMALL", 10)
    plan = oc.reinforce(hardened())
    assert plan.provenance["method"] == "portfolio"
    assert "parts that share rules but no flow and no measure" in plan.provenance["method_reason"]
    monkeypatch.setattr(solving, "SEVERAL", 1000)
    plan = oc.reinforce(hardened())
    assert plan.provenance["method"] == "lshaped"
    assert "too many to be solved whole" in plan.provenance["method_reason"]
    plan = oc.reinforce(hardened(), checkpoint=tmp_path / "x")
    assert plan.provenance["method"] == "lshaped"


@pytest.mark.parametrize(("chain", "parts"), [("a", 2), (None, 1)])
def test_parts_are_what_no_measure_links(chain: str | None, parts: int) -> None:
    """Two chains on sites of their own; a third measure protects a site of one of them, or one of each."""
    instance = small.instance(
        planning={"years": [2026, 2027], "budget": [1.0, 1.0]},
        sites=[{"site": s, "recovery_time": 5, "annual_probability": 0.1} for s in ("p", "q")],
        sources=[{"site": "p", "item": "x", "capacity": 1}, {"site": "q", "item": "y", "capacity": 1}],
        demands=[{"item": "x", "chain": "a", "rate": 1}, {"item": "y", "chain": "b", "rate": 1}],
        measures=[
            {"measure": "m", "chain": "a", "cost_1": 1},
            {"measure": "n", "chain": "b", "cost_1": 1},
            {"measure": "o", "chain": chain, "cost_1": 1},
        ],
        effects=[
            {"measure": "m", "effect": "harden", "target": "site:p", "amount": 0.5},
            {"measure": "n", "effect": "recover", "target": "site:q", "amount": 1},
            {"measure": "o", "effect": "recover", "target": "site:p", "amount": 1},
            *([] if chain else [{"measure": "o", "effect": "recover", "target": "site:q", "amount": 1}]),
        ],
    )
    assert independent_parts(build_problem(instance)) == parts


def test_a_plan_to_begin_with_is_kept_if_it_obeys_the_rules() -> None:
    stopped = threading.Event()
    problem = build_problem(next(instance for _, instance in strategies.accepted(1, first=20003)))
    best = LShapedSolver().solve(problem, gap=1e-9)
    stopped.set()
    early = LShapedSolver().solve(problem, start=best.values, stop=stopped)
    assert early.objective == pytest.approx(best.objective, abs=1e-9)
    broken = np.full(len(problem.stage.columns), 1e9)
    again = LShapedSolver().solve(problem, start=broken)
    assert again.objective == pytest.approx(best.objective, abs=1e-3)
