"""The key figures and the provenance as rows, for formats without a page of their own for them."""

from __future__ import annotations

from optichain_reports.wording.placed import Number, Placed
from optichain_reports.wording.writer import Writer

__all__ = ["chain_summary_rows", "provenance_rows", "summary_rows"]


def summary_rows(report: Placed, writer: Writer) -> list[tuple[str, Number, str, str]]:
    """Return the key figures: what it is, the number, its kind and its unit."""
    s, t = report.summary, writer.texts
    year = writer.text("key_unit_year", currency=writer.currency)
    return [
        (t("key_cost"), s.new_cost, "money", writer.currency),
        (t("committed"), s.committed, "money", writer.currency),
        (t("co_funding_column"), s.co_funding, "money", writer.currency),
        (f"{t('loss')}, {t('before')}", s.loss_before, "money", year),
        (f"{t('loss')}, {t('after')}", s.loss_after, "money", year),
        (t("key_avoided"), s.loss_avoided, "money", year),
        (t("key_share_column"), s.avoidable_share, "percent", ""),
        (f"ACC, {t('before')}", s.acc_before, "percent", ""),
        (f"ACC, {t('after')}", s.acc_after, "percent", ""),
        (f"{t('key_spofs')}, {t('before')}", s.spof_sites_before, "count", ""),
        (f"{t('key_spofs')}, {t('after')}", s.spof_sites_after, "count", ""),
        (t("prov_improvement_gap"), s.improvement_gap, "percent", ""),
    ]


def chain_summary_rows(report: Placed, writer: Writer) -> list[tuple[str, Number, str, str]]:
    """Return the key figures of the one chain that a report is about."""
    c, t = report.chains[0], writer.texts
    year = writer.text("key_unit_year", currency=writer.currency)
    return [
        (t("key_chain_cost"), c.funded, "money", writer.currency),
        (f"{t('loss')}, {t('before')}", c.loss_before, "money", year),
        (f"{t('loss')}, {t('after')}", c.loss_after, "money", year),
        (t("key_avoided"), c.loss_avoided, "money", year),
        (t("key_share_column"), c.avoidable_share, "percent", ""),
        (f"ACC, {t('before')}", c.acc_before, "percent", ""),
        (f"ACC, {t('after')}", c.acc_after, "percent", ""),
        (f"{t('sites_column')}, {t('before')}", c.spof_sites_before, "count", ""),
        (f"{t('sites_column')}, {t('after')}", c.spof_sites_after, "count", ""),
    ]


def provenance_rows(report: Placed, writer: Writer) -> list[tuple[str, str]]:
    """Return where the plan comes from, as texts."""
    p, s, t = report.provenance, report.summary, writer.texts
    solver = None if p.solver is None else f"{p.solver} {p.solver_version or ''}".strip()
    rows = [
        ("instance", report.heading.name),
        ("status", t(f"status_{s.status}")),
        ("objective", t(f"name_{s.objective_name}")),
        ("method", writer.word("method", p.method) if p.method else None),
        ("solver", solver),
        ("date", writer.numbers.date(p.date)),
        ("written", writer.numbers.date(p.written)),
        ("digest", p.instance_digest),
        ("plan_digest", p.plan_digest),
        ("command", p.command),
    ]
    versions = t("versions", optichain=p.optichain or "–", python=p.python or "–", report=p.report_version)
    rows.append(("versions", versions))
    return [(t(f"prov_{key}"), value) for key, value in rows if value]
