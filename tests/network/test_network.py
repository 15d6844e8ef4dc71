"""What the arrays of a network are asked for by name."""

from __future__ import annotations

import numpy as np
import pytest

import optichain as oc
import small
from optichain.network import ELEMENT_KINDS


@pytest.fixture(scope="module")
def network():
    """A site and an item of one name, and a lane."""
    return oc.compile_network(
        small.instance(
            sources=[{"site": "valve", "item": "valve", "capacity": 10}],
            lanes=[{"lane": "ship", "item": "valve", "from_site": "valve", "to_site": "shop", "capacity": 4}],
            demands=[{"item": "valve", "site": "shop", "rate": 5}],
        )
    )


def test_an_element_is_found_by_its_kind_and_name(network):
    for number, (kind, name) in enumerate(zip(network.element_kind, network.element_name, strict=True)):
        assert network.element(ELEMENT_KINDS[kind], name) == number
    assert network.element("site", "valve") != network.element("item", "valve")


def test_what_nothing_has_among_its_elements_has_no_number(network):
    names = {kind: network.element_name[network.element_kind == k] for k, kind in enumerate(ELEMENT_KINDS)}
    for kind, mine in names.items():
        strangers = {name for others in names.values() for name in others} - set(mine)
        assert {network.element(kind, name) for name in ["nobody", *strangers]} == {-1}


def test_elements_are_found_many_at_a_time_in_the_order_they_are_asked_for(network):
    asked = np.array(["valve", "nobody", "valve"], dtype=object)
    valve = network.element("item", "valve")
    assert network.elements_named("item", asked).tolist() == [valve, -1, valve]
