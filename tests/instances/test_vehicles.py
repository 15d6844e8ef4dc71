"""What the README of the car maker's network says: its figures, its structure, its plan."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import optichain as oc
from optichain.checking import check_instance
from optichain.instance.kinds import EFFECTS, MEASURE_KINDS

HERE = Path(__file__).parents[2] / "instances" / "vehicles"


@pytest.fixture(scope="module")
def cars():
    return oc.load(HERE)


@pytest.fixture(scope="module")
def spofs(cars):
    return oc.find_spofs(cars)


@pytest.fixture(scope="module")
def stress(cars):
    return oc.resilience(cars)


def test_shares_of_mining_countries_are_the_published_ones(cars, published_data):
    table = pd.read_csv(published_data / "usgs_minerals" / "world_production_mcs2026_selected.csv")
    mined = table.set_index(["commodity", "country"])["prod_2024"]
    world = {c: row[row.index.str.startswith("World")].iloc[0] for c, row in _by_commodity(mined)}
    sources = cars["sources"]
    cited = sources[sources["x_basis"].fillna("").str.startswith("USGS ")]
    assert len(cited) == 22
    assert set(cited["grade"]) == {"B"}
    for item, rows in cited.groupby("item"):
        places = rows["x_basis"].str.removeprefix("USGS ")
        commodity = next(c for c in world if places.str.startswith(c).all())
        named = dict(zip(places.str.removeprefix(commodity + " "), rows["share"], strict=True))
        others = named.pop("all others")
        for country, share in named.items():
            assert share == pytest.approx(mined[commodity, country] / world[commodity], abs=1e-4), item
        assert others == pytest.approx(1 - sum(named.values()), abs=1e-4)
    # what has a share is cited, and nothing else is
    assert sources["share"].notna().sum() == len(cited)


def _by_commodity(mined):
    return [(c, mined[c]) for c in mined.index.get_level_values(0).unique()]


def test_the_largest_shares_are_those_of_the_readme(cars):
    shares = cars["sources"].set_index("source")["share"]
    assert shares["cobalt-congo:cobalt-raw"] == pytest.approx(0.748, abs=5e-4)
    assert shares["graphite-china:natural-graphite"] == pytest.approx(0.819, abs=5e-4)
    assert shares["rare-earths-china:rare-earths"] == pytest.approx(0.71, abs=1e-3)
    assert shares["nickel-indonesia:nickel-raw"] == pytest.approx(0.623, abs=5e-4)
    assert shares["lithium-australia:lithium-raw"] == pytest.approx(0.372, abs=1e-3)


def test_check_is_clean_and_what_is_not_cited_counts_as_guessed(cars):
    result = check_instance(cars)
    assert result.warnings == ()
    codes = pd.Series([a.code for a in result.assumptions]).value_counts()
    assert codes.to_dict() == {"guessed": 91, "estimated-capacity": 22}


def test_every_kind_of_measure_and_of_effect_occurs(cars):
    assert set(cars["measures"]["kind"]) == set(MEASURE_KINDS)
    assert set(cars["effects"]["effect"]) == set(EFFECTS)


def test_undisturbed_all_is_served_and_the_costliest_events_are_those_told(stress):
    assert stress.undisturbed["continuity"] == pytest.approx(1.0, abs=1e-9)
    assert len(stress.events) == 154
    lost = stress.events.set_index("event")["lost"]
    worst = lost.sort_values(ascending=False).index[:3]
    assert list(worst) == ["group:licence-plant-software", "group:chip-export-regime", "site:casting-foshan"]
    # 30 weeks without software: finished cars cover two weeks, and the nine licences left all go to SUVs
    assert lost["group:licence-plant-software"] == pytest.approx(30 * 690 - 2 * 690 - 9 * 220)
    # the SUV alone, for 40 weeks less the stocks of processors, finished computers and cars
    assert lost["group:chip-export-regime"] == pytest.approx((40 - 6 - 1 - 2) * 330)
    for outlasted in ("quake-taiwan", "quake-kyushu", "hydropower-southwest", "burmese-border"):
        assert lost[f"group:{outlasted}"] == pytest.approx(0.0, abs=1e-6)
    assert stress.acc == pytest.approx(0.983849, abs=1e-6)
    assert stress.expected_annual_loss == pytest.approx(1815.02, abs=0.01)


def test_graphite_has_a_substitute_and_cobalt_has_stock(cars):
    groups = oc.exposure(cars, kinds=["group"]).set_index("element")
    assert groups.loc["graphite-curbs", "lost"] == pytest.approx(0.0, abs=1e-6)
    assert 22 < groups.loc["congolese-cobalt", "time_to_survive"] < 24


def test_what_no_second_source_stands_behind(spofs):
    sites = spofs[spofs["kind"] == "site"].groupby("element")["demand"].agg(set)
    assert sites["casting-foshan"] == {"city-car", "suv"}
    assert sites["software-munich"] == {"city-car", "suv"}
    for site in ("foundry-hsinchu", "assistance-shenzhen", "processor-california"):
        assert sites[site] == {"suv"}
    # two sources, or a substitute that is qualified
    assert not {"reducer-zhuzhou", "sic-villach", "cells-huizhou", "port-zhanjiang"} & set(sites.index)


def test_a_plant_makes_either_model_within_one_capacity(cars):
    """Losing Guangzhou leaves 1.8 load units a week in Hefei: an SUV takes 1.2 of them."""
    given = oc.resilience(cars, events=["site:assembly-guangzhou"]).events.iloc[0]
    # eight weeks at 1.8 instead of 4.8 load units; finished cars cover two weeks of sales
    most = 1.4 * 120 + 0.4 / 1.2 * 220  # Hefei's city cars up to their line, the rest SUVs
    best = 0.8 * 220 + (1.8 - 0.96) * 120  # Hefei's SUVs up to their line, the rest city cars
    assert best > most
    assert given["lost"] == pytest.approx(8 * (690 - best) - 2 * 690)


def test_the_second_software_is_worth_what_the_licence_event_costs(cars):
    chosen = pd.DataFrame([{"measure": "software-second", "units": 1, "start_year": 2026}])
    given = oc.evaluate(cars, chosen)
    before = {s["element"] for s in given.spofs_before}
    after = {s["element"] for s in given.spofs_after}
    assert {"software-munich", "licence-plant-software"} <= before - after
    assert given.expected_annual_loss_before - given.expected_annual_loss_after > 0.03 * 14_000


@pytest.mark.slow
def test_the_plan_is_proven_binding_and_verified(cars):
    plan = oc.reinforce(cars)
    assert plan.status == "optimal"
    assert plan.improvement_gap <= 1e-4
    assert plan.objective == pytest.approx(0.993673, abs=1e-6)
    assert {p.chain: p.start_year for p in plan.policies} == {
        "vehicles": 2026,
        "drive": 2027,
        "electronics": 2027,
        "battery": 2028,
        "body": 2028,
    }
    assert plan.spend[2026] == pytest.approx(100.0)
    assert plan.expected_annual_loss_after == pytest.approx(503.41, abs=0.01)
    assert all(claim.ok for claim in oc.verify(cars, plan))
    richer = oc.reinforce(cars, budget=150)
    assert richer.avoidable_share > plan.avoidable_share + 0.03
