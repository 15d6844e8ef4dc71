"""The evidence as flat lists."""

from __future__ import annotations

from typing import Any

from optichain_reports.wording.placed import Placed
from optichain_reports.wording.sheet import Cell, Column, Sheet, list_of, titles_of
from optichain_reports.wording.supporting import (
    MONEY_OBJECTIVES,
    answered,
    input_name,
    quota_bound,
    quota_name,
    why_not,
)
from optichain_reports.wording.writer import Writer

__all__ = [
    "bought_sheet",
    "firmness_sheet",
    "flips_sheet",
    "missing_sheet",
    "quotas_sheet",
    "rivals_sheet",
    "shared_nodes_sheet",
    "unfunded_sheet",
]


def rivals_sheet(report: Placed, w: Writer) -> Sheet:
    """Return the plan beside the user's list and simpler ways."""
    t = w.texts
    columns = [
        Column(t("way")),
        Column(t("avoids"), "money"),
        Column(t("beside_plan"), "money"),
        Column(t("loss_after_column"), "money"),
        Column(t("of_avoidable"), "percent"),
        Column(t("avoids_mean"), "money"),
        Column(t("of_gain"), "percent"),
        Column(t("acc"), "percent"),
        Column(t("cost"), "money"),
        Column(t("measures_column"), "count"),
        Column(t("spof_elements"), "count", brief=False),
        Column(t("breaks_column")),
        Column(t("funds_besides"), brief=False),
        Column(t("does_without"), brief=False),
    ]
    rows = (
        (
            t(f"way_{r.name}"),
            r.loss_avoided,
            r.difference,
            r.loss_after,
            r.avoidable_share,
            r.loss_avoided_mean,
            r.share_of_plan,
            r.acc,
            r.cost,
            r.measures,
            r.spofs,
            t("between_rules").join(r.breaches),
            titles_of(r.besides, w),
            titles_of(r.without, w),
        )
        for r in report.evidence.rivals
    )
    return list_of("rivals", w, w.text("caption_rivals", currency=w.currency), columns, rows)


def _gain_columns(w: Writer) -> list[Column]:
    t = w.texts
    return [
        Column(t("measure")),
        Column(t("chain")),
        Column(t("start"), "year", brief=False),
        Column(t("cost"), "money"),
        Column(t("avoids"), "money"),
        Column(t("of_avoidable"), "percent"),
        Column(t("acc_points"), "percent"),
        Column(t("avoids_mean"), "money"),
        Column(t("years_back"), "ratio"),
        Column(t("spofs_back"), "count"),
    ]


def _gain_cells(row: Any, w: Writer) -> tuple[Cell, ...]:
    return (
        row.measure.title,
        w.texts("shared") if row.chain is None else row.chain.title,
        row.start_year,
        row.cost,
        row.loss_avoided,
        row.avoidable_share,
        row.acc_gain,
        row.loss_avoided_mean,
        row.cost_per_loss_avoided,
        row.spofs,
    )


def bought_sheet(report: Placed, w: Writer) -> Sheet:
    """Return what each funded measure buys."""
    columns = [*_gain_columns(w), Column(w.texts("breaks_without"))]
    between = w.texts("between_rules")
    rows = ((*_gain_cells(row, w), between.join(row.rules_broken)) for row in report.evidence.bought)
    return list_of("bought", w, w.text("caption_bought", currency=w.currency), columns, rows)


def unfunded_sheet(report: Placed, w: Writer) -> Sheet:
    """Return what each other measure would add, and why it is not funded."""
    columns = [*_gain_columns(w)[:-1], Column(w.texts("clears_column"), "count"), Column(w.texts("why_not"))]
    rows = ((*_gain_cells(row, w), why_not(row, w)) for row in report.evidence.unfunded)
    return list_of("unfunded", w, w.text("caption_unfunded", currency=w.currency), columns, rows)


def firmness_sheet(report: Placed, w: Writer) -> Sheet:
    """Return how firmly each measure stands."""
    t = w.texts
    columns = [*(Column(t(key)) for key in ("measure", "chain", "in_plan", "standing"))]
    columns += [Column(t(key), "percent") for key in ("funded_samples", "as_planned")]
    columns.append(Column(t("flipped_by")))
    rows = (
        (
            s.measure.title,
            t("shared") if s.chain is None else s.chain.title,
            t("yes" if s.planned else "no"),
            None if s.standing is None else t(f"standing_{s.standing}"),
            s.funded,
            s.as_planned,
            "; ".join(s.flipped_by),
        )
        for s in report.evidence.firmness.standings
    )
    return list_of("firmness", w, t("caption_firmness"), columns, rows)


def flips_sheet(report: Placed, w: Writer) -> Sheet:
    """Return the inputs that alone change the plan."""
    t = w.texts
    columns = [Column(t("input")), *(Column(t(key), "quantity") for key in ("assumed", "low", "high"))]
    columns += [Column(t(key)) for key in ("then_in", "then_out")]
    rows = (
        (input_name(f), f.assumed, f.low, f.high, titles_of(f.into, w), titles_of(f.out, w))
        for f in report.evidence.firmness.flips
    )
    return list_of("flips", w, t("caption_flips"), columns, rows)


def shared_nodes_sheet(report: Placed, w: Writer) -> Sheet:
    """Return what several chains share: a row an element, and one for each chain that loses by it."""
    t = w.texts
    columns = [Column(t("element")), Column(t("kind")), Column(t("chains_column"), "count")]
    columns += [Column(t("lost_if"), "money"), Column(t("stops_chains")), Column(t("loses_chains"))]
    rows = (
        (
            n.element.title,
            w.word("kind", n.element.kind),
            n.chains,
            n.lost,
            titles_of(n.stopped, w),
            titles_of([f"{c.chain.title} {w.money(c.lost)}" for c in n.losing], w),
        )
        for n in report.evidence.shared_nodes
    )
    return list_of("shared_nodes", w, w.text("caption_shared_nodes", currency=w.currency), columns, rows)


def quotas_sheet(report: Placed, w: Writer) -> Sheet:
    """Return what each rule costs."""
    t = w.texts
    gains = "money" if report.summary.objective_name in MONEY_OBJECTIVES else "percent"
    columns = [Column(t("quota_rule")), Column(t("stands_at")), Column(t("step"), "quantity")]
    columns += [Column(t("avoids"), "money"), Column(t("gains"), gains)]
    columns += [Column(t(key)) for key in ("then_in", "then_out", "answer_column")]
    rows = (
        (
            quota_name(q, w),
            quota_bound(q, w),
            q.step,
            q.loss_avoided,
            q.price,
            titles_of(q.into, w),
            titles_of(q.out, w),
            answered(q.status, w),
        )
        for q in report.evidence.quotas
    )
    return list_of("quotas", w, w.text("caption_quotas", currency=w.currency), columns, rows)


def missing_sheet(report: Placed, w: Writer) -> Sheet:
    """Return the evidence that is not there, and the commands that work it out."""
    t = w.texts
    columns = [Column(t("subject")), Column(t("command_column")), Column(t("reason_column"))]
    rows = (
        (t(f"evidence_{m.kind}"), None if m.reason else m.command, m.reason) for m in report.evidence.missing
    )
    return list_of("missing", w, t("missing_intro"), columns, rows)
