"""Reports of the shipped quickstart, and a reader of pages that is not a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

import optichain as oc
from optichain.design.evidence.gathered import Kind
from optichain.shipped import locate
from optichain_reports.building.build import build_report
from optichain_reports.model import ReportModel
from optichain_reports.page import render_page

WRITTEN = "2026-03-05T10:00:00+0800"
EMPTY = {"meta", "link", "img", "br", "input", "use", "path", "circle", "rect"}


@dataclass
class Element:
    """An element of a page."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text inside."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())

    def all(self, *tags: str) -> list[Element]:
        """All elements inside with one of some tags, in the order of the page."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                if not tags or child.tag in tags:
                    found.append(child)
                found += child.all(*tags)
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Element("root", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute of <{tag}> twice"
        made = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(made)
        if tag not in EMPTY:
            self.here = made

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.children.append(Element(tag, {name: value or "" for name, value in attrs}, self.here))

    def handle_endtag(self, tag: str) -> None:
        if tag in EMPTY:
            return
        assert self.here.tag == tag, f"</{tag}> inside <{self.here.tag}>"
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


def read_page(page: str) -> Element:
    """Return the page as a tree; every element is closed where it was opened."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.here is reader.root
    return reader.root


@pytest.fixture(scope="session")
def read() -> Callable[[str], Element]:
    return read_page


@pytest.fixture(scope="session")
def bare() -> tuple[Any, Any]:
    """The shipped instance with its best plan: the second forge from 2026, 40 seals four times over from 2027."""
    instance = oc.load(locate("quickstart"))
    return instance, oc.reinforce(instance)


@pytest.fixture(scope="session")
def quickstart(bare: tuple[Any, Any]) -> tuple[Any, Any]:
    """The same with all evidence, beside a list that spends 9 of the 8 of 2026: seals twice over, a hardened forge."""
    instance, plan = bare
    listed = pd.DataFrame(
        {"measure": ["seal-stock", "harden-forge"], "units": [2, 1], "start_year": [2026, 2026]}
    )
    kinds = [kind.value for kind in Kind]
    return instance, oc.gather_evidence(instance, plan, kinds=kinds, choose=listed, samples=2)


@pytest.fixture(scope="session")
def model(quickstart: tuple[Any, Any]) -> ReportModel:
    return build_report(*quickstart, written=WRITTEN)


@pytest.fixture(scope="session")
def page(model: ReportModel) -> str:
    return render_page(model)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the charts out, where a test is about something else."""
    monkeypatch.setattr("optichain_reports.page._charts", lambda report, plain: {})


@pytest.fixture(scope="session")
def tree(page: str) -> Element:
    return read_page(page)
