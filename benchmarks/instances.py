"""Supply networks of any size, made from a seed: tiers, shared parts, substitutes, owners, regions, hazards.

A network is described by `Shape`, drawn as data frames by `make_tables`, and written as a CSV folder by
`write_folder`. The same shape and seed give the same tables, byte for byte. All figures are invented;
what is realistic is the pattern: few end products, many parts that several products share, some raw
materials that everybody uses, most parts with two or three sources and some with one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Shape", "items_for_nodes", "make_tables", "settings", "write_folder"]

Ints = npt.NDArray[np.int64]

NODES_PER_ITEM = 6.0
"""Commodities, activities and requirements of the compiled network for each item of the default shape."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How large a network is, and of what kind.

    Attributes
    ----------
    items : int
    products : int
        Items with a demand; all of tier 0.
    tiers : int
        An item consumes items of later tiers only, four times out of five of the next one.
    inputs : float
        Mean number of requirements of an item above the last tier, at least one.
    substitutes : float
        Share of requirements that a second, and a quarter of these a third, item can meet.
    single_sourced : float
        Share of items with one source; the others have two to four.
    waiting : float
        Share of second and later sources that are qualified or potential.
    sources_per_site : float
    lanes : float
        Share of the items of the last tier that move on lanes from their sources to where they are used.
    loops : int
        Recycling loops: an item of a late tier that also consumes a little of what is made of it.
    chains : int
    """

    items: int
    products: int
    tiers: int = 6
    inputs: float = 2.2
    substitutes: float = 0.15
    single_sourced: float = 0.3
    waiting: float = 0.2
    sources_per_site: float = 3.0
    lanes: float = 0.0
    loops: int = 0
    chains: int = 100


def items_for_nodes(nodes: int) -> int:
    """Return how many items give about that many nodes (commodities, activities, requirements) when compiled."""
    return max(round(nodes / NODES_PER_ITEM), 20)


def settings(name: str = "benchmark") -> dict[str, Any]:
    """Return the settings that all benchmark instances share."""
    return {"name": name, "title": "An invented supply network", "horizon": 52.0}


def make_tables(shape: Shape, seed: int) -> dict[str, pd.DataFrame]:
    """Return the tables of a network of that shape.

    Parameters
    ----------
    shape : Shape
    seed : int
        Of a generator of its own.

    Returns
    -------
    dict of str to DataFrame
        For `optichain.Instance.from_frames`, with `settings`.
    """
    rng = np.random.default_rng(seed)
    tier = _tiers(shape)
    first = np.searchsorted(tier, np.arange(shape.tiers + 1))
    items = np.array([f"I{k}" for k in range(shape.items)], dtype=object)
    chains = np.array([f"C{k}" for k in range(shape.chains)], dtype=object)
    bom = _bill_of_materials(shape, tier, first, rng)
    source_item = _source_items(shape, rng)
    n_sites = max(round(len(source_item) / shape.sources_per_site), 2)
    source_site = _source_sites(source_item, n_sites, rng)
    tables = {
        "chains": pd.DataFrame({"chain": chains}),
        "items": pd.DataFrame(
            {
                "item": items,
                "chain": np.where(tier == 0, chains[np.arange(shape.items) % shape.chains], None),
                "mapped": rng.random(shape.items) < np.where(tier >= shape.tiers - 2, 0.9, 1.0),
            }
        ),
        "sites": _sites(n_sites, rng),
        "sources": _sources(shape, items, source_item, source_site, rng),
        "bom": pd.DataFrame(
            {
                "item": items[bom["item"]],
                "input": items[bom["input"]],
                "requirement": bom["label"],
                "quantity": bom["quantity"],
            }
        ),
        "demands": pd.DataFrame(
            {
                "item": items[: shape.products],
                "rate": np.round(rng.uniform(5, 50, shape.products), 2),
                "value": np.round(rng.lognormal(-2.0, 1.0, shape.products), 4),
            }
        ),
    }
    stocked = np.flatnonzero(rng.random(shape.items) < 0.2)
    tables["stocks"] = pd.DataFrame(
        {"item": items[stocked], "cover": np.round(rng.uniform(0.5, 8.0, len(stocked)), 2)}
    )
    if shape.lanes > 0.0:
        _add_lanes(shape, tables, tier, bom, source_item, source_site, rng)
    return tables


def write_folder(tables: dict[str, pd.DataFrame], place: Path) -> None:
    """Write tables as the CSV folder of an instance."""
    place.mkdir(parents=True, exist_ok=True)
    lines = [
        f"{key} = {value!r}" if not isinstance(value, str) else f'{key} = "{value}"'
        for key, value in settings().items()
    ]
    (place / "instance.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, frame in tables.items():
        readable = frame.replace(np.inf, "unlimited") if name == "sources" else frame
        readable.to_csv(place / f"{name}.csv", index=False, lineterminator="\n")


def _tiers(shape: Shape) -> Ints:
    """Return the tier of every item, ascending: the middle tiers are the widest."""
    rest = shape.items - shape.products
    width = np.array([1.0, 2.0, 3.0, 2.5, 1.5, 1.0, 0.7, 0.5])[: shape.tiers - 1]
    counts = np.maximum((rest * width / width.sum()).astype(int), 1)
    counts[np.argmax(counts)] += rest - counts.sum()
    return np.repeat(np.arange(shape.tiers), np.concatenate([[shape.products], counts]))


def _bill_of_materials(shape: Shape, tier: Ints, first: Ints, rng: np.random.Generator) -> dict[str, Any]:
    """Draw the rows: item, input, label of the requirement (None: of its own), quantity."""
    made = np.flatnonzero(tier < shape.tiers - 1)
    count = 1 + rng.poisson(shape.inputs - 1.0, len(made))
    owner = np.repeat(made, count)
    options = 1 + (rng.random(len(owner)) < shape.substitutes) * (1 + (rng.random(len(owner)) < 0.25))
    label = np.array([f"r{k}" for k in range(len(owner))], dtype=object)
    item, label = np.repeat(owner, options), np.repeat(np.where(options > 1, label, None), options)
    later = np.where(
        rng.random(len(item)) < 0.8,
        tier[item] + 1,
        tier[item] + 1 + (rng.random(len(item)) * (shape.tiers - 1 - tier[item])).astype(int),
    )
    low, high = first[later], np.append(first, len(tier))[later + 1]
    # some parts are in everything: popularity falls off within a tier
    used = low + ((high - low) * rng.random(len(item)) ** 1.6).astype(np.int64)
    rows = pd.DataFrame({"item": item, "input": used, "label": label})
    rows["quantity"] = np.round(rng.uniform(0.1, 1.5, len(rows)), 3)
    rows = rows.drop_duplicates(["item", "input"])
    if shape.loops:
        rows = pd.concat([rows, _recycling(shape, rows, first, rng)], ignore_index=True)
    return {name: rows[name].to_numpy() for name in rows}


def _recycling(shape: Shape, rows: pd.DataFrame, first: Ints, rng: np.random.Generator) -> pd.DataFrame:
    """Let some items of the last tier consume a little of what they go into: they come in loops."""
    last = rows[rows["input"] >= first[shape.tiers - 1]]
    chosen = last.iloc[rng.choice(len(last), min(shape.loops, len(last)), replace=False)]
    return pd.DataFrame(
        {"item": chosen["input"], "input": chosen["item"], "label": None, "quantity": 0.1}
    ).drop_duplicates(["item", "input"])


def _source_items(shape: Shape, rng: np.random.Generator) -> Ints:
    several = rng.random(shape.items) >= shape.single_sourced
    count = 1 + several * (1 + rng.binomial(2, 0.3, shape.items))
    return np.repeat(np.arange(shape.items), count)


def _source_sites(source_item: Ints, n_sites: int, rng: np.random.Generator) -> Ints:
    """Place sources so that a site makes neighbouring items, and no item twice."""
    around = (source_item * (n_sites / (source_item[-1] + 1))).astype(np.int64)
    site = (around + rng.integers(0, max(n_sites // 10, 2), len(source_item))) % n_sites
    place = pd.Series(site).groupby([source_item, site]).cumcount().to_numpy()
    return np.asarray((site + place * (1 + n_sites // 3)) % n_sites, dtype=np.int64)


def _sites(n_sites: int, rng: np.random.Generator) -> pd.DataFrame:
    region = rng.integers(0, 300, n_sites)
    zone = rng.integers(0, max(n_sites // 20, 2), n_sites)
    return pd.DataFrame(
        {
            "site": [f"S{k}" for k in range(n_sites)],
            "enterprise": [f"E{k}" for k in (rng.random(n_sites) ** 1.5 * n_sites / 3).astype(int).tolist()],
            "region": [f"R{k}" for k in region.tolist()],
            "country": [f"N{k % 40}" for k in region.tolist()],
            "recovery_time": np.round(rng.uniform(1, 20, n_sites), 1),
            "annual_probability": np.where(
                rng.random(n_sites) < 0.5, np.round(rng.uniform(0.002, 0.05, n_sites), 4), np.nan
            ),
            "groups": np.where(
                rng.random(n_sites) < 0.1, np.array([f"Z{k}" for k in zone.tolist()], dtype=object), None
            ),
        }
    )


def _sources(
    shape: Shape, items: Any, source_item: Ints, source_site: Ints, rng: np.random.Generator
) -> pd.DataFrame:
    n = len(source_item)
    later = np.append(False, source_item[1:] == source_item[:-1])
    waits = later & (rng.random(n) < shape.waiting)
    status = np.where(waits, np.where(rng.random(n) < 0.5, "qualified", "potential"), "active")
    return pd.DataFrame(
        {
            "site": [f"S{k}" for k in source_site.tolist()],
            "item": items[source_item],
            "capacity": np.where(rng.random(n) < 0.1, np.inf, np.nan),
            "share": np.where(rng.random(n) < 0.3, np.round(rng.uniform(0.2, 0.9, n), 2), np.nan),
            "status": status.astype(object),
            "switch_time": np.where(status == "qualified", np.round(rng.uniform(2, 12, n), 1), 0.0),
            "own_ip": np.array(["yes", "no", None], dtype=object)[rng.integers(0, 3, n)],
        }
    )


def _add_lanes(
    shape: Shape,
    tables: dict[str, pd.DataFrame],
    tier: Ints,
    bom: dict[str, Any],
    source_item: Ints,
    source_site: Ints,
    rng: np.random.Generator,
) -> None:
    """Connect every source of some items with every site that consumes them."""
    last = np.flatnonzero((tier == shape.tiers - 1) & (rng.random(len(tier)) < shape.lanes))
    chosen = np.zeros(len(tier), dtype=bool)
    chosen[last] = True
    use = pd.DataFrame({"made": bom["item"], "item": bom["input"]})
    use = use[chosen[use["item"].to_numpy()]].drop_duplicates()
    users = use.merge(pd.DataFrame({"made": source_item, "to": source_site}), on="made")[["item", "to"]]
    users = users.drop_duplicates()
    makers = pd.DataFrame({"item": source_item, "from": source_site}).drop_duplicates()
    pairs = users.merge(makers[chosen[makers["item"].to_numpy()]], on="item")
    pairs = pairs[(pairs["from"] != pairs["to"]) & (rng.random(len(pairs)) < 0.7)]
    tables["lanes"] = pd.DataFrame(
        {
            "item": tables["items"]["item"].to_numpy()[pairs["item"].to_numpy()],
            "from_site": [f"S{k}" for k in pairs["from"].tolist()],
            "to_site": [f"S{k}" for k in pairs["to"].tolist()],
        }
    )
    tables["stocks"] = tables["stocks"][
        ~tables["stocks"]["item"].isin(tables["items"]["item"].to_numpy()[last])
    ]
