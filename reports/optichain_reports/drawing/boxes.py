"""What stands in the boxes of a network picture.

An item has a box of its own, with a line for each of its sources. Inputs of the same products that have nothing to
tell (no inputs of their own, no SPOF among their sources) share one box: so the eye finds the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from optichain_reports.drawing.lettering import BOLD, wrapped
from optichain_reports.model import Picture, PictureItem, PictureSource
from optichain_reports.wording.writer import Writer

__all__ = ["WIDTH", "Content", "Line", "contents"]

WIDTH, PAD = 204.0, 10.0
TITLE_SIZE, LINE_SIZE, STEP = 12.5, 11.5, 16.0
FOLLOWING, MOST_ROWS = 13.5, 6
"""From a row of a text to its next, and rows that one text may take: names of some hundred letters stay whole."""
MOST_SOURCES, MOST_FOLDED = 5, 12
LEAST_FOLDED = 3
STRESSED = frozenset({"sole", "cleared", "funded"})
URGENCY = ("sole", "cleared", "plain")


@dataclass(frozen=True)
class Line:
    """A text in a box: its rows, each with its height, the whole of it, and the mark before it."""

    rows: tuple[tuple[str, float], ...]
    full: str
    mark: str | None = None


@dataclass(frozen=True)
class Content:
    """What a box shows: its items, its title, and the lines below."""

    items: tuple[PictureItem, ...]
    title: Line
    lines: tuple[Line, ...]

    @property
    def height(self) -> float:
        """Height of the box."""
        return (self.title, *self.lines)[-1].rows[-1][1] + PAD

    @property
    def state(self) -> str:
        """The worst state of its items."""
        return min((item.state for item in self.items), key=URGENCY.index)

    @property
    def label(self) -> str:
        """The titles of its items in full."""
        return "; ".join(item.title for item in self.items)


def contents(picture: Picture, writer: Writer) -> list[Content]:
    """Return the boxes of a picture, in the order of its items."""
    result = []
    for items in _folded(picture):
        result.append(_several(items, writer) if len(items) > 1 else _single(items[0], writer))
    return result


def _folded(picture: Picture) -> list[list[PictureItem]]:
    """Put inputs of the same products that have nothing to tell together, where there are several."""
    products: dict[str, list[str]] = {}
    made = {product for _, product in picture.edges}
    for used, product in picture.edges:
        products.setdefault(used, []).append(product)
    groups: dict[tuple[str, ...], list[PictureItem]] = {}
    for item in picture.items:
        quiet = item.state == "plain" and item.mapped and not item.demanded and item.item not in made
        key = tuple(products[item.item]) if quiet and item.item in products else (">", item.item)
        groups.setdefault(key, []).append(item)
    result: list[list[PictureItem]] = []
    for items in groups.values():
        result += [items] if len(items) >= LEAST_FOLDED else [[item] for item in items]
    return result


class _Lines:
    """Texts set below each other, broken into rows where they are longer than the box is wide."""

    def __init__(self, title: str) -> None:
        self.y = PAD + TITLE_SIZE * 0.8
        self.title = self._set(title, BOLD * TITLE_SIZE, WIDTH - 2 * PAD)
        self.y += 2.0
        self.lines: list[Line] = []

    def add(self, text: str, mark: str | None = None) -> None:
        room = WIDTH - 2 * PAD - (16.0 if mark else 0.0)
        size = BOLD * LINE_SIZE if mark in STRESSED else LINE_SIZE
        self.lines.append(self._set(text, size, room, mark))

    def content(self, items: Iterable[PictureItem]) -> Content:
        return Content(tuple(items), self.title, tuple(self.lines))

    def _set(self, text: str, size: float, room: float, mark: str | None = None) -> Line:
        rows = [
            (row, self.y + FOLLOWING * number)
            for number, row in enumerate(wrapped(text, size, room, MOST_ROWS))
        ]
        self.y = rows[-1][1] + STEP
        return Line(tuple(rows), text, mark)


def _several(items: Sequence[PictureItem], writer: Writer) -> Content:
    lines = _Lines(writer.texts("folded", count=writer.numbers.number(len(items))))
    room = MOST_FOLDED if len(items) <= MOST_FOLDED else MOST_FOLDED - 1
    for item in items[:room]:
        lines.add(item.title)
    if len(items) > room:
        lines.add(writer.texts("and_more", count=writer.numbers.number(len(items) - room)))
    return lines.content(items)


def _single(item: PictureItem, writer: Writer) -> Content:
    texts, numbers = writer.texts, writer.numbers
    lines = _Lines(item.title)
    urgent = sorted(item.sources, key=lambda source: URGENCY.index(source.state))
    room = MOST_SOURCES if len(urgent) <= MOST_SOURCES else MOST_SOURCES - 1
    for source in urgent[:room]:
        lines.add(source.title, _mark(source))
    if len(urgent) > room:
        lines.add(texts("and_more", count=numbers.number(len(urgent) - room)))
    if not item.sources:
        lines.add(texts("sources_zero"))
    if item.lanes:
        said = texts("lanes_one" if item.lanes == 1 else "lanes_many", count=numbers.number(item.lanes))
        lines.add(said, "sole_lane" if item.sole_lanes else "lane")
    if not item.mapped:
        lines.add(texts("suppliers_unknown"), "unmapped")
    return lines.content([item])


def _mark(source: PictureSource) -> str:
    if source.state != "plain":
        return source.state
    return "funded" if source.funded else source.status
