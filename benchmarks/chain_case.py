"""A random deep chain of any size, from a seed: one block, common-cause events, measures of every kind."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd

import optichain as oc

__all__ = ["arcs", "chain_case"]

Row = dict[str, Any]
WIDTH = (1, 3, 8, 16)
"""Items of each tier, in proportion: a product, modules, parts, materials."""


def arcs(instance: oc.Instance) -> int:
    """Return the size of a network: its sources, lanes, and uses of an input by a source."""
    network = oc.compile_network(instance)
    return int(network.n_activities + len(network.alternative_requirement))


def chain_case(
    items: int, events: int, measures: int, *, years: int = 1, share: float = 0.25, seed: int = 0
) -> oc.Instance:
    """Return an instance of one chain in four tiers.

    Parameters
    ----------
    items : int
        About four arcs each.
    events : int
        Hits on one site, on two to five at once, and on groups of sites.
    measures : int
        Second sources, capacity, stock, hardening, recovery and substitutes in turn.
    years : int
        Planning years; three terminal years follow.
    share : float
        The budgets together buy that share of the measures.
    """
    return _Chain(np.random.default_rng(seed)).instance(items, events, measures, years, share, seed)


class _Chain:
    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.rows: dict[str, list[Row]] = {}
        self.need: dict[str, float] = {}
        self.sources: list[tuple[str, str]] = []
        self.spare: list[str] = []
        self.substitutes: list[str] = []
        self.sites: list[str] = []

    def add(self, table: str, **row: Any) -> None:
        self.rows.setdefault(table, []).append(row)

    def instance(
        self, items: int, events: int, measures: int, years: int, share: float, seed: int
    ) -> oc.Instance:
        tiers = self._items(items)
        self._bills(tiers)
        self._places([item for tier in tiers for item in tier])
        self._events(events)
        total = self._measures(measures)
        settings = {
            "name": f"chain-{items}x{events}x{measures}x{years}-{seed}",
            "title": "A random deep chain",
            "planning": {
                "years": [2026 + y for y in range(years)],
                "budget": [round(share * total / years, 1)] * years,
                "carry_over": 1.0,
                "terminal_years": 3,
            },
            "events": {"single_site": False, "single_group": False},
        }
        return oc.Instance.from_frames(
            {name: pd.DataFrame(rows) for name, rows in self.rows.items()}, settings
        )

    def _items(self, items: int) -> list[list[str]]:
        self.add("chains", chain="chain", weight=1.0)
        sizes = [max(1, round(items * w / sum(WIDTH))) for w in WIDTH]
        sizes[0] = max(1, min(3, sizes[0]))
        tiers = [[f"item{t}-{i}" for i in range(size)] for t, size in enumerate(sizes)]
        for tier in tiers:
            for item in tier:
                self.add("items", item=item, chain="chain")
        for item in tiers[0]:
            self.add("demands", item=item, rate=100.0, value=float(self.rng.integers(1, 6)))
            self.need[item] = 100.0
        return tiers

    def _bills(self, tiers: list[list[str]]) -> None:
        rng = self.rng
        for above, below in itertools.pairwise(tiers):
            self.need |= dict.fromkeys(below, 0.0)
            users: dict[str, list[str]] = {item: [] for item in above}
            for item in below:
                users[str(rng.choice(above))].append(item)
            for item in above:
                extra = rng.choice(below, min(2, len(below)), replace=False).tolist()
                for place, part in enumerate(dict.fromkeys([*users[item], *map(str, extra)])):
                    quantity = float(rng.integers(1, 4))
                    self.add(
                        "bom",
                        item=item,
                        input=part,
                        requirement=f"r{place}",
                        quantity=quantity,
                        status="active",
                    )
                    self.need[part] += quantity * self.need[item]
                    if rng.random() < 0.1:
                        other = str(rng.choice(below))
                        taken = {*users[item], *extra}
                        if other not in taken:
                            self.add("bom", item=item, input=other, requirement=f"r{place}", quantity=quantity, status="potential", switch_time=4.0)  # fmt: skip
                            self.substitutes.append(f"{item}>{other}")

    def _places(self, items: list[str]) -> None:
        rng = self.rng
        for item in items:
            first = rng.uniform(0.5, 1.1)
            self._source(item, first)
            if first < 1.0 or rng.random() < 0.5:
                self._source(item, max(0.3, 1.1 - first))
            if rng.random() < 0.6:
                self._source(item, 0.7, potential=True)
            if rng.random() < 0.4:
                self.add("stocks", item=item, quantity=round(self.need[item] * float(rng.integers(1, 4)), 1))

    def _source(self, item: str, share: float, *, potential: bool = False) -> None:
        rng = self.rng
        reuse = bool(self.sites) and rng.random() < 0.3
        site = str(rng.choice(self.sites)) if reuse else f"site{len(self.sites)}"
        name = f"{site}:{item}"
        if name in self.spare or (name, item) in self.sources:
            return
        if not reuse:
            self.sites.append(site)
            group = f"zone{rng.integers(12)}"
            self.add("sites", site=site, recovery_time=float(rng.choice([4, 8, 12, 26])), groups=group)
        self.add(
            "sources",
            site=site,
            item=item,
            capacity=round(self.need[item] * share * float(rng.uniform(1.0, 1.3)), 2) + 1.0,
            status="potential" if potential else "active",
            switch_time=float(rng.choice([2, 6, 10])) if potential else 0.0,
        )
        if potential:
            self.spare.append(name)
        else:
            self.sources.append((name, item))

    def _events(self, events: int) -> None:
        rng = self.rng
        for e in range(events):
            self.add("events", event=f"event{e}", annual_probability=float(rng.uniform(0.002, 0.03)))
            kind = rng.random()
            if kind < 0.2:
                self.add("hits", event=f"event{e}", kind="group", target=f"zone{rng.integers(12)}", duration=float(rng.choice([2, 4, 8])), loss=float(rng.choice([0.3, 0.6])))  # fmt: skip
                continue
            count = 1 if kind < 0.6 else int(rng.integers(2, 6))
            for site in rng.choice(self.sites, count, replace=False):
                self.add("hits", event=f"event{e}", kind="site", target=str(site), duration=float(rng.choice([4, 8, 16, 26])), loss=float(rng.choice([0.5, 1.0])))  # fmt: skip

    def _measures(self, measures: int) -> float:
        rng = self.rng
        hit = [row["target"] for row in self.rows["hits"] if row["kind"] == "site"]
        at_risk = set(hit)
        near = [(n, i) for n, i in self.sources if n.split(":")[0] in at_risk] or self.sources
        total = 0.0
        for m in range(measures):
            cost = float(rng.integers(5, 40)) / 10.0
            total += cost
            several = 3 if m % 6 in (1, 2) and m % 4 == 0 else 1
            self.add("measures", measure=f"m{m}", chain="chain", cost_1=cost, lead_time=int(rng.integers(0, 2)), max_units=several)  # fmt: skip
            self.add("effects", measure=f"m{m}", **self._effect(m % 6, near, hit))
        return total

    def _effect(self, kind: int, near: list[tuple[str, str]], hit: list[str]) -> Row:
        rng = self.rng
        name, item = near[int(rng.integers(len(near)))]
        if kind == 0 and self.spare:
            wanted = {i for _, i in near}
            best = [s for s in self.spare if s.split(":")[1] in wanted] or self.spare
            target = str(rng.choice(best))
            self.spare.remove(target)
            return {"effect": "qualify", "target": target}
        if kind == 1:
            other = [n for n, i in self.sources if i == item and n != name] or [name]
            return {"effect": "expand", "target": other[0], "amount": round(self.need[item] * 0.3 + 1.0, 2)}
        if kind == 2:
            return {"effect": "stockpile", "target": item, "amount": round(self.need[item] * float(rng.integers(2, 7)) + 1.0, 1)}  # fmt: skip
        if kind == 5 and self.substitutes:
            return {"effect": "qualify", "target": self.substitutes.pop()}
        if kind in (3, 5):
            return {"effect": "harden", "target": f"site:{rng.choice(hit)}", "amount": float(rng.choice([0.4, 0.7, 1.0]))}  # fmt: skip
        return {
            "effect": "recover",
            "target": f"site:{rng.choice(hit)}",
            "amount": float(rng.integers(2, 10)),
        }
