"""Work that Ctrl-C can end although it is in compiled code."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

__all__ = ["WORKER", "interruptible"]

WORKER = "optichain-work"

Result = TypeVar("Result")


def interruptible(work: Callable[[], Result]) -> Result:
    """Run work beside the main thread, which stays free to hear signals.

    A solver in compiled code keeps a signal waiting until it returns. Here the main thread hears it at once and
    raises KeyboardInterrupt; the worker is a daemon, so it does not hold the process back.

    Parameters
    ----------
    work : callable
        Its result is returned, and what it raises is raised.
    """
    results: list[Result] = []
    errors: list[BaseException] = []

    def target() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    worker = threading.Thread(target=target, name=WORKER, daemon=True)
    worker.start()
    while worker.is_alive():
        worker.join(0.2)
    if errors:
        raise errors[0]
    return results[0]
