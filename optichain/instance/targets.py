"""What the text of a target means: ``S1:valve``, ``site:S1``, ``pump>casting``, ``valve@S1``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from optichain.instance.schema import ELEMENT_KINDS, split_labels

__all__ = ["TARGET_KINDS", "Names", "Target", "parse_target", "resolve_target"]

TARGET_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "qualify": ("source", "lane", "link"),
    "expand": ("source", "lane", "site"),
    "stockpile": ("stock",),
    "harden": ELEMENT_KINDS,
    "recover": ELEMENT_KINDS,
    "switch": ("source", "lane", "link", "chain"),
    "own_ip": ("source",),
}
"""Kinds of target that each effect accepts; ``link`` is ``item>input``, ``stock`` is ``item`` or ``item@site``."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a target names.

    Attributes
    ----------
    kind : str
        One of the kinds of element, ``link``, ``chain`` or ``stock``.
    name : str
        Name of that kind; of stock the item.
    site : str or None
        Site of stock, where it names one.
    """

    kind: str
    name: str
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """Every name that a target can use, by kind."""

    by_kind: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, tables: Mapping[str, pd.DataFrame]) -> Names:
        """Collect the names of the tables of an instance."""
        sites, elements, bom = tables["sites"], tables["elements"], tables["bom"]
        by_kind: dict[str, frozenset[str]] = {
            "source": _names(tables["sources"]["source"]),
            "lane": _names(tables["lanes"]["lane"]),
            "link": frozenset(
                f"{made}>{used}"
                for made, used in zip(bom["item"].tolist(), bom["input"].tolist(), strict=True)
            ),
            "site": _names(sites["site"]),
            "item": _names(tables["items"]["item"]),
            "chain": _names(tables["chains"]["chain"]),
        }
        for kind in ("enterprise", "region", "country"):
            by_kind[kind] = _names(sites[kind])
        columns = (tables[table]["groups"] for table in ("sites", "sources", "lanes"))
        by_kind["group"] = frozenset(
            label
            for column in columns
            for text in column.dropna().unique().tolist()
            for label in split_labels(text)
        )
        kinds, targets = elements["kind"].to_numpy(dtype=object), elements["target"]
        for kind in ("enterprise", "region", "country", "group"):
            by_kind[f"used {kind}"] = by_kind[kind]
            by_kind[kind] |= _names(targets[kinds == kind])
        return cls(by_kind)

    def has(self, kind: str, name: str) -> bool:
        """Tell whether something of that kind has that name."""
        return name in self.by_kind.get(kind, ())


def _names(column: pd.Series) -> frozenset[str]:
    return frozenset(column.dropna().unique().tolist())


def parse_target(text: str, names: Names) -> Target | None:
    """Return what a target names, or ``None`` where it names nothing.

    The whole text is looked up among sources, lanes and ``item>input`` first, since names may hold ``:``
    (the default name of a source is ``site:item``); only then it is split at its first ``:``.

    Examples
    --------
    >>> names = Names({"source": frozenset({"S1:valve"}), "site": frozenset({"S1"})})
    >>> parse_target("S1:valve", names)
    Target(kind='source', name='S1:valve', site=None)
    >>> parse_target("site:S1", names)
    Target(kind='site', name='S1', site=None)
    """
    for kind in ("source", "lane", "link"):
        if names.has(kind, text):
            return Target(kind, text)
    kind, colon, name = text.partition(":")
    if colon and kind in (*ELEMENT_KINDS, "chain") and names.has(kind, name):
        return Target(kind, name)
    return None


def resolve_target(effect: str, text: str, names: Names) -> Target | None:
    """Return what the target of an effect names: for ``stockpile`` an item, for the others `parse_target`.

    Examples
    --------
    >>> names = Names({"item": frozenset({"valve"}), "site": frozenset({"S1"})})
    >>> resolve_target("stockpile", "valve@S1", names)
    Target(kind='stock', name='valve', site='S1')
    """
    if effect != "stockpile":
        return parse_target(text, names)
    item, at, site = text.partition("@")
    if not names.has("item", item):
        item = item.removeprefix("item:")
    if not names.has("item", item) or (at and not names.has("site", site)):
        return None
    return Target("stock", item, site if at else None)
