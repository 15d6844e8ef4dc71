"""Fault trees as supply networks: published ones with their known answers, random ones against scram.

A basic event is a site being down; an OR gate is an item that requires every child; an AND gate is an item with
one requirement whose alternatives are the children; k of n fail where, of any k children, none is left.
"""

from __future__ import annotations

import csv
import itertools
import random
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import optichain as oc

TREES = ("baobab2", "chinese", "das9202", "ftr10", "isp9605", "isp9606")


def _children(formula: ET.Element) -> list[str]:
    assert all(child.tag in ("gate", "basic-event") for child in formula)
    return [str(child.get("name")) for child in formula]


def _requirements(formula: ET.Element) -> list[list[str]]:
    """Return what a gate's item requires, as lists of alternatives."""
    children = _children(formula)
    if formula.tag == "or":
        return [[child] for child in children]
    if formula.tag == "and":
        return [children]
    assert formula.tag == "atleast", formula.tag
    return [list(some) for some in itertools.combinations(children, int(formula.get("min") or 0))]


def as_instance(path: Path) -> oc.Instance:
    """Return a fault tree in the Open-PSA model exchange format as an instance."""
    root = ET.parse(path).getroot()
    gates = {str(g.get("name")): g[0] for g in root.iter("define-gate")}
    events = sorted({str(e.get("name")) for e in root.iter("basic-event")})
    (top,) = set(gates) - {str(g.get("name")) for g in root.iter("gate")}
    chance = {
        str(e.get("name")): float(str(value.get("value")))
        for e in root.iter("define-basic-event")
        for value in e.iter("float")
    }
    bom = [
        {"item": gate, "input": child, "requirement": f"r{k}", "quantity": 1.0}
        for gate, formula in gates.items()
        for k, options in enumerate(_requirements(formula))
        for child in options
    ]
    sources = [{"site": event, "item": event, "capacity": "unlimited"} for event in events]
    sources += [{"site": "assembly", "item": gate, "capacity": "unlimited"} for gate in gates]
    tables: dict[str, Any] = {
        "chains": [{"chain": "top"}],
        "items": [{"item": name} for name in [*gates, *events]],
        "sites": [
            {"site": name, "annual_probability": chance.get(name, 0.0)} for name in [*events, "assembly"]
        ],
        "sources": sources,
        "bom": bom,
        "demands": [{"item": top, "chain": "top", "rate": 1.0, "value": 1.0}],
    }
    settings = {"name": path.stem, "title": path.stem}
    return oc.Instance.from_frames({name: pd.DataFrame(rows) for name, rows in tables.items()}, settings)


@pytest.fixture(scope="module")
def known(published_data: Path) -> dict[str, dict[str, str]]:
    """The published answers by tree."""
    place = published_data / "fault_trees" / "known_answers.csv"
    if not place.is_file():
        pytest.skip(f"the published fault trees are not here: no {place}")
    with place.open(newline="", encoding="utf-8") as file:
        return {row["tree"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("tree", TREES)
def test_single_points_of_failure_are_the_cut_sets_of_order_one(
    tree: str, known: dict[str, dict[str, str]], published_data: Path
) -> None:
    answer = known[tree]
    instance = as_instance(published_data / "fault_trees" / f"{tree}.xml")
    found = oc.find_spofs(instance, kinds=["site"])
    assert set(found["kind"]) <= {"site"}
    sites = set(found["element"])
    assert "assembly" in sites  # every gate stands there: the one site that is no basic event
    events = sites - {"assembly"}
    assert events == set(answer["spof_events(order-1 MCS)"].split())
    assert len(events) == int(answer["spof_count"])
    assert len(instance["sites"]) - 1 == int(answer["basic_events_in_file"])


def _cut_sets(path: Path, order: int) -> tuple[oc.Instance, Any, set[frozenset[str]]]:
    """Return (instance, answer, minimal cut sets of basic events); the assembly is always one by itself."""
    instance = as_instance(path)
    found = oc.cut_sets(instance, order=order, kinds=["site"])
    sets = [frozenset(name for _, name in members) for members in found.frame["elements"]]
    assert len(sets) == len(set(sets))
    assert frozenset(["assembly"]) in sets
    return instance, found, set(sets) - {frozenset(["assembly"])}


@pytest.mark.parametrize("tree", TREES)
def test_cut_sets_by_order_and_top_probability_are_the_published_ones(
    tree: str, known: dict[str, dict[str, str]], published_data: Path
) -> None:
    answer = known[tree]
    counts = [int(n) for n in answer["mcs_count_by_order_1_2_3_..."].split()][:3]
    _, found, sets = _cut_sets(published_data / "fault_trees" / f"{tree}.xml", 3)
    assert [sum(len(s) == k for s in sets) for k in (1, 2, 3)] == counts
    assert found.complete
    # 7 digits are published
    assert found.top_probability == pytest.approx(float(answer["p_top_recomputed"]), rel=1e-6)


def test_all_cut_sets_of_a_published_tree(known: dict[str, dict[str, str]], published_data: Path) -> None:
    answer = known["isp9606"]
    _, _, sets = _cut_sets(published_data / "fault_trees" / "isp9606.xml", 5)
    assert len(sets) == int(answer["mcs_published"])


def _random_tree(seed: int, path: Path) -> None:
    """Write a fault tree of AND, OR and k-of-n gates that share what is below them."""
    rng = random.Random(seed)
    events = [f"b{k}" for k in range(rng.randint(6, 16))]
    gates: list[tuple[str, str, list[str]]] = []
    free = list(events)
    while len(free) > 1 or len(gates) < 5:
        children = rng.sample(free, min(len(free), rng.randint(2, 4)))
        free = [name for name in free if name not in children]
        pool = [name for name in [*events, *(g[0] for g in gates)] if name not in children]
        children += rng.sample(pool, rng.randint(2 - min(len(children), 2), 2))
        kind = (
            rng.choice(["and", "or", "and", "or", "atleast"])
            if len(children) > 2
            else rng.choice(["and", "or"])
        )
        gates.append((f"g{len(gates)}", kind, children))
        free.append(gates[-1][0])
    tree = ET.Element("opsa-mef")
    logic = ET.SubElement(tree, "define-fault-tree", name="random")
    for name, kind, children in reversed(gates):
        options = {"min": "2"} if kind == "atleast" else {}
        formula = ET.SubElement(ET.SubElement(logic, "define-gate", name=name), kind, options)
        for child in children:
            ET.SubElement(formula, "basic-event" if child in events else "gate", name=child)
    data = ET.SubElement(tree, "model-data")
    for name in events:
        ET.SubElement(
            ET.SubElement(data, "define-basic-event", name=name),
            "float",
            value=f"{rng.uniform(0.01, 0.4):.3f}",
        )
    ET.ElementTree(tree).write(path, encoding="utf-8", xml_declaration=True)


def _asked_of_scram(path: Path, order: int) -> tuple[set[frozenset[str]], float, dict[str, float]]:
    """Return (minimal cut sets, top probability, Birnbaum importance) as scram finds them."""
    out = path.with_suffix(".out.xml")
    options = ["--bdd", "--limit-order", str(order), "--probability", "yes", "--importance", "yes"]
    subprocess.run(
        ["scram", *options, "-o", str(out), str(path)], check=True, capture_output=True, timeout=60
    )
    (whole,) = ET.parse(out).getroot().iter("sum-of-products")
    sets = {
        frozenset(str(e.get("name")) for e in product.iter("basic-event"))
        for product in whole.iter("product")
    }
    importance = {
        str(e.get("name")): float(str(e.get("MIF")))
        for table in ET.parse(out).getroot().iter("importance")
        for e in table.iter("basic-event")
    }
    return sets, float(str(whole.get("probability"))), importance


@pytest.mark.parametrize("seed", range(12))
def test_random_trees_have_the_cut_sets_and_figures_that_scram_finds(seed: int, tmp_path: Path) -> None:
    if shutil.which("scram") is None:
        pytest.skip("scram, a fault-tree engine (Debian package scram), is not installed")
    path = tmp_path / "tree.xml"
    _random_tree(seed, path)
    theirs, top, importance = _asked_of_scram(path, 3)
    _, found, sets = _cut_sets(path, 3)
    assert sets == theirs
    assert found.top_probability == pytest.approx(top, rel=1e-5)  # scram prints six digits
    mine = found.importance.set_index("element")["importance"]
    for event, value in importance.items():
        assert mine[event] == pytest.approx(value, rel=1e-4), event
