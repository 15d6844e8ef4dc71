"""Where the boxes and lines of a chain's network picture stand: Graphviz lays it out, inputs left, products right."""

from __future__ import annotations

from dataclasses import dataclass

import pygraphviz

from optichain_reports.drawing.lettering import BOLD, fitted, wrapped
from optichain_reports.model import Picture, PictureItem, PictureSource
from optichain_reports.wording.writer import Writer

__all__ = ["Box", "Line", "NetworkLayout", "lay_out"]

WIDTH, PAD = 176.0, 10.0
TITLE_SIZE, LINE_SIZE, STEP = 12.5, 11.5, 16.0
MOST_SOURCES = 5
POINTS = 72.0
STRESSED = frozenset({"sole", "cleared", "funded"})


@dataclass(frozen=True)
class Line:
    """A line of text in a box: `mark` is what stands before it, `full` the text before it was cut."""

    text: str
    y: float
    mark: str | None = None
    full: str | None = None


@dataclass(frozen=True)
class Box:
    """An item: corner, size, its title in lines, then a line for each source and what else is known."""

    item: PictureItem
    x: float
    y: float
    width: float
    height: float
    title: tuple[Line, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class NetworkLayout:
    """A picture in pixels; `edges` are paths from an input to what is made of it."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    edges: tuple[str, ...]


@dataclass(frozen=True)
class _Content:
    title: tuple[Line, ...]
    lines: tuple[Line, ...]
    height: float


def lay_out(picture: Picture, writer: Writer) -> NetworkLayout:
    """Lay out the network of one chain."""
    contents = [_content(item, writer) for item in picture.items]
    graph = pygraphviz.AGraph(directed=True, strict=True)
    graph.graph_attr.update(rankdir="LR", nodesep="0.2", ranksep="0.62", pad="0")
    graph.node_attr.update(shape="box", fixedsize="true", label="")
    names = {item.item: f"n{i}" for i, item in enumerate(picture.items)}
    for item, content in zip(picture.items, contents, strict=True):
        graph.add_node(names[item.item], width=WIDTH / POINTS, height=content.height / POINTS)
    for used, made in picture.edges:
        graph.add_edge(names[used], names[made])
    graph.layout(prog="dot")
    corners = [float(v) for v in graph.graph_attr["bb"].split(",")]
    width, height = corners[2] - corners[0], corners[3] - corners[1]
    boxes = []
    for item, content in zip(picture.items, contents, strict=True):
        x, y = (float(v) for v in graph.get_node(names[item.item]).attr["pos"].split(","))
        left, top = x - WIDTH / 2, height - y - content.height / 2
        boxes.append(Box(item, left, top, WIDTH, content.height, content.title, content.lines))
    edges = [_path(graph.get_edge(names[a], names[b]).attr["pos"], height) for a, b in picture.edges]
    return NetworkLayout(width, height, tuple(boxes), tuple(edges))


def _content(item: PictureItem, writer: Writer) -> _Content:
    texts, numbers = writer.texts, writer.numbers
    y = PAD + TITLE_SIZE * 0.8
    title = []
    for text in wrapped(item.title, BOLD * TITLE_SIZE, WIDTH - 2 * PAD, 2):
        title.append(Line(text, y))
        y += STEP
    lines: list[Line] = []

    def add(text: str, mark: str | None = None) -> None:
        nonlocal y
        indent = 16.0 if mark else 0.0
        lines.append(
            Line(
                fitted(text, BOLD * LINE_SIZE if mark in STRESSED else LINE_SIZE, WIDTH - 2 * PAD - indent),
                y + 2.0,
                mark,
                text,
            )
        )
        y += STEP

    urgent = sorted(item.sources, key=lambda s: ("sole", "cleared", "plain").index(s.state))
    room = MOST_SOURCES if len(urgent) <= MOST_SOURCES else MOST_SOURCES - 1
    for source in urgent[:room]:
        add(source.title, _mark(source))
    if len(urgent) > room:
        add(texts("more_sources", count=numbers.number(len(urgent) - room)))
    if not item.sources:
        add(texts("sources_zero"))
    if item.lanes:
        sole = "sole_lane" if item.sole_lanes else "lane"
        add(texts("lanes_one" if item.lanes == 1 else "lanes_many", count=numbers.number(item.lanes)), sole)
    if not item.mapped:
        add(texts("suppliers_unknown"), "unmapped")
    return _Content(tuple(title), tuple(lines), y - STEP + PAD + 4.0)


def _mark(source: PictureSource) -> str:
    if source.state != "plain":
        return source.state
    return "funded" if source.funded else source.status


def _path(position: str, height: float) -> str:
    """Turn the spline of Graphviz into an SVG path; y grows downwards there."""
    end, points = "", []
    for part in position.split():
        if part[:2] in ("e,", "s,"):
            x, y = (float(v) for v in part[2:].split(","))
            end = f"L{x:.1f},{height - y:.1f}" if part[0] == "e" else end
            continue
        x, y = (float(v) for v in part.split(","))
        points.append(f"{x:.1f},{height - y:.1f}")
    return f"M{points[0]}C{' '.join(points[1:])}{end}"
