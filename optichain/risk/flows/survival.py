"""Time to survive, TTS (3.3): how long the loss of an element is not felt.

Where the undisturbed network serves all demand for ever, TTS is one linear programme: the longest last
phase in which every demand is met. Elsewhere the value served with and without the failure is compared on
[0, t], and t found between a moment when it is not felt and one when it is. Both look only at what the failure can
make scarce: all else is served with it as without.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.effects import State
from optichain.network import Network
from optichain.risk.events import single_failure
from optichain.risk.flows.continuity import BlockContinuity
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.flow import Sides
from optichain.risk.flows.highs import ArrayLP
from optichain.risk.flows.reach import Reach, reach_of, touched_blocks
from optichain.risk.flows.scarcity import BlockScarcity, ScarceModel
from optichain.risk.flows.witness import reach_key

__all__ = ["SurvivalClock"]

Floats = npt.NDArray[np.float64]

FELT = 1e-9
"""What is lost on [0, t] counts as felt from this share of what [0, t] demands on."""
CLOSE = 1e-9
"""Share of itself and of the horizon to which a moment is found."""
FAR = 1e6
"""Horizons after which a failure that is still not felt never is (a rate differs by less than 1e-6 of demand)."""

NEAR = 1e-6
"""Share of the horizon that is too short to be told from nothing: a failure felt within it is felt at once."""


class SurvivalClock:
    """Times to survive of the elements of a network in one state.

    Parameters
    ----------
    network : Network
    state : State
    engine : ContinuityEngine
    """

    def __init__(self, network: Network, state: State, engine: ContinuityEngine) -> None:
        self.network = network
        self.state = state
        self.engine = engine
        self._scarcity: dict[int, BlockScarcity] = {}
        self._times: dict[bytes, float] = {}
        self._blocks: dict[int, _BlockClock] = {}
        self._clocks: dict[ScarceModel, _BlockClock] = {}

    def time_to_survive(self, element: int) -> float:
        """Return the time units for which the loss of an element is not felt; ``inf`` if it never is."""
        event = single_failure(self.network, element, permanent=True)
        reach = reach_of(self.network, self.state, event, horizon=math.inf)
        # a site, its only source and that source's item are one fact
        key = reach_key(reach)
        if key not in self._times:
            self._times[key] = self._time(reach)
        return self._times[key]

    def _time(self, reach: Reach) -> float:
        touched = set(touched_blocks(self.network, self.state, reach))
        times = [self._clock(b, reach).time(reach) for b in self.network.blocks.tolist() if b in touched]
        return min(times, default=math.inf)

    def _clock(self, number: int, reach: Reach) -> _BlockClock:
        """Return the clock of a block, or of what a failure can make scarce in it where one model is not enough."""
        if number not in self._blocks:
            self._blocks[number] = _BlockClock(self.engine.block(number), self.state)
        whole = self._blocks[number]
        if whole.at_once(reach) and bool(np.all(reach.activity_loss >= 1.0)):
            return whole
        if number not in self._scarcity:
            self._scarcity[number] = BlockScarcity(self.network, self.engine, number)
        model = self._scarcity[number].under(reach)
        if model not in self._clocks:
            self._clocks[model] = _BlockClock(model.block, self.state)
        return self._clocks[model]


class _BlockClock:
    def __init__(self, block: BlockContinuity, state: State) -> None:
        self.block, self.flow, self.state = block, block.flow, state
        self.network = block.network
        self.nothing = reach_of(self.network, state, None)
        self.starts = self.flow.breakpoints(state, self.nothing, horizon=math.inf)
        self._stretch: dict[tuple[int, bytes], ArrayLP] = {}
        self._known: dict[float, float] = {}

    @cached_property
    def always_served(self) -> bool:
        """All demand is served for ever without a failure."""
        return all(
            self._longest(self.nothing, i) >= self._room(i) * (1.0 - 1e-9) for i in range(len(self.starts))
        )

    def at_once(self, reach: Reach) -> bool:
        """Tell whether a few models tell how long the loss is not felt: it lasts, and nothing is short before."""
        return bool(np.all(np.isinf(reach.activity_duration))) and self.always_served

    def _room(self, phase: int) -> float:
        """Return how long a phase can last: to the next start, or for ever."""
        if phase + 1 < len(self.starts):
            return float(self.starts[phase + 1] - self.starts[phase])
        return FAR * self.network.horizon

    def time(self, reach: Reach) -> float:
        if not len(self.flow.demands):
            return math.inf  # the failure makes nothing scarce
        if not self.at_once(reach):
            return self._search(reach)
        for phase in range(len(self.starts)):
            length = self._longest(reach, phase)
            if length < self._room(phase) * (1.0 - 1e-9):
                return float(self.starts[phase] + max(length, 0.0))
        return math.inf

    def _longest(self, reach: Reach, phase: int) -> float:
        """Return the longest last phase in which every demand is met; -inf where earlier phases already fail."""
        starts = self.starts[: phase + 1]
        end = float(starts[-1] + 1.0)
        sides = self.flow.sides(self.state, reach, starts=starts, horizon=end)
        n_columns = self.flow.matrix(phase + 1).shape[1]
        last = slice(phase * self.flow.n_phase_columns, (phase + 1) * self.flow.n_phase_columns)
        columns = self.flow.served_columns(phase + 1)
        wanted = self._wanted()
        lower = np.zeros(n_columns + 1)
        upper = np.append(sides.upper, self._room(phase) / self.network.horizon)
        earlier = columns[:-1][:, wanted]
        lower[earlier.ravel()] = upper[earlier.ravel()]
        upper[last] = np.where(upper[last] > 0.0, np.inf, 0.0)
        row_upper = sides.row_upper.copy()
        site_rows = self._site_rows(phase)
        row_upper[site_rows] = 0.0
        limited = self._limited(phase)
        n_wanted = len(wanted)
        low = np.concatenate([sides.row_lower, np.full(len(limited), -np.inf), np.zeros(n_wanted)])
        high = np.concatenate([row_upper, np.zeros(len(limited)), np.zeros(n_wanted)])
        rates, room = self._rates(reach, float(starts[-1]))
        key = (phase, rates.tobytes() + room.tobytes())
        if key not in self._stretch:
            self._stretch[key] = self._model(phase, limited, wanted, rates[limited], room)
        model = self._stretch[key]
        model.set_bounds(upper, low, high, lower)
        longest = model.solve_or_nothing()
        return -math.inf if longest is None else longest * self.network.horizon

    def _wanted(self) -> npt.NDArray[np.int64]:
        demands = self.flow.demands
        return np.flatnonzero(self.network.demand_rate[demands] * self.network.demand_value[demands] > 0.0)

    def _site_rows(self, phase: int) -> npt.NDArray[np.int64]:
        n_sites = len(self.flow.sites)
        end = (phase + 1) * self.flow.n_phase_rows
        finite = np.isfinite(self.state.site_capacity[self.flow.sites])
        return (end - n_sites + np.arange(n_sites))[finite]

    def _limited(self, phase: int) -> npt.NDArray[np.int64]:
        """Return the activities with a limited capacity, by place in the block."""
        return np.flatnonzero(np.isfinite(self.state.capacity[self.flow.activities]))

    def _rates(self, reach: Reach, start: float) -> tuple[Floats, Floats]:
        """Return what each activity and each site can do per time unit from a moment on, scaled.

        An activity that makes nothing is shut by its bound, and stands here as unhurt: so failures share a model.
        """
        whole = self.state.capacity[self.flow.activities] / self.flow.out_scale
        columns, sites = self.flow.rates(self.state, reach, np.array([start]))
        now = columns[0, : len(whole)]
        return np.where(now > 0.0, now, whole), sites[0]

    def _model(
        self,
        phase: int,
        limited: npt.NDArray[np.int64],
        wanted: npt.NDArray[np.int64],
        rates: Floats,
        room: Floats,
    ) -> ArrayLP:
        """Build the model in which the length of the last phase is a column (in horizons)."""
        flow, horizon = self.flow, self.network.horizon
        matrix = flow.matrix(phase + 1)
        n_rows, n_columns = matrix.shape
        first = phase * flow.n_phase_columns
        length = np.zeros(n_rows)
        site_rows = self._site_rows(phase)
        finite = np.isfinite(self.state.site_capacity[flow.sites])
        length[site_rows] = -room[finite] * horizon
        capacity = rates * horizon
        rate = (self.network.demand_rate[flow.demands] / flow.serve_scale)[wanted] * horizon
        pick_output = sp.csr_matrix(
            (np.ones(len(limited)), (np.arange(len(limited)), first + limited)),
            shape=(len(limited), n_columns),
        )
        served = flow.served_columns(phase + 1)[-1, wanted]
        pick_served = sp.csr_matrix(
            (np.ones(len(wanted)), (np.arange(len(wanted)), served)), shape=(len(wanted), n_columns)
        )
        rows_of: Any = [
            [matrix, sp.csr_matrix(length[:, None])],
            [pick_output, sp.csr_matrix(-capacity[:, None])],
            [pick_served, sp.csr_matrix(-rate[:, None])],
        ]
        full: Any = sp.bmat(rows_of, format="csc")
        cost = np.zeros(n_columns + 1)
        cost[-1] = 1.0
        rows = full.shape[0]
        return ArrayLP(full, cost, np.full(n_columns + 1, np.inf), np.zeros(rows), np.zeros(rows))

    def _search(self, reach: Reach) -> float:
        """Find the last moment at which as much is served as undisturbed, between bounds that close in."""
        # where demand is not met anyway, a loss may be felt early and made up for later: the first moment counts
        low, high = self.network.horizon * NEAR, self.network.horizon * 2.0**-16
        far = FAR * self.network.horizon
        if self.always_served and not self._is_felt(self._felt(reach, far), far):
            return math.inf  # what is missing then only grows with time
        if self._is_felt(self._felt(reach, low), low):
            return 0.0
        gap = self._felt(reach, high)
        while not self._is_felt(gap, high):
            low, high = high, 2.0 * high
            if high > far:
                return math.inf
            gap = self._felt(reach, high)
        beyond, gap_beyond = high, gap
        near = self.network.horizon
        for _ in range(200):
            if high - low <= CLOSE * (near + high):
                break
            guess = 0.5 * (low + high)
            if beyond > high and gap_beyond > gap:
                guess = high - gap * (beyond - high) / (gap_beyond - gap)
                if not low < guess < high:
                    guess = 0.5 * (low + high)
            now = self._felt(reach, guess)
            if self._is_felt(now, guess):
                beyond, gap_beyond, high, gap = high, gap, guess, now
                continue
            low, middle = guess, 0.5 * (guess + high)
            if guess + CLOSE * (near + guess) < high:
                now = self._felt(reach, middle)
                if self._is_felt(now, middle):
                    beyond, gap_beyond, high, gap = high, gap, middle, now
        return low

    def _is_felt(self, lost: float, t: float) -> bool:
        """Tell whether what is lost on [0, t] is more than rounding."""
        return lost > FELT * t / self.network.horizon

    def _felt(self, reach: Reach, t: float) -> float:
        """Return the value lost on [0, t], as a share of what the horizon demands."""
        starts = self.starts[self.starts < t]
        if t not in self._known:
            self._known[t] = self._served(self.nothing, starts, t)
        return (self._known[t] - self._served(reach, starts, t)) * t / self.network.horizon

    def _served(self, reach: Reach, starts: Floats, t: float) -> float:
        """Return the value served on [0, t], as a share of what [0, t] demands.

        All is measured in units of what t demands: in those of the horizon a short time asks for less than a solver
        takes for nothing.
        """
        units = self.network.horizon / t
        sides = self.flow.sides(self.state, reach, starts=starts, horizon=t)
        larger = Sides(sides.lengths, sides.upper * units, sides.row_lower * units, sides.row_upper * units)
        return self.block.served(starts, larger)
