"""Work that Ctrl-C can end although it is in compiled code."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["WORKER", "interruptible"]

WORKER = "optichain-work"
GRACE = 60.0

Result = TypeVar("Result")


def interruptible(
    work: Callable[[threading.Event], Result],
    on_signal: Callable[[], None] | None = None,
    *,
    grace: float = GRACE,
) -> Result:
    """Run work beside the main thread, which stays free to hear signals.

    A solver in compiled code keeps a signal waiting until it returns. Here the main thread hears the first at once,
    and asks the work to end with what it has. After a second signal, or the grace time, it waits no longer; the
    worker is a daemon, so it does not hold the process back.

    Parameters
    ----------
    work : callable
        Given the event that asks it to end. Its result is returned, and what it raises is raised.
    on_signal : callable, optional
        Called at the first signal.
    grace : float
        Seconds that the work has to end after the first signal.

    Raises
    ------
    KeyboardInterrupt
        The work did not end in time.
    """
    stop = threading.Event()
    results: list[Result] = []
    errors: list[BaseException] = []

    def target() -> None:
        try:
            results.append(work(stop))
        except BaseException as error:
            errors.append(error)
        finally:
            done.set()

    # a signal during Thread.join can make a living thread look dead (Python 3.11), so wait for an event
    done = threading.Event()
    threading.Thread(target=target, name=WORKER, daemon=True).start()
    try:
        _wait(done)
    except KeyboardInterrupt:
        stop.set()
        if on_signal is not None:
            on_signal()
        _wait(done, grace)
        if not done.is_set():
            raise
    if errors:
        raise errors[0]
    return results[0]


def _wait(done: threading.Event, seconds: float = float("inf")) -> None:
    """Wait in short steps: a long wait would not hear signals everywhere."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not done.wait(0.1):
        pass
