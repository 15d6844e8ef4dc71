"""An ex-post review in words and lists."""

from __future__ import annotations

from typing import Any

from optichain_reports.wording.lists import Lists
from optichain_reports.wording.placed import Placed
from optichain_reports.wording.sheet import Cell, Column, Sheet, list_of
from optichain_reports.wording.writer import Writer

__all__ = ["review_lists"]

LOSSES = ("without", "promised", "working", "realised", "avoided_promised", "avoided", "model_error")


def review_lists(report: Placed, w: Writer, plain: Writer) -> Lists:
    """Return the review as a document.

    Parameters
    ----------
    report : Placed
        A `optichain_reports.model.review.ReviewModel`.
    w : Writer
        Of sentences.
    plain : Writer
        Of headings and cells, which formats mark themselves.
    """
    sheets = (
        _happenings(report, plain),
        _chains(report, plain),
        _measures(report, plain),
        _years(report, plain),
    )
    return Lists(
        heading=report.heading.raw,
        kind=plain.texts("review"),
        title=report.heading.title,
        written=report.written,
        said=tuple(_said(report, w)),
        sheets=tuple(sheet for sheet in sheets if sheet.rows),
    )


def _said(report: Placed, w: Writer) -> list[str]:
    total = report.totals
    if not total.happenings:
        return [w.texts("review_nothing")]
    money = w.full_money
    said = []
    if total.known:
        said.append(
            w.text("review_avoided", promised=money(total.avoided_promised), avoided=money(total.avoided))
        )
        said.append(
            w.text(
                "review_lost",
                count=w.count(total.known),
                realised=money(total.realised),
                without=money(total.without),
                working=money(total.working),
            )
        )
    if report.unknown:
        names = w.join(w.texts("list_comma"), [w.text("as_it_is", name=name) for name in report.unknown])
        said.append(w.text("review_unknown", names=names))
    if total.unforeseen:
        said.append(
            w.text("review_unforeseen", count=w.count(total.unforeseen), all=w.count(total.happenings))
        )
    if total.spent.known:
        said.append(w.text("review_spent", spent=money(total.spent), promised=money(total.cost_promised)))
    said.append(w.texts("review_few"))
    return said


def _loss_columns(w: Writer) -> list[Column]:
    return [Column(w.texts(f"loss_{key}"), "money") for key in LOSSES]


def _loss_cells(row: Any) -> tuple[Cell, ...]:
    return tuple(getattr(row, key) for key in LOSSES)


def _happenings(report: Placed, w: Writer) -> Sheet:
    t = w.texts
    columns = [Column(t("happening")), Column(t("day")), Column(t("foreseen")), *_loss_columns(w)]
    rows = ((_name(h), h.date, t("yes" if h.foreseen else "no"), *_loss_cells(h)) for h in report.happenings)
    return list_of("happenings", w, w.text("caption_happenings", currency=w.currency), columns, rows)


def _name(happening: Any) -> str:
    name, title = str(happening.happening), str(happening.title)
    return name if name == title else f"{name} ({title})"


def _chains(report: Placed, w: Writer) -> Sheet:
    columns = [Column(w.texts("chain")), *_loss_columns(w)]
    rows = ((c.chain.title, *_loss_cells(c)) for c in report.chains)
    return list_of(
        "reviewed_chains", w, w.text("caption_reviewed_chains", currency=w.currency), columns, rows
    )


def _measures(report: Placed, w: Writer) -> Sheet:
    t = w.texts
    columns = [Column(t("measure")), Column(t("chain")), Column(t("promised_from"), "year")]
    columns += [Column(t("worked_from"))]
    columns += [
        Column(t(key), "money") for key in ("cost", "spent_column", "avoids_promised", "avoids_worked")
    ]
    rows = (
        (
            m.measure.title,
            t("shared") if m.chain is None else m.chain.title,
            m.promised_from,
            t("not_told") if not m.told else t("never") if m.works_from is None else m.works_from,
            m.cost_promised,
            m.spent,
            m.avoided_promised,
            m.avoided_working,
        )
        for m in report.measures
    )
    return list_of(
        "reviewed_measures", w, w.text("caption_reviewed_measures", currency=w.currency), columns, rows
    )


def _years(report: Placed, w: Writer) -> Sheet:
    t = w.texts
    columns = [Column(t("year"), "year"), Column(t("section_happenings"), "count")]
    keys = ("cost", "spent_column", "expected_before", "expected_promised", "loss_realised")
    columns += [Column(t(key), "money") for key in keys]
    rows = (
        (y.year, y.happenings, y.cost_promised, y.spent, y.expected_before, y.expected_promised, y.lost)
        for y in report.years
    )
    return list_of("reviewed_years", w, w.text("caption_reviewed_years", currency=w.currency), columns, rows)
