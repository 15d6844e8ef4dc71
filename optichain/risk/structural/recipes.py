"""The AND/OR graph with like activities drawn together: what one item needs is written once, not once a source.

Sources of an item that use the same rows of the bill of materials differ in what can fail at them, and in
nothing else that structure sees. A *recipe* stands for such activities: it runs while any of them runs, so
an element stops it only if it stops them all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.graphs import Relation
from optichain.network import Network
from optichain.risk.structural.providable import AndOrGraph

__all__ = ["Recipes", "draw_together"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Recipes:
    """A graph of recipes.

    Attributes
    ----------
    graph : AndOrGraph
        Its activities are the recipes.
    own : Relation
        Recipe to the elements that stop all of its usable activities, ascending.
    """

    graph: AndOrGraph
    own: Relation


def draw_together(network: Network, graph: AndOrGraph) -> Recipes:
    """Return the recipes of the usable activities.

    Parameters
    ----------
    network : Network
    graph : AndOrGraph
        What may be used (`optichain.risk.structural.providable.usable_graph`).
    """
    usable = np.flatnonzero(graph.usable)
    # the first usable activity of a recipe stands for it; the others have the same requirements
    kept, recipe = np.unique(network.activity_recipe[usable], return_inverse=True)
    stands_for = np.full(len(kept), graph.n_activities, dtype=np.int64)
    np.minimum.at(stands_for, recipe, usable)
    number = np.full(graph.n_activities, -1, dtype=np.int64)
    number[stands_for] = np.arange(len(kept))
    requirements = np.flatnonzero(number[graph.requirement_activity] >= 0)
    renumbered = np.full(graph.n_requirements, -1, dtype=np.int64)
    renumbered[requirements] = np.arange(len(requirements))
    options = np.flatnonzero(renumbered[graph.alternative_requirement] >= 0)
    together = AndOrGraph(
        n_commodities=graph.n_commodities,
        output=graph.output[stands_for],
        usable=np.ones(len(kept), dtype=bool),
        requirement_activity=number[graph.requirement_activity[requirements]],
        alternative_requirement=renumbered[graph.alternative_requirement[options]],
        alternative_commodity=graph.alternative_commodity[options],
        alternative_quantity=graph.alternative_quantity[options],
    )
    return Recipes(together, _common_elements(network, usable, recipe, stands_for))


def _common_elements(network: Network, usable: Ints, recipe: Ints, stands_for: Ints) -> Relation:
    """Return the elements that all usable activities of each recipe have."""
    of_activity = network.activity_elements
    first = of_activity[stands_for]
    size = np.bincount(recipe, minlength=len(stands_for))
    several = size[recipe] > 1
    if several.any():
        member = sp.csr_matrix(
            (np.ones(int(several.sum()), dtype=np.int32), (recipe[several], usable[several])),
            shape=(len(stands_for), network.n_activities),
        )
        counted = sp.csr_matrix(
            (np.ones(len(of_activity.indices), dtype=np.int32), of_activity.indices, of_activity.indptr),
            shape=of_activity.shape,
        )
        times = member @ counted
        row = np.repeat(np.arange(len(stands_for)), np.diff(times.indptr))
        common = times.data == size[row]
        alone = size[np.repeat(np.arange(len(stands_for)), np.diff(first.indptr))] == 1
        row_alone = np.repeat(np.arange(len(stands_for)), np.diff(first.indptr))[alone]
        return Relation.of(
            np.concatenate([row[common], row_alone]),
            np.concatenate([times.indices[common], first.indices[alone]]).astype(np.int64),
            len(stands_for),
        )
    return Relation(first.indptr.astype(np.int64), first.indices.astype(np.int64))
