"""The report as flat lists: one a subject, every row whole, for formats in which a reader sorts and counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from optichain_reports.wording.effects import effect_phrase
from optichain_reports.wording.placed import Number, Placed
from optichain_reports.wording.writer import Writer

__all__ = ["Cell", "Column", "Sheet", "all_sheets"]

Cell = Number | str | None


@dataclass(frozen=True)
class Column:
    """A column: its heading, and what its cells are: text, money, percent, count, year, quantity.

    `brief` is false for what a page of paper has no room for.
    """

    label: str
    kind: str = "text"
    brief: bool = True


@dataclass(frozen=True)
class Sheet:
    """A list; `note` says what it is, and in which unit its money is."""

    key: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def all_sheets(report: Placed, writer: Writer) -> list[Sheet]:
    """Return all lists of a report, in the order of its sections; those without a row are left out."""
    makers = (
        _funded,
        _money,
        _progress,
        _chains,
        _spofs,
        _events,
        _networks,
        _assumptions,
        _unmapped,
        _unmapped_items,
        _breaches,
        _checks,
    )
    sheets = [maker(report, writer) for maker in makers]
    return [sheet for sheet in sheets if sheet.rows]


def _sheet(
    key: str, writer: Writer, note: str, columns: Iterable[Column], rows: Iterable[Iterable[Cell]]
) -> Sheet:
    title = writer.texts(f"section_{key}")
    return Sheet(key, title, note, tuple(columns), tuple(tuple(row) for row in rows))


def _titles(things: Iterable[Any], writer: Writer) -> str:
    comma: str = writer.texts("list_comma")
    return comma.join(thing if isinstance(thing, str) else thing.title for thing in things)


def _change(text: Callable[[str], str], key: str, kind: str) -> list[Column]:
    return [Column(f"{text(key)}, {text(side)}", kind) for side in ("before", "after")]


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
        Column(t("works_from_column"), "year"),
        *(Column(w.year(year), "money") for year in report.years_of_cost),
        Column(t("total"), "money"),
        Column(t("co_funding_column"), "money", brief=False),
        Column(t("addresses")),
        Column(t("clears_column")),
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
                m.works_from,
                *m.cost,
                m.total,
                m.co_funding,
                effects,
                _titles(m.clears, w),
            )
        )
    return _sheet("funded", w, w.text("caption_funded", currency=w.currency), columns, rows)


def _money(report: Placed, w: Writer) -> Sheet:
    keys = ("budget", "available", "committed", "new", "spent", "left")
    columns = [Column(w.texts("year"), "year"), *(Column(w.texts(key), "money") for key in keys)]
    rows = ((y.year, *(getattr(y, key) for key in keys)) for y in report.money)
    return _sheet("money", w, w.text("caption_money", currency=w.currency), columns, rows)


def _progress(report: Placed, w: Writer) -> Sheet:
    columns = [Column(w.texts("year"), "year"), Column(w.texts("acc"), "percent")]
    columns += [Column(w.texts(key), "money") for key in ("loss", "avoided")]
    rows = ((y.year, y.acc, y.loss, y.avoided) for y in report.progress)
    return _sheet("progress", w, w.text("caption_progress", currency=w.currency), columns, rows)


def _chains(report: Placed, w: Writer) -> Sheet:
    t = w.texts
    columns = [
        Column(t("chain")),
        Column(t("leader")),
        *(Column(t(key), brief=False) for key in ("owners", "cluster", "region")),
        Column(t("weight"), "percent", brief=False),
        Column(t("funded"), "money"),
        Column(t("start"), "year", brief=False),
        *_change(t, "loss", "money"),
        Column(t("avoided"), "money"),
        *_change(t, "acc", "percent"),
        *_change(t, "worst_event", "text"),
        *(Column(c.label, c.kind, brief=False) for c in _change(t, "worst_lost", "money")),
        *_change(t, "sites_column", "count"),
    ]
    rows = (
        (
            c.title,
            c.leader,
            _titles(c.owners, w),
            c.cluster,
            c.region,
            c.weight,
            c.funded,
            c.start_year,
            c.loss_before,
            c.loss_after,
            c.loss_avoided,
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
    return _sheet("chains", w, w.text("caption_chains", currency=w.currency), columns, rows)


def _spofs(report: Placed, w: Writer) -> Sheet:
    t = w.texts
    columns = [
        *(Column(t(key)) for key in ("spof", "kind", "state", "stops")),
        *_change(t, "lost_if", "money"),
        *(Column(f"{c.label} ({w.time_unit})", c.kind) for c in _change(t, "survive", "quantity")),
        *(Column(t(f"state_{key}"), brief=False) for key in ("cleared", "remaining")),
    ]
    rows = (
        (
            r.root.title,
            w.word("kind", r.root.kind),
            t(f"state_{r.state}"),
            _titles(r.demands, w),
            r.lost_before,
            r.lost_after,
            r.survive_before,
            r.survive_after,
            _titles(r.cleared, w),
            _titles(r.remaining, w),
        )
        for r in report.spofs
    )
    return _sheet("spofs", w, w.text("caption_spofs", currency=w.currency), columns, rows)


def _events(report: Placed, w: Writer) -> Sheet:
    t = w.texts
    columns = [Column(t("event")), Column(t("kind")), Column(t("probability"), "percent")]
    columns += (
        _change(t, "continuity", "percent") + _change(t, "lost", "money") + _change(t, "expected", "money")
    )
    keys = ("continuity_before", "continuity_after", "lost_before", "lost_after", "expected_before")
    rows = (
        (e.title, w.word("kind", e.kind), e.probability, *(getattr(e, k) for k in keys), e.expected_after)
        for e in report.events
    )
    return _sheet("events", w, w.text("caption_events", currency=w.currency), columns, rows)


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
    return _sheet("pictures", w, t("pictures_intro"), columns, rows)


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
    return _sheet("assumptions", w, note, columns, rows)


def _unmapped(report: Placed, w: Writer) -> Sheet:
    columns = [Column(w.texts("tier_column"), "count"), Column(w.texts("share"), "percent")]
    columns.append(Column(w.texts("value"), "money"))
    rows = ((u.tier, u.share, u.value) for u in report.unmapped)
    return _sheet("unmapped", w, w.text("caption_unmapped", currency=w.currency), columns, rows)


def _unmapped_items(report: Placed, w: Writer) -> Sheet:
    rows = ((item.title, item.name) for item in report.unmapped_items)
    columns = [Column(w.texts("kind_item")), Column(w.texts("name_column"))]
    return _sheet("unmapped_items", w, w.texts("unmapped_intro"), columns, rows)


def _breaches(report: Placed, w: Writer) -> Sheet:
    note = w.text("breaches_intro", count=w.count(report.breaches.size))
    columns = [Column(w.texts("rule")), Column(w.texts("breach"))]
    return _sheet("breaches", w, note, columns, ((b.rule, b.message) for b in report.breaches))


def _checks(report: Placed, w: Writer) -> Sheet:
    t = w.texts
    wrong = [check for check in report.checks if not check.ok]
    columns = [Column(t("claim")), Column(t("stated"), "quantity"), Column(t("recomputed"), "quantity")]
    rows = ((t(f"claim_{c.claim}"), c.stated, c.recomputed) for c in wrong)
    return _sheet("checks", w, t("checks_intro"), columns, rows)
