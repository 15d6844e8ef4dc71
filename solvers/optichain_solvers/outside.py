"""Programs that PuLP starts to solve a model: ended when their time is over, and nothing of theirs left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from typing import Any

__all__ = ["Ended", "watched"]

LATE, LATE_SHARE = 15.0, 0.1
"""Seconds, or share of its time limit, that a program may be late."""
PARTING = 5.0
"""Seconds that a program has to write down what it found, once it is told to stop."""


class Ended:
    """Whether a program had to be ended, and why.

    Attributes
    ----------
    reason : str
        Empty: it ended by itself.
    """

    reason = ""


@contextlib.contextmanager
def watched(engine: Any, *, time_limit: float | None, stop: threading.Event | None) -> Iterator[Ended]:
    """Watch over what this thread starts within a block.

    A program that is told to stop, or is late, gets the signal of Ctrl-C, at which most solvers hand over what they have;
    a few seconds later it is killed, with all that it started. Its files go to a folder of its own, which is removed.

    Parameters
    ----------
    engine : pulp.LpSolver
    time_limit : float, optional
        Seconds that the program was given.
    stop : threading.Event, optional

    Notes
    -----
    PuLP keeps the processes that it starts to itself, so that they are noted on their way, in `subprocess`.
    """
    ended, over = Ended(), threading.Event()
    programs: list[subprocess.Popen[Any]] = []
    owner, plain = threading.get_ident(), subprocess.Popen

    class Noted(plain):  # type: ignore[misc, valid-type]
        def __init__(self, *words: Any, **more: Any) -> None:
            ours = threading.get_ident() == owner
            if ours and os.name == "posix":
                more["start_new_session"] = True  # what it starts is ended with it
            super().__init__(*words, **more)
            if ours:
                programs.append(self)

    def watch() -> None:
        began = time.monotonic()
        end = float("inf") if time_limit is None else began + time_limit + max(LATE, LATE_SHARE * time_limit)
        while not over.wait(0.1):
            if stop is not None and stop.is_set():
                ended.reason = "it was told to stop"
            elif time.monotonic() >= end:
                ended.reason = f"it was given {time_limit:.3g} seconds, and did not end in {end - began:.0f}"
            else:
                continue
            _send(programs, signal.SIGINT)
            over.wait(PARTING)
            _send(programs, getattr(signal, "SIGKILL", signal.SIGTERM))
            return

    watcher = threading.Thread(target=watch, name="optichain-watch", daemon=True)
    with tempfile.TemporaryDirectory(prefix="optichain-", ignore_cleanup_errors=True) as folder:
        if hasattr(engine, "tmpDir"):
            engine.tmpDir = folder
        subprocess.Popen = Noted  # type: ignore[misc]
        watcher.start()
        try:
            yield ended
        finally:
            subprocess.Popen = plain  # type: ignore[misc]
            over.set()
            watcher.join()
            _send(programs, getattr(signal, "SIGKILL", signal.SIGTERM))


def _send(programs: list[subprocess.Popen[Any]], number: int) -> None:
    """Send a signal to programs that still run, and to all that they started."""
    for program in programs:
        if program.poll() is not None:
            continue
        with contextlib.suppress(OSError):
            if os.name == "posix":
                os.killpg(program.pid, number)
            else:
                program.terminate()
