"""Run a command, end it at some moment, and tell what it left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Left", "interrupted"]


@dataclass(frozen=True)
class Left:
    """What a command left: its exit status, what it said, the seconds that it took, the names in its folder."""

    status: int
    said: str
    seconds: float
    names: frozenset[str]


def interrupted(words: list[str], folder: Path, *, after: float | None, number: signal.Signals) -> Left:
    """Run a command in a folder; after some seconds send a signal to its process, unless it has ended."""
    command = [sys.executable, "-m", "optichain", *words]
    began = time.monotonic()
    environment = {**os.environ, "TMPDIR": str(folder)}
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            out, said = process.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            process.send_signal(number)
            out, said = process.communicate(timeout=120)
    names = frozenset(str(p.relative_to(folder)) for p in folder.rglob("*"))
    return Left(process.returncode, out + said, time.monotonic() - began, names)
