"""From prices to a choice: rounds of pricing, exact values where they matter, the integer master, branching (3.5)."""

from __future__ import annotations

import heapq
import itertools
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt

from optichain.design.firststage.stage import Row
from optichain_solvers.portfolio.branches import WHOLE, branches
from optichain_solvers.portfolio.coalitions import Bounds
from optichain_solvers.portfolio.flowcuts import Answer
from optichain_solvers.portfolio.listed import Listed
from optichain_solvers.portfolio.pick import Pick, pick, undominated
from optichain_solvers.portfolio.pricing import Market, Prices
from optichain_solvers.portfolio.searched import Searched
from optichain_solvers.portfolio.workers import Workers

__all__ = ["Portfolio"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_EXACT = 1e-8
_ROUNDED = 1e-6
"""What a relaxation may gain by the rounding error that a floor between coalitions is allowed."""
_FEW = 12
"""Policies of each coalition that the first integer master sees, at least."""


class Portfolio:
    """Chooses one policy of each coalition.

    Parameters
    ----------
    groups : sequence of Listed or Searched
    linking : sequence of Row
    gap : float
        Improvement gap at which to stop.
    left : callable
        Seconds left.
    stop : threading.Event, optional
    threads, seed : int
    executor : Executor, optional
    report : callable
        ``report(gain, bound)`` after each round.
    note : callable, optional
        ``note(group, questions, answers)`` whenever linear programmes of a listed coalition were solved.

    Attributes
    ----------
    choice : ndarray of int, shape (groups,), or None
        The best so far.
    gain, bound : float
        What it gains for certain, and what no choice passes; normalised, over doing nothing.
    proven, infeasible : bool
    message : str
    """

    def __init__(
        self,
        groups: Sequence[Listed | Searched],
        linking: Sequence[Row],
        *,
        gap: float,
        left: Callable[[], float],
        stop: threading.Event | None,
        threads: int | None,
        seed: int,
        executor: Executor | None,
        report: Callable[[float, float], None],
        note: Callable[[int, Sequence[tuple[int, int, int]], Sequence[Answer]], None] | None = None,
    ) -> None:
        self.groups, self.gap, self.left, self.stop = list(groups), gap, left, stop
        self.threads, self.seed, self.report, self.note = threads, seed, report, note
        self.market = Market(self.groups, linking, self.ended)
        events = [g.states.events if isinstance(g, Listed) else None for g in self.groups]
        self.workers = Workers(events, executor)
        self.floor = sum(_least(g) for g in self.groups)
        self.floors = any(g.shares for g in self.groups)
        self.choice: Ints | None = None
        self.gain, self.bound = -math.inf, math.inf
        self.proven = self.infeasible = False
        self.message = ""
        self.rounds = 0
        self.prices: Prices | None = None

    def ended(self) -> bool:
        """Tell whether time is up or a stop was asked for."""
        return self.left() <= 0.0 or (self.stop is not None and self.stop.is_set())

    @property
    def allowed(self) -> float:
        """The gap at which to stop, absolute."""
        # where nothing but cost counts, gains are negative: then the gap is relative to the cost
        size = self.bound if self.bound > 0.0 else -self.gain
        return max(self.gap * size if math.isfinite(size) else 0.0, _ROUNDED if self.floors else _EXACT)

    def begin_with(self, points: Sequence[Floats]) -> None:
        """Take a plan as the first choice, given by coalition, if it obeys the rules."""
        options = [group.find(point) for group, point in zip(self.groups, points, strict=True)]
        if min(options, default=-1) < 0:
            return
        total = np.sum([g.use[o] for g, o in zip(self.groups, options, strict=True)], axis=0)
        if self.market.allows(total):
            self._learn(list(enumerate(options)), slack=0.0)
            self._note(np.array(options, dtype=np.int64))

    def solve(self) -> None:
        """Run until the gap is reached, or time is up."""
        if self._within_rules_nothing():
            self._note(np.zeros(len(self.groups), dtype=np.int64))
        heap: list[tuple[float, int, Mapping[int, Bounds]]] = [(-math.inf, 0, {})]
        count = itertools.count(1)
        closed = -math.inf
        while heap and not self.ended():
            above, _, bounds = heapq.heappop(heap)
            if -above <= self.gain + self.allowed:
                closed = max(closed, -above)
                break
            local, prices = self._node(bounds, min(-above, math.inf))
            if local > self.gain + self.allowed:
                split = (
                    branches(self.groups, self.market.columns, bounds, prices)
                    if prices is not None and not self.ended()
                    else []
                )
                if not split:
                    closed = max(closed, local)
                for child in split:
                    heapq.heappush(heap, (-local, next(count), child))
            else:
                closed = max(closed, local)
            ahead = -heap[0][0] if heap else -math.inf
            self.bound = min(self.bound, max(ahead, closed, self.gain))
            self.report(self.gain, self.bound)
        self._finish(heap, closed)

    def _finish(self, heap: Sequence[object], closed: float) -> None:
        if self.choice is None and not heap and closed == -math.inf and not self.ended():
            self.infeasible = True
            return
        self.bound = max(self.bound, self.gain)
        self.proven = self.choice is not None and self.bound - self.gain <= self.allowed * (1.0 + 1e-9)
        listed = sum(g.complete for g in self.groups)
        how = "proven to the gap asked for" if self.proven else "stopped"
        self.message = (
            f"{how}: {len(self.groups)} coalitions, {listed} listed, {self.rounds} rounds, "
            f"{len(self.market.columns)} policies priced, {self.workers.solved} linear programmes"
        )

    # ---- one node: prices, exact values, integer master ----

    def _node(self, bounds: Mapping[int, Bounds], above: float) -> tuple[float, Prices | None]:
        """Return the bound of a node, and the last prices; incumbents are noted on the way."""
        best = above
        while True:
            self.rounds += 1
            room = self.allowed
            prices = self.market.relax(bounds, floor=self.floor, tolerance=0.05 * room)
            if prices.bound == -math.inf:
                return -math.inf, None
            best = min(best, prices.bound)
            if not bounds:
                self.prices = prices
                self.bound = min(self.bound, max(best, self.gain))
            if self.ended():
                self._round_up(bounds)
                return best, prices
            if best <= self.gain + self.allowed:
                return best, prices
            shares = prices.relaxation.shares
            used = [self.market.columns[i] for i in np.flatnonzero(shares > WHOLE)]
            if self._learn(used, slack=0.3 * self.allowed):
                if self.rounds % 4 == 0:
                    self._round_up(bounds)
                    self.report(self.gain, self.bound)
                continue
            self._round_up(bounds)
            if best <= self.gain + self.allowed:
                return best, prices
            certain = self._integer(bounds, prices, best)
            if certain is None:  # values became sharper: prices again
                continue
            return min(best, certain), prices

    def _learn(self, used: Sequence[tuple[int, int]], slack: float) -> bool:
        """Find out what policies are worth, until bounds on them differ by less than a slack in sum."""
        open_by_group: dict[int, list[int]] = {}
        width = 0.0
        for k, option in used:
            group = self.groups[k]
            wide = float(group.upper[option] - group.lower[option])
            unsettled = isinstance(group, Listed) and bool(group.open[option])
            if isinstance(group, Listed) and (unsettled or wide > _EXACT / max(len(used), 1)):
                width += math.inf if unsettled else wide
                open_by_group.setdefault(k, []).append(option)
        if width <= slack or not open_by_group:
            return False
        least = 0.5 * slack / len(self.groups)
        asked: dict[int, list[tuple[int, int, int]]] = {}
        for k, options in open_by_group.items():
            group = self.groups[k]
            assert isinstance(group, Listed)
            questions = group.questions(options, least)
            if questions:
                asked[k] = questions
        if not asked:
            return False
        tasks = [(k, self._listed(k).states.jobs(questions)) for k, questions in asked.items()]
        # alone one coalition after another, so that what was learned is noted on the way
        for some in [tasks] if self.workers.executor is not None else [[task] for task in tasks]:
            for (k, _), answers in zip(some, self.workers.run(some), strict=True):
                group = self._listed(k)
                group.states.learn(asked[k], answers)
                group.refresh()
                if self.note is not None:
                    self.note(k, asked[k], answers)
        return True

    def learn(self, k: int, options: Sequence[int]) -> bool:
        """Find out exactly what policies of a listed coalition gain; tell whether anything was new."""
        return self._learn([(k, option) for option in options], slack=0.0)

    def _listed(self, k: int) -> Listed:
        group = self.groups[k]
        assert isinstance(group, Listed)
        return group

    def _round_up(self, bounds: Mapping[int, Bounds]) -> None:
        """Look for a better choice among the policies priced so far, by what they gain for certain."""
        pools = [self.market.pool(k) for k in range(len(self.groups))]
        if self.choice is not None:
            pools = [sorted({*pool, int(c)}) for pool, c in zip(pools, self.choice, strict=True)]
        pools = [
            [o for o in pool if np.isfinite(g.lower[o])] for g, pool in zip(self.groups, pools, strict=True)
        ]
        found = self._pick(pools, "lower", gap=0.2 * self.allowed, rough=True)
        if found.columns is not None:
            self._note(np.array([pool[c] for pool, c in zip(pools, found.columns, strict=True)]))

    def _integer(self, bounds: Mapping[int, Bounds], prices: Prices, bound: float) -> float | None:
        """Solve the integer master over every policy that can matter.

        Returns
        -------
        float or None
            A bound on the node; None where it rests on values that were not exact yet.

        Notes
        -----
        A policy whose worth at the prices is below its coalition's best by more than `bound` minus a threshold is
        in no choice that gains more than the threshold. Coalitions that are not listed keep the policies known, and
        the bound from prices.
        """
        whole = all(group.complete for group in self.groups)
        span = self._span(bounds, prices, bound)
        pools = [self._near(k, group, bounds, prices, span) for k, group in enumerate(self.groups)]
        found = self._pick(pools, "upper", gap=0.3 * self.allowed if self.gap > 0.0 else 0.0)
        reached = max(found.bound, bound - span) if whole else bound
        if found.columns is None:
            if self.choice is None and span < 1e9 and whole and not self.ended():
                return self._wider(bounds, prices, bound, span)
            return reached
        options = np.array([pool[c] for pool, c in zip(pools, found.columns, strict=True)])
        sharper = self._learn(list(enumerate(options.tolist())), slack=0.1 * self.allowed)
        self._note(options)
        if sharper and whole and not self.ended() and reached > self.gain + self.allowed:
            return None
        if whole and bound - span > self.gain + self.allowed and not self.ended():
            return self._wider(bounds, prices, bound, span)
        return reached

    def _wider(self, bounds: Mapping[int, Bounds], prices: Prices, bound: float, span: float) -> float | None:
        """Look at more policies than those within a span."""
        self._least_span = 4.0 * span
        return self._integer(bounds, prices, bound)

    _least_span = 0.0

    def _span(self, bounds: Mapping[int, Bounds], prices: Prices, bound: float) -> float:
        """Return how far below the best a policy may be: all that can matter, or, at first, what the nearest few need."""
        if self.gain > -math.inf:
            return bound - self.gain + 1e-9
        near = []
        for k, group in enumerate(self.groups):
            worth = self._worth(k, group, bounds, prices)
            worth = np.sort(worth[np.isfinite(worth)])[::-1]
            if len(worth):
                near.append(float(worth[0] - worth[min(_FEW, len(worth) - 1)]))
        widest = max(
            (float(np.ptp(g.upper - g.use @ prices.prices)) for g in self.groups if len(g.upper)), default=0.0
        )
        span = max(float(np.median(near)) if near else 0.0, self._least_span, 1e-6)
        return math.inf if span >= widest else span

    def _worth(
        self, k: int, group: Listed | Searched, bounds: Mapping[int, Bounds], prices: Prices
    ) -> Floats:
        worth = np.asarray(group.upper - group.use @ prices.prices, dtype=float)
        return np.where(group.allowed(bounds[k]), worth, -np.inf) if bounds.get(k) else worth

    def _near(
        self, k: int, group: Listed | Searched, bounds: Mapping[int, Bounds], prices: Prices, span: float
    ) -> list[int]:
        """Return the policies of a coalition that are within a span of its best, none that another outdoes."""
        worth = self._worth(k, group, bounds, prices)
        if not len(worth):
            return []
        kept = np.flatnonzero((worth >= worth.max() - span) & np.isfinite(worth))
        market = self.market
        return undominated(kept, group.upper[kept], group.use[kept], market.lower, market.upper)

    def _pick(self, pools: Sequence[Sequence[int]], which: str, *, gap: float, rough: bool = False) -> Pick:
        """Solve the integer programme over some policies of each coalition, within the time that is left."""
        gains = [getattr(g, which)[list(pool)] for g, pool in zip(self.groups, pools, strict=True)]
        use = "use" if which == "upper" else "sure"
        uses = [getattr(g, use)[list(pool)] for g, pool in zip(self.groups, pools, strict=True)]
        start = None
        if self.choice is not None and all(
            int(c) in pool for c, pool in zip(self.choice, pools, strict=True)
        ):
            start = [list(pool).index(int(c)) for c, pool in zip(self.choice, pools, strict=True)]
        return pick(
            gains,
            uses,
            self.market.lower,
            self.market.upper,
            gap=gap,
            time_limit=None if math.isinf(self.left()) else max(self.left(), 0.5),
            threads=self.threads,
            seed=self.seed,
            start=start,
            stop=self.stop,
            rough=rough,
        )

    def _note(self, options: Ints) -> None:
        """Keep a choice if it keeps floors, and gains more than the best so far, for certain."""
        sure = np.sum([g.sure[int(o)] for g, o in zip(self.groups, options, strict=True)], axis=0)
        if self.floors and not self.market.allows(sure):
            return
        gain = float(sum(g.lower[int(o)] for g, o in zip(self.groups, options, strict=True)))
        if self.choice is not None:
            self.gain = float(sum(g.lower[int(o)] for g, o in zip(self.groups, self.choice, strict=True)))
        if gain > self.gain or (self.choice is None and gain > -math.inf):
            self.choice, self.gain = np.asarray(options, dtype=np.int64), gain

    def _within_rules_nothing(self) -> bool:
        """Tell whether buying nothing obeys all rules; then it is the first choice."""
        for group in self.groups:
            if (
                not group.complete
                or not len(group.upper)
                or bool(group.values(0).any())
                or group.lower[0] < -1e12
            ):
                return False
        return bool((self.market.lower <= 0.0).all() and (self.market.upper >= 0.0).all())


def _least(group: Listed | Searched) -> float:
    """Return what any policy gains at least."""
    if isinstance(group, Listed):
        return group.least
    cost = group.problem.stage_cost
    top = np.array([c.upper for c in group.problem.stage.columns])
    return float(np.minimum(cost * top, 0.0).sum()) * group.factor
