"""From an instance and a plan to the report as data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from optichain.checking import check_instance
from optichain_reports.building.chains import chain_rows
from optichain_reports.building.dossiers import dossiers_of, untested_groups
from optichain_reports.building.events import event_rows
from optichain_reports.building.evidence import evidence_of
from optichain_reports.building.facts import Facts, Spof, gather
from optichain_reports.building.focus import focused
from optichain_reports.building.funded import funded_measures
from optichain_reports.building.home import home_cases
from optichain_reports.building.impacts import impacts_of
from optichain_reports.building.inputs import Inputs
from optichain_reports.building.portfolio import (
    frontier_of,
    left_out_chains,
    support_rows,
    value_of_money,
)
from optichain_reports.building.rejected import rejected_measures
from optichain_reports.building.spofs import count_by_kind, count_measured, spof_roots
from optichain_reports.building.standby import Standbys
from optichain_reports.building.tables import read_tables
from optichain_reports.building.titles import Titles
from optichain_reports.building.trust import checks_of, grouped, note, provenance_of, submitted_of
from optichain_reports.building.upstream import chain_networks, picture_of
from optichain_reports.model import (
    Breach,
    EventRow,
    FundedMeasure,
    Heading,
    ReportModel,
    Summary,
    Unmapped,
    YearOfContinuity,
    YearOfMoney,
)

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.instance.model import Instance

__all__ = ["build_report"]


def build_report(
    instance: Instance,
    plan: Plan,
    *,
    language: str = "en",
    chain: str | None = None,
    written: str | None = None,
) -> ReportModel:
    """Make the report of one plan, or of one chain of it.

    Parameters
    ----------
    instance : Instance
    plan : Plan
    language : {"en", "zh"}
        Of the titles.
    chain : str, optional
        Only what concerns this chain.
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
    UsageError
        The instance has no such chain, or nothing is demanded of it.
    """
    facts, titles = gather(instance, plan), Titles(instance, language)
    settings, checked = instance.settings, check_instance(instance)
    tables = read_tables(instance)
    supported = {c.measure for c in (*plan.choices, *facts.running)}
    inputs = Inputs(instance, tables, checked.assumptions)
    networks = chain_networks(instance, supported, facts, tables, titles)
    impacts = impacts_of(instance, facts, titles)
    rejected = rejected_measures(instance, plan, facts.running, titles)
    untested = untested_groups(facts)
    chains = chain_rows(instance, plan, facts, titles)
    funded = funded_measures(instance, plan, facts, inputs, titles)
    events = event_rows(instance, facts, titles)
    items = instance["items"]
    total = math.fsum(facts.demanded.values())
    whole = ReportModel(
        heading=Heading(
            settings.name,
            Titles.whole(settings, language),
            language,
            settings.currency,
            settings.time_unit,
            settings.horizon,
            total,
        ),
        chain=None,
        summary=_summary(plan, facts, funded, events, len(checked.assumptions)),
        years_of_cost=plan.years_of_cost,
        funded=funded,
        evidence=evidence_of(plan, titles),
        money=_money(instance, plan),
        progress=_progress(instance, plan),
        chains=chains,
        spof_counts=count_by_kind(plan.spofs_before, plan.spofs_after),
        spofs=spof_roots(plan.spofs_before, plan.spofs_after, titles),
        spofs_measured=count_measured(plan.spofs_before, plan.spofs_after),
        events=events,
        support=support_rows(instance, plan, facts.running, titles),
        left_out=left_out_chains(instance, plan, facts.running, chains, rejected),
        frontier=frontier_of(instance, plan, titles),
        value_of_money=value_of_money(plan, titles),
        home=home_cases(instance, facts, networks, tables, titles),
        impacts=impacts,
        dossiers=dossiers_of(
            plan,
            facts,
            networks,
            impacts,
            rejected,
            inputs,
            untested,
            Standbys(instance, supported, tables, titles),
            titles,
        ),
        pictures=tuple(picture_of(network, tables, titles) for network in networks),
        assumptions=grouped(checked.assumptions),
        warnings=tuple(note(fault) for fault in checked.warnings),
        submitted=submitted_of(instance),
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
        checks=checks_of(instance, plan, facts),
        provenance=provenance_of(instance, plan, written),
    )
    return whole if chain is None else focused(whole, chain)


def _summary(
    plan: Plan,
    facts: Facts,
    funded: tuple[FundedMeasure, ...],
    events: tuple[EventRow, ...],
    assumptions: int,
) -> Summary:
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
        spof_sites_before=_sites(facts.spofs_before),
        spof_sites_after=_sites(facts.spofs_after),
        events=len(events),
        harmless_events=sum(not event.felt for event in events),
        assumptions=assumptions,
    )


def _sites(spofs: frozenset[Spof]) -> int:
    return len({element for _, _, kind, element in spofs if kind == "site"})


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
    avoidable = plan.expected_annual_loss_before - plan.loss_unavoidable
    before, losses = plan.expected_annual_loss_before, plan.expected_annual_loss_by_year
    return tuple(
        YearOfContinuity(
            year,
            year in years,
            acc,
            losses[year],
            before - losses[year],
            None if plan.avoidable_share is None else (before - losses[year]) / avoidable,
        )
        for year, acc in sorted(plan.acc_by_year.items())
        if year in losses
    )
