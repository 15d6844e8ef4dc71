"""From the report of a plan to the report of one chain."""

from __future__ import annotations

import dataclasses

from optichain.errors import UsageError
from optichain.nearest import nearest_clause
from optichain_reports.model import Evidence, KindCount, ReportModel, SpofRoot

__all__ = ["focused"]


def focused(model: ReportModel, chain: str) -> ReportModel:
    """Return what concerns one chain; `summary`, claims and provenance stay those of the whole plan.

    Raises
    ------
    UsageError
        There is no such chain, or nothing is demanded of it.
    """
    names = [dossier.chain for dossier in model.dossiers]
    if chain not in names:
        known = any(row.chain == chain for row in model.chains)
        why = "nothing is demanded of it" if known else "the instance has no such chain"
        hint = "" if known else nearest_clause(chain, names)
        raise UsageError(f"no dossier of chain {chain!r}: {why}{hint}")
    dossier = next(d for d in model.dossiers if d.chain == chain)
    unmapped = tuple(spot.what for spot in dossier.blind_spots if spot.kind == "unmapped")
    return dataclasses.replace(
        model,
        chain=chain,
        funded=tuple(
            m for m in model.funded if m.chain == chain or (m.chain is None and m.measure in dossier.shared)
        ),
        evidence=_evidence(model.evidence, chain, dossier.shared),
        money=(),
        progress=(),
        chains=tuple(row for row in model.chains if row.chain == chain),
        spof_counts=_counts(dossier.spofs, model.spof_counts),
        spofs=dossier.spofs,
        spofs_measured=dossier.spofs_measured,
        events=(),
        support=tuple(row for row in model.support if row.chain == chain),
        left_out=tuple(row for row in model.left_out if row.chain == chain),
        frontier=(),
        value_of_money=(),
        home=tuple(row for row in model.home if row.chain == chain),
        impacts=tuple(row for row in model.impacts if row.chain == chain),
        dossiers=(dossier,),
        pictures=tuple(p for p in model.pictures if p.chain == chain),
        assumptions=(),
        warnings=(),
        unmapped=(),
        unmapped_items=unmapped,
        unprovidable=(),
        loops=(),
    )


def _evidence(whole: Evidence, chain: str, shared: tuple[str, ...]) -> Evidence:
    """Return what the measures of one chain buy; how the whole plan compares is no matter of one chain."""
    bought = tuple(
        b
        for b in whole.bought
        if (b.chain is not None and b.chain.name == chain) or (b.chain is None and b.measure.name in shared)
    )
    firmness = dataclasses.replace(whole.firmness, standings=(), flips=())
    return Evidence((), None, bought, (), firmness, (), (), ())


def _counts(spofs: tuple[SpofRoot, ...], kinds: tuple[KindCount, ...]) -> tuple[KindCount, ...]:
    """Count what stops the chain by kind, before and after."""
    after = {(e.kind, e.name) for root in spofs for e in root.remaining}
    fresh = {(e.kind, e.name) for root in spofs if root.state == "new" for e in root.remaining}
    before = {(e.kind, e.name) for root in spofs for e in root.cleared} | (after - fresh)
    counts = (
        KindCount(c.kind, sum(k == c.kind for k, _ in before), sum(k == c.kind for k, _ in after))
        for c in kinds
    )
    return tuple(count for count in counts if count.before or count.after)
