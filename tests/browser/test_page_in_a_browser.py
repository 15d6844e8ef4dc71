"""The page as a reader has it: it sorts, filters and switches, loads nothing, and is there for everybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

PAGES = ("en", "zh", "chain")


def column(page: Any, table: str, number: int) -> list[str]:
    """Return the texts of a column of what is shown, from top to bottom."""
    rows = page.locator(f"#{table} tbody tr:not([hidden])")
    return [rows.nth(i).locator("th, td").nth(number).inner_text() for i in range(rows.count())]


def values(page: Any, table: str, number: int) -> list[float]:
    """Return the last number of each cell of a column."""
    script = "(rows, n) => rows.map(r => Number([...r.cells[n].querySelectorAll('data')].at(-1).value))"
    found: list[float] = page.locator(f"#{table} tbody tr").evaluate_all(script, number)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_loaded_and_nothing_complains(visit: Any, name: str) -> None:
    with visit(name) as seen:
        seen.page.mouse.wheel(0, 20_000)
        seen.page.emulate_media(media="print")
        assert [url for url in seen.asked if not url.startswith("file:")] == []
        assert len(seen.asked) == 1
        assert seen.complaints == []


def test_tables_sort_by_number_and_by_name(visit: Any) -> None:
    with visit("en") as seen:
        expected = 4
        button = seen.page.locator("#t-events thead button").nth(expected)
        button.click()
        falling = values(seen.page, "t-events", expected)
        assert falling == sorted(falling, reverse=True)
        assert len(set(falling)) > 2
        head = seen.page.locator("#t-events thead th").nth(expected)
        assert head.get_attribute("aria-sort") == "descending"
        button.press("Enter")
        assert values(seen.page, "t-events", expected) == sorted(falling)
        assert head.get_attribute("aria-sort") == "ascending"
        seen.page.locator("#t-events thead button").nth(0).click()
        names = [text.split("\n")[0] for text in column(seen.page, "t-events", 0)]
        assert names == sorted(names)
        assert head.get_attribute("aria-sort") is None


def test_a_long_table_opens_and_filters(visit: Any) -> None:
    with visit("many") as seen:
        box = seen.page.locator(".table:has(#t-events)")
        whole = box.locator("tbody tr").count()
        assert len(column(seen.page, "t-events", 0)) == 15 < whole
        box.get_by_role("searchbox").fill("seal maker")
        found = column(seen.page, "t-events", 0)
        assert 1 < len(found) < whole
        assert all("seal maker" in text.lower() for text in found)
        assert f"{len(found)} of {whole}" in box.get_by_role("status").inner_text()
        box.get_by_role("searchbox").fill("")
        box.locator("button.more").click()
        assert len(column(seen.page, "t-events", 0)) == whole


def test_the_budget_switch_shows_one_point_at_a_time(visit: Any) -> None:
    with visit("en") as seen:
        switch = seen.page.locator(".switch")
        choices, point = switch.get_by_role("radio"), switch.get_by_role("region")
        rows = seen.page.locator("#t-frontier tbody tr")
        assert choices.count() == rows.count() > 3
        # it begins at the plan's own budget, 8 a year
        assert switch.locator("label:has(:checked)").inner_text() == "8.00"
        assert "12.80" in point.inner_text()
        assert "Qualify the second forge" in point.inner_text()
        for i in (0, choices.count() - 1):
            choices.nth(i).check()
            figures = [d.get_attribute("value") for d in point.locator("dd data").all()]
            of_row = [d.get_attribute("value") for d in rows.nth(i).locator("td:not(.long) data").all()]
            assert figures == of_row
            assert rows.nth(i).get_attribute("class") == "picked"
            assert seen.page.locator("tr.picked").count() == 1
        assert point.locator("li").count() >= 3


def test_the_budget_switch_works_by_keyboard(visit: Any) -> None:
    with visit("en") as seen:
        checked = seen.page.locator(".switch :checked")
        checked.focus()
        before = seen.page.locator(".switch .point").inner_text()
        seen.page.keyboard.press("ArrowRight")
        assert seen.page.locator(".switch label:has(:checked)").inner_text() == "10.00"
        after = seen.page.locator(".switch .point").inner_text()
        assert after != before
        assert seen.page.evaluate("document.activeElement.matches('.switch :checked')")


def test_without_a_script_everything_is_there(visit: Any) -> None:
    with visit("en", java_script_enabled=False) as seen:
        assert not seen.page.locator(".switch").is_visible()
        rows = seen.page.locator("#t-frontier tbody tr")
        assert rows.count() > 3
        assert all(row.is_visible() for row in rows.all())
        rows.last.locator("summary").click()
        assert rows.last.get_by_text("Qualify the second forge").is_visible()


def test_a_mark_tells_its_figures_when_pointed_at(visit: Any) -> None:
    with visit("en") as seen:
        mark = seen.page.locator("#impacts .wide [data-tip]").first
        mark.scroll_into_view_if_needed()
        mark.hover()
        tip = seen.page.locator(".tip")
        assert tip.is_visible()
        assert "served before" in tip.inner_text()
        seen.page.mouse.move(1, 1)
        assert not tip.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_no_barrier(visit: Any, name: str, scheme: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="checks pages: pip install 'optichain[browser]'"
    )
    with visit(name, color_scheme=scheme, bypass_csp=True) as seen:
        seen.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        found = axe.Axe().run(seen.page).response["violations"]
        grave = [
            (rule["id"], [node["html"][:200] for node in rule["nodes"][:3]])
            for rule in found
            if rule["impact"] in ("serious", "critical")
        ]
        assert grave == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [320, 360, 768, 1280, 2560])
def test_nothing_runs_off_the_side(visit: Any, name: str, width: int) -> None:
    with visit(name, viewport={"width": width, "height": 900}) as seen:
        script = """() => {
            const room = document.documentElement.clientWidth;
            const over = [...document.querySelectorAll('body *')].filter((element) =>
                element.checkVisibility() && element.getBoundingClientRect().right > room + 0.5
                && !element.closest('.scroll, nav, .skip'));
            return [document.documentElement.scrollWidth - room, over.slice(0, 5).map((element) => element.outerHTML.slice(0, 200))];
        }"""
        assert seen.page.evaluate(script) == [0, []]


def test_dark_is_dark(visit: Any) -> None:
    with visit("en", color_scheme="dark") as seen:
        shade = "getComputedStyle(document.documentElement).backgroundColor"
        red = int(seen.page.evaluate(shade).split("(")[1].split(",")[0])
        assert red < 60


def test_every_picture_shows_something(visit: Any) -> None:
    """Each chart has marks, and its letters stand inside of it."""
    with visit("en") as seen:
        script = """() => [...document.querySelectorAll('.chart .wide svg')].map((svg) => {
            const frame = svg.getBoundingClientRect();
            const texts = [...svg.querySelectorAll('text')].filter((t) => t.textContent.trim());
            const out = texts.filter((t) => {
                const box = t.getBoundingClientRect();
                return box.left < frame.left - 1 || box.right > frame.right + 1
                    || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
            });
            return [svg.querySelectorAll('path[d], rect').length, texts.length, out.map((t) => t.textContent)];
        })"""
        charts = seen.page.evaluate(script)
        assert len(charts) >= 7
        for marks, texts, outside in charts:
            assert marks > 2
            assert texts > 2
            assert outside == []


def test_it_prints(visit: Any, tmp_path: Path) -> None:
    with visit("chain") as seen:
        made = seen.page.pdf(path=str(tmp_path / "report.pdf"), format="A4")
        assert made.startswith(b"%PDF")
        assert made.count(b"/Type /Page\n") + made.count(b"/Type /Page ") + made.count(b"/Type /Page/") >= 1
