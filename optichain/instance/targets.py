"""What the text of a target means: ``S1:valve``, ``site:S1``, ``pump>casting``, ``valve@S1``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from optichain.instance.kinds import ELEMENT_KINDS
from optichain.instance.schema import split_labels

__all__ = [
    "TARGET_KINDS",
    "Names",
    "Target",
    "described_names",
    "parse_target",
    "resolve_target",
    "used_names",
]

TARGET_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "qualify": ("source", "lane", "link"),
    "expand": ("source", "lane", "site"),
    "stockpile": ("stock",),
    "harden": ELEMENT_KINDS,
    "recover": ELEMENT_KINDS,
    "switch": ("source", "lane", "link", "chain"),
    "own_ip": ("source",),
}
"""Kinds of target of each effect; ``link`` is ``item>input``, ``stock`` is ``item`` or ``item@site``."""


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


class Names:
    """Every name that a target can use, by kind; each kind is collected when it is first asked for.

    Parameters
    ----------
    by_kind : mapping of str to frozenset of str, optional
        Names known already.
    tables : mapping of str to DataFrame, optional
        Tables of an instance, to collect the rest from.
    """

    def __init__(
        self,
        by_kind: Mapping[str, frozenset[str]] | None = None,
        *,
        tables: Mapping[str, pd.DataFrame] | None = None,
    ) -> None:
        self._known = dict(by_kind or {})
        self._tables = tables

    @classmethod
    def of(cls, tables: Mapping[str, pd.DataFrame]) -> Names:
        """Return the names of the tables of an instance."""
        return cls(tables=tables)

    def of_kind(self, kind: str) -> frozenset[str]:
        """Return all names of a kind: those of the elements, ``chain``, or ``link`` (``item>input``)."""
        if kind not in self._known:
            self._known[kind] = frozenset() if self._tables is None else self._collect(kind, self._tables)
        return self._known[kind]

    def has(self, kind: str, name: str) -> bool:
        """Tell whether something of that kind has that name."""
        return name in self.of_kind(kind)

    def _collect(self, kind: str, tables: Mapping[str, pd.DataFrame]) -> frozenset[str]:
        if kind == "link":
            pairs = tables["bom"][["item", "input"]].drop_duplicates()
            made, used = pairs["item"].tolist(), pairs["input"].tolist()
            return frozenset(f"{item}>{input_}" for item, input_ in zip(made, used, strict=True))
        if kind not in ("enterprise", "region", "country", "group"):
            return _names(tables[f"{kind}s"][kind])
        return used_names(kind, tables)


def used_names(kind: str, tables: Mapping[str, pd.DataFrame]) -> frozenset[str]:
    """Return the enterprises, regions, countries or groups that sites, sources or lanes name: what can fail."""
    if kind != "group":
        return _names(tables["sites"][kind])
    columns = [tables[table]["groups"].dropna().unique().tolist() for table in ("sites", "sources", "lanes")]
    return frozenset(label for column in columns for text in column for label in split_labels(text))


def described_names(kind: str, tables: Mapping[str, pd.DataFrame]) -> frozenset[str]:
    """Return what the table ``elements`` may have facts about: `used_names`, chain owners and regions of chains."""
    more = {"enterprise": "chain_owners", "region": "chains"}.get(kind)
    return used_names(kind, tables) | (_names(tables[more][kind]) if more else frozenset())


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
        if (kind != "link" or ">" in text) and names.has(kind, text):
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
