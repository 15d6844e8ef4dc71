"""Add-one (3.6): what each measure that is not funded would add, and why it is not in the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optichain.design.aims import COST
from optichain.design.evidence.bench import Bench
from optichain.design.evidence.neighbours import Neighbour
from optichain.design.plan import Choice, Plan

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["Why", "add_one"]

COLUMNS = (
    "measure",
    "chain",
    "title",
    "start_year",
    "cost",
    "objective",
    "objective_gain",
    "acc_gain",
    "acc_gain_mean",
    "loss_avoided",
    "loss_avoided_mean",
    "cost_per_loss_avoided",
    "spofs_cleared",
    "why",
    "short",
    "rules_broken",
    "reason",
)
MONEY = 1e-6


class Why(StrEnum):
    """Why a measure is not in a plan, the others as they are."""

    NO_EFFECT = "no effect"
    NOT_NEEDED = "not needed"
    BUDGET = "budget"
    RULE = "rule"
    BOTH = "budget and rule"
    NOTHING = "nothing"


def add_one(instance: Instance, plan: Plan, *, bench: Bench | None = None) -> pd.DataFrame:
    """Work a plan out again with one unit of each measure that it does not fund, the others as they are.

    A measure of a chain in support would start with the others of its chain. Otherwise every planning year is tried, and
    the row is of the year that breaks least and gains most: nothing broken before the budget alone, that before
    other rules, then the largest gain of the objective, then the earliest year.

    Parameters
    ----------
    instance : Instance
    plan : Plan
    bench : Bench, optional
        Of the same instance and plan, to share what was worked out before.

    Returns
    -------
    DataFrame
        By measure, the largest gain first: measure, chain (None: shared), title, start_year, cost (money of the
        fund over all years, of one unit); with the measure: objective; thanks to it: objective_gain (positive is
        better), acc_gain and loss_avoided (in full effect), acc_gain_mean and loss_avoided_mean (averaged over the
        years that count), cost_per_loss_avoided (NaN where it avoids none), spofs_cleared (list of
        ``kind:name of demand``); why (a `Why`), short (dict of year to the money that it lacks, the years before
        having what they lack), rules_broken (list, in words, of rules but the budget), reason (in words).
        Running measures are left out: they have their support.
    """
    shared = Bench(instance, plan) if bench is None else bench
    funded = {c.measure for c in plan.choices}
    rows = [
        _row(shared, measure)
        for measure in shared.row
        if measure not in funded and measure not in shared.stage.running
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame["chain"] = frame["chain"].astype(object)
    return frame.sort_values(
        ["objective_gain", "loss_avoided", "measure"],
        ascending=[False, False, True],
        kind="stable",
        ignore_index=True,
    )


@dataclass(frozen=True)
class _Trial:
    """The plan with one measure more."""

    choice: Choice
    neighbour: Neighbour
    gain: float
    short: Mapping[int, float]
    rules: tuple[tuple[str, str], ...]

    @property
    def obstacles(self) -> int:
        """0 where nothing stands against it, 1 where money alone does, 2 where another rule does."""
        return 2 if self.rules else int(bool(self.short))


def _row(bench: Bench, measure: str) -> tuple[object, ...]:
    best = min(_trials(bench, measure), key=lambda t: (t.obstacles, -t.gain, t.choice.start_year))
    plan, mine = bench.figures, best.neighbour.figures
    avoided = bench.saved(plan.loss, mine.loss)
    choices = bench.plan.choices
    cleared = bench.spofs(choices) - bench.spofs([*choices, best.choice])
    cost = bench.cost(best.choice)
    why = _why(bench, best)
    return (
        measure,
        bench.chain[measure],
        bench.title[measure],
        best.choice.start_year,
        cost,
        mine.objective,
        best.gain,
        mine.acc - plan.acc,
        mine.acc_mean - plan.acc_mean,
        avoided,
        bench.saved(plan.loss_mean, mine.loss_mean),
        cost / avoided if avoided > 0.0 else np.nan,
        [f"{k}:{e} of {d}" for k, e, d in sorted(cleared)],
        why,
        dict(best.short),
        [message for _, message in best.rules],
        _words(why, best),
    )


def _trials(bench: Bench, measure: str) -> list[_Trial]:
    chain = bench.chain[measure]
    started = sorted(
        {c.start_year for c in bench.plan.choices if chain is not None and bench.chain[c.measure] == chain}
    )
    found = []
    for year in started or bench.stage.years:
        choice = Choice(measure, 1.0, year)
        neighbour = bench.neighbour([*bench.plan.choices, choice])
        new = bench.new_breaches(neighbour)
        found.append(
            _Trial(
                choice,
                neighbour,
                bench.gain(neighbour.figures.objective, bench.figures.objective),
                _shortfalls(bench, neighbour) if any(b["rule"] == "budget" for b in new) else {},
                tuple((b["rule"], b["message"]) for b in new if b["rule"] != "budget"),
            )
        )
    return found


def _shortfalls(bench: Bench, neighbour: Neighbour) -> dict[int, float]:
    """Return the money that each year lacks; what is lacking before is taken for given, so no year carries a debt."""
    left, short = 0.0, {}
    for year in bench.stage.money_years:
        have = neighbour.budget[year] + bench.stage.carry_over * left
        missing = neighbour.spend[year] - have
        if missing > MONEY * max(bench.stage.money_size, have):
            short[year] = missing
        left = max(-missing, 0.0)
    return short


def _why(bench: Bench, trial: _Trial) -> Why:
    if bench.wishes.aim.objective == COST:
        return Why.NOT_NEEDED
    if trial.gain <= 0.0:
        return Why.NO_EFFECT
    if trial.rules:
        return Why.BOTH if trial.short else Why.RULE
    return Why.BUDGET if trial.short else Why.NOTHING


def _words(why: Why, trial: _Trial) -> str:
    if why is Why.NOT_NEEDED:
        return "what is required is reached without it"
    if why is Why.NO_EFFECT:
        return "the objective gains nothing by it, the other measures as they are"
    if why is Why.NOTHING:
        return "no rule and no year's money stands against it: the plan is better with it"
    parts = [f"{year} is short by {money:.6g}" for year, money in trial.short.items()]
    return "; ".join([*parts, *(message for _, message in trial.rules)])
