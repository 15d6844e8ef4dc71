"""How far a search is: the gap that is left, the time gone, and about how long the rest will take."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from optichain.cli.output import Output

__all__ = ["Pace", "searching"]

EVERY = 30.0
"""Seconds between two lines where there is no terminal to draw on."""


@dataclass
class Pace:
    """Says how a search goes.

    Attributes
    ----------
    gap : float
        Improvement gap at which it stops.
    time_limit : float or None
        Seconds after which it stops anyway.
    began : float
        Of `time.monotonic`.
    """

    gap: float
    time_limit: float | None
    began: float = field(default_factory=time.monotonic)
    _first: tuple[float, float] | None = None
    _left: float | None = None
    _now: float | None = None

    def hear(self, report: Mapping[str, Any], gone: float | None = None) -> None:
        """Take in what a method reports: ``improvement_gap``, where it knows one."""
        gap = report.get("improvement_gap")
        if gap is None:
            return
        at = time.monotonic() - self.began if gone is None else gone
        self._now = float(gap)
        if self._first is None:
            self._first = (at, max(self._now, 1e-12))
        self._left = self._seconds_left(at)

    def _seconds_left(self, at: float) -> float | None:
        """Go on at the pace so far: gaps mostly shrink by a factor in a time, so their logarithms are extrapolated."""
        assert self._first is not None
        since, wide = self._first
        target, now = max(self.gap, 1e-9), max(self._now or 0.0, 1e-12)
        if now <= target:
            return 0.0
        closed = math.log(wide) - math.log(now)
        if closed <= 0.0 or at <= since:
            return None
        return (at - since) * (math.log(now) - math.log(target)) / closed

    def text(self, gone: float | None = None) -> str:
        """Return one line: time gone, gap, and about how long the rest takes, the limit at most.

        Examples
        --------
        >>> pace = Pace(gap=1e-4, time_limit=60.0)
        >>> pace.hear({"improvement_gap": 1.0}, gone=0.0)
        >>> pace.hear({"improvement_gap": 0.01}, gone=10.0)
        >>> pace.text(gone=10.0)
        '0:00:10, gap 1 %, stops at 0.01 %, about 0:00:10 left'
        """
        at = time.monotonic() - self.began if gone is None else gone
        parts = [_clock(at)]
        if self._now is not None:
            parts.append(f"gap {100.0 * self._now:.3g} %, stops at {100.0 * self.gap:.3g} %")
        limit = math.inf if self.time_limit is None else max(self.time_limit - at, 0.0)
        if self._left is not None and self._left <= limit:
            parts.append(f"about {_clock(self._left)} left")
        elif math.isfinite(limit):
            parts.append(f"at most {_clock(limit)} left")
        return ", ".join(parts)


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


@contextlib.contextmanager
def searching(
    out: Output, what: str, *, gap: float, time_limit: float | None
) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Show how a search goes; yields what a method is to call after each step.

    On a terminal one line is kept up to date; elsewhere a line is written now and then.
    """
    pace = Pace(gap, time_limit)
    with contextlib.ExitStack() as stack:
        stack.enter_context(out.working(None))
        if out.quiet or out.verbose:
            yield lambda _report: None
            return
        if not out.notes.is_terminal:
            said = pace.began

            def write(report: Mapping[str, Any]) -> None:
                nonlocal said
                pace.hear(report)
                if time.monotonic() - said >= EVERY:
                    said = time.monotonic()
                    out.note(f"{what}: {pace.text()}")

            yield write
            return
        from rich.live import Live
        from rich.spinner import Spinner

        class _Line:
            """Drawn anew several times a second, so that the clock runs while the method is silent."""

            spinner = Spinner("dots")

            def __rich__(self) -> Spinner:
                self.spinner.update(text=f"{what}: {pace.text()}")
                return self.spinner

        stack.enter_context(Live(_Line(), console=out.notes, transient=True, refresh_per_second=4))
        yield pace.hear
