"""The events of a stress test on a Dask cluster: the answer is the same to the last digit.

Run ``python dask_cluster.py [INSTANCE [SCHEDULER]]``; without a scheduler, a small cluster on this machine. Needs
``pip install 'optichain[cluster]'``; the workers of a cluster of your own need optichain too.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor

import optichain as oc
from optichain.errors import MissingExtraError


@contextlib.contextmanager
def workers(scheduler: str | None) -> Iterator[Executor]:
    """Give the executor of a cluster.

    Raises
    ------
    MissingExtraError
        Dask is not installed.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise MissingExtraError("a Dask cluster", "cluster") from None
    with contextlib.ExitStack() as stack:
        address = scheduler or stack.enter_context(
            LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
        )
        client = stack.enter_context(Client(address))
        yield client.get_executor()


def main(path: str = "quickstart", scheduler: str | None = None) -> None:
    """Stress an instance here and there."""
    instance = oc.load(path)
    began = time.perf_counter()
    here = oc.resilience(instance)
    print(f"here:    ACC {here.acc:.6f} of {len(here.events)} events, {time.perf_counter() - began:.1f} s")
    try:
        with workers(scheduler) as executor:
            began = time.perf_counter()
            there = oc.resilience(instance, executor=executor)
            print(f"cluster: ACC {there.acc:.6f}, {time.perf_counter() - began:.1f} s")
    except MissingExtraError as missing:
        raise SystemExit(str(missing)) from None
    assert here.acc == there.acc, "the answer must not depend on who computes it"
    assert here.events["lost"].tolist() == there.events["lost"].tolist()
    print("the same to the last digit")


# Dask starts processes that import this file again.
if __name__ == "__main__":
    main(*sys.argv[1:])
