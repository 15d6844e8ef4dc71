"""What measures do to the network: the table ``effects`` resolved, and the state that a choice leads to.

A `State` is everything about the network that a measure can change. The stress test, the verification of
a plan and the integer programme all take the consequences of measures from `apply_measures`, so that an
effect is defined once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.instance.targets import Names, resolve_target
from optichain.network import ACTIVE, POTENTIAL, QUALIFIED, Network

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Effect", "State", "apply_measures", "base_state", "resolve_effects", "unit_vector"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
NONE: Ints = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Effect:
    """One row of ``effects`` with its target as numbers of the network.

    Attributes
    ----------
    row : int
        Row in the table, from 0.
    measure : int
        Row of the measure in ``measures``.
    kind : str
        ``qualify``, ``expand``, ``stockpile``, ``harden``, ``recover``, ``switch`` or ``own_ip``.
    amount : float
        Per unit of the measure; 0 where the kind has none.
    activities, alternatives : ndarray
        Numbers of what is qualified, expanded, switched or made own.
    site, element, commodity : int
        Site whose capacity grows, element that is protected, commodity that is stocked; -1: none.
    stock_site : int
        Site of the added stock, -1 for stock without one.
    """

    row: int
    measure: int
    kind: str
    amount: float
    activities: Ints = field(default_factory=lambda: NONE)
    alternatives: Ints = field(default_factory=lambda: NONE)
    site: int = -1
    element: int = -1
    commodity: int = -1
    stock_site: int = -1


@dataclass(frozen=True, eq=False)
class State:
    """What measures can change about a network.

    Attributes
    ----------
    capacity, switch_time : ndarray, shape (activities,)
    status : ndarray, shape (activities,)
        0 active, 1 qualified, 2 potential.
    alternative_status, alternative_switch : ndarray, shape (alternatives,)
    site_capacity : ndarray, shape (sites,)
    stock_commodity, stock_site, stock_quantity : ndarray, shape (stocks,)
        Rows of the table, then one for each effect that stocks (quantity 0 when not chosen).
    loss_factor : ndarray, shape (elements,)
        Product of (1 - amount) over the hardening of each element.
    recovery_gain : ndarray, shape (elements,)
        Time units by which hits on each element are shortened.
    own : ndarray of bool, shape (activities,)
        Sources that a measure has made own intellectual property.
    """

    capacity: Floats
    switch_time: Floats
    status: Ints
    alternative_status: Ints
    alternative_switch: Floats
    site_capacity: Floats
    stock_commodity: Ints
    stock_site: Ints
    stock_quantity: Floats
    loss_factor: Floats
    recovery_gain: Floats
    own: npt.NDArray[np.bool_]


def resolve_effects(network: Network) -> tuple[Effect, ...]:
    """Return the effects of all measures with their targets as numbers; kept with the network."""
    kept = network.__dict__.get("_effects")
    if kept is None:
        kept = tuple(_resolve_all(network))
        network.__dict__["_effects"] = kept
    result: tuple[Effect, ...] = kept
    return result


def _resolve_all(network: Network) -> list[Effect]:
    instance = network.instance
    measures = pd.Index(instance["measures"]["measure"].to_numpy(dtype=object))
    frame = instance["effects"]
    owner = measures.get_indexer(pd.Index(frame["measure"].to_numpy(dtype=object)))
    amounts = frame["amount"].to_numpy(float)
    if frame.empty:
        return []
    finder = _Finder(network)
    effects = []
    for row, (measure, kind, target) in enumerate(zip(owner, frame["effect"], frame["target"], strict=True)):
        amount = 0.0 if np.isnan(amounts[row]) else float(amounts[row])
        effects.append(finder.effect(row, int(measure), str(kind), str(target), amount))
    return effects


class _Finder:
    """Finds the numbers of what targets name."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.by_name = {str(name): number for number, name in enumerate(network.activity_name.tolist())}
        self.names = Names.of(network.instance.frames)

    def effect(self, row: int, measure: int, kind: str, target: str, amount: float) -> Effect:
        named = resolve_target(kind, target, self.names)
        assert named is not None, "the reader has refused targets that name nothing"
        if named.kind == "stock":
            commodity, at = self._stock(named.name, named.site)
            return Effect(row, measure, kind, amount, commodity=commodity, stock_site=at)
        if kind in ("harden", "recover"):
            return Effect(row, measure, kind, amount, element=self.network.element(named.kind, named.name))
        if named.kind == "site":
            place = int(self.network.sites.get_indexer(pd.Index([named.name]))[0])
            return Effect(row, measure, kind, amount, site=place)
        if named.kind == "link":
            number = self.network.links.get_indexer(pd.Index([named.name]))[0]
            rows = np.flatnonzero(self.network.alternative_link == number) if number >= 0 else NONE
            return Effect(row, measure, kind, amount, alternatives=rows)
        if named.kind == "chain":
            activities, alternatives = self._of_chain(named.name)
            return Effect(row, measure, kind, amount, activities=activities, alternatives=alternatives)
        found = self.by_name.get(named.name)
        return Effect(
            row,
            measure,
            kind,
            amount,
            activities=NONE if found is None else np.array([found], dtype=np.int64),
        )

    def _stock(self, item: str, site: str | None) -> tuple[int, int]:
        network = self.network
        number = int(network.items.get_indexer(pd.Index([item]))[0])
        at = -1 if site is None else int(network.sites.get_indexer(pd.Index([site]))[0])
        same = network.commodity_item == number
        stands = network.commodity_site[same]
        wanted = at if (stands >= 0).any() else -1
        return int(np.flatnonzero(same & (network.commodity_site == wanted))[0]), at

    def _of_chain(self, chain: str) -> tuple[Ints, Ints]:
        """Return all sources and lanes of the chain's items, and all alternatives of what makes them."""
        network = self.network
        mine = (network.instance["items"]["chain"] == chain).to_numpy(bool)
        activities = mine[network.commodity_item[network.output]]
        users = network.requirement_activity[network.alternative_requirement]
        return np.flatnonzero(activities), np.flatnonzero(activities[users] & ~network.is_lane[users])


def unit_vector(network: Network, units: Mapping[str, float]) -> Floats:
    """Return units by row of ``measures`` from units by name, shape (measures,)."""
    names = network.instance["measures"]["measure"]
    return np.array([float(units.get(str(name), 0.0)) for name in names])


def base_state(network: Network) -> State:
    """Return the network as it stands, before any measure; kept with the network."""
    kept = network.__dict__.get("_base_state")
    if not isinstance(kept, State):
        kept = apply_measures(network, np.zeros(len(network.instance["measures"])))
        network.__dict__["_base_state"] = kept
    return kept


def apply_measures(network: Network, units: Floats) -> State:
    """Return the state in which measures are in full effect.

    Parameters
    ----------
    network : Network
    units : ndarray, shape (measures,)
        Units of each measure in effect, by row of the table ``measures``.

    Returns
    -------
    State
        Effects of one kind on one thing combine as the format says: amounts add up, remaining losses
        multiply, times do not fall below 0.
    """
    capacity, site_capacity = network.capacity.copy(), network.site_capacity.copy()
    status, alternative_status = network.status.copy(), network.alternative_status.copy()
    saved, alternative_saved = np.zeros(network.n_activities), np.zeros(len(alternative_status))
    loss_factor, recovery_gain = np.ones(network.n_elements), np.zeros(network.n_elements)
    own = np.zeros(network.n_activities, dtype=bool)
    extra: list[tuple[int, int, float]] = []
    for effect in resolve_effects(network):
        chosen = float(units[effect.measure])
        gain = effect.amount * chosen
        if effect.kind == "stockpile":
            extra.append((effect.commodity, effect.stock_site, gain))
        if chosen <= 0.0:
            continue
        a, o = effect.activities, effect.alternatives
        if effect.kind == "qualify":
            status[a] = np.where(status[a] == POTENTIAL, QUALIFIED, status[a])
            alternative_status[o] = np.where(
                alternative_status[o] == POTENTIAL, QUALIFIED, alternative_status[o]
            )
        elif effect.kind == "expand":
            capacity[a] += gain
            if effect.site >= 0:
                site_capacity[effect.site] += gain
        elif effect.kind == "switch":
            saved[a] += gain
            alternative_saved[o] += gain
        elif effect.kind == "own_ip":
            own[a] = True
        elif effect.kind == "harden" and effect.element >= 0:
            loss_factor[effect.element] *= 1.0 - effect.amount
        elif effect.kind == "recover" and effect.element >= 0:
            recovery_gain[effect.element] += effect.amount
    added = np.array(extra, dtype=float).reshape(-1, 3)
    return State(
        capacity=capacity,
        switch_time=_switch(network.switch_time, saved, status),
        status=status,
        alternative_status=alternative_status,
        alternative_switch=_switch(network.alternative_switch, alternative_saved, alternative_status),
        site_capacity=site_capacity,
        stock_commodity=np.concatenate([network.stock_commodity, added[:, 0].astype(np.int64)]),
        stock_site=np.concatenate([network.stock_site, added[:, 1].astype(np.int64)]),
        stock_quantity=np.concatenate([network.stock_quantity, added[:, 2]]),
        loss_factor=loss_factor,
        recovery_gain=recovery_gain,
        own=own,
    )


def _switch(times: Floats, saved: Floats, status: Ints) -> Floats:
    """Return when each thing opens: 0 where active, never where potential."""
    opens = np.maximum(times - saved, 0.0)
    return np.where(status == ACTIVE, 0.0, np.where(status == POTENTIAL, np.inf, opens))
