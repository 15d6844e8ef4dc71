"""Demands that cannot be fully served even undisturbed, and what holds each back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optichain.effects import base_state
from optichain.network import Network
from optichain.risk.flows.flow import BlockFlow
from optichain.risk.flows.highs import ArrayLP
from optichain.risk.flows.reach import reach_of
from optichain.risk.flows.size import too_large

__all__ = ["Shortfall", "find_shortfalls"]

PRICE = 1e-7


@dataclass(frozen=True)
class Shortfall:
    """A demand that is not fully served undisturbed.

    Attributes
    ----------
    demand : int
    served, wanted : float
        Units per time unit, over the horizon.
    bottleneck : str
        What would have to be larger, most valuable first.
    """

    demand: int
    served: float
    wanted: float
    bottleneck: str


def find_shortfalls(network: Network) -> list[Shortfall]:
    """Serve each block's demands undisturbed, as much as possible of each, and explain what is missing.

    All demands of a block share its capacities: what is missing is missing in a flow that serves the largest sum of
    served shares. Blocks that are too large for a linear programme (`optichain.risk.flows.size`) are passed over.
    """
    skipped = set(too_large(network))
    return [s for block in network.blocks.tolist() if block not in skipped for s in _of_block(network, block)]


def _of_block(network: Network, block: int) -> list[Shortfall]:
    flow = BlockFlow(network, block)
    state = base_state(network)
    sides = flow.sides(state, reach_of(network, state, None))
    phases = len(sides.lengths)
    columns = flow.served_columns(phases)
    wanted = network.demand_rate[flow.demands] * network.horizon
    matrix = flow.matrix(phases)
    share = np.where(wanted > 0.0, flow.serve_scale / np.where(wanted > 0.0, wanted, 1.0), 0.0)
    cost = np.zeros(matrix.shape[1])
    cost[columns] = share[None, :]
    model = ArrayLP(matrix, cost, sides.upper, sides.row_lower, sides.row_upper)
    model.solve()
    served = (model.primal()[columns] * flow.serve_scale[None, :]).sum(axis=0)
    found = []
    for place in np.flatnonzero(served < wanted * (1.0 - 1e-7)).tolist():
        alone = np.zeros(matrix.shape[1])
        alone[columns[:, place]] = share[place]
        model.set_cost(alone)
        model.solve()
        rate, need = served[place] / network.horizon, network.demand_rate[flow.demands[place]]
        found.append(Shortfall(int(flow.demands[place]), float(rate), float(need), _explain(flow, model)))
    return found


def _explain(flow: BlockFlow, model: ArrayLP) -> str:
    """Name the capacities with a price, the dearest first; without one nothing provides the item."""
    network = flow.network
    column_dual, row_dual = model.duals()
    prices: dict[str, float] = {}
    n_a = len(flow.activities)
    for j in np.flatnonzero(np.abs(column_dual) > PRICE).tolist():
        phase_column = j % flow.n_phase_columns
        if j < len(column_dual) and phase_column < n_a and column_dual[j] > 0.0:
            a = int(flow.activities[phase_column])
            name = f"{'lane' if network.is_lane[a] else 'source'} {network.activity_name[a]}"
            prices[name] = prices.get(name, 0.0) + float(column_dual[j])
    first_site = len(flow.commodities) + len(flow.mixed_requirement)
    for i in np.flatnonzero(np.abs(row_dual) > PRICE).tolist():
        phase_row = i % flow.n_phase_rows
        if phase_row >= first_site:
            name = f"site {network.sites[flow.sites[phase_row - first_site]]}"
            prices[name] = prices.get(name, 0.0) + abs(float(row_dual[i]))
    if not prices:
        return "another demand that shares its capacities, or an input that nothing provides"
    ranked = sorted(prices, key=lambda name: (-prices[name], name))
    return ", then ".join(ranked[:3])
