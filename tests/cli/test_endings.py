"""Exit statuses, and what a user reads when something is wrong."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import optichain
from optichain.cli.interruptible import interruptible
from optichain.errors import StoppedError

Call = Callable[..., Result]


def errors_of(result: Result) -> list[dict]:
    document = json.loads(result.stdout)
    assert list(document) == ["errors"]
    return document["errors"]


@pytest.mark.parametrize("words", [["solve", "--gap", "x"], ["sovle"], ["solve", "pump", "--nonsense"]])
def test_usage_errors_end_with_2(call: Call, words: list[str]) -> None:
    assert call(*words).exit_code == 2
    told = call(*words, "--json")
    assert told.exit_code == 2
    assert [error["code"] for error in errors_of(told)] == ["usage"]


def test_a_bad_instance_ends_with_3_and_tells_where(call: Call, pump: Path) -> None:
    (pump / "demands.csv").write_text("item,rate,value\npump,many,2\n", encoding="utf-8")
    result = call("stress", pump)
    assert result.exit_code == 3
    assert "demands.csv, row 2, column rate" in result.stderr
    assert result.stdout == ""
    assert errors_of(call("stress", pump, "--json"))[0]["row"] == 2


def test_a_missing_instance_names_the_nearest_shipped_one(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    import optichain.shipped

    monkeypatch.setattr(optichain.shipped, "shipped_instances", lambda: {"quickstart": Path("elsewhere")})
    result = call("spof", "quickstrat", "--json")
    assert result.exit_code == 3
    assert errors_of(result)[0]["hint"] == "did you mean 'quickstart'?"


@pytest.mark.parametrize("content", ["{", "[]", '{"status": "optimal"}', '"text"'])
def test_a_bad_plan_ends_with_3(call: Call, pump: Path, tmp_path: Path, content: str) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(content, encoding="utf-8")
    for words in (["verify", pump, plan], ["spof", pump, "--plan", plan], ["stress", pump, "--plan", plan]):
        result = call(*words, "--json")
        assert result.exit_code == 3
        assert errors_of(result)


def test_a_plan_for_another_instance_is_refused(call: Call, pump: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    assert call("solve", pump, "-o", plan).exit_code == 0
    text = (pump / "measures.csv").read_text(encoding="utf-8") + "third,pumps,Another,1\n"
    (pump / "measures.csv").write_text(text.replace("second,", "alternative,"), encoding="utf-8")
    effects = (pump / "effects.csv").read_text(encoding="utf-8").replace("second,", "alternative,")
    (pump / "effects.csv").write_text(effects, encoding="utf-8")
    result = call("spof", pump, "--plan", plan, "--json")
    assert result.exit_code == 3
    assert "'second'" in errors_of(result)[0]["message"]


def test_clashing_wishes_end_with_4(call: Call, pump: Path) -> None:
    result = call("solve", pump, "--fix", "second", "--forbid", "second")
    assert result.exit_code == 4
    assert result.stdout == ""
    assert call("solve", pump, "--fix", "second", "--budget", "1").exit_code == 4


def test_a_plan_that_is_not_proven_is_printed_and_ends_with_5(
    call: Call, pump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = optichain.reinforce(optichain.load(pump))
    stopped = dataclasses.replace(plan, status="feasible", bound=0.9)
    monkeypatch.setattr(optichain, "reinforce", lambda *_, **__: stopped, raising=False)
    result = call("solve", pump, "-o", tmp_path / "plan.json", "--json")
    assert result.exit_code == 5
    assert json.loads(result.stdout)["status"] == "feasible"
    assert optichain.load_plan(tmp_path / "plan.json").bound == 0.9


def test_no_plan_in_time_ends_with_6(call: Call, pump: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise StoppedError("stopped before any plan")

    monkeypatch.setattr(optichain, "reinforce", stop, raising=False)
    assert call("solve", pump).exit_code == 6


def test_an_interruption_ends_with_6(call: Call, pump: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(optichain, "resilience", interrupt, raising=False)
    result = call("stress", pump, "--json")
    assert result.exit_code == 6
    assert [error["code"] for error in errors_of(result)] == ["stopped"]


def test_a_signal_is_heard_while_work_goes_on() -> None:
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    heard: list[str] = []
    assert interruptible(lambda stop: stop.wait(30.0), lambda: heard.append("once")) is True
    assert heard == ["once"]


def test_work_that_does_not_listen_is_left_behind() -> None:
    release = threading.Event()
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interruptible(lambda stop: release.wait(30.0), grace=0.2)
    assert time.monotonic() - began < 10.0
    release.set()


def test_what_work_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        interruptible(lambda stop: 1 // 0)
    assert interruptible(lambda stop: 6 * 7) == 42


def test_a_defect_is_one_line_and_a_traceback_on_demand(
    call: Call, pump: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("the moon\nis full")

    monkeypatch.setattr(optichain, "structure", fail, raising=False)
    short = call("spof", pump)
    assert short.exit_code == 1
    assert "unexpected ValueError: the moon is full" in short.stderr
    assert "Traceback" not in short.output
    assert "Traceback" in call("spof", pump, "--verbose").stderr
    assert errors_of(call("spof", pump, "--json"))[0]["code"] == "unexpected"


def test_places_that_cannot_be_written_are_refused_before_the_work(
    call: Call, pump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(optichain, "reinforce", lambda *_, **__: pytest.fail("worked first"), raising=False)
    for words in (
        ["-o", tmp_path / "no" / "plan.json"],
        ["-o", tmp_path / "plan.json", "--report", tmp_path / "no" / "report.html"],
        ["-o", tmp_path / "same.json", "--report", tmp_path / "same.json"],
        ["--report", tmp_path / "report.nonsense"],
    ):
        assert call("solve", pump, *words).exit_code == 2


def test_a_failed_run_leaves_the_old_file(call: Call, pump: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text("the old one", encoding="utf-8")
    assert call("solve", pump, "-o", plan, "--fix", "second", "--forbid", "second").exit_code == 4
    assert plan.read_text(encoding="utf-8") == "the old one"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plan.json", "pump"]


@pytest.mark.parametrize(
    ("name", "more"), [("verify", ()), ("report", ("-o", "report.json")), ("spof", ("--plan",))]
)
def test_a_plan_of_other_data_is_named_by_its_file(
    call: Call, pump: Path, tmp_path: Path, name: str, more: tuple[str, ...]
) -> None:
    plan = tmp_path / "other.json"
    assert call("solve", "quickstart", "-o", plan).exit_code == 0
    words = [*more, plan] if more == ("--plan",) else [plan, *more]
    first, *others = errors_of(call(name, pump, *words, "--json"))
    assert all(fault["file"] == str(plan) for fault in (first, *others))
    assert "made for other data" in first["hint"]
