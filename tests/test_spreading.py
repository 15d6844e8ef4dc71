"""Work spread over workers: order kept, errors told, what is lost done again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

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
