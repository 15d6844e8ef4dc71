"""What a coalition's policies are worth, known only as far as needed: bounds by event and state (3.4).

The value of a policy is a weighted sum over events and periods, and an event's value in a period depends only
on the measures in effect then: its state. Events that the same measures act on share a `Space` of states.
Each linear programme solved tightens the bounds of all states of its event: by the cut that its dual proves,
and because no measure ever harms.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.design.twostage import DesignProblem, Scenario, Tail
from optichain_solvers.checkpoint import Proof
from optichain_solvers.flowcuts import Answer, EventLP, Events, proven_again

__all__ = ["Space", "States", "find_states"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Monomial = tuple[tuple[int, ...], int]
Effect = tuple[int, ...]
"""Columns of the units of one measure whose starts are in effect."""

EXACT = 1e-12
"""Bounds of an event's continuity that are this close count as equal."""
AGREE = 1e-9
"""Value and bound from the same prices differ by rounding this much at most."""


@dataclass(eq=False)
class Space:
    """States of some measures, and the bounds of the events that exactly these measures act on.

    Attributes
    ----------
    measures : tuple of int
    states : ndarray of int, shape (states, measures)
        Units in effect.
    periods : ndarray of int, shape (periods, policies)
        The state in which each policy puts each period.
    events : list of int
        Numbers among the coalition's linear programmes.
    weight : ndarray, shape (periods, events)
        In the objective.
    tail_weight : ndarray, shape (periods, events)
        By how much a tail can change, at most, with the event's value.
    products : list of ndarray, shape (states, products of the event)
        The constant 1 first.
    upper, lower : ndarray, shape (events, states)
    """

    measures: tuple[int, ...]
    states: Ints
    periods: npt.NDArray[np.int32]
    events: list[int] = field(default_factory=list)
    weight: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    tail_weight: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    products: list[Floats] = field(default_factory=list)
    upper: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    lower: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    _number: dict[bytes, int] | None = field(default=None, repr=False)

    def learn(self, place: int, state: int, answer: Answer) -> None:
        """Tighten the bounds of an event by its value and dual at a state."""
        self.limit(place, answer.gradient)
        upper, lower = self.upper[place], self.lower[place]
        here = self.states[state]
        less = (self.states <= here).all(axis=1)
        more = (self.states >= here).all(axis=1)
        upper[less] = np.minimum(upper[less], answer.value)
        lower[more] = np.maximum(lower[more], answer.value)
        # two answers of one programme may differ in the last digits; the lower bound is never above
        np.minimum(lower, upper, out=lower)

    def limit(self, place: int, gradient: Floats) -> None:
        """Tighten the upper bounds of an event by what prices prove."""
        np.minimum(self.upper[place], self.products[place] @ gradient, out=self.upper[place])

    def state_of(self, units: Mapping[int, int]) -> int:
        """Return the state with these units of each measure and none of the others, -1 where there is none."""
        if self._number is None:
            self._number = {row.tobytes(): i for i, row in enumerate(self.states)}
        here = np.array([units.get(m, 0) for m in self.measures], dtype=self.states.dtype)
        known = set(units) <= set(self.measures)
        return self._number.get(here.tobytes(), -1) if known else -1


@dataclass(frozen=True, eq=False)
class WorstOf:
    """The worst events of a block in a period (3.3), for all policies at once.

    Attributes
    ----------
    weight, mass : float
        As of `optichain.design.twostage.Tail`.
    members : list of (probability, (space, period, event in it) or None, constant)
    """

    weight: float
    mass: float
    members: list[tuple[float, tuple[int, int, int] | None, float]]

    def value(self, spaces: Sequence[Space], which: str, policies: int) -> Floats:
        """Return the weighted mean of the lower tail of upper or lower bounds, shape (policies,)."""
        values = np.empty((policies, len(self.members)))
        for column, (_, where, constant) in enumerate(self.members):
            if where is None:
                values[:, column] = constant
            else:
                space = spaces[where[0]]
                values[:, column] = getattr(space, which)[where[2]][space.periods[where[1]]]
        if self.mass <= 0.0:
            return np.asarray(self.weight * values.min(axis=1), dtype=float)
        order = np.argsort(values, axis=1, kind="stable")
        share = np.array([p for p, _, _ in self.members])
        share = (share / share.sum())[order]
        before = np.cumsum(share, axis=1) - share
        taken = np.clip(self.mass - before, 0.0, share)
        taken[:, -1] += np.maximum(self.mass - taken.sum(axis=1), 0.0)
        ranked = np.take_along_axis(values, order, axis=1)
        return np.asarray(self.weight * (taken * ranked).sum(axis=1) / self.mass, dtype=float)


@dataclass(eq=False)
class States:
    """Bounds on what each policy of a coalition is worth.

    Attributes
    ----------
    spaces : list of Space
    events : Events
    policies : int
    located : list of (space, event in it)
        Of each scenario of the coalition.
    measure_column : list of int
        First column of each measure among those of the coalition.
    tails : list of WorstOf
    """

    spaces: list[Space]
    events: Events
    policies: int
    located: list[tuple[int, int]]
    measure_column: list[int]
    tails: list[WorstOf] = field(default_factory=list)

    def bounds(self) -> tuple[Floats, Floats]:
        """Return (upper, lower) bounds on the weighted sum over scenarios, shape (policies,)."""
        upper, lower = np.zeros(self.policies), np.zeros(self.policies)
        for space in self.spaces:
            high, low = space.weight @ space.upper, space.weight @ space.lower
            for period, row in enumerate(space.periods):
                upper += high[period][row]
                lower += low[period][row]
        for tail in self.tails:
            upper += tail.value(self.spaces, "upper", self.policies)
            lower += tail.value(self.spaces, "lower", self.policies)
        return upper, lower

    def open_questions(self, policies: Sequence[int], slack: float) -> list[tuple[int, int, int]]:
        """Return (space, event in it, state) of what leaves the worth of some policies uncertain.

        Questions that matter least stay open, as long as they are worth no more than a slack in sum.
        """
        questions: list[tuple[int, int, int]] = []
        worth: list[Floats] = []
        for number, space in enumerate(self.spaces):
            asked: dict[int, Floats] = {}
            for period, row in enumerate(space.periods):
                counted = space.weight[period] + space.tail_weight[period]
                for state in np.unique(row[list(policies)]).tolist():
                    asked[state] = asked.get(state, 0.0) + counted
            for state, weight in asked.items():
                width = space.upper[:, state] - space.lower[:, state]
                unknown = np.flatnonzero((weight > 0.0) & (width > EXACT))
                questions += [(number, place, state) for place in unknown.tolist()]
                worth.append(weight[unknown] * width[unknown])
        if not questions:
            return []
        value = np.concatenate(worth)
        order = np.argsort(value, kind="stable")
        dropped = order[np.cumsum(value[order]) <= slack]
        kept = np.ones(len(value), dtype=bool)
        kept[dropped] = False
        return [question for question, keep in zip(questions, kept, strict=True) if keep]

    def jobs(self, questions: Sequence[tuple[int, int, int]]) -> list[tuple[int, Floats]]:
        """Return the linear programmes that answer questions."""
        return [
            (self.spaces[s].events[place], self.spaces[s].products[place][state])
            for s, place, state in questions
        ]

    def learn(self, questions: Sequence[tuple[int, int, int]], answers: Sequence[Answer]) -> None:
        """Take in the answers."""
        for (s, place, state), answer in zip(questions, answers, strict=True):
            self.spaces[s].learn(place, state, answer)

    def proofs(self, questions: Sequence[tuple[int, int, int]], answers: Sequence[Answer]) -> list[Proof]:
        """Return what answers prove, by scenario and column of the coalition."""
        scenario = {where: number for number, where in reversed(list(enumerate(self.located)))}
        found = []
        for (s, place, state), answer in zip(questions, answers, strict=True):
            space = self.spaces[s]
            units = zip(space.measures, space.states[state].tolist(), strict=True)
            pairs = tuple((self.measure_column[m], count) for m, count in units if count)
            found.append(Proof(scenario[s, place], answer.dual, answer.value, pairs))
        return found

    def recall(self, proof: Proof) -> None:
        """Take in what was proven before; only what the prices prove again, and a value only where they agree with it."""
        s, place = self.located[proof.scenario]
        space = self.spaces[s]
        number, products = space.events[place], space.products[place]
        gradient = proven_again(self.events, number, proof.dual, products.shape[1])
        if gradient is None:
            return
        measure = {column: m for m, column in enumerate(self.measure_column)}
        state = space.state_of({measure.get(column, -1): count for column, count in proof.units})
        here = float(products[state] @ gradient) if state >= 0 else np.nan
        if abs(here - proof.worth) <= AGREE * max(1.0, abs(here)):
            space.learn(place, state, Answer(number, proof.worth, gradient, proof.dual))
        else:
            space.limit(place, gradient)


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
            [(space, event) for space, _, event in first],
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
