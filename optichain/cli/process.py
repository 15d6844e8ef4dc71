"""What belongs to the process rather than to a command: its descriptors and its signals."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from types import FrameType
from typing import NoReturn, TextIO

from optichain.cli.interruptible import WORKER

__all__ = ["leave", "run"]


LEFT_BEHIND = (WORKER, "optichain-method")
"""Threads that a process does not wait for at its end."""
STOPPED = 6
LEAST_MEMORY = 500_000_000
"""Bytes of address space that loading the numerical libraries takes."""


def run() -> NoReturn:
    """Run the command line as a process of its own."""
    out = None
    try:
        _open_what_is_closed()
        _own_standard_output()
        _insist_on_memory()
        with contextlib.suppress(ValueError):
            signal.signal(signal.SIGTERM, _interrupt)
        out = sys.stdout
        from optichain.cli.root import root

        root.main(prog_name="optichain")
    except KeyboardInterrupt:  # before a command began, or after it ended
        status: object = STOPPED
    except SystemExit as ending:
        status = ending.code
    else:
        status = 0
    _hear_no_more()
    if out is not None:
        _let_go(out)
    if any(thread.name in LEFT_BEHIND for thread in threading.enumerate()):
        leave(status if isinstance(status, int) else 1)
    sys.exit(status if isinstance(status, int) else 1)


def _hear_no_more() -> None:
    """Let no signal print a traceback while the interpreter closes down: the result, or the error, is out."""
    with contextlib.suppress(ValueError):
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)


def _let_go(out: TextIO) -> None:
    """Print what is left; where nobody reads it any more, keep the interpreter from complaining at its end."""
    try:
        out.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())


def _own_standard_output() -> None:
    """Keep standard output for what the command prints on purpose.

    Solvers write banners to file descriptor 1 from compiled code, past ``sys.stdout``. So ``sys.stdout`` writes
    to a copy of what descriptor 1 was, and what is still written to 1 goes nowhere.
    """
    try:
        copy = os.dup(1)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)
    except OSError:
        return
    sys.stdout = os.fdopen(copy, "w", encoding="utf-8", errors="backslashreplace", newline="\n")
    if sys.stderr is not None and hasattr(sys.stderr, "reconfigure"):
        sys.stderr.reconfigure(errors="backslashreplace")


def _open_what_is_closed() -> None:
    """Put nothing in place of descriptors that a caller has closed: a file would take their number, and their prints."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))


def _insist_on_memory() -> None:
    """Refuse to begin where not even the libraries find room: they would try for ever."""
    try:
        import resource
    except ImportError:
        return
    allowed, _ = resource.getrlimit(resource.RLIMIT_AS)
    if allowed != resource.RLIM_INFINITY and allowed < LEAST_MEMORY:
        print(  # noqa: T201
            f"error: this process may use {allowed // 1_000_000} MB of memory (ulimit -v); optichain needs at least "
            f"{LEAST_MEMORY // 1_000_000} MB to begin",
            file=sys.stderr,
        )
        raise SystemExit(1)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """Let SIGTERM end the work as Ctrl-C does."""
    raise KeyboardInterrupt


def leave(status: int) -> NoReturn:
    """End the process at once, with what was printed, without waiting for a solver that does not listen."""
    from optichain.storage.atomic import discard_unfinished

    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    discard_unfinished()
    os._exit(status)
