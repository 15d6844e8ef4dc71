"""What states of the network are worth: ACC, loss, single points of failure and worst cases, each measured once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from optichain.design.aims import LOSS, Aim
from optichain.design.twostage.attacks import attack_on
from optichain.design.twostage.problem import value_weights
from optichain.effects import apply_measures
from optichain.network import Network
from optichain.risk.attack import WorstCase
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.resilience import Resilience, assess
from optichain.risk.structure import affordable_losses, analyse_structure
from optichain.storage.tojson import plain

__all__ = ["Scale"]

Floats = npt.NDArray[np.float64]


class Scale:
    """Measures ACC, loss and SPOFs of states, each distinct one once; may be shared by accounts of one instance.

    Parameters
    ----------
    network : Network
    aim : Aim
    engine : ContinuityEngine, optional
        With the network's weights, to share what was solved before.
    """

    def __init__(self, network: Network, aim: Aim, engine: ContinuityEngine | None = None) -> None:
        self.network, self.aim = network, aim
        self.engine = ContinuityEngine(network) if engine is None else engine
        self.by_value = self.engine
        if aim.objective == LOSS and not np.allclose(
            value_weights(network), network.weight, rtol=0.0, atol=1e-12
        ):
            self.by_value = ContinuityEngine(network, value_weights(network))
        self._known: dict[tuple[int, bytes], Resilience] = {}
        self._spofs: dict[bytes, list[dict[str, Any]]] = {}
        self._worst: dict[bytes, WorstCase] = {}

    def spofs(self, units: Floats) -> list[dict[str, Any]]:
        """Return the single points of failure with measures in effect, as rows of the command ``spof``."""
        key = units.tobytes()
        if key not in self._spofs:
            state = apply_measures(self.network, units)
            most = affordable_losses(self.network)
            found = analyse_structure(self.network, state=state, measure_losses=most, engine=self.engine)
            self._spofs[key] = plain(found.spofs)
        return self._spofs[key]

    def resilience(self, units: Floats, *, by_value: bool = False) -> Resilience:
        """Return the stress test with measures in effect; by value, flows serve value instead of weighted chains."""
        engine = self.by_value if by_value else self.engine
        key = (id(engine), units.tobytes())
        if key not in self._known:
            self._known[key] = assess(
                self.network,
                state=apply_measures(self.network, units),
                alpha=self.aim.alpha,
                engine=engine,
            )
        return self._known[key]

    def worst_case(self, units: Floats) -> WorstCase:
        """Return the worst that the threat of the objective can do with measures in effect."""
        assert self.aim.threat is not None
        key = units.tobytes()
        if key not in self._worst:
            self._worst[key] = attack_on(self.network, units, self.aim.threat, self.engine)
        return self._worst[key]

    def objective(self, units: Floats) -> float:
        """Return the objective of a year; of least cost, which no state has, the ACC."""
        if self.aim.threat is not None:
            return self.worst_case(units).continuity
        if self.aim.objective == LOSS:
            return self.resilience(units, by_value=True).expected_annual_loss
        found = self.resilience(units)
        return self.aim.mixed(found.acc, found.worst, found.cvar)
