"""Reverse stress test (3.3): what it takes to bring continuity below a level.

For each element the shortest complete loss that does it; and the smallest sets of elements that do it together,
each lost for its recovery time. Sets are found by their definition turned round: a set that harms must stop
something that an optimal flow uses, so from each set that does not suffice only the elements that its own
optimal flow uses need to be added. That misses no minimal set.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from optichain.effects import State, base_state
from optichain.errors import UsageError
from optichain.network import ELEMENT_KINDS, Network
from optichain.risk.events import Event, Hit, failing_together, single_failure
from optichain.risk.exposure import chosen_elements
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.reach import reach_of
from optichain.risk.flows.witness import NetworkWitness, Stop, Witness, reach_key, stop_of
from optichain.storage.tojson import plain

__all__ = ["HarmfulSet", "Reverse", "reverse_stress"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]

BELOW = 1e-9
"""Continuity counts as below a level from this much on: two solutions of one model differ by less."""
CLOSE = 1e-10
"""Share of the horizon to which a duration is found."""


@dataclass(frozen=True)
class HarmfulSet:
    """A minimal set of elements that together bring continuity below the level.

    Attributes
    ----------
    elements : tuple of (kind, name)
    continuity : float
    """

    elements: tuple[tuple[str, str], ...]
    continuity: float


@dataclass(frozen=True)
class Reverse:
    """Result of a reverse stress test.

    Attributes
    ----------
    level : float
    order : int
        Largest size of the sets searched.
    durations : tuple of (kind, name, time units or None)
        Shortest complete loss that brings continuity below the level; ``None`` where none does.
    sets : tuple of HarmfulSet
        All minimal sets up to `order` of elements of the chosen kinds.
    complete : bool
        Whether the search for sets ended before its limit.
    """

    level: float
    order: int
    durations: tuple[tuple[str, str, float | None], ...]
    sets: tuple[HarmfulSet, ...]
    complete: bool

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of the command ``reverse``."""
        result = {
            "level": self.level,
            "order": self.order,
            "complete": self.complete,
            "durations": [{"kind": k, "element": e, "duration": d} for k, e, d in self.durations],
            "sets": [
                {
                    "elements": [{"kind": k, "element": e} for k, e in found.elements],
                    "continuity": found.continuity,
                }
                for found in self.sets
            ],
        }
        cleaned: dict[str, Any] = plain(result)
        return cleaned


def reverse_stress(
    network: Network,
    level: float,
    *,
    order: int = 2,
    state: State | None = None,
    kinds: Sequence[str] | None = None,
    engine: ContinuityEngine | None = None,
    limit: int = 100_000,
    progress: Progress | None = None,
) -> Reverse:
    """Find what brings the weighted continuity of all chains below a level.

    Parameters
    ----------
    network : Network
    level : float
        In (0, 1].
    order : int
        Largest size of sets; 0 searches durations alone.
    state : State, optional
        Measures in effect; none by default.
    kinds : sequence of str, optional
        Elements of these kinds. By default durations are found for all kinds, sets for sites alone.
    engine : ContinuityEngine, optional
        For the network's weights.
    limit : int
        Sets that are tried at most; beyond, `Reverse.complete` is false and what is listed is still right.
    progress : callable of (done, all), optional

    Raises
    ------
    UsageError
        A level outside (0, 1], a negative order, an unknown kind.
    """
    if not 0.0 < level <= 1.0:
        raise UsageError(f"level: expected a number above 0 and at most 1, got {level:g}")
    if order < 0:
        raise UsageError(f"order: expected a whole number that is not negative, got {order}")
    now = base_state(network) if state is None else state
    solver = NetworkWitness(network, now, ContinuityEngine(network) if engine is None else engine)
    durations = _durations(solver, level, chosen_elements(network, kinds), progress)
    sets, complete = _sets(solver, level, order, chosen_elements(network, kinds or ("site",)), limit)
    return Reverse(level, order, durations, sets, complete)


def _name(network: Network, element: int) -> tuple[str, str]:
    return ELEMENT_KINDS[network.element_kind[element]], str(network.element_name[element])


def _durations(
    solver: NetworkWitness, level: float, elements: Ints, progress: Progress | None
) -> tuple[tuple[str, str, float | None], ...]:
    network, known = solver.network, {}
    rows = []
    for place, e in enumerate(elements.tolist()):
        if progress is not None:
            progress(place, len(elements))
        whole = Event("", "", 0.0, (Hit(e, 1.0, math.inf),))
        key = reach_key(reach_of(network, solver.state, whole, horizon=math.inf))
        gain = float(solver.state.recovery_gain[e])
        if (key, gain) not in known:
            known[key, gain] = _shortest(solver, level, e)
        rows.append((*_name(network, e), known[key, gain]))
    kinds = {kind: i for i, kind in enumerate(ELEMENT_KINDS)}
    rows.sort(key=lambda r: (math.inf if r[2] is None else r[2], kinds[r[0]], r[1]))
    return tuple(rows)


def _shortest(solver: NetworkWitness, level: float, element: int) -> float | None:
    """Return the shortest complete loss of one element that brings continuity below the level."""

    def above(duration: float) -> float:
        event = Event("", "", 0.0, (Hit(element, 1.0, duration),))
        return solver.continuity(event) - (level - BELOW)

    if above(0.0) < 0.0:
        return 0.0
    # what is protected stays down for less than the hit lasts, so a hit can matter beyond the horizon
    longest = solver.network.horizon + float(np.max(solver.state.recovery_gain, initial=0.0))
    if above(longest) >= 0.0:
        return None
    return float(brentq(above, 0.0, longest, xtol=CLOSE * solver.network.horizon, rtol=1e-12))


def _sets(
    solver: NetworkWitness, level: float, order: int, elements: Ints, limit: int
) -> tuple[tuple[HarmfulSet, ...], bool]:
    network, state = solver.network, solver.state
    classes: dict[bytes, list[int]] = {}
    for e in elements.tolist():
        key = reach_key(reach_of(network, state, single_failure(network, e)))
        classes.setdefault(key, []).append(e)
    alike = {members[0]: members for members in classes.values()}
    stops = {e: stop_of(network, state, reach_of(network, state, single_failure(network, e))) for e in alike}
    found: dict[frozenset[int], float] = {}
    front: list[frozenset[int]] = [frozenset()]
    tried, seen = 0, set(front)
    for size in range(order + 1):
        following: list[frozenset[int]] = []
        for members in front:
            if any(smaller <= members for smaller in found):
                continue
            if tried >= limit:
                return _listed(network, alike, found), False
            tried += 1
            witnesses = solver.witnesses(reach_of(network, state, failing_together(members)))
            continuity = solver.weighted(witnesses)
            if continuity < level - BELOW:
                found[members] = continuity
                continue
            if size == order:
                continue
            for e in alike:
                grown = members | {e}
                if e not in members and grown not in seen and _touches(solver, stops[e], witnesses):
                    seen.add(grown)
                    following.append(grown)
        front = following
    return _listed(network, alike, found), True


def _touches(solver: NetworkWitness, stop: Stop, witnesses: list[Witness]) -> bool:
    """Tell whether an element's failure can disturb the flows of all blocks."""
    if stop.stock:
        return True
    for (_, block), witness in zip(solver.blocks, witnesses, strict=True):
        running = witness.output[witness.starts < stop.lasting]
        if bool(np.any(running[:, block.place(stop.activities)] > 0.0)):
            return True
    return False


def _listed(
    network: Network, alike: dict[int, list[int]], found: dict[frozenset[int], float]
) -> tuple[HarmfulSet, ...]:
    """Return the sets with every member of each class of like elements, smallest first."""
    kinds = {kind: i for i, kind in enumerate(ELEMENT_KINDS)}
    result = []
    for members, continuity in found.items():
        for choice in itertools.product(*(alike[e] for e in sorted(members))):
            names = sorted((_name(network, e) for e in choice), key=lambda n: (kinds[n[0]], n[1]))
            result.append(HarmfulSet(tuple(names), continuity))
    result.sort(key=lambda s: (len(s.elements), s.continuity, [(kinds[k], n) for k, n in s.elements]))
    return tuple(result)
