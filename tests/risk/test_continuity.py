"""Continuity under events (3.3): cases that a person can compute."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import optichain as oc
import strategies
from optichain.risk.flows import continuity, family
from optichain.risk.resilience import assess
from small import instance


def test_a_site_loses_its_own_capacity_although_its_only_source_is_protected() -> None:
    """The press at S stops for 4 of 10 weeks whatever protects the source: 5 a week for 6 weeks of 50."""
    case = instance(
        planning={"years": [2026], "budget": [10.0]},
        sites=[{"site": "S", "capacity": 5.0, "recovery_time": 4.0}],
        sources=[{"source": "X", "site": "S", "item": "p", "capacity": "unlimited"}],
        demands=[{"item": "p", "rate": 5.0}],
        measures=[{"measure": "m", "title": "Protect the source", "cost_1": 1.0}],
        effects=[{"measure": "m", "effect": "harden", "target": "source:X", "amount": 1.0}],
    )
    choice = pd.DataFrame([("m", 1, 2026)], columns=["measure", "units", "start_year"]).assign(chain=None)
    found = oc.resilience(case, plan=oc.evaluate(case, choice))
    assert found.events.set_index("event").at["site:S", "continuity"] == pytest.approx(0.6, abs=1e-12)


def test_a_site_with_next_to_no_room_is_as_good_as_none() -> None:
    """10 of the 14 that are wanted a week come from B, which is down for 5 of 10 weeks."""
    case = instance(
        sites=[{"site": "A", "capacity": 1e-20}, {"site": "B", "recovery_time": 5.0}],
        sources=[
            {"site": "A", "item": "p", "capacity": "unlimited", "load": 2.0},
            {"site": "A", "item": "q", "capacity": "unlimited"},
            {"site": "B", "item": "p", "capacity": 10.0},
        ],
        demands=[{"item": "p", "rate": 10.0}, {"item": "q", "rate": 4.0}],
    )
    events = oc.resilience(case).events.set_index("event")["continuity"]
    assert events[["site:A", "site:B"]].tolist() == pytest.approx([10 / 14, 5 / 14], abs=1e-12)


def test_weights_that_differ_by_rounding_alone_are_equal_and_the_name_decides() -> None:
    """0.1 + 0.2 and 0.3 are one weight: what is left of the shared part goes to chain a first."""
    case = instance(
        chains=[{"chain": "b", "weight": 0.1 + 0.2}, {"chain": "a", "weight": 0.3}],
        items=[{"item": "p", "chain": "b"}, {"item": "q", "chain": "a"}, {"item": "r"}],
        sources=[
            {"site": "S1", "item": "p", "capacity": "unlimited"},
            {"site": "S2", "item": "q", "capacity": "unlimited"},
            {"site": "S3", "item": "r", "capacity": 5.0},
            {"site": "S4", "item": "r", "capacity": 5.0},
        ],
        bom=[
            {"item": "p", "input": "r", "quantity": 1.0},
            {"item": "q", "input": "r", "quantity": 1.0},
        ],
        demands=[{"item": "p", "rate": 5.0, "chain": "b"}, {"item": "q", "rate": 5.0, "chain": "a"}],
    )
    left = oc.resilience(case).chain_continuity.loc["site:S3"]
    assert (left["a"], left["b"]) == pytest.approx((1.0, 0.0), abs=1e-12)


@pytest.mark.parametrize(("stock", "served"), [(0.0, 0.4), (20.0, 0.6), (100.0, 1.0)])
def test_stock_that_would_have_made_up_for_what_is_never_made_is_used_up_by_the_event(
    stock: float, served: float
) -> None:
    """8 of the 10 a week are made, and nothing in 5 of the 10 weeks."""
    case = instance(
        sites=[{"site": "A", "recovery_time": 5.0}],
        sources=[{"site": "A", "item": "p", "capacity": 8.0}],
        stocks=[{"item": "p", "quantity": stock}],
        demands=[{"item": "p", "rate": 10.0}],
    )
    events = oc.resilience(case).events.set_index("event")["continuity"]
    assert events["site:A"] == pytest.approx(served, abs=1e-12)


@pytest.mark.parametrize(
    ("stock", "rate", "value", "of_p", "of_q"),
    [
        (40.0, 10.0, 1.0, 60.0, 30.0),
        # nothing is left for q, however little less it is worth
        (10.0, 1.0, 2.9, 60.0, 0.0),
        (10.0, 10.0, 2.7, 60.0, 0.0),
        # there is so much that q need not wait
        (100.0, 10.0, 0.1, 60.0, 90.0),
    ],
)
def test_what_is_worth_more_once_its_maker_is_back_is_kept_for_it(
    stock: float, rate: float, value: float, of_p: float, of_q: float
) -> None:
    """p is made from week 4 on alone, 10 a week; of the part that p and q need there is the stock and 5 a week."""
    case = instance(
        sites=[{"site": "P", "recovery_time": 4.0}],
        sources=[
            {"site": "P", "item": "p", "capacity": 99.0},
            {"site": "Q", "item": "q", "capacity": 99.0},
            {"site": "R", "item": "r", "capacity": 5.0},
        ],
        bom=[
            {"item": "p", "input": "r", "quantity": 1.0},
            {"item": "q", "input": "r", "quantity": 1.0},
        ],
        stocks=[{"item": "r", "quantity": stock}],
        demands=[
            {"item": "p", "rate": 10.0, "value": 3.0},
            {"item": "q", "rate": rate, "value": value},
        ],
    )
    events = oc.resilience(case).events.set_index("event")["continuity"]
    served = (3.0 * of_p + value * of_q) / (300.0 + 10.0 * rate * value)
    assert events["site:P"] == pytest.approx(served, abs=1e-12)


def test_events_are_printed_by_name_whatever_the_order_of_the_rows() -> None:
    case = instance(
        sources=[{"site": "S2", "item": "p", "capacity": 1.0}, {"site": "S1", "item": "p", "capacity": 1.0}],
        demands=[{"item": "p", "rate": 2.0}],
        events={"single_site": True},
    )
    assert [row["event"] for row in oc.resilience(case).to_json()["events"]] == ["site:S1", "site:S2"]


def test_an_interval_of_autonomy_has_its_ends_in_order() -> None:
    """The heavy chain needs a part that nobody knows the owner of; without it all of x is left for the light one."""

    case = instance(
        sites=[{"site": "A"}],
        sources=[
            {"site": "A", "item": item, "capacity": 10.0, "own_ip": own}
            for item, own in (("heavy", "yes"), ("light", "yes"), ("x", "yes"), ("part", None))
        ],
        bom=[
            {"item": "heavy", "input": "x", "quantity": 1.0},
            {"item": "heavy", "input": "part", "quantity": 1.0},
            {"item": "light", "input": "x", "quantity": 1.0},
        ],
        chains=[{"chain": "h", "weight": 3.0}, {"chain": "l", "weight": 1.0}],
        demands=[
            {"item": "heavy", "rate": 10.0, "chain": "h"},
            {"item": "light", "rate": 10.0, "chain": "l"},
        ],
    )
    chains = oc.resilience(case).chains.set_index("chain")
    assert chains.loc["h", ["autonomy_low", "autonomy_high"]].tolist() == pytest.approx([0.0, 1.0])
    assert chains.loc["l", ["autonomy_low", "autonomy_high"]].tolist() == pytest.approx([0.0, 1.0])


def test_models_of_many_phases_reduced_from_scratch_have_the_value_of_warm_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def continuity_of(network: Any, few: int) -> Any:
        for module in (family, continuity):
            monkeypatch.setattr(module, "FEW", few)
        return assess(network).chain_continuity.to_numpy()

    for _, case in strategies.accepted(60, first=91000):
        network = oc.compile_network(case)
        warm, reduced = continuity_of(network, 10**9), continuity_of(network, 1)
        np.testing.assert_allclose(reduced, warm, rtol=0.0, atol=1e-10)


def test_parts_laid_up_before_the_last_maker_is_back_are_worth_what_they_make_good() -> None:
    """The five makers of parts are back after 1, 2, 3, 4 and 5 weeks of 10, and the assembler, who needs all, can do 12.

    Nothing is made for 5 weeks, then 10 a week: no stock makes up for it, as demand is 10 a week and the rest is lost.
    The stock of finished goods, 15, serves the first week and a half.
    """
    parts = ["a", "b", "c", "d", "e"]
    case = instance(
        sites=[{"site": "P"}]
        + [{"site": f"S{p}", "region": "R", "recovery_time": i} for i, p in enumerate(parts, 1)],
        sources=[{"site": "P", "item": "p", "capacity": 12.0}]
        + [{"site": f"S{p}", "item": p, "capacity": 10.0} for p in parts],
        bom=[{"item": "p", "input": p, "quantity": 1.0} for p in parts],
        stocks=[{"item": "p", "quantity": 15.0}],
        demands=[{"item": "p", "rate": 10.0}],
        events={"single_region": True},
    )
    found = oc.resilience(case).events.set_index("event")
    assert found.at["region:R", "continuity"] == pytest.approx((15.0 + 50.0) / 100.0, abs=1e-12)
