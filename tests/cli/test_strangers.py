"""Methods and report formats of other distributions, which print, hang, crash or cannot be loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

CODE = """
import os, sys, time

print("imported, and proud of it")
os.write(1, b"from compiled code\\n")


class Method:
    name = "odd"

    def solve(self, problem, *, stop=None, **options):
        print("solving")
        os.write(1, b"solving in compiled code\\n")
        if os.environ["ODD"] == "hangs":
            time.sleep(600)
        if os.environ["ODD"] == "fails":
            raise KeyError("somebody's defect")
        from optichain_solvers.extensive.solver import ExtensiveSolver

        return ExtensiveSolver().solve(problem, **options)


class Format:
    name = "odd"

    def write(self, instance, plan, path, *, language):
        print("writing")
        os.write(1, b"writing in compiled code\\n")
        path.write_text("a report")
"""

POINTS = """\
[optichain.solvers]
odd = stranger:Method
gone = stranger:Nothing

[optichain.reports]
odd = stranger:Format
gone = no_such_module:Format
"""

HURRIED = (
    "import optichain.design.answers as a; a.LATE = a.DEAF = 0.5; from optichain.cli import main; main()"
)


def run(
    folder: Path, *words: object, odd: str = "prints", code: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command where the distribution of a stranger is installed."""
    stranger = folder / "stranger"
    (stranger / "stranger-1.dist-info").mkdir(parents=True, exist_ok=True)
    (stranger / "stranger.py").write_text(CODE, encoding="utf-8")
    (stranger / "stranger-1.dist-info" / "entry_points.txt").write_text(POINTS, encoding="utf-8")
    (stranger / "stranger-1.dist-info" / "METADATA").write_text(
        "Name: stranger\nVersion: 1\n", encoding="utf-8"
    )
    path = os.pathsep.join([str(stranger), *filter(None, sys.path)])
    start = ["-m", "optichain"] if code is None else ["-c", code]
    return subprocess.run(
        [sys.executable, *start, *(str(word) for word in words)],
        env={**os.environ, "PYTHONPATH": path, "ODD": odd},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_what_strangers_print_is_not_in_the_json(pump: Path, tmp_path: Path) -> None:
    done = run(
        tmp_path, "solve", pump, "--method", "odd", "--json", "-o", "plan.json", "--report", "report.odd"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["provenance"]["method"] == "odd"
    assert (tmp_path / "report.odd").read_text(encoding="utf-8") == "a report"
    assert done.stdout == (tmp_path / "plan.json").read_text(encoding="utf-8")


@pytest.mark.slow
def test_one_that_hangs_is_given_up(pump: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    words = ("solve", pump, "--method", "odd", "--time-limit", "0.5", "-o", "plan.json")
    done = run(tmp_path, *words, odd="hangs", code=HURRIED)
    assert done.returncode == 6, done.stderr
    assert "it was given up" in done.stderr
    assert "Traceback" not in done.stderr
    assert time.monotonic() - began < 60.0
    assert not (tmp_path / "plan.json").exists()


@pytest.mark.slow
def test_one_that_fails_or_cannot_be_loaded_is_named(pump: Path, tmp_path: Path) -> None:
    failed = run(tmp_path, "solve", pump, "--method", "odd", odd="fails")
    assert failed.returncode == 1
    assert "the method odd failed: KeyError: " in failed.stderr
    assert "defect of optichain" not in failed.stderr
    gone = run(tmp_path, "solve", pump, "--method", "gone")
    assert gone.returncode == 1
    assert "the method gone (stranger:Nothing) cannot be loaded: AttributeError" in gone.stderr
    unknown = run(tmp_path, "solve", pump, "--method", "none")
    assert unknown.returncode == 2
    assert "expected one of auto, extensive, gone, lshaped, odd, portfolio" in " ".join(
        unknown.stderr.split()
    )
    report = run(tmp_path, "solve", pump, "--report", "report.gone")
    assert report.returncode == 2
    assert "the format .gone (no_such_module:Format) cannot be loaded" in report.stderr
    doctor = run(tmp_path, "doctor", "--json")
    assert doctor.returncode == 1
    assert len(json.loads(doctor.stdout)["problems"]) == 2
