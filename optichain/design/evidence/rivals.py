"""The plan beside simpler ways of sharing out the same budget, and beside the user's own list (3.6)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from optichain.design.account.account import Account, make_account
from optichain.design.account.scale import Scale
from optichain.design.baselines.baselines import share_out
from optichain.design.evidence.bench import Bench
from optichain.design.evidence.schema import BaselineRow
from optichain.design.firststage.periods import year_weights
from optichain.design.firststage.wishes import Wishes
from optichain.design.plan import Choice, Plan

__all__ = ["records_of", "rivals", "told_of"]

ORDER = ("plan", "given", "greedy", "by-spof", "by-score", "pro-rata")


def rivals(
    bench: Bench,
    wishes: Wishes,
    *,
    choose: pd.DataFrame | None = None,
    file: str = "choices",
) -> pd.DataFrame:
    """Return the plan, the user's list and the baselines under one budget and one verification.

    Parameters
    ----------
    bench : Bench
        Of the plan.
    wishes : Wishes
        Of the plan, with an objective that a budget limits.
    choose : DataFrame, optional
        The user's list.
    file : str
        Its name, for messages.

    Returns
    -------
    DataFrame
        See `optichain.design.evidence.schema.BaselineRow`.
    """
    instance, plan = bench.instance, bench.plan
    scale = bench.scale if wishes.aim == bench.wishes.aim else Scale(bench.network, wishes.aim)
    mine = make_account(
        instance, plan.choices, policies=bench.policies, wishes=wishes, scale=scale, spofs=False
    )
    others = share_out(instance, wishes, choose=choose, file=file, spofs=False).plans
    weights = year_weights(instance)
    best = mine.objective - mine.objective_nothing
    rows = []
    for name in ORDER:
        if name != "plan" and name not in others:
            continue
        what, choices = (mine, plan.choices) if name == "plan" else (others[name], others[name].choices)
        row = told_of(what, weights, bench.spofs(choices))
        gained = what.objective - what.objective_nothing
        row |= {
            "name": name,
            "share_of_plan": gained / best if abs(best) > 1e-12 else math.nan,
            "choices": records_of(choices),
        }
        rows.append([row[column] for column in BaselineRow.model_fields])
    frame = pd.DataFrame(rows, columns=list(BaselineRow.model_fields))
    return frame.astype({"avoidable_share": float, "share_of_plan": float})


def told_of(
    found: Account | Plan, weights: Mapping[int, float], spofs: frozenset[tuple[str, ...]]
) -> dict[str, Any]:
    """Return what a row says of an account; the weights are those of the years that count, SPOFs those of a bench."""
    before, after = found.expected_annual_loss_before, found.expected_annual_loss_after
    by_year = (found.acc_by_year, found.expected_annual_loss_by_year)
    acc, loss = (math.fsum(weights[y] * v for y, v in values.items()) for values in by_year)
    return {
        "objective": found.objective,
        "acc": found.acc_after,
        "acc_mean": acc,
        "expected_annual_loss": after,
        "loss_avoided": before - after,
        "loss_avoided_mean": before - loss,
        "avoidable_share": found.avoidable_share,
        "cost": math.fsum(found.spend.values()) - math.fsum(found.commitments.values()),
        "chains": len({p.chain for p in found.policies}),
        "spofs": len({(kind, element) for kind, element, _ in spofs}),
        "breaches": [breach["message"] for breach in found.breaches],
    }


def records_of(choices: tuple[Choice, ...]) -> list[dict[str, Any]]:
    """Return choices as rows of a plan file, by measure and year."""
    ordered = sorted(choices, key=lambda c: (c.measure, c.start_year))
    return [{"measure": c.measure, "units": c.units, "start_year": c.start_year} for c in ordered]
