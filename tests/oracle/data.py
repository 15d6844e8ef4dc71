"""The tables of an instance as plain rows, with every default of the format filled in by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

Row = dict[str, Any]

_DEFAULTS: dict[str, Row] = {
    "chains": {"support_min": 0.0, "support_max": math.inf},
    "items": {"mapped": True},
    "sites": {"capacity": math.inf},
    "sources": {"load": 1.0, "status": "active", "switch_time": 0.0},
    "bom": {"status": "active", "switch_time": 0.0},
    "lanes": {"capacity": math.inf, "status": "active", "switch_time": 0.0},
    "hits": {"loss": 1.0},
    "measures": {
        "kind": "other",
        "cost_2": 0.0,
        "cost_3": 0.0,
        "co_funding": 0.0,
        "lead_time": 0,
        "max_units": 1,
        "required": False,
    },
    "policy_measures": {"units": 1},
    "running": {"units": 1},
}
_TABLES = (
    "chains",
    "chain_owners",
    "items",
    "sites",
    "elements",
    "sources",
    "bom",
    "lanes",
    "stocks",
    "demands",
    "events",
    "hits",
    "measures",
    "effects",
    "measure_rules",
    "policies",
    "policy_measures",
    "limits",
    "running",
)


@dataclass(frozen=True)
class Data:
    """Settings as nested dicts, tables as lists of rows; a blank cell is a missing key."""

    settings: dict[str, Any]
    tables: dict[str, list[Row]]

    def __getitem__(self, name: str) -> list[Row]:
        """Return the rows of a table."""
        return self.tables[name]


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, float) and math.isnan(value)) or value is pd.NA:
        return None
    if isinstance(value, str):
        text = value.strip()
        return math.inf if text == "unlimited" else (text or None)
    return value.item() if hasattr(value, "item") else value


def _rows(name: str, frame: pd.DataFrame) -> list[Row]:
    rows = []
    for record in frame.to_dict("records"):
        given = {str(k): _cell(v) for k, v in record.items()}
        rows.append({**_DEFAULTS.get(name, {}), **{k: v for k, v in given.items() if v is not None}})
    return rows


def _settings(given: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {
        "horizon": 52.0,
        "stock_at_failed_site": "survives",
        **{k: v for k, v in given.items() if v is not None},
    }
    out["chain_scores"] = {
        "strength": 1.0,
        "driving": 1.0,
        "technology": 1.0,
        **(given.get("chain_scores") or {}),
    }
    out["defaults"] = {
        "recovery_time": 12.0,
        "annual_probability": 0.01,
        "surge": 0.2,
        **(given.get("defaults") or {}),
    }
    out["events"] = {
        **{
            f"single_{k}": k in ("site", "group")
            for k in ("site", "lane", "enterprise", "region", "country", "group")
        },
        **(given.get("events") or {}),
    }
    plan = given.get("planning")
    if plan:
        plan = {k: v for k, v in plan.items() if v is not None}
        last = plan["budget"][-1]
        out["planning"] = {
            "carry_over": 0.0,
            "tail_budget": [last, last],
            "terminal_years": 3,
            "max_new_chains": None,
            "min_new_chains": 0,
            "discount": 0.0,
            **plan,
        }
    else:
        out["planning"] = None
    return out


def read(instance: Any) -> Data:
    """Return the rows of an `Instance`, of a pair ``(settings, tables)``, or of a `Data` (as it is)."""
    if isinstance(instance, Data):
        return instance
    if isinstance(instance, tuple):
        settings, tables = instance
    else:
        settings, tables = instance.settings.model_dump(), instance.tables
    rows = {name: _rows(name, tables[name]) if name in tables else [] for name in _TABLES}
    for row in rows["sources"]:
        row.setdefault("source", f"{row['site']}:{row['item']}")
    for row in rows["lanes"]:
        row.setdefault("lane", f"{row['item']}:{row['from_site']}>{row['to_site']}")
    home = {row["item"]: row.get("chain") for row in rows["items"]}
    for row in rows["demands"]:
        row.setdefault("chain", home[row["item"]])
    return Data(_settings(settings), rows)


def labels(row: Row) -> list[str]:
    """Return the labels of the column groups."""
    return [part.strip() for part in str(row.get("groups") or "").split(";") if part.strip()]
