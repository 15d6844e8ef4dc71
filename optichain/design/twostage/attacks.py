"""Plans against the worst case: attacks are found one plan at a time, and every plan must stand those found (3.5).

Column-and-constraint generation (Zeng and Zhao 2013, doi 10.1016/j.orl.2013.05.003): a master that knows some
attacks promises too much, so its bound is a bound; the worst attack on its plan, found exactly, tells what the
plan is worth and joins the master. It ends when no plan can promise more than the best one keeps.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from optichain.design.aims import Threat
from optichain.design.firststage.periods import Period
from optichain.design.twostage.arrays import DesignProblem, Low
from optichain.design.twostage.attack_record import AttackRecord
from optichain.design.twostage.problem import Assembler
from optichain.effects import apply_measures
from optichain.errors import StoppedError
from optichain.network import Network
from optichain.risk.attack import Attacker, WorstCase
from optichain.risk.events import failing_together
from optichain.risk.flows.engine import ContinuityEngine

if TYPE_CHECKING:
    from optichain.solving import Solution

__all__ = ["attack_on", "solve_against_attacks"]

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float64]
Solve = Callable[[DesignProblem], "Solution"]
Elements = tuple[tuple[str, str], ...]
"""An attack: the elements that fail, as (kind, name)."""


def attack_on(
    network: Network,
    units: Floats,
    threat: Threat,
    engine: ContinuityEngine,
    *,
    stop: threading.Event | None = None,
) -> WorstCase:
    """Return the worst that a threat can do with measures in effect.

    Parameters
    ----------
    network : Network
    units : ndarray, shape (measures,)
    threat : Threat
    engine : ContinuityEngine
        With the weights of the objective.
    stop : threading.Event, optional
    """
    state = apply_measures(network, units)
    attacker = Attacker(network, state, engine, threat.k, kinds=threat.kinds, duration=threat.duration)
    return attacker.search(stop=stop)


class Siege:
    """The attacks that the master knows, by period, and what plans are worth under all attacks."""

    def __init__(self, assembler: Assembler, threat: Threat, stop: threading.Event | None) -> None:
        self.assembler, self.threat, self.stop = assembler, threat, stop
        self.problem = assembler.out
        self.known: list[set[Elements]] = [set() for _ in assembler.periods]
        self._found: dict[bytes, WorstCase] = {}

    def worth(self, values: Floats) -> tuple[float, bool]:
        """Return what a plan is worth under all attacks, and whether some were not known; they are from now on."""
        total, fresh = 0.0, False
        for place, period in enumerate(self.assembler.periods):
            found = self._worst(self._in_effect(values, period))
            total += period.weight * found.continuity
            fresh = self.learn(place, found.attack.elements) or fresh
        return self.problem.value(total + float(self.problem.stage_cost @ values)), fresh

    def learn(self, place: int, elements: Elements) -> bool:
        """Let the master know an attack in a period; tell whether it is new, and one of the threat."""
        members = self.threat.members(self.assembler.network, elements)
        if members is None or not 0 <= place < len(self.known) or elements in self.known[place]:
            return False
        self.known[place].add(elements)
        name = " + ".join(f"{kind}:{name}" for kind, name in elements) or "nothing"
        event = failing_together(members, self.threat.duration, name)
        member = self.assembler.attacked(event, self.assembler.periods[place])
        lows = list(self.problem.lows)
        lows[place] = Low(lows[place].weight, (*lows[place].members, member))
        self.problem.lows = tuple(lows)
        return True

    def nothing(self) -> float:
        """Return what doing nothing is worth."""
        gained = sum(p.weight * self._worst(p.running).continuity for p in self.assembler.periods)
        return self.problem.value(gained)

    def _worst(self, units: Floats) -> WorstCase:
        key = units.tobytes()
        if key not in self._found:
            self._found[key] = attack_on(
                self.assembler.network, units, self.threat, self.assembler.engine, stop=self.stop
            )
        return self._found[key]

    def _in_effect(self, values: Floats, period: Period) -> Floats:
        units = period.running.copy()
        stage = self.assembler.stage
        for m, (name, years) in enumerate(zip(self.assembler.binder.names, period.starts, strict=True)):
            for year in years:
                if values[stage.start[name, year]] > 0.5:
                    units[m] += round(float(values[stage.units[name, year]]))
        return units


def solve_against_attacks(
    assembler: Assembler,
    threat: Threat,
    solve: Solve,
    *,
    gap: float,
    stop: threading.Event | None = None,
    checkpoint: str | Path | None = None,
    obeys: Callable[[Floats], bool] = lambda _: True,
    tell: Callable[[float, float, float], object] = lambda *_: None,
) -> Solution:
    """Find the plan whose worst case is best.

    Parameters
    ----------
    assembler : Assembler
        Whose problem has been built for the objective ``worst-case``.
    threat : Threat
    solve : callable
        Solves the master to the gap; raises `StoppedError` when its time is over.
    gap : float
        Improvement gap at which to stop.
    stop : threading.Event, optional
        Once set, the best plan so far is returned.
    checkpoint : path, optional
        A file that is written after every attack, and read first where it exists: another process goes on from it.
    obeys : callable
        Tells whether a plan, one of a checkpoint, obeys the rules that are found on the way.
    tell : callable of (best, bound, nothing)
        Called after every attack: what the best plan keeps, what none passes, and what doing nothing keeps.

    Returns
    -------
    Solution
        Its objective is what the plan keeps under all attacks; its bound is the master's.

    Raises
    ------
    UsageError
        The checkpoint is of another problem.
    """
    siege = Siege(assembler, threat, stop)
    file = None if checkpoint is None else AttackRecord(checkpoint, siege)
    best = None if file is None else file.read(obeys)
    if file is not None:
        file.write(best)
    nothing = siege.nothing()
    bound = np.inf
    while True:
        try:
            solution = solve(assembler.out)
        except StoppedError:
            if best is None:
                raise
            return replace(best, bound=float(bound), proven=False)
        if solution.bound is not None:
            bound = min(bound, solution.bound)
        worth, fresh = siege.worth(solution.values)
        if best is None or worth > best.objective:
            best = replace(solution, objective=worth)
        if file is not None:
            file.write(best)
        log.info("worst case: best %.9g, bound %.9g", best.objective, bound)
        tell(best.objective, bound, nothing)
        left = bound - best.objective
        done = not fresh or left <= gap * max(bound - nothing, 1e-9)
        if done or (stop is not None and stop.is_set()):
            closed = np.isfinite(bound) and left <= gap * max(bound - nothing, 1e-9) + 1e-9
            return replace(best, bound=float(bound), proven=bool(solution.proven and closed))
