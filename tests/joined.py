"""Random instances of several blocks: small ones side by side under one budget, with rules across at random."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

import strategies

__all__ = ["joined"]

# regions, countries and clusters stay shared: events and limits then reach into several parts
_NAMES = re.compile(
    r"(?<![A-Za-z0-9])([SPMCEmwpr])(?=\d)|(?<![A-Za-z])(zone|port|parent|licence|quota)(?![A-Za-z])"
)


def _renamed(part: int, tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return tables in which every name carries the number of the part."""

    def text(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return _NAMES.sub(lambda found: f"{found.group(1) or found.group(2)}{chr(97 + part)}", value)

    result = {}
    for name, frame in tables.items():
        kept = (
            "status",
            "kind",
            "effect",
            "rule",
            "on",
            "own_ip",
            *(("cluster",) if name == "chains" else ()),
        )
        copy = frame.copy()
        for column in copy.columns:
            if column not in kept and not pd.api.types.is_numeric_dtype(copy[column]):
                copy[column] = copy[column].map(text)
        if "policy" in copy.columns:
            copy["policy"] = copy["policy"].map(lambda p: f"{p}{part}")
        result[name] = copy
    return result


def joined(seed: int, *, parts: int = 2) -> Any:
    """Return an instance of several random ones under the planning of the first, or None where the reader refuses it.

    Parameters
    ----------
    seed : int
    parts : int
    """
    from optichain import Instance, InstanceError

    rng = np.random.default_rng(seed)
    pairs = [strategies.seeded(seed * 10 + i, gain_above_one=False) for i in range(parts)]
    settings = dict(pairs[0][0])
    settings.pop("chain_scores", None)
    planning = dict(settings["planning"])
    years = [2026, 2027, 2028][: len(planning["years"])]
    planning["min_new_chains"] = 0
    settings["planning"] = planning
    frames: dict[str, list[pd.DataFrame]] = {}
    for i, (_, tables) in enumerate(pairs):
        for name, frame in _renamed(i, tables).items():
            frames.setdefault(name, []).append(frame)
    tables = {name: pd.concat(content, ignore_index=True) for name, content in frames.items()}
    for column in ("weight", "strength", "driving", "technology"):
        if column in tables["chains"]:
            tables["chains"] = tables["chains"].drop(columns=column)
    if "elements" in tables:
        tables["elements"] = tables["elements"].drop_duplicates(["kind", "target"])
    if "limits" in tables:
        tables["limits"] = tables["limits"].drop_duplicates("limit")
        if "year" in tables["limits"]:
            tables["limits"].loc[~tables["limits"]["year"].isin(years), "year"] = np.nan
    if "running" in tables:
        tables["running"]["start_year"] = np.minimum(tables["running"]["start_year"], 2025)
    measures = tables.get("measures")
    if measures is not None and len(measures) > 1:
        if (
            "chain" in measures and rng.random() < 0.3
        ):  # a measure that may act on both parts belongs to no chain
            measures.loc[measures.index[-1], "chain"] = None
        if rng.random() < 0.3:  # a rule between chains of different parts
            rule = {
                "rule": str(rng.choice(["requires", "excludes"])),
                "measure": measures["measure"].iloc[-1],
            }
            rule["other"] = measures["measure"].iloc[0]
            known = tables.get("measure_rules", pd.DataFrame(columns=["rule", "measure", "other"]))
            tables["measure_rules"] = pd.concat([known, pd.DataFrame([rule])], ignore_index=True)
        if rng.random() < 0.5 and "effects" in tables:  # one measure acts in both parts
            first, last = tables["effects"].iloc[0], measures["measure"].iloc[-1]
            if first["effect"] in ("harden", "recover") and rng.random() < 0.5:
                row = first.to_dict() | {"measure": last}
                mine = tables["effects"][tables["effects"]["measure"] == last]
                if not ((mine["effect"] == row["effect"]) & (mine["target"] == row["target"])).any():
                    tables["effects"] = pd.concat([tables["effects"], pd.DataFrame([row])], ignore_index=True)
    try:
        return Instance.from_frames(tables, settings)
    except InstanceError:
        return None
