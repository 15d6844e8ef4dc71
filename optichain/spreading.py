"""Work spread over cores or machines: the answer never depends on who computed it (4).

A task is a function of a module and data that pickle; what it returns is the same wherever it runs. A worker that is
lost costs time: its tasks are given out once more, and what is still missing then is computed here.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from typing import Any, TypeVar

from optichain.errors import MissingExtraError, UsageError

__all__ = ["Progress", "cut", "open_executor", "spread"]

LOG = logging.getLogger(__name__)

Task = TypeVar("Task")
Result = TypeVar("Result")

Progress = Callable[[int, int], None]
"""Called with what is done and what there is to do, in pieces of work (events, elements)."""

TASKS = 32
"""Into about how many tasks a long list is cut for an executor: a task costs a message, too few leave a worker idle."""
ATTEMPTS = 2
REACH_SECONDS = 30.0


def cut(items: Sequence[Task], *, executor: Executor | None, size: int) -> list[Sequence[Task]]:
    """Cut a list into the pieces that are given to `spread`, in order.

    Parameters
    ----------
    items : sequence
    executor : concurrent.futures.Executor or None
        With one there are at most `TASKS` pieces, however many workers it has.
    size : int
        Of a piece where there is none, so that progress is told between pieces.
    """
    each = size if executor is None else max(-(-len(items) // TASKS), 1)
    return [items[start : start + each] for start in range(0, len(items), each)]


def spread(
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    *,
    executor: Executor | None = None,
    sizes: Sequence[int] | None = None,
    progress: Progress | None = None,
) -> list[Result]:
    """Return the results of all tasks, in their order.

    Parameters
    ----------
    function : callable
        Of one task; importable by name where an executor is used.
    tasks : sequence
    executor : concurrent.futures.Executor, optional
        A process pool, a Dask client's ``get_executor()``; without one the tasks are done here, one by one.
    sizes : sequence of int, optional
        Pieces of work in each task, for `progress`; 1 by default.
    progress : callable, optional

    Raises
    ------
    Exception
        What the function raises. What happens to a worker or on the way to it is no error: the task is done again.
    """
    weight = [1] * len(tasks) if sizes is None else list(sizes)
    total, done = sum(weight), 0
    results: dict[int, Result] = {}

    def finished(number: int, result: Result) -> None:
        nonlocal done
        results[number] = result
        done += weight[number]
        if progress is not None:
            progress(done, total)

    for attempt in range(ATTEMPTS if executor is not None else 0):
        missing = [number for number in range(len(tasks)) if number not in results]
        if missing and executor is not None:
            _give_out(function, tasks, missing, executor, finished)
        lost = len(tasks) - len(results)
        if lost:
            LOG.warning(
                "%d of %d tasks were lost with their workers (attempt %d)", lost, len(tasks), attempt + 1
            )
    for number, task in enumerate(tasks):
        if number not in results:
            finished(number, function(task))
    return [results[number] for number in range(len(tasks))]


def _give_out(
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    numbers: Sequence[int],
    executor: Executor,
    finished: Callable[[int, Result], None],
) -> None:
    """Give tasks to an executor and take what comes back; tasks that are lost on the way are left out."""
    futures: dict[Future[Any], int] = {}
    try:
        for number in numbers:
            futures[executor.submit(_answer, function, tasks[number])] = number
    except Exception as error:
        LOG.info("an executor takes no more tasks: %s", error)
    try:
        for future in as_completed(futures):
            try:
                answer, fault = future.result()
            except Exception as lost:
                LOG.info("a task was lost: %s", lost)
                continue
            if fault is not None:
                raise fault
            finished(futures[future], answer)
    except BaseException:
        for future in futures:
            future.cancel()
        raise


def _answer(function: Callable[[Task], Result], task: Task) -> tuple[Result | None, Exception | None]:
    """Run a task where it is; tell an error of the function from the loss of a worker."""
    try:
        return function(task), None
    except Exception as error:
        return None, error


@contextlib.contextmanager
def open_executor(*, jobs: int = 1, cluster: str | None = None) -> Iterator[Executor | None]:
    """Give an executor for a number of processes on this machine, or for a Dask scheduler; ``None`` for one process.

    Parameters
    ----------
    jobs : int
        Processes on this machine; 1 computes here.
    cluster : str, optional
        Address of a Dask scheduler, such as ``tcp://10.0.0.5:8786``, whose workers have optichain installed.

    Raises
    ------
    MissingExtraError
        Dask is not installed.
    UsageError
        Both are asked for, or the scheduler does not answer.
    """
    if cluster is not None and jobs != 1:
        raise UsageError("--jobs and --cluster exclude each other: a cluster has its own workers")
    if cluster is not None:
        with _client(cluster) as client:
            from optichain.cluster import Cluster

            with Cluster(client) as workers:
                yield workers
    elif jobs > 1:
        from optichain.processes import Processes

        pool = Processes(jobs)
        try:
            yield pool
        except BaseException:
            pool.end()
            raise
        finally:
            pool.shutdown(cancel_futures=True)
    else:
        yield None


@contextlib.contextmanager
def _client(address: str) -> Iterator[Any]:
    try:
        import distributed
    except ImportError:
        raise MissingExtraError("--cluster", "cluster") from None
    try:
        make: Any = distributed.Client
        client = make(address, timeout=REACH_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageError(f"no Dask scheduler answers at {address!r}: {error}") from None
    try:
        yield client
    finally:
        client.close()
