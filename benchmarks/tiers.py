"""Random supply networks of several tiers, by size and seed, for the stress benchmark."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import optichain as oc

LANED = 0.3
SUBSTITUTE = 0.15
STOCKED = 0.3
SITE_LIMITED = 0.1


def multi_tier(
    arcs: int,
    seed: int,
    *,
    chains: int = 1,
    horizon: float = 52.0,
    tiers: int = 4,
    share_laned: float = LANED,
    own_sites: bool = False,
) -> Any:
    """Return an instance with about so many arcs (inputs of sources, and lanes).

    Each item has one to four sources, each item above the first tier two to four inputs of the tier below, some of
    them with a substitute; three in ten items move on lanes, one site in ten has a capacity of its own; capacities
    exceed what is needed by 5 to 60 %. One event a site, and one a region.
    """
    rng = np.random.default_rng(seed)
    per_tier = max(int(arcs / (12.0 * (tiers - 1))), 3)
    sizes = [max(int(per_tier * share), 2) for share in [1.2, *[1.3] * (tiers - 3), 1.0, 0.5]]
    names = [[f"t{t}i{i}" for i in range(size)] for t, size in enumerate(sizes)]
    site_names = [] if own_sites else [f"s{i}" for i in range(max(int(sum(sizes) * 0.9), 4))]
    bom, need = [], {name: 0.0 for tier in names for name in tier}
    products = names[-1]
    demands = [
        {
            "item": p,
            "rate": float(rng.uniform(5, 20)),
            "value": float(rng.uniform(1, 5)),
            "chain": f"c{i % chains}",
        }
        for i, p in enumerate(products)
    ]
    for row in demands:
        need[row["item"]] += row["rate"]
    for t in range(tiers - 1, 0, -1):
        for item in names[t]:
            count = min(int(rng.integers(2, 5)), len(names[t - 1]))
            for g, j in enumerate(rng.choice(len(names[t - 1]), count, replace=False).tolist()):
                quantity = float(rng.choice([0.5, 1.0, 2.0]))
                rows = [names[t - 1][j]]
                if rng.random() < SUBSTITUTE:
                    rows.append(names[t - 1][int(rng.integers(len(names[t - 1])))])
                for name in dict.fromkeys(rows):
                    bom.append({"item": item, "input": name, "quantity": quantity, "requirement": f"r{g}"})
                need[rows[0]] += quantity * need[item]
    fallback = float(np.mean([d["rate"] for d in demands]))
    sources, lanes, stocks = [], [], []
    makers: dict[str, list[str]] = {}
    laned = {name for tier in names[:-1] for name in tier if rng.random() < share_laned}
    for tier in names:
        for item in tier:
            count = int(rng.choice([1, 2, 3, 4], p=[0.25, 0.35, 0.25, 0.15]))
            if own_sites:
                site_names += [f"s{len(site_names) + i}" for i in range(count)]
                where = list(range(len(site_names) - count, len(site_names)))
            else:
                where = rng.choice(len(site_names), count, replace=False).tolist()
            total = (need[item] or fallback) * float(rng.uniform(1.05, 1.6))
            split = rng.dirichlet(np.full(count, 4.0)) * total
            makers[item] = [site_names[w] for w in where]
            for site, capacity in zip(makers[item], split.tolist(), strict=True):
                sources.append({"site": site, "item": item, "capacity": capacity})
    users: dict[str, set[str]] = {}
    for row in bom:
        users.setdefault(row["input"], set()).update(makers[row["item"]])
    for item in sorted(laned):
        for to_site in sorted(users.get(item, ())):
            for from_site in makers[item]:
                if from_site != to_site:
                    lanes.append({"item": item, "from_site": from_site, "to_site": to_site})
    laned = {row["item"] for row in lanes}
    for item in need:
        if rng.random() < STOCKED and item not in laned:
            stocks.append({"item": item, "cover": float(rng.uniform(0.5, 4.0))})
    work: dict[str, float] = {}
    for row in sources:
        work[row["site"]] = work.get(row["site"], 0.0) + row["capacity"]
    site_rows = [
        {
            "site": s,
            "region": f"g{i % max(len(site_names) // 40, 2)}",
            "recovery_time": float(rng.integers(2, 27)),
            "annual_probability": float(rng.uniform(0.002, 0.05)),
            "capacity": work.get(s, 1.0) * 0.9 if rng.random() < SITE_LIMITED and not own_sites else np.inf,
        }
        for i, s in enumerate(site_names)
    ]
    tables: dict[str, list[dict[str, Any]]] = {
        "chains": [{"chain": f"c{i}"} for i in range(chains)],
        "items": [{"item": name} for name in need],
        "sites": site_rows,
        "sources": sources,
        "bom": bom,
        "lanes": lanes,
        "stocks": stocks,
        "demands": demands,
    }
    settings = {
        "name": f"tiers-{arcs}-{seed}",
        "title": "Random tiers",
        "horizon": horizon,
        "events": {"single_site": True, "single_region": True},
    }
    return oc.Instance.from_frames({k: pd.DataFrame(v) for k, v in tables.items() if v}, settings)
