"""Write into pages what their commands print now: ``python tests/documentation/refresh.py docs/tutorials/*.md``.

Read the difference before you commit it: a number that moved is a finding. What a page leaves out with ``...`` stays
left out as long as the rest still holds.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests")]

from documentation.pages import Block, Reader, blocks_of, matches, turns_of  # noqa: E402


def refresh(page: Path) -> None:
    """Follow a page to its end, and put what is printed where it is shown."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "reader"
        folder.mkdir()
        (folder / "instances").symlink_to(ROOT / "instances")
        reader = Reader(folder)
        lines = page.read_text(encoding="utf-8").splitlines()
        added = 0
        for block in blocks_of(page):
            if block.elsewhere:
                continue
            length = len(block.text.splitlines())
            if block.language == "console":
                now = _console(reader, block)
            elif block.language == "pycon":
                now = _pycon(reader, block)
            else:
                wrong = reader.follow(block)
                if wrong is not None:
                    raise SystemExit(f"{page}, line {block.line}: {wrong}")
                continue
            start = block.line + added
            lines[start : start + length] = now
            added += len(now) - length
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _console(reader: Reader, block: Block) -> list[str]:
    now: list[str] = []
    for command, shown in turns_of(block):
        status, printed = reader.run(command)
        if status != block.exit_status:
            raise SystemExit(f"{command}: exit status {status}\n{printed}")
        first, *rest = command.split("\n")
        now += [f"$ {first}", *(f"> {line}" for line in rest)]
        now += shown if shown and matches(shown, printed) else _tidy(printed)
    return now


def _pycon(reader: Reader, block: Block) -> list[str]:
    now: list[str] = []
    for example in doctest.DocTestParser().get_examples(block.text):
        first, *rest = example.source.rstrip("\n").split("\n")
        told = io.StringIO()
        with contextlib.chdir(reader.folder), contextlib.redirect_stdout(told):
            exec(compile(example.source, f"line {block.line}", "single"), reader.names)
        now += [f">>> {first}", *(f"... {line}" for line in rest), *_tidy(told.getvalue())]
    return now


def _tidy(printed: str) -> list[str]:
    """Return lines without white space at their ends, without blank lines around them or two of them together."""
    lines = [line.rstrip() for line in printed.strip("\n").splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    return [line for place, line in enumerate(lines) if line or (place and lines[place - 1])]


if __name__ == "__main__":
    for name in sys.argv[1:]:
        refresh(Path(name))
