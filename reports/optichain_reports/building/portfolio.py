"""All chains beside each other: support by year, what more money buys, who is left out and why."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from optichain_reports.building.titles import Titles, text_or_none
from optichain_reports.model import (
    ChainRow,
    FrontierMeasure,
    FrontierPoint,
    LeftOut,
    MoneyValue,
    Rejected,
    Support,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optichain.design.plan import Choice, Plan
    from optichain.instance.model import Instance

__all__ = ["frontier_of", "left_out_chains", "support_rows", "value_of_money"]

COSTS = ("cost_1", "cost_2", "cost_3")
OBSTACLES = ("budget", "rule", "budget and rule")


def support_rows(
    instance: Instance, plan: Plan, running: tuple[Choice, ...], titles: Titles
) -> tuple[Support, ...]:
    """Return who is supported when: running support first, then by start year; shared measures last."""
    years = plan.years_of_cost
    new: dict[str | None, list[float]] = {}
    committed: dict[str | None, list[float]] = {}
    start: dict[str | None, int] = {}
    measures: dict[str | None, int] = {}
    for policy in (*plan.policies, *plan.shared_measures):
        chain = policy.chain
        row = new.setdefault(chain, [0.0] * len(years))
        for i, cost in enumerate(policy.cost):
            row[i] += cost
        start[chain] = min(start.get(chain, policy.start_year), policy.start_year)
        measures[chain] = measures.get(chain, 0) + len(policy.measures)
    costs = {r["measure"]: r for r in instance["measures"].to_dict("records")}
    for choice in running:
        cost_of, began = costs[choice.measure], choice.start_year
        chain = text_or_none(cost_of["chain"])
        row = committed.setdefault(chain, [0.0] * len(years))
        for offset, column in enumerate(COSTS):
            if began + offset in years:
                row[years.index(began + offset)] += choice.units * float(cost_of[column])
        start[chain] = min(start.get(chain, began), began)
        measures[chain] = measures.get(chain, 0) + 1
    rows = []
    for chain in start:
        paid, owed = (tuple(table.get(chain, [0.0] * len(years))) for table in (new, committed))
        title = None if chain is None else titles.of("chain", chain)
        total = math.fsum((*paid, *owed))
        rows.append(Support(chain, title, start[chain], measures[chain], paid, owed, total))
    return tuple(sorted(rows, key=lambda r: (r.chain is None, r.start_year, -r.total, r.chain or "")))


def left_out_chains(
    instance: Instance,
    plan: Plan,
    running: tuple[Choice, ...],
    chains: tuple[ChainRow, ...],
    rejected: Mapping[str | None, tuple[Rejected, ...]],
) -> tuple[LeftOut, ...]:
    """Return the chains that are not in support, in the order of `chains`: the largest expected loss first."""
    owner = dict(zip(instance["measures"]["measure"], instance["measures"]["chain"], strict=True))
    supported = {p.chain for p in plan.policies} | {owner[c.measure] for c in running}
    result = []
    for row in chains:
        if row.chain in supported:
            continue
        offers = rejected.get(row.chain, ())
        best = offers[0] if offers and offers[0].loss_avoided else None
        if row.loss_after <= 0.0:
            why = "no loss"
        elif not offers:
            why = "offers nothing"
        elif offers[0].why is None:
            why = "unknown"
        else:
            why = offers[0].why
        avoided = None if best is None else best.loss_avoided
        measure = None if best is None else best.measure
        result.append(LeftOut(row.chain, row.title, row.loss_after, len(offers), measure, avoided, why))
    return tuple(result)


def frontier_of(instance: Instance, plan: Plan, titles: Titles) -> tuple[FrontierPoint, ...]:
    """Return the points of the frontier that the plan file holds, the smallest budget first."""
    if plan.evidence is None or plan.evidence.frontier is None:
        return ()
    measures = {str(r["measure"]): r for r in instance["measures"].to_dict("records")}
    planned = {c.measure for c in plan.choices}
    points = []
    for row in plan.evidence.frontier.sort_values("budget").to_dict("records"):
        chosen = tuple(
            _chosen(choice, measures[choice["measure"]], choice["measure"] in planned, titles)
            for choice in row["choices"]
            if choice["measure"] in measures
        )
        names = {choice.measure for choice in chosen}
        known = _number(row, "objective") is not None
        points.append(
            FrontierPoint(
                budget=float(row["budget"]),
                objective=_number(row, "objective"),
                bound=_number(row, "bound"),
                acc=_number(row, "acc"),
                acc_after=_number(row, "acc_after"),
                loss_after=_number(row, "expected_annual_loss_after"),
                loss_avoided=_number(row, "loss_avoided"),
                avoidable_share=_number(row, "avoidable_share"),
                cost=_number(row, "cost"),
                measures=tuple(
                    sorted(chosen, key=lambda m: (m.chain is None, m.chain_title or "", m.measure))
                ),
                dropped=tuple(titles.named("measure", m) for m in sorted(planned - names)) if known else (),
            )
        )
    return tuple(points)


def _chosen(choice: dict[str, Any], row: dict[Any, Any], in_plan: bool, titles: Titles) -> FrontierMeasure:
    chain = text_or_none(row["chain"])
    return FrontierMeasure(
        measure=choice["measure"],
        title=titles.of("measure", choice["measure"]),
        chain=chain,
        chain_title=None if chain is None else titles.of("chain", chain),
        units=float(choice["units"]),
        start_year=int(choice["start_year"]),
        cost=choice["units"] * math.fsum(float(row[column]) for column in COSTS),
        in_plan=in_plan,
    )


def value_of_money(plan: Plan, titles: Titles) -> tuple[MoneyValue, ...]:
    """Return what one more unit of money in each year buys, as the plan file says."""
    if plan.evidence is None or plan.evidence.value_of_money is None:
        return ()
    return tuple(
        MoneyValue(
            int(row["year"]),
            _number(row, "difference"),
            _number(row, "loss_avoided"),
            *(
                tuple(titles.named("measure", str(m)) for m in row[key])
                for key in ("measures_in", "measures_out")
            ),
        )
        for row in plan.evidence.value_of_money.to_dict("records")
    )


def _number(row: dict[Any, Any], key: str) -> float | None:
    value = row[key]
    return None if value is None or math.isnan(value) else float(value)
