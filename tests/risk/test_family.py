"""Families of events: the same answer whatever the order, the batches and the workers; bounds that bound."""

from __future__ import annotations

import random
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest

import optichain as oc
import strategies
from optichain.effects import base_state
from optichain.risk import sweep
from optichain.risk.events import make_events
from optichain.risk.flows.engine import ContinuityEngine
from small import instance

SAME = 1e-9


def _cases(count: int, first: int) -> list[Any]:
    return [case for _, case in strategies.accepted(count, first=first, planning=False)]


@pytest.mark.parametrize("first", [31000, 31100])
def test_neither_order_nor_company_of_events_changes_an_answer(
    first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for case in _cases(4, first):
        network = oc.compile_network(case)
        events, state = make_events(network), base_state(network)
        whole = sweep.continuities(network, state, events)
        mixed = list(range(len(events)))
        random.Random(first).shuffle(mixed)
        monkeypatch.setattr(sweep, "BATCH", 3)
        again = sweep.continuities(network, state, [events[i] for i in mixed])
        monkeypatch.undo()
        np.testing.assert_allclose(again, whole[mixed], atol=SAME, rtol=0)
        engine = ContinuityEngine(network)
        calm = engine.undisturbed(state)
        alone = np.array([engine.under(state, event, calm) for event in events])
        np.testing.assert_allclose(alone, whole, atol=SAME, rtol=0)


def test_a_process_pool_gives_what_one_process_gives() -> None:
    cases = _cases(3, 31200)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for case in cases:
            assert oc.resilience(case, executor=pool).to_json() == oc.resilience(case).to_json()


class _Unreliable(ThreadPoolExecutor):
    """Loses every task but each fourth, as a cluster whose workers die."""

    def __init__(self) -> None:
        super().__init__(1)
        self.asked = 0

    def submit(self, *words: Any, **options: Any) -> Future[Any]:  # type: ignore[override]
        self.asked += 1
        if self.asked % 4:
            lost: Future[Any] = Future()
            lost.set_exception(ConnectionError("the worker is gone"))
            return lost
        return super().submit(*words, **options)


def test_lost_workers_cost_no_answers() -> None:
    case = _cases(1, 31300)[0]
    with _Unreliable() as pool:
        found = oc.resilience(case, executor=pool).to_json()
        assert pool.asked > 1
    assert found == oc.resilience(case).to_json()


def test_the_same_right_hand_sides_are_solved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A site with one source: the loss of either, of its enterprise and of its region is one and the same case."""
    case = instance(
        sites=[{"site": "S", "enterprise": "E", "region": "R", "recovery_time": 3.0}],
        sources=[{"source": "X", "site": "S", "item": "p", "capacity": 5.0}],
        demands=[{"item": "p", "rate": 5.0}],
        events={"single_site": True, "single_enterprise": True, "single_region": True},
    )
    seen: list[int] = []
    bounded = sweep._bounded
    monkeypatch.setattr(
        sweep,
        "_bounded",
        lambda engine, state, batch: (seen.append(len(batch)), bounded(engine, state, batch))[1],
    )
    found = oc.resilience(case)
    assert seen == [1]
    assert found.events["continuity"].tolist() == pytest.approx([0.7, 0.7, 0.7], abs=1e-12)


@pytest.mark.parametrize("first", [32000, 32020])
def test_a_screening_contains_the_exact_figures(first: int) -> None:
    for case in _cases(8, first):
        exact, bounds = oc.resilience(case, alpha=0.5), oc.screen(case, alpha=0.5)
        for name in ("acc", "worst", "cvar", "expected_annual_loss"):
            low, high = getattr(bounds, name)
            tolerance = SAME * max(1.0, abs(getattr(exact, name)))
            assert low - tolerance <= getattr(exact, name) <= high + tolerance, (first, name)
        truth = exact.chain_continuity.to_numpy()
        assert np.nanmax(bounds.chain_low.to_numpy() - truth) <= SAME
        assert np.nanmax(truth - bounds.chain_high.to_numpy()) <= SAME
        events = exact.events
        assert (bounds.events["continuity_low"] <= events["continuity"] + SAME).all()
        assert (bounds.events["continuity_high"] >= events["continuity"] - SAME).all()
        assert np.nanmax(bounds.chains["acc_low"] - exact.chains["acc"]) <= SAME
        assert np.nanmax(exact.chains["acc"] - bounds.chains["acc_high"]) <= SAME


def test_bounds_meet_where_a_spare_source_takes_over_and_where_nothing_does() -> None:
    """Castings 10 a week from two foundries of 10 and 8; the foundry of 10 fails for 5 of 20 weeks: 8 of 10 go on."""
    case = instance(
        horizon=20.0,
        sites=[{"site": "F1", "recovery_time": 5.0}, {"site": "F2"}, {"site": "A", "recovery_time": 5.0}],
        sources=[
            {"site": "A", "item": "pump", "capacity": 10.0},
            {"site": "F1", "item": "casting", "capacity": 10.0},
            {"site": "F2", "item": "casting", "capacity": 8.0},
        ],
        bom=[{"item": "pump", "input": "casting", "quantity": 1.0}],
        demands=[{"item": "pump", "rate": 10.0}],
    )
    found = oc.screen(case)
    rows = found.events.set_index("event")
    assert found.settled == 1.0
    assert rows.at["site:F1", "continuity_low"] == pytest.approx(1 - 0.2 * 5 / 20, abs=1e-12)
    assert rows.at["site:A", "continuity_high"] == pytest.approx(0.75, abs=1e-12)


@pytest.mark.parametrize("second", [1.0, 604800.0])
def test_an_unlimited_backup_counts_from_when_it_opens_in_whatever_time_is_counted(second: float) -> None:
    """The plant is down for 5 of 10 weeks, and all that is wanted can be bought elsewhere from week 2 on."""
    case = instance(
        horizon=10.0 * second,
        sites=[{"site": "A", "recovery_time": 5.0 * second}],
        sources=[
            {"site": "A", "item": "p", "capacity": 10.0},
            {
                "site": "B",
                "item": "p",
                "capacity": "unlimited",
                "status": "qualified",
                "switch_time": 2.0 * second,
            },
        ],
        demands=[{"item": "p", "rate": 10.0}],
    )
    events = oc.resilience(case).events.set_index("event")
    assert events.at["site:A", "continuity"] == pytest.approx(0.8, abs=1e-12)


def test_a_moment_counts_although_one_before_it_does_not() -> None:
    """Without A no pumps are made until B opens in week 3; that more valves could be made from week 1 on helps nobody."""
    case = instance(
        sites=[{"site": "A", "recovery_time": 5.0}],
        sources=[
            {"site": "A", "item": "pump", "capacity": 10.0},
            {"site": "B", "item": "pump", "capacity": 10.0, "status": "qualified", "switch_time": 3.0},
            {"site": "V", "item": "valve", "capacity": 10.0},
            {"site": "W", "item": "valve", "capacity": 10.0, "status": "qualified", "switch_time": 1.0},
        ],
        demands=[{"item": "pump", "rate": 10.0}, {"item": "valve", "rate": 10.0}],
    )
    events = oc.resilience(case).events.set_index("event")
    assert events.at["site:A", "continuity"] == pytest.approx(0.85, abs=1e-12)


def test_only_the_moments_with_a_price_begin_a_phase() -> None:
    """Ten backups open at ten moments; the one that is needed is there from the first: one phase is enough."""
    case = instance(
        sources=[
            {"site": "A", "item": "p", "capacity": "unlimited"},
            {"site": "F", "item": "q", "capacity": 10.0},
            *(
                {"site": f"B{i}", "item": "q", "capacity": 10.0, "status": "qualified", "switch_time": i / 2}
                for i in range(10)
            ),
        ],
        bom=[{"item": "p", "input": "q", "quantity": 1.0}],
        demands=[{"item": "p", "rate": 10.0}],
    )
    network = oc.compile_network(case)
    engine, state = ContinuityEngine(network), base_state(network)
    calm = engine.undisturbed(state)
    event = next(e for e in make_events(network) if e.name == "site:F")
    assert engine.under(state, event, calm)[0] == pytest.approx(1.0, abs=1e-12)
    assert set(engine.block(int(network.blocks[0]))._families) == {1}


def test_progress_ends_with_all_cases_done() -> None:
    calls: list[tuple[int, int]] = []
    oc.resilience(_cases(1, 31400)[0], progress=lambda done, total: calls.append((done, total)))
    assert calls
    assert calls == sorted(calls)
    assert calls[-1][0] == calls[-1][1]
