"""Leave-one-out (3.6): what is lost without each funded measure, the others as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optichain.design.evidence.bench import Bench
from optichain.design.plan import Plan

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["leave_one_out"]

COLUMNS = (
    "measure",
    "chain",
    "title",
    "units",
    "start_year",
    "cost",
    "objective",
    "objective_gain",
    "acc",
    "acc_mean",
    "expected_annual_loss",
    "expected_annual_loss_mean",
    "loss_avoided",
    "loss_avoided_mean",
    "cost_per_loss_avoided",
    "spofs_cleared",
    "rules_broken",
)


def leave_one_out(instance: Instance, plan: Plan, *, bench: Bench | None = None) -> pd.DataFrame:
    """Work a plan out again without each of its measures.

    Parameters
    ----------
    instance : Instance
    plan : Plan
    bench : Bench, optional
        Of the same instance and plan, to share what was worked out before.

    Returns
    -------
    DataFrame
        By measure, the largest loss avoided first: measure, chain (None: shared), title, units, start_year; cost
        (money of the fund over all years). Without the measure: objective, acc and expected_annual_loss (network in
        full effect), acc_mean and expected_annual_loss_mean (averaged over the years that count). Thanks to it:
        objective_gain (positive is better), loss_avoided and loss_avoided_mean (money a year),
        cost_per_loss_avoided (cost / loss_avoided, in years; NaN where it avoids none), spofs_cleared (list of
        ``kind:name of demand``, single points of failure without it alone), rules_broken (list, in words, of the
        rules that the plan would break without it).

    Notes
    -----
    Measures that stand in for each other have small gains each: what all of them buy is in none of the rows, and
    the gains of measures that work only together add up to more than the plan buys.
    """
    shared = Bench(instance, plan) if bench is None else bench
    with_it, stops = shared.figures, shared.spofs(plan.choices)
    rows = []
    for choice in plan.choices:
        others = [c for c in plan.choices if c != choice]
        neighbour = shared.neighbour(others)
        without = neighbour.figures
        cost = shared.cost(choice)
        avoided = shared.saved(without.loss, with_it.loss)
        rows.append(
            (
                choice.measure,
                shared.chain[choice.measure],
                shared.title[choice.measure],
                choice.units,
                choice.start_year,
                cost,
                without.objective,
                shared.gain(with_it.objective, without.objective),
                without.acc,
                without.acc_mean,
                without.loss,
                without.loss_mean,
                avoided,
                shared.saved(without.loss_mean, with_it.loss_mean),
                cost / avoided if avoided > 0.0 else np.nan,
                [f"{k}:{e} of {d}" for k, e, d in sorted(shared.spofs(others) - stops)],
                [breach["message"] for breach in shared.new_breaches(neighbour)],
            )
        )
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame["chain"] = frame["chain"].astype(object)
    return frame.sort_values(
        ["loss_avoided", "objective_gain", "measure"],
        ascending=[False, False, True],
        kind="stable",
        ignore_index=True,
    )
