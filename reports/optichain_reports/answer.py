"""The answer in one paragraph: what to fund, what it buys, and how good it is known to be."""

from __future__ import annotations

from optichain_reports.model import ReportModel
from optichain_reports.numbers import Numbers

__all__ = ["answer"]

PROVEN = 1e-6
"""Improvement gap up to which a plan is called the best: what is missing is rounding."""


def answer(model: ReportModel, numbers: Numbers) -> str:
    """Return the answer as one paragraph of plain text."""
    joint = " " if numbers.language == "en" else ""
    return joint.join(
        part.strip() for part in (*_what(model, numbers), *_buys(model, numbers), *_how_good(model, numbers))
    )


def _what(model: ReportModel, numbers: Numbers) -> list[str]:
    s, texts = model.summary, numbers.texts
    if not s.measures:
        parts = [texts("answer_nothing")]
    else:
        years = "answer_in_year" if s.first_year == s.last_year else "answer_in_years"
        key = "answer_fund_shared" if any(m.chain is None for m in model.funded) else "answer_fund"
        when = "" if s.first_year is None else texts(years, first=s.first_year, last=s.last_year)
        text = texts(
            key,
            measures=texts.counted("measures", s.measures),
            supported=s.chains_supported,
            chains=s.chains,
            cost=numbers.full_money(s.new_cost),
            when=when,
        )
        parts = [text.replace(" .", ".").replace(" ;", ";")]
    if s.committed > 0.0:
        parts.append(texts("answer_committed", cost=numbers.full_money(s.committed)))
    if s.co_funding > 0.0:
        parts.append(texts("answer_co_funding", cost=numbers.full_money(s.co_funding)))
    return parts


def _buys(model: ReportModel, numbers: Numbers) -> list[str]:
    s, texts = model.summary, numbers.texts
    known = s.avoidable_share is not None and s.loss_avoided >= 0.0
    return [
        texts(
            "answer_buys" if known else "answer_buys_plain",
            before=numbers.full_money(s.loss_before),
            after=numbers.full_money(s.loss_after),
            avoided=numbers.full_money(s.loss_avoided),
            **({"share": numbers.percent(s.avoidable_share)} if known else {}),
        ),
        texts("answer_acc", before=numbers.percent(s.acc_before), after=numbers.percent(s.acc_after)),
    ]


def _how_good(model: ReportModel, numbers: Numbers) -> list[str]:
    s, texts = model.summary, numbers.texts
    if s.status == "given":
        parts = [texts("answer_given")]
    elif s.bound is None or s.improvement_gap is None:
        parts = [texts("answer_no_bound")]
    elif s.improvement_gap <= PROVEN:
        parts = [texts("answer_optimal")]
    else:
        key = "answer_near" if s.status == "optimal" else "answer_stopped"
        reached, limit = (_objective(value, s.objective_name, numbers) for value in (s.objective, s.bound))
        parts = [texts(key, gap=numbers.percent(s.improvement_gap), objective=reached, bound=limit)]
    if model.breaches:
        parts.append(texts("answer_breaks", count=len(model.breaches)))
    return parts


def _objective(value: float, name: str, numbers: Numbers) -> str:
    if name == "loss":
        return numbers.texts("objective_loss", value=numbers.full_money(value))
    return numbers.texts("objective_expected", value=numbers.percent(value))
