"""Work spread over workers: order kept, errors told, what is lost done again."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from optichain import cluster
from optichain.errors import SolverError, UsageError
from optichain.spreading import cut, open_executor, spread


def _square(x: int) -> int:
    if x < 0:
        raise SolverError("no root of it")
    return x * x


def test_results_come_in_the_order_of_the_tasks() -> None:
    with ThreadPoolExecutor(3) as pool:
        assert spread(_square, range(20), executor=pool) == [x * x for x in range(20)]


def test_a_list_is_cut_into_few_tasks_for_workers_and_small_ones_here() -> None:
    items = list(range(100))
    with ThreadPoolExecutor(1) as pool:
        tasks = cut(items, executor=pool, size=1)
    assert len(tasks) == 25  # four each: 32 tasks at most
    assert [len(piece) for piece in cut(items, executor=None, size=40)] == [40, 40, 20]
    assert [i for piece in tasks for i in piece] == items
    assert cut([], executor=None, size=40) == []


def test_an_error_of_the_work_itself_is_raised_not_repeated() -> None:
    with ThreadPoolExecutor(2) as pool, pytest.raises(SolverError, match="no root"):
        spread(_square, [1, -1, 2], executor=pool)


def test_an_executor_that_takes_nothing_costs_no_answers() -> None:
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    assert spread(_square, [1, 2, 3], executor=pool) == [1, 4, 9]


def test_jobs_and_a_cluster_exclude_each_other() -> None:
    with pytest.raises(UsageError, match="exclude"), open_executor(jobs=2, cluster="tcp://localhost:1"):
        pass


class Deserted:
    """A Dask client whose scheduler has no worker: what is given out is never done."""

    def __init__(self, workers: int = 0) -> None:
        self.workers, self.given = workers, 0

    def get_executor(self) -> Deserted:
        return self

    def submit(self, fn: Any, /, *args: Any) -> Future[Any]:
        self.given += 1
        future: Future[Any] = Future()
        if self.workers:
            future.set_result(fn(*args))
        return future

    def nthreads(self) -> dict[str, int]:
        return dict.fromkeys(map(str, range(self.workers)), 1)


def test_a_scheduler_without_workers_is_left_alone_until_one_comes_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(cluster, "EVERY", 0.02)
    monkeypatch.setattr(cluster, "PATIENCE", 0.2)
    client = Deserted()
    with cluster.Cluster(client) as workers:
        assert spread(_square, [1, 2, 3], executor=workers) == [1, 4, 9]
        assert client.given == 3  # the second attempt is not even given out
        assert "the scheduler has had no worker" in caplog.text
        client.workers = 1
        end = time.monotonic() + 20.0
        while client.given == 3 and time.monotonic() < end:
            assert spread(_square, [5], executor=workers) == [25]
            time.sleep(0.02)
    assert client.given == 4


def test_workers_that_answer_are_never_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "EVERY", 0.01)
    monkeypatch.setattr(cluster, "PATIENCE", 0.0)
    slow = Deserted(workers=1)
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(slow, "get_executor", lambda: pool)
        with cluster.Cluster(slow) as workers:
            assert spread(_square_slowly, [3], executor=workers) == [9]
            with pytest.raises(SolverError, match="no root"):
                spread(_square, [-1], executor=workers)
    assert slow.given == 0


def _square_slowly(x: int) -> int:
    time.sleep(0.2)
    return x * x
