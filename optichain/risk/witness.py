"""The flows that serve most under an event, with their prices: what an answer rests on (3.3).

`ContinuityEngine` tells how much goes on; here stands by which flows. What an optimal flow does not use can
fail too without any further harm, and what has no price need not grow: searches over failures and inputs
prune by that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optichain.effects import State, base_state
from optichain.network import Network
from optichain.risk.continuity import BlockContinuity
from optichain.risk.highs import ArrayLP
from optichain.risk.reach import Reach, reach_of

__all__ = ["BlockWitness", "Witness"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

USED = 1e-9
"""Share of the horizon's need from which a flow counts as used."""


@dataclass(frozen=True, eq=False)
class Witness:
    """An optimal flow of one block under one event.

    Attributes
    ----------
    continuity : float
        Weighted continuity of the block, its weights summing to 1.
    starts, lengths : ndarray, shape (phases,)
        Time units.
    output : ndarray, shape (phases, activities of the block)
        Units provided in each phase.
    price : ndarray, shape (phases, activities of the block)
        Continuity that one more unit of an activity's bound in a phase would bring, at most.
    """

    continuity: float
    starts: Floats
    lengths: Floats
    output: Floats
    price: Floats


class BlockWitness:
    """Solves events of one block and keeps the flows.

    Parameters
    ----------
    network : Network
    block : BlockContinuity
        Of which weights and the flow model are taken.
    """

    def __init__(self, network: Network, block: BlockContinuity) -> None:
        self.network, self.block, self.flow = network, block, block.flow
        self._models: dict[int, tuple[ArrayLP, object]] = {}
        self._place = np.full(network.n_activities, -1, dtype=np.int64)
        self._place[self.flow.activities] = np.arange(len(self.flow.activities))

    def place(self, activities: Ints) -> Ints:
        """Return the positions of activities in the block, those of other blocks left out."""
        places = self._place[activities]
        return np.asarray(places[places >= 0], dtype=np.int64)

    def solve(self, state: State, reach: Reach) -> Witness:
        """Return an optimal flow under what an event reaches."""
        sides = self.flow.sides(state, reach)
        starts = np.concatenate([[0.0], np.cumsum(sides.lengths)[:-1]])
        phases = len(sides.lengths)
        model, basis = self._model(phases)
        model.set_bounds(sides.upper, sides.row_lower, sides.row_upper)
        value = model.solve(basis)
        shape = (phases, self.flow.n_phase_columns)
        n_a = len(self.flow.activities)
        size = phases * self.flow.n_phase_columns
        scale = self.flow.out_scale[None, :]
        output = model.primal()[:size].reshape(shape)[:, :n_a]
        price = np.abs(model.duals()[0][:size].reshape(shape)[:, :n_a])
        output = np.where(output > USED, output, 0.0)
        return Witness(float(np.clip(value, 0.0, 1.0)), starts, sides.lengths, output * scale, price / scale)

    def _model(self, phases: int) -> tuple[ArrayLP, object]:
        if phases not in self._models:
            matrix = self.flow.matrix(phases)
            cost = np.zeros(matrix.shape[1])
            cost[self.flow.served_columns(phases)] = self.block.cost_of_serving[None, :]
            starts = np.linspace(0.0, self.network.horizon, phases, endpoint=False)
            base = base_state(self.network)
            sides = self.flow.sides(base, reach_of(self.network, base, None), starts=starts)
            model = ArrayLP(matrix, cost, sides.upper, sides.row_lower, sides.row_upper)
            model.solve()
            self._models[phases] = (model, model.basis)
        return self._models[phases]
