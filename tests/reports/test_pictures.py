"""Network pictures: SPOFs are marked, boxes do not overlap, text stays inside of them."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optichain_reports.drawing.boxes import contents
from optichain_reports.drawing.lettering import fitted, text_width, wrapped
from optichain_reports.drawing.network import lay_out
from optichain_reports.model import Heading, Picture, PictureItem, PictureSource, ReportModel
from optichain_reports.wording.writer import Writer

WRITER = Writer(Heading("n", "t", "en", "CNY", "week", 52.0, 1.0))


def item(
    name: str, *, tier: int = 1, state: str = "plain", mapped: bool = True, sources: int = 2
) -> PictureItem:
    made = tuple(
        PictureSource(f"{name}{i}", f"Works {name}{i}", "active", False, state) for i in range(sources)
    )
    return PictureItem(name, f"Item {name}", tier, tier == 0, mapped, False, 0, 0, state, made)


def picture(items: list[PictureItem], edges: list[tuple[str, str]]) -> Picture:
    return Picture("c", "C", tuple(items), tuple(edges), 0, 0, 0)


def test_quickstart_marks_what_stays_and_what_is_cleared(model: ReportModel, tree: Any) -> None:
    boxes = {b.attributes["data-items"]: b for b in tree.all("g") if "box" in b.classes}
    # the seal maker stays alone; the first forge had been, until the second is made usable
    assert "sole" in boxes["seal"].classes
    assert "cleared" in boxes["body"].classes
    marks = {
        s.all("text")[0].text: s.classes for b in boxes.values() for s in b.all("g") if "source" in s.classes
    }
    assert marks["Seal maker"] == {"source", "sole"}
    assert marks["First forge"] == {"source", "cleared"}
    assert marks["Second forge"] == {"source", "funded"}
    assert marks["Second foundry"] == {"source", "potential"}
    said = [
        s.attributes["aria-label"]
        for s in tree.all("svg")
        if "viewbox" in s.attributes and s.attributes.get("role")
    ]
    assert any("of which 3 depend on a source that remains" in text for text in said)


def test_a_spof_site_is_marked_only_where_it_alone_provides() -> None:
    """One site makes the only scanner, and one of two inspection tools: the tool's box shows no SPOF."""
    import optichain as oc
    from optichain_reports.building.build import build_report
    from small import instance

    case = instance(
        planning={"years": [2026], "budget": [1.0]},
        sources=[
            {"site": "fab", "item": "chip"},
            {"site": "maker", "item": "scanner"},
            {"site": "maker", "item": "tool"},
            {"site": "rival", "item": "tool"},
        ],
        bom=[{"item": "chip", "input": i, "quantity": 1.0} for i in ("scanner", "tool")],
        demands=[{"item": "chip", "rate": 1.0}],
    )
    states = {
        i.item: i.state
        for i in build_report(case, oc.evaluate(case, pd.DataFrame({"measure": [], "start_year": []})))
        .pictures[0]
        .items
    }
    assert states == {"chip": "sole", "scanner": "sole", "tool": "plain"}


def test_inputs_with_nothing_to_tell_share_a_box() -> None:
    plain = [item(f"p{i}") for i in range(4)]
    odd = [item("lone", state="sole"), item("dark", mapped=False)]
    made = picture([item("top", tier=0), *plain, *odd], [(i.item, "top") for i in (*plain, *odd)])
    boxes = {tuple(i.item for i in c.items) for c in contents(made, WRITER)}
    assert boxes == {("top",), ("p0", "p1", "p2", "p3"), ("lone",), ("dark",)}


def test_a_cycle_is_drawn_too() -> None:
    made = picture([item("a", tier=0), item("b"), item("c")], [("b", "a"), ("c", "b"), ("b", "c")])
    assert len(lay_out(made, WRITER).edges) == 3


@settings(max_examples=12)
@given(st.integers(0, 2**32 - 1))
def test_boxes_hold_every_item_once_and_do_not_overlap(seed: int) -> None:
    import numpy as np

    rng = np.random.default_rng(seed)
    tiers = [[f"{t}.{k}" for k in range(int(rng.integers(1, 7)))] for t in range(3)]
    states = ("plain", "plain", "sole", "cleared")
    items = [
        item(name, tier=t, state=states[rng.integers(4)], sources=int(rng.integers(0, 9)))
        for t, names in enumerate(tiers)
        for name in names
    ]
    edges = {
        (used, made)
        for upper, lower in itertools.pairwise(tiers)
        for used in lower
        for made in upper
        if rng.random() < 0.5
    }
    layout = lay_out(picture(items, sorted(edges)), WRITER)
    held = [i.item for box in layout.boxes for i in box.content.items]
    assert sorted(held) == sorted(i.item for i in items)
    for a, b in itertools.combinations(layout.boxes, 2):
        apart = (
            a.x + a.width <= b.x + 0.01
            or b.x + b.width <= a.x + 0.01
            or a.y + a.height <= b.y + 0.01
            or b.y + b.height <= a.y + 0.01
        )
        assert apart
    for box in layout.boxes:
        assert box.x >= -0.01
        assert box.x + box.width <= layout.width + 0.01
        heights = [y for line in (box.content.title, *box.content.lines) for _, y in line.rows]
        assert heights == sorted(heights)
        assert heights[-1] < box.height


def test_names_in_boxes_are_whole() -> None:
    """As long as the longest of a hundred chains: their rows hold every word."""
    name = "Single-photon detector chip for quantum communication devices, maker 1, Switzerland"
    source = PictureSource("s", name, "active", True, "plain")
    long = dataclasses.replace(item("i", tier=0, sources=0), title=name, sources=(source,))
    (box,) = contents(picture([long], []), WRITER)
    for line in (box.title, *box.lines):
        assert " ".join(row for row, _ in line.rows).replace("- ", "-") == name
        assert len(line.rows) > 1


@settings(max_examples=40)
@given(st.text(max_size=60), st.floats(20.0, 400.0))
def test_text_fits_its_room(text: str, width: float) -> None:
    assert text_width(fitted(text, 12.0, width), 12.0) <= width + 12.0
    lines = wrapped(text, 12.0, width, 2)
    assert 1 <= len(lines) <= 2
    assert all(text_width(line, 12.0) <= width + 12.0 for line in lines)


def test_what_fits_is_not_cut() -> None:
    assert fitted("Short name", 12.0, 200.0) == "Short name"
    assert fitted("A name that is far too long for it", 12.0, 100.0).endswith("…")
    assert wrapped("Mask inspection and repair tools", 12.5, 156.0, 2) == [
        "Mask inspection and",
        "repair tools",
    ]
    assert wrapped("", 12.0, 100.0, 2) == [""]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_drawing_words_exist_for_every_status(language: str) -> None:
    writer = Writer(Heading("n", "t", language, "CNY", "week", 52.0, 1.0))
    for status in (
        "active",
        "qualified",
        "potential",
        "sole",
        "cleared",
        "funded",
        "lane",
        "sole_lane",
        "unmapped",
    ):
        assert writer.texts(f"mark_{status}")
