"""Debian's Chromium, driven through Playwright; without either the tests are skipped, and say why."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import optichain as oc
from optichain.shipped import locate
from optichain_reports.building.build import build_report
from optichain_reports.model import ReportModel
from optichain_reports.page import render_page

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDE = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    api = pytest.importorskip(
        "playwright.sync_api",
        reason="drives a browser: pip install 'optichain[browser]'",
        exc_type=ImportError,
    )
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed (apt-get install chromium)")
    with api.sync_playwright() as playwright:
        # a page of ours needs no sandbox of the browser's, and as root there is none
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages of the quickstart: in both languages, the dossier of one chain, and one with many events."""
    folder = tmp_path_factory.mktemp("reports")
    instance = oc.load(locate("quickstart"))
    kinds = ["leave_one_out", "add_one", "shared_nodes", "baselines", "frontier", "value_of_money"]
    plan = oc.gather_evidence(instance, oc.reinforce(instance), kinds=kinds)
    wanted: dict[str, dict[str, Any]] = {"en": {}, "zh": {"language": "zh"}, "chain": {"chain": "pumps"}}
    files = {}
    for name, options in wanted.items():
        files[name] = folder / f"{name}.html"
        model = build_report(instance, plan, **options)
        files[name].write_text(render_page(model), encoding="utf-8")
        if name == "en":
            files["many"] = folder / "many.html"
            files["many"].write_text(render_page(manifold(model)), encoding="utf-8")
    return files


def manifold(model: ReportModel) -> ReportModel:
    """Return the report with five copies of each event."""
    copies = tuple(
        dataclasses.replace(e, event=f"{e.event}-{i}", title=f"{e.title} {i}")
        for i in range(5)
        for e in model.events
    )
    return dataclasses.replace(model, events=copies)


class Visit:
    """A page in a browser, and what it asked for and complained of.

    Parameters
    ----------
    browser : Browser
    file : Path
    **options
        Of the browser's context: viewport, color_scheme, java_script_enabled, ...
    """

    def __init__(self, browser: Any, file: Path, **options: Any) -> None:
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.context = browser.new_context(**{"viewport": WIDE, **options})
        self.page = self.context.new_page()
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(file.as_uri())

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


@pytest.fixture
def visit(browser: Any, reports: dict[str, Path]) -> Any:
    return lambda name, **options: Visit(browser, reports[name], **options)
