"""The price of each quota: what the objective gains when one rule gives way by one unit, by solving again (3.6)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from optichain.design.evidence.bench import NOTHING, Bench
from optichain.design.evidence.resolving import Answer, Resolver
from optichain.design.firststage.rules import planning_of
from optichain.design.firststage.stage import FirstStage, Row
from optichain.design.plan import Choice, Plan
from optichain.errors import OptichainError, UsageError

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["quotas"]

COLUMNS = (
    "rule",
    "name",
    "side",
    "value",
    "step",
    "objective",
    "price",
    "price_least",
    "price_most",
    "loss_avoided",
    "measures_in",
    "measures_out",
    "status",
)
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class _Quota:
    """A rule of the user with one number in it.

    Attributes
    ----------
    rule, name : str
    side : str
        ``min`` or ``max``.
    value, step : float
        The number as it stands, and by how much it gives way.
    rows : tuple of int
        Rows of the first stage that it governs.
    both : bool
        The row is an equation: both its sides move.
    """

    rule: str
    name: str
    side: str
    value: float
    step: float
    rows: tuple[int, ...]
    both: bool = False

    def relaxed(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rules with this one a step looser."""
        result = list(rows)
        for i in self.rows:
            row = result[i]
            up = self.step if self.side == "max" else 0.0
            down = self.step if self.side == "min" else 0.0
            lower = row.lower + up if self.both else row.lower - down
            result[i] = replace(row, lower=lower, upper=row.upper + up)
        return result

    def idle(self, stage: FirstStage) -> bool:
        """Whether no decision at all can break the rule, so that its price is 0 for certain."""
        return not self.both and all(_free(stage, stage.rows[i], self.side) for i in self.rows)


def quotas(
    instance: Instance,
    plan: Plan,
    *,
    money: float = 1.0,
    gap: float = 1e-4,
    time_limit: float | None = None,
    threads: int | None = None,
    seed: int = 0,
    bench: Bench | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Solve again with each quota one unit looser: a true finite difference, no dual of a relaxation.

    Quotas are the budget of each year of cost, the least and most chains taken into support in a year, the least and most
    amount of each chain's support years, and the rows of the table ``limits``. One that holds for every year gives
    way in every year.

    Parameters
    ----------
    instance : Instance
    plan : Plan
        Best under the rules as they are. Where it has no bound, or breaks rules, the best plan is found first.
    money : float
        What counts as one unit of money; 1 of the currency's unit. Chains and measures give way by 1.
    gap : float
        As of `optichain.reinforce`.
    time_limit : float, optional
        Seconds for each solve.
    threads, seed : int
    bench : Bench, optional
        Of the same instance and plan, to share what was worked out before.
    progress : callable of (done, all), optional

    Returns
    -------
    DataFrame
        The dearest first: rule (``budget``, ``intake``, ``support``, ``limit``), name (year, chain or limit), side
        (``min``, ``max``), value, step; objective of the best plan found with the rule looser, worked out again; price
        (what the objective gains, by unit), price_least and price_most (what the proven bounds leave possible; NaN
        where there is none), loss_avoided (money a year by unit, mean over the years that count; negative where more is
        lost for the sake of the objective), measures_in and measures_out (lists: what that plan funds besides, and no
        longer), status (``optimal``; ``feasible``: stopped before; ``idle``: no decision can break the rule;
        otherwise why there is no answer).

    Raises
    ------
    UsageError
        A unit of money that is not positive, or a plan that cannot be solved again here.
    InfeasibleError, StoppedError
        The best plan under the rules as they are was looked for and not found.
    """
    if not 0.0 < money < math.inf:
        raise UsageError(f"money: expected a finite number above 0, got {money}")
    shared = Bench(instance, plan) if bench is None else bench
    resolver = Resolver(
        instance, plan, shared.wishes, gap=gap, time_limit=time_limit, threads=threads, seed=seed
    )
    reference = _Reference.of(shared, resolver)
    found = list(_quotas(instance, resolver.problem.stage, money))
    rows = []
    for done, quota in enumerate(found):
        if progress is not None:
            progress(done, len(found))
        rows.append(_priced(quota, shared, resolver, reference))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame["status"] = pd.Series([row[-1] for row in rows], dtype=object)
    return frame.sort_values("price", ascending=False, kind="stable", na_position="last", ignore_index=True)


@dataclass(frozen=True)
class _Reference:
    """The best plan under the rules as they are."""

    choices: tuple[Choice, ...]
    objective: float
    bound: float
    loss: float

    @classmethod
    def of(cls, bench: Bench, resolver: Resolver) -> _Reference:
        plan = bench.plan
        if plan.bound is not None and not bench.account.breaches:
            return cls(plan.choices, bench.account.objective, plan.bound, bench.figures.loss_mean)
        answer = resolver.solve()
        found = bench.figures_of(bench.work_out(answer.choices))
        bound = math.nan if answer.bound is None else answer.bound
        return cls(answer.choices, found.objective, bound, found.loss_mean)


def _priced(quota: _Quota, bench: Bench, resolver: Resolver, reference: _Reference) -> tuple[object, ...]:
    told = (quota.rule, quota.name, quota.side, quota.value, quota.step)
    if quota.idle(resolver.problem.stage):
        return (*told, reference.objective, 0.0, 0.0, 0.0, 0.0, [], [], "idle")
    try:
        answer = resolver.solve(quota.relaxed(resolver.problem.stage.rows))
    except OptichainError as error:
        return (*told, *[math.nan] * 5, [], [], error.args[0])
    gained, saved, objective, answer = _no_worse(bench, reference, answer)
    bound = math.nan if answer.bound is None else answer.bound
    sense = bench.wishes.aim.sense
    least = (
        max(sense * (objective - reference.bound), 0.0) if reference.bound == reference.bound else math.nan
    )
    most = max(sense * (bound - reference.objective), gained) if bound == bound else math.nan
    old, new = ({c.measure for c in choices} for choices in (reference.choices, answer.choices))
    return (
        *told,
        objective,
        *(value / quota.step for value in (gained, min(least, gained), most, saved)),
        sorted(new - old),
        sorted(old - new),
        "optimal" if answer.proven else "feasible",
    )


def _no_worse(bench: Bench, reference: _Reference, answer: Answer) -> tuple[float, float, float, Answer]:
    """Return what is gained, the loss avoided, the objective and the answer.

    The plan itself keeps looser rules too, so nothing is lost.
    """
    found = bench.figures_of(bench.work_out(answer.choices))
    gained = bench.gain(found.objective, reference.objective)
    if gained > 0.0:
        return gained, bench.saved(reference.loss, found.loss_mean), found.objective, answer
    return 0.0, 0.0, reference.objective, replace(answer, choices=reference.choices)


def _quotas(instance: Instance, stage: FirstStage, money: float) -> Iterator[_Quota]:
    """Go through the quotas of an instance, in the order of the rules."""
    planning = planning_of(instance)
    for year, budget in stage.budget.items():
        rows = _rows(stage, "budget", code="money-at-hand", year=year)
        yield _Quota("budget", str(year), "max", budget, money, rows, both=True)
    intake = _rows(stage, "intake")
    if intake and planning.max_new_chains is not None:
        yield _Quota("intake", "each year", "max", float(planning.max_new_chains), 1.0, intake)
    if intake and planning.min_new_chains > 0:
        yield _Quota("intake", "each year", "min", float(planning.min_new_chains), 1.0, intake)
    for chain, least, most in instance["chains"][["chain", "support_min", "support_max"]].itertuples(
        index=False
    ):
        for side, value in (("min", least), ("max", most)):
            rows = _rows(stage, f"support_{side}", chain=chain)
            if rows:
                yield _Quota("support", str(chain), side, float(value), money, rows)
    yield from _limits(instance, stage, money)


def _limits(instance: Instance, stage: FirstStage, money: float) -> Iterator[_Quota]:
    frame = instance["limits"]
    for row in frame[["limit", "on", "min", "max"]].itertuples(index=False):
        name, on, least, most = row
        rows = _rows(stage, "limit", limit=name)
        for side, value in (("min", least), ("max", most)):
            if not pd.isna(value):
                yield _Quota("limit", str(name), side, float(value), money if on == "spend" else 1.0, rows)


def _rows(stage: FirstStage, rule: str, **about: object) -> tuple[int, ...]:
    """Return the rows of a kind of rule that are about something: a year, a chain, the code of a sentence."""
    return tuple(
        i
        for i, row in enumerate(stage.rows)
        if row.rule == rule and about.items() <= {"code": row.message.code, **row.message.fields}.items()
    )


def _free(stage: FirstStage, row: Row, side: str) -> bool:
    """Whether a side of a rule holds whatever is decided, by the bounds of the decisions alone."""
    sign = 1.0 if side == "max" else -1.0
    limit = row.upper if side == "max" else -row.lower
    most = 0.0
    for column, coefficient in row.coefficients.items():
        value = sign * coefficient
        end = stage.columns[column].upper if value > 0.0 else stage.columns[column].lower
        most += value * end if value else 0.0
    return most <= limit + NOTHING * max(1.0, abs(limit))
