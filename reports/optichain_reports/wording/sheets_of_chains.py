"""The lists of the dossiers: one row a thing and a chain, so that a reader can filter by chain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from optichain_reports.wording.effects import effect_phrase
from optichain_reports.wording.placed import Placed
from optichain_reports.wording.prose import losses_measured
from optichain_reports.wording.sheet import Column, Sheet, before_after, list_of, titles_of
from optichain_reports.wording.writer import Writer

__all__ = ["blind_spots", "cuts", "impacts", "items", "policy", "rejected", "stops", "verify"]

Some = Iterable[Placed] | None
"""The dossiers whose rows are wanted; all of them without a choice."""


def impacts(report: Placed, w: Writer) -> Sheet:
    """Return what each event costs each chain."""
    t = w.texts
    names = {dossier.chain: dossier.title for dossier in report.dossiers}
    columns = [Column(t("chain")), Column(t("event")), Column(t("kind")), Column(t("probability"), "percent")]
    for key, kind in (("continuity", "percent"), ("lost", "money"), ("expected", "money")):
        columns += before_after(t, key, kind)
    keys = ("continuity_before", "continuity_after", "lost_before", "lost_after")
    rows = (
        (
            names[i.chain],
            i.event.title,
            w.word("kind", i.event.kind),
            i.probability,
            *(getattr(i, key) for key in keys),
            i.expected_before,
            i.expected_after,
        )
        for i in report.impacts
    )
    return list_of("impacts", w, w.text("caption_impacts", currency=w.currency), columns, rows)


def policy(report: Placed, w: Writer, some: Some = None) -> Sheet:
    """Return the measures that are funded for chains; shared ones stand with each chain that they act on."""
    t = w.texts
    columns = [*(Column(t(key)) for key in ("chain", "measure", "owner", "indicator"))]
    columns += [Column(t("start"), "year"), Column(t("lead_column"), "count")]
    columns += [Column(w.year(year), "money") for year in report.years_of_cost]
    columns += [Column(t(key)) for key in ("addresses", "clears_column", "confidence")]
    by_chain: dict[str | None, list[Any]] = {}
    for measure in report.funded:
        by_chain.setdefault(measure.chain, []).append(measure)

    def row(title: str, m: Any) -> tuple[Any, ...]:
        effects = "; ".join(effect_phrase(e, e.target.title, e.site, w) for e in m.effects)
        known = t(f"confidence_{m.confidence.level}")
        times = (m.start_year, m.lead_time, *m.cost)
        return (title, m.title, m.owner, m.indicator, *times, effects, titles_of(m.clears, w), known)

    rows = (
        row(d.title, m)
        for d in some or report.dossiers
        for m in (
            *by_chain.get(d.chain, ()),
            *(m for m in by_chain.get(None, ()) if m.measure in set(d.shared)),
        )
    )
    return list_of("policy", w, w.text("caption_policy", currency=w.currency), columns, rows)


def stops(report: Placed, w: Writer, some: Some = None) -> Sheet:
    """Return what stops chains by failing alone."""
    t = w.texts
    columns = [*(Column(t(key)) for key in ("chain", "spof", "kind", "state"))]
    columns += before_after(t, "lost_if", "money")
    columns += [Column(f"{c.label} ({w.time_unit})", c.kind) for c in before_after(t, "survive", "quantity")]
    rows = (
        (
            d.title,
            r.root.title,
            w.word("kind", r.root.kind),
            t(f"state_{r.state}"),
            r.lost_before,
            r.lost_after,
            r.survive_before,
            r.survive_after,
        )
        for d in some or report.dossiers
        for r in d.spofs
    )
    one = list(some or ())
    measured = (one[0] if len(one) == 1 else report).spofs_measured
    said = [w.text("caption_spofs", currency=w.currency), losses_measured(measured, w)]
    return list_of("stops", w, w.texts("note_joint").join(said), columns, rows)


def items(report: Placed, w: Writer, some: Some = None) -> Sheet:
    """Return what can stand in for what."""
    t = w.texts
    columns = [Column(t("chain")), Column(t("item_column")), Column(t("critical"))]
    columns += [Column(t("alternative_column"))]
    columns += [Column(t(f"sites_{key}"), "count") for key in ("in_use", "ready", "known", "funded")]
    columns += [Column(t("substitutes_column")), Column(t("offered_column"))]

    def row(title: str, s: Any) -> tuple[Any, ...]:
        critical = t("yes" if s.critical else "no")
        counts = (s.active, s.qualified, s.potential, s.funded)
        names = (titles_of(s.substitutes, w), titles_of(s.offered, w))
        return (title, s.item.title, critical, t(f"standby_{s.state}"), *counts, *names)

    rows = (row(d.title, s) for d in some or report.dossiers for s in d.items)
    return list_of("items", w, t("caption_items"), columns, rows)


def cuts(report: Placed, w: Writer, some: Some = None) -> Sheet:
    """Return the pairs of sites that stop a chain."""
    t = w.texts
    columns = [Column(t("chain")), Column(t("dossier_cuts")), Column(t("stops"), brief=False)]
    columns += [Column(t("state")), Column(t("chance_both"), "percent")]
    rows = (
        (
            d.title,
            " + ".join(e.title for e in s.elements),
            titles_of(s.demands, w),
            t(f"state_{s.state}"),
            s.probability,
        )
        for d in some or report.dossiers
        for s in d.cuts
    )
    return list_of("cuts", w, t("caption_cuts"), columns, rows)


def rejected(report: Placed, w: Writer, some: Some = None) -> Sheet:
    """Return the measures of chains that are not funded."""
    t = w.texts
    columns = [Column(t("chain")), Column(t("measure")), Column(t("cost"), "money")]
    columns += [Column(t("would_avoid"), "money"), Column(t("why_not"))]
    columns += [Column(t("short_column"), "money"), Column(t("rules_column"), brief=False)]
    rows = (
        (
            d.title,
            r.measure.title,
            r.cost,
            r.loss_avoided,
            t(f"unfunded_{r.why or 'unknown'}"),
            r.short,
            t("between_rules").join(r.rules),
        )
        for d in some or report.dossiers
        for r in d.rejected
    )
    return list_of("rejected", w, w.text("caption_rejected", currency=w.currency), columns, rows)


def verify(report: Placed, w: Writer, some: Some = None) -> Sheet:
    """Return the assumptions that matter most for each chain."""
    t = w.texts
    columns = [Column(t("chain")), Column(t("kind")), Column(t("message")), Column(t("table"))]
    columns += [Column(t("row"), "count"), Column(t("column"), brief=False), Column(t("at_stake"), "money")]
    rows = (
        (d.title, w.word("as", v.kind), v.message, v.table, v.row, v.column, v.at_stake)
        for d in some or report.dossiers
        for v in d.verify
    )
    return list_of("verify", w, w.text("caption_verify", currency=w.currency), columns, rows)


def blind_spots(report: Placed, w: Writer, some: Some = None) -> Sheet:
    """Return what no figure of a chain covers."""
    t = w.texts
    columns = [Column(t("chain")), Column(t("kind")), Column(t("name_column"))]
    rows = (
        (d.title, t(f"spot_{spot.kind}"), spot.what.title)
        for d in some or report.dossiers
        for spot in d.blind_spots
    )
    return list_of("blind", w, t("unmapped_intro"), columns, rows)
