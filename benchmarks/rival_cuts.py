"""A rival for cut sets: the textbook way, bottom-up over sets of frozensets, truncated and made minimal at each node."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from optichain.network import POTENTIAL, Network

__all__ = ["rival_cuts"]

Family = frozenset[frozenset[int]]


def rival_cuts(network: Network, order: int, kind: int) -> dict[int, Family]:
    """Return the minimal cut sets of every demanded commodity; networks without cycles only.

    Parameters
    ----------
    network : Network
    order : int
    kind : int
        Of the elements that may fail, as a position in `optichain.network.ELEMENT_KINDS`.
    """
    usable = (network.status < POTENTIAL) & (network.capacity > 0)
    rows = network.activity_elements
    own = [
        [
            e
            for e in rows.indices[rows.indptr[a] : rows.indptr[a + 1]].tolist()
            if network.element_kind[e] == kind
        ]
        for a in range(network.n_activities)
    ]
    makers: dict[int, list[int]] = {}
    for a in np.flatnonzero(usable).tolist():
        makers.setdefault(int(network.output[a]), []).append(a)
    needs: dict[int, list[int]] = {}
    for g, a in enumerate(network.requirement_activity.tolist()):
        needs.setdefault(a, []).append(g)
    options: dict[int, list[int]] = {}
    for o in np.flatnonzero(network.alternative_status < POTENTIAL).tolist():
        options.setdefault(int(network.alternative_requirement[o]), []).append(
            int(network.alternative_commodity[o])
        )
    known: dict[int, Family] = {}

    def family(commodity: int) -> Family:
        if commodity not in known:
            ways = []
            for a in makers.get(commodity, ()):
                causes: set[frozenset[int]] = {frozenset([e]) for e in own[a]}
                for g in needs.get(a, ()):
                    causes |= _all_of([family(c) for c in options.get(g, ())], order)
                ways.append(_minimal(causes))
            known[commodity] = _all_of(ways, order)
        return known[commodity]

    return {c: family(c) for c in np.unique(network.demand_commodity).tolist()}


def _all_of(families: list[Family], order: int) -> Family:
    result: Family = frozenset([frozenset()])
    for family in sorted(families, key=len):
        unions = (one | other for one in result for other in family)
        result = _minimal(union for union in unions if len(union) <= order)
    return result


def _minimal(sets: Iterable[frozenset[int]]) -> Family:
    kept: set[frozenset[int]] = set()
    for one in sorted(set(sets), key=len):
        parts = [frozenset([e]) for e in one]
        if len(one) == 3:
            parts += [one - part for part in parts]
        if not any(part in kept for part in parts if len(part) < len(one)) and frozenset() not in kept:
            kept.add(one)
    return frozenset(kept)
