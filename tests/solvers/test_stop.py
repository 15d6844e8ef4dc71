"""Stopping a solver from outside."""

from __future__ import annotations

import random
import threading
import time

import pulp

from optichain_solvers.backend import run


def test_highs_stops_when_asked_with_what_it_has() -> None:
    # 300 things, 40 knapsacks: minutes to prove, and a first packing in no time
    chance = random.Random(1)
    problem = pulp.LpProblem("packing", pulp.LpMaximize)
    take = [problem.add_variable(f"x_{i}", cat="Binary") for i in range(300)]
    problem += pulp.lpSum(chance.randint(100, 200) * x for x in take)
    for _ in range(40):
        problem += pulp.lpSum(chance.randint(1, 100) * x for x in take) <= 2500
    stop = threading.Event()
    timer = threading.Timer(1.5, stop.set)
    timer.start()
    began = time.monotonic()
    outcome = run(problem, gap=0.0, time_limit=120.0, stop=stop)
    assert time.monotonic() - began < 60.0
    assert outcome.status == "stopped"
    assert outcome.has_solution
    assert outcome.bound is not None
    assert outcome.bound >= pulp.value(problem.objective) > 0.0
