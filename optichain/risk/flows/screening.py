"""Proven bounds on continuity for many events at once, without a linear programme.

Above: what can reach each commodity over the time until the event is over, each user seen as if it were the only one.
Below: a flow that is possible: the steady flow, and round what is missing the spare capacity beside it; where that is
not enough, each user gets its share. Both are one pass through the tiers of a block for all events together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optichain.effects import State
from optichain.risk.flows.flow import BlockFlow
from optichain.risk.flows.reach import Reach
from optichain.risk.flows.relevance import Steady, over_from
from optichain.risk.flows.sharing import VISIBLE
from optichain.risk.flows.tiers import Tier, Tiers

__all__ = ["Bounds", "Screen"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PLENTY = 64.0
"""Scaled units over the horizon at which a capacity counts as unlimited for a flow that only has to be possible."""

TINY = 1e-300


@dataclass(frozen=True, eq=False)
class Bounds:
    """Bounds on the continuity of the chains of a block under events.

    Attributes
    ----------
    lower, upper : ndarray, shape (events, chains of the block)
    total_lower, total_upper : ndarray, shape (events,)
        Of the block's continuity, its chains weighted as in the objective.
    """

    lower: Floats
    upper: Floats
    total_lower: Floats
    total_upper: Floats


@dataclass(frozen=True, eq=False)
class Pay:
    """What serving demands is worth to the chains of a block.

    Attributes
    ----------
    chain : ndarray, shape (demands,)
        Position of each demand's chain among those of the block.
    share : ndarray, shape (demands,)
        Of the chain's demanded value, for a scaled unit of the demand.
    mix : ndarray, shape (chains of the block,)
        Weights in the objective, summing to 1.
    """

    chain: Ints
    share: Floats
    mix: Floats

    def shares(self, served: Floats) -> Floats:
        """Return the continuity of each chain, shape (n, chains of the block), from what is served, (n, demands)."""
        result = np.zeros((len(self.mix), len(served)))
        np.add.at(result, self.chain, (served * self.share).T)
        return result.T


@dataclass(frozen=True, eq=False)
class _Case:
    """Amounts over the time until each event is over, things by rows, events by columns, scaled.

    Attributes
    ----------
    time : ndarray, shape (events,)
    most, least : ndarray, shape (activities, events)
        Capacity over that time, and if it stayed as it is at the beginning.
    most_work, least_work : ndarray, shape (sites, events)
    stock : ndarray, shape (commodities, events)
    """

    time: Floats
    most: Floats
    least: Floats
    most_work: Floats
    least_work: Floats
    stock: Floats


class Screen:
    """Bounds for the events of one block in one state.

    Parameters
    ----------
    flow : BlockFlow
    tiers : Tiers
        Of the block.
    state : State
    steady : Steady
        Of the block in this state.
    pay : Pay
    """

    def __init__(self, flow: BlockFlow, tiers: Tiers, state: State, steady: Steady, pay: Pay) -> None:
        self.flow, self.tiers, self.state, self.steady, self.pay = flow, tiers, state, steady, pay
        network = flow.network
        self.horizon = network.horizon
        self.rate = network.demand_rate[flow.demands] / flow.serve_scale
        self.wanted = flow.place_of_commodity(network.demand_commodity[flow.demands])
        self.output = flow.place_of_commodity(network.output[flow.activities])
        opens = state.alternative_switch[self.tiers.alternative]
        self.ever, self.now = np.isfinite(opens), opens <= 0.0
        self.site = flow.place_of_site(np.maximum(network.activity_site[flow.activities], 0))
        self.load = np.zeros(len(flow.activities))
        loaded = (network.load[flow.activities] > 0.0) & (network.activity_site[flow.activities] >= 0)
        loaded &= self.site >= 0
        self.loaded = np.flatnonzero(loaded)
        self.load[loaded] = (
            network.load[flow.activities[loaded]]
            * flow.out_scale[loaded]
            / flow.site_scale[self.site[loaded]]
        )
        self.per_input = 1.0 / self.tiers.per_output[:, None]
        self.used = np.zeros(len(self.tiers.alternative))
        self.used[: len(flow.single)] = (
            self.tiers.per_output[: len(flow.single)] * steady.output[self.tiers.user[: len(flow.single)]]
        )
        self.used[len(flow.single) :] = steady.used
        self.made = np.zeros(len(flow.commodities))
        np.add.at(self.made, self.output, steady.output)

    def bounds(self, reaches: Sequence[Reach]) -> Bounds:
        """Return the bounds of events, given by what of them matters to the block."""
        pay = self.pay
        case = self._case(reaches)
        rest = (1.0 - case.time / self.horizon)[:, None]
        later = pay.shares(self.steady.served[None, :] * self.horizon)
        above = pay.shares(self._most(case).T) + rest
        below = pay.shares(self._possible(case).T) + rest * later
        idle = case.time <= 0.0
        if self.steady.full:
            above[idle] = below[idle] = 1.0
        above = np.clip(above, 0.0, 1.0)
        total_above = above @ pay.mix
        total_below = np.minimum(np.clip(below, 0.0, 1.0) @ pay.mix, total_above)
        # another chain may be served first: a chain has for certain what the others cannot take of the total
        others = total_above[:, None] - above * pay.mix
        with np.errstate(divide="ignore", invalid="ignore"):
            lower = (total_below[:, None] - others) / pay.mix
        lower = np.where(
            pay.mix > VISIBLE * pay.mix.max(), lower, np.where(idle[:, None] & self.steady.full, 1.0, 0.0)
        )
        return Bounds(np.clip(lower, 0.0, above), above, total_below, total_above)

    def _case(self, reaches: Sequence[Reach]) -> _Case:
        flow, state = self.flow, self.state
        time = np.array([min(over_from(flow, state, r, self.steady), self.horizon) for r in reaches])
        if not self.steady.full:
            time = np.where(time > 0.0, time, 0.0)
        capacity = state.capacity[flow.activities] / flow.out_scale
        switch = state.switch_time[flow.activities]
        most = _amounts(capacity, np.maximum(time[None, :] - np.minimum(switch, 1e300)[:, None], 0.0))
        least = _amounts(np.where(switch <= 0.0, capacity, 0.0), time[None, :])
        room = state.site_capacity[flow.sites] / flow.site_scale
        most_work = room[:, None] * time[None, :]
        least_work = most_work.copy()
        stock = np.empty((len(flow.commodities), len(reaches)))
        whole: Floats | None = None
        for e, reach in enumerate(reaches):
            if reach.stock_lost.any() or whole is None:
                kept = flow.stock(state, reach)
                whole = kept if not reach.stock_lost.any() else whole
                stock[:, e] = kept
            else:
                stock[:, e] = whole
            for where, loss, duration, limit, begins, high, low in (
                (
                    flow.place_of_activity(reach.activity),
                    reach.activity_loss,
                    reach.activity_duration,
                    capacity,
                    switch,
                    most,
                    least,
                ),
                (
                    flow.place_of_site(reach.site),
                    reach.site_loss,
                    reach.site_duration,
                    room,
                    None,
                    most_work,
                    least_work,
                ),
            ):
                self._hit(e, time[e], where, loss, duration, limit, begins, high, low)
        return _Case(time, most, np.minimum(least, PLENTY), most_work, least_work, stock)

    @staticmethod
    def _hit(
        e: int,
        time: float,
        where: Ints,
        loss: Floats,
        duration: Floats,
        limit: Floats,
        begins: Floats | None,
        most: Floats,
        least: Floats,
    ) -> None:
        """Lower the capacities that an event reaches: at most by its hits one by one, at least by the worst."""
        for place, share, lasting in zip(where.tolist(), loss.tolist(), duration.tolist(), strict=True):
            first = 0.0 if begins is None else float(begins[place])
            down = max(min(lasting, time) - first, 0.0)
            up = max(time - max(lasting, first), 0.0)
            left = 0.0 if share >= 1.0 else limit[place] * (1.0 - share)
            whole = limit[place] * up if up > 0.0 else 0.0
            most[place, e] = min(most[place, e], (left * down if down > 0.0 else 0.0) + whole)
            if first <= 0.0:
                least[place, e] = min(least[place, e], left * time if time > 0.0 else 0.0)

    def _reaching(self, case: _Case, capacity: Floats, work: Floats, usable: npt.NDArray[np.bool_]) -> Floats:
        """Return what can be had of each commodity, and lower the capacities to what their inputs allow."""
        available = case.stock.copy()
        if len(self.loaded):
            capacity[self.loaded] = np.minimum(
                capacity[self.loaded], work[self.site[self.loaded]] / self.load[self.loaded, None]
            )
        for tier in self.tiers.tiers:
            within = capacity[tier.activities]
            if len(tier.alternatives):
                o = tier.alternatives
                ways = available[self.tiers.commodity[o]]
                ways *= self.per_input[o]
                if not usable.all():
                    ways[~usable[o]] = 0.0
                if self.tiers.cyclic:
                    ways[self.tiers.within_cycle[o] & usable[o]] = np.inf
                within[tier.needy] = np.minimum(within[tier.needy], self._scarcest(tier, ways))
                capacity[tier.activities] = within
            available[tier.outputs] += tier.provide @ within
        return available

    @staticmethod
    def _scarcest(tier: Tier, ways: Floats) -> Floats:
        """Return the output that the scarcest requirement of each needy activity allows, from what each way allows."""
        met = np.empty((tier.alone + tier.total.shape[0] + 1, ways.shape[1]))
        met[: tier.alone] = ways[: tier.alone]
        met[tier.alone : -1] = tier.total @ ways[tier.alone :]
        met[-1] = np.inf
        return tier.least(met)

    def _most(self, case: _Case) -> Floats:
        """Return the most that each demand can be served, each for itself, shape (demands, events)."""
        available = self._reaching(case, case.most.copy(), case.most_work, self.ever)
        return np.minimum(available[self.wanted], self.rate[:, None] * case.time[None, :])

    def _possible(self, case: _Case) -> Floats:
        """Return what a flow that is possible serves, shape (demands, events)."""
        if self.tiers.cyclic:
            return np.zeros((len(self.rate), len(case.time)))
        able = case.least.copy()
        available = self._reaching(case, able, case.least_work, self.now)
        steady = np.minimum(self.steady.output[:, None] * case.time[None, :], able)
        spare = np.maximum(case.least - steady, 0.0)
        free = case.least_work - self._work(steady)
        beside = self._reaching(case, spare, np.maximum(free, 0.0), self.now)
        target, pull, need = self._targets(case, able, available, steady, spare, beside)
        return self._realised(case, target, pull, need)

    def _work(self, output: Floats) -> Floats:
        work = np.zeros((len(self.flow.sites), output.shape[1]))
        np.add.at(work, self.site[self.loaded], self.load[self.loaded, None] * output[self.loaded])
        return work

    def _targets(
        self, case: _Case, able: Floats, available: Floats, steady: Floats, spare: Floats, beside: Floats
    ) -> tuple[Floats, Floats, Floats]:
        """Ask for what is missing, from products to raw material: of the steady flow first, then of what is spare."""
        tiers = self.tiers
        need = np.zeros_like(available)
        np.add.at(need, self.wanted, self.rate[:, None] * case.time[None, :])
        target = np.zeros_like(able)
        pull = np.zeros((len(tiers.alternative), len(case.time)))
        for tier in reversed(tiers.tiers):
            a, asked = tier.activities, need[tier.outputs]
            usual = tier.provide @ steady[a]
            part = steady[a]
            part *= np.minimum(asked / np.maximum(usual, TINY), 1.0)[tier.output]
            for reserve in (spare, able):
                missing = np.maximum(asked - tier.provide @ part, 0.0)
                short = missing.max(axis=1) > 0.0
                if not short.any():
                    break
                some = np.flatnonzero(short[tier.output])
                row = (np.cumsum(short) - 1)[tier.output[some]]
                room = np.minimum(reserve[a[some]], able[a[some]] - part[some])
                total = np.zeros((int(short.sum()), room.shape[1]))
                np.add.at(total, row, room)
                part[some] += room * np.minimum(missing[short] / np.maximum(total, TINY), 1.0)[row]
            target[a] = part
            if len(tier.alternatives):
                taken = self._ways(tier, part, case.time, available, beside)
                pull[tier.alternatives] = taken
                need[tier.inputs] += tier.take @ taken
        return target, pull, need

    def _ways(self, tier: Tier, target: Floats, time: Floats, available: Floats, beside: Floats) -> Floats:
        """Return what is asked of each alternative: as usual as far as there is enough, the rest where plenty is."""
        o = tier.alternatives
        pull = target[tier.user]
        pull *= self.tiers.per_output[o, None]
        if tier.alone == len(o):
            return pull
        o = o[tier.alone :]
        commodity, per_output = self.tiers.commodity[o], self.tiers.per_output[o, None]
        wanted = target[tier.user[tier.alone :]]
        usual = self.steady.output[self.tiers.user[o], None] * time[None, :]
        enough = available[commodity] / np.maximum(self.made[commodity, None] * time[None, :], TINY)
        taken = self.used[o, None] * time[None, :] * np.minimum(wanted / np.maximum(usual, TINY), 1.0)
        taken *= np.minimum(enough, 1.0) / per_output
        taken[~self.now[o]] = 0.0
        plenty = (beside[commodity] + 1e-6 * available[commodity]) / per_output
        plenty[~self.now[o]] = 0.0
        missing = np.maximum(wanted - (tier.total @ taken)[tier.requirement], 0.0)
        taken += plenty * missing / np.maximum(tier.total @ plenty, TINY)[tier.requirement]
        pull[tier.alone :] = taken * per_output
        return pull

    def _realised(self, case: _Case, target: Floats, pull: Floats, need: Floats) -> Floats:
        """Make what can be made of the targets, from raw material to products, and serve; users share what is short."""
        if len(self.loaded):
            work = self._work(target)
            factor = np.minimum(case.least_work / np.maximum(work, TINY), 1.0)
            target[self.loaded] *= factor[self.site[self.loaded]]
        provided = case.stock.copy()
        for tier in self.tiers.tiers:
            made = target[tier.activities]
            if len(tier.alternatives):
                o = tier.alternatives
                dealt = np.minimum(provided[tier.inputs] / np.maximum(need[tier.inputs], TINY), 1.0)
                ways = pull[o]
                ways *= self.per_input[o]
                ways *= dealt[tier.input]
                made[tier.needy] = np.minimum(made[tier.needy], self._scarcest(tier, ways))
            provided[tier.outputs] += tier.provide @ made
        dealt = np.minimum(provided / np.maximum(need, TINY), 1.0)
        return self.rate[:, None] * case.time[None, :] * dealt[self.wanted]


def _amounts(capacity: Floats, time: Floats) -> Floats:
    """Return capacity x time, 0 where there is no time even for what is unlimited."""
    with np.errstate(invalid="ignore"):
        amount = capacity[:, None] * time
    endless = np.flatnonzero(np.isinf(capacity))
    if len(endless):
        whole = np.broadcast_to(time, amount.shape)[endless]
        amount[endless] = np.where(whole > 0.0, np.inf, 0.0)
    return amount
