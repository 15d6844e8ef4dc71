"""From an instance and a plan to the report as data."""

from __future__ import annotations

import hashlib
import json
import math
import time
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from optichain.checking import check_instance
from optichain.errors import Fault
from optichain_reports.facts import Facts, gather
from optichain_reports.funded import funded_measures
from optichain_reports.model import (
    AssumptionGroup,
    Breach,
    ChainRow,
    Check,
    EventRow,
    FundedMeasure,
    Heading,
    Note,
    Provenance,
    ReportModel,
    Summary,
    Unmapped,
    YearOfContinuity,
    YearOfMoney,
)
from optichain_reports.spofs import count_by_kind, spof_roots
from optichain_reports.titles import Titles, text_or_none
from optichain_reports.upstream import pictures_of_chains

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.instance.model import Instance

__all__ = ["build_report"]

TOLERANCE = 1e-6


def build_report(
    instance: Instance, plan: Plan, *, language: str = "en", written: str | None = None
) -> ReportModel:
    """Make the report of one plan.

    Parameters
    ----------
    instance : Instance
    plan : Plan
    language : {"en", "zh"}
        Of the titles.
    written : str, optional
        Date of the report, ISO 8601; now by default.

    Returns
    -------
    ReportModel
        Stress and structure are worked out again; where they do not confirm the plan, `checks` says so.

    Raises
    ------
    PlanError
        The plan names measures that the instance does not have.
    """
    facts, titles = gather(instance, plan), Titles(instance, language)
    settings, checked = instance.settings, check_instance(instance)
    funded = funded_measures(instance, plan, facts, titles)
    items = instance["items"]
    total = math.fsum(facts.demanded.values())
    return ReportModel(
        heading=Heading(
            settings.name,
            settings.title or settings.name,
            language,
            settings.currency,
            settings.time_unit,
            settings.horizon,
            total,
        ),
        summary=_summary(plan, facts, funded),
        years_of_cost=plan.years_of_cost,
        funded=funded,
        money=_money(instance, plan),
        progress=_progress(instance, plan),
        chains=_chains(instance, plan, facts, titles),
        spof_counts=count_by_kind(plan.spofs_before, plan.spofs_after),
        spofs=spof_roots(plan.spofs_before, plan.spofs_after, titles),
        events=_events(instance, facts, titles),
        pictures=pictures_of_chains(instance, plan, facts, titles),
        assumptions=_grouped(checked.assumptions),
        warnings=tuple(_note(fault) for fault in checked.warnings),
        unmapped=tuple(
            Unmapped(int(t), s, s * total) for t, s in facts.structure.unmapped.items() if s > 0.0
        ),
        unmapped_items=tuple(
            titles.named("item", str(i)) for i in items.loc[~items["mapped"].astype(bool), "item"]
        ),
        unprovidable=tuple(
            titles.named("item", str(d)) for d in facts.structure.unprovidable["demand"].unique()
        ),
        loops=facts.structure.loops,
        breaches=tuple(Breach(b.get("rule", ""), b.get("message", "")) for b in plan.breaches),
        checks=_checks(instance, plan, facts),
        provenance=_provenance(instance, plan, written),
    )


def _summary(plan: Plan, facts: Facts, funded: tuple[FundedMeasure, ...]) -> Summary:
    new = dict.fromkeys(plan.years_of_cost, 0.0)
    for measure in funded:
        for year, cost in zip(plan.years_of_cost, measure.cost, strict=True):
            new[year] += cost
    spending = [year for year, cost in new.items() if cost > 0.0]
    committed = math.fsum(plan.commitments.values())
    before, after = facts.before.expected_annual_loss, facts.after.expected_annual_loss
    return Summary(
        status=plan.status,
        objective_name=plan.objective_name,
        objective=plan.objective,
        objective_nothing=plan.objective_nothing,
        bound=plan.bound,
        gap=plan.gap,
        improvement_gap=plan.improvement_gap,
        measures=len(funded),
        chains_supported=len({m.chain for m in funded if m.chain is not None}),
        chains=len(facts.demanded),
        first_year=min(spending, default=None),
        last_year=max(spending, default=None),
        new_cost=math.fsum(new.values()),
        committed=committed,
        total=math.fsum(new.values()) + committed,
        co_funding=math.fsum(m.co_funding for m in funded),
        acc_before=facts.before.acc,
        acc_after=facts.after.acc,
        loss_before=before,
        loss_after=after,
        loss_avoided=before - after,
        loss_unavoidable=plan.loss_unavoidable,
        avoidable_share=plan.avoidable_share,
    )


def _money(instance: Instance, plan: Plan) -> tuple[YearOfMoney, ...]:
    carry = 0.0 if instance.settings.planning is None else instance.settings.planning.carry_over
    rows: list[YearOfMoney] = []
    for year in plan.years_of_cost:
        budget, spent = plan.budget.get(year, 0.0), plan.spend.get(year, 0.0)
        committed = plan.commitments.get(year, 0.0)
        available = budget + (carry * rows[-1].left if rows else 0.0)
        rows.append(
            YearOfMoney(year, budget, available, committed, spent - committed, spent, available - spent)
        )
    return tuple(rows)


def _progress(instance: Instance, plan: Plan) -> tuple[YearOfContinuity, ...]:
    planning = instance.settings.planning
    years = () if planning is None else planning.years
    before, losses = plan.expected_annual_loss_before, plan.expected_annual_loss_by_year
    return tuple(
        YearOfContinuity(year, year in years, acc, losses[year], before - losses[year])
        for year, acc in sorted(plan.acc_by_year.items())
        if year in losses
    )


def _chains(instance: Instance, plan: Plan, facts: Facts, titles: Titles) -> tuple[ChainRow, ...]:
    owners: dict[str, list[str]] = {}
    for chain, enterprise in instance["chain_owners"][["chain", "enterprise"]].itertuples(index=False):
        owners.setdefault(chain, []).append(titles.of("enterprise", enterprise))
    funded: dict[str, float] = {}
    start: dict[str, int] = {}
    for policy in plan.policies:
        chain = str(policy.chain)
        funded[chain] = funded.get(chain, 0.0) + sum(policy.cost)
        start[chain] = min(start.get(chain, policy.start_year), policy.start_year)
    worst = _worst_events(instance, facts, titles)
    ends = [{str(r["chain"]): r for r in x.chains.to_dict("records")} for x in (facts.before, facts.after)]
    rows = []
    for row in instance["chains"].to_dict("records"):
        chain = str(row["chain"])
        old, new = ends[0][chain], ends[1][chain]
        calm, money = old["undisturbed"], facts.demanded[chain]
        rows.append(
            ChainRow(
                chain=chain,
                title=titles.of("chain", chain),
                cluster=text_or_none(row["cluster"]),
                region=text_or_none(row["region"]),
                leader=text_or_none(row["leader"]),
                owners=tuple(owners.get(chain, ())),
                weight=old["weight"],
                acc_before=_known(old["acc"]),
                acc_after=_known(new["acc"]),
                worst_before=_known(old["worst"]),
                worst_after=_known(new["worst"]),
                worst_lost_before=_known((calm - old["worst"]) * money),
                worst_lost_after=_known((calm - new["worst"]) * money),
                worst_event_before=worst[0].get(chain),
                worst_event_after=worst[1].get(chain),
                loss_before=old["expected_annual_loss"],
                loss_after=new["expected_annual_loss"],
                loss_avoided=old["expected_annual_loss"] - new["expected_annual_loss"],
                funded=funded.get(chain, 0.0),
                start_year=start.get(chain),
            )
        )
    return tuple(sorted(rows, key=lambda r: (-r.loss_before, r.chain)))


def _worst_events(instance: Instance, facts: Facts, titles: Titles) -> list[dict[str, str]]:
    """Return, before and after, the title of the event in which each chain that can lose something loses most."""
    tabled = set(instance["events"]["event"])
    result = []
    for resilience in (facts.before, facts.after):
        possible = (resilience.events["probability"] > 0.0).to_numpy(bool)
        table = resilience.chain_continuity[possible]
        calm = resilience.chains.set_index("chain")["undisturbed"]
        found = {}
        for chain in table.columns if len(table) else ():
            values = table[chain].to_numpy(float)
            if not math.isnan(values[0]) and values.min() < calm[chain] - 1e-9:
                name = str(table.index[int(values.argmin())])
                found[str(chain)] = titles.event(name, tabled=name in tabled).title
        result.append(found)
    return result


def _events(instance: Instance, facts: Facts, titles: Titles) -> tuple[EventRow, ...]:
    tabled = set(instance["events"]["event"])
    rows = []
    pairs = zip(facts.before.events.to_dict("records"), facts.after.events.to_dict("records"), strict=True)
    for old, new in pairs:
        called = titles.event(str(old["event"]), tabled=old["event"] in tabled)
        p = float(old["probability"])
        rows.append(
            EventRow(
                event=called.name,
                title=called.title,
                kind=called.kind,
                probability=p,
                continuity_before=old["continuity"],
                continuity_after=new["continuity"],
                lost_before=old["lost"],
                lost_after=new["lost"],
                expected_before=p * old["lost"],
                expected_after=p * new["lost"],
            )
        )
    return tuple(sorted(rows, key=lambda r: (-r.expected_before, -r.expected_after, r.event)))


def _grouped(assumptions: tuple[Fault, ...]) -> tuple[AssumptionGroup, ...]:
    groups: dict[str, list[Note]] = {}
    for fault in assumptions:
        groups.setdefault(fault.code, []).append(_note(fault))
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(AssumptionGroup(kind, len(notes), tuple(notes)) for kind, notes in ordered)


def _note(fault: Fault) -> Note:
    return Note(fault.file, fault.row, fault.column, fault.code, fault.message)


def _checks(instance: Instance, plan: Plan, facts: Facts) -> tuple[Check, ...]:
    """Compare what the plan states with what it comes to."""
    before, after = facts.before, facts.after
    pairs: list[tuple[str, float, float]] = [
        ("acc_before", plan.acc_before, before.acc),
        ("acc_after", plan.acc_after, after.acc),
        ("expected_annual_loss_before", plan.expected_annual_loss_before, before.expected_annual_loss),
        ("expected_annual_loss_after", plan.expected_annual_loss_after, after.expected_annual_loss),
    ]
    checks = [
        Check(
            "instance_digest", plan.instance_digest, instance.digest, plan.instance_digest == instance.digest
        )
    ]
    for claim, stated, found in pairs:
        checks.append(
            Check(claim, stated, found, abs(stated - found) <= TOLERANCE * max(1.0, abs(stated), abs(found)))
        )
    for claim, rows, spofs in (
        ("spofs_before", plan.spofs_before, facts.spofs_before),
        ("spofs_after", plan.spofs_after, facts.spofs_after),
    ):
        stated_set = {(r["demand"], r["site"], r["kind"], r["element"]) for r in rows}
        checks.append(Check(claim, len(stated_set), len(spofs), stated_set == spofs))
    return tuple(checks)


def _provenance(instance: Instance, plan: Plan, written: str | None) -> Provenance:
    given = plan.provenance
    stated = plan.to_json()
    content = json.dumps(
        {k: v for k, v in stated.items() if k != "provenance"}, sort_keys=True, ensure_ascii=False
    )

    def text(key: str) -> str | None:
        return None if given.get(key) is None else str(given[key])

    def number(key: str) -> Any:
        value = given.get(key)
        return value if isinstance(value, (int, float)) and math.isfinite(value) else None

    return Provenance(
        optichain=text("optichain"),
        python=text("python"),
        method=text("method"),
        solver=text("solver"),
        solver_version=text("solver_version"),
        seed=number("seed"),
        gap_asked=number("gap_asked"),
        seconds=number("seconds"),
        command=text("command"),
        date=text("date"),
        instance_digest=instance.digest,
        plan_digest=hashlib.sha256(content.encode()).hexdigest(),
        report_version=_version(),
        written=time.strftime("%Y-%m-%dT%H:%M:%S%z") if written is None else written,
    )


def _version() -> str:
    try:
        return version("optichain")
    except PackageNotFoundError:
        return "not installed"


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
