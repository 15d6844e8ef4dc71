"""What more money buys: ACC against budget, measures that every good plan has, the worth of a year's money (3.6)."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from optichain.design.aims import COST, WORST_CASE
from optichain.design.explorer import Explorer, Point, YearOfMoney
from optichain.design.firststage.wishes import Wishes
from optichain.errors import UsageError
from optichain.storage.tojson import plain

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["QUESTIONS", "Frontier", "Point", "YearOfMoney", "find_frontier"]

MONEY, NEAR_OPTIMAL = "value_of_money", "near_optimal"
QUESTIONS = (MONEY, NEAR_OPTIMAL)
"""What can be asked about the budget as it is, beside points under other budgets."""


@dataclass(frozen=True, eq=False)
class Frontier:
    """The best objective against budget, and how firm the plan under the budget as it is is.

    Attributes
    ----------
    points : tuple of Point
    best, threshold : float or None
        Objective under the budget as it is, and from where on a plan counts as near-optimal.
    core, contested : tuple of str
        Measures in every near-optimal plan; in some but not in all.
    undecided : tuple of str
        Measures for which time, or the gap, left it open.
    value_of_money : dict of year to YearOfMoney
    gap, within : float
        Improvement gap that all was solved to, and what near-optimal means.
    """

    points: tuple[Point, ...]
    best: float | None = None
    threshold: float | None = None
    core: tuple[str, ...] = ()
    contested: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    value_of_money: Mapping[int, YearOfMoney] = field(default_factory=dict)
    gap: float = 0.0
    within: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of the command ``frontier``."""
        told = ("best", "threshold", "core", "contested", "undecided", "gap", "within")
        cleaned: dict[str, Any] = plain(
            {
                "points": [p.to_json() for p in self.points],
                "value_of_money": {year: asdict(value) for year, value in self.value_of_money.items()},
                **{name: getattr(self, name) for name in told},
            }
        )
        return cleaned


def find_frontier(
    instance: Instance,
    budgets: Sequence[float],
    *,
    method: str = "auto",
    within: float = 0.01,
    gap: float = 1e-4,
    time_limit: float | None = None,
    threads: int | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    stop: threading.Event | None = None,
    wishes: Wishes | None = None,
    questions: Sequence[str] = QUESTIONS,
) -> Frontier:
    """Find the best plan under each of several budgets, and what holds for all good plans under the budget as it is.

    Parameters
    ----------
    instance : Instance
    budgets : sequence of float
        Each holds for every planning year.
    method : str
        An installed method; ``auto`` takes one that keeps what it knows from one budget to the next.
    within : float
        A plan is near-optimal when at most this share of the best improvement is missing.
    gap : float
        Improvement gap of every solve.
    time_limit : float, optional
        Seconds for all of it; budgets and questions that it leaves no time for are left out or undecided.
    threads, seed : int
    executor : Executor, optional
        For a method that spreads work.
    stop : threading.Event, optional
    wishes : Wishes, optional
        What is asked for beside the instance: the objective, a budget instead of the instance's, measures asked for or
        ruled out; the most expected ACC by default.
    questions : sequence of str
        ``value_of_money``, ``near_optimal``: what to ask about the budget as it is.

    Raises
    ------
    UsageError
        A budget or share that makes no sense, or wishes that a budget does not limit.
    """
    asked = Wishes() if wishes is None else wishes
    if any(b < 0.0 for b in budgets):
        raise UsageError(f"budgets: expected numbers that are not negative, got {list(budgets)}")
    if not 0.0 <= within <= 1.0:
        raise UsageError(f"within: expected a share in [0, 1], got {within}")
    if asked.aim.objective in (COST, WORST_CASE) or asked.min_autonomy is not None:
        raise UsageError(
            "a frontier is of the objectives expected, worst, cvar and loss, with no autonomy required"
        )
    options = {"gap": gap, "threads": threads, "seed": seed, "stop": stop}
    explorer = Explorer(instance, asked, method, options, executor=executor, time_limit=time_limit)
    found: dict[str, Any] = {}
    own = explorer.solve(explorer.problem) if questions else None
    if own is not None:
        best = explorer.account(own, asked).objective
        improved = max(explorer.sense * (best - explorer.problem.nothing), 0.0)
        threshold = best - explorer.sense * within * improved
        found = {"best": best, "threshold": threshold}
        if MONEY in questions:
            found["value_of_money"] = explorer.value_of_money(own)
        if NEAR_OPTIMAL in questions:
            names = ("core", "contested", "undecided")
            found |= dict(zip(names, explorer.near_optimal(own, threshold), strict=True))
    points = [explorer.point(b) for b in budgets]
    return Frontier(tuple(p for p in points if p is not None), gap=gap, within=within, **found)
