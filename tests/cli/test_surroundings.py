"""Odd surroundings of a process: no folder to stand in, names that are no text, terminals a few signs wide."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import optichain
from optichain.cli.root import COMMANDS

Call = Callable[..., Result]

BYTES = os.fsdecode(b"caf\xe9")
"""A name of a file that is no text in UTF-8, as old disks and archives have them."""


@pytest.mark.skipif(os.name != "posix" or sys.platform == "darwin", reason="names of files are text here")
@pytest.mark.parametrize("kind", ["html", pytest.param("docx", marks=pytest.mark.slow), "xlsx"])
def test_names_that_are_no_text_cost_no_plan(call: Call, pump: Path, tmp_path: Path, kind: str) -> None:
    instance, plan, report = pump.rename(tmp_path / BYTES), tmp_path / f"{BYTES}.json", tmp_path / f"r.{kind}"
    assert call("solve", instance, "-o", plan, "--report", report).exit_code == 0
    assert "caf\\xe9" in optichain.load_plan(plan).provenance["command"]
    assert report.stat().st_size > 1000
    assert call("verify", instance, plan).exit_code == 0


@pytest.mark.skipif(os.name != "posix", reason="the folder of a running process cannot be removed here")
@pytest.mark.parametrize(
    "words", [["check", "CASE", "-o", "x.json"], pytest.param(["solve", "CASE"], marks=pytest.mark.slow)]
)
def test_a_folder_that_was_removed_is_told(pump: Path, tmp_path: Path, words: list[str]) -> None:
    """PuLP asks for it even where no file of it is named."""
    gone = tmp_path / "gone"
    gone.mkdir()
    given = [str(pump) if word == "CASE" else word for word in words]
    code = f"import os; os.rmdir({str(gone)!r}); from optichain.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *given],
        cwd=gone,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1
    assert "the folder in which this runs has been removed" in done.stderr


@pytest.mark.parametrize("name", [name for names in COMMANDS.values() for name in names])
def test_help_fits_any_terminal(call: Call, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    assert call(name, "--help").exit_code == 0


@pytest.mark.skipif(os.name != "posix", reason="a pipe that is closed raises another error here")
@pytest.mark.parametrize("words", [["solve", "CASE", "-o", "OUT"], ["spof", "CASE", "-o", "OUT", "--json"]])
def test_a_pipe_that_is_closed_early_costs_no_file(pump: Path, tmp_path: Path, words: list[str]) -> None:
    """As by `| head -1`; without a home, and with a locale that has no letters but ASCII."""
    out = tmp_path / "泵.json"
    given = [{"CASE": str(pump), "OUT": str(out)}.get(word, word) for word in words]
    bare = {"PATH": os.environ["PATH"], "LANG": "C", "LC_ALL": "C"}
    path = os.pathsep.join(filter(None, sys.path))
    process = subprocess.Popen(
        [sys.executable, "-m", "optichain", *given],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**bare, "PYTHONPATH": path},
    )
    assert process.stdout is not None and process.stderr is not None  # noqa: PT018
    process.stdout.close()
    said = process.stderr.read().decode("utf-8", "replace")
    assert process.wait(120) in (0, 1)
    assert "Traceback" not in said
    assert "Exception ignored" not in said
    assert out.stat().st_size > 100


@pytest.mark.skipif(sys.platform != "linux", reason="names of files have all letters here")
def test_a_locale_without_letters_is_told(pump: Path, tmp_path: Path) -> None:
    path = os.pathsep.join(filter(None, sys.path))
    bare = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "optichain", "spof", pump, "-o", tmp_path / "泵.json"],
        env={**bare, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "set LANG=C.UTF-8" in done.stderr
