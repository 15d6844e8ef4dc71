"""What a report works out again from the instance: stress and structure before and after the plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.compilation import compile_network
from optichain.design.firststage.underway import support_beside, units_of
from optichain.design.plan import Choice
from optichain.design.strangers import insist_on_measures
from optichain.effects import State, apply_measures, resolve_effects
from optichain.network import Network
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.impact import demanded_value
from optichain.risk.resilience import Resilience, assess
from optichain.risk.structure import Structure, analyse_structure

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.instance.model import Instance

__all__ = ["Facts", "Spof", "gather"]

Spof = tuple[str, str | None, str, str]
"""Demanded item, its site or None, kind and name of the element."""

CLEARING = ("qualify", "expand")
"""Effects that can clear a SPOF: expanding counts where the capacity was stated as 0, that is, absent."""


@dataclass(frozen=True, eq=False)
class Facts:
    """Recomputed results.

    Attributes
    ----------
    engine : ContinuityEngine
        Holds the models that were solved.
    running : tuple of Choice
        Support that runs beside what the plan starts.
    states : (State, State)
        Before any measure; with the plan, and the support that was running before it, in full effect.
    demanded : dict of str to float
        Money a horizon by chain.
    before, after : Resilience
        Of the two states.
    unavoidable : dict of str to float
        Expected annual loss of each chain with all measures in full effect.
    structure : Structure
        Before any measure, without losses.
    spofs_before, spofs_after : frozenset of Spof
    clears : dict of str to frozenset of Spof
        By funded measure: what it clears by itself, or what would remain without it.
    """

    network: Network
    engine: ContinuityEngine
    running: tuple[Choice, ...]
    states: tuple[State, State]
    demanded: dict[str, float]
    before: Resilience
    after: Resilience
    unavoidable: dict[str, float]
    structure: Structure
    spofs_before: frozenset[Spof]
    spofs_after: frozenset[Spof]
    clears: dict[str, frozenset[Spof]]


def gather(instance: Instance, plan: Plan) -> Facts:
    """Work out again what a plan does.

    Raises
    ------
    PlanError
        The plan names measures that the instance does not have.
    """
    network = compile_network(instance)
    rows = {str(m): i for i, m in enumerate(instance["measures"]["measure"])}
    insist_on_measures(instance, (c.measure for c in plan.choices))
    running = support_beside(instance, plan)
    none, full = np.zeros(len(rows)), units_of(instance, [*running, *plan.choices])
    every = np.maximum(instance["measures"]["max_units"].to_numpy(float), full)
    engine = ContinuityEngine(network)
    states = apply_measures(network, none), apply_measures(network, full)
    structure = analyse_structure(network, state=states[0], measure_losses=False)
    best = assess(network, state=apply_measures(network, every), engine=engine).chains
    before, after = spof_set(structure.spofs), _spofs(network, full)
    return Facts(
        network=network,
        engine=engine,
        running=running,
        states=states,
        demanded=dict(zip(map(str, network.chains), demanded_value(network).tolist(), strict=True)),
        before=assess(network, state=states[0], engine=engine),
        after=assess(network, state=states[1], engine=engine),
        unavoidable=dict(zip(map(str, best["chain"]), best["expected_annual_loss"].tolist(), strict=True)),
        structure=structure,
        spofs_before=before,
        spofs_after=after,
        clears=_clears(network, rows, {c.measure for c in plan.choices}, none, full, before, after),
    )


def spof_set(frame: pd.DataFrame) -> frozenset[Spof]:
    """Return the rows of a frame of SPOFs as a set."""
    columns = (frame[name].tolist() for name in ("demand", "site", "kind", "element"))
    return frozenset(
        (d, s if isinstance(s, str) else None, k, e) for d, s, k, e in zip(*columns, strict=True)
    )


def _spofs(network: Network, units: npt.NDArray[np.float64]) -> frozenset[Spof]:
    return spof_set(
        analyse_structure(network, state=apply_measures(network, units), measure_losses=False).spofs
    )


def _clears(
    network: Network,
    rows: dict[str, int],
    funded: Iterable[str],
    none: npt.NDArray[np.float64],
    full: npt.NDArray[np.float64],
    before: frozenset[Spof],
    after: frozenset[Spof],
) -> dict[str, frozenset[Spof]]:
    able = {effect.measure for effect in resolve_effects(network) if effect.kind in CLEARING}
    result: dict[str, frozenset[Spof]] = {}
    for measure in sorted(funded):
        row = rows[measure]
        if row not in able:
            result[measure] = frozenset()
            continue
        alone, without = none.copy(), full.copy()
        alone[row], without[row] = full[row], 0.0
        result[measure] = (before - _spofs(network, alone)) | (_spofs(network, without) - after)
    return result
