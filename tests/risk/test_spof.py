"""Single points of failure of everything that demands depend on, against taking out one element after another."""

from __future__ import annotations

import numpy as np

import optichain as oc
import small
import strategies
from optichain.effects import base_state
from optichain.network import ACTIVE, ELEMENT_KINDS, QUALIFIED
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


def test_two_ways_share_what_both_need_and_a_way_that_cannot_run_is_none() -> None:
    """p is made from coal or from oil, both of region R; a third maker waits for gold, which nobody has."""
    network = oc.compile_network(
        small.instance(
            sites=[{"site": site, "region": "R"} for site in ("mine", "well")],
            items=[{"item": "gold"}],
            sources=[
                *({"source": f"p{k}", "site": f"P{k}", "item": "p", "capacity": 9} for k in (1, 2, 3)),
                {"site": "Q", "item": "q", "capacity": 9},
                {"site": "mine", "item": "coal", "capacity": 99},
                {"site": "well", "item": "oil", "capacity": 99},
                {"site": "smelter", "item": "silver", "capacity": 99},
            ],
            bom=[
                {"item": "p", "input": "coal", "source": "p1", "quantity": 1},
                {"item": "p", "input": "oil", "source": "p2", "quantity": 1},
                {"item": "p", "input": "gold", "source": "p3", "quantity": 1},
                {"item": "p", "input": "silver", "source": "p3", "quantity": 1},
                {"item": "q", "input": "coal", "quantity": 1},
            ],
            demands=[{"item": "p", "rate": 1}, {"item": "q", "rate": 1}],
        )
    )
    sets, _, _ = indispensable_elements(network, usable_graph(network, base_state(network)))
    found = {
        network.commodity_title(c): [
            f"{ELEMENT_KINDS[network.element_kind[e]]} {network.element_name[e]}" for e in sets.of(c)
        ]
        for c in range(network.n_commodities)
    }
    assert {name: sorted(elements) for name, elements in found.items()} == {
        "p": ["item p", "region R"],
        "q": ["item coal", "item q", "region R", "site Q", "site mine", "source Q:q", "source mine:coal"],
        "coal": ["item coal", "region R", "site mine", "source mine:coal"],
        "oil": ["item oil", "region R", "site well", "source well:oil"],
        # no demand depends on them
        "silver": [],
        "gold": [],
    }
