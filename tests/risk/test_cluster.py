"""A Dask cluster whose workers die gives the same JSON as one process."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

import optichain as oc
import strategies
from benchmarks.portfolio_case import portfolio_case

PLACE = re.compile(r'sin_port=htons\((\d+)\), sin_addr=inet_addr\("([\d.]+)"\)')


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


class Killing(Executor):
    """Gives work to another executor, and kills processes, each as a certain piece of work is given out."""

    def __init__(self, executor: Executor, victims: dict[int, int]) -> None:
        self.executor, self.victims, self.given = executor, victims, 0
        self.killed: list[int] = []

    def submit(self, function: Any, /, *given: Any, **named: Any) -> Future[Any]:
        made = self.executor.submit(function, *given, **named)
        self.given += 1
        if self.given in self.victims:
            os.kill(self.victims[self.given], signal.SIGKILL)
            self.killed.append(self.given)
        return made


@pytest.mark.slow
@pytest.mark.parametrize("method", ["portfolio", "lshaped"])
def test_workers_killed_while_a_plan_is_sought_cost_time_not_the_plan(method: str) -> None:
    distributed = pytest.importorskip("distributed", reason="Dask is not installed: optichain[cluster]")
    from optichain.spreading import open_executor

    tables, settings = portfolio_case(4, 20, 6, years=2)

    def plan(executor: Executor | None) -> dict[str, Any]:
        instance = oc.Instance.from_frames(tables, settings)
        made = oc.reinforce(instance, method=method, gap=0.0, executor=executor).to_json()
        return {name: part for name, part in made.items() if name != "provenance"}

    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        open_executor(cluster=cluster.scheduler_address) as executor,
    ):
        assert executor is not None
        first, second = (worker.pid for worker in cluster.workers.values())
        # one as the event models are given out, the other just after, when all that the first was at is waiting
        killing = Killing(executor, {1: first, 3: second})
        together = plan(killing)
    assert killing.killed == [1, 3]
    assert together == plan(None)


@pytest.mark.slow
def test_a_cluster_is_the_only_place_that_is_reached(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="Dask is not installed: optichain[cluster]")
    strace, log = shutil.which("strace"), tmp_path / "calls"
    trace = [str(strace), "-f", "-qq", "-o", str(log), "-e", "trace=connect"]
    if strace is None or subprocess.run([*trace, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine lets no process be traced")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        words = ["stress", "quickstart", "--json", "--cluster", cluster.scheduler_address]
        done = subprocess.run(
            [*trace, sys.executable, "-m", "optichain", *words],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        port = cluster.scheduler_address.rpartition(":")[2]
    assert done.returncode == 0, done.stderr
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    reached = {f"{a}:{p}" for line in lines for p, a in PLACE.findall(line)}
    assert reached == {f"127.0.0.1:{port}"}
