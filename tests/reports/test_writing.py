"""Reports as files: the ending tells the format, and a file is written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import optichain as oc
from optichain.cli.root import root
from optichain.errors import UsageError


@pytest.fixture
def plan_file(quickstart: tuple[Any, Any], tmp_path: Path) -> Path:
    oc.write_plan(quickstart[1], tmp_path / "plan.json")
    return tmp_path / "plan.json"


def test_the_command_writes_each_format(plan_file: Path, tmp_path: Path) -> None:
    for name in ("REPORT.HTM", "report.json"):
        done = CliRunner().invoke(root, ["report", "quickstart", str(plan_file), "-o", str(tmp_path / name)])
        assert done.exit_code == 0, done.output
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert text.startswith("<!doctype html>") if "htm" in name.lower() else json.loads(text)["summary"]


@pytest.mark.usefixtures("quick")
def test_solve_writes_a_report_in_chinese(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    arguments = ["solve", "quickstart", "--json", "--report", str(file), "--language", "zh"]
    done = CliRunner().invoke(root, arguments)
    assert done.exit_code == 0
    assert json.loads(done.stdout)["status"] == "optimal"
    assert 'lang="zh-Hans"' in file.read_text(encoding="utf-8")


def test_other_endings_are_refused(quickstart: tuple[Any, Any], tmp_path: Path) -> None:
    for name in ("report.pdf", "report", "report.html.bak"):
        with pytest.raises(UsageError, match="html"):
            oc.write_report(*quickstart, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("quick")
def test_a_failed_report_leaves_what_was_there(
    quickstart: tuple[Any, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "report.html"
    file.write_text("last week's", encoding="utf-8")
    monkeypatch.setattr("os.replace", _refuse)
    with pytest.raises(UsageError, match="nothing was changed"):
        oc.write_report(*quickstart, file)
    assert file.read_text(encoding="utf-8") == "last week's"
    assert list(tmp_path.iterdir()) == [file]


def _refuse(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.usefixtures("quick")
def test_a_place_that_is_not_there(quickstart: tuple[Any, Any], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot write"):
        oc.write_report(*quickstart, tmp_path / "nowhere" / "report.html")
