"""Where the boxes and lines of a chain's network picture stand: Graphviz lays it out, inputs left, products right."""

from __future__ import annotations

from dataclasses import dataclass

import pygraphviz

from optichain_reports.drawing.boxes import WIDTH, Content, contents
from optichain_reports.model import Picture
from optichain_reports.wording.writer import Writer

__all__ = ["Box", "NetworkLayout", "lay_out"]

POINTS = 72.0


@dataclass(frozen=True)
class Box:
    """A box: its corner and size in pixels, and what it shows."""

    x: float
    y: float
    width: float
    height: float
    content: Content


@dataclass(frozen=True)
class NetworkLayout:
    """A picture in pixels; `edges` are SVG paths from an input to what is made of it."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    edges: tuple[str, ...]


def lay_out(picture: Picture, writer: Writer) -> NetworkLayout:
    """Lay out the network of one chain."""
    graph = pygraphviz.AGraph(directed=True, strict=True)
    graph.graph_attr.update(rankdir="LR", nodesep="0.2", ranksep="0.62", pad="0")
    graph.node_attr.update(shape="box", fixedsize="true", label="")
    shown = contents(picture, writer)
    node_of: dict[str, str] = {}
    for number, content in enumerate(shown):
        graph.add_node(f"n{number}", width=WIDTH / POINTS, height=content.height / POINTS)
        node_of |= {item.item: f"n{number}" for item in content.items}
    pairs = dict.fromkeys((node_of[used], node_of[made]) for used, made in picture.edges)
    for used, made in pairs:
        graph.add_edge(used, made)
    graph.layout(prog="dot")
    corners = [float(v) for v in graph.graph_attr["bb"].split(",")]
    height = corners[3] - corners[1]
    boxes = []
    for number, content in enumerate(shown):
        x, y = (float(v) for v in graph.get_node(f"n{number}").attr["pos"].split(","))
        left, top = x - WIDTH / 2, height - y - content.height / 2
        boxes.append(Box(left, top, WIDTH, content.height, content))
    edges = tuple(_path(graph.get_edge(*pair).attr["pos"], height) for pair in pairs)
    return NetworkLayout(corners[2] - corners[0], height, tuple(boxes), edges)


def _path(position: str, height: float) -> str:
    """Turn the spline of Graphviz into an SVG path; y grows downwards there."""
    end, points = "", []
    for part in position.split():
        tip = part.startswith("e,")
        x, y = (float(v) for v in part.removeprefix("e,").split(","))
        if tip:
            end = f"L{x:.1f},{height - y:.1f}"
        else:
            points.append(f"{x:.1f},{height - y:.1f}")
    return f"M{points[0]}C{' '.join(points[1:])}{end}"
