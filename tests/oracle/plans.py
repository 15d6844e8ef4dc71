"""All plans of 3.4, one after another: what they cost, which rules they keep, what they are worth."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from oracle.continuity import report
from oracle.data import Data, Row, read

Choice = tuple[str, int, int]  # measure, units, start year
Plan = frozenset[Choice]

_SLACK = 1e-9


@dataclass(frozen=True)
class Best:
    """The best objective, every plan that reaches it, and how many plans keep the rules."""

    objective: float
    plans: tuple[Plan, ...]
    feasible: int
    of_nothing: float


def _bundles(data: Data, chain: str) -> list[tuple[tuple[str, int], ...]]:
    """Return every policy that a chain could take, none included."""
    catalogue = [row["policy"] for row in data["policies"] if row["chain"] == chain]
    if catalogue:
        inside = data["policy_measures"]
        return [
            (),
            *(tuple((r["measure"], int(r["units"])) for r in inside if r["policy"] == p) for p in catalogue),
        ]
    own = [row for row in data["measures"] if row.get("chain") == chain]
    ranges = [range(int(row["max_units"]) + 1) for row in own]
    return [
        tuple((row["measure"], u) for row, u in zip(own, units, strict=True) if u)
        for units in itertools.product(*ranges)
    ]


def _support(data: Data, chain: str) -> list[tuple[Choice, ...]]:
    """Return every support of a chain: its policy in one of the planning years, or nothing."""
    years = data.settings["planning"]["years"]
    out: list[tuple[Choice, ...]] = [()]
    if any(row.get("chain") == chain for row in data["running"]):
        return out  # a running chain is not taken in again
    for bundle in _bundles(data, chain):
        if bundle:
            out += [tuple((m, u, y) for m, u in bundle) for y in years]
    return out


def all_plans(data: Data) -> Iterator[Plan]:
    """Yield every combination of one policy a chain and of shared measures, rules not yet looked at."""
    years = data.settings["planning"]["years"]
    going = {row["measure"] for row in data["running"]}
    options: list[list[tuple[Choice, ...]]] = [_support(data, row["chain"]) for row in data["chains"]]
    for row in data["measures"]:
        if "chain" not in row and row["measure"] not in going:
            options.append(
                [(), *(((row["measure"], u, y),) for u in range(1, int(row["max_units"]) + 1) for y in years)]
            )
    for parts in itertools.product(*options):
        yield frozenset(choice for part in parts for choice in part)


def yearly_cost(row: Row, units: int, start: int, year: int) -> float:
    """Return what ``units`` of a measure that starts in ``start`` cost the fund in ``year``."""
    place = year - start
    return units * float(row[f"cost_{place + 1}"]) if 0 <= place <= 2 else 0.0


def commitments(data: Data, year: int) -> float:
    """Return what running support costs in a year."""
    measures = {row["measure"]: row for row in data["measures"]}
    return sum(
        yearly_cost(measures[r["measure"]], int(r["units"]), int(r["start_year"]), year)
        for r in data["running"]
    )


def _counts(data: Data, limit: Row, measure: Row) -> bool:
    """Tell whether a measure is one that a limit counts."""
    kind, target, chain = limit["kind"], limit.get("target"), measure.get("chain")
    if kind == "all":
        return True
    if kind == "measure_kind":
        return bool(measure["kind"] == target)
    return chain is not None and _of(data, kind, target, chain)


def _of(data: Data, kind: str, target: str | None, chain: str) -> bool:
    """Tell whether a chain is one that a limit counts."""
    if kind == "all":
        return True
    if kind == "chain":
        return chain == target
    if kind == "enterprise":
        return any(r["chain"] == chain and r["enterprise"] == target for r in data["chain_owners"])
    return bool(next(r for r in data["chains"] if r["chain"] == chain).get(kind) == target)


def keeps_rules(data: Data, plan: Plan) -> bool:
    """Tell whether a plan keeps every rule of 3.4."""
    planning = data.settings["planning"]
    years = list(planning["years"])
    measures = {row["measure"]: row for row in data["measures"]}
    start = {m: y for m, _, y in plan}
    going = {r["measure"]: int(r["start_year"]) for r in data["running"]}
    started = {**going, **start}
    intake = {measures[m]["chain"]: y for m, _, y in plan if "chain" in measures[m]}

    def spend(year: int, wanted: Any) -> float:
        new = sum(yearly_cost(measures[m], u, y, year) for m, u, y in plan if wanted(measures[m]))
        old = sum(
            yearly_cost(measures[r["measure"]], int(r["units"]), int(r["start_year"]), year)
            for r in data["running"]
            if wanted(measures[r["measure"]])
        )
        return new + old

    have = spent = 0.0
    money = [*planning["budget"], *planning["tail_budget"]]
    for i, year in enumerate([*years, years[-1] + 1, years[-1] + 2]):
        have = money[i] + planning["carry_over"] * (have - spent)
        spent = spend(year, lambda _: True)
        if spent > have + _SLACK:
            return False
    for year in years:
        taken = sum(y == year for y in intake.values())
        most = planning["max_new_chains"]
        if taken < planning["min_new_chains"] or (most is not None and taken > most):
            return False
    for row in data["chains"]:
        for year in range(intake[row["chain"]], intake[row["chain"]] + 3) if row["chain"] in intake else ():
            amount = sum(
                yearly_cost(measures[m], u, y, year)
                for m, u, y in plan
                if measures[m].get("chain") == row["chain"]
            )
            if not row["support_min"] - _SLACK <= amount <= row["support_max"] + _SLACK:
                return False
    for rule in data["measure_rules"]:
        a, b = rule["measure"], rule["other"]
        if rule["rule"] == "requires" and a in start and not (b in started and started[b] <= start[a]):
            return False
        if rule["rule"] == "excludes" and a in started and b in started and not (a in going and b in going):
            return False
    if any(row["required"] and row["measure"] not in started for row in data["measures"]):
        return False
    for limit in data["limits"]:
        for year in [int(limit["year"])] if "year" in limit else years:
            if limit["on"] == "spend":
                amount = spend(year, lambda m, limit=limit: _counts(data, limit, m))
            elif limit["on"] == "new_chains":
                amount = sum(
                    y == year and _of(data, limit["kind"], limit.get("target"), c) for c, y in intake.items()
                )
            else:
                amount = sum(y == year and _counts(data, limit, measures[m]) for m, _, y in plan)
            if not limit.get("min", 0.0) - _SLACK <= amount <= limit.get("max", math.inf) + _SLACK:
                return False
    return True


def in_effect(data: Data, plan: Plan, year: int) -> dict[str, int]:
    """Return the measures, with units, that work in a year."""
    lead = {row["measure"]: int(row["lead_time"]) for row in data["measures"]}
    out = {
        r["measure"]: int(r["units"])
        for r in data["running"]
        if int(r["start_year"]) + lead[r["measure"]] <= year
    }
    return {**out, **{m: u for m, u, y in plan if y + lead[m] <= year}}


class Valuer:
    """Objectives of plans; every state of the network is evaluated once.

    The objective "loss" serves by value, whatever the weights of the chains; "loss by weight" is the expected
    annual loss of the stress test. "worst" and "cvar" have a share ``mix`` of the expectation.
    """

    def __init__(
        self, instance: Any, *, objective: str = "expected", alpha: float = 0.95, mix: float = 0.0
    ) -> None:
        self.data = read(instance)
        self.objective = objective
        self.alpha = alpha
        self.mix = mix
        self._seen: dict[frozenset[tuple[str, int]], float] = {}

    def state(self, measures: dict[str, int]) -> float:
        """Return the yearly figure with ``measures`` in effect."""
        key = frozenset(measures.items())
        if key not in self._seen:
            figure = {
                "expected": "acc",
                "loss": "expected_annual_loss",
                "loss by weight": "expected_annual_loss",
            }
            found = report(
                self.data,
                measures,
                alpha=self.alpha,
                split=self.objective == "loss by weight",
                by_value=self.objective == "loss",
            )
            risk = float(getattr(found, figure.get(self.objective, self.objective)))
            self._seen[key] = self.mix * found.acc + (1.0 - self.mix) * risk if self.mix else risk
        return self._seen[key]

    def value(self, plan: Plan) -> float:
        """Return the discounted mean over planning and terminal years."""
        planning = self.data.settings["planning"]
        first, last = planning["years"][0], planning["years"][-1]
        total = scale = 0.0
        for year in range(first, last + planning["terminal_years"] + 1):
            factor = (1.0 / (1.0 + planning["discount"])) ** (year - first)
            total += factor * self.state(in_effect(self.data, plan, year))
            scale += factor
        return total / scale


def total_cost(data: Data, plan: Plan) -> float:
    """Return what a plan costs the fund over all years."""
    measures = {row["measure"]: row for row in data["measures"]}
    return sum(yearly_cost(measures[m], u, y, y + k) for m, u, y in plan for k in range(3))


def cheapest_plan(instance: Any, keep: Callable[[Plan], bool]) -> float | None:
    """Return the least cost of a plan that keeps the rules and that ``keep`` accepts, or None where there is none."""
    data = read(instance)
    ordered = sorted(all_plans(data), key=lambda plan: total_cost(data, plan))
    return next((total_cost(data, plan) for plan in ordered if keeps_rules(data, plan) and keep(plan)), None)


def enumerate_plans(
    instance: Any,
    *,
    objective: str = "expected",
    alpha: float = 0.95,
    mix: float = 0.0,
    keep: Callable[[Plan], bool] = lambda _: True,
) -> Best | None:
    """Return the best plans among those that ``keep`` accepts, or None where no such plan keeps the rules."""
    data = read(instance)
    valuer = Valuer(data, objective=objective, alpha=alpha, mix=mix)
    values = {plan: valuer.value(plan) for plan in all_plans(data) if keep(plan) and keeps_rules(data, plan)}
    if not values:
        return None
    best = min(values.values()) if objective == "loss" else max(values.values())
    plans = tuple(plan for plan, value in values.items() if abs(value - best) <= 1e-9 * max(1.0, abs(best)))
    return Best(best, plans, len(values), valuer.value(frozenset()))
