"""Every number of the page is one of the JSON report, and is written as that number is."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from by_place import found_at
from optichain_reports.drawing.bars import before_and_after, chain_bars, event_bars
from optichain_reports.drawing.charts import progress_chart, spending_chart
from optichain_reports.drawing.palette import PAGE
from optichain_reports.drawing.render import to_png, to_svg
from optichain_reports.model import ReportModel
from optichain_reports.wording.numbers import Numbers
from optichain_reports.wording.placed import Number, Placed
from optichain_reports.wording.writer import Writer


def numbers_in(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [n for item in value.values() for n in numbers_in(item)]
    if isinstance(value, list):
        return [n for item in value for n in numbers_in(item)]
    return [value] if isinstance(value, (int, float)) and not isinstance(value, bool) else []


def ways(numbers: Numbers, value: float) -> set[str]:
    """All ways in which a number may be written; two shares that are close get more digits."""
    shares = {numbers.percent(value, beside=value + step) for step in (0.0, 4e-4, -4e-4, 4e-5, -4e-5)}
    return shares | {
        numbers.money(value),
        numbers.number(value),
        numbers.duration(value),
        numbers.year(value),
    }


def test_every_number_equals_the_json(model: ReportModel, tree: Any) -> None:
    data = json.loads(json.dumps(model.to_json()))
    numbers = Numbers("en", model.heading.currency, model.heading.time_unit)
    shown = tree.all("data")
    assert len(shown) > 150
    for element in shown:
        value = found_at(data, element.attributes["data-at"])
        written = element.attributes["value"]
        assert (None if written == "" else json.loads(written)) == value, element.attributes
        if value is not None:
            assert element.text in ways(numbers, value), (element.attributes, element.text)


def test_no_number_stands_beside_them(tree: Any) -> None:
    for cell in tree.all("td"):
        if "n" in cell.classes:
            rest = cell.text
            for number in cell.all("data"):
                rest = rest.replace(number.text, "", 1)
            assert not re.search(r"\d", rest), cell.text


def test_the_key_figures(tree: Any) -> None:
    # quickstart by hand: 27.1 a year are expected to be lost, 14.3 with the plan; 7 + 8 are spent
    figures = {
        n.attributes["data-at"]: n.text
        for e in tree.all("dl")
        if "figures" in e.classes
        for n in e.all("data")
    }
    assert figures["summary.new_cost"] == "15.00"
    assert figures["summary.loss_avoided"] == "12.80"
    assert (figures["summary.loss_before"], figures["summary.loss_after"]) == ("27.10", "14.30")
    assert figures["summary.avoidable_share"] == "77.6\N{NO-BREAK SPACE}%"
    assert (figures["summary.spof_sites_before"], figures["summary.spof_sites_after"]) == ("5", "4")


def test_all_parts_of_the_model_are_on_the_page(model: ReportModel, tree: Any) -> None:
    shown = {element.attributes["data-at"] for element in tree.all("data")}
    for index in range(len(model.funded)):
        assert f"funded.{index}.total" in shown
    for index in range(len(model.chains)):
        for key in ("loss_before", "loss_after", "loss_avoided", "acc_before", "acc_after", "funded"):
            assert f"chains.{index}.{key}" in shown
    for index in range(len(model.progress)):
        assert {f"progress.{index}.{key}" for key in ("acc", "loss", "avoided")} <= shown
    for index, event in enumerate(model.events):
        assert (f"events.{index}.expected_after" in shown) == event.felt
    for index in range(len(model.money)):
        assert {f"money.{index}.{key}" for key in ("budget", "spent", "left")} <= shown
    for index, root in enumerate(model.spofs):
        assert (
            (f"spofs.{index}.lost_before" in shown)
            or root.state == "new"
            or root.lost_before == root.lost_after
        )


@pytest.mark.parametrize("width", [860, 340])
def test_charts_show_numbers_of_the_model_only(model: ReportModel, width: int) -> None:
    report, writer = Placed(model), Writer(model.heading)
    known = numbers_in(model.to_json())
    texts = set().union(*(ways(writer.numbers, value) for value in known))
    titles = {event.title for event in model.events} | {chain.title for chain in model.chains}
    drawn = [
        spending_chart(report, writer, PAGE, width),
        progress_chart(report, writer, PAGE, width),
        before_and_after(event_bars(report, writer), PAGE, width),
        before_and_after(chain_bars(report, writer), PAGE, width),
    ]
    for chart in drawn:
        found = re.findall(r"<text[^>]*>([^<]+)</text>", to_svg(chart))
        assert len(found) >= 4
        for text in found:
            assert text in titles or all(part in texts for part in re.split(r" → | / ", text)), text


def test_a_chart_is_one_specification_for_svg_and_png(model: ReportModel) -> None:
    chart = spending_chart(Placed(model), Writer(model.heading), PAGE, 340)
    assert to_svg(chart).startswith("<svg")
    assert to_png(chart, scale=1.0).startswith(b"\x89PNG")


def test_numbers_keep_their_places() -> None:
    from optichain_reports.model import Check

    placed = Placed((Check("acc_after", 0.5, None, True),), "checks")
    row = next(iter(placed))
    assert row.stated == Number(0.5, "checks.0.stated")
    assert row.ok is True
    assert row.claim == "acc_after"
