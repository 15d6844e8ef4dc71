"""A lower limit on autonomy (3.3, 3.4): what the chains of a block keep when nothing foreign delivers, as one scenario.

Every chain's continuity counts up to the limit and no further, so that the scenario reaches ``chains x limit``
exactly where some flow keeps all of them at the limit. For a block of one chain that is its autonomy. Where chains share
a block, the autonomy that is reported is that of one particular optimal flow (3.3); then the limit on flows is necessary,
and plans whose reported autonomy still falls short are excluded one by one (`optichain.design.firststage.lazily`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.design.recourse.protection import Levers
from optichain.design.recourse.scenarios import ScenarioMaker, Template
from optichain.effects import State, apply_measures, base_state
from optichain.network import Network
from optichain.risk.autonomy import not_own, without
from optichain.risk.flows.continuity import BlockContinuity
from optichain.risk.flows.highs import ArrayLP

__all__ = ["AutonomyModel"]

Floats = npt.NDArray[np.float64]


class AutonomyModel:
    """The scenario of one block in which all sources that are foreign, or may be, are lost.

    Parameters
    ----------
    network : Network
    block : BlockContinuity
    levers : Levers
    maker : ScenarioMaker
    limit : float
        Autonomy up to which a chain counts.

    Attributes
    ----------
    template : Template
    matrix : csc_matrix, shape (rows, columns)
    cost : ndarray, shape (columns,)
    most : float
        Value where every chain keeps the limit.
    """

    def __init__(
        self, network: Network, block: BlockContinuity, levers: Levers, maker: ScenarioMaker, limit: float
    ) -> None:
        self.network, self.block, self.limit = network, block, limit
        foreign, unsure = not_own(network)
        self.lost = foreign | unsure
        keep = {int(a): levers.own.get(int(a), []) for a in np.flatnonzero(self.lost)}
        state = base_state(network)
        flows = maker.template_without(keep, without(network, state, self.lost))
        phases, chains = len(flows.lengths), len(block.chains)
        self.matrix, self.cost = self._extended(phases)
        self.template: Template = replace(
            flows,
            upper=np.concatenate([flows.upper, np.full(chains, limit)]),
            row_lower=np.concatenate([flows.row_lower, np.full(chains, -np.inf)]),
            row_upper=np.concatenate([flows.row_upper, np.zeros(chains)]),
        )
        self.most = chains * limit

    def _extended(self, phases: int) -> tuple[sp.csc_matrix, Floats]:
        """Return the flow matrix with a column and a row for what counts of each chain, and the costs."""
        block = self.block
        flows = block.flow.matrix(phases)
        chains = len(block.chains)
        served = block.flow.served_columns(phases)
        rows = np.broadcast_to(block.demand_chain, served.shape).ravel()
        share = np.broadcast_to(block.share, served.shape).ravel()
        kept = sp.csr_matrix((-share, (rows, served.ravel())), shape=(chains, flows.shape[1]))
        parts: Any = [
            [flows, sp.csr_matrix((flows.shape[0], chains))],
            [kept, sp.identity(chains, format="csr")],
        ]
        matrix: sp.csc_matrix = sp.csc_matrix(sp.bmat(parts))
        return matrix, np.concatenate([np.zeros(flows.shape[1]), np.ones(chains)])

    def value(self, units: Floats) -> float:
        """Return the value with measures in full effect, from the network and not from the template."""
        state = apply_measures(self.network, units)
        sides = self.block.flow.sides(state, without(self.network, state, self._lost_in(state)))
        chains = len(self.block.chains)
        matrix, cost = self._extended(len(sides.lengths))
        model = ArrayLP(
            matrix,
            cost,
            np.concatenate([sides.upper, np.full(chains, self.limit)]),
            np.concatenate([sides.row_lower, np.full(chains, -np.inf)]),
            np.concatenate([sides.row_upper, np.zeros(chains)]),
        )
        return model.solve()

    def _lost_in(self, state: State) -> npt.NDArray[np.bool_]:
        return np.asarray(self.lost & ~state.own, dtype=bool)
