"""What can be funded, by whom and when: measures, catalogues, quotas, running support. All invented.

Costs are log-normal with sigma 0.4 around a median by kind of measure, in CNY million over up to three years,
of the order of what a programme gives to one project; others add co-funding.
"""

from __future__ import annotations

from typing import Any

from instances.generators.guangdong.network import Network, Row
from instances.generators.guangdong.scores import within

__all__ = ["PLANNING", "make_programme"]

PLANNING: dict[str, Any] = {
    "years": [2026, 2027, 2028],
    "budget": [900.0, 900.0, 900.0],
    "carry_over": 0.5,
    "tail_budget": [600.0, 300.0],
    "terminal_years": 3,
    "max_new_chains": 30,
    "discount": 0.03,
}

MEDIAN = {
    "second_source": 24.0,
    "substitute": 16.0,
    "capacity": 34.0,
    "stock": 8.0,
    "hardening": 12.0,
    "recovery": 6.0,
    "own_ip": 30.0,
    "digital": 5.0,
    "logistics": 4.0,
    "finance": 3.0,
}
SPREAD = {
    "second_source": (0.5, 0.3, 0.2),
    "own_ip": (0.4, 0.3, 0.3),
    "capacity": (0.6, 0.4, 0.0),
    "substitute": (0.6, 0.4, 0.0),
}
"""Shares of the cost in the first, second and third year; others cost all at once."""

LEAD = {"second_source": 1, "own_ip": 2, "capacity": 1, "substitute": 1}
RUNNING = 6
CATALOGUES = 6


def make_programme(net: Network) -> None:
    """Add measures, effects, rules, catalogues, limits and running support to a network."""
    chains = [row["chain"] for row in net.rows["chains"]]
    titles = {row["chain"]: (row["title"], row["title_zh"]) for row in net.rows["chains"]}
    own: dict[str, list[str]] = {}
    for chain in chains:
        own[chain] = _measures_of(net, chain, *titles[chain])
    for node in sorted(set(net.shared.values())):
        _shared_measures(net, node)
    order = [chains[int(i)] for i in net.rng.permutation(len(chains))]
    for chain in order[:RUNNING]:
        net.add("running", chain=chain, measure=own[chain][0], start_year=int(net.rng.integers(2024, 2026)))
    for chain in order[RUNNING : RUNNING + CATALOGUES]:
        _catalogue(net, chain, own[chain], *titles[chain])
    _limits(net)


def _measure(
    net: Network, name: str, chain: str | None, title: tuple[str, str], kind: str, **more: Any
) -> str:
    total = float(MEDIAN[kind] * net.rng.lognormal(0.0, 0.4))
    parts = [round(total * share, 1) for share in SPREAD.get(kind, (1.0, 0.0, 0.0))]
    net.add(
        "measures",
        measure=name,
        chain=chain,
        title=title[0],
        title_zh=title[1],
        kind=kind,
        cost_1=parts[0],
        cost_2=parts[1] or None,
        cost_3=parts[2] or None,
        co_funding=round(total * float(net.rng.uniform(0.2, 1.2)), 1),
        lead_time=LEAD.get(kind),
        **more,
    )
    return name


def _effect(net: Network, measure: str, effect: str, target: str, amount: float | None = None) -> None:
    net.add("effects", measure=measure, effect=effect, target=target, amount=amount)


def _measures_of(net: Network, chain: str, title: str, title_zh: str) -> list[str]:
    """Add the measures of one chain, those that matter most first; return their names."""
    names: list[str] = []
    owner = f"{chain}-owner-1"
    chinese = {row["item"]: row["title_zh"] for row in net.rows["items"]}
    for n, source in enumerate(net.dormant.get(chain, [])[:3], start=1):
        item = source.split(":", 1)[1].split(".", 1)[-1].replace("-", " ")
        name = f"{chain}/second-source-{n}"
        text = (
            f"Qualify a specialised new enterprise for {item}, {within(title)}",
            f"认证专精特新企业供应{chinese[source.split(':', 1)[1]]}",
        )
        names.append(
            _measure(net, name, chain, text, "second_source", owner=owner, indicator="batches approved")
        )
        _effect(net, name, "qualify", source)
    for n, link in enumerate(net.openable.get(chain, [])[:2], start=1):
        name = f"{chain}/substitute-{n}"
        text = (f"Approve the domestic alternative, {within(title)}", f"{title_zh}：验证国产替代")
        names.append(
            _measure(net, name, chain, text, "substitute", owner=owner, indicator="type tests passed")
        )
        _effect(net, name, "qualify", link)
    for n, row in enumerate(_dearest(net.weak.get(chain, []))[:1], start=1):
        name = f"{chain}/harden-{n}"
        text = (f"Protect the only source of {within(row['title'])}", f"加固唯一供应源：{row['title_zh']}")
        names.append(_measure(net, name, chain, text, "hardening", owner=owner, indicator="audit passed"))
        _effect(net, name, "harden", f"site:{row['site']}", round(float(net.rng.uniform(0.3, 0.7)), 2))
    for n, row in enumerate(net.foreign.get(chain, [])[:1], start=1):
        name = f"{chain}/stock-{n}"
        text = (f"Stock four weeks of {within(row['title'])}", f"储备四周用量：{row['title_zh']}")
        units = {"max_units": 3, "owner": owner, "indicator": "weeks in stock"}
        names.append(_measure(net, name, chain, text, "stock", **units))
        _effect(net, name, "stockpile", row["item"], 400.0)
        name = f"{chain}/own-ip-{n}"
        text = (f"Own design of {within(row['title'])}", f"自主设计：{row['title_zh']}")
        names.append(_measure(net, name, chain, text, "own_ip", owner=owner, indicator="patents granted"))
        _effect(net, name, "own_ip", f"{row['site']}:{row['item']}")
        _effect(net, name, "recover", f"site:{row['site']}", 4.0)
    plant = net.plants[chain][0]
    name = f"{chain}/park"
    text = (f"Recovery hall for {within(title)} in an industrial park", f"{title_zh}产业园区应急产能")
    names.append(_measure(net, name, chain, text, "recovery", owner=owner, indicator="drill passed"))
    _effect(net, name, "recover", f"site:{plant['site']}", round(float(net.rng.uniform(2.0, 5.0)), 1))
    if net.dormant.get(chain) or any(
        row.get("status") == "qualified" and str(row["item"]).startswith(chain) for row in net.rows["sources"]
    ):
        name = f"{chain}/digital"
        text = (f"Supply-chain visibility platform, {within(title)}", f"{title_zh}供应链数字化可视平台")
        names.append(
            _measure(net, name, chain, text, "digital", owner=owner, indicator="suppliers connected")
        )
        _effect(net, name, "switch", f"chain:{chain}", 1.5)
    services = (
        ("logistics", "Priority logistics", "物流保障"),
        ("finance", "Supplier bridge finance", "供应商过桥融资"),
    )
    kind, english, chinese = services[int(net.rng.integers(2))]
    name = f"{chain}/{kind}"
    names.append(
        _measure(
            net,
            name,
            chain,
            (f"{english}, {within(title)}", f"{title_zh}{chinese}"),
            kind,
            owner=owner,
            indicator="contracts signed",
        )
    )
    _effect(net, name, "recover", f"enterprise:{plant['enterprise']}", 1.0)
    _effect(net, name, "recover", f"site:{net.plants[chain][-1]['site']}", 1.0)
    return names


def _dearest(rows: list[Row]) -> list[Row]:
    """Put first what is a part rather than a material: it is farther down the chain."""
    return sorted(rows, key=lambda row: (str(row["item"]).count("."), str(row["item"])))


def _shared_measures(net: Network, node: str) -> None:
    """Add measures on a node that several chains use, which belong to no chain's policy."""
    title = next(row["title"] for row in net.rows["items"] if row["item"] == node)
    title_zh = next(row["title_zh"] for row in net.rows["items"] if row["item"] == node)
    for source in net.dormant[node][:1]:
        name = f"shared/{node}-second-source"
        text = (f"Provincial second source for {within(title)}", f"省级第二供应源：{title_zh}")
        _measure(
            net, name, None, text, "second_source", owner="provincial programme", indicator="batches approved"
        )
        _effect(net, name, "qualify", source)
        grow = f"shared/{node}-capacity"
        text = (f"Expand the second source for {within(title)}", f"第二供应源扩产：{title_zh}")
        _measure(net, grow, None, text, "capacity", owner="provincial programme", indicator="lines running")
        _effect(net, grow, "expand", source, 60.0)
        net.add("measure_rules", rule="requires", measure=grow, other=name)
    name = f"shared/{node}-reserve"
    text = (f"Provincial reserve of {within(title)}", f"省级储备：{title_zh}")
    _measure(
        net, name, None, text, "stock", owner="provincial programme", indicator="weeks in stock", max_units=2
    )
    _effect(net, name, "stockpile", node, 300.0)


def _catalogue(net: Network, chain: str, measures: list[str], title: str, title_zh: str) -> None:
    """Offer three policies: the first measure, the first half, and all that do not come in units."""
    most = {row["measure"]: row.get("max_units", 1) for row in net.rows["measures"]}
    sizes = {"basic": ("Basic", "基础"), "standard": ("Standard", "标准"), "full": ("Full", "全面")}
    bundles = (measures[:1], measures[: max(len(measures) // 2, 2)], measures)
    for (size, (english, chinese)), bundle in zip(sizes.items(), bundles, strict=True):
        policy = f"{chain}/{size}"
        net.add(
            "policies",
            policy=policy,
            chain=chain,
            title=f"{english} policy, {within(title)}",
            title_zh=f"{title_zh}{chinese}方案",
        )
        for measure in bundle:
            net.add(
                "policy_measures",
                policy=policy,
                measure=measure,
                units=int(most[measure]) if size == "full" else 1,
            )


def _limits(net: Network) -> None:
    """Quotas: no cluster takes more than a fifth of a year's budget; own IP has a floor; a few new chains from future clusters."""
    clusters = sorted({row["cluster"] for row in net.rows["chains"]})
    for cluster in clusters:
        net.add("limits", limit=f"share-{cluster}", on="spend", kind="cluster", target=cluster, max=180.0)
    net.add("limits", limit="own-ip-floor", on="spend", kind="measure_kind", target="own_ip", min=20.0)
    for cluster in clusters:
        if cluster in ("future-machines", "future-information"):
            net.add(
                "limits",
                limit=f"intake-{cluster}",
                on="new_chains",
                kind="cluster",
                target=cluster,
                year=2027,
                min=1,
            )
