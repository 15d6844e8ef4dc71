"""Measures that were on offer and are not funded, and why."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from optichain_reports.building.titles import Titles, text_or_none
from optichain_reports.model import Rejected

if TYPE_CHECKING:
    from optichain.design.plan import Choice, Plan
    from optichain.instance.model import Instance

__all__ = ["rejected_measures"]

COSTS = ["cost_1", "cost_2", "cost_3"]


def rejected_measures(
    instance: Instance, plan: Plan, running: tuple[Choice, ...], titles: Titles
) -> dict[str | None, tuple[Rejected, ...]]:
    """Return the measures that are neither funded nor running by chain, what would avoid most first.

    What they would avoid, and why they are left out, is what the plan file says of them; None where it says nothing.
    """
    evidence = plan.evidence
    told: dict[str, Any] = {}
    if evidence is not None and evidence.add_one is not None:
        told = {row["measure"]: row for row in evidence.add_one.to_dict("records")}
    taken = {c.measure for c in (*plan.choices, *running)}
    measures = instance["measures"]
    cost = measures[COSTS].sum(axis=1).tolist()
    found: dict[str | None, list[Rejected]] = {}
    for name, chain, price in zip(measures["measure"], measures["chain"], cost, strict=True):
        if name not in taken:
            row = told.get(name)
            of = text_or_none(chain)
            found.setdefault(of, []).append(_rejected(str(name), of, float(price), row, titles))
    return {
        chain: tuple(
            sorted(rows, key=lambda r: (-(r.loss_avoided or 0.0), r.why or "", r.cost, r.measure.name))
        )
        for chain, rows in found.items()
    }


def _rejected(
    name: str, chain: str | None, cost: float, row: dict[str, Any] | None, titles: Titles
) -> Rejected:
    measure = titles.named("measure", name)
    if row is None:
        return Rejected(measure, chain, cost, None, None, None, None, ())
    short = [float(value) for value in row["short"].values()]
    avoided = float(row["loss_avoided"])
    return Rejected(
        measure=measure,
        chain=chain,
        cost=cost,
        start_year=int(row["start_year"]),
        loss_avoided=avoided if math.isfinite(avoided) else None,
        why=str(row["why"]),
        short=max(short, default=None),
        rules=tuple(row["rules_broken"]),
    )
