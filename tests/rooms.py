"""Random networks whose products share a plant that is short of room, while parts fail and come back."""

from __future__ import annotations

from typing import Any

import pandas as pd

from optichain import Instance
from strategies import SeededDraw

Rows = list[dict[str, Any]]


def rooms(seed: int) -> Any:
    """Return a checked instance: two or three products of a plant, each of a part of its own and of others'."""
    d = SeededDraw(seed)
    count = d.whole(2, 3)
    products, parts = [f"P{i}" for i in range(count)], [f"M{i}" for i in range(count)]
    works = [f"works{i}" for i in range(count)]
    sites: Rows = [
        {"site": s, "recovery_time": d.pick([2.0, 3.0, 5.0]), "annual_probability": 0.1}
        for s in ("plant", "annex", *works)
    ]
    sites[0]["capacity"] = d.pick([12.0, 15.0, 15.0, 20.0, 25.0, 30.0])
    if d.chance(50):
        sites[1]["capacity"] = d.pick([8.0, 12.0, 15.0, 20.0])
    sources: Rows = []
    bom: Rows = []

    def late(percent: int) -> dict[str, Any]:
        return {"status": "qualified", "switch_time": d.pick([1.0, 3.0])} if d.chance(percent) else {}

    for product, part in zip(products, parts, strict=True):
        load, capacity = d.pick([1.0, 1.0, 1.0, 0.5, 2.0]), d.pick(["unlimited", 12.0, 20.0, 30.0])
        sources.append({"site": "plant", "item": product, "capacity": capacity, "load": load})
        if d.chance(30):
            sources.append(
                {"site": "annex", "item": product, "capacity": d.pick(["unlimited", 5.0]), **late(50)}
            )
        bom.append({"item": product, "input": part, "quantity": d.pick([1.0, 1.0, 0.5, 2.0])})
        other = d.pick(parts)
        if other != part and d.chance(30):
            label = d.pick(["apart", "either"])
            bom[-1]["requirement"] = "either"
            bom.append({"item": product, "input": other, "requirement": label, **late(50), "quantity": 1.0})
    for i, part in enumerate(parts):
        site = d.pick([works[i], works[i], "annex"])
        sources.append({"site": site, "item": part, "capacity": d.pick([10.0, 10.0, 12.0, 20.0, 30.0])})
        if d.chance(60):
            bom.append({"item": part, "input": f"R{i}", "quantity": 1.0})
            sources.append({"site": works[i], "item": f"R{i}", "capacity": d.pick([10.0, 10.0, 20.0])})
        if d.chance(20):
            sources.append({"site": works[i - 1], "item": part, "capacity": 5.0, **late(100)})
    items = list(dict.fromkeys(s["item"] for s in sources))
    values = [1.0, *(d.pick([1.0, 1.0, 2.0, 0.0]) for _ in products[1:])]
    targets = [("harden", "site:plant", 0.5), ("recover", "site:works0", 2.0), ("expand", "site:plant", 5.0)]
    targets.append(("stockpile", f"{d.pick(items)}@plant", 10.0))
    hits: Rows = []
    for event in ("e0", "e1", "e2"):
        hits.append({"event": event, "kind": "item", "target": d.pick(parts), "duration": d.pick([2.0, 5.0])})
        if d.chance(40):
            loss = d.pick([0.25, 0.5])
            hits.append({"event": event, "kind": "site", "target": "plant", "duration": 7.0, "loss": loss})
    tables = {
        "sites": sites,
        "items": [{"item": i} for i in items],
        "chains": [{"chain": "C"}],
        "sources": sources,
        "bom": bom,
        "demands": [
            {"item": p, "rate": 10.0, "value": v, "chain": "C"} for p, v in zip(products, values, strict=True)
        ],
        "stocks": [
            {"item": i, "site": "plant", "quantity": d.pick([5.0, 20.0])} for i in items if d.chance(20)
        ],
        "events": [{"event": e, "annual_probability": 0.1} for e in ("e0", "e1", "e2")],
        "hits": hits,
        "measures": [{"measure": f"m{i}", "cost_1": 1.0} for i in range(2)],
        "effects": [
            {"measure": f"m{i}", "effect": effect, "target": target, "amount": amount}
            for i, (effect, target, amount) in enumerate(d.pick(targets) for _ in range(2))
        ],
    }
    settings = {
        "name": "rooms",
        "title": "Rooms",
        "horizon": d.pick([6.0, 10.0, 20.0]),
        "stock_at_failed_site": d.pick(["survives", "lost"]),
        "events": {"single_site": True},
        "planning": {"years": [2026], "budget": [5.0]},
    }
    return Instance.from_frames({name: pd.DataFrame(rows) for name, rows in tables.items() if rows}, settings)
