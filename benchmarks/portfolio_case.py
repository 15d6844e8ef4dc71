"""A random portfolio of chains in three tiers, of any size, from a seed; measures compete for the budget."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["portfolio_case"]

Row = dict[str, Any]

PARTS, MATERIALS = 7, 9
"""Items of each chain: with two sources a part and one to three a material, some 40 activities."""


def portfolio_case(
    chains: int, events: int, measures: int, *, years: int = 1, intake: int | None = None, seed: int = 0
) -> tuple[dict[str, pd.DataFrame], Row]:
    """Return the tables and settings of an instance.

    Parameters
    ----------
    chains : int
        Each a block of its own: an assembler in two places, seven parts, nine materials.
    events, measures : int
        Of each chain: its sites one by one, then joint hits; the kinds of measures in turn.
    years : int
        Planning years; the budget of a year buys about a fifth of the measures that can start then.
    intake : int, optional
        Most chains newly taken into support in a year.
    """
    rng = np.random.default_rng(seed)
    rows: dict[str, list[Row]] = {}
    costs = 0.0
    for c in range(chains):
        costs += _chain(rows, f"C{c:03d}", events, measures, rng)
    first = 2026
    planning: Row = {
        "years": [first + i for i in range(years)],
        "budget": [round(0.2 * costs / years, 1)] * years,
        "carry_over": 0.0 if years == 1 else 0.5,
        "terminal_years": 3,
    }
    if intake is not None:
        planning["max_new_chains"] = intake
    settings = {
        "name": f"portfolio-{chains}x{events}x{measures}x{years}",
        "title": "A random portfolio",
        "planning": planning,
        "events": {"single_site": False, "single_group": False},
    }
    return {table: pd.DataFrame(content) for table, content in rows.items()}, settings


def _chain(
    rows: dict[str, list[Row]], name: str, events: int, measures: int, rng: np.random.Generator
) -> float:
    """Add one chain and return what its measures cost together."""

    def add(table: str, **row: Any) -> None:
        rows.setdefault(table, []).append(row)

    add("chains", chain=name, weight=float(rng.integers(1, 10)))
    product = f"{name}-product"
    parts = [f"{name}-part{i}" for i in range(PARTS)]
    materials = [f"{name}-material{i}" for i in range(MATERIALS)]
    for item in (product, *parts, *materials):
        add("items", item=item, chain=name)
    add("demands", item=product, rate=100.0, value=float(rng.integers(1, 6)))
    sites: list[str] = []
    sources: list[tuple[str, str]] = []
    spare: list[str] = []

    def source(item: str, need: float, *, share: float, potential: bool = False) -> None:
        site = f"{name}-site{len(sites)}"
        sites.append(site)
        add("sites", site=site, recovery_time=float(rng.integers(4, 30)))
        capacity = round(need * share * float(rng.uniform(0.9, 1.3)), 1)
        status = "potential" if potential else "active"
        switch = float(rng.choice([2, 4, 8])) if potential else 0.0
        add("sources", site=site, item=item, capacity=capacity, status=status, switch_time=switch)
        if potential:
            spare.append(f"{site}:{item}")
        else:
            sources.append((f"{site}:{item}", item))

    source(product, 100.0, share=0.7)
    source(product, 100.0, share=0.6)
    needs = {product: 100.0}
    for part in parts:
        quantity = float(rng.integers(1, 4))
        needs[part] = 100.0 * quantity
        add("bom", item=product, input=part, quantity=quantity)
        source(part, needs[part], share=1.0)
        if rng.random() < 0.6:
            source(part, needs[part], share=0.5)
        if rng.random() < 0.7:
            source(part, needs[part], share=0.8, potential=True)
        add("stocks", item=part, cover=float(rng.integers(1, 5)))
    for material in materials:
        part = parts[int(rng.integers(PARTS))]
        needs[material] = needs[part] * 2.0
        add("bom", item=part, input=material, quantity=2.0)
        source(material, needs[material], share=1.0)
        if rng.random() < 0.4:
            source(material, needs[material], share=0.6)
        if rng.random() < 0.7:
            source(material, needs[material], share=0.8, potential=True)
    for e in range(events):
        event = f"{name}-event{e}"
        add("events", event=event, annual_probability=float(rng.uniform(0.002, 0.03)))
        hit = [sites[e]] if e < len(sites) else rng.choice(sites, int(rng.integers(2, 5)), replace=False)
        for site in hit:
            loss = 1.0 if e < len(sites) else float(rng.choice([0.5, 0.8, 1.0]))
            add(
                "hits",
                event=event,
                kind="site",
                target=str(site),
                duration=float(rng.choice([4, 8, 16, 26])),
                loss=loss,
            )
    total = 0.0
    stocked: set[tuple[str, str]] = set()
    for m in range(measures):
        measure = f"{name}-measure{m}"
        price = float(rng.integers(5, 40)) / 10.0
        years = [price, round(price * 0.5, 2), round(price * 0.25, 2)]
        total += sum(years)
        add(
            "measures",
            measure=measure,
            chain=name,
            cost_1=years[0],
            cost_2=years[1],
            cost_3=years[2],
            lead_time=int(rng.integers(0, 2)),
        )
        # what a measure does most: a second source, or stock, for what has one source only
        for turn in range(2):
            kind = ("qualify", "stockpile", "qualify", "recover", "expand", "stockpile", "harden")[
                (m + turn * 3) % 7
            ]
            if kind == "qualify" and spare:
                add(
                    "effects",
                    measure=measure,
                    effect="qualify",
                    target=spare.pop(int(rng.integers(len(spare)))),
                )
            elif kind in ("qualify", "stockpile"):
                item = str(rng.choice([i for i in (*parts, *materials) if (measure, i) not in stocked]))
                stocked.add((measure, item))
                amount = needs[item] * float(rng.integers(2, 8))
                add("effects", measure=measure, effect="stockpile", target=item, amount=amount)
            elif kind == "expand":
                name_of, item = sources[int(rng.integers(len(sources)))]
                add(
                    "effects",
                    measure=measure,
                    effect="expand",
                    target=name_of,
                    amount=round(needs[item] * 0.4, 1),
                )
            elif kind == "harden":
                add(
                    "effects",
                    measure=measure,
                    effect="harden",
                    target=f"site:{rng.choice(sites)}",
                    amount=0.6,
                )
            else:
                amount = float(rng.integers(3, 12))
                add(
                    "effects",
                    measure=measure,
                    effect="recover",
                    target=f"site:{rng.choice(sites)}",
                    amount=amount,
                )
    return total
