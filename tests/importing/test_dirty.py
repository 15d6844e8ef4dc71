"""Twenty thousand dirty rows: what comes out is the truth they were made from, and what is left out is named."""

import dataclasses
import time
from collections import defaultdict

import numpy as np
import pytest

import optichain as oc
from importing.dirty import PLANTS, make_extracts

SEED = 20260101
CODES = ("item", "input", "site", "from_site", "to_site", "source")


def run(folder):
    files = {name: folder / f"{name}.csv" for name in ("bom", "suppliers", "orders", "demand")}
    return oc.import_extracts(map=folder / "map.toml", stock=folder / "stock.xlsx", **files)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dirty")
    return folder, make_extracts(folder, SEED)


@pytest.fixture(scope="module")
def found(made):
    """The result, with codes in capitals: they are written as they were first seen."""
    result = run(made[0])
    tables = {
        name: frame.assign(**{c: frame[c].str.upper() for c in CODES if c in frame})
        for name, frame in result.instance.tables.items()
    }
    offices = tuple(site.upper() for site in result.head_offices)
    return dataclasses.replace(result, instance=tables, head_offices=offices)


@pytest.fixture(scope="module")
def digest(made):
    return run(made[0]).instance.digest


@pytest.fixture(scope="module")
def truth(made):
    return made[1]


def test_no_row_is_lost(found, truth):
    assert {kind: count["rows"] for kind, count in found.rows.items()} == truth.rows
    assert sum(truth.rows.values()) >= 20_000
    for count in found.rows.values():
        assert count["used"] + count["rejected"] == count["rows"]
    assert len(found.rejected) == sum(count["rejected"] for count in found.rows.values())


def test_exactly_the_slips_are_rejected_each_for_its_reason(found, truth):
    rejected = set(zip(found.rejected["file"], found.rejected["row"], found.rejected["code"], strict=True))
    assert rejected - truth.rejected == set()
    assert truth.rejected - rejected == set()
    assert len(rejected) > 1_000
    assert found.rejected["reason"].str.len().min() > 10


def test_what_was_read_how_is_said(found, truth):
    read_as = {kind: count["read_as"] for kind, count in found.rows.items()}
    assert read_as["bom"].startswith("utf-8, ")
    assert read_as["bom"].endswith(" lines gb18030")
    assert read_as["suppliers"] == "gb18030"
    assert (read_as["orders"], read_as["demand"], read_as["stock"]) == ("utf-8", "utf-16", "sheet 库存")


def test_bills_of_materials_are_the_truth(found, truth):
    sources, bom = found.instance["sources"], found.instance["bom"]
    makers = defaultdict(list)
    for item, site in zip(sources["item"], sources["site"], strict=True):
        if site in PLANTS:
            makers[item].append(site)
    links = {}
    for row in bom.itertuples():
        plants = makers[row.item] if row.source is None else [row.source.split(":")[0]]
        for plant in plants:
            assert (row.item, plant, row.input) not in links
            links[row.item, plant, row.input] = row.quantity
    assert links.keys() == truth.links.keys()
    assert links == pytest.approx(truth.links)


def test_a_part_that_is_also_bought_does_not_burden_its_supplier(found, truth):
    """A supplier's gearbox comes ready-made: the bill of materials holds for one's own plants only."""
    sources = found.instance["sources"]
    both = set(sources.loc[sources["site"].isin(PLANTS), "item"]) & {part for part, _ in truth.approved}
    assert len(both) >= 10
    bom = found.instance["bom"]
    assert bom.loc[bom["item"].isin(both), "source"].notna().all()


def test_relations_volumes_and_shares_are_the_truth(found, truth):
    sources = found.instance["sources"]
    bought = sources[~sources["site"].isin(PLANTS) & ~sources["site"].str.startswith("UNKNOWN")]
    keys = list(zip(bought["item"], bought["site"], strict=True))
    assert set(keys) == truth.approved.keys()
    assert len(keys) == len(set(keys))
    volumes = dict(zip(keys, bought["volume"] * 52, strict=True))
    wanted = {key: np.nan if volume is None else volume for key, volume in truth.volumes.items()}
    assert volumes == pytest.approx(wanted, rel=1e-6, nan_ok=True)
    shares = {key: s for key, s in zip(keys, bought["share"], strict=True) if not np.isnan(s)}
    assert shares == pytest.approx(truth.shares)
    assert dict(zip(keys, bought["status"], strict=True)) == truth.status
    spend = {k: float(s) for k, s in zip(keys, bought["x_annual_spend"], strict=True) if s is not None}
    assert spend == pytest.approx(truth.spend, rel=1e-6)
    assert bought["capacity"].isna().all()


def test_sites_are_vendor_and_plant_with_the_most_specific_recovery_time(found, truth):
    sites = found.instance["sites"].set_index("site")
    vendors = sites[~sites.index.isin(PLANTS) & ~sites.index.str.startswith("UNKNOWN")]
    assert set(vendors.index) == truth.enterprise.keys()
    assert vendors["enterprise"].to_dict() == truth.enterprise
    assert vendors["country"].to_dict() == truth.country
    recovery = {site: np.nan if (t := truth.recovery(site)) is None else t for site in vendors.index}
    assert vendors["recovery_time"].to_dict() == pytest.approx(recovery, nan_ok=True)
    assert len(set(recovery.values())) >= 5
    assert set(found.head_offices) == truth.offices
    assert set(vendors.index[vendors["x_head_office"] == "yes"]) == truth.offices
    assert sites.loc["1100", "title"] == "Second plant"
    assert sites.loc["1000", "country"] == "CN"


def test_every_default_is_an_assumption_with_its_reason(found, truth):
    sites = found.instance["sites"].set_index("site")
    guessed = {site for site in truth.enterprise if truth.recovery(site) is not None} | truth.offices
    assert set(sites.index[sites["grade"] == "C"]) == guessed | set(
        sites.index[sites.index.str.startswith("UNK")]
    )
    assert sites.loc[sorted(guessed), "note"].notna().all()


def test_a_part_approved_for_one_plant_gets_lanes_and_others_do_not(found, truth):
    consumers = defaultdict(set)
    makers = defaultdict(set)
    for item, plant, used in truth.links:
        consumers[used].add(plant)
        makers[item].add(plant)
    laned = {part for (part, _), only in truth.approved.items() if only is not None}
    expected = {
        (part, site, plant)
        for (part, site), only in truth.approved.items()
        if part in laned
        for plant in consumers[part]
        if only in (None, plant)
    }
    own = {(part, a, b) for part in laned for a in makers.get(part, ()) for b in consumers[part] if a != b}
    lanes = found.instance["lanes"]
    assert set(zip(lanes["item"], lanes["from_site"], lanes["to_site"], strict=True)) == expected | own
    assert len(expected) > 200


def test_stock_and_demand_are_the_truth(found, truth):
    stocks, demands = found.instance["stocks"], found.instance["demands"]
    held = {
        (row.item, row.site): ("quantity", row.quantity) if np.isnan(row.cover) else ("cover", row.cover)
        for row in stocks.itertuples()
    }
    assert held == truth.stock
    wanted = {row.item: (row.rate * 52, row.value) for row in demands.itertuples()}
    assert wanted.keys() == truth.demand.keys()
    for item, pair in truth.demand.items():
        assert wanted[item] == pytest.approx(pair, rel=1e-6)


def test_parts_without_a_usable_supplier_are_not_forgotten(found, truth):
    """A requirement that disappeared because its supplier's rows were bad would flatter the network."""
    items = found.instance["items"].set_index("item")
    bought = {part for part, _ in truth.approved}
    orphans = {used for _, _, used in truth.links if used[0] == "P" and used not in bought}
    assert set(items.index[~items["mapped"]]) == orphans


def test_the_same_extracts_give_the_same_bytes_in_a_few_seconds(made, found, digest):
    began = time.process_time()
    again = run(made[0])
    assert time.process_time() - began < 15.0
    assert again.instance.digest == digest
    assert again.rejected_csv() == found.rejected_csv()
    assert again.remarks == found.remarks


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_dirt_is_sorted_out_too(tmp_path, seed):
    truth = make_extracts(tmp_path, seed, scale=0.15)
    found = run(tmp_path)
    rejected = set(zip(found.rejected["file"], found.rejected["row"], found.rejected["code"], strict=True))
    assert rejected == truth.rejected
