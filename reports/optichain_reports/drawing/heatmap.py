"""Chains by event: which share of a chain's demand each event takes, before the plan and with it."""

from __future__ import annotations

from typing import Any

import altair as alt

from optichain_reports.drawing.canvas import NARROW_WIDTH, framed, letters, rectangles
from optichain_reports.drawing.heads import ANGLE, head_columns
from optichain_reports.drawing.lettering import stacked, text_width, wrapped
from optichain_reports.drawing.palette import Palette
from optichain_reports.wording.placed import Placed
from optichain_reports.wording.writer import Writer

__all__ = ["MOST_CHAINS", "MOST_EVENTS", "heat_map"]

MOST_CHAINS, MOST_EVENTS, FEW_EVENTS = 25, 20, 7
STEPS = ((0.0, 0.0), (0.05, 0.22), (0.2, 0.45), (0.5, 0.7), (1.0, 1.0))
"""Up to which share of the demand, and how dark."""
ROW, MARGIN = 26.0, 6.0
LABEL, NEXT, MOST_LINES = 11, 12.0, 5
"""Size of the letters, from a line of a title to its next, and its most lines."""
SLANT, NARROW_SLANT = 150.0, 78.0
"""Room to the right of the last column, for heads that slant; on a phone."""
SLANTING, UPRIGHT = {"align": "left", "angle": ANGLE}, {"align": "center"}


def heat_map(report: Placed, writer: Writer, palette: Palette, width: int) -> dict[str, Any]:
    """Return the chains that lose most by the events that cost them most.

    Each cell has two halves: left before the plan, right with it. What is left out is counted below.
    """
    narrow = width <= NARROW_WIDTH
    shown = {c.chain: c.title for c in list(report.chains) if c.loss_before or c.loss_after}
    chains = list(shown)[:MOST_CHAINS]
    mine = [i for i in report.impacts if i.chain in set(chains)]
    cost: dict[str, float] = {}
    for impact in mine:
        cost[impact.event.name] = cost.get(impact.event.name, 0.0) + max(
            impact.expected_before.value, impact.expected_after.value
        )
    most = FEW_EVENTS if narrow else MOST_EVENTS
    events = sorted(cost, key=lambda e: (-cost[e], e))[:most]
    titles = {i.event.name: i.event.title for i in mine}
    left = (0.42 if narrow else 0.3) * width
    heads = head_columns(
        [titles[event] for event in events],
        size=LABEL,
        room=width - left - MARGIN,
        beyond=NARROW_SLANT if narrow else SLANT,
        left=left - MARGIN,
        most=44.0,
    )
    side = heads.side
    column = {event: i for i, event in enumerate(events)}
    row = {chain: i for i, chain in enumerate(chains)}
    broken = {chain: wrapped(shown[chain], LABEL, left - 16.0, MOST_LINES) for chain in chains}
    tall = max(ROW, NEXT * max(map(len, broken.values()), default=1) + 3.0)
    cells = [
        {
            "x": column[i.event.name] * side + 1.0 + part * (side - 2.0) / 2.0,
            "x2": column[i.event.name] * side + 1.0 + (part + 1) * (side - 2.0) / 2.0,
            "y": row[i.chain] * tall + 2.0,
            "y2": (row[i.chain] + 1) * tall - 2.0,
            "depth": _depth(1.0 - share.value),
            "tip": _tip(i, shown[i.chain], writer),
        }
        for i in mine
        if i.event.name in column
        for part, share in enumerate((i.continuity_before, i.continuity_after))
    ]
    names = [
        {"x": MARGIN - left, "y": y, "text": line}
        for chain, i in row.items()
        for y, line in stacked(broken[chain], (i + 0.5) * tall, NEXT)
    ]
    height = tall * len(chains)
    layers = [
        _cells(cells, palette),
        *letters(names, palette.ink, size=LABEL, align="left"),
        *letters(heads.above, palette.ink, size=LABEL, **SLANTING if heads.slanting else UPRIGHT),
        *_legend(writer, palette, height, width - left - MARGIN if not narrow else width, narrow, left),
    ]
    omitted = _omitted(len(shown) - len(chains), len(cost) - len(events), writer)
    foot = 68.0 if narrow else 38.0
    if heads.key:
        corner = (MARGIN - left, height + foot + 6.0)
        key = [{**row, "x": row["x"] + corner[0], "y": row["y"] + corner[1]} for row in heads.key]
        layers += letters(key, palette.ink, size=LABEL, align="left")
        foot += heads.foot + 10.0
    if omitted:
        lines = wrapped(omitted, LABEL, width - 12.0, 3)
        notes = [
            {"x": MARGIN - left, "y": height + foot + 14.0 * i, "text": line} for i, line in enumerate(lines)
        ]
        layers += letters(notes, palette.quiet, size=LABEL, align="left")
        foot += 14.0 * len(lines)
    return framed(
        alt.layer(*layers),
        palette,
        width,
        height + heads.top + foot,
        left=left,
        right=MARGIN,
        top=heads.top,
        bottom=foot,
    )


def _depth(lost: float) -> float:
    return next(depth for most, depth in STEPS if lost <= most + 1e-9 or most == 1.0)


def _tip(impact: Any, chain: str, writer: Writer) -> str:
    before, after = writer.two(writer.percent, impact.continuity_before, impact.continuity_after)
    return writer.texts(
        "heat_tip",
        chain=chain,
        event=impact.event.title,
        before=before,
        after=after,
        lost_before=writer.full_money(impact.lost_before),
        lost_after=writer.full_money(impact.lost_after),
    )


def _cells(rows: list[dict[str, Any]], palette: Palette) -> Any:
    """Return rectangles that are the darker the more of a demand is lost."""
    depth = {"fillOpacity": alt.FillOpacity("depth:Q", scale=None, legend=None)}
    return rectangles(rows, depth, color=palette.alert, stroke=palette.line, strokeWidth=1)


def _legend(
    writer: Writer, palette: Palette, height: float, room: float, narrow: bool, left: float
) -> list[Any]:
    """Return what the halves and the colours mean, in one line, or on a phone in two."""
    unit = "%" if writer.language == "zh" else "\N{NO-BREAK SPACE}%"
    shares = [f"≤ {100.0 * most:.0f}{unit}" for most, _ in STEPS[1:-1]]
    shares.append(f"> {100.0 * STEPS[-2][0]:.0f}{unit}")
    swatches, labels = [], []
    x, y = MARGIN - left, height + 18.0
    title = writer.texts("heat_legend")
    if narrow:
        lines = wrapped(title, LABEL, room - 12.0, 2)
        labels += [{"x": x, "y": y + 14.0 * i, "text": line} for i, line in enumerate(lines)]
        y += 14.0 * len(lines) + 2.0
    else:
        labels.append({"x": x, "y": y, "text": title})
        x += text_width(title, LABEL) + 14.0
    for text, (_, depth) in zip(shares, STEPS[1:], strict=True):
        swatches.append({"x": x, "x2": x + 16.0, "y": y - 6.0, "y2": y + 6.0, "depth": depth})
        labels.append({"x": x + 21.0, "y": y, "text": text})
        x += 21.0 + text_width(text, LABEL) + 14.0
    return [_cells(swatches, palette), *letters(labels, palette.quiet, size=LABEL, align="left")]


def _omitted(chains: int, events: int, writer: Writer) -> str:
    """Return how many chains and events the picture leaves out, empty where none."""
    if not chains and not events:
        return ""
    key = "heat_omitted" if chains and events else "heat_omitted_chains" if chains else "heat_omitted_events"
    return writer.texts(key, chains=writer.numbers.number(chains), events=writer.numbers.number(events))
