"""Cases at the edge: nothing happens, nothing is there, nothing costs anything, everything is certain.

Every answer is known by arithmetic, and every question has one: the whole way from structure to a verified plan is gone
for each case, by every method.
"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

import optichain as oc
import rewriting

Rows = dict[str, list[dict[str, Any]]]
METHODS = ("extensive", "lshaped", "portfolio")
NO_EVENTS = {f"single_{kind}": False for kind in ("site", "lane", "enterprise", "region", "country", "group")}


def _rows(**more: list[dict[str, Any]]) -> Rows:
    """A plant that makes the 10 a week that are wanted, down for 5 of 10 weeks once in ten years; a dormant backup."""
    return {
        "chains": [{"chain": "pumps"}],
        "items": [{"item": "pump", "chain": "pumps"}],
        "sites": [
            {"site": "plant", "recovery_time": 5.0, "annual_probability": 0.1},
            {"site": "backup", "recovery_time": 5.0, "annual_probability": 0.0},
        ],
        "sources": [
            {"site": "plant", "item": "pump", "capacity": 10.0, "status": "active"},
            {"site": "backup", "item": "pump", "capacity": 10.0, "status": "potential"},
        ],
        "demands": [{"item": "pump", "rate": 10.0, "value": 2.0}],
        "measures": [{"measure": "wake", "chain": "pumps", "cost_1": 3.0}],
        "effects": [{"measure": "wake", "effect": "qualify", "target": "backup:pump"}],
        **more,
    }


def _instance(rows: Rows, *, horizon: float = 10.0, budget: float = 5.0, **settings: Any) -> Any:
    planning = {"years": [2026], "budget": [budget], "terminal_years": 0}
    given = {"name": "edge", "title": "An edge", "horizon": horizon, "planning": planning, **settings}
    return oc.Instance.from_frames(
        {name: pd.DataFrame(table) for name, table in rows.items() if table}, given
    )


def _with(rows: Rows, table: str, **cells: Any) -> Rows:
    return {**rows, table: [{**row, **cells} for row in rows[table]]}


def _case(name: str) -> tuple[Any, float, float, int, float]:
    """Return (instance, ACC before, expected loss before, measures bought, ACC after)."""
    rows = _rows()
    half = 0.5  # plant down for 5 of 10 weeks, nothing beside it; 100 of 200 are lost once in ten years
    none: dict[str, Any] = {"events": NO_EVENTS}
    if name == "as it is":
        return _instance(rows), half, 10.0, 1, 1.0
    if name == "no events":
        return _instance(rows, **none), 1.0, 0.0, 0, 1.0
    if name == "no measures":
        return _instance({**rows, "measures": [], "effects": []}), half, 10.0, 0, half
    if name == "no budget":
        return _instance(rows, budget=0.0), half, 10.0, 0, half
    if name == "no budget, no cost":
        return _instance(_with(rows, "measures", cost_1=0.0), budget=0.0), half, 10.0, 1, 1.0
    if name == "a budget of exactly the cost":
        return _instance(rows, budget=3.0), half, 10.0, 1, 1.0
    if name == "one site":
        one = {
            **rows,
            "sites": rows["sites"][:1],
            "sources": rows["sources"][:1],
            "measures": [],
            "effects": [],
        }
        return _instance(one), half, 10.0, 0, half
    if name == "nothing but potential sources":
        # nothing is served before, so nothing is lost; with the backup the demand is served whatever the plant does
        return _instance(_with(rows, "sources", status="potential")), 0.0, 0.0, 1, 1.0
    if name == "no capacity":
        # the backup alone could be woken, and is: capacity 0 is absent
        sources = [{**rows["sources"][0], "capacity": 0.0}, rows["sources"][1]]
        return _instance({**rows, "sources": sources}), 0.0, 0.0, 1, 1.0
    if name == "never":
        return _instance(_with(rows, "sites", annual_probability=0.0)), 1.0, 0.0, 0, 1.0
    if name == "every year":
        # both sites fail every year, one at a time: half of the time nothing is wrong with the plant
        return _instance(_with(rows, "sites", annual_probability=1.0)), 0.75, 100.0, 1, 1.0
    if name == "back at once":
        return _instance(_with(rows, "sites", recovery_time=0.0)), 1.0, 0.0, 0, 1.0
    if name == "back long after the horizon":
        return _instance(_with(rows, "sites", recovery_time=1e9)), 0.0, 20.0, 1, 1.0
    if name == "a short horizon":
        return _instance(rows, horizon=1e-3), 0.0, 0.002, 1, 1.0
    if name == "a long horizon":
        # 5 weeks of 1e6, which no plan can gain much from
        return _instance(rows, horizon=1e6), 1.0 - 5e-6, 10.0, 1, 1.0
    if name == "isolated":
        more = {
            "sites": [*rows["sites"], {"site": "empty"}, {"site": "island"}],
            "items": [*rows["items"], {"item": "ghost"}, {"item": "orphan"}],
            "sources": [*rows["sources"], {"site": "island", "item": "orphan", "capacity": 1.0}],
            "chains": [*rows["chains"], {"chain": "idle"}],
        }
        return _instance({**rows, **more}), half, 10.0, 1, 1.0
    if name == "a demand of nothing beside":
        items = [*rows["items"], {"item": "valve", "chain": "pumps"}]
        sources = [*rows["sources"], {"site": "plant", "item": "valve", "capacity": 1.0}]
        demands = [*rows["demands"], {"item": "valve", "rate": 0.0, "value": 1.0}]
        return _instance({**rows, "items": items, "sources": sources, "demands": demands}), half, 10.0, 1, 1.0
    if name == "a site that can do nothing":
        return _instance(_with(rows, "sites", capacity=0.0)), 0.0, 0.0, 0, 0.0
    if name == "stock alone":
        # 30 in stock are three weeks of ten, and nothing that can fail is in use
        rows = _with(rows, "sources", status="potential")
        more = {"stocks": [{"item": "pump", "quantity": 30.0}], "measures": [], "effects": []}
        return _instance({**rows, **more}), 0.3, 0.0, 0, 0.3
    if name == "everything unlimited":
        return _instance(_with(rows, "sources", capacity="unlimited")), half, 10.0, 1, 1.0
    raise AssertionError(name)


CASES = (
    "as it is",
    "no events",
    "no measures",
    "no budget",
    "no budget, no cost",
    "a budget of exactly the cost",
    "one site",
    "nothing but potential sources",
    "no capacity",
    "never",
    "every year",
    "back at once",
    "back long after the horizon",
    "a short horizon",
    "a long horizon",
    "isolated",
    "a demand of nothing beside",
    "a site that can do nothing",
    "stock alone",
    "everything unlimited",
)


@pytest.mark.parametrize("name", CASES)
def test_risk_at_the_edge(name: str) -> None:
    instance, acc, loss, _, _ = _case(name)
    found = oc.resilience(instance)
    assert found.acc == pytest.approx(acc, abs=1e-9)
    assert found.expected_annual_loss == pytest.approx(loss, rel=1e-6, abs=1e-9)
    assert found.worst <= found.cvar + 1e-12 <= found.acc + 2e-12
    exposed = oc.exposure(instance)
    assert (exposed["lost"] >= 0.0).all()
    lost = exposed["lost"].max() if len(exposed) else 0.0
    index = exposed["risk_exposure_index"]
    assert index.isna().all() if lost == 0.0 else index.max() == 1.0
    worst = oc.worst_case(instance, 2)
    assert worst.bound <= worst.continuity + 1e-9
    assert oc.reverse_stress(instance, 1.0).complete
    structure = oc.structure(instance)
    served = found.undisturbed["served"] > 0.0 and name != "stock alone"
    assert (len(structure.unprovidable) == 0) == served or name == "a demand of nothing beside"
    assert oc.cut_sets(instance, order=2).complete


@pytest.mark.parametrize("method", ["auto", *(pytest.param(m, marks=pytest.mark.slow) for m in METHODS)])
@pytest.mark.parametrize("name", CASES)
def test_plans_at_the_edge(name: str, method: str) -> None:
    instance, acc, _, bought, after = _case(name)
    plan = oc.reinforce(instance, method=method)
    assert len(plan.choices) == bought
    assert plan.acc_before == pytest.approx(acc, abs=1e-9)
    assert plan.acc_after == pytest.approx(after, abs=1e-9)
    assert plan.bound is not None
    assert plan.bound >= plan.objective
    assert plan.status == "optimal"
    assert not math.isnan(plan.improvement_gap or 0.0)
    assert all(claim.ok for claim in oc.check_claims(instance, plan))


@pytest.mark.parametrize("objective", ["expected", "loss", "worst", "cvar", "worst-case"])
def test_no_measures_no_events_and_no_money_leave_any_objective_as_it_is(objective: str) -> None:
    rows = _rows(measures=[], effects=[])
    for case in (_instance(rows), _instance(rows, events=NO_EVENTS), _instance(_rows(), budget=0.0)):
        plan = oc.reinforce(case, objective=objective)
        assert plan.objective == plan.objective_nothing == pytest.approx(plan.bound, rel=1e-12)
        assert not plan.choices


@pytest.mark.parametrize(
    ("table", "cells"),
    [
        ("demands", {"rate": 0.0}),
        ("demands", {"value": 0.0}),
        *((name, None) for name in ("chains", "items", "sites", "sources", "demands")),
    ],
)
def test_nothing_wanted_and_nothing_there_are_refused(table: str, cells: dict[str, Any] | None) -> None:
    rows = _rows()
    with pytest.raises(oc.InstanceError) as caught:
        _instance({**rows, table: []} if cells is None else _with(rows, table, **cells))
    assert table in {fault.file for fault in caught.value.faults()}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name == "as it is" else pytest.mark.slow) for name in CASES]
)
@pytest.mark.parametrize("scale", [1e-6, 1e9])
def test_edges_are_where_they_are_in_any_unit(name: str, scale: float) -> None:
    instance, acc, loss, _, _ = _case(name)
    pair = (instance.settings.model_dump(), {table: instance[table] for table in instance.frames})
    units = rewriting.Units(
        money=1.0 / scale,
        items=dict.fromkeys(instance["items"]["item"], scale),
        sites=dict.fromkeys(instance["sites"]["site"], scale),
    )
    settings, tables = rewriting.rescaled(pair, units).pair
    found = oc.resilience(oc.Instance.from_frames(tables, settings))
    assert found.acc == pytest.approx(acc, abs=1e-9)
    assert found.expected_annual_loss * scale == pytest.approx(loss, rel=1e-6, abs=1e-9)
