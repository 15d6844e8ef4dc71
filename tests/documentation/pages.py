"""The code blocks of the documentation, run as a reader runs them: in order, in one folder, a page at a time.

What a block is for stands in its language: ``console`` (commands with ``$``, and what they print), ``bash`` (commands
alone), ``python`` (run in order, with the names of the page), ``pycon`` (with what it prints), ``toml``, ``json`` and
``csv`` (files, which must be sound), ``text`` (no code). An HTML comment on the line before a block says what is
special about it: ``<!-- slow -->``, ``<!-- exit: 3 -->``, ``<!-- install -->``, ``<!-- command: NAME -->``. In what is
printed ``...`` alone on a line stands for any lines.
"""

from __future__ import annotations

import contextlib
import csv
import doctest
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from optichain.cli.root import root

LANGUAGES = ("console", "bash", "python", "pycon", "toml", "json", "css", "html", "text")
WIDTH = "120"
PROGRESS = re.compile(r"\w[\w ]*: \d+:\d\d:\d\d, ")
"""What a search of more than half a minute says of how far it is, on a slow machine."""


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    language: str
    text: str
    line: int
    mark: str

    @property
    def exit_status(self) -> int:
        """The status that its commands end with."""
        found = re.search(r"exit: (\d+)", self.mark)
        return int(found.group(1)) if found else 0

    @property
    def elsewhere(self) -> bool:
        """Whether something else runs it: the check of the whole repository, or the test of a fresh environment."""
        return self.mark.startswith(("install", "command:"))


def blocks_of(page: Path) -> list[Block]:
    """Return the code blocks of a page; directives such as ```` ```{toctree} ```` are none."""
    found: list[Block] = []
    lines = page.read_text(encoding="utf-8").splitlines()
    opened: tuple[str, int, str] | None = None
    inside: list[str] = []
    for number, line in enumerate(lines, 1):
        fence = re.fullmatch(r"```(\S*).*", line)
        if opened is None and fence:
            before = lines[number - 2].strip() if number > 1 else ""
            mark = re.fullmatch(r"<!-- (.*) -->", before)
            opened, inside = (fence.group(1), number, mark.group(1) if mark else ""), []
        elif opened is not None and line == "```":
            language, start, mark_text = opened
            if not language.startswith("{"):
                found.append(Block(language, "\n".join(inside) + "\n", start, mark_text))
            opened = None
        elif opened is not None:
            inside.append(line)
    return found


def turns_of(block: Block) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of a console block with the lines shown after it."""
    command: list[str] = []
    shown: list[str] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            if command:
                yield "\n".join(command), shown
            command, shown = [line[2:]], []
        elif line.startswith("> ") and command and not shown:
            command.append(line[2:])
        else:
            shown.append(line)
    if command:
        yield "\n".join(command), shown


@dataclass
class Reader:
    """Somebody who follows one page literally.

    Attributes
    ----------
    folder : Path
        Where the commands are given.
    path : str or None
        Where programs are found, for commands in processes of their own; ``None`` runs ``optichain`` in this one.
    """

    folder: Path
    path: str | None = None
    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "__main__"})

    def follow(self, block: Block) -> str | None:
        """Run a block; return what is wrong, or nothing."""
        if block.language not in LANGUAGES:
            return f"unknown language {block.language!r}"
        run = getattr(self, f"_{block.language}", None)
        return None if run is None else run(block)

    def run(self, command: str) -> tuple[int, str]:
        """Return the exit status of a command and all that it prints."""
        plain = not re.search(r"[|<>;&$`*\n]", command) and command.startswith("optichain ")
        if self.path is None and plain:
            with contextlib.chdir(self.folder):
                result = CliRunner(env={"COLUMNS": WIDTH}).invoke(
                    root, shlex.split(command, comments=True)[1:], prog_name="optichain"
                )
            return result.exit_code, result.output
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.folder,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def _environment(self) -> Mapping[str, str]:
        if self.path is not None:
            clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
            return {**clean, "PATH": self.path, "COLUMNS": WIDTH}
        programs = self.folder.parent / "programs"
        programs.mkdir(exist_ok=True)
        for name, words in {"optichain": "-m optichain", "python": "", "python3": ""}.items():
            program = programs / name
            program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {words} "$@"\n')
            program.chmod(0o755)
        packages = os.pathsep.join(p for p in sys.path if p)
        return {
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": packages,
            "COLUMNS": WIDTH,
        }

    def _console(self, block: Block) -> str | None:
        for command, shown in turns_of(block):
            status, printed = self.run(command)
            if status != block.exit_status:
                return f"{command}: exit status {status}, not {block.exit_status}\n{printed}"
            if not matches(shown, printed):
                return f"{command}: prints\n{printed}"
        return None

    def _bash(self, block: Block) -> str | None:
        commands = block.text.splitlines()
        if not all(line.startswith("optichain ") for line in commands):
            commands = [block.text]
        for command in commands:
            status, printed = self.run(command)
            if status != block.exit_status:
                return f"{command}: exit status {status}, not {block.exit_status}\n{printed}"
        return None

    def _python(self, block: Block) -> str | None:
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(io.StringIO()):
            exec(compile(block.text, f"line {block.line}", "exec"), self.names)
        return None

    def _pycon(self, block: Block) -> str | None:
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        test = doctest.DocTestParser().get_doctest(block.text, self.names, "page", "page", block.line)
        told = io.StringIO()
        with contextlib.chdir(self.folder):
            doctest.DocTestRunner(optionflags=flags, verbose=False).run(
                test, out=told.write, clear_globs=False
            )
        self.names.update(test.globs)
        return told.getvalue() or None

    def _toml(self, block: Block) -> str | None:
        tomllib.loads(block.text)
        return None

    def _json(self, block: Block) -> str | None:
        json.loads(block.text)
        return None

    def _csv(self, block: Block) -> str | None:
        widths = {len(row) for row in csv.reader(io.StringIO(block.text), strict=True)}
        return None if len(widths) == 1 else f"rows of {sorted(widths)} cells"


def matches(shown: list[str], printed: str) -> bool:
    """Whether the lines shown are those printed, but for white space, rules, progress and lines left out."""
    wanted = [_squeezed(line) for line in shown if line.strip()]
    lines = [_squeezed(line) for line in printed.splitlines() if line.strip() and not PROGRESS.match(line)]
    pattern = "".join(r"(?:.*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in wanted)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in lines)) is not None


def _squeezed(line: str) -> str:
    """Fold white space, and rules, whose widths follow the terminal."""
    return " ".join(re.sub("─+", "─", line).split())
