"""Rules that only a plan at hand tells: found one plan at a time, and added to the first stage."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from optichain.design.firststage.clearing import Clearing
from optichain.design.firststage.stage import FirstStage, Row
from optichain.design.firststage.wishes import Wishes
from optichain.effects import apply_measures, resolve_effects
from optichain.network import Network
from optichain.risk.autonomy import autonomy_intervals
from optichain.risk.flows.engine import ContinuityEngine
from optichain.sentences import Sentence, say

if TYPE_CHECKING:
    from optichain.design.twostage.problem import DesignProblem

__all__ = ["NEAR", "LazyRules", "rules_come_later", "short_of_autonomy"]

Floats = npt.NDArray[np.float64]
NEAR = 1e-6


def short_of_autonomy(
    network: Network, units: Floats, engine: ContinuityEngine, limit: float
) -> dict[int, float]:
    """Return the chains whose autonomy, its low end, is below a limit with measures in full effect."""
    low, _ = autonomy_intervals(network, apply_measures(network, units), engine)
    return {int(c): float(low[c]) for c in np.flatnonzero(low < limit - NEAR)}


def rules_come_later(network: Network, wishes: Wishes) -> bool:
    """Tell whether a plan that obeys all that is written down may break a rule that is found on the way.

    The autonomy of a chain that shares its block with no other is written down in full.
    """
    blocks = network.chain_block[network.chain_block >= 0]
    shared = len(np.unique(blocks)) < len(blocks)
    return bool(wishes.clear_spofs) or (wishes.min_autonomy is not None and shared)


class LazyRules:
    """Finds the rules that a point of the first stage breaks and that are not written down yet.

    Parameters
    ----------
    network : Network
    problem : DesignProblem
    wishes : Wishes
    engine : ContinuityEngine
        With the network's weights.
    """

    def __init__(
        self, network: Network, problem: DesignProblem, wishes: Wishes, engine: ContinuityEngine
    ) -> None:
        self.network, self.stage, self.wishes, self.engine = network, problem.stage, wishes, engine
        self.names = [str(m) for m in network.instance["measures"]["measure"]]
        self.problem = problem
        self.clearing = (
            Clearing(network, problem.stage, wishes.clear_spofs, wishes.spof_exceptions)
            if wishes.clear_spofs
            else None
        )

    def add(self, values: Floats, *, structure_only: bool = False) -> bool:
        """Add the rules that a point breaks to the first stage; tell whether there were any."""
        units = self._in_full_effect(values)
        rows = [] if self.clearing is None else self.clearing.rows(units)
        if not rows and not structure_only and self.wishes.min_autonomy is not None:
            rows = self._without_autonomy(units, self.wishes.min_autonomy)
        self.stage.rows += rows
        missing = len(self.stage.columns) - len(self.problem.stage_cost)
        self.problem.stage_cost = np.concatenate([self.problem.stage_cost, np.zeros(missing)])
        return bool(rows)

    def _in_full_effect(self, values: Floats) -> Floats:
        units = np.array([self.stage.running.get(name, (0.0, 0))[0] for name in self.names])
        for (name, year), column in self.stage.start.items():
            if values[column] > 0.5:
                units[self.names.index(name)] += round(float(values[self.stage.units[name, year]]))
        return units

    def _without_autonomy(self, units: Floats, limit: float) -> list[Row]:
        """Exclude what the blocks of chains that fall short have, whatever the other blocks have."""
        rows = []
        short = short_of_autonomy(self.network, units, self.engine, limit)
        for block in sorted({int(self.network.chain_block[c]) for c in short}):
            chains = [c for c in short if self.network.chain_block[c] == block]
            left = [say("autonomy-of", chain=self.network.chains[c], autonomy=short[c]) for c in chains]
            message = say("autonomy-not-with-these", least=limit, left=left)
            rows.append(exclusion(self.stage, self._of_block(block, units), "min_autonomy", message))
        return rows

    def _of_block(self, block: int, units: Floats) -> dict[str, float]:
        """Return the units of the measures that can matter in a block."""
        network = self.network
        users = network.requirement_activity[network.alternative_requirement]
        near: set[int] = set()
        for effect in resolve_effects(network):
            activities = [*effect.activities.tolist(), *users[effect.alternatives].tolist()]
            if effect.site >= 0:
                activities += np.flatnonzero(network.activity_site == effect.site).tolist()
            blocks = {int(network.activity_block[a]) for a in activities}
            if effect.commodity >= 0:
                blocks.add(int(network.commodity_block[effect.commodity]))
            if block in blocks and (self.names[effect.measure], self.stage.years[0]) in self.stage.start:
                near.add(effect.measure)
        return {self.names[m]: float(units[m]) for m in sorted(near)}


def exclusion(stage: FirstStage, units: dict[str, float], rule: str, message: Sentence) -> Row:
    """Return a rule that some measure has other units in sum over its years; may add columns to the stage."""
    terms: dict[int, float] = {}
    right = 1.0
    for name, has in units.items():
        starts = [stage.start[name, y] for y in stage.years]
        counts = [stage.units[name, y] for y in stage.years]
        most = stage.columns[counts[0]].upper
        if has <= 0.0:
            terms |= dict.fromkeys(starts, 1.0)
            continue
        if most <= 1.0:
            terms |= dict.fromkeys(starts, -1.0)
            right -= 1.0
            continue
        fewer = stage.add_column(f"fewer than {has:g} units of {name}", 1.0)
        more = stage.add_column(f"more than {has:g} units of {name}", 1.0)
        stage.add_row(
            "units",
            say("fewer-units", units=has, measure=name),
            [*((i, 1.0) for i in counts), (fewer, most - has + 1.0)],
            upper=most,
        )
        stage.add_row(
            "units",
            say("more-units", units=has, measure=name),
            [*((i, -1.0) for i in counts), (more, has + 1.0)],
            upper=0.0,
        )
        terms |= {fewer: 1.0, more: 1.0}
    return Row(rule, message, terms, right, math.inf)
