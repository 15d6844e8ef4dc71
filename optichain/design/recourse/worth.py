"""The objective of a list of measures, event by event, each state of an event worked out once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from optichain.design.aims import LOSS, Aim
from optichain.design.firststage.periods import Period, effective_periods
from optichain.design.firststage.stage import FirstStage
from optichain.design.plan import Choice
from optichain.design.recourse.blockmodels import BlockModels
from optichain.design.recourse.bounds import useful_quantity
from optichain.design.recourse.protection import find_levers
from optichain.design.recourse.weighing import Weighing, engine_for
from optichain.network import Network
from optichain.risk.events import Event
from optichain.risk.resilience import tail_mean

__all__ = ["Worth"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Worth:
    """Works out the maximised objective: continuity, or the loss with its sign turned.

    Parameters
    ----------
    network : Network
    stage : FirstStage
        For the support that runs.
    aim : Aim

    Attributes
    ----------
    touched : dict of measure to set of (block, event)
        What each measure can change, events by their place in the block.
    evaluated : int
        How many lists were worked out.
    """

    def __init__(self, network: Network, stage: FirstStage, aim: Aim) -> None:
        self.aim = aim
        self.periods = effective_periods(network.instance, stage)
        self._row = {str(m): i for i, m in enumerate(network.instance["measures"]["measure"])}
        engine = engine_for(network, aim)
        weighing = Weighing(network, aim, engine)
        self._origin = weighing.calm_loss if aim.objective == LOSS else 0.0
        levers, useful = find_levers(network), useful_quantity(network)
        self._blocks = [
            _BlockWorth(BlockModels(network, engine, b, levers, useful), weighing.of_block(b), share, aim)
            for b in network.blocks.tolist()
            if (share := weighing.share(b)) > 0.0
        ]
        names = list(self._row)
        self.touched: dict[str, set[tuple[int, int]]] = {name: set() for name in names}
        for block, worth in enumerate(self._blocks):
            for event, measures in enumerate(worth.measures):
                for m in measures.tolist():
                    # the worst events of a block hang together
                    self.touched[names[m]].add((block, 0 if aim.risky else event))
        self.evaluated = 0

    def of(self, choices: Iterable[Choice]) -> float:
        """Return the maximised objective of choices; of the loss, its negative."""
        self.evaluated += 1
        chosen = list(choices)
        total = 0.0
        for period in self.periods:
            units = self._in_effect(period, chosen)
            total += period.weight * sum(block.of(units) for block in self._blocks)
        return total - self._origin

    def _in_effect(self, period: Period, choices: list[Choice]) -> Floats:
        units = period.running.copy()
        for c in choices:
            row = self._row[c.measure]
            if c.start_year in period.starts[row]:
                units[row] = c.units
        return units


class _BlockWorth:
    """What a block adds to a year's objective.

    Attributes
    ----------
    measures : list of ndarray
        For each event the rows of the measures that can change what it leaves.
    """

    def __init__(
        self, models: BlockModels, events: list[tuple[Event | None, float]], share: float, aim: Aim
    ) -> None:
        self._models, self._share, self._aim = models, share, aim
        self._events = [event for event, _ in events]
        self._weights = np.array([weight for _, weight in events])
        self.measures = [models.measures(event) for event in self._events]
        self._near: Ints = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *self.measures]))
        self._known: dict[bytes, float] = {}
        self._values: list[dict[bytes, float]] = [{} for _ in self._events]

    def of(self, units: Floats) -> float:
        """Return the weighted objective with measures in effect, shape (measures,)."""
        key = units[self._near].tobytes()
        if key not in self._known:
            self._known[key] = self._share * self._over_events(self._by_event(units))
        return self._known[key]

    def _by_event(self, units: Floats) -> Floats:
        keys = [units[measures].tobytes() for measures in self.measures]
        new = [i for i, key in enumerate(keys) if key not in self._values[i]]
        if new:
            found = self._models.values([self._events[i] for i in new], units)
            for i, value in zip(new, found.tolist(), strict=True):
                self._values[i][keys[i]] = value
        return np.array([known[key] for known, key in zip(self._values, keys, strict=True)])

    def _over_events(self, values: Floats) -> float:
        weights = self._weights
        if not self._aim.risky:
            return float(weights @ values)
        return self._aim.mixed(
            float(weights @ values), float(values.min()), tail_mean(values, weights, self._aim.alpha)
        )
