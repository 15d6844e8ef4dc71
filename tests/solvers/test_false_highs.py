"""HiGHS itself lies about integer programmes: in whichever method, no plan comes of it that does not hold."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import highspy
import numpy as np
import pytest

import optichain as oc
import small
from optichain.design import answers
from optichain.errors import InfeasibleError, OptichainError, StoppedError

METHODS = ("extensive", "lshaped", "portfolio")
TRUTH = 0.75
"""Of the small case, by arithmetic: five of ten weeks at half capacity."""


class Told:
    """What HiGHS tells, with something else in its place."""

    def __init__(self, real: Any, **false: Any) -> None:
        self._real, self._false = real, false

    def __getattr__(self, name: str) -> Any:
        return self._false[name] if name in self._false else getattr(self._real, name)


def whole(highs: Any) -> bool:
    """Tell whether HiGHS holds an integer programme: linear ones work out what plans are worth."""
    return any(kind == highspy.HighsVarType.kInteger for kind in highs.getLp().integrality_)


def values(change: Callable[[np.ndarray], np.ndarray]) -> dict[str, Callable[[Any, Any], Any]]:
    def false(highs: Any, real: Any) -> Any:
        return Told(real, col_value=change(np.array(real.col_value)).tolist())

    return {"getSolution": false}


def bound(change: Callable[[float], float]) -> dict[str, Callable[[Any, Any], Any]]:
    return {"getInfo": lambda highs, real: Told(real, mip_dual_bound=change(real.mip_dual_bound))}


def status(kind: str) -> dict[str, Callable[[Any, Any], Any]]:
    return {"getModelStatus": lambda highs, real: getattr(highspy.HighsModelStatus, kind)}


LIES: dict[str, dict[str, Callable[[Any, Any], Any]]] = {
    "ones": values(np.ones_like),
    "zeros": values(np.zeros_like),
    "halves": values(lambda x: np.full_like(x, 0.5)),
    "turned": values(lambda x: 1.0 - x),
    "no numbers": values(lambda x: np.full_like(x, np.nan)),
    "huge": values(lambda x: np.full_like(x, 1e300)),
    "bound of no number": bound(lambda _: float("nan")),
    "bound of nothing": bound(lambda _: 0.0),
    "bound of infinity": bound(lambda _: float("inf")),
    "bound turned": bound(lambda b: -b),
    "infeasible": status("kInfeasible"),
    "unbounded": status("kUnbounded"),
    "optimal": {
        **status("kOptimal"),
        **values(np.zeros_like),
        "getInfo": lambda highs, real: Told(real, primal_solution_status=2),
    },
    "nothing found": {"getInfo": lambda highs, real: Told(real, primal_solution_status=0)},
}


def lie(monkeypatch: pytest.MonkeyPatch, false: dict[str, Callable[[Any, Any], Any]]) -> None:
    for name, change in false.items():
        plain = getattr(highspy.Highs, name)

        def told(self: Any, *given: Any, plain: Any = plain, change: Any = change) -> Any:
            real = plain(self, *given)
            return change(self, real) if whole(self) else real

        monkeypatch.setattr(highspy.Highs, name, told)


def hold(instance: Any, method: str, truth: float) -> None:
    """Insist on an error on purpose, or on a plan that holds and says no more than it knows."""
    try:
        plan = oc.reinforce(instance, method=method, gap=0.0)
    except InfeasibleError:
        raise AssertionError("nothing is infeasible here") from None
    except OptichainError:
        return
    wrong = [claim for claim in oc.verify(instance, plan) if not claim.ok]
    assert wrong == []
    assert plan.objective <= truth + 1e-9
    assert plan.bound is None or plan.bound >= plan.objective - 1e-9
    assert plan.status == "feasible" or plan.objective == pytest.approx(truth, abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", LIES)
def test_no_false_plan_comes_of_a_lie(monkeypatch: pytest.MonkeyPatch, method: str, name: str) -> None:
    lie(monkeypatch, LIES[name])
    hold(small.two_measures(), method, TRUTH)


@pytest.mark.parametrize("method", METHODS)
def test_one_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    monkeypatch.setattr(answers, "LATE", 0.3)
    monkeypatch.setattr(answers, "DEAF", 0.3)
    plain = highspy.Highs.run
    monkeypatch.setattr(highspy.Highs, "run", lambda self: time.sleep(15.0) if whole(self) else plain(self))
    began = time.monotonic()
    # the portfolio has no need of an integer programme here
    ends = (
        contextlib.nullcontext() if method == "portfolio" else pytest.raises(StoppedError, match="given up")
    )
    with ends:
        assert oc.reinforce(small.two_measures(), method=method, time_limit=0.2).objective == pytest.approx(
            TRUTH
        )
    assert time.monotonic() - began < 12.0
