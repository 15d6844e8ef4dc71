"""A Dask cluster whose workers die gives the same JSON as one process."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

import optichain as oc
import strategies


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_costs_time_not_answers() -> None:
    distributed = pytest.importorskip("distributed", reason="Dask is not installed: optichain[cluster]")
    from optichain.spreading import open_executor

    cases = [case for _, case in strategies.accepted(12, first=33000)]
    alone = [(oc.resilience(case).to_json(), oc.exposure(case).to_json()) for case in cases]
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        open_executor(cluster=cluster.scheduler_address) as executor,
    ):
        victims = [worker.pid for worker in cluster.workers.values()]
        killed: list[int] = []

        def kill() -> None:
            time.sleep(0.3)
            os.kill(victims[0], signal.SIGKILL)
            killed.append(victims[0])

        together = []
        for number, case in enumerate(cases):
            if number == 1:
                killer = threading.Thread(target=kill)
                killer.start()
            stressed = oc.resilience(case, executor=executor).to_json()
            together.append((stressed, oc.exposure(case, executor=executor).to_json()))
        killer.join()
        assert killed
    assert together == alone
