"""When a search stops, and whom it tells."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from optichain_solvers.lshaped.cuts import CutPool

__all__ = ["Limits"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Limits:
    """When to stop, and whom to tell.

    Attributes
    ----------
    gap : float
        Improvement gap.
    end : float
        Of `time.monotonic`; infinity: none.
    stop : threading.Event or None
    progress : callable or None
        Called after every iteration with a dict: iteration, phase, bound, objective, improvement_gap, seconds,
        cuts, programmes.
    save : callable or None
        Called with the best plan and the cuts after every linear programme, to write a checkpoint now and then.
    """

    gap: float
    end: float = float("inf")
    stop: threading.Event | None = None
    progress: Callable[[dict[str, Any]], object] | None = None
    save: Callable[[Floats | None, CutPool], object] | None = None

    @property
    def over(self) -> bool:
        """Tell whether time is up or a stop is asked for."""
        return time.monotonic() >= self.end or (self.stop is not None and self.stop.is_set())

    @property
    def left(self) -> float | None:
        """Seconds left, ``None`` without a limit."""
        return None if self.end == float("inf") else max(0.0, self.end - time.monotonic())
