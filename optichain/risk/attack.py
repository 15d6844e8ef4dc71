"""The worst that k failures can do (3.5): found exactly, with a proven bound at every moment.

Sets of failures are grown from the most promising first. A flow that is optimal under the failures so far
bounds what further ones can cost (`optichain.risk.flows.dependence`); a set whose bound does not undercut the worst
known one is never solved. No bound on dual variables is needed, and every attack is a linear programme's answer.
"""

from __future__ import annotations

import heapq
import itertools
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from optichain.effects import State, base_state
from optichain.errors import UsageError
from optichain.network import ELEMENT_KINDS, Network
from optichain.risk.events import Event, failing_together
from optichain.risk.exposure import chosen_elements
from optichain.risk.flows.dependence import Dependence
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.reach import Reach, reach_of
from optichain.risk.flows.witness import NetworkWitness, reach_key, stop_of
from optichain.storage.tojson import plain

__all__ = ["Attack", "Attacker", "WorstCase", "worst_case"]

Floats = npt.NDArray[np.float64]
Progress = Callable[[float, float], None]

CLOSE = 1e-8
"""Continuity that solutions of one model may differ by: what undercuts by less is no worse."""

LISTED = 20


@dataclass(frozen=True)
class Attack:
    """Elements that fail together, each completely, and the continuity that is left."""

    elements: tuple[tuple[str, str], ...]
    continuity: float

    def to_json(self) -> dict[str, Any]:
        """Return the attack as in the command ``worst-case``."""
        return {
            "elements": [{"kind": kind, "element": name} for kind, name in self.elements],
            "continuity": self.continuity,
        }


@dataclass(frozen=True)
class WorstCase:
    """The worst attack, and what proves that none is worse.

    Attributes
    ----------
    k : int
        Most elements that fail together.
    kinds : tuple of str
    duration : float or None
        Time units that each stays down; ``None``: its recovery time.
    continuity : float
        Under `attack`, weighted over all chains.
    bound : float
        No attack of up to `k` elements leaves less.
    attack : Attack
    worst : tuple of Attack
        The worst of all that were solved, for people.
    sets : int
        Sets of up to `k` elements there are; elements that stop the same things count once.
    solved : int
        Sets whose continuity was worked out, that of no failure among them.
    complete : bool
        The bound is the attack's own continuity.
    """

    k: int
    kinds: tuple[str, ...]
    duration: float | None
    continuity: float
    bound: float
    attack: Attack
    worst: tuple[Attack, ...]
    sets: int
    solved: int
    complete: bool

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of the command ``worst-case``."""
        result = {
            "continuity": self.continuity,
            "bound": self.bound,
            "attack": self.attack.to_json()["elements"],
            "certificate": {
                "k": self.k,
                "kinds": list(self.kinds),
                "duration": self.duration,
                "sets": self.sets,
                "solved": self.solved,
                "complete": self.complete,
                "attacks": [attack.to_json() for attack in self.worst],
            },
        }
        cleaned: dict[str, Any] = plain(result)
        return cleaned


def worst_case(
    network: Network,
    k: int,
    *,
    state: State | None = None,
    kinds: Sequence[str] = ("site",),
    duration: float | None = None,
    engine: ContinuityEngine | None = None,
    time_limit: float | None = None,
    stop: threading.Event | None = None,
    progress: Progress | None = None,
) -> WorstCase:
    """Find the k failures that leave least continuity.

    Parameters
    ----------
    network : Network
    k : int
        Most elements that fail together, at least 1.
    state : State, optional
        Measures in effect; none by default.
    kinds : sequence of str
        What may fail.
    duration : float, optional
        Time units that each failed element stays down; its recovery time by default.
    engine : ContinuityEngine, optional
        With the weights.
    time_limit : float, optional
        Seconds, after which the bound is what is proven until then.
    stop : threading.Event, optional
        Once set, the search ends in the same way.
    progress : callable of (continuity of the worst attack so far, proven bound), optional

    Raises
    ------
    UsageError
        ``k`` below 1, an unknown kind, a duration that is negative.
    """
    now = base_state(network) if state is None else state
    solver = ContinuityEngine(network) if engine is None else engine
    attacker = Attacker(network, now, solver, k, kinds=kinds, duration=duration)
    return attacker.search(time_limit=time_limit, stop=stop, progress=progress)


class Attacker:
    """The search for the worst attack on one state of a network.

    Parameters
    ----------
    network, state, engine, k, kinds, duration
        See `worst_case`.
    """

    def __init__(
        self,
        network: Network,
        state: State,
        engine: ContinuityEngine,
        k: int,
        *,
        kinds: Sequence[str] = ("site",),
        duration: float | None = None,
    ) -> None:
        if k < 1:
            raise UsageError(f"k: expected at least one failure, got {k}")
        if duration is not None and not 0.0 <= duration < math.inf:
            raise UsageError(f"duration: expected a finite number that is not negative, got {duration}")
        self.network, self.state, self.k = network, state, k
        self.kinds, self.duration = tuple(kinds), duration
        self.witness = NetworkWitness(network, state, engine)
        self.dependence = [Dependence(network, block) for _, block in self.witness.blocks]
        classes: dict[bytes, int] = {}
        for e in chosen_elements(network, kinds).tolist():
            classes.setdefault(reach_key(self.reach([e])), e)
        self.elements = sorted(classes.values())
        reaches = {e: self.reach([e]) for e in self.elements}
        self.stops = {e: stop_of(network, state, reach) for e, reach in reaches.items()}
        self.lost = {e: self._lost_stock(reach) for e, reach in reaches.items()}

    def event(self, members: Sequence[int]) -> Event:
        """Return the event in which elements fail together."""
        return failing_together(members, self.duration)

    def reach(self, members: Sequence[int]) -> Reach:
        """Return what such an event reaches."""
        return reach_of(self.network, self.state, self.event(members))

    def named(self, members: Sequence[int], continuity: float) -> Attack:
        """Return an attack with its elements by kind and name."""
        pairs = [(self.network.element_kind[e], str(self.network.element_name[e])) for e in sorted(members)]
        return Attack(tuple((ELEMENT_KINDS[kind], name) for kind, name in sorted(pairs)), continuity)

    def search(
        self,
        *,
        time_limit: float | None = None,
        stop: threading.Event | None = None,
        progress: Progress | None = None,
    ) -> WorstCase:
        """Find the worst attack; anytime: the bound is proven whenever the search ends."""
        end = math.inf if time_limit is None else time.monotonic() + time_limit
        order = itertools.count()
        queue: list[tuple[float, int, frozenset[int]]] = [(0.0, next(order), frozenset())]
        promised: dict[frozenset[int], float] = {frozenset(): 0.0}
        known: dict[frozenset[int], float] = {}
        best, worst_members = math.inf, frozenset[int]()
        bound = 0.0
        while queue:
            bound = max(bound, min(queue[0][0], best))
            if queue[0][0] >= best - CLOSE:
                queue = []
                break
            if known and (time.monotonic() > end or (stop is not None and stop.is_set())):
                break
            least, _, members = heapq.heappop(queue)
            if promised[members] > least:  # another subset of it has promised more since
                heapq.heappush(queue, (promised[members], next(order), members))
                continue
            reach = self.reach(sorted(members))
            continuity = known[members] = self.witness.value(reach)
            if continuity < best - CLOSE or (continuity < best and not worst_members):
                best, worst_members = continuity, members
            if progress is not None:
                progress(best, bound)
            for grown, least in self._children(members, reach):
                fresh = grown not in promised
                promised[grown] = max(promised.get(grown, least), least)
                if fresh and least < best - CLOSE:
                    heapq.heappush(queue, (least, next(order), grown))
        complete = not queue
        ranked = sorted(known.items(), key=lambda item: (item[1], len(item[0]), sorted(item[0])))
        ranked = [(members, value) for members, value in ranked if members][:LISTED]
        n = len(self.elements)
        return WorstCase(
            k=self.k,
            kinds=self.kinds,
            duration=self.duration,
            continuity=best,
            bound=best if complete else min(bound, best),
            attack=self.named(sorted(worst_members), best),
            worst=tuple(self.named(sorted(members), value) for members, value in ranked),
            sets=sum(math.comb(n, size) for size in range(1, self.k + 1)),
            solved=len(known),
            complete=complete,
        )

    def _children(self, members: frozenset[int], reach: Reach) -> list[tuple[frozenset[int], float]]:
        """Return sets with one more element, and the least continuity that they or what grows from them can leave."""
        others = [e for e in self.elements if e not in members]
        room = self.k - len(members)
        if room <= 0 or not others:
            return []
        # a set that may grow by two is bounded by an optimum: what does no harm to it alone then leads nowhere
        flows = self.witness.flows(reach) if room == 1 else self.witness.witnesses(reach)
        kept = self.witness.weighted(flows)
        stops = [self.stops[e] for e in others]
        damage = np.zeros(len(others))
        for place, ((share, _), dependence) in enumerate(
            zip(self.witness.blocks, self.dependence, strict=True)
        ):
            lost = np.array([self.lost[e][place] for e in others])
            damage += share * dependence.damage(flows[place], stops, lost)
        largest = np.argsort(-damage, kind="stable")[:room]
        result = []
        able = np.full(len(others), True) if room == 1 else damage > CLOSE / self.k
        for i in np.flatnonzero(able).tolist():
            beside = [j for j in largest.tolist() if j != i][: room - 1]
            least = kept - float(damage[i] + damage[beside].sum()) - CLOSE
            result.append((members | {others[i]}, least))
        return sorted(result, key=lambda pair: (pair[1], sorted(pair[0])))

    def _lost_stock(self, reach: Reach) -> list[Floats]:
        """Return the stock that a failure destroys, scaled, by block."""
        nothing = reach_of(self.network, self.state, None)
        return [
            block.flow.stock(self.state, nothing) - block.flow.stock(self.state, reach)
            for _, block in self.witness.blocks
        ]
