"""Cases whose answer is known by arithmetic, and the published single-phase model written out on its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

import optichain as oc
from oracle import compare, continuity

Rows = dict[str, list[dict[str, Any]]]


def _instance(rows: Rows, **settings: Any) -> oc.Instance:
    tables = {name: pd.DataFrame(table) for name, table in rows.items()}
    return oc.Instance.from_frames(tables, {"name": "case", "title": "A case", **settings})


def _one_plant(recovery_time: float, **more: list[dict[str, Any]]) -> Rows:
    """A plant that makes 10 a week of what is wanted at 10 a week."""
    return {
        "chains": [{"chain": "pumps"}],
        "items": [{"item": "pump", "chain": "pumps"}],
        "sites": [
            {"site": "plant", "recovery_time": recovery_time},
            {"site": "backup", "annual_probability": 0.0},
        ],
        "sources": [{"site": "plant", "item": "pump", "capacity": 10.0}],
        "demands": [{"item": "pump", "rate": 10.0, "value": 1.0}],
        **more,
    }


def _planning(**more: Any) -> dict[str, Any]:
    return {"years": [2026, 2027, 2028], "budget": [100.0, 100.0, 100.0], **more}


def _effects(*effects: tuple[str, str, float]) -> dict[str, list[dict[str, Any]]]:
    """One measure of chain pumps for each effect, at 1 a piece."""
    return {
        "measures": [{"measure": f"m{i}", "chain": "pumps", "cost_1": 1.0} for i in range(len(effects))],
        "effects": [
            {"measure": f"m{i}", "effect": e, "target": t, "amount": a} for i, (e, t, a) in enumerate(effects)
        ],
    }


def test_a_backup_that_starts_late_does_not_make_good_what_was_lost_before() -> None:
    # 10 weeks at 10 are wanted; 20 a week from week 6 on serve weeks 6 to 10 alone, though 100 could be made
    rows = _one_plant(10.0)
    rows["sources"].append(
        {"site": "backup", "item": "pump", "capacity": 20.0, "status": "qualified", "switch_time": 5.0}
    )
    instance = _instance(rows, horizon=10.0)
    assert oc.stress_test(instance).set_index("event").at["site:plant", "continuity"] == pytest.approx(0.5)
    assert continuity.report(instance).outcomes["site:plant"].continuity["pumps"] == pytest.approx(0.5)


@pytest.mark.parametrize(("terminal_years", "acc"), [(5, 1.0), (0, 0.5)])
def test_a_measure_with_lead_time_4_needs_years_in_which_it_works(terminal_years: int, acc: float) -> None:
    # started in 2026 it works from 2030; the years that count end in 2028 + terminal_years
    more = _effects(("harden", "site:plant", 1.0))
    more["measures"][0]["lead_time"] = 4
    instance = _instance(
        _one_plant(5.0, **more), horizon=10.0, planning=_planning(terminal_years=terminal_years)
    )
    plan = oc.reinforce(instance)
    years = list(range(2026, 2029 + terminal_years))
    working = sum(year >= 2030 for year in years)
    assert plan.objective == pytest.approx((0.5 * (len(years) - working) + 1.0 * working) / len(years))
    assert plan.to_json()["acc_by_year"][str(years[-1])] == pytest.approx(acc)
    assert compare.as_plan(plan) == ({("m0", 1, 2026)} if terminal_years else set())


def test_two_recoveries_of_three_weeks_end_a_hit_of_five_weeks_and_no_more() -> None:
    more = _effects(("recover", "site:plant", 3.0), ("recover", "site:plant", 3.0))
    instance = _instance(_one_plant(5.0, **more), horizon=10.0, planning=_planning(terminal_years=0))
    chosen = pd.DataFrame({"chain": ["pumps"], "measure": ["m0"], "units": [1], "start_year": [2026]})
    assert oc.evaluate(instance, chosen).objective == pytest.approx(0.8)
    plan = oc.reinforce(instance)
    assert compare.as_plan(plan) == {("m0", 1, 2026), ("m1", 1, 2026)}
    assert plan.objective == pytest.approx(1.0)


def test_two_hardenings_act_on_what_is_left() -> None:
    # a complete loss for the whole horizon: half of it avoided leaves 0.5, half of the rest avoided leaves 0.75
    more = _effects(("harden", "site:plant", 0.5), ("harden", "source:plant:pump", 0.5))
    instance = _instance(_one_plant(10.0, **more), horizon=10.0, planning=_planning(terminal_years=0))
    assert oc.reinforce(instance).objective == pytest.approx(0.75)


def test_two_shorter_switches_add_up() -> None:
    # the backup needs 6 weeks of 10; less 3, less 3, it is there at once
    rows = _one_plant(10.0, **_effects(("switch", "backup:pump", 3.0), ("switch", "chain:pumps", 3.0)))
    rows["sources"].append(
        {"site": "backup", "item": "pump", "capacity": 10.0, "status": "qualified", "switch_time": 6.0}
    )
    instance = _instance(rows, horizon=10.0, planning=_planning(terminal_years=0))
    plan = oc.reinforce(instance)
    assert (plan.objective_nothing, plan.objective) == (pytest.approx(0.4), pytest.approx(1.0))


def _random_tiers(seed: int) -> tuple[oc.Instance, Rows]:
    """Products from parts from raw materials; capacity at sites alone; every site down for the whole horizon."""
    rng = np.random.default_rng(seed)
    products, parts, raws = ["P0", "P1"], ["A", "B"], ["R", "S"]
    sites = [
        {"site": f"s{i}", "recovery_time": 8.0, "capacity": float(rng.integers(2, 30))} for i in range(5)
    ]
    sources = []
    for item in (*products, *parts, *raws):
        count = 1 if item in products else int(rng.integers(1, 4))
        for i in rng.choice(5, size=count, replace=False):
            sources.append({"site": f"s{i}", "item": item, "capacity": "unlimited"})
    bom = [
        {"item": user, "input": name, "quantity": float(rng.choice([0.5, 1.0, 2.0]))}
        for users, inputs in ((products, parts), (parts, raws))
        for user in users
        for name in inputs
        if rng.random() < 0.8
    ]
    stocks = [
        {"item": item, "quantity": float(rng.integers(1, 40))}
        for item in (*products, *parts, *raws)
        if rng.random() < 0.5
    ]
    demands = [
        {"item": p, "rate": float(rng.integers(1, 10)), "value": float(rng.integers(1, 5))} for p in products
    ]
    rows: Rows = {
        "chains": [{"chain": "all"}],
        "items": [{"item": item, "chain": "all"} for item in (*products, *parts, *raws)],
        "sites": sites,
        "sources": sources,
        "bom": bom,
        "stocks": stocks,
        "demands": demands,
    }
    return _instance({k: v for k, v in rows.items() if v}, horizon=8.0), rows


def _time_to_recover_model(rows: Rows, failed: str | None, time: float) -> float:
    """Return the value lost by the model of Simchi-Levi et al. (2015, doi 10.1287/inte.2015.0804).

    Nodes j are sources, u_j what each makes, y_ij what node i gives to node j, l_j what product j lacks;
    the stock of an item counts as that of the first of its nodes.
    """
    nodes = [(s["site"], s["item"]) for s in rows["sources"]]
    stock = dict.fromkeys(range(len(nodes)), 0.0)
    for row in rows["stocks"]:
        stock[next(i for i, (_, item) in enumerate(nodes) if item == row["item"])] += row["quantity"]
    need = {(b["item"], b["input"]): b["quantity"] for b in rows["bom"]}
    arcs = [
        (i, j) for i, (_, k) in enumerate(nodes) for j, (_, item) in enumerate(nodes) if (item, k) in need
    ]
    wanted = {d["item"]: d for d in rows["demands"]}
    lacking = [j for j, (_, item) in enumerate(nodes) if item in wanted]
    n = len(nodes)
    size = n + len(arcs) + len(lacking)
    upper, right = [], []

    def row(entries: dict[int, float], most: float) -> None:
        line = np.zeros(size)
        for j, x in entries.items():
            line[j] += x
        upper.append(line)
        right.append(most)

    for j, (_, item) in enumerate(nodes):
        for (maker, k), r in need.items():
            if maker == item:  # u_j <= sum of y_ij over the nodes i of part k, by r_kj
                row(
                    {
                        j: 1.0,
                        **{n + a: -1.0 / r for a, (i, to) in enumerate(arcs) if to == j and nodes[i][1] == k},
                    },
                    0.0,
                )
    for i in range(n):  # sum_j y_ij - u_i <= s_i
        row({i: -1.0, **{n + a: 1.0 for a, (origin, _) in enumerate(arcs) if origin == i}}, stock[i])
    for place, j in enumerate(lacking):  # l_j + u_j + s_j >= d_j t
        row({n + len(arcs) + place: -1.0, j: -1.0}, stock[j] - wanted[nodes[j][1]]["rate"] * time)
    for site in rows["sites"]:
        row({j: 1.0 for j, (where, _) in enumerate(nodes) if where == site["site"]}, site["capacity"] * time)
    bounds = [(0.0, 0.0 if where == failed else None) for where, _ in nodes] + [(0.0, None)] * (size - n)
    goal = np.zeros(size)
    for place, j in enumerate(lacking):
        goal[n + len(arcs) + place] = wanted[nodes[j][1]]["value"]
    done = linprog(goal, A_ub=np.array(upper), b_ub=np.array(right), bounds=bounds, method="highs")
    assert done.status == 0
    return float(done.fun)


def test_one_phase_is_the_time_to_recover_model_of_simchi_levi() -> None:
    between = 0
    for seed in range(12):
        instance, rows = _random_tiers(seed)
        table = oc.stress_test(instance).set_index("event")
        whole = sum(d["rate"] * d["value"] for d in rows["demands"]) * 8.0
        calm = whole - _time_to_recover_model(rows, None, 8.0)
        for site in rows["sites"]:
            served = whole - _time_to_recover_model(rows, site["site"], 8.0)
            found = table.loc[f"site:{site['site']}"]
            assert found["served"] == pytest.approx(served, abs=1e-6), (seed, site)
            assert found["lost"] == pytest.approx(calm - served, abs=1e-6), (seed, site)
            between += 1e-6 < served < calm - 1e-6
    assert between >= 10  # events that take some of the service and not all of it


@pytest.mark.parametrize("site", [{}, {"capacity": 10.0}], ids=["the source's capacity", "the site's too"])
@pytest.mark.parametrize(("loss", "served"), [(0.0, 1.0), (0.25, 0.9), (0.5, 0.8), (1.0, 0.6)])
def test_what_is_lost_in_part_goes_on_in_part(loss: float, served: float, site: dict[str, float]) -> None:
    # four weeks of ten lack that share of the plant
    rows = _one_plant(4.0)
    rows["sites"][0] |= site
    rows["events"] = [{"event": "strike", "annual_probability": 0.1}]
    rows["hits"] = [{"event": "strike", "kind": "site", "target": "plant", "loss": loss}]
    table = oc.stress_test(_instance(rows, horizon=10.0)).set_index("event")
    assert table.at["strike", "continuity"] == pytest.approx(served)
