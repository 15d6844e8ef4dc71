"""What a failure costs and stops with measures in full effect, each worked out only where measures can change it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from optichain.design.recourse.blockmodels import BlockModels
from optichain.design.recourse.bounds import useful_quantity
from optichain.design.recourse.protection import find_levers
from optichain.effects import apply_measures, resolve_effects
from optichain.network import Network
from optichain.risk.events import single_failure
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.reach import reach_of, touched_blocks
from optichain.risk.impact import demanded_value
from optichain.risk.structural.providable import usable_graph
from optichain.risk.structural.spof import indispensable_elements

__all__ = ["Remedies"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Remedies:
    """Looks at single failures under many lists of measures.

    Parameters
    ----------
    network : Network
    engine : ContinuityEngine
        With the network's weights, to share what was solved before.
    running : ndarray, shape (measures,)
        Units whose support runs already.
    """

    def __init__(self, network: Network, engine: ContinuityEngine, running: Floats) -> None:
        self._network, self._engine, self._running = network, engine, running
        self._worth = demanded_value(network)
        self._now = apply_measures(network, running)
        self._calm = np.nan_to_num(engine.undisturbed(self._now))
        levers, useful = find_levers(network), useful_quantity(network)
        self._models = {b: BlockModels(network, engine, b, levers, useful) for b in network.blocks.tolist()}
        opening = {e.measure for e in resolve_effects(network) if e.kind in ("qualify", "expand")}
        self._opening = np.array(sorted(opening), dtype=np.int64)
        self._demanded = np.unique(network.demand_commodity)
        self._near: dict[int, dict[int, Ints]] = {}
        self._lost: dict[tuple[int, int, bytes], float] = {}
        self._stopped: dict[bytes, Ints] = {}

    def measures(self, element: int) -> set[int]:
        """Return the rows of the measures that can change anything about the failure of an element."""
        return {m for near in self._blocks(element).values() for m in near.tolist()}

    def loss(self, element: int, units: Floats) -> float:
        """Return what a failure costs the blocks that it reaches, from what they serve before anything is bought.

        What measures add elsewhere, where the failure is not felt, is no remedy of it.
        """
        return float(
            sum(self._of_block(element, b, near, units) for b, near in self._blocks(element).items())
        )

    def stops(self, element: int, units: Floats) -> int:
        """Return how many demands the loss of an element for good makes impossible."""
        key = units[self._opening].tobytes()
        if key not in self._stopped:
            graph = usable_graph(self._network, apply_measures(self._network, units))
            sets, provided, _ = indispensable_elements(self._network, graph)
            _, needed = sets.gather(self._demanded[provided[self._demanded]])
            self._stopped[key] = np.bincount(needed, minlength=self._network.n_elements)
        return int(self._stopped[key][element])

    def _blocks(self, element: int) -> dict[int, Ints]:
        """Return the blocks that feel a failure, and the measures that can change what it leaves of each."""
        if element not in self._near:
            event = single_failure(self._network, element)
            reach = reach_of(self._network, self._now, event)
            touched = set(touched_blocks(self._network, self._now, reach)) & set(self._models)
            self._near[element] = {b: self._models[b].measures(event) for b in sorted(touched)}
        return self._near[element]

    def _of_block(self, element: int, number: int, near: Ints, units: Floats) -> float:
        key = (element, number, units[near].tobytes())
        if key not in self._lost:
            mine = self._running.copy()
            mine[near] = units[near]
            state, block = apply_measures(self._network, mine), self._engine.block(number)
            reach = reach_of(self._network, state, single_failure(self._network, element))
            missing = self._calm[block.chains] - block.continuity(state, reach)
            self._lost[key] = float(missing @ self._worth[block.chains])
        return self._lost[key]
