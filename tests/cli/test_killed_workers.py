"""Workers killed late in the commands that spread their work: the same result as of one process, and nothing left behind."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

import optichain as oc
from benchmarks.portfolio_case import portfolio_case
from optichain import spreading

Call = Callable[..., Result]

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="kills processes")]

COMMANDS = {
    "stress": ["stress", "CASE"],
    "exposure": ["exposure", "CASE"],
    "portfolio": ["solve", "CASE", "--method", "portfolio", "--gap", "0"],
    "lshaped": ["solve", "CASE", "--method", "lshaped", "--gap", "0"],
    "evidence": ["evidence", "CASE", "PLAN", "--kinds", "stability,value_of_money"],
    "frontier": ["frontier", "CASE", "--budgets", "0:40:2", "--gap", "0"],
}
WANDERING = ("provenance", "seconds")
"""What says how a result came about, and may differ."""


class Killing(Executor):
    """Gives work to another executor, and kills one of its processes as certain pieces are given out."""

    def __init__(self, executor: Any, processes: Callable[[], list[int]], moments: set[int]) -> None:
        self.executor, self.processes, self.moments = executor, processes, moments
        self.given, self.killed = 0, 0

    def submit(self, function: Any, /, *given: Any, **named: Any) -> Future[Any]:
        made: Future[Any] = self.executor.submit(function, *given, **named)
        self.given += 1
        if self.given in self.moments:
            for victim in self.processes()[:1]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
                    self.killed += 1
        return made


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four chains with two planning years, and a plan for them."""
    tables, settings = portfolio_case(4, 20, 6, years=2)
    place = tmp_path_factory.mktemp("case")
    instance = oc.Instance.from_frames(tables, settings)
    oc.write(instance, place / "case.json")
    oc.write_plan(oc.reinforce(instance), place / "plan.json")
    return place


@contextlib.contextmanager
def local() -> Iterator[tuple[list[str], Callable[[Any], list[int]]]]:
    """Two processes of this machine."""
    yield ["--jobs", "2"], lambda pool: list(pool._pool._processes or {})


@contextlib.contextmanager
def dask() -> Iterator[tuple[list[str], Callable[[Any], list[int]]]]:
    """Two workers of a Dask cluster, which are replaced when they are killed."""
    distributed = pytest.importorskip("distributed", reason="Dask is not installed: optichain[cluster]")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        yield (
            ["--cluster", cluster.scheduler_address],
            lambda _: [nanny.pid for nanny in cluster.workers.values() if nanny.pid],
        )


def told(file: Path) -> Any:
    """Return a result without what may differ."""

    def cleaned(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: cleaned(part) for key, part in node.items() if key not in WANDERING}
        return [cleaned(part) for part in node] if isinstance(node, list) else node

    return cleaned(json.loads(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("workers", [local, dask])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_worker_killed_late_costs_time_not_the_result(
    call: Call, case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, workers: Any
) -> None:
    places = {"CASE": str(case / "case.json"), "PLAN": str(case / "plan.json")}
    words = [places.get(word, word) for word in COMMANDS[name]]
    watched: list[Killing] = []
    moments: set[int] = set()
    plain = spreading.open_executor

    with workers() as (spread, processes):

        @contextlib.contextmanager
        def open_killing(**given: Any) -> Iterator[Executor | None]:
            with plain(**given) as executor:
                if executor is None:
                    yield None
                    return
                watched.append(Killing(executor, lambda: processes(executor), moments))
                yield watched[-1]

        for module in (
            "optichain.spreading",
            *(f"optichain.cli.{c}" for c in ("solve", "evidence", "frontier")),
        ):
            monkeypatch.setattr(importlib.import_module(module), "open_executor", open_killing)
        one, two, three = (tmp_path / f"{number}.json" for number in "123")
        alone = call(*words, "-o", one)
        assert alone.exit_code == 0, alone.stderr
        assert call(*words, *spread, "-o", two).exit_code == 0
        pieces = watched[-1].given
        # in the middle, near the end, and with the last
        moments |= {pieces // 2, pieces - pieces // 8, pieces}
        done = call(*words, *spread, "-o", three)
    assert done.exit_code == 0, done.stderr
    assert watched[-1].killed >= 2  # one that is just being replaced cannot be killed
    assert told(three) == told(two) == told(one)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["1.json", "2.json", "3.json"]
