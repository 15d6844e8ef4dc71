"""Pictures of a portfolio: one specification each, legible for a few chains and for a hundred."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest

from optichain_reports.drawing.gallery import gallery
from optichain_reports.drawing.heatmap import MOST_CHAINS
from optichain_reports.drawing.lettering import text_width
from optichain_reports.drawing.palette import FIXED, PAGE
from optichain_reports.drawing.placing import place_labels
from optichain_reports.drawing.render import to_png, to_svg
from optichain_reports.drawing.schedule import MOST_SUPPORTED
from optichain_reports.model import Named, ReportModel
from optichain_reports.wording.placed import Placed
from optichain_reports.wording.writer import Writer

NEW = ("support", "frontier", "impacts", "risk")
WIDTHS = (860, 340)


def hundredfold(model: ReportModel) -> ReportModel:
    """Return the report with fifty copies of each chain and event, under long names of their own."""
    chains, impacts, support, events = [], [], [], []
    for copy in range(50):
        names = {c.chain: f"{c.chain}-{copy}" for c in model.chains}
        scale = 1.0 + 0.01 * copy
        chains += [
            dataclasses.replace(
                c, chain=names[c.chain], title=f"{c.title} number {copy} of a long list of chains"
            )
            for c in model.chains
        ]
        for i in model.impacts:
            called = Named(i.event.kind, f"{i.event.name}-{copy}", f"{i.event.title}, number {copy} of many")
            expected = {key: scale * getattr(i, key) for key in ("expected_before", "expected_after")}
            impacts.append(dataclasses.replace(i, chain=names[i.chain], event=called, **expected))
        support += [dataclasses.replace(s, chain=names[str(s.chain)]) for s in model.support]
        events += [
            dataclasses.replace(e, event=f"{e.event}-{copy}", title=f"{e.title}, number {copy} of many")
            for e in model.events
        ]
    return dataclasses.replace(
        model, chains=tuple(chains), impacts=tuple(impacts), support=tuple(support), events=tuple(events)
    )


@pytest.fixture(scope="module", params=["few", "hundred"])
def sized(request: Any, model: ReportModel) -> ReportModel:
    return model if request.param == "few" else hundredfold(model)


def texts_of(specification: dict[str, Any]) -> Iterator[tuple[float, float, str, str, float]]:
    """Yield the letters of a chart that are placed in pixels: x, y, text, alignment, size; not their halos."""
    for layer in specification["layer"]:
        mark, x = layer["mark"], layer["encoding"].get("x", {})
        if mark["type"] == "text" and "stroke" not in mark and x.get("scale", "") is None:
            for row in specification["datasets"][layer["data"]["name"]]:
                yield row["x"], row["y"], row["text"], mark["align"], mark["fontSize"]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("key", NEW)
def test_letters_stay_inside_and_apart(sized: ReportModel, key: str, width: int) -> None:
    chart = gallery(Placed(sized), Writer(sized.heading))[key](FIXED, width)
    left, right = chart["padding"]["left"], chart["padding"]["right"]
    assert chart["width"] + left + right == pytest.approx(width)
    boxes = []
    for x, y, text, align, size in texts_of(chart):
        long = text_width(text, size)
        start = x - {"left": 0.0, "center": long / 2.0, "right": long}[align]
        assert -chart["padding"]["top"] - 1.0 <= y - size / 2.0
        assert y + size / 2.0 <= chart["height"] + chart["padding"]["bottom"] + 1.0
        if key == "impacts" and y == -8.0:  # heads slant
            assert x + 0.75 * long <= chart["width"] + right
            assert 0.68 * long <= chart["padding"]["top"]
            continue
        assert start >= -left - 1.0, text
        assert start + long <= chart["width"] + right + 8.0, text
        boxes.append((start, start + long, y - size / 2.0, y + size / 2.0, text))
    assert len(boxes) >= 4
    for a, b in itertools.combinations(boxes, 2):
        apart = a[1] <= b[0] or b[1] <= a[0] or a[3] <= b[2] + 1.0 or b[3] <= a[2] + 1.0
        assert apart, (a[4], b[4])


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("key", NEW)
def test_one_specification_for_page_svg_and_png(model: ReportModel, key: str, width: int) -> None:
    chart = gallery(Placed(model), Writer(model.heading))[key]
    drawn = to_svg(chart(PAGE, width))
    assert drawn.startswith("<svg")
    told = re.findall(r"<title>([^<]+)</title>", drawn)
    assert len(told) >= 2, "pointing at a mark tells its figures"
    assert "aria-label" not in drawn
    assert to_png(chart(FIXED, width), scale=1.0).startswith(b"\x89PNG")


def test_what_a_picture_leaves_out_is_counted(model: ReportModel) -> None:
    many = hundredfold(model)
    charts = gallery(Placed(many), Writer(many.heading))
    said = {key: [text for *_, text, _, _ in texts_of(charts[key](FIXED, 860))] for key in NEW}
    assert any(f"chains that lose less ({100 - MOST_CHAINS})" in text for text in said["impacts"])
    assert sum("of a long list" in text or "number" in text for text in said["impacts"]) >= MOST_CHAINS
    assert any(f"chains with less money ({100 - MOST_SUPPORTED})" in text for text in said["support"])
    few = gallery(Placed(model), Writer(model.heading))
    assert not any(
        "Not in the picture" in text for key in NEW for *_, text, _, _ in texts_of(few[key](FIXED, 860))
    )


def test_the_heat_map_shows_before_and_after(model: ReportModel) -> None:
    """The first forge takes 34.6 % of the valves before the plan, and with the second one 3.8 %."""
    chart = gallery(Placed(model), Writer(model.heading))["impacts"](FIXED, 860)
    rows = chart["datasets"][chart["layer"][0]["data"]["name"]]
    cells = [row for row in rows if row["tip"].startswith("Control valves, First forge")]
    assert len(cells) == 2
    before, after = cells
    assert before["x2"] == after["x"]
    assert before["depth"] > after["depth"] > 0.0
    assert "65.4\N{NO-BREAK SPACE}% served before, 96.2\N{NO-BREAK SPACE}% with the plan" in before["tip"]


def test_labels_of_points_give_way() -> None:
    points = [(10.0, 10.0), (12.0, 11.0), (90.0, 10.0)]
    wanted = [(x, y, "A rather long name") for x, y in points]
    placed = place_labels(wanted, points, width=220.0, height=60.0, size=11.0, longest=120.0)
    assert placed[0].lines == ("A rather long name",)
    boxes = []
    for label in placed:
        for y, line in label.rows():
            long = text_width(line, 11.0)
            boxes.append((label.x if label.align == "left" else label.x - long, long, y))
    for (a, wide, y), (b, other, z) in itertools.combinations(boxes, 2):
        assert a + wide <= b or b + other <= a or abs(y - z) >= 11.0


def test_a_long_label_is_broken_between_words() -> None:
    name = "Strong earthquake in the San Francisco Bay Area"
    placed = place_labels(
        [(10.0, 50.0, name)], [(10.0, 50.0)], width=300.0, height=100.0, size=11.0, longest=120.0
    )
    assert len(placed[0].lines) > 2
    assert " ".join(placed[0].lines) == name


@pytest.mark.parametrize("width", WIDTHS)
def test_no_name_is_cut(sized: ReportModel, width: int) -> None:
    for key, chart in gallery(Placed(sized), Writer(sized.heading)).items():
        for rows in chart(FIXED, width)["datasets"].values():
            cut = [value for row in rows for value in row.values() if isinstance(value, str) and "…" in value]
            assert not cut, (key, cut)


def test_hostile_names_in_pictures(model: ReportModel) -> None:
    evil = '</title><script>alert(1)</script>"\N{RIGHT-TO-LEFT OVERRIDE}' + "長" * 300
    chains = tuple(dataclasses.replace(c, title=evil) for c in model.chains)
    named = dataclasses.replace(model, chains=chains)
    for chart in gallery(Placed(named), Writer(named.heading)).values():
        drawn = to_svg(chart(PAGE, 860))
        assert "<script" not in drawn
        assert drawn.count("<title>") == drawn.count("</title>")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("key", ["events", "chains"])
def test_the_title_of_a_bar_is_whole_in_as_many_lines_as_it_needs(
    model: ReportModel, key: str, width: int
) -> None:
    title = "United States export licences for tools are suspended"
    named = dataclasses.replace(
        model,
        events=tuple(dataclasses.replace(e, title=title) for e in model.events),
        chains=tuple(dataclasses.replace(c, title=title) for c in model.chains),
    )
    chart = gallery(Placed(named), Writer(model.heading))[key](FIXED, width)
    lines = [text for x, _, text, align, size in texts_of(chart) if align == "left" and size == 11]
    count = title.count(" ") + 1
    words = " ".join(lines).split(" ")
    assert len(words) % count == 0
    assert words == title.split(" ") * (len(words) // count)
    assert len(words) > count


def test_the_heads_of_the_heat_map_are_whole_where_there_is_room(model: ReportModel) -> None:
    title = "Strong earthquake in the San Francisco Bay"
    impacts = tuple(
        dataclasses.replace(i, event=dataclasses.replace(i.event, title=title)) for i in model.impacts
    )
    chart = gallery(Placed(dataclasses.replace(model, impacts=impacts)), Writer(model.heading))["impacts"](
        FIXED, 860
    )
    heads = [text for _, y, text, _, _ in texts_of(chart) if y == -8.0]
    assert heads[0] == title


def test_heads_that_do_not_fit_become_numbers_with_a_key(model: ReportModel) -> None:
    """Twenty events whose titles are longer than the picture has room for beside its last column."""
    title = "Supplies of high-purity quartz sand for crucibles end after a storm in the mountains"
    many = hundredfold(model)
    called = [f"{title}, kind {number:03d}" for number in range(len(many.impacts))]
    impacts = tuple(
        dataclasses.replace(i, event=dataclasses.replace(i.event, name=name, title=name))
        for i, name in zip(many.impacts, called, strict=True)
    )
    named = Placed(dataclasses.replace(many, impacts=impacts))
    for width in WIDTHS:
        letters = list(texts_of(gallery(named, Writer(many.heading))["impacts"](FIXED, width)))
        above = [text for _, y, text, _, _ in letters if y < 0.0]
        assert above == [str(number + 1) for number in range(len(above))]
        assert len(above) >= 7
        key = [text for _, y, text, _, _ in letters if y > 0.0]
        assert set(above) <= set(key)
        told = " ".join(key)
        assert sum(name in told for name in called) == len(above)
