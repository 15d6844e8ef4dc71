"""The activity network (3.1) and the state of it that measures bring about (page 2), row by row."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from oracle.data import Data, Row, labels, read

Commodity = tuple[str, str | None]
Element = tuple[str, str]


@dataclass
class Alternative:
    """One way of meeting a requirement."""

    name: str
    commodity: Commodity
    quantity: float
    status: str
    switch: float


@dataclass
class Activity:
    """A source or a lane."""

    kind: str
    name: str
    item: str
    site: str | None
    output: Commodity
    requirements: list[list[Alternative]]
    capacity: float
    load: float
    status: str
    switch: float
    elements: set[Element]
    own_time: float
    own_ip: str | None = None


@dataclass
class Store:
    """Stock of a commodity, at a site or pooled."""

    commodity: Commodity
    site: str | None
    quantity: float


@dataclass
class Demand:
    """What is wanted."""

    commodity: Commodity
    chain: str
    rate: float
    value: float


@dataclass
class Net:
    """Everything that the flow model reads."""

    data: Data
    activities: list[Activity]
    stores: list[Store]
    demands: list[Demand]
    site_capacity: dict[str, float]
    site_elements: dict[str, set[Element]]
    harden: list[tuple[Element, float]] = field(default_factory=list)
    recover: list[tuple[Element, float]] = field(default_factory=list)

    @property
    def commodities(self) -> list[Commodity]:
        """All commodities that anything speaks of."""
        found: dict[Commodity, None] = {}
        for a in self.activities:
            found[a.output] = None
            for group in a.requirements:
                found.update((o.commodity, None) for o in group)
        found.update((s.commodity, None) for s in self.stores)
        found.update((d.commodity, None) for d in self.demands)
        return list(found)


def _site_elements(row: Row) -> set[Element]:
    out = {("site", row["site"])}
    out |= {(kind, row[kind]) for kind in ("enterprise", "region", "country") if row.get(kind)}
    return out | {("group", g) for g in labels(row)}


def requirement_rates(data: Data) -> dict[str, float]:
    """Return the item's requirement: demand exploded along the first listed active alternative (page 2).

    A source with rows of its own does not change what the item as such requires, unless the item has no
    other rows: then the rows of the source stand for it that is listed first in the bill of materials, the first
    active one if there is one. A source of capacity 0 is absent.
    """
    items = [row["item"] for row in data["items"]]
    at = {item: i for i, item in enumerate(items)}
    demand = np.zeros(len(items))
    for row in data["demands"]:
        demand[at[row["item"]]] += row["rate"]
    need = np.zeros((len(items), len(items)))  # need[j, i]: units of j that one unit of i consumes
    for item in items:
        rows = [r for r in data["bom"] if r["item"] == item and not r.get("source")]
        if not rows:
            names = [r["source"] for r in data["bom"] if r["item"] == item]
            usable = {
                s["source"] for s in data["sources"] if s["status"] == "active" and s.get("capacity") != 0.0
            }
            first = next((name for name in names if name in usable), names[0] if names else None)
            rows = [r for r in data["bom"] if first is not None and r.get("source") == first]
        done = set()
        for k, row in enumerate(rows):
            label = row.get("requirement") or k
            if row["status"] == "active" and label not in done:
                done.add(label)
                need[at[row["input"]], at[item]] += row["quantity"]
    rate = np.linalg.solve(np.eye(len(items)) - need, demand)
    return {item: float(rate[at[item]]) for item in items}


def capacity_estimates(data: Data) -> dict[str, float]:
    """Return the estimated capacity of every source whose capacity is blank (page 2)."""
    surge = data.settings["defaults"]["surge"]
    rates = requirement_rates(data)

    def active(item: str) -> list[Row]:  # one with capacity 0 is absent; where none is active, all stand in
        there = [s for s in data["sources"] if s["item"] == item and s.get("capacity") != 0.0]
        return [s for s in there if s["status"] == "active"] or there

    def flow(source: Row) -> float:
        rate = rates[source["item"]]
        if "volume" in source:
            return float(source["volume"])
        if "share" in source:
            return float(source["share"]) * rate
        peers = active(source["item"])
        if source["status"] == "active" or source in peers:
            return rate / len(peers)
        return sum(flow(s) for s in peers) / len(peers)

    return {s["source"]: flow(s) * (1.0 + surge) for s in data["sources"] if "capacity" not in s}


def laned_items(data: Data) -> set[str]:
    """Return the items with rows in ``lanes``."""
    return {row["item"] for row in data["lanes"]}


def build(instance: Any, measures: Mapping[str, float] | None = None) -> Net:
    """Return the network with ``measures`` (name to units) in effect."""
    data = read(instance)
    default_time = data.settings["defaults"]["recovery_time"]
    laned = laned_items(data)
    sites = {row["site"]: row for row in data["sites"]}
    site_elements = {name: _site_elements(row) for name, row in sites.items()}
    estimates = capacity_estimates(data)
    site_time = {name: float(row.get("recovery_time", default_time)) for name, row in sites.items()}

    def commodity(item: str, site: str | None) -> Commodity:
        return (item, site if item in laned else None)

    activities = []
    for row in data["sources"]:
        own = [r for r in data["bom"] if r.get("source") == row["source"]]
        rows = own or [r for r in data["bom"] if r["item"] == row["item"] and not r.get("source")]
        groups: dict[Any, list[Alternative]] = {}
        for k, r in enumerate(rows):
            groups.setdefault(r.get("requirement") or k, []).append(
                Alternative(
                    f"{r['item']}>{r['input']}",
                    commodity(r["input"], row["site"]),
                    float(r["quantity"]),
                    r["status"],
                    float(r["switch_time"]),
                )
            )
        elements = {("source", row["source"]), ("item", row["item"])} | site_elements[row["site"]]
        activities.append(
            Activity(
                "source",
                row["source"],
                row["item"],
                row["site"],
                commodity(row["item"], row["site"]),
                list(groups.values()),
                float(row.get("capacity", estimates.get(row["source"]))),
                float(row["load"]),
                row["status"],
                float(row["switch_time"]),
                elements | {("group", g) for g in labels(row)},
                site_time[row["site"]],
                row.get("own_ip"),
            )
        )
    provided_at = {(row["item"], row["site"]) for row in data["sources"]}
    for row in data["lanes"]:
        elements = {("lane", row["lane"])} | {("group", g) for g in labels(row)}
        hub = (row["item"], row["from_site"]) not in provided_at
        if hub:
            elements |= site_elements[row["from_site"]]
        own_time = row.get("recovery_time", site_time[row["from_site"]] if hub else default_time)
        carried = Alternative("", (row["item"], row["from_site"]), 1.0, "active", 0.0)
        activities.append(
            Activity(
                "lane",
                row["lane"],
                row["item"],
                None,
                (row["item"], row["to_site"]),
                [[carried]],
                float(row["capacity"]),
                0.0,
                row["status"],
                float(row["switch_time"]),
                elements,
                float(own_time),
            )
        )
    rates = requirement_rates(data)
    covers = {}
    for row in data["stocks"]:
        if "quantity" not in row:
            covers[row["item"]] = covers.get(row["item"], 0) + 1
    stores = []
    for row in data["stocks"]:
        amount = (
            row["quantity"] if "quantity" in row else row["cover"] * rates[row["item"]] / covers[row["item"]]
        )
        stores.append(Store(commodity(row["item"], row.get("site")), row.get("site"), float(amount)))
    demands = [
        Demand(commodity(r["item"], r.get("site")), r["chain"], float(r["rate"]), float(r["value"]))
        for r in data["demands"]
    ]
    capacity = {name: float(row["capacity"]) for name, row in sites.items()}
    stated = {("source", r["source"]): r.get("capacity") for r in data["sources"]}
    stated |= {("lane", r["lane"]): r["capacity"] for r in data["lanes"]}
    grown = {resolve(data, e["target"]) for e in data["effects"] if e["effect"] == "expand"}

    def absent(a: Activity) -> bool:
        """Capacity 0, as stated, of the activity or of its site means absent, unless a measure can expand it."""
        shut = (
            a.kind == "source"
            and a.load > 0.0
            and capacity[a.site or ""] == 0.0
            and ("site", a.site) not in grown
        )
        return shut or (stated[a.kind, a.name] == 0.0 and (a.kind, a.name) not in grown)

    net = Net(data, [a for a in activities if not absent(a)], stores, demands, capacity, site_elements)
    for name, units in (measures or {}).items():
        for effect in data["effects"]:
            if effect["measure"] == name and units > 0:
                _apply(net, effect, float(units))
    return net


def resolve(data: Data, target: str) -> Element:
    """Return the kind and the name of a target: sources and lanes first, then ``kind:name`` (page 2)."""
    if any(row["source"] == target for row in data["sources"]):
        return ("source", target)
    if any(row["lane"] == target for row in data["lanes"]):
        return ("lane", target)
    if any(f"{row['item']}>{row['input']}" == target for row in data["bom"]):
        return ("bom", target)
    kind, _, name = target.partition(":")
    return (kind, name)


def _apply(net: Net, effect: Row, units: float) -> None:
    data = net.data
    what, amount = effect["effect"], float(effect.get("amount", 0.0)) * units
    if what == "stockpile":
        item, _, site = effect["target"].partition("@")
        laned = item in laned_items(data)
        net.stores.append(Store((item, site if laned else None), site or None, amount))
        return
    kind, name = resolve(data, effect["target"])
    if what in ("harden", "recover"):
        getattr(net, what).append(((kind, name), float(effect["amount"])))
        return
    activities = [a for a in net.activities if (a.kind, a.name) == (kind, name)]
    alternatives = [
        o for a in net.activities for g in a.requirements for o in g if kind == "bom" and o.name == name
    ]
    if what == "qualify":
        for thing in (*activities, *alternatives):
            if thing.status == "potential":
                thing.status = "qualified"
    elif what == "expand":
        for a in activities:
            a.capacity += amount
        if kind == "site":
            net.site_capacity[name] += amount
    elif what == "switch":
        if kind == "chain":
            items = {row["item"] for row in data["items"] if row.get("chain") == name}
            activities = [a for a in net.activities if a.item in items]
            alternatives = [o for a in activities for g in a.requirements for o in g if o.name]
        for thing in (*activities, *alternatives):
            thing.switch = max(0.0, thing.switch - amount)
    elif what == "own_ip":
        for a in activities:
            a.own_ip = "yes"
    else:
        raise AssertionError(effect)


def blocks(net: Net) -> list[set[Any]]:
    """Return the blocks as sets of ("commodity", c), ("activity", name), ("chain", name) and ("site", name)."""
    links: list[tuple[Any, Any]] = []
    nodes: dict[Any, None] = {("commodity", c): None for c in net.commodities}
    for a in net.activities:
        me = ("activity", a.name)
        nodes[me] = None
        links.append((me, ("commodity", a.output)))
        links += [(me, ("commodity", o.commodity)) for g in a.requirements for o in g]
        if a.kind == "source" and a.load > 0.0 and math.isfinite(net.site_capacity[a.site or ""]):
            nodes[("site", a.site)] = None
            links.append((me, ("site", a.site)))
    for d in net.demands:
        nodes[("chain", d.chain)] = None
        links.append((("chain", d.chain), ("commodity", d.commodity)))
    parts = {node: {node} for node in nodes}
    for x, y in links:
        if parts[x] is not parts[y]:
            parts[x] |= parts[y]
            for node in parts[y]:
                parts[node] = parts[x]
    unique: dict[int, set[Any]] = {id(p): p for p in parts.values()}
    return list(unique.values())
