"""The time-phased flow model of a block (3.3) as one matrix per number of phases.

Columns of a phase: output p of each activity, use u of each alternative of a requirement that has several,
served s of each demand; between phases the stock I. A requirement with a single alternative needs no
column: its use is quantity x output. Everything is measured in powers of two near what the demand needs over the
horizon, so that tolerances mean the same whatever the units of the instance.

    requirement   sum_o u_o / r_o - p_a = 0
    commodity     I_k = I_{k-1} + provided - used - moved - served   (last phase: surplus >= 0)
    site          sum_a load_a p_a <= D_k cap_s left_s
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.effects import State
from optichain.network import Network
from optichain.risk.flows.magnitudes import near_power, typical_needs
from optichain.risk.flows.reach import Reach, remaining, touched_blocks

__all__ = ["BlockFlow", "Scarce", "Sides"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LEAST_ROOM = 1e-6
"""Share of the work that full demand would ask of a site below which its capacity counts as nothing much."""


@dataclass(frozen=True, eq=False)
class Scarce:
    """A part of a block: what can be scarce in it. All numbers are of the network and ascend.

    Attributes
    ----------
    of : BlockFlow or None
        The whole block; ``None`` for the whole itself.
    activities, commodities, demands : ndarray
        Inputs of the activities that are not among the commodities are never short.
    single, mixed : ndarray
        Alternatives of those requirements of the activities that are not met for certain: alone in theirs, or not.
    """

    of: BlockFlow | None
    activities: Ints
    commodities: Ints
    demands: Ints
    single: Ints
    mixed: Ints


@dataclass(frozen=True, eq=False)
class Sides:
    """Bounds of one event: what the matrix of `BlockFlow.matrix` needs beside itself.

    Attributes
    ----------
    lengths : ndarray, shape (phases,)
        Length of each phase, time units.
    upper : ndarray, shape (columns,)
    row_lower, row_upper : ndarray, shape (rows,)
    """

    lengths: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats


class BlockFlow:
    """The flow model of one block: index sets, scales and matrices.

    Parameters
    ----------
    network : Network
    block : int
    scarce : Scarce, optional
        The part of the block to model; all of it by default.

    Attributes
    ----------
    number : int
        The block.
    activities, commodities, demands, sites : ndarray
        Their numbers in the network, in the order of the columns and rows.
    chains : ndarray
        Chains of the block.
    """

    def __init__(self, network: Network, block: int, scarce: Scarce | None = None) -> None:
        self.network = network
        self.number = block
        part = _whole(network, block) if scarce is None else scarce
        self.activities, self.commodities, self.demands = part.activities, part.commodities, part.demands
        self.single, self.mixed = part.single, part.mixed
        self.chains: Ints = np.flatnonzero(network.chain_block == block)
        self._place_activity = _Places(self.activities)
        self._place_commodity = _Places(self.commodities)
        self.mixed_requirement, self._mixed_row = np.unique(
            network.alternative_requirement[self.mixed], return_inverse=True
        )
        limited = (network.load[self.activities] > 0) & (network.activity_site[self.activities] >= 0)
        candidates = network.activity_site[self.activities[limited]]
        self.sites = np.unique(candidates[np.isfinite(network.site_capacity[candidates])])
        self._place_site = _Places(self.sites)
        self.scale = self._scale_of(self.commodities)
        self.out_scale = self._scale_of(network.output[self.activities])
        self.use_scale = self._scale_of(network.alternative_commodity[self.mixed])
        self.serve_scale = self._scale_of(network.demand_commodity[self.demands])
        self.site_scale = self._scale_of_sites()
        self.n_phase_columns = len(self.activities) + len(self.mixed) + len(self.demands)
        self._phase = self._phase_matrix()
        self._matrices: dict[int, sp.csc_matrix] = {}

    def _scale_of(self, commodities: Ints) -> Floats:
        """Return the unit in which each commodity is measured."""
        return near_power(typical_needs(self.network)[self.network.commodity_item[commodities]])

    def _scale_of_sites(self) -> Floats:
        """Return the unit in which the work of each site is measured: its capacity, within reason of what is asked of it."""
        network = self.network
        work = np.zeros(len(self.sites))
        place = self._place_site[network.activity_site[self.activities]]
        loaded = np.flatnonzero((place >= 0) & (network.load[self.activities] > 0.0))
        np.maximum.at(work, place[loaded], network.load[self.activities[loaded]] * self.out_scale[loaded])
        room = network.site_capacity[self.sites] * network.horizon
        return near_power(np.clip(room, LEAST_ROOM * work, work))

    @property
    def n_phase_rows(self) -> int:
        """Rows of one phase: commodities, mixed requirements, sites."""
        return len(self.commodities) + len(self.mixed_requirement) + len(self.sites)

    def served_columns(self, phases: int) -> Ints:
        """Return the columns of s, shape (phases, demands)."""
        first = len(self.activities) + len(self.mixed)
        starts = np.arange(phases)[:, None] * self.n_phase_columns
        return np.asarray(starts + first + np.arange(len(self.demands))[None, :], dtype=np.int64)

    def _phase_matrix(self) -> sp.csr_matrix:
        """Return the rows of one phase without the stock columns."""
        net, n_a, n_u = self.network, len(self.activities), len(self.mixed)
        n_c, n_g = len(self.commodities), len(self.mixed_requirement)
        rows: list[Ints] = []
        columns: list[Ints] = []
        values: list[Floats] = []

        def put(row: Ints, column: Ints, value: Floats) -> None:
            rows.append(row)
            columns.append(column)
            values.append(value)

        put(self._place_commodity[net.output[self.activities]], np.arange(n_a), np.ones(n_a))
        input_place = self._place_commodity[net.alternative_commodity[self.single]]
        single = self.single[input_place >= 0]
        input_place = input_place[input_place >= 0]
        user = self._place_activity[net.requirement_activity[net.alternative_requirement[single]]]
        used = net.alternative_quantity[single] * self.out_scale[user] / self.scale[input_place]
        put(input_place, user, -used)
        mixed_place = self._place_commodity[net.alternative_commodity[self.mixed]]
        drawn = np.flatnonzero(mixed_place >= 0)
        put(mixed_place[drawn], n_a + drawn, -np.ones(len(drawn)))
        put(
            self._place_commodity[net.demand_commodity[self.demands]],
            n_a + n_u + np.arange(len(self.demands)),
            -np.ones(len(self.demands)),
        )
        owner = self._place_activity[net.requirement_activity[self.mixed_requirement]]
        share = self.use_scale / (
            net.alternative_quantity[self.mixed] * self.out_scale[owner[self._mixed_row]]
        )
        put(n_c + self._mixed_row, n_a + np.arange(n_u), share)
        put(n_c + np.arange(n_g), owner, -np.ones(n_g))
        site = net.activity_site[self.activities]
        place = self._place_site[site]
        loaded = np.flatnonzero((place >= 0) & (net.load[self.activities] > 0))
        put(
            n_c + n_g + place[loaded],
            loaded,
            net.load[self.activities[loaded]] * self.out_scale[loaded] / self.site_scale[place[loaded]],
        )
        shape = (self.n_phase_rows, self.n_phase_columns)
        return sp.csr_matrix(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape
        )

    def matrix(self, phases: int) -> sp.csc_matrix:
        """Return the matrix of a number of phases: the phases side by side, then the stocks between them."""
        if phases not in self._matrices:
            self._matrices[phases] = self._joined(phases)
        return self._matrices[phases]

    def _joined(self, phases: int) -> sp.csc_matrix:
        flows, n_c = self._phase.tocoo(), len(self.commodities)
        phase = np.arange(phases)[:, None]
        # the stock after a phase leaves its rows and comes into those of the next
        kept = np.arange(n_c)[None, :] + phase[:-1] * self.n_phase_rows
        stocks = phases * self.n_phase_columns + np.arange((phases - 1) * n_c)
        rows = np.concatenate(
            [
                (flows.row[None, :] + phase * self.n_phase_rows).ravel(),
                kept.ravel(),
                kept.ravel() + self.n_phase_rows,
            ]
        )
        columns = np.concatenate(
            [(flows.col[None, :] + phase * self.n_phase_columns).ravel(), stocks, stocks]
        )
        values = np.concatenate([np.tile(flows.data, phases), -np.ones(len(stocks)), np.ones(len(stocks))])
        shape = (phases * self.n_phase_rows, phases * self.n_phase_columns + len(stocks))
        return sp.csc_matrix((values, (rows, columns)), shape=shape)

    def breakpoints(self, state: State, reach: Reach, *, horizon: float | None = None) -> Floats:
        """Return the starts of the phases: 0, then each switch time and duration within the horizon."""
        end = self.network.horizon if horizon is None else horizon
        times = [
            np.zeros(1),
            state.switch_time[self.activities],
            state.alternative_switch[self.single],
            state.alternative_switch[self.mixed],
            reach.activity_duration[self._place_activity[reach.activity] >= 0],
            reach.site_duration[self._place_site[reach.site] >= 0] if len(reach.site) else np.zeros(0),
        ]
        moments = np.unique(np.concatenate(times))
        return np.asarray(moments[moments < end], dtype=float)

    def sides(
        self, state: State, reach: Reach, *, starts: Floats | None = None, horizon: float | None = None
    ) -> Sides:
        """Return the bounds of an event.

        Parameters
        ----------
        state : State
        reach : Reach
        starts : ndarray, optional
            Starts of the phases; `breakpoints` by default.
        horizon : float, optional
            End of the last phase; the instance's horizon by default.
        """
        net = self.network
        end = net.horizon if horizon is None else horizon
        begin = self.breakpoints(state, reach, horizon=end) if starts is None else starts
        lengths = np.diff(np.append(begin, end))
        phases, n_a = len(begin), len(self.activities)
        upper = np.full((phases, self.n_phase_columns), np.inf)
        upper[:, :n_a] = self._output_limits(state, reach, begin, lengths)
        upper[:, n_a : n_a + len(self.mixed)] = np.where(
            state.alternative_switch[self.mixed][None, :] <= begin[:, None], np.inf, 0.0
        )
        upper[:, n_a + len(self.mixed) :] = (
            lengths[:, None] * (net.demand_rate[self.demands] / self.serve_scale)[None, :]
        )
        low = np.zeros((phases, self.n_phase_rows))
        high = np.zeros((phases, self.n_phase_rows))
        n_c, n_g = len(self.commodities), len(self.mixed_requirement)
        high[-1, :n_c] = np.inf
        stock = self.stock(state, reach)
        low[0, :n_c] -= stock
        high[0, :n_c] -= stock
        low[:, n_c + n_g :] = -np.inf
        high[:, n_c + n_g :] = self._site_limits(state, reach, begin, lengths)
        return Sides(
            lengths,
            np.concatenate([upper.ravel(), np.full((phases - 1) * n_c, np.inf)]),
            low.ravel(),
            high.ravel(),
        )

    def rates(self, state: State, reach: Reach, moments: Floats) -> tuple[Floats, Floats]:
        """Return what activities and alternatives, and sites, can do per time unit at given moments, scaled.

        Returns
        -------
        columns : ndarray, shape (moments, activities + mixed alternatives)
        sites : ndarray, shape (moments, sites)
        """
        even = np.ones(len(moments))
        open_ways = state.alternative_switch[self.mixed][None, :] <= moments[:, None]
        outputs = self._output_limits(state, reach, moments, even)
        return (
            np.hstack([outputs, np.where(open_ways, np.inf, 0.0)]),
            self._site_limits(state, reach, moments, even),
        )

    def _output_limits(self, state: State, reach: Reach, begin: Floats, lengths: Floats) -> Floats:
        """Return D_k cap_a left_ak where open and 0 where closed, shape (phases, activities), scaled."""
        capacity = state.capacity[self.activities] / self.out_scale
        with np.errstate(invalid="ignore"):
            limit = lengths[:, None] * capacity[None, :]
        where = self._place_activity[reach.activity]
        here = where >= 0
        things, left = remaining(where[here], reach.activity_loss[here], reach.activity_duration[here], begin)
        if len(things):
            limit[:, things] = _share(limit[:, things], left.T)
        closed = state.switch_time[self.activities][None, :] > begin[:, None]
        limit[closed] = 0.0
        shut = state.alternative_switch[self.single][None, :] > begin[:, None]
        phase, alternative = np.nonzero(shut)
        owner = self.network.requirement_activity[
            self.network.alternative_requirement[self.single[alternative]]
        ]
        limit[phase, self._place_activity[owner]] = 0.0
        return np.asarray(limit, dtype=float)

    def _site_limits(self, state: State, reach: Reach, begin: Floats, lengths: Floats) -> Floats:
        limit = lengths[:, None] * (state.site_capacity[self.sites] / self.site_scale)[None, :]
        if len(reach.site) and len(self.sites):
            where = self._place_site[reach.site]
            here = where >= 0
            things, left = remaining(where[here], reach.site_loss[here], reach.site_duration[here], begin)
            if len(things):
                limit[:, things] = _share(limit[:, things], left.T)
        return np.asarray(limit, dtype=float)

    def stock(self, state: State, reach: Reach) -> Floats:
        """Return the stock at the start that survives the event, by commodity, scaled."""
        place = self._place_commodity[state.stock_commodity]
        kept = (place >= 0) & ~reach.stock_lost
        total = np.zeros(len(self.commodities))
        np.add.at(total, place[kept], state.stock_quantity[kept] / self.scale[place[kept]])
        return total

    def place_of_activity(self, numbers: Ints) -> Ints:
        """Return the places of activities in the block, -1 for those of other blocks."""
        return self._place_activity[numbers]

    def place_of_commodity(self, numbers: Ints) -> Ints:
        """Return the places of commodities in the block, -1 for those of other blocks."""
        return self._place_commodity[numbers]

    def place_of_site(self, numbers: Ints) -> Ints:
        """Return the places of sites with a limited capacity in the block, -1 for all others."""
        return self._place_site[numbers]

    def holds(self, commodities: Ints) -> npt.NDArray[np.bool_]:
        """Tell which commodities are of the block."""
        return np.asarray(self._place_commodity[commodities] >= 0)

    def touched(self, state: State, reach: Reach) -> bool:
        """Tell whether the event changes anything in the block: an activity, a site's own capacity, or stock."""
        return self.number in touched_blocks(self.network, state, reach)


def _share(limit: Floats, left: Floats) -> Floats:
    """Multiply, with unlimited staying unlimited at any loss below 1."""
    with np.errstate(invalid="ignore"):
        product = limit * left
    return np.where(left <= 0.0, 0.0, product)


class _Places:
    """The position of each number among some that ascend, -1 elsewhere."""

    def __init__(self, members: Ints) -> None:
        self.members = members

    def __getitem__(self, numbers: Ints) -> Ints:
        if not len(self.members):
            return np.full(len(numbers), -1, dtype=np.int64)
        place = np.searchsorted(self.members, numbers)
        place[place == len(self.members)] = 0
        return np.where(self.members[place] == numbers, place, -1)


def _whole(network: Network, block: int) -> Scarce:
    """Return all of a block."""
    activities = np.flatnonzero(network.activity_block == block)
    users = network.requirement_activity[network.alternative_requirement]
    mine = np.flatnonzero(network.activity_block[users] == block)
    count = np.bincount(network.alternative_requirement, minlength=len(network.requirement_activity))
    alone = count[network.alternative_requirement[mine]] == 1
    return Scarce(
        None,
        activities,
        np.flatnonzero(network.commodity_block == block),
        np.flatnonzero(network.demand_block == block),
        mine[alone],
        mine[~alone],
    )
