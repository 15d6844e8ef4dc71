"""The same instance written otherwise: other names, another order of rows, other units. Nothing of it may matter.

Names travel with their meaning through every table; of each item, of each site's capacity, of money and of time the
unit can change. `Rewritten` reads results back into the names and units of the original.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from strategies import Pair

__all__ = ["ODD_NAMES", "Rewritten", "Units", "plain_names", "renamed", "reordered", "rescaled"]

Tables = dict[str, pd.DataFrame]

ODD_NAMES = (
    "é",
    "e\u0301",  # the same letter in two characters: another name
    "深圳厂",
    "ÄÖÜ ß",
    "مصنع",
    "工厂（一）",
    "🏭",
    "a b  c",
    "NaN",
    "null",
    "None",
    "true",
    "0",
    "00",
    "1e5",
    "-1",
    "=1+1",
    "x:y",
    "'",
    '"',
    "a,b",
    "a\\b",
    "%s",
    "{}",
    "<b",
    "&amp",
    "$x$",
    "z",
    "Z",
    "ﬁ",
    "K",  # the Kelvin sign
    "i",
    "İ",
    "#",
    "!",
    "~",
    "_",
    "\u200bq",
    "𝔘",
)

_NAMED: Mapping[str, tuple[str, ...]] = {
    "chains": ("chain", "cluster", "region"),
    "chain_owners": ("chain", "enterprise"),
    "items": ("item", "chain"),
    "sites": ("site", "enterprise", "region", "country", "groups"),
    "elements": ("target",),
    "sources": ("source", "site", "item", "groups"),
    "bom": ("item", "input", "requirement", "source"),
    "lanes": ("lane", "item", "from_site", "to_site", "groups"),
    "stocks": ("item", "site"),
    "demands": ("item", "site", "chain"),
    "events": ("event",),
    "hits": ("event", "target"),
    "measures": ("measure", "chain"),
    "effects": ("measure", "target"),
    "measure_rules": ("measure", "other"),
    "policies": ("policy", "chain"),
    "policy_measures": ("policy", "measure"),
    "limits": ("limit", "target"),
    "running": ("chain", "measure"),
}
_KINDS = ("site", "source", "lane", "item", "enterprise", "region", "country", "group", "chain")


@dataclass(frozen=True)
class Units:
    """How many new units one old one is: of money, of time, of items and of the capacity of sites by name."""

    money: float = 1.0
    time: float = 1.0
    items: Mapping[str, float] = field(default_factory=dict)
    sites: Mapping[str, float] = field(default_factory=dict)

    def item(self, name: str) -> float:
        return self.items.get(name, 1.0)

    def site(self, name: str) -> float:
        return self.sites.get(name, 1.0)


@dataclass(frozen=True)
class Rewritten:
    """An instance written otherwise.

    Attributes
    ----------
    pair : (settings, tables)
    old : mapping
        Original names by new ones; names that are not in it are as they were.
    units : Units
    """

    pair: Pair
    old: Mapping[str, str] = field(default_factory=dict)
    units: Units = field(default_factory=Units)

    def was(self, name: Any) -> Any:
        """Return the original name."""
        return self.old.get(name, name) if isinstance(name, str) else None if name is None else name


def _text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def plain_names(tables: Tables) -> list[str]:
    """Return every name of an instance that somebody chose; not those made from others."""
    found: dict[str, None] = {}
    for table, columns in _NAMED.items():
        for column in columns:
            if column == "target" or column not in tables.get(table, ()):
                continue
            for value in tables[table][column]:
                for name in value.split(";") if column == "groups" and _text(value) else [value]:
                    if _text(name):
                        found[name.strip()] = None
    return list(found)


def renamed(pair: Pair, names: Iterable[str]) -> Rewritten:
    """Return the instance with new names, the first for the first of `plain_names` and so on.

    Parameters
    ----------
    pair : (settings, tables)
    names : iterable of str
        Enough names, no two alike.
    """
    settings, tables = pair
    new = dict(zip(plain_names(tables), names, strict=False))
    made = _made_names(tables, new)

    def name(value: str) -> str:
        """Return the new text of a name, or of a target made of names."""
        if value in made:
            return made[value]
        if value in new:
            return new[value]
        for mark in ("@", ">"):
            first, between, second = value.partition(mark)
            if between and first in new and second in new:
                return new[first] + mark + new[second]
        kind, colon, rest = value.partition(":")
        assert colon, value
        assert kind in _KINDS, value
        return f"{kind}:{name(rest)}"

    result: Tables = {}
    for table, frame in tables.items():
        copy = frame.copy()
        for column in _NAMED.get(table, ()):
            if column not in copy:
                continue
            kinds = copy["kind"] if table == "limits" and column == "target" else None
            copy[column] = [
                value
                if not _text(value) or (kinds is not None and kinds.iloc[k] in ("measure_kind", "all"))
                else "; ".join(name(part.strip()) for part in value.split(";"))
                for k, value in enumerate(copy[column])
            ]
        result[table] = copy
    old = {**{b: a for a, b in new.items()}, **{b: a for a, b in made.items()}}
    events = {f"{kind}:{b}": f"{kind}:{a}" for kind in _KINDS for a, b in [*new.items(), *made.items()]}
    places = {
        f"{i2}@{s2}": f"{i}@{s}"
        for i, i2 in new.items()
        for s, s2 in new.items()
        if i in set(tables["items"]["item"])
    }
    return Rewritten((settings, result), {**events, **places, **old})


def _made_names(tables: Tables, new: Mapping[str, str]) -> dict[str, str]:
    """Return the new names of sources and lanes that are named after item and sites."""
    made = {}
    sources = tables["sources"]
    for k in range(len(sources)):
        row = sources.iloc[k]
        if not _text(row.get("source")):
            made[f"{row['site']}:{row['item']}"] = f"{new[row['site']]}:{new[row['item']]}"
    lanes = tables.get("lanes", pd.DataFrame())
    for k in range(len(lanes)):
        row = lanes.iloc[k]
        if not _text(row.get("lane")):
            item, start, end = row["item"], row["from_site"], row["to_site"]
            made[f"{item}:{start}>{end}"] = f"{new[item]}:{new[start]}>{new[end]}"
    return made


def reordered(pair: Pair, rng: np.random.Generator) -> Rewritten:
    """Return the instance with rows and columns in another order.

    Only the rows of one item in the bill of materials keep their order among themselves: the first active alternative
    is the one that estimates go along.
    """
    settings, tables = pair
    result: Tables = {}
    for table, frame in tables.items():
        order = rng.permutation(len(frame))
        if table == "bom":
            places = {}
            for k in order.tolist():  # each item's places, filled in the old order
                places.setdefault(frame["item"].iloc[k], []).append(k)
            queue = {item: sorted(rows) for item, rows in places.items()}
            order = np.array([queue[frame["item"].iloc[k]].pop(0) for k in order.tolist()], dtype=int)
        columns = rng.permutation(len(frame.columns))
        result[table] = frame.iloc[order, columns].reset_index(drop=True)
    return Rewritten((settings, result))


def _times(frame: pd.DataFrame, column: str, factor: Any) -> None:
    """Multiply the numbers of a column, words and blanks left as they are."""
    if column not in frame:
        return
    factors = np.broadcast_to(np.asarray(factor, dtype=float), len(frame))
    frame[column] = [
        value if isinstance(value, str) or value is None or math.isnan(value) else value * f
        for value, f in zip(frame[column].tolist(), factors.tolist(), strict=True)
    ]


def rescaled(pair: Pair, units: Units) -> Rewritten:
    """Return the instance in other units."""
    old, before = pair
    tables = {name: frame.copy() for name, frame in before.items()}
    money, time = units.money, units.time
    settings = {**old, "horizon": old.get("horizon", 52.0) * time}
    defaults = dict(old.get("defaults", {}))
    settings["defaults"] = {**defaults, "recovery_time": defaults.get("recovery_time", 12.0) * time}
    if "planning" in old:
        planning = dict(old["planning"])
        for key in ("budget", "tail_budget"):
            if key in planning:
                planning[key] = [amount * money for amount in planning[key]]
        settings["planning"] = planning

    def of_item(table: str, column: str = "item") -> Any:
        return [units.item(name) for name in tables[table][column]] if table in tables else []

    if "chains" in tables:
        for column in ("support_min", "support_max"):
            _times(tables["chains"], column, money)
    for table in ("sites", "elements", "lanes"):
        if table in tables:
            _times(tables[table], "recovery_time", time)
    _times(tables["sites"], "capacity", [units.site(s) / time for s in tables["sites"]["site"]])
    sources, factor = tables["sources"], np.array(of_item("sources"))
    room = np.array([units.site(s) for s in sources["site"]])
    if "load" not in sources:
        sources["load"] = 1.0
    sources["load"] = [1.0 if x is None or x != x else x for x in sources["load"].tolist()]
    for column, by in (
        ("capacity", factor / time),
        ("volume", factor / time),
        ("load", room / factor),
        ("switch_time", time),
    ):
        _times(sources, column, by)
    if "bom" in tables:
        _times(tables["bom"], "quantity", np.array(of_item("bom", "input")) / np.array(of_item("bom")))
        _times(tables["bom"], "switch_time", time)
    if "lanes" in tables:
        _times(tables["lanes"], "capacity", np.array(of_item("lanes")) / time)
        _times(tables["lanes"], "switch_time", time)
    if "stocks" in tables:
        _times(tables["stocks"], "quantity", of_item("stocks"))
        _times(tables["stocks"], "cover", time)
    _times(tables["demands"], "rate", np.array(of_item("demands")) / time)
    _times(tables["demands"], "value", money / np.array(of_item("demands")))
    if "hits" in tables:
        _times(tables["hits"], "duration", time)
    if "measures" in tables:
        for column in ("cost_1", "cost_2", "cost_3", "co_funding"):
            _times(tables["measures"], column, money)
    if "limits" in tables:
        spend = [money if on == "spend" else 1.0 for on in tables["limits"]["on"]]
        for column in ("min", "max"):
            _times(tables["limits"], column, spend)
    if "effects" in tables and "amount" in tables["effects"]:
        item_of = _items_of_activities(before)
        factors = []
        for effect, target in zip(tables["effects"]["effect"], tables["effects"]["target"], strict=True):
            if effect == "stockpile":
                factors.append(units.item(target.removeprefix("item:").partition("@")[0]))
            elif effect == "expand":
                name = target if target in item_of else target.partition(":")[2]
                grown = units.item(item_of[name]) if name in item_of else units.site(name)
                factors.append(grown / time)
            else:
                factors.append(time if effect in ("recover", "switch") else 1.0)
        _times(tables["effects"], "amount", factors)
    return Rewritten((settings, tables), units=units)


def _items_of_activities(tables: Tables) -> dict[str, str]:
    found = {}
    for k in range(len(tables["sources"])):
        row = tables["sources"].iloc[k]
        found[row["source"] if _text(row.get("source")) else f"{row['site']}:{row['item']}"] = row["item"]
    lanes = tables.get("lanes", pd.DataFrame())
    for k in range(len(lanes)):
        row = lanes.iloc[k]
        made = f"{row['item']}:{row['from_site']}>{row['to_site']}"
        found[row["lane"] if _text(row.get("lane")) else made] = row["item"]
    return found
