"""What a coalition's policies are worth, known only as far as needed: bounds by event and state (3.4).

The value of a policy is a weighted sum over events and periods, and an event's value in a period depends only
on the measures in effect then: its state. Events that the same measures act on share a `Space` of states.
Each linear programme solved tightens the bounds of all states of its event: by the cut that its dual proves,
and because no measure ever harms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from optichain_solvers.lshaped.checkpoint import Proof
from optichain_solvers.portfolio.flowcuts import Answer, Events, proven_again

__all__ = ["Space", "States", "WorstOf"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Terms = Sequence[tuple[float, int]]
"""A sum over scenarios: (coefficient, scenario)."""

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
        As of `optichain.design.twostage.arrays.Tail`.
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
    located : list of (space, period, event in it)
        Of each scenario of the coalition.
    measure_column : list of int
        First column of each measure among those of the coalition.
    tails : list of WorstOf
    """

    spaces: list[Space]
    events: Events
    policies: int
    located: list[tuple[int, int, int]]
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

    def bounds_of(self, terms: Terms) -> tuple[Floats, Floats]:
        """Return (upper, lower) bounds on a sum over scenarios, shape (policies,)."""
        upper, lower = np.zeros(self.policies), np.zeros(self.policies)
        for coefficient, scenario in terms:
            s, period, place = self.located[scenario]
            space = self.spaces[s]
            states = space.periods[period]
            upper += coefficient * space.upper[place][states]
            lower += coefficient * space.lower[place][states]
        return upper, lower

    def open_questions(
        self, policies: Sequence[int], slack: float, settle: Sequence[Terms] = ()
    ) -> list[tuple[int, int, int]]:
        """Return (space, event in it, state) of what leaves the worth of some policies uncertain.

        Questions that matter least stay open, as long as they are worth no more than a slack in sum; none does that is
        about a scenario of the sums to be settled.
        """
        decisive = {self.located[scenario] for terms in settle for _, scenario in terms}
        questions: list[tuple[int, int, int]] = []
        worth: list[Floats] = []
        for number, space in enumerate(self.spaces):
            asked: dict[int, Floats] = {}
            for period, row in enumerate(space.periods):
                counted = space.weight[period] + space.tail_weight[period]
                must = [place for place in range(len(counted)) if (number, period, place) in decisive]
                counted[must] = np.inf
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
        scenario = {(s, place): number for number, (s, _, place) in reversed(list(enumerate(self.located)))}
        found = []
        for (s, place, state), answer in zip(questions, answers, strict=True):
            space = self.spaces[s]
            units = zip(space.measures, space.states[state].tolist(), strict=True)
            pairs = tuple((self.measure_column[m], count) for m, count in units if count)
            found.append(Proof(scenario[s, place], answer.dual, answer.value, pairs))
        return found

    def recall(self, proof: Proof) -> None:
        """Take in what was proven before; only what the prices prove again, and a value only where they agree with it."""
        s, _, place = self.located[proof.scenario]
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
