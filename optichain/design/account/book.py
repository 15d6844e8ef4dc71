"""The list of funded measures against the tables (3.4): costs, effects in each year, rules broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from optichain.design.firststage.rules import COSTS
from optichain.design.firststage.stage import FirstStage
from optichain.design.plan import Choice, PolicyOfChain
from optichain.sentences import say

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["Book"]

Floats = npt.NDArray[np.float64]


class Book:
    """The list of funded measures against the tables: costs, effects in each year, rules broken."""

    def __init__(
        self, instance: Instance, stage: FirstStage, choices: tuple[Choice, ...], policies: dict[str, str]
    ) -> None:
        self.stage, self.choices = stage, choices
        frame = instance["measures"]
        self.names = [str(m) for m in frame["measure"]]
        self.row = {name: i for i, name in enumerate(self.names)}
        self.lead = frame["lead_time"].to_numpy(float)
        self.most = frame["max_units"].to_numpy(float)
        self.costs = frame[list(COSTS)].to_numpy(float)
        self.chain_of = [c if isinstance(c, str) else None for c in frame["chain"]]
        self.policies = {**self._matching(instance), **policies}

    def in_effect(self, year: int | None, *, new: bool = True) -> Floats:
        """Return the units in effect in a year, or in full effect, shape (measures,)."""
        units = np.zeros(len(self.names))
        given = [Choice(m, u, y) for m, (u, y) in self.stage.running.items()]
        for c in (*given, *(self.choices if new else ())):
            i = self.row[c.measure]
            if year is None or c.start_year + self.lead[i] <= year:
                units[i] += c.units
        return units

    def everything(self) -> Floats:
        """Return the units with all measures in full effect."""
        return np.asarray(np.maximum(self.most, self.in_effect(None, new=False)), dtype=float)

    def cost(self, choices: Sequence[Choice]) -> tuple[float, ...]:
        """Return what measures cost in each year of cost."""
        total = dict.fromkeys(self.stage.money_years, 0.0)
        for c in choices:
            for offset in range(len(COSTS)):
                if c.start_year + offset in total:
                    total[c.start_year + offset] += c.units * float(self.costs[self.row[c.measure], offset])
        return tuple(total.values())

    def policies_of_chains(
        self, before: Mapping[str, float], after: Mapping[str, float]
    ) -> tuple[PolicyOfChain, ...]:
        """Return the policies, by chain and start year; ACC before and after by chain."""
        grouped: dict[tuple[str, int], list[Choice]] = {}
        for c in self.choices:
            chain = self.chain_of[self.row[c.measure]]
            if chain is not None:
                grouped.setdefault((chain, c.start_year), []).append(c)
        result = []
        for (chain, year), mine in sorted(grouped.items()):
            mine.sort(key=lambda c: c.measure)
            ends = [None if v != v else float(v) for v in (before[chain], after[chain])]
            result.append(
                PolicyOfChain(chain, year, self.policies.get(chain), tuple(mine), self.cost(mine), *ends)
            )
        return tuple(result)

    def shared(self) -> tuple[PolicyOfChain, ...]:
        """Return the measures that belong to no chain, each as a policy of its own."""
        mine = sorted(
            (c for c in self.choices if self.chain_of[self.row[c.measure]] is None), key=lambda c: c.measure
        )
        return tuple(PolicyOfChain(None, c.start_year, None, (c,), self.cost([c]), None, None) for c in mine)

    def breaches(self) -> list[dict[str, str]]:
        """Return every rule that the choices break."""
        stage, found = self.stage, []
        strays: list[Choice] = []
        for c in self.choices:
            if (c.measure, c.start_year) not in stage.start:
                strays.append(c)
            most = self.most[self.row[c.measure]]
            if c.measure in stage.running:
                found.append(
                    ("running", say("already-running", measure=c.measure, year=stage.running[c.measure][1]))
                )
            elif c.start_year not in stage.years:
                years = {"first": stage.years[0], "last": stage.years[-1]}
                found.append(
                    (
                        "start year",
                        say("outside-the-planning-years", measure=c.measure, year=c.start_year, **years),
                    )
                )
            elif (c.measure, c.start_year) not in stage.start:
                chain = self.chain_of[self.row[c.measure]]
                found.append(
                    (
                        "running",
                        say("chain-already-running", measure=c.measure, chain=chain),
                    )
                )
            if c.units != round(c.units) or not 1 <= c.units <= most:
                found.append(
                    (
                        "units",
                        say("units-not-allowed", measure=c.measure, units=c.units, most=float(most)),
                    )
                )
        if strays:
            # what no decision stands for costs money all the same
            stage = stage.charged(self.cost(strays))
        values = self._point(stage).tolist()
        found += [(row.rule, row.message) for row in stage.rows if row.broken(values)]
        return [{"rule": rule, "message": message} for rule, message in dict.fromkeys(found)]

    def _point(self, stage: FirstStage) -> Floats:
        values = np.zeros(len(stage.columns))
        for c in self.choices:
            if (c.measure, c.start_year) in stage.start:
                values[stage.units[c.measure, c.start_year]] = c.units
                values[stage.start[c.measure, c.start_year]] = 1.0
        return stage.completed(values, self.policies)

    def _matching(self, instance: Instance) -> dict[str, str]:
        """Return, for each chain with a catalogue, the policy that is exactly what was chosen."""
        contents: dict[str, dict[str, float]] = {}
        for p, m, u in instance["policy_measures"][["policy", "measure", "units"]].itertuples(index=False):
            contents.setdefault(str(p), {})[str(m)] = float(u)
        found = {}
        for p, chain in instance["policies"][["policy", "chain"]].itertuples(index=False):
            mine = {c.measure: c.units for c in self.choices if self.chain_of[self.row[c.measure]] == chain}
            if mine and mine == contents.get(str(p), {}):
                found[str(chain)] = str(p)
        return found
