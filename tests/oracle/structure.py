"""Single points of failure (3.2): each element in turn, and one linear programme for each question."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import linprog

from oracle.network import Demand, Element, Net, build

USABLE = {"qualified": ("active", "qualified"), "active": ("active",)}


def can_be_provided(net: Net, demand: Demand, failed: set[Element], status: str = "qualified") -> bool:
    """Tell whether a positive steady-state flow serves the demand, with unlimited capacities and no stock."""
    usable = USABLE[status]
    running = [
        a
        for a in net.activities
        if a.status in usable
        and a.capacity > 0.0
        and not (a.elements & failed)
        and not (a.kind == "source" and a.load > 0.0 and net.site_capacity[a.site or ""] == 0.0)
    ]
    at = {c: i for i, c in enumerate(net.commodities)}
    balance_columns: list[np.ndarray] = []  # what a unit of a variable takes from each commodity
    tie_rows: list[dict[int, float]] = []
    for a in running:
        column = np.zeros(len(at))
        column[at[a.output]] -= 1.0
        mine = len(balance_columns)
        balance_columns.append(column)
        for group in a.requirements:
            tie = {mine: -1.0}
            for o in group:
                if o.status in usable:
                    use = np.zeros(len(at))
                    use[at[o.commodity]] = 1.0
                    tie[len(balance_columns)] = 1.0 / o.quantity
                    balance_columns.append(use)
            tie_rows.append(tie)
    served = np.zeros(len(at))
    served[at[demand.commodity]] = 1.0
    balance_columns.append(served)
    n = len(balance_columns)
    ties = np.zeros((len(tie_rows), n))
    for i, tie in enumerate(tie_rows):
        for j, x in tie.items():
            ties[i, j] = x
    goal = np.zeros(n)
    goal[-1] = -1.0
    result = linprog(
        goal,
        A_ub=np.array(balance_columns).T,
        b_ub=np.zeros(len(at)),
        A_eq=ties if len(ties) else None,
        b_eq=np.zeros(len(ties)) if len(ties) else None,
        bounds=[(0.0, None)] * (n - 1) + [(0.0, 1.0)],
        method="highs",
    )
    if result.status != 0:
        raise AssertionError(result.message)
    return bool(-result.fun > 0.5)  # the flows form a cone: it is 0 or 1


def elements(net: Net) -> list[Element]:
    """Return everything that can fail."""
    return sorted({e for a in net.activities for e in a.elements})


def spofs(
    instance: Any, *, status: str = "qualified", measures: Any = None
) -> set[tuple[str, str | None, str, str]]:
    """Return the single points of failure as (item, site or None when pooled, kind, element)."""
    net = build(instance, measures)
    found = set()
    for demand in net.demands:
        if not can_be_provided(net, demand, set(), status):
            continue
        known: dict[frozenset[str], bool] = {}  # elements that stop the same activities are one question
        for element in elements(net):
            stopped = frozenset(a.name for a in net.activities if element in a.elements)
            if stopped not in known:
                known[stopped] = can_be_provided(net, demand, {element}, status)
            if not known[stopped]:
                found.add((*demand.commodity, *element))
    return found


def unprovidable(instance: Any, *, status: str = "qualified") -> set[tuple[str, str | None]]:
    """Return the demands that nothing can provide even with nothing failed, as (item, site or None when pooled)."""
    net = build(instance)
    return {d.commodity for d in net.demands if not can_be_provided(net, d, set(), status)}
