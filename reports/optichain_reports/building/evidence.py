"""The evidence of a plan file as the data of a report."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from optichain.design.baselines.baselines import CLOSE
from optichain.design.evidence.gathered import Evidence as Gathered
from optichain.design.evidence.gathered import Kind
from optichain.storage.tojson import plain
from optichain_reports.building.titles import Titles
from optichain_reports.model import (
    Bought,
    ChainLoss,
    Evidence,
    Firmness,
    Flip,
    Missing,
    Named,
    Quota,
    Rival,
    SharedNode,
    Standing,
    Unfunded,
    YearShort,
)

if TYPE_CHECKING:
    import pandas as pd

    from optichain.design.plan import Plan

__all__ = ["evidence_of"]

Record = Mapping[str, Any]
COMMAND = "optichain evidence PATH PLAN --kinds {kind} -o PLAN"


def evidence_of(plan: Plan, titles: Titles) -> Evidence:
    """Return what the plan file holds of evidence, and what it does not."""
    found = Gathered() if plan.evidence is None else plan.evidence
    making = _Making(plan, titles)
    rivals = tuple(making.rival(row) for row in _records(found.baselines))
    greedy = next((r.share_of_plan for r in rivals if r.name == "greedy"), None)
    return Evidence(
        rivals=rivals,
        greedy_is_close=None if greedy is None else greedy >= 1.0 - CLOSE,
        bought=tuple(making.bought(row) for row in _records(found.leave_one_out)),
        unfunded=tuple(making.unfunded(row) for row in _records(found.add_one)),
        firmness=_firmness(found, making),
        shared_nodes=tuple(making.shared_node(row) for row in _records(found.shared_nodes)),
        quotas=tuple(making.quota(row) for row in _records(found.quotas)),
        missing=tuple(
            Missing(kind.value, COMMAND.format(kind=kind.value), found.impossible.get(kind.value))
            for kind in Kind
            if kind not in found.kinds
        ),
    )


def _records(frame: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return the rows of a frame as plain values, none where it was not asked for."""
    return [] if frame is None else plain(frame)


class _Making:
    """Makes rows with titles in place of names."""

    def __init__(self, plan: Plan, titles: Titles) -> None:
        self.titles = titles
        self.funded = {c.measure for c in plan.choices}
        self.acc_after = plan.acc_after
        self.avoids = plan.expected_annual_loss_before - plan.expected_annual_loss_after
        avoidable = plan.expected_annual_loss_before - plan.loss_unavoidable
        self.avoidable = avoidable if plan.avoidable_share is not None else math.nan

    def measures(self, names: Iterable[str]) -> tuple[Named, ...]:
        return tuple(self.titles.named("measure", m) for m in sorted(names))

    def chain(self, name: str | None) -> Named | None:
        return None if name is None else self.titles.named("chain", name)

    def share(self, loss: float) -> float | None:
        return None if math.isnan(self.avoidable) else loss / self.avoidable

    def rival(self, row: Record) -> Rival:
        chosen = {str(c["measure"]) for c in row["choices"]}
        mine = row["name"] == "plan"
        return Rival(
            name=row["name"],
            loss_avoided=row["loss_avoided"],
            loss_avoided_mean=row["loss_avoided_mean"],
            avoidable_share=row["avoidable_share"],
            loss_after=row["expected_annual_loss"],
            acc=row["acc"],
            cost=row["cost"],
            difference=None if mine else row["loss_avoided"] - self.avoids,
            share_of_plan=row["share_of_plan"],
            measures=len(row["choices"]),
            chains=row["chains"],
            spofs=row["spofs"],
            breaches=tuple(row["breaches"]),
            besides=self.measures(chosen - self.funded),
            without=self.measures(self.funded - chosen),
        )

    def _common(self, row: Record) -> dict[str, Any]:
        cleared = {str(text).rsplit(" of ", 1)[0] for text in row["spofs_cleared"]}
        return {
            "measure": self.titles.named("measure", row["measure"]),
            "chain": self.chain(row["chain"]),
            "start_year": row["start_year"],
            "cost": row["cost"],
            "loss_avoided": row["loss_avoided"],
            "loss_avoided_mean": row["loss_avoided_mean"],
            "avoidable_share": self.share(row["loss_avoided"]),
            "cost_per_loss_avoided": row["cost_per_loss_avoided"],
            "spofs": len(cleared),
            "rules_broken": tuple(row["rules_broken"]),
        }

    def bought(self, row: Record) -> Bought:
        return Bought(**self._common(row), acc_gain=self.acc_after - row["acc"])

    def unfunded(self, row: Record) -> Unfunded:
        short = tuple(YearShort(int(year), money) for year, money in row["short"].items())
        return Unfunded(**self._common(row), acc_gain=row["acc_gain"], why=row["why"], short=short)

    def shared_node(self, row: Record) -> SharedNode:
        losing = sorted(row["lost_by_chain"].items(), key=lambda pair: (-pair[1], pair[0]))
        return SharedNode(
            element=self.titles.named(row["kind"], row["element"]),
            chains=row["chains"],
            lost=row["lost"],
            stopped=tuple(self.titles.named("chain", c) for c in row["stopped"]),
            losing=tuple(ChainLoss(self.titles.named("chain", c), lost) for c, lost in losing),
        )

    def quota(self, row: Record) -> Quota:
        of = self.titles.named("chain", row["name"]) if row["rule"] == "support" else None
        keys = ("rule", "name", "side", "value", "step", "price", "loss_avoided", "status")
        into, out = (self.measures(row[key]) for key in ("measures_in", "measures_out"))
        return Quota(**{key: row[key] for key in keys}, of=of, into=into, out=out)


def _firmness(found: Gathered, making: _Making) -> Firmness:
    near = {row["measure"]: row for row in _records(found.near_optimal)}
    stable = {} if found.stability is None else {r["measure"]: r for r in plain(found.stability.measures)}
    standings = []
    for measure in sorted({*near, *stable}):
        known, drawn = near.get(measure, {}), stable.get(measure, {})
        row = {**drawn, **known}
        one = Standing(
            measure=making.titles.named("measure", measure),
            chain=making.chain(row["chain"]),
            planned=row["planned"],
            standing=known.get("standing"),
            funded=drawn.get("funded"),
            as_planned=drawn.get("as_planned"),
            flipped_by=tuple(drawn.get("flipped_by", ())),
        )
        if one.planned or one.standing != "out" or one.funded:
            standings.append(one)
    order = {"core": 0, "contested": 1, "undecided": 2, "out": 3, None: 4}
    standings.sort(key=lambda s: (not s.planned, order[s.standing], -(s.funded or 0.0), s.measure.name))
    told = found.stability
    inputs = [] if told is None else plain(told.inputs)
    return Firmness(
        standings=tuple(standings),
        within=None if found.near_optimal is None else found.settings["near_optimal"]["within"],
        samples=None if told is None else told.samples - told.unsolved,
        kept=None if told is None else told.kept,
        regret_mean=None if told is None else plain(told.regret_mean),
        regret_worst=None if told is None else plain(told.regret_worst),
        inputs=None if told is None else len(inputs),
        tested=None if told is None else sum(row["tested"] for row in inputs),
        flips=tuple(
            Flip(
                **{key: row[key] for key in ("table", "column", "name", "assumed", "low", "high")},
                out=making.measures(row["out"]),
                into=making.measures(row["into"]),
            )
            for row in inputs
            if row["flips"]
        ),
    )
