"""What the members of a loop cannot do without, decided one failed element after another.

Whether a loop that has lost its supply goes on depends on its gain (3.1), so no rule of unions and
intersections gives the answer. Elements that stop the same recipes inside and the same inputs from outside
have the same answer: each such pattern is decided once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from optichain.graphs import Ragged, Relation
from optichain.risk.structural.providable import AndOrGraph
from optichain.risk.structural.recipes import Recipes

__all__ = ["decide_cycle"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def decide_cycle(
    recipes: Recipes, recipes_of: Relation, provided: Bools, sets: Ragged, members: Ints
) -> tuple[Ints, Ints]:
    """Return how many elements each member cannot do without, and these elements one member after another.

    Parameters
    ----------
    recipes : Recipes
    recipes_of : Relation
        Commodity to the recipes that can run.
    provided : ndarray of bool, shape (commodities,)
        What can be provided with nothing failed.
    sets : Ragged
        Elements by commodity; those of everything that enters the loop are known.
    members : ndarray
        The commodities of one strongly connected part.
    """
    _, inside = recipes_of.gather(members)
    local, entering = _cut_out(recipes.graph, provided, members, inside)
    own_place, own_element = recipes.own.gather(inside)
    entering_place, entering_element = sets.gather(entering)
    # an activity of the local graph and an element that stops it
    activity = np.concatenate([own_place, len(inside) + entering_place])
    element = np.concatenate([own_element, entering_element])
    order = np.lexsort((activity, element))
    activity, element = activity[order], element[order]
    patterns: dict[bytes, list[int]] = {}
    cuts = np.flatnonzero(np.diff(element)) + 1
    for same, stopped in zip(np.split(element, cuts), np.split(activity, cuts), strict=True):
        if len(same):
            patterns.setdefault(stopped.tobytes(), []).append(int(same[0]))
    failed: list[Ints] = [np.empty(0, dtype=np.int64)]
    by: list[Ints] = [np.empty(0, dtype=np.int64)]
    for pattern, elements in patterns.items():
        up = np.ones(local.n_activities, dtype=bool)
        up[np.frombuffer(pattern, dtype=np.int64)] = False
        left, _, _ = local.providable(up)
        lost = np.flatnonzero(~left[: len(members)])
        failed.append(np.tile(lost, len(elements)))
        by.append(np.repeat(np.array(elements, dtype=np.int64), len(lost)))
    where, what = np.concatenate(failed), np.concatenate(by)
    order = np.lexsort((what, where))
    return np.bincount(where, minlength=len(members)), what[order]


def _cut_out(graph: AndOrGraph, provided: Bools, members: Ints, inside: Ints) -> tuple[AndOrGraph, Ints]:
    """Return the graph of one loop, and what enters it: commodities made by an activity that needs nothing.

    Its commodities are the members, then what enters; its activities are the recipes inside, then one for
    each commodity that enters.
    """
    activity = np.full(graph.n_activities, -1, dtype=np.int64)
    activity[inside] = np.arange(len(inside))
    requirements = np.flatnonzero(activity[graph.requirement_activity] >= 0)
    requirement = np.full(graph.n_requirements, -1, dtype=np.int64)
    requirement[requirements] = np.arange(len(requirements))
    options = np.flatnonzero(
        (requirement[graph.alternative_requirement] >= 0) & provided[graph.alternative_commodity]
    )
    used = graph.alternative_commodity[options]
    commodity = np.full(graph.n_commodities, -1, dtype=np.int64)
    commodity[members] = np.arange(len(members))
    entering = np.unique(used[commodity[used] < 0])
    commodity[entering] = len(members) + np.arange(len(entering))
    n_activities = len(inside) + len(entering)
    local = AndOrGraph(
        n_commodities=len(members) + len(entering),
        output=np.concatenate([commodity[graph.output[inside]], len(members) + np.arange(len(entering))]),
        usable=np.ones(n_activities, dtype=bool),
        requirement_activity=activity[graph.requirement_activity[requirements]],
        alternative_requirement=requirement[graph.alternative_requirement[options]],
        alternative_commodity=commodity[used],
        alternative_quantity=graph.alternative_quantity[options],
    )
    return local, entering
