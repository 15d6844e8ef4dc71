"""The commands as a set: all found, all documented, all repeatable from the plan's provenance."""

from __future__ import annotations

import json
import logging
import shlex
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import Result

import optichain.cli
from optichain.cli.root import COMMANDS, module_of, root
from optichain.cli.tables import money, percent

Call = Callable[..., Result]

NAMES = [name for names in COMMANDS.values() for name in names]
SHARED = {
    "endings",
    "interruptible",
    "options",
    "output",
    "evidenceview",
    "planview",
    "process",
    "root",
    "searching",
    "tables",
}


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("optichain", "optichain_solvers", "optichain_reports")]
    before = [(logger.handlers, logger.level, logger.propagate) for logger in loggers]
    yield
    for logger, (handlers, level, propagate) in zip(loggers, before, strict=True):
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


def test_every_file_is_a_command_or_shared() -> None:
    files = {file.stem for file in Path(optichain.cli.__file__).parent.glob("*.py")} - {"__init__"}
    assert files == set(map(module_of, NAMES)) | SHARED


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help_and_json(call: Call, name: str) -> None:
    result = call(name, "--help")
    assert result.exit_code == 0
    assert "--json" in result.stdout
    command: click.Command = import_module(f"optichain.cli.{module_of(name)}").command
    undocumented = [
        p.name
        for p in command.params
        if isinstance(p, click.Option) and not (p.help and p.help.endswith("."))
    ]
    assert undocumented == []


def test_the_documentation_names_every_option(checkout: Path) -> None:
    page = (checkout / "docs" / "command-line.md").read_text(encoding="utf-8")
    for name in NAMES:
        assert f"`{name}" in page
        command = root.get_command(click.Context(root), name)
        assert command is not None
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert f"`{max(parameter.opts, key=len)}" in page, f"{name}: {parameter.opts}"


def test_provenance_repeats_the_call(call: Call, pump: Path) -> None:
    words = [
        "solve",
        str(pump),
        "--budget",
        "5,7.5",
        "--fix",
        "stock=1",
        "--solver-option",
        "presolve=on",
        "--json",
    ]
    said = json.loads(call(*words).stdout)["provenance"]["command"]
    assert shlex.split(said) == ["optichain", *words[:-1]]
    assert json.loads(call(*shlex.split(said)[1:], "--json").stdout)["provenance"]["command"] == said


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_completion_scripts_call_back(call: Call, shell: str) -> None:
    assert f"_OPTICHAIN_COMPLETE={shell}_complete" in call("completion", shell).stdout


def test_doctor_lists_what_is_installed(call: Call) -> None:
    found = json.loads(call("doctor", "--json").stdout)
    installed = {row["package"]: row["installed"] for row in found["dependencies"]}
    assert installed["highspy"]
    assert all(installed.values())
    assert "HiGHS" in found["solvers"]
    assert "extensive" in [row["name"] for row in found["methods"]]


def test_percent_claims_neither_all_nor_nothing_falsely() -> None:
    assert percent(0.5) == "50.0 %"
    assert percent(1.0) == "100.0 %"
    assert percent(0.99996) == "99.996 %"
    assert percent(0.0) == "0.0 %"
    assert percent(0.0003) == "0.03 %"
    assert percent(1.0231) == "102.3 %"
    assert percent(1e-9) == "< 0.0001 %"
    assert percent(1.0 - 1e-9) == "> 99.9999 %"
    assert percent(1.0 + 1e-9) == "< 100.0001 %"
    assert percent(float("nan")) == "-"


def test_money_is_rounded_to_what_is_read() -> None:
    assert money(1234567.8) == "1,234,568"
    assert money(12.345) == "12.35"
    assert money(0.0) == "0"
    assert money(float("inf")) == "never"
    assert money(None) == "-"


def test_tables_for_people_are_printed(call: Call, pump: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    solved = call("solve", pump, "-o", plan).stdout
    for text in ("66.7 % before, 76.7 %", "Qualify foundry two", "80.0 %"):
        assert text in solved
    assert "Foundry one" in call("spof", pump).stdout
    assert "site:F1" in call("stress", pump).stdout
    assert "claims hold" in call("verify", pump, plan).stdout
    assert "sources" in call("info", pump).stdout
