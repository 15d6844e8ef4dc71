"""The lists of the portfolio: support, what money buys, who is left out, home and abroad."""

from __future__ import annotations

from optichain_reports.wording.placed import Placed
from optichain_reports.wording.sheet import Column, Sheet, before_after, list_of, titles_of
from optichain_reports.wording.writer import Writer

__all__ = ["frontier", "frontier_measures", "home", "left_out", "support", "value_of_money"]


def support(report: Placed, w: Writer) -> Sheet:
    """Return who is supported when: for each year what is new, and in a column of its own what was running."""
    t = w.texts
    owed = any(money for row in report.support for money in row.committed)
    columns = [Column(t("chain")), Column(t("start"), "year"), Column(t("measures_column"), "count")]
    columns += [
        Column(f"{w.year(year)}, {t('new')}" if owed else w.year(year), "money")
        for year in report.years_of_cost
    ]
    if owed:
        columns += [Column(f"{w.year(year)}, {t('committed')}", "money") for year in report.years_of_cost]
    columns.append(Column(t("total"), "money"))
    rows = (
        (
            t("shared") if s.chain is None else s.title,
            s.start_year,
            s.measures,
            *s.new,
            *(s.committed if owed else ()),
            s.total,
        )
        for s in report.support
    )
    return list_of("support", w, w.text("caption_support", currency=w.currency), columns, rows)


def frontier(report: Placed, w: Writer) -> Sheet:
    """Return the points of the frontier."""
    t = w.texts
    columns = [Column(t("budget_column"), "money"), Column(t("acc"), "percent")]
    columns += [Column(t("avoids"), "money"), Column(t("of_avoidable"), "percent")]
    columns += [Column(t("loss_after_column"), "money"), Column(t("cost"), "money")]
    columns += [Column(t("measures_column"), "count"), Column(t("out_of_plan_column"), brief=False)]
    rows = (
        (
            p.budget,
            p.acc,
            p.loss_avoided,
            p.avoidable_share,
            p.loss_after,
            p.cost,
            p.measures.size,
            titles_of(p.dropped, w),
        )
        for p in report.frontier
    )
    return list_of("frontier", w, w.text("caption_frontier", currency=w.currency), columns, rows)


def frontier_measures(report: Placed, w: Writer) -> Sheet:
    """Return the measures of each point of the frontier."""
    t = w.texts
    columns = [Column(t("budget_column"), "money"), Column(t("chain")), Column(t("measure"))]
    columns += [Column(t("units"), "quantity"), Column(t("start"), "year"), Column(t("cost"), "money")]
    columns.append(Column(t("tag_in_plan")))
    rows = (
        (
            p.budget,
            t("shared") if m.chain is None else m.chain_title,
            m.title,
            m.units,
            m.start_year,
            m.cost,
            t("yes" if m.in_plan else "no"),
        )
        for p in report.frontier
        for m in p.measures
    )
    return list_of("frontier_measures", w, w.text("caption_frontier", currency=w.currency), columns, rows)


def value_of_money(report: Placed, w: Writer) -> Sheet:
    """Return what one more unit of money buys in each year."""
    t = w.texts
    columns = [Column(t("year"), "year"), Column(t("avoids"), "money")]
    columns += [Column(t("into_column")), Column(t("out_column"))]
    rows = (
        (v.year, v.loss_avoided, titles_of(v.into, w), titles_of(v.out, w)) for v in report.value_of_money
    )
    return list_of("value", w, w.text("caption_value", currency=w.currency), columns, rows)


def left_out(report: Placed, w: Writer) -> Sheet:
    """Return the chains that are not in support."""
    t = w.texts
    columns = [Column(t("chain")), Column(t("remaining_loss"), "money"), Column(t("offers_column"), "count")]
    columns += [Column(t("best_column")), Column(t("would_avoid"), "money"), Column(t("why_not"))]
    rows = (
        (
            c.title,
            c.loss,
            c.offered,
            None if c.best is None else c.best.title,
            c.avoided,
            t(f"unfunded_{c.why}"),
        )
        for c in report.left_out
    )
    return list_of("left_out", w, w.text("caption_left_out", currency=w.currency), columns, rows)


def home(report: Placed, w: Writer) -> Sheet:
    """Return what chains serve without what is abroad, and without what is at home."""
    t = w.texts
    columns = [Column(t("chain")), Column(t("home_column")), Column(t("abroad_column"), "count")]
    columns.append(Column(t("sites_column_all"), "count"))
    for key in ("without_abroad", "without_home"):
        columns += before_after(t, key, "percent")
    for end in ("ends_low", "ends_high"):
        columns += [
            Column(f"{t('autonomy_column')}, {t(end)}, {t(side)}", "percent", brief=False)
            for side in ("before", "after")
        ]
    rows = (
        (
            h.title,
            h.home.title,
            h.abroad,
            h.sites,
            h.without_abroad_before,
            h.without_abroad_after,
            h.without_home_before,
            h.without_home_after,
            h.autonomy_low_before,
            h.autonomy_low_after,
            h.autonomy_high_before,
            h.autonomy_high_after,
        )
        for h in report.home
    )
    return list_of("home", w, t("caption_home"), columns, rows)
