"""Published fault trees as supply networks: their order-1 cut sets are the single points of failure.

A basic event is a site being down; an OR gate is an item that requires every child; an AND gate is an item with
one requirement whose alternatives are the children; k of n fail where, of any k children, none is left.
"""

from __future__ import annotations

import csv
import itertools
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
        "sites": [{"site": name} for name in [*events, "assembly"]],
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
