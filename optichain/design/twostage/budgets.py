"""A two-stage problem with other money, or with a measure asked for or ruled out; everything else is shared."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from optichain.design.firststage.stage import FirstStage, Row
from optichain.design.twostage.arrays import DesignProblem
from optichain.sentences import say

__all__ = ["with_money", "with_wish"]


def with_money(problem: DesignProblem, money: Mapping[int, float]) -> DesignProblem:
    """Return the problem under another budget.

    Parameters
    ----------
    problem : DesignProblem
    money : mapping of year to float
        For each planning and tail year.
    """
    stage = problem.stage
    rows = list(stage.rows)
    budget = [i for i, row in enumerate(rows) if row.rule == "budget"]
    for place, year in enumerate(stage.money_years):
        # the rules of a year stand in pairs: what is at hand, and that no more is spent
        i = budget[2 * place]
        more = money[year] - stage.budget[year]
        rows[i] = replace(rows[i], lower=rows[i].lower + more, upper=rows[i].upper + more)
    return replace(problem, stage=_copied(stage, rows, dict(money)))


def with_wish(problem: DesignProblem, measure: str, *, chosen: bool) -> DesignProblem:
    """Return the problem in which a measure must start, or must not."""
    stage = problem.stage
    terms = {column: 1.0 for (name, _), column in stage.start.items() if name == measure}
    rule, code = ("fix", "asked-for") if chosen else ("forbid", "ruled-out")
    lower, upper = (1.0, math.inf) if chosen else (-math.inf, 0.0)
    row = Row(rule, say(code, measure=measure), terms, lower, upper)
    return replace(problem, stage=_copied(stage, [*stage.rows, row], stage.budget))


def _copied(stage: FirstStage, rows: list[Row], budget: Mapping[int, float]) -> FirstStage:
    """Return a first stage with other rules and the same decisions."""
    return replace(stage, rows=rows, budget=dict(budget), columns=list(stage.columns))
