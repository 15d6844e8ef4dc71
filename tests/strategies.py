"""Random small instances as (settings, tables), from a seeded generator or from hypothesis, by the same code.

They are tiny on purpose (about ten activities, at most four measures), so that brute force is quick, and odd on
purpose: every feature of the format turns up, alone and together.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd
from hypothesis import strategies as st

Row = dict[str, Any]
Pair = tuple[dict[str, Any], dict[str, pd.DataFrame]]


class Draw(Protocol):
    """Where the choices come from."""

    def whole(self, low: int, high: int) -> int:
        """Return a whole number in [low, high]."""

    def pick(self, options: Sequence[Any]) -> Any:
        """Return one of the options."""

    def chance(self, percent: int) -> bool:
        """Return true in that many cases of a hundred."""


class SeededDraw:
    """Choices of a seeded numpy generator."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def whole(self, low: int, high: int) -> int:
        """Return a whole number in [low, high]."""
        return int(self._rng.integers(low, high + 1))

    def pick(self, options: Sequence[Any]) -> Any:
        """Return one of the options."""
        return options[self.whole(0, len(options) - 1)]

    def chance(self, percent: int) -> bool:
        """Return true in that many cases of a hundred."""
        return bool(self._rng.integers(100) < percent)


class HypothesisDraw:
    """Choices of hypothesis, which shrink towards the first option, the low number and false."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self._draw = draw

    def whole(self, low: int, high: int) -> int:
        """Return a whole number in [low, high]."""
        return int(self._draw(st.integers(low, high)))

    def pick(self, options: Sequence[Any]) -> Any:
        """Return one of the options."""
        return self._draw(st.sampled_from(list(options)))

    def chance(self, percent: int) -> bool:
        """Return true in that many cases of a hundred."""
        return bool(self._draw(st.integers(0, 99)) >= 100 - percent)


class _Maker:
    """One instance in the making."""

    def __init__(self, draw: Draw, *, planning: bool, gain_above_one: bool) -> None:
        self.d = draw
        self.planning = planning
        self.gain_above_one = gain_above_one
        self.rows: dict[str, list[Row]] = {}
        self.settings: dict[str, Any] = {}

    def add(self, table: str, **row: Any) -> Row:
        """Add a row; values that are None are left blank."""
        row = {k: v for k, v in row.items() if v is not None}
        self.rows.setdefault(table, []).append(row)
        return row

    def get(self, table: str) -> list[Row]:
        return self.rows.get(table, [])

    def maybe(self, percent: int, options: Sequence[Any]) -> Any:
        return self.d.pick(options) if self.d.chance(percent) else None

    # ---- the network ----

    def places(self) -> None:
        d = self.d
        self.sites = [f"S{i}" for i in range(d.whole(2, 5))]
        labels = ["zone", "port", "parent"]
        for s in self.sites:
            groups = [g for g in labels if d.chance(20)]
            self.add(
                "sites",
                site=s,
                enterprise=self.maybe(60, ["E0", "E1"]),
                region=self.maybe(50, ["R0", "R1"]),
                country=self.maybe(50, ["K0", "K1"]),
                recovery_time=self.maybe(65, [0.0, 1.5, 2.0, 4.0, 5.0, 7.0, 30.0]),
                annual_probability=self.maybe(60, [0.0, 0.01, 0.02, 0.05, 0.125]),
                capacity=self.maybe(25, [0.0, 4.0, 9.0, 15.0, 30.0]) if d.chance(80) else "unlimited",
                groups="; ".join(groups) or None,
            )

    def chains_and_items(self) -> None:
        d = self.d
        self.chains = [f"C{i}" for i in range(d.whole(1, 3))]
        how = d.pick(["value", "value", "given", "scores"])
        for c in self.chains:
            row = self.add(
                "chains", chain=c, cluster=self.maybe(50, ["X", "Y"]), region=self.maybe(30, ["R0"])
            )
            if how == "given":
                row["weight"] = d.pick([0.5, 1.0, 1.0, 2.0, 3.0] + ([0.0] if c != "C0" else []))
            if how == "scores":
                row.update({k: float(d.whole(1, 100)) for k in ("strength", "driving", "technology")})
        if how == "scores" and d.chance(50):
            self.settings["chain_scores"] = {"strength": 2.0, "driving": 0.5, "technology": 1.0}
        self.products = [f"P{i}" for i in range(len(self.chains) if d.chance(70) else 1)]
        self.parts = [f"M{i}" for i in range(d.whole(1, 4))]
        self.items = self.products + self.parts
        for i, item in enumerate(self.items):
            chain = self.chains[i] if i < len(self.chains) and item in self.products else d.pick(self.chains)
            self.add("items", item=item, chain=chain if item in self.products or d.chance(50) else None)
        self.laned = [i for i in self.items if d.chance(30)]

    def status(self, *, active: int = 40) -> Row:
        d = self.d
        kind = "active" if d.chance(active) else d.pick(["qualified", "potential"])
        switch = d.pick([0.0, 1.0, 2.0, 3.5, 6.0, 25.0]) if d.chance(60) else None
        if kind == "active":
            return {"switch_time": switch} if switch is not None and d.chance(10) else {}
        return {"status": kind, **({} if switch is None else {"switch_time": switch})}

    def sources(self) -> None:
        d = self.d
        self.places_of: dict[str, list[str]] = {}
        for item in self.items:
            count = d.whole(1, 2) if item in self.products else d.whole(1, 3)
            sites = sorted({d.pick(self.sites) for _ in range(count)})
            self.places_of[item] = sites
            for k, site in enumerate(sites):
                row = self.add("sources", site=site, item=item)
                if d.chance(20):
                    row["source"] = f"{item.lower()}-{k}"
                how = d.pick(["number"] * 5 + ["unlimited", "volume", "share", "blank", "absent"])
                if how == "number":
                    row["capacity"] = d.pick([3.0, 5.0, 8.0, 12.0, 20.0, 30.0])
                elif how == "unlimited":
                    row["capacity"] = "unlimited"
                elif how == "absent" and k:
                    row["capacity"] = 0.0
                elif how == "volume":
                    row["volume"] = d.pick([2.0, 6.0, 9.0])
                elif how == "share":
                    row["share"] = d.pick([0.25, 0.5, 1.0])
                if d.chance(25):
                    row["load"] = d.pick([0.5, 2.0, 0.0])
                if k or d.chance(15):
                    row.update(self.status())
                own = d.pick([None, "yes", "no", "not_applicable"])
                if own:
                    row["own_ip"] = own
                if d.chance(20):
                    row["groups"] = d.pick(["licence", "zone", "licence; port"])

    def bom(self) -> None:
        d = self.d
        apart = len(self.products) > 1 and d.chance(40)
        for i, item in enumerate(self.items):
            below = [x for x in self.parts if self.items.index(x) > i]
            if apart:  # every product on parts of its own, so that there are several blocks
                below = [x for x in below if (self.parts.index(x) - i) % len(self.products) == 0]
            if not below or (item in self.parts and d.chance(40)):
                continue
            for r in range(d.whole(1, 2)):
                inputs = sorted({d.pick(below) for _ in range(d.whole(1, 2))})
                label = f"r{r}" if len(inputs) > 1 or d.chance(30) else None
                for k, name in enumerate(inputs):
                    same = [x for x in self.get("bom") if (x["item"], x["input"]) == (item, name)]
                    if any(x.get("requirement") == label for x in same):
                        continue
                    row = self.add(
                        "bom", item=item, input=name, requirement=label, quantity=d.pick([0.5, 1.0, 1.0, 2.0])
                    )
                    if k and d.chance(50):
                        row.update(self.status(active=40))
        if d.chance(20):  # a loop: the last part consumes an item that is made from it, or itself
            users = [r["item"] for r in self.get("bom") if r["input"] == self.parts[-1]] or [self.parts[-1]]
            back = d.pick(users)
            quantity = d.pick([3.0, 5.0]) if self.gain_above_one and d.chance(40) else d.pick([0.11, 0.17])
            self.add("bom", item=self.parts[-1], input=back, quantity=quantity)
        general = self.get("bom")
        tops = [r for r in self.get("sources") if any(b["item"] == r["item"] for b in general)]
        if tops and d.chance(20):  # a source with rows of its own, another recipe than the item's
            source = d.pick(tops)
            inputs = [b for b in general if b["item"] == source["item"]]
            keep = [b for b in inputs if d.chance(60)] or inputs[:1]
            name = source.get("source", f"{source['site']}:{source['item']}")
            for b in keep:
                self.add("bom", **{**b, "source": name, "quantity": b["quantity"] * d.pick([0.5, 1.5])})

    def lanes(self) -> None:
        d = self.d
        for item in list(self.laned):
            makers = self.places_of[item]
            users = sorted(
                {
                    s["site"]
                    for b in self.get("bom")
                    if b["input"] == item
                    for s in self.get("sources")
                    if s["item"] == b["item"]
                }
            )
            if item in self.products:
                users = sorted({*users, d.pick(self.sites)})
            wanted: list[tuple[str, str]] = []
            hub = d.pick(self.sites) if d.chance(35) else None
            for u in users:
                far = [m for m in makers if m != u]
                if hub and hub not in (u, *makers):
                    wanted += [(m, hub) for m in makers[:1]] + [(hub, u)]
                elif far:
                    wanted.append((d.pick(far), u))
            if not wanted:
                others = [s for s in self.sites if s not in makers]
                if not others:
                    self.laned.remove(item)
                    continue
                wanted.append((makers[0], d.pick(others)))
            for k, (a, b) in enumerate(dict.fromkeys(wanted)):
                row = self.add("lanes", item=item, from_site=a, to_site=b)
                if d.chance(30):
                    row["lane"] = f"way-{item}-{k}"
                if d.chance(40):
                    row["capacity"] = (
                        d.pick([0.0, 4.0, 8.0, 15.0, "unlimited"]) if k else d.pick([4.0, 8.0, 15.0])
                    )
                if k and d.chance(40):
                    row.update(self.status(active=20))
                row.update(
                    {
                        k2: v
                        for k2, v in (
                            ("recovery_time", self.maybe(40, [1.0, 3.0, 40.0])),
                            ("annual_probability", self.maybe(40, [0.02, 0.1])),
                        )
                        if v is not None
                    }
                )
                if d.chance(20):
                    row["groups"] = d.pick(["port", "zone"])

    def wants_and_stocks(self) -> None:
        d = self.d
        unclaimed = list(self.chains)
        for i, item in enumerate([*self.products, *(p for p in self.parts if d.chance(15))]):
            site = None
            if item in self.laned:
                ends = [x["to_site"] for x in self.get("lanes") if x["item"] == item]
                site = d.pick(ends + self.places_of[item])
            elif d.chance(15):
                site = d.pick(self.sites)
            chain = next(r for r in self.get("items") if r["item"] == item).get("chain")
            if chain is None or d.chance(25):
                chain = d.pick(unclaimed or self.chains)
                given: str | None = chain
            else:
                given = None
            unclaimed = [c for c in unclaimed if c != chain]
            self.add(
                "demands",
                item=item,
                site=site,
                chain=given,
                rate=d.pick([2.0, 4.0, 5.0, 10.0]),
                value=d.pick([1.0, 2.0, 3.0, 0.7]),
            )
            if i == 0 and item in self.laned and d.chance(30):
                other = d.pick(self.sites)
                if other != site:
                    self.add(
                        "demands", item=item, site=other, chain=chain, rate=3.0, value=d.pick([1.0, 5.0])
                    )
        used: set[tuple[str, str | None]] = set()
        for item in self.items:
            for _ in range(d.pick([0, 0, 1, 1, 2])):
                site = d.pick(self.sites) if item in self.laned or d.chance(60) else None
                if (item, site) in used:
                    continue
                used.add((item, site))
                if d.chance(60):
                    self.add("stocks", item=item, site=site, quantity=d.pick([1.0, 5.0, 13.0, 40.0]))
                else:
                    self.add("stocks", item=item, site=site, cover=d.pick([0.5, 1.0, 3.0]))

    def settle(self) -> None:
        """Leave nothing to estimate where a loop needs more of an item than it makes: the demand has no explosion."""
        at = {item: i for i, item in enumerate(self.items)}
        need = np.zeros((len(at), len(at)))
        for row in self.get("bom"):
            need[at[row["input"]], at[row["item"]]] += row["quantity"]
        if max(abs(np.linalg.eigvals(need))) < 0.95:
            return
        for row in self.get("sources"):
            row.setdefault("capacity", 7.0)
        for row in self.get("stocks"):
            if "cover" in row:
                row["quantity"] = row.pop("cover")

    # ---- what happens ----

    def happenings(self) -> None:
        d = self.d
        self.settings["events"] = {
            f"single_{k}": d.chance(p)
            for k, p in (
                ("site", 80),
                ("lane", 40),
                ("enterprise", 40),
                ("region", 25),
                ("country", 25),
                ("group", 70),
            )
        }
        targets = self.targets()
        for kind in ("enterprise", "region", "country", "group"):
            for name in targets[kind]:
                if d.chance(40):
                    self.add(
                        "elements",
                        kind=kind,
                        target=name,
                        recovery_time=self.maybe(50, [1.0, 3.0, 6.0]),
                        annual_probability=self.maybe(60, [0.0, 0.03, 0.08]),
                    )
        for e in range(d.pick([0, 1, 1, 2])):
            self.add("events", event=f"w{e}", annual_probability=d.pick([0.0, 0.02, 0.1, 0.3]))
            seen = set()
            for _ in range(d.whole(1, 3)):
                if not seen or d.chance(80):
                    kind = d.pick([k for k, names in targets.items() if names])
                    name = d.pick(targets[kind])
                duration = self.maybe(60, [0.0, 1.0, 2.5, 5.0, 8.0, 60.0])
                if (
                    kind,
                    name,
                    duration,
                ) not in seen:  # a target may be hit twice: hard and short, light and long
                    seen.add((kind, name, duration))
                    self.add(
                        "hits",
                        event=f"w{e}",
                        kind=kind,
                        target=name,
                        duration=duration,
                        loss=self.maybe(50, [0.0, 0.25, 0.5, 0.8, 1.0]),
                    )

    def targets(self) -> dict[str, list[str]]:
        sites = self.get("sites")
        groups = {
            g.strip()
            for t in ("sites", "sources", "lanes")
            for r in self.get(t)
            for g in r.get("groups", "").split(";")
            if g.strip()
        }
        return {
            "site": self.sites,
            "source": [r.get("source", f"{r['site']}:{r['item']}") for r in self.get("sources")],
            "lane": [
                r.get("lane", f"{r['item']}:{r['from_site']}>{r['to_site']}") for r in self.get("lanes")
            ],
            "item": self.items,
            **{k: sorted({r[k] for r in sites if k in r}) for k in ("enterprise", "region", "country")},
            "group": sorted(groups),
        }

    # ---- what can be done ----

    def effect(self, focus: str | None = None) -> tuple[str, str, float | None] | None:
        """Return one effect that the reader accepts, or None where there is nothing of the kind."""
        d = self.d
        targets = self.targets()
        by_name = {
            **dict(zip(targets["source"], self.get("sources"), strict=True)),
            **dict(zip(targets["lane"], self.get("lanes"), strict=True)),
        }
        what = focus or d.pick(
            ["qualify", "qualify", "expand", "stockpile", "harden", "harden", "recover", "switch", "own_ip"]
        )
        boms = {f"{r['item']}>{r['input']}": [] for r in self.get("bom")}
        for r in self.get("bom"):
            boms[f"{r['item']}>{r['input']}"].append(r)
        if what in ("qualify", "switch"):
            good = ("potential",) if what == "qualify" else ("qualified", "potential")
            names = [n for n, r in by_name.items() if r.get("status") in good]
            names += [n for n, rows in boms.items() if any(r.get("status") in good for r in rows)]
            if what == "switch" and d.chance(30):
                return ("switch", f"chain:{d.pick(self.chains)}", d.pick([1.0, 2.0, 30.0]))
            return (
                (what, d.pick(names), d.pick([0.5, 1.0, 3.0]) if what == "switch" else None)
                if names
                else None
            )
        if what == "expand":
            sources = [n for n in targets["source"] if by_name[n].get("capacity") != "unlimited"]
            lanes = [n for n in targets["lane"] if by_name[n].get("capacity", "unlimited") != "unlimited"]
            sites = [
                f"site:{r['site']}"
                for r in self.get("sites")
                if r.get("capacity", "unlimited") != "unlimited"
            ]
            names = sources + lanes + sites
            return ("expand", d.pick(names), d.pick([1.0, 4.0, 10.0])) if names else None
        if what == "stockpile":
            item = d.pick(self.items)
            site = f"@{d.pick(self.sites)}" if item in self.laned or d.chance(50) else ""
            return ("stockpile", item + site, d.pick([2.0, 10.0, 25.0]))
        if what == "own_ip":
            return ("own_ip", d.pick(targets["source"]), None)
        if self.get("hits") and d.chance(35):
            hit = d.pick(self.get("hits"))
            kind, name = hit["kind"], hit["target"]
        elif d.chance(40):
            kind, name = "site", d.pick(self.get("sources"))["site"]
        else:
            kind = d.pick([k for k, names in targets.items() if names])
            name = d.pick(targets[kind])
        return (
            what,
            f"{kind}:{name}",
            d.pick([0.25, 0.5, 1.0]) if what == "harden" else d.pick([1.0, 2.0, 3.0, 50.0]),
        )

    def helpful(self) -> tuple[str, str, float | None] | None:
        """Return an effect that is likely to matter: on what makes a product, or on a product itself."""
        d = self.d
        product = d.pick(self.products)
        makers = [r for r in self.get("sources") if r["item"] == product]
        dormant = [r for r in makers if r.get("status") == "potential" and r.get("capacity") != 0.0]
        if dormant and d.chance(50):
            r = d.pick(dormant)
            return ("qualify", r.get("source", f"{r['site']}:{r['item']}"), None)
        if product not in self.laned and d.chance(30):
            return ("stockpile", product, d.pick([2.0, 10.0, 25.0]))
        site = f"site:{d.pick(makers)['site']}"
        return d.pick([("harden", site, 0.5), ("harden", site, 1.0), ("recover", site, 2.0)])

    def measures(self) -> None:
        d = self.d
        years = [2026, 2027, 2028] if d.chance(50) else [2026, 2027]
        if d.chance(15):
            years = [2026]
        self.settings["planning"] = {
            "years": years,
            "budget": [d.pick([5.0, 9.0, 15.0, 30.0]) for _ in years],
            "carry_over": d.pick([0.0, 0.0, 0.5, 1.0]),
            "terminal_years": d.pick([0, 1, 3]),
            "min_new_chains": 1 if d.chance(6) else 0,
            "discount": d.pick([0.0, 0.05]),
        }
        if d.chance(40):
            self.settings["planning"]["tail_budget"] = [d.pick([0.0, 2.0, 5.0]), d.pick([0.0, 3.0])]
        if d.chance(40):
            self.settings["planning"]["max_new_chains"] = d.whole(1, 2)
        names: list[str] = []
        last: tuple[str, str, float | None] | None = None
        for k in range(d.whole(1, 4)):
            effects: dict[tuple[str, str], float | None] = {}
            for _ in range(d.pick([1, 1, 2])):
                pick = last if last and last[0] not in ("own_ip",) and d.chance(35) else self.effect()
                if not effects and d.chance(60):
                    pick = self.helpful()
                if last and pick is not last and d.chance(30):  # another effect on what was last touched
                    turn = {"harden": "recover", "recover": "harden"}.get(last[0])
                    if turn:
                        pick = (turn, last[1], 0.5 if turn == "harden" else 1.5)
                    elif last[0] == "qualify":
                        pick = ("switch", last[1], d.pick([1.0, 2.0]))
                if pick:
                    effects[(pick[0], pick[1])] = pick[2]
                    last = pick
            if not effects:
                continue
            name = f"m{k}"
            names.append(name)
            units = all(e in ("expand", "stockpile") for e, _ in effects)
            self.add(
                "measures",
                measure=name,
                chain=d.pick(self.chains) if d.chance(80) else None,
                kind=d.pick(["second_source", "capacity", "hardening", "stock"]),
                cost_1=d.pick([1.0, 2.0, 3.0, 5.0]),
                cost_2=self.maybe(40, [0.0, 1.0, 2.0]),
                cost_3=self.maybe(40, [0.0, 1.0, 2.0]),
                lead_time=self.maybe(35, [0, 1, 1, 2, 4]),
                max_units=2 if units and d.chance(60) else None,
                required=True if d.chance(6) else None,
            )
            for (effect, target), amount in effects.items():
                self.add("effects", measure=name, effect=effect, target=target, amount=amount)
        self.rules(names, years)

    def rules(self, names: list[str], years: list[int]) -> None:
        d = self.d
        by_name = {r["measure"]: r for r in self.get("measures")}
        if len(names) >= 2 and d.chance(35):
            a, b = names[0], names[1]
            self.add("measure_rules", rule=d.pick(["requires", "excludes"]), measure=b, other=a)
        for c in self.get("chains"):
            if d.chance(15):
                c["support_max"] = d.pick([3.0, 6.0])
            if d.chance(10):
                c["support_min"] = d.pick([1.0, 2.0])
        if d.chance(12) and names:  # support given before
            name = d.pick(names)
            chain = by_name[name].get("chain")
            if not by_name[name].get("required"):
                units = by_name[name].get("max_units") if d.chance(50) else None
                self.add(
                    "running", chain=chain, measure=name, start_year=years[0] - d.whole(1, 4), units=units
                )
        if d.chance(25) and names:  # a catalogue
            chain = d.pick(self.chains)
            own = [n for n in names if by_name[n].get("chain") == chain]
            if own:
                self.add("policies", policy="A", chain=chain)
                for n in own:
                    self.add(
                        "policy_measures",
                        policy="A",
                        measure=n,
                        units=d.pick([None, by_name[n].get("max_units")]),
                    )
                self.add("policies", policy="B", chain=chain)
                self.add("policy_measures", policy="B", measure=own[0])
        if d.chance(40):
            on = d.pick(["spend", "new_chains", "measures"])
            kind = d.pick(
                ["all", "chain", "cluster", "region", "enterprise"]
                + ([] if on == "new_chains" else ["measure_kind"])
            )
            enterprises = self.targets()["enterprise"]
            if kind == "enterprise" and enterprises:
                self.add("chain_owners", chain=self.chains[0], enterprise=enterprises[0])
            clusters = sorted({c["cluster"] for c in self.get("chains") if "cluster" in c})
            regions = sorted({c["region"] for c in self.get("chains") if "region" in c})
            known = {
                "chain": self.chains,
                "cluster": clusters,
                "region": regions,
                "enterprise": enterprises[:1],
                "measure_kind": sorted({r["kind"] for r in self.get("measures")}),
                "all": [None],
            }[kind]
            if known:
                low = d.chance(8)
                self.add(
                    "limits",
                    limit="quota",
                    on=on,
                    kind=kind,
                    target=d.pick(known),
                    year=d.pick(years) if d.chance(40) else None,
                    min=1.0 if low else None,
                    max=None if low else (d.pick([2.0, 4.0]) if on == "spend" else float(d.whole(0, 1))),
                )

    def make(self) -> Pair:
        d = self.d
        self.settings.update(
            name="random",
            title="A random network",
            horizon=d.pick([10.0, 8.0, 20.0]),
            stock_at_failed_site=d.pick(["survives", "lost"]),
        )
        if d.chance(50):
            self.settings["defaults"] = {
                "recovery_time": d.pick([3.0, 6.0, 12.0]),
                "annual_probability": d.pick([0.01, 0.04]),
                "surge": d.pick([0.0, 0.2, 0.5]),
            }
        for step in (
            self.places,
            self.chains_and_items,
            self.sources,
            self.bom,
            self.lanes,
            self.wants_and_stocks,
            self.settle,
            self.happenings,
        ):
            step()
        if self.planning:
            self.measures()
        return self.settings, {name: pd.DataFrame(rows) for name, rows in self.rows.items()}


def make_instance(draw: Draw, *, planning: bool = True, gain_above_one: bool = True) -> Pair:
    """Return a random instance.

    Parameters
    ----------
    draw : Draw
    planning : bool
        With measures and planning years.
    gain_above_one : bool
        Allow a BOM loop that cannot run on itself.
    """
    return _Maker(draw, planning=planning, gain_above_one=gain_above_one).make()


def seeded(seed: int, **options: Any) -> Pair:
    """Return the random instance of a seed; ``options`` as of `make_instance`."""
    return make_instance(SeededDraw(seed), **options)


def looped(seed: int) -> Pair:
    """Return a random instance whose items consume one another: by the seed, loops of low, mixed or high gain."""
    rng = np.random.default_rng(seed)
    quantities = ([0.11, 0.31], [0.11, 0.61, 1.21], [1.03, 2.03])[seed % 3]
    items = [f"I{k}" for k in range(rng.integers(2, 6))]
    sources: list[Row] = []
    bom: list[Row] = []
    for item in items:
        for _ in range(rng.integers(1, 3)):
            name, number = f"s{len(sources)}", len(sources)
            site = number if rng.random() < 0.8 else rng.integers(number + 1)
            sources.append({"source": name, "site": f"S{site}", "item": item, "capacity": "unlimited"})
            for r in range(rng.integers(0, 3)):
                for used in sorted(set(rng.choice(items, size=rng.integers(1, 3)).tolist())):
                    row = {"item": item, "source": name, "input": used, "requirement": f"r{r}"}
                    bom.append({**row, "quantity": float(rng.choice(quantities))})
    tables: dict[str, list[Row]] = {
        "chains": [{"chain": "C"}],
        "items": [{"item": item} for item in items],
        "sites": [
            {"site": site, "annual_probability": round(float(rng.uniform(0.0, 0.5)), 2)}
            for site in sorted({row["site"] for row in sources})
        ],
        "sources": sources,
        "bom": bom,
        "demands": [{"item": item, "chain": "C", "rate": 1.0, "value": 1.0} for item in items[:2]],
    }
    settings: dict[str, Any] = {"name": "looped", "title": "Items that consume one another", "horizon": 10.0}
    return settings, {name: pd.DataFrame(rows) for name, rows in tables.items() if rows}


@st.composite
def instances(draw: Callable[[Any], Any], *, planning: bool = True, gain_above_one: bool = True) -> Pair:
    """Return a hypothesis strategy of instances."""
    return make_instance(HypothesisDraw(draw), planning=planning, gain_above_one=gain_above_one)


def accepted(count: int, *, first: int = 0, **options: Any) -> list[tuple[int, Any]]:
    """Return ``count`` (seed, Instance) that the reader accepts, and insist that it refuses few."""
    from optichain import Instance, InstanceError

    found: list[tuple[int, Any]] = []
    refused: list[tuple[int, str]] = []
    for seed in itertools.count(first):
        settings, tables = seeded(seed, **options)
        try:
            found.append((seed, Instance.from_frames(tables, settings)))
        except InstanceError as error:
            refused.append((seed, str(error)))
        if len(found) == count:
            break
        if len(refused) > 10 + count // 10:
            raise AssertionError(f"the reader refuses too many instances: {refused[:5]}")
    return found
