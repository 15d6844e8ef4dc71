"""Sorts the scenarios of a coalition into events and states: the same programme in several periods is one event (3.4)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.design.twostage.arrays import DesignProblem, Scenario, Tail
from optichain_solvers.portfolio.flowcuts import EventLP, Events
from optichain_solvers.portfolio.states import Space, States, WorstOf

__all__ = ["find_states"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Monomial = tuple[tuple[int, ...], int]
Effect = tuple[int, ...]
"""Columns of the units of one measure whose starts are in effect."""


def find_states(problem: DesignProblem, policies: npt.NDArray[np.float32], most: int) -> States | None:
    """Return what is known at first about the policies of a coalition.

    Parameters
    ----------
    problem : DesignProblem
        Of one coalition.
    policies : ndarray, shape (policies, columns)
    most : int
        Largest number of bounds to keep.

    Returns
    -------
    States, or None
        None where the states of all events are more than `most`.
    """
    reader = _Reader(problem, policies)
    for scenario in problem.scenarios:
        reader.add(scenario)
    return reader.states(most)


@dataclass(eq=False)
class _Family:
    """An event with the weights of the periods in which it counts."""

    lp: EventLP
    monomials: list[Monomial]
    weight: dict[tuple[Effect, ...], float] = field(default_factory=dict)
    worst: float = np.inf
    best: float = -np.inf


class _Reader:
    """Sorts scenarios by event, measures and period."""

    def __init__(self, problem: DesignProblem, policies: npt.NDArray[np.float32]) -> None:
        self.problem, self.policies = problem, policies
        stage = problem.stage
        names = {m: i for i, m in enumerate(dict.fromkeys(m for m, _ in stage.start))}
        self.measure_of = {c: names[m] for (m, _), c in (*stage.start.items(), *stage.units.items())}
        self.measure_column = [min(c for c, k in self.measure_of.items() if k == m) for m in names.values()]
        self.units_of = {stage.start[key]: stage.units[key] for key in stage.start}
        self.matrices: dict[int, int] = {}
        self.kept: list[sp.csc_matrix] = []
        self.families: dict[tuple[int, ...], dict[tuple[object, ...], _Family]] = {}
        self.places: list[tuple[tuple[int, ...], tuple[object, ...], tuple[Effect, ...]]] = []
        self._effects: dict[Effect, Ints] = {}

    def add(self, scenario: Scenario) -> None:
        """Read one scenario."""
        effect: dict[int, Effect] = {}
        known: dict[int, Monomial] = {-1: ((), -1)}
        for _, p, _ in (*scenario.column_terms, *scenario.row_terms):
            if p not in known:
                known[p] = self._monomial(p, effect)
        measures = tuple(sorted(effect))
        column = [(place, known[p], value) for place, p, value in scenario.column_terms]
        row = [(place, known[p], value) for place, p, value in scenario.row_terms]
        arrays = (scenario.upper, scenario.row_lower, scenario.row_upper, scenario.cost)
        digest = hashlib.blake2b(digest_size=16)
        for array in arrays:
            digest.update(array.tobytes())
        key = (id(scenario.matrix), digest.digest(), tuple(column), tuple(row))
        group = self.families.setdefault(measures, {})
        if key not in group:
            group[key] = self._family(scenario, column, row)
        family = group[key]
        period = tuple(effect[m] for m in measures)
        self.places.append((measures, key, period))
        family.weight[period] = family.weight.get(period, 0.0) + scenario.weight
        # a period in which more can be in effect has the higher best; the worst is that of the running support
        family.worst, family.best = min(family.worst, scenario.worst), max(family.best, scenario.best)

    def _monomial(self, number: int, effect: dict[int, Effect]) -> Monomial:
        """Return a product in terms of measures, and note when each of them is in effect."""
        product = self.problem.products[number]
        binaries = []
        for columns in product.binaries:
            m = self.measure_of[columns[0]]
            binaries.append(m)
            effect[m] = tuple(sorted(self.units_of[c] for c in columns))
        units = -1
        if product.units:
            units = self.measure_of[product.units[0]]
            effect[units] = tuple(sorted(product.units))
        return tuple(sorted(binaries)), units

    def _family(
        self,
        scenario: Scenario,
        column: list[tuple[int, Monomial, float]],
        row: list[tuple[int, Monomial, float]],
    ) -> _Family:
        matrix = self.matrices.setdefault(id(scenario.matrix), len(self.matrices))
        if matrix == len(self.kept):
            self.kept.append(scenario.matrix)
        order: dict[Monomial, int] = {((), -1): 0}
        for _, monomial, _ in (*column, *row):
            order.setdefault(monomial, len(order))

        def arrays(terms: list[tuple[int, Monomial, float]]) -> tuple[Ints, Ints, Floats]:
            return (
                np.array([place for place, _, _ in terms], dtype=np.int64),
                np.array([order[m] for _, m, _ in terms], dtype=np.int64),
                np.array([value for _, _, value in terms], dtype=float),
            )

        lp = EventLP(
            matrix,
            scenario.cost,
            scenario.upper,
            scenario.row_lower,
            scenario.row_upper,
            *arrays(column),
            *arrays(row),
        )
        return _Family(lp, list(order))

    def _in_effect(self, effect: Effect) -> Ints:
        """Return the units in effect of a measure at every policy, shape (policies,)."""
        if effect not in self._effects:
            self._effects[effect] = np.rint(self.policies[:, list(effect)].sum(axis=1)).astype(np.int64)
        return self._effects[effect]

    def states(self, most: int) -> States | None:
        spaces: list[Space] = []
        events: list[EventLP] = []
        total = 0
        located: dict[
            tuple[tuple[int, ...], tuple[object, ...], tuple[Effect, ...]], tuple[int, int, int]
        ] = {}
        for measures, group in self.families.items():
            families = list(group.values())
            periods = list(dict.fromkeys(p for f in families for p in f.weight))
            space = self._space(measures, periods)
            total += len(space.states) * len(families)
            if total > most:
                return None
            space.events = list(range(len(events), len(events) + len(families)))
            events += [f.lp for f in families]
            space.weight = np.array([[f.weight.get(p, 0.0) for f in families] for p in periods])
            memory: dict[Monomial, Floats] = {}
            place = {m: i for i, m in enumerate(measures)}
            stacked: dict[tuple[Monomial, ...], Floats] = {}
            for f in families:
                names = tuple(f.monomials)
                if names not in stacked:
                    columns = [_value(m, space.states, place, memory) for m in names]
                    stacked[names] = np.stack(columns, axis=1)
                space.products.append(stacked[names])
            best, worst = (np.array([getattr(f, n) for f in families]) for n in ("best", "worst"))
            space.upper = np.repeat(best[:, None], len(space.states), axis=1)
            space.lower = np.repeat(worst[:, None], len(space.states), axis=1)
            space.upper[:, ~space.states.any(axis=1)] = worst[:, None]
            space.tail_weight = np.zeros_like(space.weight)
            for column, key in enumerate(group):
                located |= {(measures, key, p): (len(spaces), i, column) for i, p in enumerate(periods)}
            spaces.append(space)
        tails = [
            self._tail(tail, spaces, [located[place] for place in self.places]) for tail in self.problem.tails
        ]
        first = [located[place] for place in self.places]
        return States(
            spaces,
            Events(tuple(self.kept), tuple(events)),
            len(self.policies),
            first,
            self.measure_column,
            tails,
        )

    @staticmethod
    def _tail(tail: Tail, spaces: Sequence[Space], located: Sequence[tuple[int, int, int]]) -> WorstOf:
        """Return a tail whose members are found among the spaces, and note what each can change."""
        members = [(p, located[s] if s >= 0 else None, constant) for p, s, constant in tail.members]
        for p, where, _ in members:
            if where is not None:
                most = 1.0 if tail.mass <= 0.0 else min(p / tail.mass, 1.0)
                spaces[where[0]].tail_weight[where[1], where[2]] += tail.weight * most
        return WorstOf(tail.weight, tail.mass, members)

    def _space(self, measures: tuple[int, ...], periods: Sequence[tuple[Effect, ...]]) -> Space:
        rows = []
        for period in periods:
            rows.append(np.stack([self._in_effect(effect) for effect in period], axis=1))
        everything = np.concatenate(rows)
        states, place = np.unique(everything, axis=0, return_inverse=True)
        return Space(measures, states, place.reshape(len(periods), -1).astype(np.int32))


def _value(monomial: Monomial, states: Ints, place: dict[int, int], memory: dict[Monomial, Floats]) -> Floats:
    """Return the values of a product in all states, shape (states,)."""
    if monomial not in memory:
        binaries, units = monomial
        result = np.ones(len(states))
        for m in binaries:
            result = result * (states[:, place[m]] > 0)
        if units >= 0:
            result = result * states[:, place[units]]
        memory[monomial] = result
    return memory[monomial]
