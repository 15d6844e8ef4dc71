"""Single points of failure (3.2): which elements a demand cannot do without, exactly, in one pass.

For each commodity the set K of elements that it cannot do without: the intersection over its recipes of the
recipe's own elements and, for each requirement, the intersection of K over its alternatives. Commodities
are taken level by level, a level at once; loops are decided apart (`optichain.risk.structural.cycles`).

Cost: the sum over all alternatives of the sizes of K, once sorted, in time; of all K in memory.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from optichain.graphs import Ragged, Relation, grouped, levels, strong_parts
from optichain.network import Network
from optichain.risk.structural.cycles import decide_cycle
from optichain.risk.structural.providable import AndOrGraph
from optichain.risk.structural.recipes import Recipes, draw_together

__all__ = ["indispensable_elements"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def indispensable_elements(network: Network, graph: AndOrGraph) -> tuple[Ragged, Bools, Bools]:
    """Return, for every commodity, the elements whose complete, permanent loss makes it impossible to provide.

    Parameters
    ----------
    network : Network
    graph : AndOrGraph
        What may be used (`optichain.risk.structural.providable.usable_graph`).

    Returns
    -------
    sets : Ragged
        Elements by commodity, ascending; empty for what no demand depends on.
    providable : ndarray of bool, shape (commodities,)
        What can be provided with nothing failed; the sets of the others are empty.
    on_loop : ndarray of bool, shape (commodities,)
        Provided only because a loop sustains itself.
    """
    recipes = draw_together(network, graph)
    whole = recipes.graph
    commodities, running, on_loop = whole.providable(whole.usable)
    pass_ = _Pass(network, recipes, commodities, running)
    pass_.run()
    return pass_.sets, commodities, on_loop


class _Pass:
    """One sweep over what can run and be provided; what cannot is no option of anything."""

    def __init__(self, network: Network, recipes: Recipes, commodities: Bools, running: Bools) -> None:
        graph = recipes.graph
        self.n_elements = network.n_elements
        self.recipes = recipes
        self.provided = commodities
        self.sets = Ragged(graph.n_commodities)
        made = np.flatnonzero(running)
        self.recipes_of = Relation.of(graph.output[made], made, graph.n_commodities)
        needed = np.flatnonzero(running[graph.requirement_activity])
        self.requirements_of = Relation.of(graph.requirement_activity[needed], needed, graph.n_activities)
        open_ = running[graph.requirement_activity[graph.alternative_requirement]]
        open_ &= commodities[graph.alternative_commodity]
        self.options_of = Relation.of(
            graph.alternative_requirement[open_], graph.alternative_commodity[open_], graph.n_requirements
        )
        self.used = graph.alternative_commodity[open_]
        self.user = graph.output[graph.requirement_activity[graph.alternative_requirement[open_]]]
        self.wanted = self._upstream(network.demand_commodity[commodities[network.demand_commodity]])

    def _upstream(self, demanded: Ints) -> Bools:
        """Return the commodities that demands depend on in any way."""
        makes_of = Relation.of(self.user, self.used, self.recipes.graph.n_commodities)
        wanted = np.zeros(self.recipes.graph.n_commodities, dtype=bool)
        front = np.unique(demanded)
        while len(front):
            wanted[front] = True
            _, inputs = makes_of.gather(front)
            front = np.unique(inputs[~wanted[inputs]])
        return wanted

    def run(self) -> None:
        """Set K of everything that demands depend on."""
        size = self.recipes.graph.n_commodities
        near = self.wanted[self.user]
        used, user = self.used[near], self.user[near]
        level = levels(used, user, size)
        todo = np.flatnonzero(self.wanted)
        if np.all(level[todo] >= 0):
            for members in grouped(todo, level):
                self._propagate(members)
            return
        part, part_level = strong_parts(used, user, size)
        looping = np.bincount(part, minlength=len(part_level)) > 1
        looping[part[used[used == user]]] = True
        for members in grouped(todo, part_level[part]):
            self._propagate(members[~looping[part[members]]])
            for loop in grouped(members[looping[part[members]]], part):
                self.sets.put(
                    loop, *decide_cycle(self.recipes, self.recipes_of, self.provided, self.sets, loop)
                )

    def _propagate(self, members: Ints) -> None:
        """Set K of commodities whose inputs are all known."""
        if not len(members):
            return
        member, recipe = self.recipes_of.gather(members)
        place, requirement = self.requirements_of.gather(recipe)
        need, option = self.options_of.gather(requirement)
        at, element = self.sets.gather(option)
        options = self.options_of.counts[requirement]
        need, element = self._in_all(need[at], element, options)
        own_place, own_element = self.recipes.own.gather(recipe)
        key = np.concatenate(
            [place[need] * self.n_elements + element, own_place * self.n_elements + own_element]
        )
        where, element = np.divmod(_distinct(key), self.n_elements)
        ways = self.recipes_of.counts[members]
        where, element = self._in_all(member[where], element, ways)
        if (ways > 1).any():
            key = np.sort(where * self.n_elements + element)
            where, element = np.divmod(key, self.n_elements)
        self.sets.put(members, np.bincount(where, minlength=len(members)), element)

    def _in_all(self, owner: Ints, element: Ints, options: Ints) -> tuple[Ints, Ints]:
        """Keep the elements that all options of an owner have; of owners with one option all of them."""
        single = options[owner] == 1
        if single.all():
            return owner, element
        several = ~single
        key, times = np.unique(owner[several] * self.n_elements + element[several], return_counts=True)
        who, what = np.divmod(key, self.n_elements)
        common = times == options[who]
        return np.concatenate([owner[single], who[common]]), np.concatenate([element[single], what[common]])


def _distinct(key: Ints) -> Ints:
    """Return the different keys, ascending."""
    key = np.sort(key)
    first = np.ones(len(key), dtype=bool)
    first[1:] = key[1:] != key[:-1]
    return key[first]
