"""Which unknown inputs decide what is most exposed: a questionnaire to those who know (3.3).

Defaulted recovery times and estimated capacities are moved through their plausible range (x0.5 to x2; of an
estimated capacity its surge), one by one. An input is worth a question when that changes which elements are
among the most exposed. Where no single input does, the fewest that do so together are looked for: those that
move an element outside closest past one inside.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.compilation import compile_network
from optichain.effects import State
from optichain.estimates import item_requirements, source_capacities
from optichain.network import ELEMENT_KINDS, Network
from optichain.risk.events import element_facts
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.impact import impacts

__all__ = ["Question", "TOP", "ask"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]

TOP = 20
"""How many elements count as the most exposed."""

LEAST, MOST = 0.5, 2.0
"""Plausible range of a defaulted recovery time and of a surge, as factors (3.6)."""

ROOM = 1e-9
"""Losses that differ by less, relative to the largest, are equal: their order tells nothing."""

CLOSEST = 40
"""Pairs of elements that are tried when no single input matters."""


@dataclass(frozen=True)
class Question:
    """One input to ask for.

    Attributes
    ----------
    table, column : str
    row : int
        As the user counts it, the header being row 1.
    name : str
        Key of the row.
    enterprise : str or None
        Who may know.
    assumed, low, high : float
        Value that stands in, and its plausible range.
    enters, leaves : tuple of (kind, name)
        Elements that the range moves into and out of the most exposed.
    together : int
        1: it matters alone; n: it is one of n that matter together only.
    """

    table: str
    row: int
    column: str
    name: str
    enterprise: str | None
    assumed: float
    low: float
    high: float
    enters: tuple[tuple[str, str], ...]
    leaves: tuple[tuple[str, str], ...]
    together: int


@dataclass(frozen=True)
class _Input:
    table: str
    row: int
    column: str
    name: str
    enterprise: str | None
    assumed: float
    low: float
    high: float


def ask(
    network: Network,
    state: State,
    engine: ContinuityEngine,
    elements: Ints,
    *,
    top: int = TOP,
    progress: Progress | None = None,
) -> tuple[Question, ...]:
    """Return the inputs worth asking for, those that change most first.

    Parameters
    ----------
    network : Network
    state : State
        Measures in effect.
    engine : ContinuityEngine
    elements : ndarray
        Elements that are ranked by the money lost when each alone fails.
    top : int
        How many of them count.
    progress : callable of (done, all), optional
    """
    ranking = _Ranking(network, state, engine, elements, top)
    inputs = _unknown_inputs(network)
    moved: list[tuple[_Input, float, Floats]] = []
    questions = []
    for place, unknown in enumerate(inputs):
        if progress is not None:
            progress(place, len(inputs))
        enters: set[int] = set()
        leaves: set[int] = set()
        for value in (unknown.low, unknown.high):
            lost = ranking.with_inputs([(unknown, value)])
            moved.append((unknown, value, lost))
            now = ranking.top_of(lost)
            enters |= now - ranking.base_top
            leaves |= ranking.base_top - now
        if enters or leaves:
            questions.append(_question(ranking, unknown, enters, leaves, 1))
    if not questions:
        questions = _jointly(ranking, moved)
    questions.sort(key=lambda q: (-len(q.enters), q.table, q.row, q.column))
    return tuple(questions)


class _Ranking:
    """Losses of the elements under changed inputs, and which of them are the most exposed."""

    def __init__(
        self, network: Network, state: State, engine: ContinuityEngine, elements: Ints, top: int
    ) -> None:
        self.network, self.state, self.engine = network, state, engine
        self.elements, self.top = elements, top
        self.base = impacts(network, state, engine, elements)
        self.base_top = self.top_of(self.base)
        facts = element_facts(network)
        self._stated = ~np.isnan(facts.recovery_time)

    def top_of(self, lost: Floats) -> set[int]:
        """Return the positions of the largest losses; an element that ties with one inside stays where it was."""
        room = ROOM * max(1.0, float(lost.max(initial=0.0)))
        was = np.zeros(len(lost), dtype=bool)
        if hasattr(self, "base_top"):
            was[list(self.base_top)] = True
        rounded = np.round(lost / room)
        order = np.lexsort((np.arange(len(lost)), ~was, -rounded))
        return {int(i) for i in order[: self.top] if lost[i] > room}

    def with_inputs(self, changes: list[tuple[_Input, float]]) -> Floats:
        """Return the losses with some inputs at other values, shape (elements,)."""
        state, network = self.state, self.network
        capacity = state.capacity.copy()
        recovery: list[tuple[_Input, float]] = []
        for unknown, value in changes:
            if unknown.column == "capacity":
                a = network.activity_name.tolist().index(unknown.name)
                capacity[a] += value - unknown.assumed
            else:
                recovery.append((unknown, value))
        if not recovery:
            return impacts(network, replace(state, capacity=capacity), self.engine, self.elements)
        variant = _with_recovery(network, recovery)
        affected = self._depend_on(recovery)
        if len(recovery) < len(changes):
            affected = np.ones(len(self.elements), dtype=bool)
        lost = self.base.copy()
        engine = ContinuityEngine(variant, self.engine.weight)
        now = replace(state, capacity=capacity)
        lost[affected] = impacts(variant, now, engine, self.elements[affected])
        return lost

    def _depend_on(self, recovery: list[tuple[_Input, float]]) -> npt.NDArray[np.bool_]:
        """Return which elements, failing alone, may be down for one of these recovery times."""
        network = self.network
        result = np.zeros(len(self.elements), dtype=bool)
        touched = np.zeros(network.n_activities, dtype=bool)
        sites = {u.name for u, _ in recovery if u.table == "sites"}
        lanes = {u.name for u, _ in recovery if u.table == "lanes"}
        numbers = network.sites.get_indexer(pd.Index(sorted(sites), dtype=object))
        touched |= np.isin(network.activity_site, numbers)
        if lanes:
            touched |= np.isin(network.activity_name.astype(str), list(lanes))
        columns = network.elements_of_activities
        own = {("site", s) for s in sites} | {("lane", name) for name in lanes}
        for i, e in enumerate(self.elements.tolist()):
            key = (ELEMENT_KINDS[network.element_kind[e]], str(network.element_name[e]))
            mine = columns.indices[columns.indptr[e] : columns.indptr[e + 1]]
            result[i] = key in own or (
                bool(touched[mine].any()) and (key[0] == "source" or not self._stated[e])
            )
        return result


def _with_recovery(network: Network, changes: list[tuple[_Input, float]]) -> Network:
    """Return the network of an instance whose unknown recovery times are given."""
    tables: dict[str, Any] = {}
    for table, key in (("sites", "site"), ("lanes", "lane")):
        mine = {u.name: value for u, value in changes if u.table == table}
        if mine:
            frame = network.instance[table].copy()
            given = frame[key].map(mine)
            frame["recovery_time"] = given.where(given.notna(), frame["recovery_time"])
            tables[table] = frame
    return compile_network(network.instance.replace(**tables))


def _unknown_inputs(network: Network) -> list[_Input]:
    """Return recovery times that are defaulted and capacities that are estimated."""
    instance = network.instance
    default = instance.settings.defaults.recovery_time
    owner = dict(zip(instance["sites"]["site"], instance["sites"]["enterprise"], strict=True))
    inputs = []
    for table, key in (("sites", "site"), ("lanes", "lane")):
        frame = instance[table]
        blank = np.isnan(frame["recovery_time"].to_numpy(float))
        if table == "lanes" and not instance.settings.events.single_lane:
            blank &= False
        for row in np.flatnonzero(blank).tolist():
            name = str(frame[key][row])
            who = owner.get(name) if table == "sites" else None
            inputs.append(
                _Input(
                    table,
                    row + 2,
                    "recovery_time",
                    name,
                    who if isinstance(who, str) else None,
                    default,
                    LEAST * default,
                    MOST * default,
                )
            )
    surge = instance.settings.defaults.surge
    capacity, basis = source_capacities(instance, item_requirements(instance))
    sources = instance["sources"]
    for row in basis.index.tolist():
        normal = float(capacity[row]) / (1.0 + surge)
        if surge <= 0.0 or normal <= 0.0:
            continue
        who = owner.get(sources["site"][row])
        inputs.append(
            _Input(
                "sources",
                int(row) + 2,
                "capacity",
                str(sources["source"][row]),
                who if isinstance(who, str) else None,
                float(capacity[row]),
                normal * (1.0 + LEAST * surge),
                normal * (1.0 + MOST * surge),
            )
        )
    return inputs


def _question(
    ranking: _Ranking, unknown: _Input, enters: set[int], leaves: set[int], together: int
) -> Question:
    return Question(
        unknown.table,
        unknown.row,
        unknown.column,
        unknown.name,
        unknown.enterprise,
        unknown.assumed,
        unknown.low,
        unknown.high,
        _names(ranking, enters),
        _names(ranking, leaves),
        together,
    )


def _names(ranking: _Ranking, positions: set[int]) -> tuple[tuple[str, str], ...]:
    network = ranking.network
    numbers = [int(ranking.elements[i]) for i in sorted(positions)]
    return tuple((ELEMENT_KINDS[network.element_kind[e]], str(network.element_name[e])) for e in numbers)


def _jointly(ranking: _Ranking, moved: list[tuple[_Input, float, Floats]]) -> list[Question]:
    """Look for the fewest inputs that together move an element past one of the most exposed."""
    inside = sorted(ranking.base_top, key=lambda i: ranking.base[i])
    outside = sorted(set(range(len(ranking.elements))) - ranking.base_top, key=lambda i: -ranking.base[i])
    pairs = sorted(
        itertools.product(inside[:CLOSEST], outside[:CLOSEST]),
        key=lambda pair: ranking.base[pair[0]] - ranking.base[pair[1]],
    )[:CLOSEST]
    best: tuple[list[tuple[_Input, float]], set[int], set[int]] | None = None
    for out_of, into in pairs:
        gains: dict[_Input, tuple[float, float]] = {}
        for unknown, value, lost in moved:
            gain = float((lost[into] - ranking.base[into]) - (lost[out_of] - ranking.base[out_of]))
            if gain > gains.get(unknown, (0.0, 0.0))[0]:
                gains[unknown] = (gain, value)
        ordered = sorted(gains.items(), key=lambda item: (-item[1][0], item[0].table, item[0].row))
        chosen: list[tuple[_Input, float]] = []
        for unknown, (_, value) in ordered:
            chosen.append((unknown, value))
            if best is not None and len(chosen) >= len(best[0]):
                break
            now = ranking.top_of(ranking.with_inputs(chosen))
            if now != ranking.base_top:
                best = (list(chosen), now - ranking.base_top, ranking.base_top - now)
                break
    if best is None:
        return []
    chosen, enters, leaves = best
    return [_question(ranking, unknown, enters, leaves, len(chosen)) for unknown, _ in chosen]
