"""What can be provided at all (3.1): a positive steady-state flow with unlimited capacities and no stock.

Without cycles this is propagation from what needs nothing. Inside a cycle the least fixed point (a loop
cannot start itself) and the greatest (a running loop goes on) may differ; then a linear programme on the
part in doubt decides, because the loop's gain does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.effects import State
from optichain.network import POTENTIAL, QUALIFIED, Network

__all__ = ["AndOrGraph", "usable_graph"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AndOrGraph:
    """The usable part of a network: activities (AND), their requirements (OR), commodities (OR).

    Attributes
    ----------
    n_commodities, n_activities, n_requirements : int
    output : ndarray, shape (activities,)
    usable : ndarray of bool, shape (activities,)
    requirement_activity : ndarray, shape (requirements,)
    alternative_requirement, alternative_commodity : ndarray, shape (usable alternatives,)
    alternative_quantity : ndarray, shape (usable alternatives,)
    """

    n_commodities: int
    output: Ints
    usable: Bools
    requirement_activity: Ints
    alternative_requirement: Ints
    alternative_commodity: Ints
    alternative_quantity: Floats

    @property
    def n_activities(self) -> int:
        """Number of activities, usable or not."""
        return len(self.output)

    @property
    def n_requirements(self) -> int:
        """Number of requirements."""
        return len(self.requirement_activity)

    def least(self, up: Bools, given: Bools | None = None) -> tuple[Bools, Bools]:
        """Return (commodities, activities) that can start from nothing, with only some activities up."""
        has = np.zeros(self.n_commodities, dtype=bool) if given is None else given.copy()
        per_activity = np.bincount(self.requirement_activity, minlength=self.n_activities)
        while True:
            met = np.zeros(self.n_requirements, dtype=bool)
            met[self.alternative_requirement[has[self.alternative_commodity]]] = True
            ready = np.bincount(self.requirement_activity[met], minlength=self.n_activities)
            running = up & (ready == per_activity)
            grown = has.copy()
            grown[self.output[running]] = True
            if np.array_equal(grown, has):
                return has, running
            has = grown

    def greatest(self, up: Bools) -> tuple[Bools, Bools]:
        """Return (commodities, activities) that can go on if all ran before, with only some activities up."""
        per_activity = np.bincount(self.requirement_activity, minlength=self.n_activities)
        running = up.copy()
        while True:
            has = np.zeros(self.n_commodities, dtype=bool)
            has[self.output[running]] = True
            met = np.zeros(self.n_requirements, dtype=bool)
            met[self.alternative_requirement[has[self.alternative_commodity]]] = True
            ready = np.bincount(self.requirement_activity[met], minlength=self.n_activities)
            still = running & (ready == per_activity)
            if np.array_equal(still, running):
                return has, running
            running = still

    def providable(self, up: Bools) -> tuple[Bools, Bools, Bools]:
        """Return what can be provided when only some activities are up.

        Parameters
        ----------
        up : ndarray of bool, shape (activities,)

        Returns
        -------
        commodities : ndarray of bool
        activities : ndarray of bool
            Those that can run at a positive rate.
        on_loop : ndarray of bool, shape (commodities,)
            Commodities that are provided only because a loop sustains itself.
        """
        low, low_running = self.least(up)
        high, high_running = self.greatest(up)
        doubtful = high & ~low
        if not doubtful.any():
            return low, low_running, doubtful
        sustained = self._sustained(low, doubtful, high_running)
        commodities, running = self.least(up, low | sustained)
        return commodities, running, commodities & ~low

    def _sustained(self, supported: Bools, doubtful: Bools, running: Bools) -> Bools:
        """Decide by the gain: which doubtful commodities have a positive net flow (a cone, so one LP for all)."""
        in_doubt = running & doubtful[self.output]
        requirement_open = np.zeros(self.n_requirements, dtype=bool)
        usable = in_doubt[self.requirement_activity[self.alternative_requirement]]
        free = supported[self.alternative_commodity]
        requirement_open[self.alternative_requirement[usable & free]] = True
        tied = usable & ~requirement_open[self.alternative_requirement] & doubtful[self.alternative_commodity]
        least_use = np.full(self.n_requirements, np.inf)
        np.minimum.at(least_use, self.alternative_requirement[tied], self.alternative_quantity[tied])
        hungry = np.zeros(self.n_activities)
        finite = np.flatnonzero(np.isfinite(least_use))
        np.maximum.at(hungry, self.requirement_activity[finite], least_use[finite])
        if np.all(hungry[in_doubt] >= 1.0):
            return np.zeros_like(doubtful)
        return self._positive_net_flow(doubtful, np.flatnonzero(in_doubt), np.flatnonzero(tied))

    def _positive_net_flow(self, doubtful: Bools, activities: Ints, tied: Ints) -> Bools:
        from scipy.optimize import linprog

        members = np.flatnonzero(doubtful)
        row = np.full(self.n_commodities, -1)
        row[members] = np.arange(len(members))
        requirements = np.unique(self.alternative_requirement[tied])
        n_a, n_u, n_c, n_g = len(activities), len(tied), len(members), len(requirements)
        place = np.full(self.n_activities, -1)
        place[activities] = np.arange(n_a)
        group = np.searchsorted(requirements, self.alternative_requirement[tied])
        owner = place[self.requirement_activity[requirements]]
        provides, draws = row[self.output[activities]], row[self.alternative_commodity[tied]]
        quantity = _in_even_units(self.alternative_quantity[tied], provides[owner[group]], draws, n_c)
        made = sp.csr_matrix((np.ones(n_a), (provides, np.arange(n_a))), shape=(n_c, n_a))
        used = sp.csr_matrix((np.ones(n_u), (draws, np.arange(n_u))), shape=(n_c, n_u))
        net: Any = sp.hstack([-made, used, sp.identity(n_c)])
        mix = sp.csr_matrix((1.0 / quantity, (group, np.arange(n_u))), shape=(n_g, n_u))
        output = sp.csr_matrix((np.ones(n_g), (np.arange(n_g), owner)), shape=(n_g, n_a))
        tie: Any = sp.hstack([-output, mix, sp.csr_matrix((n_g, n_c))])
        cost = np.concatenate([np.zeros(n_a + n_u), -np.ones(n_c)])
        bounds = [(0.0, None)] * (n_a + n_u) + [(0.0, 1.0)] * n_c
        answer: Any = linprog(
            cost, A_ub=net, b_ub=np.zeros(n_c), A_eq=tie, b_eq=np.zeros(n_g), bounds=bounds, method="highs"
        )
        sustained = np.zeros_like(doubtful)
        sustained[members[answer.x[n_a + n_u :] > 0.5]] = True
        return sustained


def _in_even_units(quantity: Floats, maker: Ints, drawn: Ints, n_commodities: int) -> Floats:
    """Return quantities in units of the commodities in which they are near 1, as far as that goes.

    The tolerances of a solver are absolute: grams that make tonnes would look like nothing.
    """
    n = len(quantity)
    way = np.concatenate([np.ones(n), -np.ones(n)])
    place = (np.tile(np.arange(n), 2), np.concatenate([drawn, maker]))
    steps = sp.csr_matrix((way, place), shape=(n, n_commodities))
    size = np.round(sp.linalg.lsmr(steps, np.log2(quantity))[0])
    return np.asarray(quantity * np.exp2(size[maker] - size[drawn]), dtype=float)


def usable_graph(network: Network, state: State, *, worst_status: int = QUALIFIED) -> AndOrGraph:
    """Return the AND/OR graph of what may be used.

    Parameters
    ----------
    network : Network
    state : State
    worst_status : int
        1 counts active and qualified as usable, 0 active alone.
    """
    limit = min(worst_status, POTENTIAL - 1)
    site = network.activity_site
    shut = np.zeros(network.n_activities, dtype=bool)
    if len(network.sites):
        shut = (site >= 0) & (network.load > 0.0) & (state.site_capacity[site] == 0.0)
    usable = (state.status <= limit) & (state.capacity > 0.0) & ~shut
    open_ = (state.alternative_status <= limit) & usable[
        network.requirement_activity[network.alternative_requirement]
    ]
    return AndOrGraph(
        n_commodities=network.n_commodities,
        output=network.output,
        usable=usable,
        requirement_activity=network.requirement_activity,
        alternative_requirement=network.alternative_requirement[open_],
        alternative_commodity=network.alternative_commodity[open_],
        alternative_quantity=network.alternative_quantity[open_],
    )
