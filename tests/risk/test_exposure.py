"""Exposure: losses and times to survive of every element, and the inputs worth asking for."""

from __future__ import annotations

import csv
import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pandas as pd
import pytest

import optichain as oc
import strategies
from optichain.risk.questionnaire import write_questionnaire
from oracle import continuity
from oracle.data import read
from small import instance


def _two_parts(**changes: Any) -> Any:
    """A product of two parts; x is held for 3 weeks, y for 1; demand 10 a week for 10 weeks."""
    tables: dict[str, Any] = {
        "sites": [
            {"site": "A", "recovery_time": 2.0},
            {"site": "X", "recovery_time": 2.0},
            {"site": "Y", "recovery_time": 5.0},
        ],
        "sources": [
            {"site": "A", "item": "p", "capacity": 10.0},
            {"site": "X", "item": "x", "capacity": 10.0},
            {"site": "Y", "item": "y", "capacity": 10.0},
        ],
        "bom": [
            {"item": "p", "input": "x", "quantity": 1.0},
            {"item": "p", "input": "y", "quantity": 1.0},
        ],
        "stocks": [{"item": "x", "quantity": 30.0}, {"item": "y", "quantity": 10.0}],
        "demands": [{"item": "p", "rate": 10.0, "value": 2.0}],
    }
    return instance(**{**tables, **changes})


def test_what_is_lost_when_it_is_felt_and_how_it_compares() -> None:
    rows = oc.exposure(_two_parts(), kinds=["site"]).set_index("element")
    assert list(rows.index) == ["Y", "A", "X"]
    # Y is down for 5 weeks, 1 of them from stock: 4 weeks of 10 units at 2
    assert rows["lost"].to_dict() == pytest.approx({"Y": 80.0, "A": 40.0, "X": 0.0})
    assert rows["risk_exposure_index"].to_dict() == pytest.approx({"Y": 1.0, "A": 0.5, "X": 0.0})
    assert rows["time_to_survive"].to_dict() == pytest.approx({"Y": 1.0, "A": 0.0, "X": 3.0}, abs=1e-6)
    assert rows["recovery_time"].to_dict() == {"Y": 5.0, "A": 2.0, "X": 2.0}
    assert rows["exposed"].to_dict() == {"Y": True, "A": True, "X": False}
    assert rows["spof"].all()


def test_a_loss_that_is_felt_at_once_leaves_no_time_also_where_demand_is_never_met() -> None:
    # 5 of 10 a week can be made, of a part of which 6 are in stock and 7 a week are made: 2 for each
    tables = {
        "sources": [{"site": "A", "item": "p", "capacity": 5.0}, {"site": "X", "item": "x", "capacity": 7.0}],
        "bom": [{"item": "p", "input": "x", "quantity": 2.0}],
        "stocks": [{"item": "x", "quantity": 6.0}],
    }
    times = oc.exposure(_two_parts(**tables), kinds=["site"]).set_index("element")["time_to_survive"]
    assert times["A"] == 0.0
    # without X the 6 in stock make 3 units, which last 0.6 weeks at 5 a week
    assert times["X"] == pytest.approx(0.6)


@pytest.mark.parametrize("share", [1e-3, 1e-6, 1e-8])
def test_however_little_is_lost_from_the_first_moment_leaves_no_time(share: float) -> None:
    # A and B make x just as it is wanted; of y half is wanted in vain, so that demand is not met undisturbed either
    case = instance(
        items=[{"item": "x", "chain": "c"}, {"item": "y", "chain": "c"}],
        sites=[{"site": "A"}, {"site": "B"}, {"site": "D"}],
        sources=[
            {"site": "A", "item": "x", "capacity": 10.0 * (1.0 - share)},
            {"site": "B", "item": "x", "capacity": 10.0 * share},
            {"site": "D", "item": "y", "capacity": 5.0},
        ],
        demands=[{"item": "x", "rate": 10.0}, {"item": "y", "rate": 10.0}],
    )
    times = oc.exposure(case, kinds=["site"]).set_index("element")["time_to_survive"]
    assert times.to_dict() == {"A": 0.0, "B": 0.0, "D": 0.0}


def test_room_that_sources_share_is_felt_when_the_stock_that_spared_it_is_gone() -> None:
    # without B, 10 pumps and 4 valves a week ask for 14 of the room of 12 at A; 6 pumps in stock are 2 a week for 3 weeks
    case = instance(
        sites=[{"site": "A", "capacity": 12.0}, {"site": "B"}],
        sources=[
            {"site": "A", "item": "pump", "capacity": 10.0},
            {"site": "A", "item": "valve", "capacity": 10.0},
            {"site": "B", "item": "pump", "capacity": 4.0},
        ],
        stocks=[{"item": "pump", "quantity": 6.0}],
        demands=[{"item": "pump", "rate": 10.0}, {"item": "valve", "rate": 4.0}],
    )
    times = oc.exposure(case, kinds=["site"]).set_index("element")["time_to_survive"]
    assert times["B"] == pytest.approx(3.0)
    assert times["A"] == 0.0


@pytest.mark.parametrize("stock", [15.0, 2.0])
def test_what_is_lost_in_part_is_felt_when_the_stock_that_makes_up_for_that_part_is_gone(
    stock: float,
) -> None:
    # hardened to a half, A still makes 5 of 10 a week for ever, and 15 in stock are the other 5 for 3 weeks
    case = instance(
        planning={"years": [2026], "budget": [1.0]},
        sites=[{"site": "A", "recovery_time": 5.0}],
        sources=[{"site": "A", "item": "p", "capacity": 10.0}],
        stocks=[{"item": "p", "quantity": stock}],
        demands=[{"item": "p", "rate": 10.0}],
        measures=[{"measure": "m", "chain": "c", "cost_1": 1.0}],
        effects=[{"measure": "m", "effect": "harden", "target": "site:A", "amount": 0.5}],
    )
    plan = oc.reinforce(case)
    before, after = (oc.exposure(case, plan=p, kinds=["site"])["time_to_survive"] for p in (None, plan))
    assert (before.tolist(), after.tolist()) == (
        [pytest.approx(stock / 10.0)],
        [pytest.approx(stock / 5.0)],
    )


def test_what_ceases_to_be_lost_was_felt_all_the_same() -> None:
    # 5 of 10 a week can be made, with 10 x; without X 15 in stock last for 1.5 weeks, and another opens soon after
    case = instance(
        sources=[
            {"site": "A", "item": "p", "capacity": 5.0},
            {"site": "X", "item": "x", "capacity": 10.0},
            {"site": "Y", "item": "x", "capacity": 10.0, "status": "qualified", "switch_time": 1.6},
        ],
        bom=[{"item": "p", "input": "x", "quantity": 2.0}],
        stocks=[{"item": "x", "quantity": 15.0}],
        demands=[{"item": "p", "rate": 10.0}],
    )
    times = oc.exposure(case, kinds=["site"]).set_index("element")["time_to_survive"]
    assert times[["X", "Y"]].tolist() == [pytest.approx(1.5), math.inf]


def test_what_comes_by_lane_is_missed_when_what_came_before_is_used_up() -> None:
    # 5 of 10 pumps a week can be made, of castings that a lane brings; 15 have arrived
    case = instance(
        sources=[
            {"site": "plant", "item": "pump", "capacity": 5.0},
            {"site": "foundry", "item": "casting", "capacity": 8.0},
        ],
        bom=[{"item": "pump", "input": "casting", "quantity": 1.0}],
        lanes=[{"item": "casting", "from_site": "foundry", "to_site": "plant"}],
        stocks=[{"item": "casting", "site": "plant", "quantity": 15.0}],
        demands=[{"item": "pump", "rate": 10.0}],
    )
    times = oc.exposure(case, kinds=["site", "lane"]).set_index("kind")["time_to_survive"]
    assert times["lane"] == pytest.approx(3.0)
    assert sorted(times["site"]) == [0.0, pytest.approx(3.0)]


def test_nothing_that_can_be_lost_has_no_index() -> None:
    rows = oc.exposure(_two_parts(), kinds=["lane"])
    assert rows.empty
    safe = _two_parts(stocks=[{"item": "p", "quantity": 100.0}])
    assert oc.exposure(safe)["risk_exposure_index"].isna().all()


def test_who_fails_the_elements_does_not_matter() -> None:
    with ThreadPoolExecutor(3) as pool:
        for _, case in strategies.accepted(25, first=52000):
            alone, together = oc.exposure(case), oc.exposure(case, executor=pool)
            pd.testing.assert_frame_equal(together, alone, check_exact=True)


def _differences(seed: int, found: Any, data: Any, most: int) -> list[str]:
    out = []
    for row in found.sort_values("element").head(most).itertuples():
        lost = continuity.impact(data, (row.kind, row.element))
        survives = continuity.time_to_survive(data, (row.kind, row.element))
        if abs(row.lost - lost) > 1e-6 * max(1.0, lost):
            out.append(f"seed {seed}: lost to {row.kind} {row.element} {row.lost}, by definition {lost}")
        if row.time_to_survive != survives and not abs(row.time_to_survive - survives) <= 1e-5 * (
            1.0 + survives
        ):
            out.append(
                f"seed {seed}: TTS of {row.kind} {row.element} {row.time_to_survive}, by definition {survives}"
            )
    return out


@pytest.mark.parametrize(
    ("first", "count", "most"),
    [(300, 2, 3), pytest.param(400, 40, 10, marks=pytest.mark.slow)],
)
def test_random_networks_against_the_definition(first: int, count: int, most: int) -> None:
    wrong = []
    for seed, found in strategies.accepted(count, first=first, planning=False):
        wrong += _differences(seed, oc.exposure(found), read(found), most)
    assert wrong == []


def _unsure() -> Any:
    """Two suppliers of one product each; F's recovery time is not known (4 assumed), G's is 5."""
    return instance(
        horizon=20.0,
        sites=[{"site": "F"}, {"site": "G", "recovery_time": 5.0}],
        sources=[{"site": "F", "item": "f", "capacity": 10.0}, {"site": "G", "item": "g", "capacity": 10.0}],
        demands=[{"item": "f", "rate": 10.0}, {"item": "g", "rate": 10.0}],
    ).replace(settings={"name": "s", "title": "S", "horizon": 20.0, "defaults": {"recovery_time": 4.0}})


def test_a_recovery_time_that_decides_the_ranking_is_asked_for() -> None:
    # 4 weeks assumed, 2 to 8 plausible: from 5 on F would be the most exposed instead of G
    asked = oc.questions(_unsure(), kinds=["site"], top=1)
    assert asked[["table", "row", "column", "name"]].values.tolist() == [["sites", 2, "recovery_time", "F"]]
    assert asked[["assumed", "low", "high"]].values.tolist() == [[4.0, 2.0, 8.0]]
    assert asked["enters"][0] == (("site", "F"),)
    assert asked["leaves"][0] == (("site", "G"),)
    assert oc.questions(_unsure(), kinds=["site"], top=2).empty


def test_inputs_that_matter_only_together_are_found() -> None:
    # F and H each 4 assumed at half the demand's worth of G: each alone reaches 8 weeks x 10, G loses 5 x 30
    case = instance(
        horizon=20.0,
        sites=[
            {"site": "F", "enterprise": "E"},
            {"site": "H", "enterprise": "E"},
            {"site": "G", "recovery_time": 5.0, "enterprise": "K"},
        ],
        sources=[{"site": s, "item": s.lower(), "capacity": 10.0} for s in "FHG"],
        demands=[
            {"item": "f", "rate": 10.0},
            {"item": "h", "rate": 10.0},
            {"item": "g", "rate": 10.0, "value": 2.5},
        ],
    ).replace(settings={"name": "s", "title": "S", "horizon": 20.0, "defaults": {"recovery_time": 4.0}})
    # enterprise E loses 4 x 20 = 80 of G's 125; one site at 8 weeks makes it 120, both make it 160
    asked = oc.questions(case, kinds=["enterprise"], top=1)
    assert sorted(asked["name"]) == ["F", "H"]
    assert set(asked["together"]) == {2}


def test_a_capacity_that_decides_the_ranking_is_asked_for() -> None:
    # the backup's capacity is estimated as 4 x 1.5; at a surge of 1 it covers all that F leaves open
    case = instance(
        sites=[{"site": s, "recovery_time": 5.0} for s in "FBG"],
        sources=[
            {"site": "F", "item": "f", "capacity": 10.0},
            {"site": "B", "item": "f", "volume": 4.0},
            {"site": "G", "item": "g", "capacity": 10.0},
        ],
        demands=[{"item": "f", "rate": 8.0}, {"item": "g", "rate": 10.0, "value": 0.15}],
    ).replace(settings={"name": "s", "title": "S", "horizon": 10.0, "defaults": {"surge": 0.5}})
    # F's failure loses 5 x (8 - 6) = 10, at most 5 x (8 - 5) = 15, at least 5 x (8 - 8) = 0; G's 5 x 10 x 0.15 = 7.5
    lost = oc.exposure(case, kinds=["site"]).set_index("element")["lost"]
    assert lost.to_dict() == pytest.approx({"F": 10.0, "G": 7.5, "B": 0.0}, abs=1e-9)
    asked = oc.questions(case, kinds=["site"], top=1)
    assert asked[["table", "column", "name"]].values.tolist() == [["sources", "capacity", "B:f"]]
    assert asked[["assumed", "low", "high"]].values.tolist() == [[6.0, 5.0, 8.0]]
    assert asked["enters"][0] == (("site", "G"),)


def test_the_questionnaire_is_a_table_that_no_spreadsheet_takes_for_formulas(tmp_path: Any) -> None:
    case = _unsure()
    sites = case["sites"].assign(title=["=cmd()", "G"], enterprise=["+evil", None])
    path = tmp_path / "ask.csv"
    named = case.replace(sites=sites)
    write_questionnaire(oc.questions(named, kinds=["site"], top=1), named, path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["title"] for row in rows] == ["'=cmd()"]
    assert [row["enterprise"] for row in rows] == ["'+evil"]
    assert [row["answer"] for row in rows] == [""]
    assert rows[0]["unit"] == "weeks"
