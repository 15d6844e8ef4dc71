"""Giving things other names throughout the tables of an instance, texts of targets included."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from optichain.instance.derive import lane_names, source_names
from optichain.instance.schema import TABLES
from optichain.instance.targets import Names, Target, resolve_target

__all__ = ["Renames", "rename"]

Renames = Mapping[str, Mapping[str, str]]
"""By kind (enterprise, item, site, measure, policy), old names and new."""

_KIND_OF_TABLE = {
    "items": "item",
    "sites": "site",
    "sources": "source",
    "lanes": "lane",
    "measures": "measure",
    "policies": "policy",
}


def rename(tables: Mapping[str, pd.DataFrame], renames: Renames) -> dict[str, pd.DataFrame]:
    """Return tables with other names.

    Sources and lanes that are called after their sites and items are called after the new ones.
    """
    if not any(renames.values()):
        return dict(tables)
    names = Names.of(tables)
    everything = {**{kind: dict(pairs) for kind, pairs in renames.items()}, **_derived(tables, renames)}
    found = {}
    for table, frame in tables.items():
        changed = frame.copy()
        for column in TABLES[table].columns:
            kind = _kind_of(table, column.name, column.references)
            if kind is not None and everything.get(kind):
                changed[column.name] = _mapped(frame[column.name], everything[kind])
        found[table] = changed
    for table in ("elements", "hits", "limits"):
        frame = found[table]
        pairs = zip(frame["kind"].tolist(), frame["target"].tolist(), strict=True)
        targets = [everything.get(kind, {}).get(target, target) for kind, target in pairs]
        found[table] = frame.assign(target=pd.Series(targets, index=frame.index, dtype=object))
    effects = found["effects"]
    texts = [
        _written(resolve_target(effect, text, names), text, everything)
        for effect, text in zip(effects["effect"].tolist(), effects["target"].tolist(), strict=True)
    ]
    found["effects"] = effects.assign(target=pd.Series(texts, index=effects.index, dtype=object))
    return found


def _kind_of(table: str, column: str, references: str | None) -> str | None:
    """Return what a column names."""
    if references is not None:
        return _KIND_OF_TABLE.get(references)
    if column == "enterprise" and table in ("sites", "chain_owners"):
        return "enterprise"
    return column if _KIND_OF_TABLE.get(table) == column else None


def _mapped(column: pd.Series, pairs: Mapping[str, str]) -> pd.Series:
    return pd.Series([pairs.get(cell, cell) for cell in column.tolist()], index=column.index, dtype=object)


def _derived(tables: Mapping[str, pd.DataFrame], renames: Renames) -> dict[str, dict[str, str]]:
    """Return the new names of sources and lanes whose names are made of others."""
    items, sites = renames.get("item", {}), renames.get("site", {})
    found = {}
    for table, kind, derive in (("sources", "source", source_names), ("lanes", "lane", lane_names)):
        frame = tables[table]
        changed = frame.copy()
        for column, pairs in (("item", items), ("site", sites), ("from_site", sites), ("to_site", sites)):
            if column in frame:
                changed[column] = _mapped(frame[column], pairs)
        rows = zip(frame[kind].tolist(), derive(frame), derive(changed), strict=True)
        found[kind] = {
            name: after
            for name, before, after in rows
            if name == before and after is not None and after != name
        }
    return found


def _written(target: Target | None, text: str, renames: Renames) -> str:
    """Return the text of a target with other names in it."""
    if target is None:
        return text

    def new(kind: str, name: str) -> str:
        return renames.get(kind, {}).get(name, name)

    if target.kind in ("source", "lane"):
        return new(target.kind, target.name)
    if target.kind == "link":
        made, _, used = target.name.partition(">")
        return f"{new('item', made)}>{new('item', used)}"
    if target.kind == "stock":
        place = "" if target.site is None else f"@{new('site', target.site)}"
        return f"{new('item', target.name)}{place}"
    return f"{target.kind}:{new(target.kind, target.name)}"
