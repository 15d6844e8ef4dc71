"""The report as flat lists: one a subject, every row whole, for formats in which a reader sorts and counts."""

from __future__ import annotations

from optichain_reports.wording.effects import effect_phrase
from optichain_reports.wording.evidence_sheets import (
    bought_sheet,
    firmness_sheet,
    flips_sheet,
    missing_sheet,
    quotas_sheet,
    rivals_sheet,
    shared_nodes_sheet,
    unfunded_sheet,
)
from optichain_reports.wording.placed import Placed
from optichain_reports.wording.prose import losses_measured
from optichain_reports.wording.sheet import Column, Sheet, before_after, list_of, titles_of
from optichain_reports.wording.sheets_of_chains import (
    blind_spots,
    cuts,
    impacts,
    items,
    policy,
    rejected,
    stops,
    verify,
)
from optichain_reports.wording.sheets_of_portfolio import (
    frontier,
    frontier_measures,
    home,
    left_out,
    support,
    value_of_money,
)
from optichain_reports.wording.writer import Writer

__all__ = ["all_sheets"]


def all_sheets(report: Placed, writer: Writer) -> list[Sheet]:
    """Return all lists of a report, in the order of its sections; those without a row are left out."""
    makers = (
        rivals_sheet,
        _funded,
        support,
        _money,
        _progress,
        frontier,
        frontier_measures,
        value_of_money,
        left_out,
        bought_sheet,
        unfunded_sheet,
        firmness_sheet,
        flips_sheet,
        quotas_sheet,
        missing_sheet,
        _chains,
        impacts,
        _spofs,
        shared_nodes_sheet,
        _events,
        home,
        policy,
        stops,
        cuts,
        items,
        rejected,
        verify,
        blind_spots,
        _networks,
        _assumptions,
        _submitted,
        _unmapped,
        _unmapped_items,
        _breaches,
        _checks,
    )
    made = [maker(report, writer) for maker in makers]
    return [one for one in made if one.rows]


def _funded(report: Placed, w: Writer) -> Sheet:
    t = w.texts
    columns = [
        Column(t("chain")),
        Column(t("policy_column"), brief=False),
        Column(t("measure")),
        Column(t("kind"), brief=False),
        Column(t("owner")),
        Column(t("indicator"), brief=False),
        Column(t("units"), "quantity", brief=False),
        Column(t("start"), "year"),
        Column(t("lead_column"), "count", brief=False),
        Column(t("works_from_column"), "year"),
        *(Column(w.year(year), "money") for year in report.years_of_cost),
        Column(t("total"), "money"),
        Column(t("co_funding_column"), "money", brief=False),
        Column(t("addresses")),
        Column(t("clears_column")),
        Column(t("confidence"), brief=False),
    ]
    rows = []
    for m in report.funded:
        effects = "; ".join(effect_phrase(e, e.target.title, e.site, w) for e in m.effects)
        rows.append(
            (
                t("shared") if m.chain is None else m.chain_title,
                m.policy,
                m.title,
                None if m.kind is None else w.word("measure", m.kind),
                m.owner,
                m.indicator,
                m.units,
                m.start_year,
                m.lead_time,
                m.works_from,
                *m.cost,
                m.total,
                m.co_funding,
                effects,
                titles_of(m.clears, w),
                t(f"confidence_{m.confidence.level}"),
            )
        )
    return list_of("funded", w, w.text("caption_funded", currency=w.currency), columns, rows)


def _money(report: Placed, w: Writer) -> Sheet:
    keys = ("budget", "available", "committed", "new", "spent", "left")
    columns = [Column(w.texts("year"), "year"), *(Column(w.texts(key), "money") for key in keys)]
    rows = ((y.year, *(getattr(y, key) for key in keys)) for y in report.money)
    return list_of("money", w, w.text("caption_money", currency=w.currency), columns, rows)


def _progress(report: Placed, w: Writer) -> Sheet:
    columns = [Column(w.texts("year"), "year"), Column(w.texts("acc"), "percent")]
    columns += [Column(w.texts(key), "money") for key in ("loss", "avoided")]
    columns.append(Column(w.texts("of_avoidable"), "percent"))
    rows = ((y.year, y.acc, y.loss, y.avoided, y.avoidable_share) for y in report.progress)
    return list_of("progress", w, w.text("caption_progress", currency=w.currency), columns, rows)


def _chains(report: Placed, w: Writer) -> Sheet:
    t = w.texts
    columns = [
        Column(t("chain")),
        Column(t("leader")),
        *(Column(t(key), brief=False) for key in ("owners", "cluster", "region")),
        Column(t("weight"), "percent", brief=False),
        Column(t("funded"), "money"),
        Column(t("start"), "year", brief=False),
        *before_after(t, "loss", "money"),
        Column(t("avoided"), "money"),
        Column(t("of_avoidable"), "percent"),
        *before_after(t, "acc", "percent"),
        *before_after(t, "worst_event", "text"),
        *(Column(c.label, c.kind, brief=False) for c in before_after(t, "worst_lost", "money")),
        *before_after(t, "sites_column", "count"),
    ]
    rows = (
        (
            c.title,
            c.leader,
            titles_of(c.owners, w),
            c.cluster,
            c.region,
            c.weight,
            c.funded,
            c.start_year,
            c.loss_before,
            c.loss_after,
            c.loss_avoided,
            c.avoidable_share,
            c.acc_before,
            c.acc_after,
            c.worst_event_before,
            c.worst_event_after,
            c.worst_lost_before,
            c.worst_lost_after,
            c.spof_sites_before,
            c.spof_sites_after,
        )
        for c in report.chains
    )
    return list_of("chains", w, w.text("caption_chains", currency=w.currency), columns, rows)


def _spofs(report: Placed, w: Writer) -> Sheet:
    t = w.texts
    columns = [
        *(Column(t(key)) for key in ("spof", "kind", "state", "stops")),
        *before_after(t, "lost_if", "money"),
        *(Column(f"{c.label} ({w.time_unit})", c.kind) for c in before_after(t, "survive", "quantity")),
        *(Column(t(f"state_{key}"), brief=False) for key in ("cleared", "remaining")),
    ]
    rows = (
        (
            r.root.title,
            w.word("kind", r.root.kind),
            t(f"state_{r.state}"),
            titles_of(r.demands, w),
            r.lost_before,
            r.lost_after,
            r.survive_before,
            r.survive_after,
            titles_of(r.cleared, w),
            titles_of(r.remaining, w),
        )
        for r in report.spofs
    )
    said = [w.text("caption_spofs", currency=w.currency), losses_measured(report.spofs_measured, w)]
    return list_of("spofs", w, w.texts("note_joint").join(said), columns, rows)


def _events(report: Placed, w: Writer) -> Sheet:
    t = w.texts
    columns = [Column(t("event")), Column(t("kind")), Column(t("probability"), "percent")]
    columns += (
        before_after(t, "continuity", "percent")
        + before_after(t, "lost", "money")
        + before_after(t, "expected", "money")
    )
    keys = ("continuity_before", "continuity_after", "lost_before", "lost_after", "expected_before")
    rows = (
        (e.title, w.word("kind", e.kind), e.probability, *(getattr(e, k) for k in keys), e.expected_after)
        for e in report.events
    )
    return list_of("events", w, w.text("caption_events", currency=w.currency), columns, rows)


def _networks(report: Placed, w: Writer) -> Sheet:
    t = w.texts
    columns = [Column(t("chain")), Column(t("kind_item")), Column(t("tier_column"), "count")]
    columns += [Column(t("kind_site")), Column(t("state"))]
    rows = []
    for picture in report.pictures:
        for item in picture.items:
            for source in item.sources:
                mark = (
                    source.state if source.state != "plain" else "funded" if source.funded else source.status
                )
                rows.append((picture.title, item.title, item.tier, source.title, t(f"mark_{mark}")))
    return list_of("pictures", w, t("pictures_intro"), columns, rows)


def _assumptions(report: Placed, w: Writer) -> Sheet:
    t = w.texts
    columns = [Column(t("kind")), Column(t("table")), Column(t("row"), "count"), Column(t("column"))]
    columns.append(Column(t("message")))
    rows = [
        (w.word("as", group.kind), n.table, n.row, n.column, n.message)
        for group in report.assumptions
        for n in group.entries
    ]
    rows += [(t("warnings_intro"), n.table, n.row, n.column, n.message) for n in report.warnings]
    note = w.text("assumptions_intro", count=w.count(report.summary.assumptions))
    return list_of("assumptions", w, note, columns, rows)


def _submitted(report: Placed, w: Writer) -> Sheet:
    keys = ("measured", "stated", "guessed", "ungraded")
    columns = [Column(w.texts("submitted_by")), *(Column(w.texts(f"rows_{key}"), "count") for key in keys)]
    nobody = w.texts("submitted_nobody")
    rows = ((s.submitted_by or nobody, *(getattr(s, key) for key in keys)) for s in report.submitted)
    return list_of("submitted", w, w.texts("caption_submitted"), columns, rows)


def _unmapped(report: Placed, w: Writer) -> Sheet:
    columns = [Column(w.texts("tier_column"), "count"), Column(w.texts("share"), "percent")]
    columns.append(Column(w.texts("value"), "money"))
    rows = ((u.tier, u.share, u.value) for u in report.unmapped)
    return list_of("unmapped", w, w.text("caption_unmapped", currency=w.currency), columns, rows)


def _unmapped_items(report: Placed, w: Writer) -> Sheet:
    rows = ((item.title, item.name) for item in report.unmapped_items)
    columns = [Column(w.texts("kind_item")), Column(w.texts("name_column"))]
    return list_of("unmapped_items", w, w.texts("unmapped_intro"), columns, rows)


def _breaches(report: Placed, w: Writer) -> Sheet:
    note = w.text("breaches_intro", count=w.count(report.breaches.size))
    columns = [Column(w.texts("rule")), Column(w.texts("breach"))]
    return list_of(
        "breaches", w, note, columns, ((w.word("rule", b.rule), b.message) for b in report.breaches)
    )


def _checks(report: Placed, w: Writer) -> Sheet:
    t = w.texts
    wrong = [check for check in report.checks if not check.ok]
    columns = [Column(t("claim")), Column(t("stated"), "quantity"), Column(t("recomputed"), "quantity")]
    rows = ((t(f"claim_{c.claim}"), c.stated, c.recomputed) for c in wrong)
    return list_of("checks", w, t("checks_intro"), columns, rows)
