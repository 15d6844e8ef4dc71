"""The models of a block's events: each holds what the event can make scarce, and no more (3.3, 3.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.design.recourse.protection import Levers
from optichain.design.recourse.scenarios import ScenarioMaker, Template
from optichain.effects import State, apply_measures, base_state
from optichain.errors import UsageError
from optichain.network import Network
from optichain.risk.events import Event
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.flow import BlockFlow
from optichain.risk.flows.highs import ArrayLP
from optichain.risk.flows.reach import reach_of
from optichain.risk.flows.scarcity import BlockScarcity, ScarceModel
from optichain.risk.sweep import block_continuities

__all__ = ["BlockModels", "EventModel"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SMALL = 800
"""Columns up to which a model is solved as it stands."""


@dataclass(eq=False)
class EventModel:
    """The linear programmes of all events of a block that can make the same things scarce.

    Attributes
    ----------
    maker : ScenarioMaker
    serving : ndarray, shape (scarce demands,)
        Coefficients of what is served.
    certain : float
        Continuity that all other demands add: they are served whatever happens. It stands as one more column, bounded
        by 1, so that a value is the continuity of the whole block.
    """

    maker: ScenarioMaker
    serving: Floats
    certain: float
    _matrices: dict[int, sp.csc_matrix] = field(default_factory=dict)
    _solved: dict[int, tuple[ArrayLP, Any]] = field(default_factory=dict)

    @property
    def flow(self) -> BlockFlow:
        """The flow model of what is scarce."""
        return self.maker.flow

    def template(self, event: Event | None) -> Template:
        """Return the bounds under an event."""
        found = self.maker.template(event)
        return replace(found, upper=np.append(found.upper, 1.0)) if self.certain > 0.0 else found

    def matrix(self, phases: int) -> sp.csc_matrix:
        """Return the matrix of a number of phases; always the same object."""
        if phases not in self._matrices:
            flows = self.flow.matrix(phases)
            if self.certain > 0.0:
                pointers = np.append(flows.indptr, flows.indptr[-1])
                shape = (flows.shape[0], flows.shape[1] + 1)
                flows = sp.csc_matrix((flows.data, flows.indices, pointers), shape=shape)
            self._matrices[phases] = flows
        return self._matrices[phases]

    def cost(self, phases: int) -> Floats:
        """Return the objective of a number of phases, shape (columns,)."""
        cost = np.zeros(self.matrix(phases).shape[1])
        cost[self.flow.served_columns(phases)] = self.serving[None, :]
        if self.certain > 0.0:
            cost[-1] = self.certain
        return cost

    def value(self, template: Template, units: Floats) -> float:
        """Return the optimum of an event with measures in effect.

        Parameters
        ----------
        template : Template
            Of the event.
        units : ndarray, shape (measures,)
            In effect.
        """
        phases = len(template.lengths)
        bounds = template.at(units)
        if phases not in self._solved:
            lp = ArrayLP(self.matrix(phases), self.cost(phases), *bounds)
            lp.solve()
            self._solved[phases] = (lp, lp.basis)
        lp, start = self._solved[phases]
        lp.set_bounds(*bounds)
        return lp.solve(start)


class BlockModels:
    """Finds the model of each event of a block, and what the event leaves in states of the network.

    Parameters
    ----------
    network : Network
    engine : ContinuityEngine
        With the weights that the objective counts.
    number : int
        The block.
    levers : Levers
    useful : ndarray, shape (items,)
        As of `optichain.design.recourse.scenarios.ScenarioMaker`.
    """

    def __init__(
        self, network: Network, engine: ContinuityEngine, number: int, levers: Levers, useful: Floats
    ) -> None:
        self.network, self.engine, self.number = network, engine, number
        self.levers, self.useful = levers, useful
        self.block = engine.block(number)
        self._base = base_state(network)
        self._scarcity = BlockScarcity(network, engine, number)
        self._models: dict[ScarceModel, EventModel] = {}
        self._of_event: dict[Event | None, EventModel] = {}
        self._templates: dict[Event | None, Template] = {}
        self._states: dict[bytes, State] = {}

    def model(self, event: Event | None) -> EventModel:
        """Return the model of an event, ``None`` meaning undisturbed."""
        if event not in self._of_event:
            scarce = self._scarcity.under(reach_of(self.network, self._base, event))
            if scarce not in self._models:
                self._models[scarce] = self._make(scarce)
            self._of_event[event] = self._models[scarce]
        return self._of_event[event]

    def template(self, event: Event | None) -> Template:
        """Return the bounds of an event's model; kept."""
        if event not in self._templates:
            self._templates[event] = self.model(event).template(event)
        return self._templates[event]

    def _make(self, scarce: ScarceModel) -> EventModel:
        maker = ScenarioMaker(self.network, scarce.block.flow, self.levers, self.useful)
        return EventModel(maker, scarce.block.cost_of_serving, scarce.certain)

    def measures(self, event: Event | None) -> Ints:
        """Return the rows of the measures that can change what an event leaves; all where there is no template."""
        if not len(self.model(event).flow.demands):
            return np.empty(0, dtype=np.int64)
        try:
            template = self.template(event)
        except UsageError:
            return np.arange(len(self.network.instance["measures"]))
        terms = [product for _, product, _ in (*template.column_terms, *template.row_terms)]
        found = {m for product in terms for m in (*product.binaries, product.units) if m >= 0}
        return np.array(sorted(found), dtype=np.int64)

    def values(self, events: Sequence[Event | None], units: Floats) -> Floats:
        """Return what events leave of the block's weighted continuity with measures in effect, shape (events,).

        Small models are solved as they stand; for large ones the stress engine, which needs fewer phases, is quicker.
        """
        models = [self.model(event) for event in events]
        result = np.array([model.certain for model in models])
        large = []
        for i, (event, model) in enumerate(zip(events, models, strict=True)):
            if not len(model.flow.demands):
                continue
            template = self._small(event)
            if template is None:
                large.append(i)
            else:
                result[i] = model.value(template, units)
        if large:
            state = self._state(units)
            reaches = [reach_of(self.network, state, events[i]) for i in large]
            served = block_continuities(self.engine, self.number, state, reaches)
            result[large] = served @ self.block.mix
        return result

    def _small(self, event: Event | None) -> Template | None:
        """Return the template of an event, ``None`` where its model is large or cannot be written down."""
        try:
            template = self.template(event)
        except UsageError:
            return None
        small = self.model(event).matrix(len(template.lengths)).shape[1] <= SMALL
        return template if small else None

    def _state(self, units: Floats) -> State:
        key = units.tobytes()
        if key not in self._states:
            self._states[key] = apply_measures(self.network, units)
        return self._states[key]
