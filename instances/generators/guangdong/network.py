"""The supply network of the chosen chains: items, sites, sources, bills of materials, stocks, demands, groups.

Each chain sells one product, which its chain owners assemble from parts; a part takes materials, and in most
chains one part takes a node that the chains of its cluster share. Distributions:

- Sources of a part or material: one, two or three with probabilities 0.30, 0.42, 0.28: single sourcing is
  common in bills of materials and not the rule. Invented.
- A material comes from abroad with probability 0.45, a shared node with 0.8: chips, bearings, reducers,
  software and specialty chemicals are those for which the province names import dependence. Invented shares.
- Annual probability of a complete loss of a site: log-normal, median 1.2 %, sigma 0.6, at most 8 %; time to
  recover: log-normal, median 9 weeks, sigma 0.5, 2 to 40 weeks. Invented, of the order that insurers' surveys
  of business interruption report.
- Annual output of a chain: log-normal, median CNY 30 billion, sigma 0.8. Invented.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from instances.generators.guangdong.catalogue import CITIES, CLUSTERS, COUNTRIES, Cluster
from instances.generators.guangdong.scores import slug, within

__all__ = ["Network", "make_network"]

Row = dict[str, Any]

WEEKS = 52.0
RATE = 100.0
"""Units of every product a week: only shares matter."""

COAST = ("Zhanjiang", "Maoming", "Zhuhai", "Shantou", "Jiangmen", "Huizhou")
NORTH = ("Shaoguan", "Meizhou", "Zhaoqing")
PORTS = ("port-nansha", "port-yantian", "port-zhanjiang")
REGIMES = {
    "Japan": "control-japan-materials",
    "United States": "control-us-technology",
    "Netherlands": "control-netherlands-equipment",
    "Germany": "control-eu-dual-use",
}
LICENSED = ("software", "semiconductors", "quantum", "digital")
"""Clusters whose foreign shared nodes carry a licence family of their own."""

LINKED = {
    "robots": "precision bearing",
    "appliances": "automotive microcontroller",
    "future-machines": "harmonic reducer",
}
"""Clusters that also use a node of another cluster."""


@dataclass(eq=False)
class Network:
    """Rows of the tables in the making, and what measures can act on.

    Attributes
    ----------
    rows : dict of table to rows
    dormant : dict of chain (or shared node) to names of potential sources
    openable : dict of chain to ``item>input`` that are potential
    weak : dict of chain to rows of sources without a second one
    """

    rng: np.random.Generator
    rows: dict[str, list[Row]] = field(default_factory=dict)
    dormant: dict[str, list[str]] = field(default_factory=dict)
    openable: dict[str, list[str]] = field(default_factory=dict)
    weak: dict[str, list[Row]] = field(default_factory=dict)
    foreign: dict[str, list[Row]] = field(default_factory=dict)
    plants: dict[str, list[Row]] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)

    def add(self, table: str, **row: Any) -> Row:
        """Add a row; what is None stays blank."""
        kept = {name: value for name, value in row.items() if value is not None}
        self.rows.setdefault(table, []).append(kept)
        return kept

    def pick(self, options: Any) -> Any:
        """Return one of several options."""
        return options[int(self.rng.integers(len(options)))]

    def chance(self, share: float) -> bool:
        """Return true in that share of cases."""
        return bool(self.rng.random() < share)


def make_network(chains: pd.DataFrame, rng: np.random.Generator) -> Network:
    """Return the network of some chains.

    Parameters
    ----------
    chains : DataFrame
        Of `instances.generators.guangdong.scores.chosen`.
    rng : Generator
    """
    net = Network(rng)
    clusters = {cluster.code: cluster for cluster in CLUSTERS}
    for row in chains.to_dict("records"):
        _chain(net, row, clusters[row["cluster"]])
    _groups(net)
    return net


def _chain(net: Network, row: Row, cluster: Cluster) -> None:
    chain = row["chain"]
    city = net.pick(CITIES)
    owners = [f"{chain}-owner-{n}" for n in range(1, 3 + net.chance(0.5))]
    net.add(
        "chains",
        **row,
        region=city[0],
        leader=f"Vice governor {net.pick('ABCDEFGH')}",
        support_max=120.0,
    )
    titles = {"title": row["title"], "title_zh": row["title_zh"]}
    net.add("items", item=chain, **titles, chain=chain, unit="unit")
    shares = net.rng.dirichlet(np.full(len(owners), 5.0))
    for number, (owner, share) in enumerate(zip(owners, shares, strict=True), 1):
        net.add("chain_owners", chain=chain, enterprise=owner)
        base = net.pick(CITIES)
        site = _site(
            net,
            f"{owner}-plant",
            (f"{row['title']} plant in {base[0]}", f"{base[1]}{row['title_zh']}工厂"),
            owner,
            base,
            firm=(f"{row['title']}, chain owner {number}", f"{row['title_zh']}链主{number}"),
        )
        net.plants.setdefault(chain, []).append(site)
        net.add("sources", site=site["site"], item=chain, share=round(float(share), 3), own_ip="yes")
    output = float(np.clip(net.rng.lognormal(np.log(30_000.0), 0.8), 3_000.0, 300_000.0))
    net.add("demands", item=chain, rate=RATE, value=round(output / WEEKS / RATE, 4))
    parts = _some(net, cluster.parts, 3)
    for number, part in enumerate(parts):
        item = f"{chain}.{slug(part[0])}"
        names = (f"{part[0].capitalize()} for {within(row['title'])}", f"{row['title_zh']}{part[1]}")
        net.add("items", item=item, title=names[0], title_zh=names[1], chain=chain, unit="unit")
        net.add("bom", item=chain, input=item, quantity=1.0)
        _sources(net, chain, item, names, abroad=0.15)
        net.add("stocks", item=item, cover=round(float(net.rng.uniform(0.5, 3.0)), 1))
        for material in _some(net, cluster.materials, 1 + net.chance(0.35)):
            _material(net, row, item, material)
        if number == 0:
            _use_shared(net, row, cluster, item)


def _some(net: Network, options: tuple[Any, ...], most: int) -> list[Any]:
    places = net.rng.permutation(len(options))[: min(most, len(options))]
    return [options[int(p)] for p in sorted(places)]


def _material(net: Network, row: Row, part: str, material: tuple[str, str]) -> None:
    """Add a material of a part, one in four with a substitute that is not usable yet."""
    chain = row["chain"]
    item = f"{chain}.{slug(material[0])}"
    if not any(other["item"] == item for other in net.rows["items"]):
        names = (
            f"{material[0].capitalize()} for {within(row['title'])}",
            f"{row['title_zh']}用{material[1]}",
        )
        mapped = not net.chance(0.06)
        net.add(
            "items", item=item, title=names[0], title_zh=names[1], chain=chain, unit="unit", mapped=mapped
        )
        _sources(net, chain, item, names, abroad=0.45)
        net.add("stocks", item=item, cover=round(float(net.rng.uniform(1.0, 8.0)), 1))
    if net.chance(0.25):
        other = f"{item}-alternative"
        if not any(known["item"] == other for known in net.rows["items"]):
            names = (f"Domestic alternative to {material[0]}", f"{row['title_zh']}用国产替代{material[1]}")
            net.add("items", item=other, title=names[0], title_zh=names[1], chain=chain, unit="unit")
            _sources(net, chain, other, names, abroad=0.0, most=1, usable=True)
        net.add("bom", item=part, input=item, requirement=slug(material[0]), quantity=1.0)
        weeks = float(net.rng.integers(2, 9))
        net.add(
            "bom",
            item=part,
            input=other,
            requirement=slug(material[0]),
            quantity=1.05,
            status="potential",
            switch_time=weeks,
        )
        net.openable.setdefault(chain, []).append(f"{part}>{other}")
        return
    net.add("bom", item=part, input=item, quantity=1.0)


def _use_shared(net: Network, row: Row, cluster: Cluster, part: str) -> None:
    """Let seven chains out of ten use a node that others of their cluster use too."""
    if net.chance(0.7):
        home, node = cluster, slug(net.pick(cluster.shared)[0])
        if cluster.code in LINKED and net.chance(0.4):
            node = slug(LINKED[cluster.code])
            home = next(c for c in CLUSTERS if any(slug(title) == node for title, _ in c.shared))
        if node not in net.dormant:
            _shared_node(net, home, next(pair for pair in home.shared if slug(pair[0]) == node))
        net.add("bom", item=part, input=node, quantity=round(float(net.rng.uniform(0.5, 1.5)), 2))
        net.shared.setdefault(row["chain"], node)


def _shared_node(net: Network, cluster: Cluster, node: tuple[str, str]) -> None:
    item = slug(node[0])
    names = (node[0].capitalize(), node[1])
    net.add("items", item=item, title=names[0], title_zh=names[1], unit="unit")
    _sources(net, item, item, names, abroad=0.8, most=3, licence=cluster.code in LICENSED)
    city = net.pick(CITIES)
    maker = f"{item}-specialist"
    titles = (f"Specialised maker of {node[0]} in {city[0]}", f"{city[1]}专精特新{node[1]}企业")
    site = _site(net, f"{maker}-works", titles, maker, city)
    net.add(
        "sources",
        site=site["site"],
        item=item,
        share=round(float(net.rng.uniform(0.2, 0.5)), 2),
        status="potential",
        switch_time=float(net.rng.integers(3, 10)),
        own_ip="yes",
    )
    net.dormant.setdefault(item, []).append(f"{site['site']}:{item}")
    net.add("stocks", item=item, cover=round(float(net.rng.uniform(1.0, 6.0)), 1))


def _sources(
    net: Network,
    owner: str,
    item: str,
    names: tuple[str, str],
    *,
    abroad: float,
    most: int = 3,
    usable: bool = False,
    licence: bool = False,
) -> None:
    """Add one to three sources of an item, second and third ones often not yet in use."""
    count = 1 if usable else min(1 + int(net.rng.choice(3, p=[0.30, 0.42, 0.28])), most)
    shares = net.rng.dirichlet(np.full(count, 3.0))
    rows = []
    for n, share in enumerate(shares):
        foreign = net.chance(abroad)
        place = net.pick(COUNTRIES[1:]) if foreign else net.pick(CITIES)
        maker = f"{item}-maker-{n + 1}"
        titles = (f"{names[0]}, maker {n + 1}, {place[0]}", f"{place[1]}{names[1]}厂家{n + 1}")
        site = _site(net, f"{maker}-works", titles, maker, place, foreign=foreign)
        status = "active"
        if n and not usable:
            status = ("active", "qualified", "potential")[int(net.rng.choice(3, p=[0.5, 0.2, 0.3]))]
        own = "no" if foreign else ("yes" if net.chance(0.6) else None)
        row = net.add(
            "sources",
            site=site["site"],
            item=item,
            share=round(float(share if status == "active" else net.rng.uniform(0.3, 0.9)), 3),
            status=status,
            switch_time=float(net.rng.integers(2, 9)) if status != "active" else None,
            own_ip=own,
            groups="licence-" + item if licence and foreign else None,
        )
        name = f"{site['site']}:{item}"
        if status == "potential":
            net.dormant.setdefault(owner, []).append(name)
        else:
            rows.append({**row, "source": name, "title": names[0], "title_zh": names[1]})
        if foreign and status == "active":
            net.foreign.setdefault(owner, []).append({**row, "title": names[0], "title_zh": names[1]})
    active = [row for row in rows if row["status"] == "active"]
    total = sum(row["share"] for row in active)
    for stored in net.rows["sources"][-count:]:
        if stored["status"] == "active":  # the shares of what is in use make up the whole
            stored["share"] = round(stored["share"] / total, 4)
    if len(rows) == 1:
        net.weak.setdefault(owner, []).append(rows[0])


def _site(
    net: Network,
    site: str,
    titles: tuple[str, str],
    enterprise: str,
    place: tuple[str, str],
    *,
    firm: tuple[str, str] | None = None,
    foreign: bool = False,
) -> Row:
    """Add a site, and what its enterprise is called: as the site where it has no name of its own."""
    called, called_zh = firm or titles
    net.add("elements", kind="enterprise", target=enterprise, title=called, title_zh=called_zh)
    groups = []
    if foreign:
        groups.append(net.pick(PORTS))
        if place[0] in REGIMES and net.chance(0.35):
            groups.append(REGIMES[place[0]])
    elif place[0] in COAST:
        groups.append("typhoon-coast")
    elif place[0] in NORTH:
        groups.append("flood-north")
    return net.add(
        "sites",
        site=site,
        title=titles[0],
        title_zh=titles[1],
        enterprise=enterprise,
        region=place[0] if not foreign else None,
        country=place[0] if foreign else "China",
        recovery_time=round(float(np.clip(net.rng.lognormal(np.log(9.0), 0.5), 2.0, 40.0)), 1),
        annual_probability=round(float(np.clip(net.rng.lognormal(np.log(0.012), 0.6), 0.001, 0.08)), 4),
        groups="; ".join(groups) or None,
    )


def _groups(net: Network) -> None:
    """Give common causes their probability and recovery time, all invented."""
    known = {
        "typhoon-coast": ("Typhoon on the coast", "沿海台风", 1.5, 0.15),
        "flood-north": ("Flood in the north", "粤北洪水", 3.0, 0.05),
        "port-nansha": ("Nansha port closed", "南沙港停摆", 3.0, 0.04),
        "port-yantian": ("Yantian port closed", "盐田港停摆", 4.0, 0.04),
        "port-zhanjiang": ("Zhanjiang port closed", "湛江港停摆", 3.0, 0.03),
        "control-japan-materials": ("Japanese control on materials", "日本材料出口管制", 26.0, 0.03),
        "control-us-technology": ("US control on technology", "美国技术出口管制", 40.0, 0.06),
        "control-netherlands-equipment": ("Netherlands control on equipment", "荷兰设备出口管制", 40.0, 0.04),
        "control-eu-dual-use": ("EU dual-use control", "欧盟两用物项管制", 26.0, 0.02),
    }
    used = {
        g
        for row in (*net.rows["sites"], *net.rows["sources"])
        for g in str(row.get("groups", "")).split("; ")
        if g
    }
    chinese = {row["item"]: row["title_zh"] for row in net.rows["items"]}
    for name in sorted(used):
        if name in known:
            title, title_zh, weeks, chance = known[name]
        else:
            node = name.removeprefix("licence-")
            title, title_zh, weeks, chance = (
                f"Licence for {node.replace('-', ' ')} withdrawn",
                f"{chinese[node]}许可撤销",
                30.0,
                0.02,
            )
        net.add(
            "elements",
            kind="group",
            target=name,
            title=title,
            title_zh=title_zh,
            recovery_time=weeks,
            annual_probability=chance,
        )
    for place, place_zh in COUNTRIES:
        net.add("elements", kind="country", target=place, title=place, title_zh=place_zh)
    for place, place_zh in CITIES:
        net.add("elements", kind="region", target=place, title=place, title_zh=place_zh)
