"""Searches that keep a checkpoint, and processes of them that are killed on the way."""

from __future__ import annotations

import itertools
import math
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import optichain as oc
import small
from optichain.design.plan import Plan
from optichain.storage import checkpoints

__all__ = ["CASES", "killed", "often", "rows", "search"]

LONGEST = 500

Case = tuple[Any, dict[str, Any]]


def rows(chains: int, sites: int, *, money: float = 1.0) -> Any:
    """Return chains whose sites each make a product; each is hardened or recovered, and fails alone or with the next."""
    rng = np.random.default_rng(7)
    names = [[f"{c}{i}" for i in range(sites)] for c in range(chains)]
    every = [(f"c{c}", name) for c, mine in enumerate(names) for name in mine]
    effects = {"h": ("harden", 0.6), "r": ("recover", 3.0)}
    return small.instance(
        planning={"years": [2026, 2027], "budget": [1.4 * money * chains, 1.1 * money * chains]},
        sites=[
            {"site": name, "recovery_time": float(rng.integers(3, 10)), "annual_probability": 0.1}
            for _, name in every
        ],
        sources=[{"site": name, "item": f"x{name}", "capacity": 10} for _, name in every],
        demands=[
            {"item": f"x{name}", "chain": chain, "rate": float(rng.integers(4, 10))} for chain, name in every
        ],
        measures=[
            {"measure": f"{kind}{name}", "chain": chain, "cost_1": round(float(rng.uniform(0.5, 1.5)), 2)}
            for chain, name in every
            for kind in effects
        ],
        effects=[
            {"measure": f"{kind}{name}", "effect": effect, "target": f"site:{name}", "amount": amount}
            for _, name in every
            for kind, (effect, amount) in effects.items()
        ],
    )


def _few(**asked: Any) -> Case:
    return rows(2, 3), {"gap": 1e-7, **asked}


def _large_chain(**asked: Any) -> Case:
    from benchmarks.chain_case import chain_case

    return chain_case(60, 50, 30, years=2, seed=3), {"gap": 1e-7, **asked}


def _large_portfolio(measures: int = 8, **asked: Any) -> Case:
    from benchmarks.portfolio_case import portfolio_case

    tables, settings = portfolio_case(4, 20, measures, years=2, seed=1)
    return oc.Instance.from_frames(tables, settings), {"gap": 1e-7, **asked}


CASES: dict[str, Callable[[], Case]] = {
    "lshaped": lambda: _few(method="lshaped"),
    "portfolio": lambda: _few(method="portfolio"),
    "worst-case": lambda: _few(objective="worst-case", k=1),
    "lshaped, large": lambda: _large_chain(method="lshaped"),
    "portfolio, large": lambda: _large_portfolio(method="portfolio"),
    "portfolio, not listed": lambda: _large_portfolio(method="portfolio", measures=18),
    "worst-case, large": lambda: _few(objective="worst-case", k=2),
}


def search(case: Case, checkpoint: Path | None = None) -> Plan:
    """Search and return the plan."""
    instance, asked = case
    return oc.reinforce(instance, checkpoint=checkpoint, **asked)


def killed(name: str, checkpoint: Path, *, write: int, seconds: float) -> bool:
    """Search in a process of its own that is killed some seconds after a write of its checkpoint; tell whether it was.

    Parameters
    ----------
    name : str
        Of `CASES`.
    checkpoint : Path
    write : int
        Which write, from 1.
    seconds : float
    """
    root = Path(__file__).parents[1]
    paths = os.pathsep.join(str(root / p) for p in (".", "solvers", "reports", "tests"))
    ended = subprocess.run(
        [sys.executable, __file__, name, str(checkpoint), str(write), repr(seconds)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return ended.returncode != 0


@contextmanager
def often(heard: Callable[[], None]) -> Iterator[None]:
    """Let checkpoints be written whenever something was learned; tell of each write as it begins."""
    before = (checkpoints.PAUSE, checkpoints.SHARE, checkpoints.write_bytes)

    def told(path: Path, content: bytes) -> None:
        heard()
        before[2](path, content)

    checkpoints.PAUSE, checkpoints.SHARE, checkpoints.write_bytes = 0.0, math.inf, told
    try:
        yield
    finally:
        checkpoints.PAUSE, checkpoints.SHARE, checkpoints.write_bytes = before


def main(name: str, checkpoint: str, write: str, seconds: str) -> None:
    """Search, and be killed."""
    written = itertools.count(1)

    def heard() -> None:
        if next(written) == int(write):
            threading.Timer(float(seconds), lambda: os.kill(os.getpid(), signal.SIGKILL)).start()

    with often(heard):
        search(CASES[name](), Path(checkpoint))


if __name__ == "__main__":
    main(*sys.argv[1:])
