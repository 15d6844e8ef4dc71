"""Continuity of many neighbouring states: an event that two known states bracket is not solved again.

More measures never serve less, so what is served in a state lies between what is served with fewer and with more. Where
both serve each chain alike, the state between them does too: its optimal flows lie between theirs, and of nested
sets of flows with the same best split, the middle one has it as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from optichain.design.account import Scale
from optichain.design.aims import LOSS, Aim
from optichain.design.weighing import value_weights
from optichain.effects import State
from optichain.network import Network
from optichain.risk.continuity import ContinuityEngine
from optichain.risk.events import Event
from optichain.risk.resilience import Resilience

__all__ = ["BracketingEngine", "BracketingScale"]

Floats = npt.NDArray[np.float64]

SAME = 1e-10
"""Continuities that differ by less are the same."""


class BracketingEngine(ContinuityEngine):
    """An engine that remembers what each event left in each state, by the units in effect."""

    def __init__(self, network: Network, weight: Floats | None = None) -> None:
        super().__init__(network, weight)
        self._states: list[tuple[Floats, dict[str, Floats]]] = []
        self._ends: tuple[dict[str, Floats], dict[str, Floats]] = ({}, {})
        self._now: dict[str, Floats] | None = None

    @contextmanager
    def at(self, units: Floats) -> Iterator[None]:
        """Within, `under` is asked for the state in which these measures are in effect."""
        self._ends = (self._nearest(units, 1.0), self._nearest(units, -1.0))
        self._now = {}
        try:
            yield
            self._states.append((units.copy(), self._now))
        finally:
            self._now = None

    def under(self, state: State, event: Event, undisturbed: Floats) -> Floats:
        """Return the continuity of each chain under an event, shape (chains,)."""
        if self._now is None:
            return super().under(state, event, undisturbed)
        key = repr(event)
        low, high = (known.get(key) for known in self._ends)
        if low is not None and high is not None and _same(low, high):
            values = low
        else:
            values = super().under(state, event, undisturbed)
        self._now[key] = values
        return values.copy()

    def _nearest(self, units: Floats, sense: float) -> dict[str, Floats]:
        """Return what is known of the closest state with nothing more (sense 1) or nothing less (-1) in effect."""
        best: dict[str, Floats] = {}
        least = np.inf
        for other, known in self._states:
            difference = sense * (units - other)
            if difference.min(initial=0.0) >= 0.0 and difference.sum() < least:
                best, least = known, float(difference.sum())
        return best


def _same(one: Floats, other: Floats) -> bool:
    """Whether continuities agree; a chain without demand has none in both."""
    with np.errstate(invalid="ignore"):
        return not bool((np.abs(one - other) > SAME).any())


class BracketingScale(Scale):
    """Measures states as `Scale` does, and solves only the events that a change of measures can matter to.

    Parameters
    ----------
    network : Network
    aim : Aim
    """

    def __init__(self, network: Network, aim: Aim) -> None:
        super().__init__(network, aim, BracketingEngine(network))
        if self.by_value is not self.engine and aim.objective == LOSS:
            self.by_value = BracketingEngine(network, value_weights(network))

    def resilience(self, units: Floats, *, by_value: bool = False) -> Resilience:
        """Return the stress test with measures in effect; by value, flows serve value instead of weighted chains."""
        engine = self.by_value if by_value else self.engine
        assert isinstance(engine, BracketingEngine)
        if (id(engine), units.tobytes()) in self._known:
            return super().resilience(units, by_value=by_value)
        with engine.at(units):
            return super().resilience(units, by_value=by_value)
