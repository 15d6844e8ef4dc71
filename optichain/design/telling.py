"""What is told on the way of a search that learns rules or attacks one by one: only what holds for all of them.

A method is then given a problem that promises too much. Its bounds hold, what its plans reach does not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from optichain.solving import improvement_gap

__all__ = ["Teller"]

Progress = Callable[[dict[str, Any]], object]


class Teller:
    """Tells the best bound so far and, once one is known that obeys everything, what the best plan is worth.

    Parameters
    ----------
    progress : callable
        Called with each report.
    sense : int
        1 where more is better, -1 where less is.
    """

    def __init__(self, progress: Progress, sense: int) -> None:
        self._progress, self._sense = progress, sense
        self._began = time.perf_counter()
        self._bound = sense * math.inf
        self._best: float | None = None
        self._nothing = math.nan

    def hear(self, report: dict[str, Any]) -> None:
        """Pass on what a method reports of a problem that knows too few rules."""
        if report.get("bound") is not None:
            self._take(report["bound"])
        self._tell(report)

    def reached(self, best: float, bound: float, nothing: float) -> None:
        """Tell what the best plan is worth, what none passes, and what doing nothing is worth."""
        self._best, self._nothing = best, nothing
        self._take(bound)
        self._tell({})

    def _take(self, bound: float) -> None:
        self._bound = min(self._bound, bound) if self._sense > 0 else max(self._bound, bound)

    def _tell(self, report: dict[str, Any]) -> None:
        gap = None
        if self._best is not None and math.isfinite(self._bound):
            gap = improvement_gap(self._bound, self._best, self._nothing)
        self._progress(
            {
                **report,
                "seconds": time.perf_counter() - self._began,
                "objective": self._best,
                "bound": self._bound if math.isfinite(self._bound) else None,
                "improvement_gap": gap,
            }
        )
