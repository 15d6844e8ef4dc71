"""References: every name that a cell uses is a name that some table has."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from optichain.instance.draft import Draft
from optichain.instance.raw import quoted
from optichain.instance.schema import TABLES
from optichain.instance.targets import Names, described_names
from optichain.nearest import nearest_hint

__all__ = ["check"]

_KIND_TABLES: Final = {
    "site": ("sites",),
    "source": ("sources",),
    "lane": ("lanes",),
    "item": ("items",),
    "enterprise": ("sites",),
    "region": ("sites",),
    "country": ("sites",),
    "group": ("sites", "sources", "lanes"),
}


def check(draft: Draft) -> None:
    """Check columns that name a row of another table, and targets of hits, elements and limits."""
    for table, definition in TABLES.items():
        if draft.frames[table].empty:
            continue
        for column in definition.columns:
            if column.references is not None and column.references not in draft.unusable:
                _check_column(draft, table, column.name, column.references)
    names = Names.of(draft.frames)
    _check_hits(draft, names)
    _check_elements(draft, names)
    _check_limits(draft)


def _check_column(draft: Draft, table: str, column: str, references: str) -> None:
    cells = draft.values(table, column)
    names = draft.names(references)
    dangling = ~pd.Index(cells, dtype=object).isin(names) & ~pd.isna(cells) & draft.sound(table, column)
    # The chain of a demand may come from its item, where it is reported already.
    if (table, column) == ("demands", "chain"):
        item_chain = dict(zip(draft.values("items", "item"), draft.values("items", "chain"), strict=True))
        own = [item_chain.get(item) for item in draft.values("demands", "item")]
        dangling &= np.array([cell != chain for cell, chain in zip(cells, own, strict=True)], dtype=bool)
    draft.fault(
        table,
        dangling,
        column,
        "dangling-reference",
        lambda k: f"found {quoted(cells[k])}, expected a name that {_place(draft, references)} holds",
        lambda k: nearest_hint(str(cells[k]), names),
    )


def _place(draft: Draft, table: str) -> str:
    return draft.files[table] if draft.files[table] != table else f"the table {table}"


def _check_hits(draft: Draft, names: Names) -> None:
    """Check that a hit hits something that is there."""
    _check_targets(draft, "hits", names, described=False)


def _check_elements(draft: Draft, names: Names) -> None:
    """Check that elements are of something that another table names."""
    _check_targets(draft, "elements", names, described=True)


def _check_targets(draft: Draft, table: str, names: Names, *, described: bool) -> None:
    kinds, targets = draft.values(table, "kind"), draft.values(table, "target")
    sound = draft.sound(table, "kind", "target")
    for kind in sorted({kind for kind in kinds.tolist() if kind is not None}):
        needed = _KIND_TABLES[kind]
        if described:
            needed = (*needed, "sites", "chains", "chain_owners")
        if draft.unusable.intersection(needed):
            continue
        known = described_names(kind, draft.frames) if described else names.of_kind(kind)
        dangling = (
            (kinds == kind) & ~pd.Index(targets, dtype=object).isin(list(known)) & ~pd.isna(targets) & sound
        )
        draft.fault(
            table,
            dangling,
            "target",
            "dangling-reference",
            lambda k, kind=kind: f"found the {kind} {quoted(targets[k])}, expected one that the tables use",  # type: ignore[misc]
            lambda k, known=known: nearest_hint(str(targets[k]), sorted(known)[:20_000]),  # type: ignore[misc]
        )


def _check_limits(draft: Draft) -> None:
    """Check that the target of a limit is a name of the kind that it says."""
    if draft.unusable.intersection(("chains", "chain_owners")):
        return
    known = {
        "cluster": set(draft.frames["chains"]["cluster"].dropna()),
        "region": set(draft.frames["chains"]["region"].dropna()),
        "chain": set(draft.frames["chains"]["chain"].dropna()),
        "enterprise": set(draft.frames["chain_owners"]["enterprise"].dropna()),
        "measure_kind": set(TABLES["measures"].column("kind").choices),
    }
    where = {"enterprise": "a chain owner", "measure_kind": "a kind of measure"}
    kinds, targets = draft.values("limits", "kind"), draft.values("limits", "target")
    for k, (kind, target) in enumerate(zip(kinds.tolist(), targets.tolist(), strict=True)):
        if kind in known and target is not None and target not in known[kind]:
            expected = where.get(kind, f"a {kind} of the chains")
            draft.fault(
                "limits",
                [k],
                "target",
                "dangling-reference",
                f"found {quoted(target)}, expected {expected}",
                nearest_hint(target, sorted(known[kind])),
            )
