"""Measures bought one after another, always within the rules: what every rule of thumb of 3.6 fills."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.design.firststage.rules import COSTS
from optichain.design.firststage.stage import FirstStage
from optichain.design.plan import Choice

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["Basket", "Bundle", "Complete", "Contents", "RowArrays"]

Floats = npt.NDArray[np.float64]
Complete = Callable[[Sequence[Choice], Mapping[str, str]], "Contents | None"]


@dataclass(frozen=True)
class Contents:
    """What has been bought: choices by measure, policies by chain."""

    choices: Mapping[str, Choice]
    policies: Mapping[str, str]


@dataclass(frozen=True)
class Bundle:
    """Measures that are bought together.

    Attributes
    ----------
    measures : tuple of (measure, units)
    chain : str or None
        ``None`` for a shared measure.
    policy : str or None
        Policy of the chain's catalogue that the measures are.
    """

    measures: tuple[tuple[str, float], ...]
    chain: str | None
    policy: str | None = None


class Basket:
    """Contents that keep the rules of a first stage.

    Parameters
    ----------
    instance : Instance
    stage : FirstStage
    complete : callable
        Given choices that break rules which further measures could mend, returns contents that keep all rules and hold
        them, at least cost; ``None`` where there are none. Called with nothing first, where rules ask for something.

    Raises
    ------
    InfeasibleError
        By `complete`, where no plan keeps the rules.
    """

    def __init__(self, instance: Instance, stage: FirstStage, complete: Complete) -> None:
        self.stage, self._complete = stage, complete
        measures = instance["measures"]
        self.names = [str(m) for m in measures["measure"]]
        self.row = {name: i for i, name in enumerate(self.names)}
        self.most = dict(zip(self.names, measures["max_units"].to_numpy(float).tolist(), strict=True))
        self._costs: dict[str, list[float]] = dict(
            zip(self.names, measures[list(COSTS)].to_numpy(float).tolist(), strict=True)
        )
        self.free = list(dict.fromkeys(m for m, _ in stage.start))
        self._needs: dict[str, list[str]] = {}
        for rule, one, other in instance["measure_rules"][["rule", "measure", "other"]].itertuples(
            index=False
        ):
            if rule == "requires" and str(one) not in stage.running and str(other) not in stage.running:
                self._needs.setdefault(str(one), []).append(str(other))
        self._catalogue: dict[str, dict[str, list[tuple[str, float]]]] = {}
        for policy, chain in stage.policy_chain.items():
            self._catalogue.setdefault(chain, {})[policy] = []
        inside = instance["policy_measures"][["policy", "measure", "units"]]
        for policy, measure, units in inside.itertuples(index=False):
            self._catalogue[stage.policy_chain[str(policy)]][str(policy)].append((str(measure), float(units)))
        self._rows = RowArrays(stage)
        self.contents = Contents({}, {})
        if self._rows.broken(self._point(self.contents))[0]:
            needed = complete([], {})
            assert needed is not None
            self.contents = needed

    def bundles(self) -> list[Bundle]:
        """Return what can be bought: a chain's policies, or a measure with what it requires; one unit of each."""
        found = []
        for chain, policies in self._catalogue.items():
            if (chain, self.stage.years[0]) in self.stage.chain:
                found += [Bundle(tuple(inside), chain, name) for name, inside in policies.items()]
        for name in self.free:
            owner = self.stage.owner.get(name)
            if owner not in self._catalogue:
                found.append(Bundle(tuple((m, 1.0) for m in self._closure(name)), owner))
        return found

    def _closure(self, name: str) -> list[str]:
        """Return a measure and all that it requires."""
        found = [name]
        for measure in found:
            found += [other for other in self._needs.get(measure, ()) if other not in found]
        return found

    def cost(self, contents: Contents | None = None) -> float:
        """Return what contents cost over all years."""
        inside = (self.contents if contents is None else contents).choices.values()
        return float(sum(c.units * sum(self._costs[c.measure]) for c in inside))

    def cost_of(self, bundle: Bundle) -> float:
        """Return what a bundle costs over all years."""
        return float(sum(units * sum(self._costs[m]) for m, units in bundle.measures))

    def profile(self, choices: Iterable[Choice]) -> dict[int, float]:
        """Return what choices cost by year of money."""
        total = dict.fromkeys(self.stage.money_years, 0.0)
        for c in choices:
            for offset, cost in enumerate(self._costs[c.measure]):
                total[c.start_year + offset] += c.units * float(cost)
        return total

    def with_bundle(self, bundle: Bundle, year: int) -> Contents | None:
        """Return the contents with a bundle besides, started in a year, or ``None`` where the rules forbid it.

        What is in already keeps its year; units are raised to the bundle's.
        """
        choices, policies = dict(self.contents.choices), dict(self.contents.policies)
        for measure, units in bundle.measures:
            kept = choices.get(measure)
            if kept is None:
                if (measure, year) not in self.stage.start:
                    return None
                choices[measure] = Choice(measure, units, year)
            elif kept.units < units:
                choices[measure] = Choice(measure, units, kept.start_year)
        if bundle.policy is not None and bundle.chain is not None:
            if bundle.chain in policies:
                return None
            policies[bundle.chain] = bundle.policy
        wanted = Contents(choices, policies)
        broken, mendable = self._rows.broken(self._point(wanted))
        if not broken:
            return wanted
        if not mendable:
            return None
        return self._complete(list(choices.values()), policies)

    def more_units(self, measure: str) -> Contents | None:
        """Return the contents with one more unit of a measure that is in, or ``None`` where the rules forbid it."""
        kept = self.contents.choices[measure]
        if kept.units >= self.most[measure] or self.stage.owner.get(measure) in self._catalogue:
            return None
        more = Choice(measure, kept.units + 1.0, kept.start_year)
        wanted = Contents({**self.contents.choices, measure: more}, self.contents.policies)
        return None if self._rows.broken(self._point(wanted))[0] else wanted

    def take(self, contents: Contents) -> None:
        """Make contents that keep the rules one's own."""
        self.contents = contents

    def fill_units(self, measures: Iterable[str]) -> None:
        """Buy as many more units of measures that are in as the rules allow."""
        for measure in measures:
            while (more := self.more_units(measure)) is not None:
                self.take(more)

    def point(self) -> Floats:
        """Return the contents as a point of the first stage, shape (columns,)."""
        return self._point(self.contents)

    def _point(self, contents: Contents) -> Floats:
        values = np.zeros(len(self.stage.columns))
        for c in contents.choices.values():
            values[self.stage.units[c.measure, c.start_year]] = c.units
            values[self.stage.start[c.measure, c.start_year]] = 1.0
        return self.stage.completed(values, contents.policies)


class RowArrays:
    """The rows of a first stage as one matrix, to look at many points."""

    def __init__(self, stage: FirstStage) -> None:
        rows = stage.rows
        pairs = [(i, j, c) for i, row in enumerate(rows) for j, c in row.coefficients.items()]
        i, j, c = (np.array(part) for part in zip(*pairs, strict=True)) if pairs else (np.zeros(0, int),) * 3
        self.matrix = sp.csr_matrix((c, (i, j)), shape=(len(rows), len(stage.columns)))
        self.sizes = abs(self.matrix)
        self.lower = np.array([row.lower for row in rows])
        self.upper = np.array([row.upper for row in rows])
        bounds = np.stack([self.lower, self.upper])
        largest = np.max(np.where(np.isfinite(bounds), np.abs(bounds), 0.0), axis=0, initial=0.0)
        self.bound = np.maximum(largest, [row.size for row in rows])
        # buying more only spends more, and only money at hand stands against spending
        self._lowered = np.array(
            [row.rule != "budget" and any(v < 0.0 for v in row.coefficients.values()) for row in rows],
            dtype=bool,
        )
        self._raised = np.array([any(v > 0.0 for v in row.coefficients.values()) for row in rows], dtype=bool)

    def broken(self, values: Floats) -> tuple[bool, bool]:
        """Return whether a point breaks rows, and whether buying more could mend all of those."""
        level = self.matrix @ values
        slack = 1e-9 * np.maximum(self.bound, self.sizes @ np.abs(values))
        low, high = level < self.lower - slack, level > self.upper + slack
        return bool((low | high).any()), bool(self._raised[low].all() and self._lowered[high].all())
