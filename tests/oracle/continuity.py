"""Continuity under events (3.3): one linear programme an event, the whole network at once, on a fine grid."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from oracle.data import labels
from oracle.network import Activity, Element, Net, blocks, build
from oracle.structure import elements

_EXACT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


@dataclass(frozen=True)
class Hit:
    """A loss of a share of a target's capacity; ``duration`` None is the target's recovery time."""

    target: Element
    duration: float | None = None
    loss: float = 1.0


@dataclass(frozen=True)
class Event:
    """A set of hits that begin together."""

    name: str
    probability: float
    hits: tuple[Hit, ...]


# ---- weights and events ----------------------------------------------------------------------------------------


def demanded_value(net: Net) -> dict[str, float]:
    """Return the demanded value of each chain with a demand, per time unit."""
    out: dict[str, float] = {}
    for d in net.demands:
        out[d.chain] = out.get(d.chain, 0.0) + d.rate * d.value
    return out


def weights(net: Net) -> dict[str, float]:
    """Return the normalised weights of the chains: given, else from the scores, else by demanded value."""
    value = demanded_value(net)
    rows = [row for row in net.data["chains"] if value.get(row["chain"], 0.0) > 0.0]
    if any("weight" in row for row in net.data["chains"]):
        raw = {row["chain"]: row["weight"] for row in rows}
    elif any(k in row for row in net.data["chains"] for k in ("strength", "driving", "technology")):
        scale = net.data.settings["chain_scores"]
        raw = {row["chain"]: sum(scale[k] * row.get(k, 0.0) for k in scale) for row in rows}
    else:
        raw = {row["chain"]: value[row["chain"]] for row in rows}
    total = sum(raw.values())
    return {row["chain"]: raw.get(row["chain"], 0.0) / total for row in net.data["chains"]}


def events(net: Net) -> list[Event]:
    """Return the events of the table, then those made from the network."""
    data = net.data
    chance = data.settings["defaults"]["annual_probability"]
    out = []
    for row in data["events"]:
        hits = tuple(
            Hit((h["kind"], h["target"]), h.get("duration"), h["loss"])
            for h in data["hits"]
            if h["event"] == row["event"]
        )
        out.append(Event(row["event"], row["annual_probability"], hits))

    def made(kind: str, name: str, row: Mapping[str, Any]) -> None:
        out.append(Event(f"{kind}:{name}", row.get("annual_probability", chance), (Hit((kind, name)),)))

    want = data.settings["events"]
    facts = {(row["kind"], row["target"]): row for row in data["elements"]}
    if want["single_site"]:
        for row in data["sites"]:
            made("site", row["site"], row)
    if want["single_lane"]:
        present = {a.name for a in net.activities}
        for row in (r for r in data["lanes"] if r["lane"] in present):
            made("lane", row["lane"], row)
    for kind in ("enterprise", "region", "country"):
        if want[f"single_{kind}"]:
            for name in sorted({row[kind] for row in data["sites"] if row.get(kind)}):
                made(kind, name, facts.get((kind, name), {}))
    if want["single_group"]:
        found = {name for a in net.activities for kind, name in a.elements if kind == "group"}
        found |= {g for row in data["sites"] for g in labels(row)}
        for name in sorted(found):
            row = facts.get(("group", name), {})
            if "annual_probability" in row or "recovery_time" in row:
                made("group", name, row)
    return out


# ---- what is left, and for how long ----------------------------------------------------------------------------


def _duration(net: Net, hit: Hit, own_time: float) -> float:
    """Return how long a hit lasts for something whose own recovery time is ``own_time``, before any measure."""
    if hit.duration is not None:
        return hit.duration
    kind, name = hit.target
    default = net.data.settings["defaults"]["recovery_time"]
    tables = {"site": "sites", "lane": "lanes", "source": "sources"}
    if kind in tables:
        row = next(r for r in net.data[tables[kind]] if r[kind] == name)
        if kind == "source":
            row = next(r for r in net.data["sites"] if r["site"] == row["site"])
        return float(row.get("recovery_time", default))
    for row in net.data["elements"]:
        if (row["kind"], row["target"]) == hit.target and "recovery_time" in row:
            return float(row["recovery_time"])
    return own_time


def _protections(net: Net, which: str, hit: Hit, reached: set[Element], itself: set[Element]) -> list[float]:
    """Return the amounts of ``harden`` or ``recover`` that act on a hit for one reached thing.

    Those on a site, source or lane protect their own from every hit; the others act on hits of their target.
    """
    out = []
    for target, amount in getattr(net, which):
        if target[0] in ("site", "source", "lane"):
            if target in (reached if target[0] == "site" else itself):
                out.append(amount)
        elif target == hit.target:
            out.append(amount)
    return out


def effective(net: Net, hit: Hit, reached: set[Element], own_time: float) -> tuple[float, float]:
    """Return (loss, duration) of a hit for a thing with the elements ``reached``, 0 and 0 where it does not reach."""
    if hit.target not in reached:
        return 0.0, 0.0
    loss = hit.loss * math.prod(1.0 - x for x in _protections(net, "harden", hit, reached, reached))
    time = _duration(net, hit, own_time) - sum(_protections(net, "recover", hit, reached, reached))
    return (loss, time) if loss > 0.0 and time > 0.0 else (0.0, 0.0)


def _site_time(net: Net, site: str) -> float:
    default = net.data.settings["defaults"]["recovery_time"]
    return float(next(r for r in net.data["sites"] if r["site"] == site).get("recovery_time", default))


def reaches(net: Net, event: Event, activity: Activity) -> bool:
    """Tell whether any hit of the event reaches the activity."""
    return any(effective(net, hit, activity.elements, activity.own_time)[1] > 0.0 for hit in event.hits)


# ---- the linear programme --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """Value served within the window, and continuity, by chain."""

    served: dict[str, float]
    continuity: dict[str, float]
    total: float  # weighted by ``gain``, summed over the network
    demanded: dict[str, float]


def solve(
    net: Net,
    hits: tuple[Hit, ...] = (),
    *,
    window: float | None = None,
    by_value: bool = False,
    split: bool = True,
    lost_sources: frozenset[str] = frozenset(),
) -> Outcome:
    """Serve as much as possible while the hits last.

    Parameters
    ----------
    window : float, optional
        In place of the horizon.
    by_value : bool
        Weigh by value alone.
    split : bool
        Settle the split between the chains of a block (descending weight, then name).
    lost_sources : frozenset of str
        Sources that are gone for the whole window, whatever protects them.
    """
    length = float(net.data.settings["horizon"] if window is None else window)
    losses = {id(a): [effective(net, h, a.elements, a.own_time) for h in hits] for a in net.activities}
    site_losses = {
        s: [effective(net, h, e, _site_time(net, s)) for h in hits] for s, e in net.site_elements.items()
    }
    cuts = {0.0, length}
    for pairs in (*losses.values(), *site_losses.values()):
        cuts |= {time for _, time in pairs}
    for a in net.activities:
        cuts |= {a.switch, *(o.switch for g in a.requirements for o in g)}
    grid = sorted(c for c in cuts if 0.0 <= c <= length)
    grid = sorted({*grid, *((x + y) / 2 for x, y in itertools.pairwise(grid))})
    phases = [(x, y) for x, y in itertools.pairwise(grid) if y - x > 1e-12]

    def left(pairs: list[tuple[float, float]], time: float) -> float:
        return min([1.0 - loss for loss, until in pairs if time < until], default=1.0)

    def limit(capacity: float, share: float, time: float) -> float:
        if capacity == 0.0 or share == 0.0:
            return 0.0
        return capacity * share * time

    commodity = {c: i for i, c in enumerate(net.commodities)}
    upper: list[float] = []
    value_of: list[tuple[int, str, float]] = []  # column, chain, value
    eq: list[tuple[dict[int, float], float]] = []
    le: list[tuple[dict[int, float], float]] = []

    def column(bound: float) -> int:
        upper.append(bound)
        return len(upper) - 1

    stock = [0.0] * len(commodity)
    for store in net.stores:
        gone = (
            net.data.settings["stock_at_failed_site"] == "lost"
            and store.site is not None
            and any(loss >= 1.0 for loss, _ in site_losses[store.site])
        )
        if not gone:
            stock[commodity[store.commodity]] += store.quantity
    before: list[int | None] = [None] * len(commodity)
    for start, end in phases:
        middle, time = (start + end) / 2, end - start
        balance: list[dict[int, float]] = [
            {} for _ in commodity
        ]  # provided - used - served - I_k + I_k-1 = 0
        at_site: dict[str, dict[int, float]] = {}
        for a in net.activities:
            share = left(losses[id(a)], middle)
            closed = a.status == "potential" or (a.status == "qualified" and middle < a.switch)
            closed = closed or a.name in lost_sources
            p = column(0.0 if closed else limit(a.capacity, share, time))
            balance[commodity[a.output]][p] = balance[commodity[a.output]].get(p, 0.0) + 1.0
            if a.kind == "source":
                at_site.setdefault(a.site or "", {})[p] = a.load
            for group in a.requirements:
                tie = {p: -1.0}
                for o in group:
                    shut = o.status == "potential" or (o.status == "qualified" and middle < o.switch)
                    u = column(0.0 if shut else math.inf)
                    tie[u] = 1.0 / o.quantity
                    balance[commodity[o.commodity]][u] = -1.0
                eq.append((tie, 0.0))
        for site, row in at_site.items():
            if math.isfinite(net.site_capacity[site]):
                le.append((row, net.site_capacity[site] * left(site_losses[site], middle) * time))
        for d in net.demands:
            s = column(d.rate * time)
            value_of.append((s, d.chain, d.value))
            balance[commodity[d.commodity]][s] = -1.0
        for i, row in enumerate(balance):
            held = column(math.inf)
            row[held] = -1.0
            if before[i] is not None:
                row[before[i]] = 1.0  # type: ignore[index]
            eq.append((row, 0.0 if before[i] is not None else -stock[i]))
            before[i] = held

    weight = weights(net)
    rate = demanded_value(net)
    demanded = {c: length * r for c, r in rate.items()}
    worth = {
        c: (1.0 if by_value else weight[c] / demanded[c] if demanded[c] > 0.0 else 0.0) for c in demanded
    }
    n = len(upper)
    served_row = {c: np.zeros(n) for c in demanded}
    for j, chain, value in value_of:
        served_row[chain][j] += value
    goal = sum((worth[c] * served_row[c] for c in demanded), np.zeros(n))
    if by_value:
        goal = goal / sum(demanded.values())

    def matrix(rows: list[tuple[dict[int, float], float]]) -> tuple[Any, Any]:
        if not rows:
            return None, None
        i = [k for k, (row, _) in enumerate(rows) for _ in row]
        j = [c for row, _ in rows for c in row]
        x = [v for row, _ in rows for v in row.values()]
        return sp.csr_matrix((x, (i, j)), shape=(len(rows), n)), np.array([b for _, b in rows])

    a_eq, b_eq = matrix(eq)
    a_le, b_le = matrix(le)

    def best(objective: np.ndarray, floors: list[tuple[np.ndarray, float]]) -> tuple[float, np.ndarray]:
        a, b = a_le, b_le
        if floors:
            extra = sp.csr_matrix(np.array([-row for row, _ in floors]))
            a = extra if a is None else sp.vstack([a, extra])
            b = np.concatenate([b if b is not None else [], [-f for _, f in floors]])
        done = linprog(
            -objective,
            A_ub=a,
            b_ub=b,
            A_eq=a_eq,
            b_eq=b_eq,
            bounds=np.column_stack([np.zeros(n), upper]),
            method="highs",
            options=_EXACT,
        )
        if done.status != 0:
            raise AssertionError(done.message)
        return -done.fun, done.x

    total, x = best(goal, [])
    if split and len(demanded) > 1:
        floors = [(goal, total - 1e-11)]
        for chain in sorted(demanded, key=lambda c: (-round(weight[c], 12), c)):
            if demanded[chain] <= 0.0:
                continue
            mine = served_row[chain] / demanded[chain]
            most, x = best(mine, floors)
            floors.append((mine, most - 1e-11))
    served = {c: float(served_row[c] @ x) for c in demanded}
    continuity = {c: served[c] / demanded[c] if demanded[c] > 0.0 else 1.0 for c in demanded}
    return Outcome(served, continuity, total, demanded)


# ---- the figures of 3.3 ----------------------------------------------------------------------------------------


def cvar(values: list[float], chances: list[float], alpha: float) -> float:
    """Return the lower-tail CVaR: the best eta of Rockafellar and Uryasev is one of the values."""
    total = sum(chances)
    return max(
        eta - sum(p / total * max(0.0, eta - v) for v, p in zip(values, chances, strict=True)) / (1.0 - alpha)
        for eta in values
    )


@dataclass(frozen=True)
class Report:
    """All figures of an instance in one state."""

    undisturbed: Outcome
    outcomes: dict[str, Outcome]
    probability: dict[str, float]
    lost: dict[str, float]
    acc: float
    worst: float
    cvar: float
    expected_annual_loss: float
    chains: dict[str, dict[str, float]]


def exposure(instance: Any) -> dict[str, list[str]]:
    """Return W_B for each chain with a demand: the events that reach its block, decided before any measure."""
    net = build(instance)
    out: dict[str, list[str]] = {}
    by_name = {a.name: a for a in net.activities}
    for block in blocks(net):
        inside = [by_name[name] for kind, name in block if kind == "activity"]
        hit = [e.name for e in events(net) if e.probability > 0.0 and any(reaches(net, e, a) for a in inside)]
        out.update({name: hit for kind, name in block if kind == "chain"})
    return out


def report(
    instance: Any,
    measures: Mapping[str, float] | None = None,
    *,
    alpha: float = 0.95,
    split: bool = True,
    by_value: bool = False,
) -> Report:
    """Return every figure of 3.3 with ``measures`` in effect; losses from the undisturbed service before any."""
    net = build(instance, measures)
    weight = weights(net)
    exposed = exposure(instance)
    start = solve(build(instance), split=split, by_value=by_value)
    undisturbed = solve(net, split=split, by_value=by_value)
    outcomes, chance, lost = {}, {}, {}
    for e in events(net):
        outcomes[e.name] = solve(net, e.hits, split=split, by_value=by_value)
        chance[e.name] = e.probability
        lost[e.name] = sum(start.served.values()) - sum(outcomes[e.name].served.values())
    chains: dict[str, dict[str, float]] = {}
    for c in weight:
        names = exposed.get(c, [])
        row = {"weight": weight[c]}
        if c in undisturbed.continuity:
            values = [outcomes[w].continuity[c] for w in names]
            chances = [chance[w] for w in names]
            if names:
                row["acc"] = sum(p * v for p, v in zip(chances, values, strict=True)) / sum(chances)
                row["worst"], row["cvar"] = min(values), cvar(values, chances, alpha)
            else:
                row["acc"] = row["worst"] = row["cvar"] = undisturbed.continuity[c]
            row["expected_annual_loss"] = sum(
                chance[w] * (start.served[c] - outcomes[w].served[c]) for w in outcomes
            )
        chains[c] = row
    acc = sum(weight[c] * row["acc"] for c, row in chains.items() if "acc" in row)
    worst = tail = 0.0
    for block in blocks(net):
        mine = [name for kind, name in block if kind == "chain"]
        share = sum(weight[c] for c in mine)
        if share <= 0.0:
            continue

        def level(outcome: Outcome, mine: list[str] = mine, share: float = share) -> float:
            return sum(weight[c] * outcome.continuity[c] for c in mine) / share

        names = exposed[mine[0]]
        values = [level(outcomes[w]) for w in names] or [level(undisturbed)]
        chances = [chance[w] for w in names] or [1.0]
        worst += share * min(values)
        tail += share * cvar(values, chances, alpha)
    loss = sum(chance[w] * lost[w] for w in outcomes)
    return Report(undisturbed, outcomes, chance, lost, acc, worst, tail, loss, chains)


def autonomy(instance: Any, measures: Mapping[str, float] | None = None) -> dict[str, tuple[float, float]]:
    """Return each chain's continuity when every source that is not own is lost for the whole horizon, (low, high)."""
    net = build(instance, measures)
    foreign = frozenset(a.name for a in net.activities if a.own_ip == "no")
    unknown = frozenset(a.name for a in net.activities if a.kind == "source" and a.own_ip is None)
    low = solve(net, lost_sources=foreign | unknown).continuity
    high = solve(net, lost_sources=foreign).continuity
    return {c: (min(low[c], high[c]), max(low[c], high[c])) for c in low}


def impact(instance: Any, element: Element) -> float:
    """Return the value lost when an element alone fails for its recovery time."""
    net = build(instance)
    return sum(solve(net).served.values()) - sum(solve(net, (Hit(element),)).served.values())


def time_to_survive(instance: Any, element: Element, *, chain: str | None = None) -> float:
    """Return the largest t such that [0, t] is served as undisturbed while the element stays down from 0.

    Bisection on the definition; infinite when nothing is missing even in a window long beyond every time that
    the network knows.
    """
    net = build(instance)

    def short(t: float) -> float:
        whole = solve(net, window=t, by_value=True, split=False)
        down = solve(net, (Hit(element, 2.0 * t),), window=t, by_value=True, split=False)
        return (whole.total - down.total) * t * sum(demanded_value(net).values())

    scale = sum(demanded_value(net).values())
    tolerance = 1e-8 * scale
    high = 1.0
    while short(high) <= tolerance:
        high *= 6.0
        if high > 1e5:
            return math.inf
    low = 0.0
    while high - low > 1e-6 * max(1.0, high):
        middle = (low + high) / 2
        low, high = (middle, high) if short(middle) <= tolerance else (low, middle)
    return low


__all__ = [
    "Event",
    "Hit",
    "Outcome",
    "Report",
    "autonomy",
    "cvar",
    "effective",
    "elements",
    "events",
    "exposure",
    "impact",
    "report",
    "solve",
    "time_to_survive",
    "weights",
]
