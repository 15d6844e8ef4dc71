"""Continuity of each chain under an event (3.3), from one family of linear programmes a block.

Events share a matrix and differ in bounds, so each is solved from the basis of the undisturbed network, with only
the phases that matter to it; events with the same right-hand sides are solved once. The answer depends neither on the
order of events nor on what was solved before.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from optichain.effects import State, base_state
from optichain.network import Network
from optichain.risk.flows.family import FEW, Family, Prices
from optichain.risk.flows.flow import BlockFlow, Scarce, Sides
from optichain.risk.flows.phases import moments_that_matter
from optichain.risk.flows.reach import Reach, reach_of
from optichain.risk.flows.relevance import Steady, Worth, over_from, relevant, rhs_key, useful_activities
from optichain.risk.flows.screening import Pay
from optichain.risk.flows.sharing import serve_in_order
from optichain.risk.flows.succession import phase_by_phase
from optichain.risk.flows.tiers import Tiers

__all__ = ["BlockContinuity"]

Floats = npt.NDArray[np.float64]

FULL = 1e-12
"""Share by which a steady flow may miss a demand that it serves: rounding."""

APART = 1e-11
"""Distance of bounds at which two parts of the time are taken to be solved: rounding."""


class BlockContinuity:
    """Solves events of one block.

    Parameters
    ----------
    network : Network
    block : int
    weight : ndarray, shape (chains,)
        Weight of every chain in the objective.
    scarce : Scarce, optional
        The part of the block to model, all of it by default. What is left out is taken to go on: a chain of which nothing is
        modelled has a continuity of 1.

    Attributes
    ----------
    flow : BlockFlow
    chains : ndarray
        Chains of the block.
    demanded : ndarray, shape (chains of the block,)
        Value demanded over the horizon.
    mix : ndarray, shape (chains of the block,)
        Weights in the objective, summing to 1.
    """

    def __init__(self, network: Network, block: int, weight: Floats, scarce: Scarce | None = None) -> None:
        self.network = network
        self.flow = BlockFlow(network, block, scarce)
        self.base = base_state(network)
        self.chains = self.flow.chains
        demands = self.flow.demands
        self.demand_chain = np.searchsorted(self.chains, network.demand_chain[demands])
        every = demands if scarce is None or scarce.of is None else scarce.of.demands
        worth = network.demand_value[every] * network.demand_rate[every] * network.horizon
        self.demanded = np.zeros(len(self.chains))
        np.add.at(self.demanded, np.searchsorted(self.chains, network.demand_chain[every]), worth)
        self.weight = weight[self.chains]
        names = network.chains[self.chains]
        # weights that differ by rounding alone are equal: their names decide
        even = np.round(self.weight, 12)
        self.order = sorted(range(len(self.chains)), key=lambda i: (-even[i], str(names[i])))
        mixed = self.weight if self.weight.sum() > 0.0 else self.demanded
        self.mix = mixed / mixed.sum()
        value = network.demand_value[demands] * self.flow.serve_scale
        self._share = value / self.demanded[self.demand_chain]
        self.pay = Pay(self.demand_chain, self._share, self.mix)
        self._nothing = reach_of(network, self.base, None)
        self._families: dict[int, Family] = {}
        self._steady: dict[bytes, Steady] = {}
        self._known: dict[bytes, Floats] = {}
        self._last_state: tuple[State, bytes] | None = None

    @cached_property
    def _useful(self) -> npt.NDArray[np.bool_]:
        return useful_activities(self.flow)

    @property
    def share(self) -> Floats:
        """What serving one unit of s adds to the continuity of its chain, shape (demands of the block,)."""
        return self._share

    @property
    def cost_of_serving(self) -> Floats:
        """Coefficients of s in the objective, shape (demands of the block,)."""
        return np.asarray(self.mix[self.demand_chain] * self._share, dtype=float)

    def continuity(self, state: State, reach: Reach) -> Floats:
        """Return the continuity of each chain of the block, shape (chains of the block,)."""
        mine, key = self.case(state, reach)
        if key not in self._known:
            self._known[key] = self._solve(state, self.steady(state), mine)
        return self._known[key]

    def case(self, state: State, reach: Reach) -> tuple[Reach, bytes]:
        """Return what of an event matters here, and what tells the case from others."""
        mine = relevant(self.flow, state, reach, self._useful)
        key = self._state_key(state) + rhs_key(self.flow, state, mine)
        return mine, hashlib.blake2b(key, digest_size=16).digest()

    def steady(self, state: State) -> Steady:
        """Return a flow that the block can keep up in a state; kept."""
        key = self._state_key(state)
        if key not in self._steady:
            self._steady[key] = self._steady_flow(state)
        return self._steady[key]

    def served(self, starts: Floats, sides: Sides) -> float:
        """Return the value served under given bounds, as a share of what the horizon demands, plain values.

        Parameters
        ----------
        starts : ndarray, shape (phases,)
        sides : Sides
        """
        phases = len(starts)
        family = self._family(phases)
        cost = np.zeros(len(family.cost))
        cost[family.served] = (self._share * self.demanded[self.demand_chain])[None, :]
        start = family.basis if phases <= FEW else None
        family.model.forget()
        family.model.set_cost(cost / self.demanded.sum())
        family.model.set_bounds(sides.upper, sides.row_lower, sides.row_upper)
        return family.model.solve_reduced() if start is None else family.model.solve(start)

    def optimal_flow(
        self, state: State, reach: Reach, *, most: int | None = None
    ) -> tuple[Floats, Sides, Floats]:
        """Return the starts of the phases, the bounds, and the values of the columns of a flow that serves most.

        With the phases that matter, or at most a number of them: then it is possible, but may serve less. A flow that is
        steady in a phase is possible in every part of it: capacities only grow after an event has begun.
        """
        mine = relevant(self.flow, state, reach, self._useful)
        horizon = self.network.horizon
        over = min(over_from(self.flow, state, mine, self.steady(state)), horizon)
        starts = np.array([0.0, over]) if 0.0 < over < horizon else np.zeros(1)
        while True:
            family = self._family(len(starts))
            sides = self.flow.sides(state, mine, starts=starts)
            start = self._begin_with(family, state, mine, starts, horizon)
            values = family.optimum(sides, feasible=start)
            prices = family.prices()
            fresh = moments_that_matter(self.flow, state, mine, starts, horizon, prices, family.unit)
            room = len(fresh) if most is None else max(most - len(starts), 0)
            if not len(fresh[:room]):
                return starts, sides, values
            starts = np.union1d(starts, fresh[:room])

    @cached_property
    def tiers(self) -> Tiers:
        """The block's activities in the order of their inputs."""
        return Tiers(self.flow)

    def _state_key(self, state: State) -> bytes:
        """Return what tells states apart for this block: they share what is known where they differ elsewhere."""
        if self._last_state is None or self._last_state[0] is not state:
            flow = self.flow
            parts = (
                state.capacity[flow.activities],
                state.switch_time[flow.activities],
                state.alternative_switch[flow.single],
                state.alternative_switch[flow.mixed],
                state.site_capacity[flow.sites],
                flow.stock(state, _no_loss(state, self._nothing)),
            )
            digest = hashlib.blake2b(b"".join(part.tobytes() for part in parts), digest_size=16).digest()
            self._last_state = (state, digest)
        return self._last_state[1]

    def _family(self, phases: int) -> Family:
        if phases not in self._families:
            # one model of many phases at a time: they are large, and solved from scratch anyway
            for many in [n for n in self._families if n > FEW and phases > FEW]:
                del self._families[many]
            self._families[phases] = Family(self.flow, phases, self.cost_of_serving, self.base, self._nothing)
        return self._families[phases]

    def _steady_flow(self, state: State) -> Steady:
        """Serve as much as can be served for ever, without stock and with what is open from the beginning."""
        flow, horizon = self.flow, self.network.horizon
        gone = _no_loss(state, self._nothing, lost=True)
        sides = flow.sides(state, gone, starts=np.zeros(1))
        values = self._family(1).optimum(sides)
        n_a, n_u = len(flow.activities), len(flow.mixed)
        output, served = values[:n_a], values[n_a + n_u :]
        wanted = sides.upper[n_a + n_u :]
        family = self._family(1)
        work = family.model.row_activity()[flow.n_phase_rows - len(flow.sites) :]
        return Steady(
            output=output / horizon,
            used=values[n_a : n_a + n_u] / horizon,
            work=work / horizon,
            served=served / horizon,
            full=bool(np.all(served >= wanted * (1.0 - FULL))),
            worths=(*self._worth(state, _no_loss(state, self._nothing)), *self._worth(state, gone)),
        )

    def _worth(self, state: State, reach: Reach) -> list[Worth]:
        """Return the bound that the prices of one phase without an event give, where nothing that opens adds to it."""
        flow, family = self.flow, self._family(1)
        starts, horizon = np.zeros(1), self.network.horizon
        values = family.optimum(flow.sides(state, reach, starts=starts))
        if len(moments_that_matter(flow, state, reach, starts, horizon, family.prices(), family.unit)):
            return []
        row_dual = family.model.duals()[1][: len(flow.commodities)]
        price = np.maximum(-row_dual, 0.0) * family.unit
        value = float(family.cost @ values) * family.unit - float(price @ flow.stock(state, reach))
        return [Worth(value, price)]

    def _solve(self, state: State, steady: Steady, reach: Reach) -> Floats:
        """Solve up to the moment from which the steady flow is possible, if that is enough, else to the horizon."""
        over = min(over_from(self.flow, state, reach, steady), self.network.horizon)
        if steady.full:
            # all demand is served from then on without stock: so none of it need be kept
            during = np.zeros(len(self.chains))
            if over > 0.0:
                during, _ = self._refined(state, reach, np.zeros(1), over)
            return np.asarray(np.clip(during + 1.0 - over / self.network.horizon, 0.0, 1.0))
        if len(self.chains) == 1:
            apart = self._apart(state, steady, reach, over)
            if apart is not None:
                return np.asarray(np.clip(np.array([apart]), 0.0, 1.0))
        starts = np.array([0.0, over]) if 0.0 < over < self.network.horizon else np.zeros(1)
        return np.clip(self._refined(state, reach, starts, self.network.horizon)[0], 0.0, 1.0)

    def _apart(self, state: State, steady: Steady, reach: Reach, over: float) -> float | None:
        """Solve the time before and after a moment apart; return ``None`` where that is not proven to be the optimum.

        Prices without an event bound what stock is worth afterwards. So the time before, with what it leaves over valued
        at them, bounds the whole from above; what can be served afterwards with what it leaves over, from below.
        """
        flow, horizon = self.flow, self.network.horizon
        family = self._family(1)
        after = 1.0 - over / horizon
        if after <= 0.0:
            return None
        most, least = np.inf, -np.inf
        ends: list[tuple[float, Floats]] = []
        for worth in steady.worths:
            stock, first = flow.stock(state, reach), 0.0
            if over > 0.0:
                served, stock = self._refined(
                    state, reach, np.zeros(1), over, left_over=worth.price / family.unit
                )
                first = float(served[0])
            most = min(most, first + worth.value * after + float(worth.price @ stock))
            ends.append((first, stock))
        # the prices without stock keep least of it: most of what they keep is of use
        for first, stock in reversed(ends):
            sides = flow.sides(state, reach, starts=np.array([over]))
            sides.row_lower[: len(stock)] = -stock
            least = max(least, first + float(family.cost @ family.optimum(sides)) * family.unit)
            if most - least <= APART:
                return least
        return None

    def _refined(
        self,
        state: State,
        reach: Reach,
        starts: Floats,
        end: float,
        *,
        left_over: Floats | None = None,
    ) -> tuple[Floats, Floats]:
        """Solve with few phases, then with those too whose beginning has a price, until none is left out that does.

        Returns
        -------
        continuity : ndarray, shape (chains of the block,)
            Of what is served until the end, as shares of what the horizon demands.
        stock : ndarray, shape (commodities,)
            What is left over, scaled.
        """
        while True:
            served, stock, prices = self._optimum(state, reach, starts, end, left_over)
            more = [
                moments_that_matter(self.flow, state, reach, starts, end, price, unit)
                for price, unit in prices
            ]
            fresh = np.unique(np.concatenate(more))
            if not len(fresh):
                return self.pay.shares(served.sum(axis=0)[None, :])[0], stock
            starts = np.union1d(starts, fresh)

    def _begin_with(self, family: Family, state: State, reach: Reach, starts: Floats, end: float) -> Any:
        """Return the basis to start a few phases from; ``None`` for one phase, and for so many that presolve is better."""
        if not 1 < len(starts) <= FEW:
            return None
        return phase_by_phase(self._family(1), family, self.flow, state, reach, starts, end)

    def _optimum(
        self, state: State, reach: Reach, starts: Floats, end: float, left_over: Floats | None
    ) -> tuple[Floats, Floats, list[tuple[Prices, float]]]:
        """Return what is served with given phases, what is left over, and the prices of each stage with their unit."""
        family = self._family(len(starts))
        sides = self.flow.sides(state, reach, starts=starts, horizon=end)
        start = self._begin_with(family, state, reach, starts, end)
        values = family.optimum(sides, feasible=start, left_over=left_over)
        last = (len(starts) - 1) * self.flow.n_phase_rows
        rows = slice(last, last + len(self.flow.commodities))
        stock = np.maximum(family.model.row_activity()[rows] - sides.row_lower[rows], 0.0)
        prices = [(family.prices(), family.unit)]
        if len(self.chains) > 1:
            values, later = serve_in_order(
                family, sides, values, self._share, self.demand_chain, self.order, self.mix
            )
            prices += [(price, 1.0) for price in later]
        return values[family.served], stock, prices


def _no_loss(state: State, nothing: Reach, *, lost: bool = False) -> Reach:
    """Return the reach of no event for a state, with all of its stock or with none."""
    return replace(nothing, stock_lost=np.full(len(state.stock_site), lost))
