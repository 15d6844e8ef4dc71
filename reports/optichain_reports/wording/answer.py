"""The answer in one paragraph: what to fund, what it buys, and how good it is known to be."""

from __future__ import annotations

from optichain.design.plan import PROVEN
from optichain_reports.wording.placed import Placed
from optichain_reports.wording.writer import Writer

__all__ = ["answer", "answer_for_chain"]


def answer(report: Placed, writer: Writer) -> tuple[list[str], list[str], list[str]]:
    """Return the sentences of the answer: what to fund, what it buys, how good it is known to be."""
    return _what(report, writer), _buys(report, writer), _how_good(report, writer)


def answer_for_chain(report: Placed, writer: Writer) -> tuple[list[str], list[str], list[str]]:
    """Return the sentences of the answer for the one chain that a report is about."""
    chain = report.chains[0]
    own = [m for m in report.funded if m.chain is not None]
    first = [writer.text("chain_nothing")]
    if own:
        first = [
            writer.text(
                "chain_fund",
                measures=writer.counted("measures", report.support[0].measures),
                year=writer.year(chain.start_year),
                cost=writer.full_money(chain.funded),
            )
        ]
    before, after = writer.two(writer.percent, chain.acc_before, chain.acc_after)
    known = chain.avoidable_share.known and chain.loss_avoided.value >= 0.0
    buys = [
        writer.text(
            "chain_buys" if known else "chain_buys_plain",
            before=writer.full_money(chain.loss_before),
            after=writer.full_money(chain.loss_after),
            avoided=writer.full_money(chain.loss_avoided),
            share=writer.percent(chain.avoidable_share),
        ),
        writer.text("chain_acc", before=before, after=after),
    ]
    why = [writer.text("chain_why", why=writer.text(f"unfunded_{row.why}")) for row in report.left_out]
    return first, buys, why


def _what(report: Placed, writer: Writer) -> list[str]:
    s = report.summary
    if s.measures:
        key = "answer_fund_shared" if any(m.chain is None for m in report.funded) else "answer_fund"
        if s.first_year.known:
            key += "_in_year" if s.first_year.value == s.last_year.value else "_in_years"
        parts = [
            writer.text(
                key,
                measures=writer.counted("measures", s.measures),
                supported=writer.count(s.chains_supported),
                chains=writer.counted("chains", s.chains),
                cost=writer.full_money(s.new_cost),
                first=writer.year(s.first_year),
                last=writer.year(s.last_year),
            )
        ]
    else:
        parts = [writer.text("answer_nothing")]
    if s.committed:
        parts.append(writer.text("answer_committed", cost=writer.full_money(s.committed)))
    if s.co_funding:
        parts.append(writer.text("answer_co_funding", cost=writer.full_money(s.co_funding)))
    return parts


def _buys(report: Placed, writer: Writer) -> list[str]:
    s = report.summary
    before, after = writer.two(writer.percent, s.acc_before, s.acc_after)
    known = s.avoidable_share.known and s.loss_avoided.value >= 0.0
    return [
        writer.text(
            "answer_buys" if known else "answer_buys_plain",
            before=writer.full_money(s.loss_before),
            after=writer.full_money(s.loss_after),
            avoided=writer.full_money(s.loss_avoided),
            share=writer.percent(s.avoidable_share),
        ),
        writer.text("answer_acc", before=before, after=after),
    ]


def _how_good(report: Placed, writer: Writer) -> list[str]:
    s = report.summary
    if s.status == "given":
        parts = [writer.text("answer_given")]
    elif s.objective_name == "cost" and s.bound.known:
        cost, bound = writer.two(writer.full_money, s.objective, s.bound)
        key = "answer_cheapest" if s.gap.value <= PROVEN else "answer_cheap"
        parts = [writer.text(key, cost=cost, bound=bound)]
    elif not (s.bound.known and s.improvement_gap.known):
        parts = [writer.text("answer_no_bound")]
    elif s.improvement_gap.value <= PROVEN:
        parts = [writer.text("answer_optimal")]
    else:
        key = "answer_near" if s.status == "optimal" else "answer_stopped"
        say = writer.full_money if s.objective_name == "loss" else writer.percent
        reached, limit = (
            writer.text(f"objective_{s.objective_name}", value=value)
            for value in writer.two(say, s.objective, s.bound)
        )
        parts = [writer.text(key, gap=writer.percent(s.improvement_gap), objective=reached, bound=limit)]
    if report.breaches:
        parts.append(writer.text("answer_breaks", count=writer.count(report.breaches.size)))
    return parts
