"""The objective of a list of measures, block by block, each state of a block worked out once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from optichain.design.aims import LOSS, Aim
from optichain.design.periods import Period, effective_periods
from optichain.design.plan import Choice
from optichain.design.stage import FirstStage
from optichain.design.weighing import Weighing, engine_for
from optichain.effects import apply_measures, resolve_effects
from optichain.network import Network
from optichain.risk.reach import reach_of
from optichain.risk.resilience import tail_mean

__all__ = ["Worth"]

Floats = npt.NDArray[np.float64]


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
    near : dict of block to list of int
        Measures that can change what a block serves.
    """

    def __init__(self, network: Network, stage: FirstStage, aim: Aim) -> None:
        self.network, self.aim = network, aim
        self.periods = effective_periods(network.instance, stage)
        self.names = {str(m): i for i, m in enumerate(network.instance["measures"]["measure"])}
        self.engine = engine_for(network, aim)
        self.weighing = Weighing(network, aim, self.engine)
        self.blocks = [b for b in network.blocks.tolist() if self.weighing.share(b) > 0.0]
        self.near = self._near()
        self._events = {b: self.weighing.of_block(b) for b in self.blocks}
        self._known: dict[tuple[int, bytes], float] = {}

    def of(self, choices: Iterable[Choice]) -> float:
        """Return the maximised objective of choices; of the loss, its negative."""
        chosen = list(choices)
        total = 0.0
        for period in self.periods:
            units = self._in_effect(period, chosen)
            total += period.weight * sum(self._of_block(b, units) for b in self.blocks)
        return total - (self.weighing.calm_loss if self.aim.objective == LOSS else 0.0)

    def _in_effect(self, period: Period, choices: list[Choice]) -> Floats:
        units = period.running.copy()
        for c in choices:
            if c.start_year in period.starts[self.names[c.measure]]:
                units[self.names[c.measure]] = c.units
        return units

    def _of_block(self, block: int, units: Floats) -> float:
        """Return what a block adds to a year's objective."""
        key = (block, units[self.near[block]].tobytes())
        if key not in self._known:
            solver, state = self.engine.block(block), apply_measures(self.network, units)
            events = self._events[block]
            values = np.array(
                [solver.continuity(state, reach_of(self.network, state, e)) @ solver.mix for e, _ in events]
            )
            self._known[key] = self.weighing.share(block) * self._over_events(
                values, np.array([weight for _, weight in events])
            )
        return self._known[key]

    def _over_events(self, values: Floats, weights: Floats) -> float:
        if not self.aim.risky:
            return float(weights @ values)
        return self.aim.mixed(
            float(weights @ values), float(values.min()), tail_mean(values, weights, self.aim.alpha)
        )

    def _near(self) -> dict[int, list[int]]:
        """Return the measures that can matter to each block."""
        network = self.network
        users = network.requirement_activity[network.alternative_requirement]
        near: dict[int, set[int]] = {b: set() for b in self.blocks}
        for effect in resolve_effects(network):
            touched = [*effect.activities.tolist(), *users[effect.alternatives].tolist()]
            if effect.site >= 0:
                touched += np.flatnonzero(network.activity_site == effect.site).tolist()
            if effect.element >= 0:
                column = network.elements_of_activities
                touched += column.indices[
                    column.indptr[effect.element] : column.indptr[effect.element + 1]
                ].tolist()
            blocks = {int(network.activity_block[a]) for a in touched}
            if effect.commodity >= 0:
                blocks.add(int(network.commodity_block[effect.commodity]))
            if effect.element >= 0:
                blocks |= set(self._held_at(effect.element))
            for b in blocks & set(near):
                near[b].add(effect.measure)
        return {b: sorted(measures) for b, measures in near.items()}

    def _held_at(self, element: int) -> list[int]:
        """Return the blocks that keep, or may come to keep, stock at a site which an element stops."""
        network = self.network
        column = network.elements_of_sites
        sites = set(column.indices[column.indptr[element] : column.indptr[element + 1]].tolist())
        held = [
            int(network.commodity_block[c])
            for c, s in zip(network.stock_commodity.tolist(), network.stock_site.tolist(), strict=True)
            if s in sites
        ]
        held += [
            int(network.commodity_block[e.commodity])
            for e in resolve_effects(network)
            if e.commodity >= 0 and e.stock_site in sites
        ]
        return held
