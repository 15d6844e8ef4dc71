"""The page: one file, nothing from outside, readable without sight, the same each time."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from typing import Any

import pandas as pd
import pytest

from optichain_reports.building.build import build_report
from optichain_reports.model import Breach, ReportModel
from optichain_reports.page import render_page
from optichain_reports.wording.placed import Placed
from optichain_reports.wording.sheets import all_sheets
from optichain_reports.wording.writer import Writer

NOTHING = pd.DataFrame({"measure": [], "start_year": []})
SECTIONS = [
    "answer",
    "rivals",
    "funded",
    "support",
    "money",
    "progress",
    "frontier",
    "bought",
    "unfunded",
    "firmness",
    "quotas",
    "left_out",
    "chains",
    "impacts",
    "spofs",
    "shared_nodes",
    "events",
    "home",
    "dossiers",
    "assumptions",
    "unmapped",
    "provenance",
]


def test_nothing_is_loaded_from_anywhere(page: str, tree: Any) -> None:
    for element in tree.all():
        assert element.tag not in {
            "link",
            "img",
            "iframe",
            "object",
            "embed",
            "form",
            "base",
            "audio",
            "video",
        }
        for name, value in element.attributes.items():
            assert name not in {"src", "srcset", "action", "data", "background", "ping"}, element.attributes
            if name in ("href", "xlink:href"):
                assert value.startswith("#"), value
            assert not name.startswith("on"), element.attributes
    outside = re.findall(r"(?:https?:)?//[\w.-]+", re.sub(r"\s//[^\n]*", "", page))
    assert set(outside) <= {"http://www.w3.org"}  # the name of SVG, which nobody fetches
    style = tree.all("style")[0].text
    assert "@import" not in style
    assert "@font-face" not in style
    assert "url(" not in style


def test_only_its_own_script_may_run(tree: Any) -> None:
    scripts = tree.all("script")
    assert [s.attributes.get("type") for s in scripts] == ["application/json", None]
    digest = base64.b64encode(hashlib.sha256(scripts[1].text.encode()).digest()).decode()
    policies = [m.attributes["content"] for m in tree.all("meta") if m.attributes.get("http-equiv")]
    assert len(policies) == 1
    assert "default-src 'none'" in policies[0]
    assert f"script-src 'sha256-{digest}'" in policies[0]


def test_sections_stand_in_order_and_are_linked(tree: Any) -> None:
    main = tree.all("main")[0]
    sections = [s for s in main.all("section") if "id" in s.attributes]
    assert [s.attributes["id"] for s in sections] == SECTIONS
    links = [a.attributes["href"] for a in tree.all("nav")[0].all("a")]
    assert links == [f"#{name}" for name in SECTIONS]
    assert [s for s in main.all("section") if "alert" in s.classes] == []


def test_what_a_screen_reader_needs(tree: Any) -> None:
    names = [e.attributes["id"] for e in tree.all() if "id" in e.attributes]
    assert len(names) == len(set(names))
    assert (
        len(tree.all("h1")) == len(tree.all("main")) == len(tree.all("nav")) == len(tree.all("header")) == 1
    )
    for element in tree.all():
        if "aria-labelledby" in element.attributes:
            assert element.attributes["aria-labelledby"] in names
    tables = tree.all("table")
    assert len(tables) >= 6
    for table in tables:
        assert [c.text.strip() != "" for c in table.all("caption")] == [True]
        assert all(h.attributes.get("scope") in ("row", "col") for h in table.all("th"))
    for picture in tree.all("svg", "figure"):
        hidden = picture.attributes.get("aria-hidden") == "true"
        named = picture.attributes.get("role") == "img" and picture.attributes.get("aria-label")
        inside = picture.parent is not None and picture.parent.classes & {"wide", "narrow"}
        holds = picture.tag == "figure" and picture.all("svg")
        assert hidden or named or inside or holds, picture.attributes
    assert all(a.text.strip() for a in tree.all("a", "summary", "h1", "h2", "h3"))


def test_columns_and_cells_agree(tree: Any) -> None:
    for table in tree.all("table"):
        width = len(table.all("thead")[0].all("th"))
        for row in table.all("tr"):
            assert len(row.all("td", "th")) == width, row.text


def test_two_reports_differ_in_nothing(quickstart: tuple[Any, Any], model: ReportModel, page: str) -> None:
    again = build_report(*quickstart, written=model.provenance.written)
    assert again == model
    assert render_page(again) == page


@pytest.mark.usefixtures("quick")
def test_chinese_page(quickstart: tuple[Any, Any], model: ReportModel, read: Any) -> None:
    chinese = read(render_page(build_report(*quickstart, language="zh", written=model.provenance.written)))
    assert chinese.all("html")[0].attributes["lang"] == "zh-Hans"
    assert chinese.all("h2")[0].text == "结论"
    assert chinese.all("h1")[0].text == "一座城里的水泵厂和阀门厂"
    text = chinese.all("main")[0].text
    assert "百万元" in text
    assert "What to fund" not in text
    assert "轴封" in text


@pytest.mark.usefixtures("quick")
def test_a_plan_of_another_instance_says_so(quickstart: tuple[Any, Any], read: Any) -> None:
    instance, plan = quickstart
    sites = instance["sites"].copy()
    sites["recovery_time"] = sites["recovery_time"] / 2.0
    other = read(render_page(build_report(instance.replace(sites=sites), plan)))
    alerts = [s for s in other.all("section") if "alert" in s.classes]
    assert [a.attributes["aria-labelledby"] for a in alerts] == ["h-checks"]
    claims = [th.text for th in alerts[0].all("th") if th.attributes["scope"] == "row"]
    assert claims[0] == "The instance that the plan was made for"
    assert len(claims) >= 3
    assert "Fund 2 measures" in other.text  # what the plan says is still shown


@pytest.mark.usefixtures("quick")
def test_broken_rules_are_named(model: ReportModel, read: Any) -> None:
    broken = dataclasses.replace(model, breaches=(Breach("budget", "2026 costs 9 of 8"),))
    text = read(render_page(broken)).all("main")[0].text
    assert "2026 costs 9 of 8" in text
    assert "It breaks 1 of the rules" in text


def test_a_report_of_nothing(read: Any) -> None:
    """A chain without events, SPOFs, measures or money to spend is still a page."""
    import optichain as oc
    from small import instance

    calm = instance(
        planning={"years": [2026], "budget": [1.0]},
        events={"single_site": False, "single_group": False},
        sources=[{"site": s, "item": "a", "capacity": 9.0} for s in ("s1", "s2")],
        demands=[{"item": "a", "rate": 1.0}],
        measures=[{"measure": "m", "chain": "c", "title": "M", "cost_1": 1.0}],
        effects=[{"measure": "m", "effect": "expand", "target": "s1:a", "amount": 1.0}],
    )
    made = build_report(calm, oc.evaluate(calm, NOTHING))
    tree = read(render_page(made))
    shown = [s.attributes["id"] for s in tree.all("section") if "id" in s.attributes]
    assert shown == SECTIONS


def test_what_was_not_measured_is_not_said_to_go_unfelt(quickstart: tuple[Any, Any], quick: None) -> None:
    instance, plan = quickstart
    blank = {"lost": None, "time_to_survive": None}
    found = dataclasses.replace(
        plan,
        spofs_before=[{**row, **blank} for row in plan.spofs_before],
        spofs_after=[{**row, **blank} for row in plan.spofs_after],
    )
    page = render_page(build_report(instance, found, written="2026-03-05T10:00:00+0800"))
    table = page[page.index('<table id="t-spofs">') :]
    assert "not felt" not in table[: table.index("</table>")]
    assert "not felt" not in page


def test_the_table_says_of_how_many_single_points_the_loss_was_measured(
    quickstart: tuple[Any, Any], quick: None
) -> None:
    instance, plan = quickstart
    elements = {(row["kind"], row["element"]) for row in plan.spofs_before}
    kept = sorted(elements)[:3]
    blank = {"lost": None, "time_to_survive": None}
    thinned = [
        row if (row["kind"], row["element"]) in kept else {**row, **blank} for row in plan.spofs_before
    ]
    told = []
    for found in (plan, dataclasses.replace(plan, spofs_before=thinned)):
        made = build_report(instance, found, written="2026-03-05T10:00:00+0800")
        measured = made.spofs_measured
        assert measured.found_before == len(elements)
        page = render_page(made)
        section = page[page.index('<section id="spofs"') : page.index('<table id="t-spofs">')]
        text = re.sub("<[^>]+>", "", section)
        note = next(s for s in all_sheets(Placed(made), Writer(made.heading)) if s.key == "spofs").note
        told.append((measured.before, text, note))
    whole, some = told
    assert whole[0] == len(elements)
    assert f"all elements found: {len(elements)} before the plan" in whole[1]
    assert some[0] == 3
    for text in some[1:]:
        assert f"for 3 of the {len(elements)} elements found before the plan" in text
