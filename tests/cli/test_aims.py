"""What the commands answer about aims, baselines and plans that follow plans, against the pump maker's arithmetic."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Call = Callable[..., Result]


def answer(result: Result, status: int = 0) -> dict:
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


def bought(plan: dict) -> set[str]:
    return {m["measure"] for p in plan["policies"] for m in p["measures"]}


def test_the_worst_event_as_objective(call: Call, pump: Path) -> None:
    # whatever is bought, the assembly fails for five weeks of ten: the worst event is 0.5 and stays so
    found = answer(call("solve", pump, "--json", "--objective", "worst", "--mix", "0.25"))
    assert found["objective"] == pytest.approx(0.25 * (0.5 + 0.8 + 1.0) / 3 + 0.75 * 0.5)
    assert (found["wishes"]["mix"], found["method"]) == (0.25, found["provenance"]["method"])


def test_least_cost_is_the_objective_where_something_is_required(call: Call, pump: Path) -> None:
    # the stock gives (0.5 + 0.7 + 1) / 3 = 0.733 for 3, the second foundry 0.767 for 8
    for least, measures, cost in ((0.73, {"stock"}, 3.0), (0.74, {"second"}, 8.0)):
        found = answer(call("solve", pump, "--json", "--min-acc", least))
        assert (bought(found), found["objective"], found["improvement_gap"]) == (measures, cost, None)
    words = ["solve", str(pump), "--clear-spofs", "site,source", "--json"]
    kept = ["site:A", "source:A:pump"]
    asked = [*words[:-1], *(w for name in kept for w in ("--spof-exception", name))]
    found = answer(call(*asked, "--json"))
    assert (bought(found), found["objective"]) == ({"second"}, 8.0)
    assert shlex.split(found["provenance"]["command"]) == ["optichain", *asked]
    told = answer(call(*words), status=4)
    assert {row["rule"] for row in told["clash"]} == {"clear_spofs"}


def test_baselines_stand_beside_each_other(call: Call, pump: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    call("solve", pump, "-o", plan)
    found = answer(call("baselines", pump, "--plan", plan, "--json"))
    rows = {row["name"]: row for row in found["baselines"]}
    assert list(rows) == ["pro-rata", "by-score", "by-spof", "greedy", "plan"]
    # the stock gains 0.2 of one event for 3, the second foundry 0.3 for 8
    assert bought(rows["greedy"]["plan"]) == {"stock"}
    assert rows["greedy"]["share_of_plan"] == pytest.approx(0.2 / 0.3)
    assert bought(rows["by-spof"]["plan"]) == {"second"}
    assert found["greedy_is_close"] is False
    assert "greedy" in call("baselines", pump).stdout


def test_next_year_what_was_begun_stays_and_two_plans_are_compared(
    call: Call, pump: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    call("solve", pump, "-o", first)
    settings = (pump / "instance.toml").read_text("utf-8").replace("[2026, 2027]", "[2027, 2028]")
    (pump / "instance.toml").write_text(settings, encoding="utf-8")
    found = answer(call("solve", pump, "--previous", first, "--change-price", "0.1", "-o", second, "--json"))
    assert found["wishes"]["started"] == [["second", 1.0, 2026]]
    assert bought(found) == set()
    assert found["acc_after"] == pytest.approx((0.5 + 0.8 + 1.0) / 3)
    assert answer(call("verify", pump, second, "--json"))["ok"]
    compared = answer(call("compare", first, second, "--json"))
    assert compared["same"] is True
    assert "the data differ" in compared["causes"]
    assert "fund the same" in call("compare", first, second).stdout


def test_a_report_says_what_the_objective_was_and_how_good_the_answer_is(
    call: Call, pump: Path, tmp_path: Path
) -> None:
    said = {
        "--min-acc=0.73": "at the least cost there is",
        "--objective=worst": "best worst event",
        "--objective=cvar": "best mean of the worst tail",
    }
    for words, text in said.items():
        assert call("solve", pump, words, "--report", tmp_path / "report.html").exit_code == 0
        assert text in (tmp_path / "report.html").read_text("utf-8")
