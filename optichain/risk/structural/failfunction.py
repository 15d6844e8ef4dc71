"""The failure of a demand as a decision diagram over the classes of elements it rests on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from optichain.risk.structural.diagram import FALSE, TRUE, Diagram, DoesNotFit
from optichain.risk.structural.failgraph import FailGraph, Relation
from optichain.risk.structural.loops import Loop, loop_of

__all__ = ["FailFunction"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

QUESTIONS = 4096
"""Most states of one loop that are put to linear programmes."""


class FailFunction:
    """The function f_d of some commodities (3.2) in one diagram.

    Parameters
    ----------
    fails : FailGraph
    commodities : ndarray
        That can be provided with nothing failed.
    limit : int
        Nodes of the diagram at most.

    Attributes
    ----------
    classes : ndarray
        Class of each variable of the diagram.
    diagram : Diagram
    of : ndarray
        Function of each of ``commodities``.

    Raises
    ------
    DoesNotFit
    """

    def __init__(self, fails: FailGraph, commodities: Ints, limit: int) -> None:
        self._fails = fails
        order, near = _first_met(fails, commodities, limit)
        self.classes = np.array(order, dtype=np.int64)
        self._variable = {c: v for v, c in enumerate(order)}
        self.diagram = Diagram(len(order), limit)
        self._function: dict[int, int] = {}
        for tier, loops in zip(fails.tiers, fails.loops, strict=True):
            for c in tier[near[tier]].tolist():
                self._function[c] = self._commodity(c, set())
            for loop in loops:
                if near[loop[0]]:
                    self._decide(loop)
        self.of = np.array([self._function[c] for c in commodities.tolist()], dtype=np.int64)

    def _commodity(self, commodity: int, void: set[int]) -> int:
        """Return when a commodity fails; what is void counts as failed."""
        fails, diagram = self._fails, self.diagram
        ways = []
        for a in _values(fails.makers, commodity):
            causes = self._own(a)
            for g in _values(fails.needs, a):
                options = [TRUE if c in void else self._function[c] for c in _values(fails.options, g)]
                causes.append(diagram.all_of(options))
            ways.append(diagram.any_of(causes))
        return diagram.all_of(ways)

    def _own(self, activity: int) -> list[int]:
        return [self.diagram.variable(self._variable[k]) for k in _values(self._fails.classes, activity)]

    def _decide(self, members: Ints) -> None:
        loop = loop_of(self._fails, members)
        if not (loop.never_sustains or loop.always_sustains):
            self._ask(loop)
            return
        state = dict.fromkeys(members.tolist(), TRUE if loop.never_sustains else FALSE)
        while True:
            self._function.update(state)
            after = {c: self._commodity(c, set()) for c in state}
            if after == state:
                return
            state = after

    def _ask(self, loop: Loop) -> None:
        """Split by what enters and makes the loop, one after another, until the answer no longer depends on it."""
        inputs = [self.diagram.any_of(self._own(a)) for a in loop.activities.tolist()]
        inputs += [self._function[c] for c in loop.inputs.tolist()]
        asked = 0

        def ask(state: Bools, first: int) -> list[int]:
            nonlocal asked
            asked += 1
            if asked > QUESTIONS:
                raise DoesNotFit
            least = state.copy()
            least[first:] = False
            best, worst = loop.working(state), loop.working(least)
            if np.array_equal(best, worst):
                return [FALSE if works else TRUE for works in best.tolist()]
            failed = state.copy()
            failed[first] = False
            without, with_it = ask(failed, first + 1), ask(state, first + 1)
            return [
                self.diagram.any_of([b, self.diagram.all_of([inputs[first], a])])
                for a, b in zip(without, with_it, strict=True)
            ]

        answers = ask(np.ones(len(inputs), dtype=bool), 0)
        self._function.update(zip(loop.members.tolist(), answers, strict=True))


def _values(relation: Relation, row: int) -> list[int]:
    found: list[int] = relation.values[relation.pointer[row] : relation.pointer[row + 1]].tolist()
    return found


def _first_met(fails: FailGraph, commodities: Ints, limit: int) -> tuple[list[int], Bools]:
    """Return the classes in the order in which a walk from the demands meets them, and the commodities met.

    What fails together is then tested together, which keeps diagrams of such networks small.
    """
    near = np.zeros(fails.graph.n_commodities, dtype=bool)
    order: dict[int, None] = {}
    waiting = commodities.tolist()[::-1]
    while waiting:
        c = waiting.pop()
        if near[c]:
            continue
        near[c] = True
        following: list[int] = []
        for a in _values(fails.makers, c):
            order.update(dict.fromkeys(_values(fails.classes, a)))
            for g in _values(fails.needs, a):
                following += _values(fails.options, g)
        waiting += following[::-1]
        if len(order) > limit:
            raise DoesNotFit
    return list(order), near
