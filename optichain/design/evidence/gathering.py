"""Gathering evidence (3.6): what is asked for about a plan, worked out and put beside it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from optichain.design.aims import WORST_CASE
from optichain.design.evidence.add_one import add_one
from optichain.design.evidence.bench import Bench, wishes_of
from optichain.design.evidence.comparable import comparable, without_requirements
from optichain.design.evidence.gathered import QUICK, Evidence, Kind
from optichain.design.evidence.leave_one_out import leave_one_out
from optichain.design.evidence.quotas import quotas
from optichain.design.evidence.rivals import rivals
from optichain.design.evidence.schema import FrontierRow, MoneyRow, NearOptimalRow
from optichain.design.evidence.shared_nodes import shared_nodes
from optichain.design.evidence.stability import stability
from optichain.design.explorer import Point
from optichain.design.firststage.rules import planning_of
from optichain.design.firststage.wishes import Wishes
from optichain.design.frontier import Frontier, find_frontier
from optichain.design.plan import Plan
from optichain.errors import Fault, InfeasibleError, PlanError, UsageError
from optichain.sentences import Sentence, say

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["gather_evidence"]

Progress = Callable[[str, int, int], None]

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
"""Of the plan's mean yearly budget: the points of the frontier where none are asked for."""
KEPT = 1e-3
"""A plan within this share of what is possible counts as kept when inputs move."""
FRONTIER = (Kind.FRONTIER, Kind.VALUE_OF_MONEY, Kind.NEAR_OPTIMAL)


def gather_evidence(
    instance: Instance,
    plan: Plan,
    *,
    kinds: Sequence[str] = QUICK,
    choose: pd.DataFrame | None = None,
    file: str = "choices",
    budgets: Sequence[float] | None = None,
    within: float = 0.01,
    money: float | None = None,
    samples: int = 10,
    most_inputs: int = 5,
    gap: float = 1e-4,
    time_limit: float | None = None,
    threads: int | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    stop: threading.Event | None = None,
    progress: Progress | None = None,
    command: str | None = None,
) -> Plan:
    """Work out what supports a plan, and return the plan with it.

    Parameters
    ----------
    instance : Instance
        That the plan was made for.
    plan : Plan
        Evidence that it has already stays, but for the kinds that are asked for.
    kinds : sequence of str
        Of `Kind`; by default those that solve nothing again. The others solve as often as they have points, years,
        measures, quotas or samples.
    choose : DataFrame, optional
        The user's own list of measures, as of `optichain.evaluate`: a row of ``baselines``.
    file : str
        Name of that list, for messages.
    budgets : sequence of float, optional
        Of each planning year: the points of ``frontier``; by default eight from nothing to twice the plan's mean.
    within : float
        Of ``near_optimal``: a plan is near-optimal when at most this share of the best improvement is missing.
    money : float
        Of ``quotas``: by how much a quota of money gives way; by default a tenth of the plan's mean yearly budget, for
        one unit of it often buys nothing.
    samples, most_inputs : int
        Of ``stability``: draws, and how many inputs are moved one by one.
    gap : float
        Improvement gap of everything that is solved again; of ``stability``, where a plan within it counts as kept, at
        least 0.001.
    time_limit : float, optional
        Seconds: for all of the frontier, the value of money and the near-optimal plans together, and for each solve of
        ``quotas`` and ``stability``.
    threads, seed : int
    executor : Executor, optional
        For methods that spread work.
    stop : threading.Event, optional
        Once set, from another thread, the frontier ends with what it has.
    progress : callable of (kind, done, all), optional
    command : str, optional
        For the provenance.

    Returns
    -------
    Plan
        The same, with `Plan.evidence`; how long each kind took stands in the provenance.

    Raises
    ------
    UsageError
        Unknown kind, or settings that make no sense.
    PlanError
        The plan was made for another version of the instance, or the user's list is faulty.

    Notes
    -----
    A kind that the plan does not allow (a frontier of least cost, a second solve against the worst case) is missing;
    `Evidence.impossible` tells why.
    """
    asked = _kinds(kinds)
    if plan.instance_digest != instance.digest:
        message = "was made for another version of the instance, so nothing about this one supports it"
        hint = "solve or evaluate it again with this instance"
        raise PlanError([Fault("plan", None, "instance_digest", "other-instance", message, hint)])
    work = _Work(
        instance,
        plan,
        choose,
        file,
        frontier={
            "budgets": None if budgets is None else [float(b) for b in budgets],
            "within": within,
            "gap": gap,
            "time_limit": time_limit,
            "threads": threads,
            "seed": seed,
            "executor": executor,
            "stop": stop,
        },
        solving={"gap": gap, "time_limit": time_limit, "threads": threads, "seed": seed},
        quotas={"money": _tenth(instance, plan) if money is None else money},
        stability={"samples": samples, "most_inputs": most_inputs},
        asked=asked,
        progress=progress,
    )
    old = Evidence() if plan.evidence is None else plan.evidence
    found: dict[str, Any] = {kind.value: getattr(old, kind) for kind in Kind}
    settings, impossible = dict(old.settings), dict(old.impossible)
    seconds = dict(plan.provenance.get("evidence", {}).get("seconds", {}))
    for kind in asked:
        began = time.perf_counter()
        impossible.pop(kind.value, None)
        settings.pop(kind.value, None)
        try:
            found[kind.value], told = work.kind(kind)
        except (InfeasibleError, _ImpossibleError) as error:
            found[kind.value], impossible[kind.value] = None, error.args[0]
            continue
        settings |= {kind.value: told} if told else {}
        seconds[kind.value] = time.perf_counter() - began
    evidence = Evidence(**found, settings=_sorted(settings), impossible=_sorted(impossible))
    noted = {"seconds": _sorted(seconds), "command": command}
    return replace(plan, evidence=evidence, provenance={**plan.provenance, "evidence": noted})


class _ImpossibleError(Exception):
    """A kind of evidence that a plan does not allow; says why."""

    def __init__(self, why: Sentence) -> None:
        super().__init__(why)


@dataclass
class _Work:
    """What the kinds of evidence of one plan share."""

    instance: Instance
    plan: Plan
    choose: pd.DataFrame | None
    file: str
    frontier: Mapping[str, Any]
    solving: Mapping[str, Any]
    quotas: Mapping[str, Any]
    stability: Mapping[str, Any]
    asked: Sequence[Kind]
    progress: Progress | None
    _known: list[Frontier] = field(default_factory=list)

    @cached_property
    def bench(self) -> Bench:
        """The plan and the instance on one bench."""
        return Bench(self.instance, self.plan)

    @cached_property
    def wishes(self) -> Wishes:
        """What was asked for; of objectives that no budget can be compared by, the expected ACC instead."""
        return comparable(wishes_of(self.instance, self.plan))

    def kind(self, kind: Kind) -> tuple[Any, dict[str, Any]]:
        """Return one kind of evidence, and what it was asked with."""
        self._tell(kind, 0, 1)
        if self.plan.claimed and kind is not Kind.SHARED_NODES and kind not in QUICK[:2]:
            raise _ImpossibleError(say("claimed-policies"))
        if kind is Kind.LEAVE_ONE_OUT:
            return leave_one_out(self.instance, self.plan, bench=self.bench), {}
        if kind is Kind.ADD_ONE:
            return add_one(self.instance, self.plan, bench=self.bench), {}
        if kind is Kind.SHARED_NODES:
            return shared_nodes(self.instance), {}
        if kind is Kind.BASELINES:
            found = rivals(self.bench, self.wishes, choose=self.choose, file=self.file)
            return found, {"objective": self.wishes.aim.objective}
        if kind in FRONTIER:
            return self._of_frontier(kind)
        if self.wishes.aim.threat is not None or self.plan.objective_name == WORST_CASE:
            raise _ImpossibleError(say("worst-case-once"))
        if kind is Kind.QUOTAS:
            priced = quotas(
                self.instance,
                self.plan,
                **self.quotas,
                **self.solving,
                bench=self.bench,
                progress=self._counter(kind),
            )
            return priced, {**self.quotas, "gap": self.solving["gap"]}
        solving = {**self.solving, "gap": max(self.solving["gap"], KEPT)}
        stable = stability(
            self.instance, self.plan, **self.stability, **solving, progress=self._counter(kind)
        )
        return stable, {**self.stability, "gap": solving["gap"]}

    def _of_frontier(self, kind: Kind) -> tuple[pd.DataFrame, dict[str, Any]]:
        found = self._found()
        told = {"gap": found.gap, "objective": self.wishes.aim.objective}
        if kind is Kind.FRONTIER:
            rows = [_point(point) for point in found.points]
            return pd.DataFrame(rows, columns=list(FrontierRow.model_fields)), told
        if found.best is None:
            raise _ImpossibleError(say("no-plan-in-time"))
        if kind is Kind.VALUE_OF_MONEY:
            values = [
                (y, v.dual, v.difference, v.most, v.loss_avoided, list(v.measures_in), list(v.measures_out))
                for y, v in found.value_of_money.items()
            ]
            frame = pd.DataFrame(values, columns=list(MoneyRow.model_fields))
            numbers = ["dual", "difference", "most", "loss_avoided"]
            return frame.astype(dict.fromkeys(numbers, float)), told
        ends = {"within": found.within, "best": found.best, "threshold": found.threshold}
        return self._standings(found), {**told, **ends}

    def _standings(self, found: Frontier) -> pd.DataFrame:
        standing = {
            measure: name for name in ("core", "contested", "undecided") for measure in getattr(found, name)
        }
        planned = {c.measure for c in self.plan.choices}
        rows = [
            (m, self.bench.chain[m], self.bench.title[m], m in planned, standing.get(m, "out"))
            for m in sorted(self.bench.row)
        ]
        frame = pd.DataFrame(rows, columns=list(NearOptimalRow.model_fields))
        return frame.astype({"chain": object})

    def _found(self) -> Frontier:
        """Return all that is asked of the frontier, solved once."""
        if not self._known:
            if self.wishes.min_autonomy is not None:
                raise _ImpossibleError(say("frontier-without-autonomy"))
            asked = {**self.frontier}
            budgets = asked.pop("budgets")
            if budgets is None:
                given = _given(self.instance, self.plan)
                budgets = [share * sum(given) / len(given) for share in SHARES]
            points = budgets if Kind.FRONTIER in self.asked else []
            questions = [k.value for k in FRONTIER[1:] if k in self.asked]
            wishes = without_requirements(self.wishes)
            found = find_frontier(self.instance, points, wishes=wishes, questions=questions, **asked)
            self._known.append(found)
        return self._known[0]

    def _counter(self, kind: Kind) -> Callable[[int, int], None]:
        return lambda done, total: self._tell(kind, done, total)

    def _tell(self, kind: Kind, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(kind.value, done, total)


def _given(instance: Instance, plan: Plan) -> list[float]:
    """Return the plan's budgets of the planning years.

    Raises
    ------
    PlanError
        The plan has none for one of them.
    """
    years = planning_of(instance).years
    faults = [
        Fault("plan", None, "budget", "missing-year", f"there is no budget for {year}, a planning year")
        for year in years
        if year not in plan.budget
    ]
    if faults:
        raise PlanError(faults)
    return [plan.budget[year] for year in years]


def _tenth(instance: Instance, plan: Plan) -> float:
    """Return a tenth of the mean yearly budget in one digit, 1 where there is no money."""
    given = _given(instance, plan)
    tenth = sum(given) / len(given) / 10.0
    return float(f"{tenth:.0e}") if tenth > 0.0 else 1.0


def _kinds(kinds: Sequence[str]) -> list[Kind]:
    known = [kind.value for kind in Kind]
    strangers = [str(kind) for kind in kinds if kind not in known]
    if strangers:
        raise UsageError(f"no evidence of kind {', '.join(strangers)}: expected some of {', '.join(known)}")
    return [kind for kind in Kind if kind in kinds]


def _point(point: Point) -> list[Any]:
    values = point.to_json()
    values["choices"] = values.pop("measures")
    return [values[name] for name in FrontierRow.model_fields]


def _sorted(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return {key: mapping[key] for key in sorted(mapping)}
