"""SPOFs of networks with thousands of nodes: element by element with propagation, and by another method."""

import numpy as np
import pandas as pd
import pytest

import optichain as oc
from benchmarks.instances import Shape, make_tables, settings
from benchmarks.naive_spof import naive_spofs
from benchmarks.rival_spof import rival_spofs
from optichain.checking import check_instance
from optichain.effects import base_state
from optichain.risk.flows import size
from optichain.risk.structural import roots
from optichain.risk.structural.providable import usable_graph
from optichain.risk.structural.spof import indispensable_elements
from optichain.risk.structure import affordable_losses, analyse_structure
from removing import by_removal

SHAPES = {
    "pooled": Shape(items=300, products=12, chains=4),
    "laned": Shape(items=200, products=8, chains=4, lanes=0.4),
    "looped": Shape(items=60, products=4, chains=4, lanes=0.1, loops=3, substitutes=0.2),
}


def network_of(shape, seed):
    return oc.compile_network(oc.Instance.from_frames(make_tables(shape, seed), settings()))


@pytest.mark.parametrize("kind", SHAPES)
def test_every_spof_is_found_and_nothing_else(kind):
    network = network_of(SHAPES[kind], 3)
    graph = usable_graph(network, base_state(network))
    sets, provided, on_loop = indispensable_elements(network, graph)
    found = {(c, e) for c in network.demand_commodity.tolist() if provided[c] for e in sets.of(c).tolist()}
    assert found == by_removal(network, graph, network.demand_commodity)
    assert len(found) > 100
    assert on_loop.any() == (kind == "looped")
    if kind == "pooled":
        rival = rival_spofs(network).tocoo()
        assert found == set(
            zip(network.demand_commodity[rival.row].tolist(), rival.col.tolist(), strict=True)
        )


def test_the_naive_way_of_the_benchmark_gives_the_same_answer():
    network = network_of(Shape(items=40, products=4, chains=2), 4)
    sets, provided, _ = indispensable_elements(network, usable_graph(network, base_state(network)))
    wanted = network.demand_commodity[provided[network.demand_commodity]]
    assert naive_spofs(network) == {(c, e) for c in wanted.tolist() for e in sets.of(c).tolist()}


def test_a_network_is_the_same_for_the_same_seed_and_another_for_another():
    shape = SHAPES["laned"]
    once, again, other = make_tables(shape, 1), make_tables(shape, 1), make_tables(shape, 2)
    for name, frame in once.items():
        pd.testing.assert_frame_equal(frame, again[name])
    assert not once["bom"].equals(other["bom"])


@pytest.mark.parametrize("numbers", [lambda count: np.ones(count, dtype=np.uint64), None])
def test_a_root_is_the_first_element_that_stops_the_same_activities(monkeypatch, numbers):
    """Compared set by set, also where all random numbers of the short cut are equal and it tells nothing apart."""
    if numbers is not None:
        monkeypatch.setattr(roots, "_numbers", numbers)
    network = network_of(SHAPES["pooled"], 5)
    usable = usable_graph(network, base_state(network)).usable
    columns = network.elements_of_activities
    first = {}
    for e, root in enumerate(roots.root_elements(network, usable).tolist()):
        stopped = columns.indices[columns.indptr[e] : columns.indptr[e + 1]]
        assert root == first.setdefault(tuple(sorted(stopped[usable[stopped]].tolist())), e)


def test_losses_of_the_elements_with_most_at_stake_are_measured_and_the_others_follow_by_stake():
    network = network_of(Shape(items=20, products=2, chains=2, tiers=4), 2)
    everything = analyse_structure(network).spofs
    none = analyse_structure(network, measure_losses=False)
    some = analyse_structure(network, measure_losses=5)
    rows = ["demand", "kind", "element"]
    assert none.measured == 0
    assert none.spofs["lost"].isna().all()
    assert none.spofs["at_stake"].is_monotonic_decreasing
    assert (some.measured, some.elements) == (5, everything[["kind", "element"]].drop_duplicates().shape[0])
    assert len(some.spofs) == len(everything) == len(none.spofs)
    top = some.spofs[some.spofs["lost"].notna()]
    assert top[["kind", "element"]].drop_duplicates().shape[0] == 5
    assert top["at_stake"].min() >= some.spofs.loc[some.spofs["lost"].isna(), "at_stake"].max()
    both = top.merge(everything, on=rows)
    np.testing.assert_allclose(both["lost_x"], both["lost_y"], rtol=1e-9)
    assert some.spofs.index.tolist() == list(range(len(everything)))
    assert some.spofs["lost"].isna().is_monotonic_increasing
    assert some.to_json()["measured"] == {"elements": 5, "of": some.elements}


def test_what_is_at_stake_is_the_demand_stopped_for_the_recovery_time():
    """Rate 3 at value 2 for the 4 time units that the site is down: 24; the item takes longer, 12 at most 10."""
    tables = {
        "chains": pd.DataFrame({"chain": ["c"]}),
        "items": pd.DataFrame({"item": ["a"], "chain": ["c"]}),
        "sites": pd.DataFrame({"site": ["S"], "region": ["R"], "recovery_time": [4.0]}),
        "elements": pd.DataFrame({"kind": ["region"], "target": ["R"], "recovery_time": [12.0]}),
        "sources": pd.DataFrame({"site": ["S"], "item": ["a"], "capacity": [5.0]}),
        "stocks": pd.DataFrame({"item": ["a"], "quantity": [6.0]}),
        "demands": pd.DataFrame({"item": ["a"], "rate": [3.0], "value": [2.0]}),
    }
    found = oc.find_spofs(oc.Instance.from_frames(tables, {"name": "n", "horizon": 10.0}))
    by_kind = found.set_index("kind")
    assert by_kind["at_stake"].to_dict() == pytest.approx(
        {"site": 24.0, "source": 24.0, "item": 24.0, "region": 60.0}
    )
    # a stock of 6 serves 2 of the time units, and what is made at 5 a time unit never fills it again in vain
    assert by_kind.at["site", "lost"] == pytest.approx(12.0)
    assert by_kind.at["site", "time_to_survive"] == pytest.approx(2.0)
    assert (found["lost"] <= found["at_stake"] + 1e-9).all()


def test_no_linear_programme_of_a_very_large_block_is_begun_without_being_asked(monkeypatch):
    network = network_of(Shape(items=20, products=2, chains=2, tiers=4), 2)
    assert affordable_losses(network) is True
    assert "demand-not-tested" not in [w.code for w in check_instance(network.instance).warnings]
    monkeypatch.setattr(size, "LARGEST_BLOCK", 10)
    assert affordable_losses(network) == 0
    assert oc.structure(network.instance).measured == 0
    assert oc.structure(network.instance, losses=1).measured == 1
    (warning,) = [w for w in check_instance(network.instance).warnings if w.code == "demand-not-tested"]
    assert warning.message.startswith("whether 2 of the demands")
