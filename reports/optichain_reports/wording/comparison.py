"""The comparison of two plans in words and lists."""

from __future__ import annotations

from typing import Any

from optichain_reports.wording.lists import Lists
from optichain_reports.wording.placed import Placed
from optichain_reports.wording.sheet import Column, Sheet, list_of
from optichain_reports.wording.writer import Writer

__all__ = ["comparison_lists"]


def comparison_lists(report: Placed, w: Writer, plain: Writer) -> Lists:
    """Return the comparison as a document.

    Parameters
    ----------
    report : Placed
        A `optichain_reports.model.comparison.ComparisonModel`.
    w : Writer
        Of sentences.
    plain : Writer
        Of headings and cells, which formats mark themselves.
    """
    sheets = (_sides(report, plain), _measures(report, plain), _spofs(report, plain), _years(report, plain))
    return Lists(
        heading=report.heading.raw,
        kind=plain.texts("comparison"),
        title=report.heading.title or plain.texts("comparison_title"),
        written=report.written,
        said=tuple(_said(report, w)),
        sheets=tuple(sheet for sheet in sheets if sheet.rows),
    )


def _said(report: Placed, w: Writer) -> list[str]:
    first, second, difference = report.sides
    money = w.full_money if w.currency else w.money
    avoided = [money(side.loss_avoided) for side in (first, second)]
    said = [
        w.text("compared_same") if report.same else w.counted("compared_measures", report.measures.size),
        w.text(
            "compared_losses", first=avoided[0], second=avoided[1], difference=money(difference.loss_avoided)
        ),
    ]
    if report.causes:
        said.append(
            w.text(
                "compared_why", causes=w.join(w.texts("cause_comma"), [_cause(c, w) for c in report.causes])
            )
        )
    elif not report.same:
        said.append(w.text("reason_equal"))
    return said


def _cause(cause: Any, w: Writer) -> str:
    if cause.code == "budget":
        years = [
            w.text("cause_year", year=w.year(b.year), first=w.money(b.first), second=w.money(b.second))
            for b in cause.budgets
        ]
        return w.text("cause_budget", years=w.join(w.texts("list_comma"), years))
    if cause.code in ("objective", "status"):
        family = "name" if cause.code == "objective" else "status"
        ends = {key: w.word(family, getattr(cause, key)) for key in ("first", "second")}
        return w.text(f"cause_{cause.code}", **ends)
    return w.text(f"cause_{cause.code}")


def _sides(report: Placed, w: Writer) -> Sheet:
    t = w.texts
    columns = [
        Column(t("plan_column")),
        Column(t("avoids"), "money"),
        Column(t("of_avoidable"), "percent"),
        Column(f"{t('loss')}, {t('before')}", "money", brief=False),
        Column(f"{t('loss')}, {t('after')}", "money"),
        Column(f"{t('acc')}, {t('before')}", "percent", brief=False),
        Column(f"{t('acc')}, {t('after')}", "percent"),
        Column(t("cost"), "money"),
        *(Column(t(key), "count") for key in ("measures_column", "chains_column", "spof_elements")),
    ]
    keys = ("loss_avoided", "avoidable_share", "loss_before", "loss_after", "acc_before", "acc_after", "cost")
    rows = (
        (t(f"plan_{s.side}"), *(getattr(s, key) for key in (*keys, "measures", "chains", "spofs")))
        for s in report.sides
    )
    return list_of(
        "compared", w, w.text("caption_compared", currency=w.currency or t("no_currency")), columns, rows
    )


def _measures(report: Placed, w: Writer) -> Sheet:
    t = w.texts
    columns = [Column(t("measure")), Column(t("chain")), Column(t("change"))]
    columns += [
        column
        for side in ("first", "second")
        for column in (
            Column(f"{t('units')}, {t(f'plan_{side}')}", "quantity"),
            Column(f"{t('start')}, {t(f'plan_{side}')}", "year"),
        )
    ]
    columns.append(Column(t("changed_why")))
    rows = (
        (
            m.measure.title,
            t("shared") if m.chain is None else m.chain.title,
            t(f"change_{m.change}"),
            m.units_first,
            m.start_first,
            m.units_second,
            m.start_second,
            m.why or t(f"reason_{m.reason}"),
        )
        for m in report.measures
    )
    return list_of("changes", w, t("caption_changes"), columns, rows)


def _spofs(report: Placed, w: Writer) -> Sheet:
    t = w.texts
    columns = [Column(t("spof")), Column(t("kind")), Column(t("change"))]
    rows = [
        (spof.title, w.word("kind", spof.kind), t(key))
        for key in ("spofs_cleared", "spofs_new")
        for spof in getattr(report, key)
    ]
    return list_of("compared_spofs", w, t("caption_compared_spofs"), columns, rows)


def _years(report: Placed, w: Writer) -> Sheet:
    t = w.texts
    kinds = (
        ("budget", "budget", "money"),
        ("spend", "spent", "money"),
        ("avoided", "avoids", "money"),
        ("share", "of_avoidable", "percent"),
        ("acc", "acc", "percent"),
    )
    columns = [Column(t("year"), "year")]
    columns += [
        Column(f"{t(label)}, {t(f'plan_{side}')}", kind, brief=key != "budget")
        for key, label, kind in kinds
        for side in ("first", "second")
    ]
    rows = (
        (y.year, *(getattr(y, f"{key}_{side}") for key, _, _ in kinds for side in ("first", "second")))
        for y in report.years
    )
    return list_of(
        "compared_years",
        w,
        w.text("caption_compared_years", currency=w.currency or t("no_currency")),
        columns,
        rows,
    )
