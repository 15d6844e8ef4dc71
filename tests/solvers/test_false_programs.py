"""A solver that is a program of its own: it lies, hangs, crashes, prints, is missing. No plan comes of it that does not hold."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import optichain as oc
import small
from optichain.errors import OptichainError, SolverError, StoppedError, VerificationError
from optichain_solvers import outside

FAKE = Path(__file__).with_name("fake_cbc.py")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the program is a script with a first line")


@pytest.fixture
def cbc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a program named cbc first on the path, which lies in a given way; return the folder of temporary files."""
    programs, files = tmp_path / "programs", tmp_path / "files"
    programs.mkdir()
    files.mkdir()
    (programs / "cbc").write_text(f"#!{sys.executable}\n{FAKE.read_text('utf-8')}", encoding="utf-8")
    (programs / "cbc").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TMPDIR", str(files))
    monkeypatch.setattr("tempfile.tempdir", str(files))
    monkeypatch.setenv("CBC_NOTE", str(tmp_path / "note"))

    def lying(lie: str) -> Path:
        monkeypatch.setenv("CBC_LIE", lie)
        return files

    return lying


def test_an_honest_one_passes(cbc: Callable[[str], Path]) -> None:
    files = cbc("no")
    plan = oc.reinforce(small.two_measures(), solver="COIN_CMD", method="extensive")
    assert (plan.status, plan.objective) == ("optimal", pytest.approx(0.75))
    assert list(files.iterdir()) == []


@pytest.mark.parametrize(
    ("lie", "kind", "message"),
    [
        ("half", VerificationError, "one bought greedily comes to 0.75"),
        pytest.param(
            *("all", OptichainError, "breaks rules|decides|worked out again|no plan passes"),
            marks=pytest.mark.slow,
        ),
        ("inflated", VerificationError, "worked out again"),
        ("fraction", SolverError, "gave 0.5 for a decision that is a whole number"),
        ("nan", SolverError, "objective nan|gave nan"),
        ("infeasible", VerificationError, "solver COIN_CMD is wrong: .* obeys them all"),
        pytest.param(*("unbounded", SolverError, "without an answer"), marks=pytest.mark.slow),
        pytest.param(*("garbage", SolverError, "COIN_CMD (failed|ended)"), marks=pytest.mark.slow),
        pytest.param(*("silent", SolverError, "COIN_CMD failed"), marks=pytest.mark.slow),
        ("crash", SolverError, "COIN_CMD failed"),
    ],
)
@pytest.mark.parametrize("method", ["extensive", pytest.param("lshaped", marks=pytest.mark.slow)])
def test_a_false_answer_is_an_error_and_leaves_no_files(
    cbc: Callable[[str], Path], lie: str, kind: type[Exception], message: str, method: str
) -> None:
    files = cbc(lie)
    if method == "extensive":
        with pytest.raises(kind, match=message):
            oc.reinforce(small.two_measures(), solver="COIN_CMD", method=method)
    else:
        # the values come from event models of our own: a lie of the master may cost the bound, never make a false plan
        try:
            plan = oc.reinforce(small.two_measures(), solver="COIN_CMD", method=method)
        except OptichainError:
            pass
        else:
            assert all(claim.ok for claim in oc.verify(small.two_measures(), plan))
            assert plan.status == "feasible" or plan.objective == pytest.approx(0.75)
    assert list(files.iterdir()) == []


@pytest.mark.parametrize("by", [pytest.param("time", marks=pytest.mark.slow), "stop"])
def test_one_that_hangs_is_ended_with_all_that_it_started(
    cbc: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, by: str
) -> None:
    files = cbc("hang")
    monkeypatch.setattr(outside, "LATE", 1.0)
    monkeypatch.setattr(outside, "PARTING", 0.5)
    stop, note = threading.Event(), tmp_path / "note"

    def stop_it() -> None:
        while not (note.exists() and len(note.read_text("utf-8").split()) == 3):
            time.sleep(0.05)
        stop.set()

    if by == "stop":
        threading.Thread(target=stop_it).start()
    began = time.monotonic()
    with pytest.raises(StoppedError, match=r"told to stop|was given [\d.]+ seconds, and did not end in \d+"):
        oc.reinforce(
            small.two_measures(),
            solver="COIN_CMD",
            method="extensive",
            time_limit=12.0 if by == "time" else None,
            stop=stop,
        )
    assert time.monotonic() - began < 60.0
    program, child, _ = note.read_text("utf-8").split()
    end = time.monotonic() + 10.0
    while _alive(program) or _alive(child):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert list(files.iterdir()) == []


def _alive(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        ("#!/bin/sh\n", 0o644, "is not installed here"),
        ("\x7fELF no program", 0o755, "COIN_CMD failed"),
        ("#!/no/such/interpreter\n", 0o755, "COIN_CMD failed"),
    ],
)
def test_one_that_cannot_be_run_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, mode: int, message: str
) -> None:
    (tmp_path / "cbc").write_text(content, encoding="utf-8")
    (tmp_path / "cbc").chmod(mode)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SolverError, match=message):
        oc.reinforce(small.two_measures(), solver="COIN_CMD", method="extensive")


def test_one_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SolverError, match=r"COIN_CMD is not installed here; available: .*HiGHS"):
        oc.reinforce(small.two_measures(), solver="COIN_CMD")


def test_the_processes_of_others_are_left_alone() -> None:
    stop = threading.Event()
    stop.set()
    started: list[subprocess.Popen[bytes]] = []
    sleep = [shutil.which("sleep") or "sleep", "30"]
    with outside.watched(object(), time_limit=None, stop=stop):
        other = threading.Thread(target=lambda: started.append(subprocess.Popen(sleep)))
        other.start()
        other.join()
        time.sleep(0.5)
    assert started[0].poll() is None
    started[0].kill()
    started[0].wait()


def test_what_it_prints_is_not_in_the_json(cbc: Callable[[str], Path], tmp_path: Path) -> None:
    cbc("prints")
    oc.write(small.two_measures(), tmp_path / "case")
    words = ["solve", str(tmp_path / "case"), "--json", "--solver", "COIN_CMD", "--method", "extensive"]
    done = subprocess.run(
        [sys.executable, "-m", "optichain", *words], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "optimal"
