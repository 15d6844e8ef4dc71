"""Claims of the evidence that a re-evaluation can settle, worked out again (3.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from optichain.design.account.account import make_account
from optichain.design.account.claim import Claim, same
from optichain.design.account.scale import Scale
from optichain.design.evidence.bench import Bench
from optichain.design.evidence.comparable import comparable, without_requirements
from optichain.design.evidence.leave_one_out import leave_one_out
from optichain.design.evidence.rivals import records_of, told_of
from optichain.design.firststage.periods import year_weights
from optichain.design.firststage.wishes import Wishes
from optichain.design.money import is_money, money_size
from optichain.design.plan import Choice, Plan
from optichain.design.strangers import insist_on_measures
from optichain.storage.tojson import plain

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["evidence_claims"]

WITHOUT = (
    "cost",
    "objective",
    "acc",
    "acc_mean",
    "expected_annual_loss",
    "expected_annual_loss_mean",
    "loss_avoided",
    "spofs_cleared",
    "rules_broken",
)
"""Columns of leave-one-out that are claims."""


def evidence_claims(instance: Instance, plan: Plan) -> list[Claim]:
    """Work out again what a plan loses without each measure, and what each baseline and frontier point comes to.

    Parameters
    ----------
    instance : Instance
    plan : Plan
        Without evidence there is nothing to claim.

    Returns
    -------
    list of Claim
        Bounds, standings, prices and samples are results of solving, and are not worked out again.

    Raises
    ------
    PlanError
        The evidence names measures that the instance does not have.
    """
    if plan.evidence is None:
        return []
    found = plan.evidence
    for kind in ("baselines", "frontier"):
        _check_names(instance, kind, getattr(found, kind))
    if found.leave_one_out is None and found.baselines is None and found.frontier is None:
        return []
    bench = Bench(instance, plan)
    claims = [] if found.leave_one_out is None else _without_each(bench, found.leave_one_out)
    return claims + _alternatives(bench, found.baselines, found.frontier)


def _without_each(bench: Bench, stated: pd.DataFrame) -> list[Claim]:
    right = {_start(row): row for row in plain(leave_one_out(bench.instance, bench.plan, bench=bench))}
    mine = {_start(row): row for row in plain(stated)}
    claims = [same("evidence: measures left out", sorted(mine), sorted(right))]
    for start in sorted(right):
        told = mine.get(start, {})
        claims += [
            _same(bench, f"evidence: without {start}", c, told.get(c), right[start][c]) for c in WITHOUT
        ]
    return claims


def _same(bench: Bench, name: str, key: str, stated: Any, recomputed: Any) -> Claim:
    in_money = is_money(key) or (key == "objective" and bench.wishes.aim.sense < 0)
    size = money_size(bench.network) if in_money else 1.0
    return same(f"{name}, {key}", stated, recomputed, size=size)


def _start(row: Mapping[str, Any]) -> str:
    """Return what tells the starts of measures apart: a given list may start one twice."""
    return f"{row['measure']} from {row['start_year']}"


def _alternatives(bench: Bench, baselines: pd.DataFrame | None, frontier: pd.DataFrame | None) -> list[Claim]:
    instance, wishes = bench.instance, comparable(bench.wishes)
    scale = bench.scale if wishes.aim == bench.wishes.aim else Scale(bench.network, wishes.aim)
    weights = year_weights(instance)

    def worked_out(choices: Iterable[Mapping[str, Any]], asked: Wishes) -> dict[str, Any]:
        listed = [Choice(str(c["measure"]), float(c["units"]), int(c["start_year"])) for c in choices]
        account = make_account(instance, listed, wishes=asked, scale=scale, spofs=False)
        result: dict[str, Any] = plain(told_of(account, weights, bench.spofs(listed)))
        return result

    claims = []
    for row in [] if baselines is None else plain(baselines):
        right = worked_out(row["choices"], wishes)
        name = f"evidence: {row['name']}"
        claims += [_same(bench, name, key, row[key], value) for key, value in right.items()]
        if row["name"] == "plan":
            claims.append(same(f"{name}, measures", row["choices"], plain(records_of(bench.plan.choices))))
    for row in [] if frontier is None else plain(frontier):
        if row["objective"] is None:
            continue
        asked = replace(without_requirements(wishes), budget=row["budget"])
        told = worked_out(row["choices"], asked)
        pairs = {
            "objective": told["objective"],
            "acc_after": told["acc"],
            "expected_annual_loss_after": told["expected_annual_loss"],
            "loss_avoided": told["loss_avoided"],
            "avoidable_share": told["avoidable_share"],
            "cost": told["cost"],
        }
        name = f"evidence: budget {row['budget']:g}"
        claims += [_same(bench, name, key, row[key], value) for key, value in pairs.items()]
        claims.append(same(f"{name}, rules broken", [], told["breaches"]))
    return claims


def _check_names(instance: Instance, kind: str, frame: pd.DataFrame | None) -> None:
    if frame is None:
        return
    named = (str(c["measure"]) for choices in frame["choices"] for c in choices)
    insist_on_measures(instance, named, column=f"evidence.{kind}")
