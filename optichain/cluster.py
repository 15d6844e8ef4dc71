"""Workers of a Dask scheduler, as long as there are any."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, InvalidStateError
from typing import Any, ParamSpec, TypeVar

__all__ = ["Cluster"]

LOG = logging.getLogger(__name__)

Given = ParamSpec("Given")
Result = TypeVar("Result")

PATIENCE = 60.0
"""Seconds that work waits for a first worker, or for one to come back."""
EVERY = 2.0


class Cluster(Executor):
    """Gives work to the workers of a scheduler; work that nobody is left to do fails.

    Dask waits for workers for ever and says nothing. Here, once there has been none for `PATIENCE` seconds, what was given
    out fails and nothing more is taken until one comes back, so that the work is done elsewhere.

    Parameters
    ----------
    client : distributed.Client
    """

    def __init__(self, client: Any) -> None:
        self._client, self._workers = client, client.get_executor()
        self._waiting: set[Future[Any]] = set()
        self._deserted, self._over = False, threading.Event()
        threading.Thread(target=self._watch, name="optichain-cluster", daemon=True).start()

    def submit(
        self, fn: Callable[Given, Result], /, *args: Given.args, **kwargs: Given.kwargs
    ) -> Future[Result]:
        """Give out one call."""
        if self._deserted:
            raise BrokenExecutor("no worker is left")
        mine: Future[Result] = Future()
        theirs: Future[Result] = self._workers.submit(fn, *args, **kwargs)
        self._waiting.add(mine)

        def hand_on(done: Future[Result]) -> None:
            self._waiting.discard(mine)
            with contextlib.suppress(InvalidStateError):  # given up meanwhile
                if done.cancelled():
                    mine.set_exception(BrokenExecutor("the scheduler was lost"))
                elif (error := done.exception()) is not None:
                    mine.set_exception(error)
                else:
                    mine.set_result(done.result())

        def give_up(done: Future[Result]) -> None:
            if done.cancelled() or done.exception() is not None:
                theirs.cancel()

        theirs.add_done_callback(hand_on)
        mine.add_done_callback(give_up)
        return mine

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Watch no more; the workers are not ours, and go on."""
        self._over.set()

    def _watch(self) -> None:
        """Ask for workers now and then, as long as somebody waits for one."""
        since: float | None = None
        while not self._over.wait(EVERY):
            if not self._waiting and not self._deserted:
                since = None
            elif self._has_workers():
                since, self._deserted = None, False
            elif since is None:
                since = time.monotonic()
            elif time.monotonic() - since >= PATIENCE and not self._deserted:
                LOG.warning(
                    "the scheduler has had no worker for %.0f seconds: the work goes on here", PATIENCE
                )
                self._deserted = True
                for future in list(self._waiting):
                    with contextlib.suppress(InvalidStateError):
                        future.set_exception(BrokenExecutor("no worker is left"))

    def _has_workers(self) -> bool:
        try:
            return bool(self._client.nthreads())
        except Exception as error:  # whatever Dask makes of a scheduler that is gone
            LOG.info("the scheduler does not answer: %s", error)
            return False
