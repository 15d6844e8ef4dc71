"""Single points of failure of everything that demands depend on, against taking out one element after another."""

from __future__ import annotations

import numpy as np

import optichain as oc
import strategies
from optichain.effects import base_state
from optichain.network import ACTIVE, QUALIFIED
from optichain.risk.structural.providable import usable_graph
from optichain.risk.structural.spof import indispensable_elements
from removing import by_removal


def upstream(network, graph):
    """Return the commodities that demands which can be met depend on, by what can run and be provided."""
    calm, running, _ = graph.providable(graph.usable)
    wanted = {int(c) for c in network.demand_commodity if calm[c]}
    while True:
        makers = [a for a in np.flatnonzero(running) if graph.output[a] in wanted]
        needs = np.flatnonzero(np.isin(graph.requirement_activity, makers))
        inputs = graph.alternative_commodity[np.isin(graph.alternative_requirement, needs)]
        more = {int(c) for c in inputs if calm[c]} - wanted
        if not more:
            return np.array(sorted(wanted), dtype=np.int64)
        wanted |= more


def test_what_everything_upstream_of_demand_cannot_do_without():
    drawn = [instance for _, instance in strategies.accepted(12, planning=False)]
    drawn += [oc.Instance.from_frames(tables, given) for given, tables in map(strategies.looped, range(12))]
    loops = 0
    for number, instance in enumerate(drawn):
        network = oc.compile_network(instance)
        graph = usable_graph(network, base_state(network), worst_status=(ACTIVE, QUALIFIED)[number % 2])
        sets, provided, on_loop = indispensable_elements(network, graph)
        found = [(c, e) for c in range(network.n_commodities) for e in sets.of(c).tolist()]
        assert found == sorted(by_removal(network, graph, upstream(network, graph)))
        assert provided.tolist() == graph.providable(graph.usable)[0].tolist()
        loops += on_loop.any()
    assert loops >= 3
