"""The command line as a process: its descriptors, its start-up, its pipes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import optichain


def run(*words: object, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "optichain", *(str(word) for word in words)]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", cwd=folder, timeout=120, check=False
    )


@pytest.mark.parametrize(
    "words", [["solve"], ["stress"], ["solve", "--write-model", "model.mps", "-o", "plan.json"]]
)
def test_standard_output_holds_one_json_object_and_nothing_else(
    pump: Path, tmp_path: Path, words: list[str]
) -> None:
    done = run(words[0], pump, "--json", *words[1:], folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("{")
    assert "acc" in " ".join(json.loads(done.stdout))
    for name in words[1:]:
        if "." in name:
            assert (tmp_path / name).stat().st_size > 0


def test_the_plan_file_is_what_json_prints(pump: Path, tmp_path: Path) -> None:
    done = run("solve", pump, "--json", "-o", "plan.json", folder=tmp_path)
    assert done.stdout == (tmp_path / "plan.json").read_text(encoding="utf-8")


def test_nothing_but_the_result_without_json(pump: Path) -> None:
    done = run("solve", pump, "--quiet")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "HiGHS" not in done.stdout
    assert "second" in done.stdout


def test_version() -> None:
    assert run("--version").stdout.split() == ["optichain", optichain.__version__]


def test_help_imports_nothing_heavy() -> None:
    code = """
import sys
from optichain.cli.root import root
try:
    root.main(["--help"], prog_name="optichain")
except SystemExit:
    pass
heavy = {"altair", "highspy", "jinja2", "networkx", "numpy", "pandas", "pulp", "pydantic", "scipy"} & set(sys.modules)
sys.exit(f"imported: {sorted(heavy)}" if heavy else 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "solve" in done.stdout


def test_a_reader_that_goes_away_is_no_error_to_read_about(pump: Path) -> None:
    command = [sys.executable, "-m", "optichain", "spof", str(pump), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read().decode()
        process.wait(60)
    assert said == ""


def test_a_script_can_run_in_a_locale_without_unicode(pump: Path) -> None:
    (pump / "chains.csv").write_text("chain,title\npumps,水泵\n", encoding="utf-8")
    command = [sys.executable, "-X", "utf8=0", "-m", "optichain", "spof", str(pump)]
    done = subprocess.run(
        command, capture_output=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
