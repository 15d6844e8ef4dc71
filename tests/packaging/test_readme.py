"""What the README shows is what the commands print."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from optichain.cli.root import root


def _blocks(text: str) -> list[tuple[str, list[str]]]:
    """Return each shown command with the lines that follow it."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        command, *lines = block.splitlines()
        found.append((command.removeprefix("$ "), [line.rstrip() for line in lines if line.strip()]))
    return found


def test_the_output_shown_is_real(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = _blocks((checkout / "README.md").read_text(encoding="utf-8"))
    assert len(blocks) >= 3
    for command, shown in blocks:
        _, *words = shlex.split(command)
        result = CliRunner().invoke(root, words, prog_name="optichain")
        assert result.exit_code == 0, result.output
        printed = {_squeezed(line) for line in result.stdout.splitlines()}
        missing = [line for line in shown if _squeezed(line) not in printed]
        assert missing == [], (command, result.stdout)


def _squeezed(line: str) -> str:
    """Fold white space and rules, whose widths follow the terminal."""
    return " ".join(re.sub("─+", "─", line).split())


def test_the_tour_runs(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (checkout / "README.md").read_text(encoding="utf-8")
    tour = re.search(r"<!-- tour: begin -->\n```bash\n(.*?)```", text, re.DOTALL)
    assert tour is not None
    for line in tour.group(1).splitlines():
        _, *words = shlex.split(line, comments=True)
        result = CliRunner().invoke(root, words, prog_name="optichain")
        assert result.exit_code == 0, (line, result.output)
    assert (tmp_path / "report.html").stat().st_size > 10_000
