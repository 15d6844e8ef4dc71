"""What the command ``cuts`` answers: cut sets with their probabilities, top probability and importance."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.effects import State, base_state
from optichain.errors import UsageError
from optichain.nearest import nearest_clause
from optichain.network import ELEMENT_KINDS, STATUSES, Network
from optichain.risk.chances import Chances, chances_of, element_chance, set_chance
from optichain.risk.exposure import chosen_elements
from optichain.risk.structural.cutsets import minimal_cut_sets
from optichain.risk.structural.families import Batch, Budget
from optichain.storage.tojson import plain

__all__ = [
    "CutSets",
    "analyse_cuts",
    "check_search",
    "demanded_commodities",
    "make_budget",
    "may_fail",
    "places_of",
]

Ints = npt.NDArray[np.int64]
Place = tuple[str | None, str | None]


@dataclass(frozen=True, eq=False)
class CutSets:
    """Minimal cut sets with their probabilities.

    Attributes
    ----------
    network : Network
    places : tuple of (str or None, str or None)
        Demanded item and site (None where pooled); a level of all demands together has neither.
    sets : list of (ndarray, ndarray)
        For each size s: position in `places`, shape (n,); elements, shape (n, s), ascending.
    order : int
        The largest size that was asked for.
    proven : int
        No minimal cut set up to this size is missing.
    unprovidable : tuple of bool
        By place: it cannot be provided (or is below the level) even with nothing failed.
    chances : Chances
    level : float or None
        Continuity below which a set brings its place; None where it makes the demand impossible.
    undisturbed : tuple of float
        By place, the steady-state continuity with nothing failed; empty without a level.
    """

    network: Network
    places: tuple[Place, ...]
    sets: Batch
    order: int
    proven: int
    unprovidable: tuple[bool, ...]
    chances: Chances
    level: float | None = None
    undisturbed: tuple[float, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether no minimal cut set up to the order is missing."""
        return self.proven >= self.order

    @property
    def top_probability(self) -> float:
        """Probability that at least one of the demands fails in a year; NaN where there are only bounds."""
        low, high = self.chances.any_low, self.chances.any_high
        return high if low == high else float("nan")

    @property
    def count(self) -> int:
        """Number of sets."""
        return sum(len(owner) for owner, _ in self.sets)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """demand, site, elements (tuple of (kind, element)), probability; by demand, site, size, elements."""
        rows = list(self._rows())
        return pd.DataFrame(
            {
                "demand": pd.Series([row[0] for row in rows], dtype=object),
                "site": pd.Series([row[1] for row in rows], dtype=object),
                "elements": pd.Series([row[2] for row in rows], dtype=object),
                "probability": np.array([row[3] for row in rows], dtype=float),
            }
        )

    @cached_property
    def importance(self) -> pd.DataFrame:
        """demand, site, kind, element, importance (Birnbaum), where it is known exactly; largest first."""
        rows = []
        for place, found in zip(self.places, self.chances.birnbaum, strict=True):
            if found is not None:
                rows += [
                    (*place, *self._label[e], value)
                    for e, value in zip(found[0].tolist(), found[1].tolist(), strict=True)
                ]
        rows.sort(key=lambda row: (_by_name(row[:2]), -row[4], row[2:4]))
        return pd.DataFrame(rows, columns=["demand", "site", "kind", "element", "importance"])

    @cached_property
    def top(self) -> pd.DataFrame:
        """demand, site, low, high: bounds on the probability that it fails in a year, equal where exact."""
        order = [i for i in self._places_by_name if not self.unprovidable[i]]
        return pd.DataFrame(
            {
                "demand": pd.Series([self.places[i][0] for i in order], dtype=object),
                "site": pd.Series([self.places[i][1] for i in order], dtype=object),
                "low": self.chances.low[order],
                "high": self.chances.high[order],
            }
        )

    @cached_property
    def assumed(self) -> list[dict[str, str]]:
        """Elements of the cut sets whose probability is the default, for want of a fact."""
        _, unknown = element_chance(self.network)
        met = np.unique(np.concatenate([m.ravel() for _, m in self.sets]))
        return [
            {"kind": kind, "element": name}
            for kind, name in sorted(self._label[e] for e in met[unknown[met]].tolist())
        ]

    @cached_property
    def _label(self) -> list[tuple[str, str]]:
        net = self.network
        pairs = zip(net.element_kind.tolist(), net.element_name.tolist(), strict=True)
        return [(ELEMENT_KINDS[kind], str(name)) for kind, name in pairs]

    @cached_property
    def _places_by_name(self) -> list[int]:
        return sorted(range(len(self.places)), key=lambda i: _by_name(self.places[i]))

    def _rows(self) -> Iterator[tuple[str | None, str | None, tuple[tuple[str, str], ...], float]]:
        chance, _ = element_chance(self.network)
        found: list[list[tuple[tuple[tuple[str, str], ...], float]]] = [[] for _ in self.places]
        label = self._label
        for owner, members in self.sets:
            likely = set_chance(members, chance).tolist()
            mine = [
                (place, tuple(sorted(label[e] for e in row)), p)
                for place, row, p in zip(owner.tolist(), members.tolist(), likely, strict=True)
            ]
            mine.sort()
            for place, elements, p in mine:
                found[place].append((elements, p))
        for i in self._places_by_name:
            for elements, p in found[i]:
                yield (*self.places[i], elements, p)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of the command ``cuts``."""
        sets = [
            {
                "demand": demand,
                "site": site,
                "elements": [{"kind": kind, "element": name} for kind, name in elements],
                "probability": probability,
            }
            for demand, site, elements, probability in self._rows()
        ]
        result = {
            "cut_sets": sets,
            "order": self.order,
            "complete": self.complete,
            "proven_order": self.proven,
            "top_probability": self.top_probability,
            "top_probability_bounds": [self.chances.any_low, self.chances.any_high],
            "demands": self._demands(),
            "importance": self.importance,
            "unprovidable": [
                {"demand": self.places[i][0], "site": self.places[i][1]}
                for i in self._places_by_name
                if self.unprovidable[i]
            ],
            "assumed_probabilities": self.assumed,
        }
        if self.level is not None:
            result["level"] = self.level
        cleaned: dict[str, Any] = plain(result)
        return cleaned

    def _demands(self) -> list[dict[str, Any]]:
        rows = []
        for i in self._places_by_name:
            low, high = float(self.chances.low[i]), float(self.chances.high[i])
            row: dict[str, Any] = {
                "demand": self.places[i][0],
                "site": self.places[i][1],
                "top_probability": high if low == high else None,
                "top_probability_bounds": [low, high],
            }
            if self.undisturbed:
                row["undisturbed"] = self.undisturbed[i]
            rows.append(row)
        return rows


def _by_name(place: Sequence[str | None]) -> tuple[str, str]:
    return (place[0] or "", place[1] or "")


def may_fail(network: Network, kinds: Sequence[str] | None) -> npt.NDArray[np.bool_]:
    """Return which elements are of chosen kinds, shape (elements,); all without a choice.

    Raises
    ------
    UsageError
        No such kind.
    """
    allowed = np.zeros(network.n_elements, dtype=bool)
    allowed[chosen_elements(network, kinds or None)] = True
    return allowed


def demanded_commodities(network: Network, items: Sequence[str] | None) -> Ints:
    """Return what is demanded, each commodity once; only of some items where given.

    Raises
    ------
    UsageError
        An item is not demanded.
    """
    commodities = np.unique(network.demand_commodity)
    if not items:
        return commodities
    names = [str(network.items[i]) for i in network.commodity_item[commodities].tolist()]
    for item in items:
        if item not in names:
            raise UsageError(f"no demand is for {item!r}{nearest_clause(item, names)}")
    return commodities[np.isin(np.array(names, dtype=object), list(items))]


def analyse_cuts(
    network: Network,
    *,
    state: State | None = None,
    order: int = 2,
    kinds: Sequence[str] | None = None,
    demands: Sequence[str] | None = None,
    status: str = "qualified",
    limit: int = 1_000_000,
    time_limit: float | None = None,
    stop: threading.Event | None = None,
) -> CutSets:
    """Find the minimal cut sets of every demand, and how likely it fails.

    Parameters
    ----------
    network : Network
    state : State, optional
        Measures in effect; none by default. Hardening and stock clear no cut set.
    order : int
        Largest size of a set.
    kinds : sequence of str, optional
        Only elements of these kinds fail; all by default.
    demands : sequence of str, optional
        Only demands for these items.
    status : {"qualified", "active"}
        The worst status that counts as usable.
    limit : int
        Sets listed at most.
    time_limit : float, optional
        Seconds for the search; what is proven by then is returned.
    stop : threading.Event, optional
        Ends the search when set, like the time limit.

    Raises
    ------
    UsageError
        Unknown kind, status or demand; an order below 1.
    """
    check_search(order, status, limit)
    now = base_state(network) if state is None else state
    commodities = demanded_commodities(network, demands)
    cuts = minimal_cut_sets(
        network,
        now,
        commodities,
        order=order,
        allowed=may_fail(network, kinds),
        status=status,
        limit=limit,
        budget=make_budget(time_limit, stop),
    )
    return CutSets(
        network=network,
        places=places_of(network, commodities),
        sets=cuts.sets,
        order=order,
        proven=cuts.proven,
        unprovidable=tuple(cuts.unprovidable.tolist()),
        chances=chances_of(network, cuts, cuts.fails),
    )


def make_budget(time_limit: float | None, stop: threading.Event | None) -> Budget:
    """Return what a search may take."""
    return Budget(seconds=math.inf if time_limit is None else time_limit, stop=stop)


def check_search(order: int, status: str, limit: int) -> None:
    """Refuse a search that makes no sense."""
    if order < 1:
        raise UsageError(f"order: expected a whole number from 1, got {order}")
    if limit < 1:
        raise UsageError(f"limit: expected a whole number from 1, got {limit}")
    if status not in STATUSES[:2]:
        raise UsageError(f"unknown status {status!r}: expected 'active' or 'qualified'")


def places_of(network: Network, commodities: Ints) -> tuple[Place, ...]:
    """Return (item, site or None) of commodities."""
    sites = network.commodity_site[commodities].tolist()
    items = network.commodity_item[commodities].tolist()
    return tuple(
        (str(network.items[i]), None if s < 0 else str(network.sites[s]))
        for i, s in zip(items, sites, strict=True)
    )
