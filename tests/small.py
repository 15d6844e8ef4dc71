"""Small hand-made instances: tables as lists of rows."""

from __future__ import annotations

from typing import Any

import pandas as pd

from optichain import Instance

Rows = list[dict[str, Any]]


def instance(
    *, planning: dict[str, Any] | None = None, horizon: float = 10.0, events: Any = None, **tables: Rows
) -> Any:
    """Return a checked instance; a chain, items and sites that are only named get a row of their own."""
    given = {name: list(rows) for name, rows in tables.items()}
    stock_rule = "survives"
    for table, key, users in (
        (
            "sites",
            "site",
            [("sources", "site"), ("lanes", "from_site"), ("lanes", "to_site"), ("stocks", "site")],
        ),
        ("items", "item", [("sources", "item"), ("bom", "item"), ("bom", "input"), ("lanes", "item")]),
    ):
        known = {row[key] for row in given.get(table, [])}
        named = [row[column] for other, column in users for row in given.get(other, []) if row.get(column)]
        given.setdefault(table, [])
        given[table] += [{key: name} for name in dict.fromkeys(named) if name not in known]
    chains = [row["chain"] for rows in given.values() for row in rows if row.get("chain")] or ["c"]
    given.setdefault("chains", [{"chain": name} for name in dict.fromkeys(chains)])
    for row in given.get("demands", []):
        row.setdefault("chain", chains[0])
        row.setdefault("value", 1.0)
    settings: dict[str, Any] = {
        "name": "small",
        "title": "Small",
        "horizon": horizon,
        "stock_at_failed_site": stock_rule,
    }
    settings["events"] = events or {}
    if planning is not None:
        settings["planning"] = planning
    return Instance.from_frames({name: pd.DataFrame(rows) for name, rows in given.items() if rows}, settings)


def two_measures() -> Instance:
    """Return a site whose failure is hardened against or recovered from, at the price of one year's budget each."""
    # hardening halves a loss of five weeks of ten: 0.5 without, 0.75 with
    return instance(
        planning={"years": [2026], "budget": [1.0]},
        sites=[{"site": "a", "recovery_time": 5, "annual_probability": 0.1}],
        sources=[{"site": "a", "item": "x", "capacity": 10}],
        demands=[{"item": "x", "rate": 10}],
        measures=[{"measure": "m", "chain": "c", "cost_1": 1}, {"measure": "n", "chain": "c", "cost_1": 1}],
        effects=[
            {"measure": "m", "effect": "harden", "target": "site:a", "amount": 0.5},
            {"measure": "n", "effect": "recover", "target": "site:a", "amount": 1},
        ],
    )


def two_chains(**more: Any) -> Any:
    """Two pairs of maker and product; hardening either maker costs 1 and saves half of a loss of one half."""
    return instance(
        planning={"years": [2026], "budget": [1.0], **more.pop("planning", {})},
        sites=[{"site": s, "recovery_time": 5, "annual_probability": 0.1} for s in "ab"],
        items=[{"item": "x", "chain": "X"}, {"item": "y", "chain": "Y"}],
        sources=[{"site": "a", "item": "x", "capacity": 10}, {"site": "b", "item": "y", "capacity": 10}],
        demands=[{"item": "x", "rate": 10, "chain": "X"}, {"item": "y", "rate": 10, "chain": "Y"}],
        chains=[{"chain": "X", "weight": 3.0}, {"chain": "Y", "weight": 1.0}],
        measures=[
            {"measure": "m", "chain": "X", "cost_1": 1},
            {"measure": "n", "chain": "Y", "cost_1": 1},
            *more.pop("also", []),
        ],
        effects=[
            {"measure": "m", "effect": "harden", "target": "site:a", "amount": 0.5},
            {"measure": "n", "effect": "harden", "target": "site:b", "amount": 0.5},
            *more.pop("effects", []),
        ],
        **more,
    )
