"""Minimal cut sets (3.2) by trying every set of elements, smallest first; probabilities by adding up every state."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.optimize import linprog

from oracle.continuity import weights
from oracle.network import Demand, Element, Net, build
from oracle.structure import USABLE, can_be_provided, elements

Sets = set[frozenset[Element]]


Patterns = dict[frozenset[str], list[Element]]


def _patterns(net: Net, kinds: Sequence[str] | None) -> Patterns:
    """Return the elements by the activities that they stop: those with the same are one question."""
    found: Patterns = {}
    for e in elements(net):
        if kinds is None or e[0] in kinds:
            found.setdefault(frozenset(a.name for a in net.activities if e in a.elements), []).append(e)
    return found


def _minimal(works: Callable[[set[Element]], bool], patterns: Patterns, order: int) -> Sets:
    """Return every minimal set of up to ``order`` elements that stops what works with nothing failed."""
    if not works(set()):
        return set()
    known: dict[frozenset[str], bool] = {}
    found: list[set[frozenset[str]]] = []
    for size in range(1, order + 1):
        for chosen in itertools.combinations(patterns, size):
            if any(cut <= set(chosen) for cut in found):
                continue
            stopped = frozenset().union(*chosen)
            if stopped not in known:
                known[stopped] = works({patterns[p][0] for p in chosen})
            if not known[stopped]:
                found.append(set(chosen))
    return {frozenset(one) for cut in found for one in itertools.product(*(patterns[p] for p in cut))}


def minimal_cut_sets(
    instance: Any, order: int, *, kinds: Sequence[str] | None = None, status: str = "qualified"
) -> dict[tuple[str, str | None], Sets]:
    """Return the minimal cut sets of every demanded commodity that can be provided."""
    net = build(instance)
    patterns = _patterns(net, kinds)
    out = {}
    for demand in {d.commodity: d for d in net.demands}.values():
        if can_be_provided(net, demand, set(), status):
            out[demand.commodity] = _minimal(
                lambda failed, d=demand: can_be_provided(net, d, failed, status), patterns, order
            )
    return out


def steady_continuity(
    net: Net, failed: set[Element], *, of: Demand | None = None, status: str = "qualified"
) -> float:
    """Return the most continuity per unit of time without stock, everything usable being open.

    Parameters
    ----------
    of : Demand, optional
        Only the demands for this commodity count; all chains by their weights without it.
    """
    usable = USABLE[status]
    running = [a for a in net.activities if a.status in usable and not (a.elements & failed)]
    at = {c: i for i, c in enumerate(net.commodities)}
    chain_value: dict[str, float] = {}
    for d in net.demands:
        chain_value[d.chain] = chain_value.get(d.chain, 0.0) + d.rate * d.value
    weight = weights(net)
    balance: list[np.ndarray] = []
    upper: list[float] = []
    goal: list[float] = []

    def column(commodity: Any, taken: float, most: float, gain: float = 0.0) -> int:
        use = np.zeros(len(at))
        use[at[commodity]] = taken
        balance.append(use)
        upper.append(most)
        goal.append(-gain)
        return len(upper) - 1

    ties: list[dict[int, float]] = []
    loads: dict[str, dict[int, float]] = {}
    for a in running:
        p = column(a.output, -1.0, a.capacity)
        if a.kind == "source" and a.load > 0.0 and math.isfinite(net.site_capacity[a.site or ""]):
            loads.setdefault(a.site or "", {})[p] = a.load
        for group in a.requirements:
            ties.append({p: -1.0})
            for o in group:
                if o.status in usable:
                    ties[-1][column(o.commodity, 1.0, math.inf)] = 1.0 / o.quantity
    same = [d for d in net.demands if of is not None and d.commodity == of.commodity]
    for d in net.demands:
        if of is not None:
            gain = d.value / sum(x.value * x.rate for x in same) if d in same else 0.0
        else:
            gain = weight[d.chain] * d.value / chain_value[d.chain]
        column(d.commodity, 1.0, d.rate, gain)
    n = len(upper)

    def dense(rows: list[dict[int, float]]) -> np.ndarray:
        out = np.zeros((len(rows), n))
        for i, row in enumerate(rows):
            for j, x in row.items():
                out[i, j] = x
        return out

    result = linprog(
        goal,
        A_ub=np.vstack([np.array(balance).T, dense(list(loads.values()))]),
        b_ub=[0.0] * len(at) + [net.site_capacity[s] for s in loads],
        A_eq=dense(ties) if ties else None,
        b_eq=np.zeros(len(ties)) if ties else None,
        bounds=[(0.0, u) for u in upper],
        method="highs",
    )
    if result.status != 0:
        raise AssertionError(result.message)
    return float(-result.fun)


def level_cut_sets(
    instance: Any,
    level: float,
    order: int,
    *,
    of: Demand | None = None,
    kinds: Sequence[str] | None = None,
    status: str = "qualified",
) -> Sets:
    """Return the minimal sets whose permanent loss leaves steady-state continuity below a level."""
    net = build(instance)

    def works(failed: set[Element]) -> bool:
        return steady_continuity(net, failed, of=of, status=status) >= level - 1e-8

    return _minimal(works, _patterns(net, kinds), order)


def chance(net: Net, element: Element) -> float:
    """Return the annual probability of an element: of a source, its site's."""
    kind, name = element
    table, key = {"site": ("sites", "site"), "source": ("sources", "source"), "lane": ("lanes", "lane")}.get(
        kind, ("elements", "target")
    )
    default = float(net.data.settings["defaults"]["annual_probability"])
    for row in net.data[table]:
        if row[key] == name and (table != "elements" or row["kind"] == kind):
            if kind == "source":
                row = next(r for r in net.data["sites"] if r["site"] == row["site"])
            return float(row.get("annual_probability", default))
    return default


def top_probability(
    instance: Any, demands: Sequence[Demand], kinds: Sequence[str], status: str = "qualified"
) -> tuple[float, dict[Element, float]]:
    """Return (probability that one of the demands cannot be provided, Birnbaum importance by element)."""
    net = build(instance)
    every = [e for group in _patterns(net, kinds).values() for e in group]
    known: dict[frozenset[str], bool] = {}
    top = 0.0
    down, up = dict.fromkeys(every, 0.0), dict.fromkeys(every, 0.0)
    for state in itertools.product((False, True), repeat=len(every)):
        failed = {e for e, x in zip(every, state, strict=True) if x}
        stopped = frozenset(a.name for a in net.activities if a.elements & failed)
        if stopped not in known:
            known[stopped] = any(not can_be_provided(net, d, failed, status) for d in demands)
        if not known[stopped]:
            continue
        factors = [chance(net, e) if x else 1.0 - chance(net, e) for e, x in zip(every, state, strict=True)]
        top += math.prod(factors)
        for i, e in enumerate(every):
            side = down if state[i] else up
            side[e] += math.prod(factors[:i] + factors[i + 1 :])
    return top, {e: down[e] - up[e] for e in every}
