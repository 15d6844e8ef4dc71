"""Processes for commands that spread work."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor

__all__ = ["spread"]


@contextlib.contextmanager
def spread(jobs: int) -> Iterator[Executor | None]:
    """Yield an executor of some processes, or None where one is enough.

    The processes are started anew: a copy of a process with threads may stand still.
    """
    if jobs <= 1:
        yield None
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    executor = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
