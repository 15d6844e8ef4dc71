"""How likely demands fail (3.2): exact where a decision diagram fits, bounded otherwise.

Elements fail independently, with their annual probabilities. The state of every commodity is a function of
them that only falls when more fails, so any two such states are positively associated (Esary, Proschan and
Walkup 1967, doi 10.1214/aoms/1177698701): all of several fail at least as likely as the product of
their chances says, and at most as likely as the least of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optichain.network import Network
from optichain.risk.events import element_facts
from optichain.risk.structural.cutsets import CutList
from optichain.risk.structural.diagram import DoesNotFit
from optichain.risk.structural.failfunction import FailFunction
from optichain.risk.structural.failgraph import FailGraph

__all__ = ["Chances", "chances_of", "element_chance", "set_chance", "tail_chance", "union_bounds"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NODES_OF_ONE = 200_000
NODES_OF_ALL = 1_000_000
"""Nodes of diagrams, which are about as many microseconds times ten."""


@dataclass(frozen=True, eq=False)
class Chances:
    """Probability that demands fail in a year.

    Attributes
    ----------
    low, high : ndarray, shape (demanded commodities,)
        Bounds; equal where exact; NaN where the commodity cannot be provided anyway.
    exact : ndarray of bool
    any_low, any_high : float
        That at least one of them fails.
    birnbaum : list of (ndarray, ndarray) or None
        For each commodity, elements (ascending) and their importance; None where the diagram did not fit.
    """

    low: Floats
    high: Floats
    exact: npt.NDArray[np.bool_]
    any_low: float
    any_high: float
    birnbaum: list[tuple[Ints, Floats] | None]


def element_chance(network: Network) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the annual probability of every element, and where it is the default for want of a fact."""
    own = element_facts(network).annual_probability
    default = network.instance.settings.defaults.annual_probability
    unknown = np.isnan(own)
    return np.where(unknown, default, own), unknown


def set_chance(members: Ints, chance: Floats) -> Floats:
    """Return the probability that all of each set fail, shape (n,)."""
    return np.asarray(np.prod(chance[members], axis=1), dtype=float)


def chances_of(network: Network, cuts: CutList, fails: FailGraph) -> Chances:
    """Return how likely the demands of a list of cut sets fail.

    Parameters
    ----------
    network : Network
    cuts : CutList
    fails : FailGraph
        What it was found in.
    """
    chance, _ = element_chance(network)
    of_class = _class_chance(fails, chance)
    low, high = _bounds(fails, of_class)
    low, high = low[cuts.commodities], high[cuts.commodities]
    low[cuts.unprovidable] = high[cuts.unprovidable] = np.nan
    exact = np.zeros(len(low), dtype=bool)
    birnbaum: list[tuple[Ints, Floats] | None] = [None] * len(low)
    room = NODES_OF_ALL
    alive = np.flatnonzero(~cuts.unprovidable)
    for d in alive.tolist():
        try:
            function = FailFunction(fails, cuts.commodities[d : d + 1], min(NODES_OF_ONE, room))
        except DoesNotFit:
            room -= min(NODES_OF_ONE, room)
            continue
        room -= len(function.diagram)
        top, true = int(function.of[0]), of_class[function.classes]
        low[d] = high[d] = function.diagram.probability(top, true)
        exact[d] = True
        birnbaum[d] = _by_element(fails, function.classes, function.diagram.birnbaum(top, true), chance)
    tail = tail_chance(of_class, cuts.proven)
    for d in alive[~exact[alive]].tolist():
        from_sets = union_bounds([m[o == d] for o, m in cuts.sets], chance, tail)
        low[d], high[d] = max(low[d], from_sets[0]), min(high[d], from_sets[1])
    return Chances(low, high, exact, *_of_any(fails, cuts, of_class, low, high, room), birnbaum)


def _class_chance(fails: FailGraph, chance: Floats) -> Floats:
    """Return the probability that at least one element of each class fails."""
    works = np.ones(fails.n_classes)
    position, element = fails.members.take(np.arange(fails.n_classes))
    np.multiply.at(works, position, 1.0 - chance[element])
    return np.asarray(1.0 - works, dtype=float)


def _by_element(fails: FailGraph, classes: Ints, birnbaum: Floats, chance: Floats) -> tuple[Ints, Floats]:
    """Share the importance of a class: an element matters where no other of its class has failed."""
    position, element = fails.members.take(classes)
    importance = np.empty(len(element))
    starts = np.concatenate([[0], np.cumsum(fails.members.count(classes))])
    for one in range(len(classes)):
        works = 1.0 - chance[element[starts[one] : starts[one + 1]]]
        before = np.concatenate([[1.0], np.cumprod(works)[:-1]])
        after = np.concatenate([np.cumprod(works[::-1])[::-1][1:], [1.0]])
        importance[starts[one] : starts[one + 1]] = before * after
    importance *= birnbaum[position]
    order = np.argsort(element)
    return element[order], importance[order]


def _bounds(fails: FailGraph, of_class: Floats) -> tuple[Floats, Floats]:
    """Return bounds on the probability that each commodity fails, tier by tier."""
    size = fails.graph.n_commodities
    low, high = np.zeros(size), np.ones(size)
    for tier, loops in zip(fails.tiers, fails.loops, strict=True):
        if len(tier):
            low[tier], high[tier] = _one_tier(fails, tier, of_class, low, high)
        for loop in loops:
            for _ in range(2 * len(loop)):
                now = _one_tier(fails, loop, of_class, low, high)
                if np.array_equal(now[0], low[loop]) and np.array_equal(now[1], high[loop]):
                    break
                low[loop], high[loop] = now
    return low, high


def _one_tier(
    fails: FailGraph, tier: Ints, of_class: Floats, low: Floats, high: Floats
) -> tuple[Floats, Floats]:
    who, activity = fails.makers.take(tier)
    needer, requirement = fails.needs.take(activity)
    option_of, option = fails.options.take(requirement)
    unmet_low, unmet_high = np.ones(len(requirement)), np.ones(len(requirement))
    np.multiply.at(unmet_low, option_of, low[option])
    np.minimum.at(unmet_high, option_of, high[option])
    runs, stops_low = np.ones(len(activity)), np.zeros(len(activity))
    own_of, own = fails.classes.take(activity)
    np.multiply.at(runs, own_of, 1.0 - of_class[own])
    stops_low = 1.0 - runs
    np.maximum.at(stops_low, needer, unmet_low)
    np.multiply.at(runs, needer, 1.0 - unmet_high)
    fails_low, fails_high = np.ones(len(tier)), np.ones(len(tier))
    np.multiply.at(fails_low, who, stops_low)
    np.minimum.at(fails_high, who, 1.0 - runs)
    return fails_low, fails_high


def tail_chance(chance: Floats, most: int) -> float:
    """Return the probability that more than a number of independent things fail."""
    exactly = np.zeros(most + 1)
    exactly[0] = 1.0
    for p in chance.tolist():
        exactly[1:] = exactly[1:] * (1.0 - p) + exactly[:-1] * p
        exactly[0] *= 1.0 - p
    return max(0.0, 1.0 - float(exactly.sum()))


def union_bounds(sets: list[Ints], chance: Floats, tail: float) -> tuple[float, float]:
    """Return bounds on the probability that some minimal cut set fails.

    Parameters
    ----------
    sets : list of ndarray, shape (n, s)
        By size; complete but for sets that are larger.
    chance : ndarray, shape (elements,)
    tail : float
        Probability that more fail than the largest size here.

    Notes
    -----
    Below: sets without common elements fail independently. Above: the sum over the sets, and the tail.
    """
    likely = np.concatenate([set_chance(m, chance) for m in sets if len(m)] or [np.zeros(0)])
    members = [row for m in sets for row in m.tolist()]
    taken: set[int] = set()
    works = 1.0
    for place in np.argsort(-likely, kind="stable").tolist():
        if taken.isdisjoint(members[place]):
            taken.update(members[place])
            works *= 1.0 - float(likely[place])
    return 1.0 - works, min(1.0, float(likely.sum()) + tail)


def _of_any(
    fails: FailGraph, cuts: CutList, of_class: Floats, low: Floats, high: Floats, room: int
) -> tuple[float, float]:
    """Return bounds on the probability that at least one demand fails; they are associated too."""
    alive = np.flatnonzero(~cuts.unprovidable)
    if not len(alive):
        return float("nan"), float("nan")
    if len(alive) == 1:
        return float(low[alive[0]]), float(high[alive[0]])
    try:
        function = FailFunction(fails, cuts.commodities[alive], min(NODES_OF_ONE, room))
        top = function.diagram.any_of(function.of.tolist())
        whole = function.diagram.probability(top, of_class[function.classes])
    except DoesNotFit:
        return float(low[alive].max()), float(1.0 - np.prod(1.0 - high[alive]))
    return whole, whole
