"""What results look like in a notebook: a few facts and short tables, as HTML without scripts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["facts_html", "share", "table_html"]

SHOWN = 20
"""Rows of a table that are shown; the caption tells of the others."""


def share(value: float | None) -> str:
    """Return a share in percent, a dash where it is not known.

    Examples
    --------
    >>> share(0.81351), share(None)
    ('81.4 %', '-')
    """
    return "-" if value is None or math.isnan(value) else f"{100.0 * value:.1f} %"


def facts_html(title: str, facts: Iterable[tuple[str, object]]) -> str:
    """Return a title and names with values."""
    lines = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{escape(str(value))}</td></tr>"
        for name, value in facts
    )
    return f"<p><b>{escape(title)}</b></p><table>{lines}</table>"


def table_html(
    caption: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, shown: int = SHOWN
) -> str:
    """Return a table; of many rows the first, and how many there are. Nothing where there are none."""
    if not rows:
        return ""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape('' if cell is None else str(cell))}</td>" for cell in row) + "</tr>"
        for row in rows[:shown]
    )
    more = f"; {shown:,} of {len(rows):,} shown" if len(rows) > shown else ""
    return (
        f"<table><caption>{escape(caption + more)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
