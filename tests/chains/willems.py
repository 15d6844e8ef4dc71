"""The 38 real supply chains of Willems (2008, doi 10.1287/msom.1070.0176) read as instances, by a rule.

What the data say: stages, which stage feeds which, direct cost added at each, mean demand a day at the ends,
and the time that a stage takes. What is assumed, because they do not say it:

- A stage is an item with one source at a site of its own; an arc consumes one unit a unit.
- ``assembly``: every stage needs all that feeds it. ``distribution``: only parts and manufacturing do; a stage of
  distribution, transport or retail passes goods on, and any one of what feeds it will do.
- A unit served is worth the direct cost that it took to make it; nothing is known of margins.
- A stage that fails is back after the time that it takes, a proxy of its recovery; a failure a hundred years each.
- Capacities are not known, and estimated as always; stocks are not known, and none is assumed.
- For planning: the five stages with the longest recovery can each be hardened (half of a loss avoided) for one
  unit of money, two a year. They belong to an enterprise each, so that questions can be asked of them alone.
- With ``few_events`` only these five fail, so that chains of two thousand stages can be asked everything.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

import optichain as oc

__all__ = ["CHAINS", "read_chain", "stages_of"]

CHAINS = tuple(range(1, 39))
HORIZON = 365.0
SHORTEST = 1.0
"""Days: a stage that takes no time still takes a day to be back."""

MAKERS = ("Part", "Parts", "Manuf")


def stages_of(folder: Path, number: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the stages and the arcs of a chain as they are published."""
    csv = folder / "willems_chains" / "csv"
    return pd.read_csv(csv / f"{number:02d}_SD.csv"), pd.read_csv(csv / f"{number:02d}_LL.csv")


def read_chain(folder: Path, number: int, *, reading: str = "distribution", few_events: bool = False) -> Any:
    """Return a chain as an instance.

    Parameters
    ----------
    folder : path
        Of the published data.
    number : int
        One of `CHAINS`.
    reading : {"assembly", "distribution"}
    few_events : bool
        Events are the failures of the five slowest stages, not of every one.
    """
    stages, arcs = stages_of(folder, number)
    name, kind = stages["Stage Name"], stages["stageClassification"]
    passes_on = set() if reading == "assembly" else set(name[~kind.isin(MAKERS)])
    takes = stages["stageTime"].fillna(0.0).clip(lower=SHORTEST)
    wanted = stages["avgDemand"].fillna(0.0) > 0.0
    slowest = name[takes.sort_values(ascending=False, kind="stable").index[:5]].tolist()
    tables = {
        "chains": pd.DataFrame({"chain": [f"chain-{number}"]}),
        "items": pd.DataFrame({"item": name, "chain": f"chain-{number}"}),
        "sites": pd.DataFrame(
            {
                "site": name,
                "recovery_time": takes,
                "annual_probability": 0.01,
                "region": kind,
                "enterprise": [f"owner of {s}" if s in slowest else None for s in name],
            }
        ),
        "sources": pd.DataFrame({"site": name, "item": name}),
        "bom": pd.DataFrame(
            {
                "item": arcs["destinationStage"],
                "input": arcs["sourceStage"],
                "requirement": ["goods" if d in passes_on else None for d in arcs["destinationStage"]],
                "quantity": 1.0,
            }
        ),
        "demands": pd.DataFrame(
            {
                "item": name[wanted],
                "rate": stages["avgDemand"][wanted],
                "value": [max(v, 1e-6) for v in _cumulated_cost(stages, arcs)[wanted]],
            }
        ),
    }
    tables["measures"] = pd.DataFrame(
        {
            "measure": [f"harden {s}" for s in slowest],
            "chain": f"chain-{number}",
            "title": [f"Harden {s}" for s in slowest],
            "cost_1": 1.0,
        }
    )
    tables["effects"] = pd.DataFrame(
        {
            "measure": tables["measures"]["measure"],
            "effect": "harden",
            "target": [f"site:{s}" for s in slowest],
            "amount": 0.5,
        }
    )
    settings = {
        "name": f"chain-{number}",
        "title": f"Chain {number}",
        "time_unit": "day",
        "currency": "USD",
        "horizon": HORIZON,
        "planning": {"years": [2026, 2027], "budget": [2.0, 2.0]},
        "events": {"single_site": not few_events},
    }
    if few_events:
        tables["events"] = pd.DataFrame({"event": [f"down {s}" for s in slowest], "annual_probability": 0.01})
        tables["hits"] = pd.DataFrame({"event": tables["events"]["event"], "kind": "site", "target": slowest})
    return oc.Instance.from_frames(tables, settings)


def _cumulated_cost(stages: pd.DataFrame, arcs: pd.DataFrame) -> pd.Series:
    """Return what a unit of each stage cost to make, the first stage that feeds it standing for its likes."""
    cost = dict(zip(stages["Stage Name"], stages["stageCost"].fillna(0.0), strict=True))
    feeds: dict[str, list[str]] = {}
    for used, made in arcs[["sourceStage", "destinationStage"]].itertuples(index=False):
        feeds.setdefault(made, []).append(used)
    kind = dict(zip(stages["Stage Name"], stages["stageClassification"], strict=True))
    known: dict[str, float] = {}

    def total(stage: str) -> float:
        if stage not in known:
            inputs = feeds.get(stage, [])
            inputs = inputs if kind[stage] in MAKERS else inputs[:1]
            known[stage] = cost[stage] + sum(total(i) for i in inputs)
        return known[stage]

    return stages["Stage Name"].map(total)
