"""What the README of the advanced-chip chain says: its figures, its structure, its plan."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import optichain as oc
from optichain.checking import check_instance

HERE = Path(__file__).parents[2] / "instances" / "semiconductors"
LEADING = ("leading-edge-logic", "ai-accelerators")


@pytest.fixture(scope="module")
def chips():
    return oc.load(HERE)


@pytest.fixture(scope="module")
def spofs(chips):
    return oc.find_spofs(chips)


@pytest.fixture(scope="module")
def stress(chips):
    return oc.resilience(chips)


@pytest.fixture(scope="module")
def plan(chips):
    return oc.reinforce(chips)


def cited(chips, prefix):
    """Sources whose figure is cited from somewhere, with the citation split into words."""
    sources = chips["sources"]
    mine = sources[sources["x_basis"].fillna("").str.startswith(prefix + " ")].copy()
    return mine.assign(words=mine["x_basis"].str.split())


def test_shares_of_countries_and_firms_are_the_published_ones(chips, published_data):
    table = pd.read_csv(published_data / "semiconductors_eto" / "provision.csv")
    table = table[table["share_provided"].notna()]
    value = table["share_provided"].str.rstrip("%").astype(float) / 100.0
    published = dict(zip(zip(table["provided_id"], table["provider_name"], strict=True), value, strict=True))
    rows = cited(chips, "ETO")
    rows = rows[rows["share"].notna()]
    rows = rows.assign(place=rows["words"].str[1] + " " + rows["words"].str[2])
    checked = set()
    for (item, place), group in rows.groupby(["item", "place"]):
        node, countries = place.split(" ")
        expected = sum(published[node, country] for country in countries.split("+"))
        assert group["share"].sum() == pytest.approx(expected, abs=2e-4), (item, place)
        checked |= {(item, node, country) for country in countries.split("+")}
    for node, item in {(node, item) for item, node, _ in checked}:
        countries = {
            c for n, c in published if n == node and ((c.isupper() and len(c) == 3) or c == "Various")
        }
        missing = countries - {c for i, n, c in checked if (i, n) == (item, node)}
        assert not missing, f"{item}: the share of {missing} is published and not in our table"
    firms = rows[rows["x_rule"] == "firm share"]
    for row in firms.itertuples():
        owner = chips["sites"].set_index("site").loc[row.site, "enterprise"]
        assert row.share == pytest.approx(published[row.words[1], owner]), row.source
    assert len(checked) > 100
    assert len(firms) >= 7


def test_figures_of_minerals_are_the_published_ones(chips, published_data):
    table = pd.read_csv(published_data / "usgs_minerals" / "world_production_mcs2026_selected.csv")
    rows = cited(chips, "USGS")
    gallium = rows[rows["item"] == "gallium"]
    assert len(gallium) == 4
    for row in gallium.itertuples():
        fact = table[(table["commodity"] == "Gallium") & (table["country"] == " ".join(row.words[2:]))].iloc[
            0
        ]
        assert row.capacity == pytest.approx(fact["capacity_2025"] / 52, abs=0.01)
        if fact["prod_2024"] > 0:
            assert row.volume == pytest.approx(fact["prod_2024"] / 52, abs=0.01)
    earths = rows[rows["item"] == "rare-earths"]
    made = table[table["commodity"] == "Rare earths"].set_index("country")["prod_2024"]
    world = made[made.index.str.startswith("World")].iloc[0]
    named = dict(zip(earths["words"].str[3:].str.join(" "), earths["share"], strict=True))
    others = named.pop("all others")
    for name, share in named.items():
        assert share == pytest.approx(made[name] / world, abs=1e-4)
    assert len(named) == 4
    assert others == pytest.approx(1 - sum(named.values()), abs=1e-4)


def test_check_is_clean_and_guesses_are_listed(chips):
    result = check_instance(chips)
    assert result.warnings == ()
    codes = pd.Series([a.code for a in result.assumptions]).value_counts()
    shares = chips["sources"]["capacity"].isna().sum()
    guessed = sum(int((frame["grade"] == "C").sum()) for frame in chips.frames.values())
    assert codes.to_dict() == {
        "estimated-capacity": 238,
        "guessed": guessed,
        "unknown-own-ip": 10,
        "not-mapped": 1,
    }
    assert (shares, guessed) == (238, 142)


def test_the_only_maker_of_euv_scanners_stops_the_leading_edge(spofs):
    sites = spofs[spofs["kind"] == "site"]
    stopped = set(sites.loc[sites["element"] == "asml-nl", "demand"])
    assert stopped == set(LEADING)
    for kind, element in (
        ("item", "euv-scanners"),
        ("source", "asml-nl:euv-scanners"),
        ("enterprise", "ASML"),
        ("country", "Netherlands"),
        ("group", "export-control-nl"),
    ):
        found = spofs[(spofs["kind"] == kind) & (spofs["element"] == element)]
        assert set(found["demand"]) == set(LEADING), (kind, element)


def test_single_makers_are_the_only_sites_that_stop_a_product(spofs):
    sites = spofs[spofs["kind"] == "site"]
    assert set(sites["element"]) == {"asml-nl", "pva-de", "unmapped-noble-gases"}
    furnaces = set(sites.loc[sites["element"] == "pva-de", "demand"])
    assert furnaces == {*LEADING, "mature-logic", "memory"}


def test_what_is_required_together_and_what_substitutes_what(chips, spofs):
    items = spofs[spofs["kind"] == "item"].groupby("element")["demand"].agg(set)
    for tool in (
        "plasma-cvd",
        "atomic-layer-deposition",
        "physical-vapour-deposition",
        "electrochemical-coating",
    ):
        assert items[tool] >= {*LEADING, "mature-logic", "memory"}
    for tool in ("conductor-etch", "dielectric-etch", "wet-clean"):
        assert items[tool] >= {*LEADING, "mature-logic", "memory"}
    # ArF dry and immersion scanners replace each other at mature nodes; so do the two mask writers there,
    # and ceramic packages and lead frames in power chips
    for tool in ("arf-dry-scanners", "laser-writers", "ceramic-packages", "lead-frames"):
        assert tool not in items.index
    assert "mature-logic" not in items["arf-immersion-scanners"]
    assert "mature-logic" not in items["ebeam-writers"]
    assert items["ebeam-writers"] >= set(LEADING)
    fallback = chips["bom"].query("item == 'leading-edge-wafers' and requirement == 'finest layers'")
    assert fallback.set_index("input")["status"].to_dict() == {
        "euv-scanners": "active",
        "arf-immersion-scanners": "potential",
    }


def test_multiple_patterning_clears_the_scanner_and_buys_nothing(chips):
    chosen = pd.DataFrame([{"measure": "multi-patterning", "units": 1, "start_year": 2026}])
    given = oc.evaluate(chips, chosen)
    after = {(s["kind"], s["element"]) for s in given.spofs_after if s["demand"] == "leading-edge-logic"}
    before = {(s["kind"], s["element"]) for s in given.spofs_before if s["demand"] == "leading-edge-logic"}
    assert before - after == {
        ("item", "euv-scanners"),
        ("source", "asml-nl:euv-scanners"),
        ("site", "asml-nl"),
        ("enterprise", "ASML"),
        ("region", "North Brabant"),
        ("country", "Netherlands"),
        ("group", "export-control-nl"),
    }
    # structure says free, the flows say useless: the maker of EUV scanners makes 91 % of the immersion scanners too,
    # and what Nikon gives is worth more in memory than in a process that needs three passes for one
    assert given.objective == pytest.approx(given.objective_nothing, abs=1e-6)


def test_the_undisturbed_network_serves_everything(stress):
    assert stress.undisturbed["continuity"] == pytest.approx(1.0, abs=1e-9)
    assert 0.95 < stress.acc < 0.99
    assert 0.005 < stress.expected_annual_loss / stress.undisturbed["demanded"] < 0.03


@pytest.mark.slow
def test_the_plan_is_proven_binding_and_verified(chips, plan):
    assert plan.status == "optimal"
    assert plan.improvement_gap <= 1e-4
    assert plan.objective == pytest.approx(0.987104, abs=1e-6)
    assert plan.acc_after > plan.acc_before
    started = {p.chain: p.start_year for p in plan.policies}
    assert set(started) == {"leading-edge-logic", "mature-logic", "power-rf"}
    assert sorted(started.values()) == [2026, 2027, 2028]  # one chain a year
    assert plan.spend[2028] > 650.0  # what earlier years left is used
    assert {c.measure for c in plan.choices} < set(chips["measures"]["measure"])
    cleared = {s["element"] for s in plan.spofs_before} - {s["element"] for s in plan.spofs_after}
    assert {"pva-de", "Germany"} <= cleared
    assert all(claim.ok for claim in oc.verify(chips, plan))
