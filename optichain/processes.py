"""Processes of this machine that work for one run, and end with it."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, TypeVar

__all__ = ["Processes"]

LOG = logging.getLogger(__name__)

Given = ParamSpec("Given")
Result = TypeVar("Result")

RENEWALS = 3
"""Times that lost processes are replaced: what kills a fourth set of them would kill a fifth."""


class Processes(Executor):
    """A pool that is renewed when one of its processes is killed, and whose processes outlive nobody.

    What was being done when a process was killed is lost, as `concurrent.futures` has it; what is submitted afterwards is
    done by new processes. Ctrl-C at a terminal reaches the whole group of processes: here only the one that gave out the
    work hears it. When that one ends, however it ends, its processes end too.

    Parameters
    ----------
    jobs : int
    """

    def __init__(self, jobs: int) -> None:
        # a forked child would inherit the threads of a solver that is already loaded
        self._context = multiprocessing.get_context("spawn")
        self._jobs, self._renewed = jobs, 0
        self._heard, self._held = self._context.Pipe(duplex=False)
        self._pool = self._new()

    def _new(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._jobs, mp_context=self._context, initializer=_end_with, initargs=(self._heard,)
        )

    def submit(
        self, fn: Callable[Given, Result], /, *args: Given.args, **kwargs: Given.kwargs
    ) -> Future[Result]:
        """Give out one call."""
        try:
            return self._pool.submit(fn, *args, **kwargs)
        except BrokenExecutor:
            if self._renewed >= RENEWALS or self._held.closed:
                raise
            self._renewed += 1
            LOG.warning("a process that worked here was killed; new ones take its place")
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = self._new()
            return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the processes end once they have done what they were given."""
        self._pool.shutdown(wait, cancel_futures=cancel_futures)
        self._held.close()

    def end(self) -> None:
        """End the processes at once, whatever they are at."""
        self._held.close()


def _end_with(heard: Connection[Any, Any]) -> None:
    """Make this process deaf to Ctrl-C, and let it end when nobody holds the other end of a pipe any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def wait() -> None:
        try:
            heard.recv()
        except (EOFError, OSError):
            os._exit(1)

    threading.Thread(target=wait, name="optichain-end", daemon=True).start()
