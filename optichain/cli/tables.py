"""Tables and numbers for people: money rounded to what is read, shares in percent."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from optichain.errors import Fault

__all__ = ["facts", "fault_table", "missing", "money", "percent", "show_faults", "some", "table"]

RIGHT = ">"
WIDE = 120
"""Characters beyond which the headings of numbers are broken into lines, so that words beside them keep their room."""


def missing(value: Any) -> bool:
    """Tell whether a value is blank."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def money(value: float | None) -> str:
    """Return an amount with as many digits as are read: four at least, none after 10,000."""
    if missing(value):
        return "-"
    assert value is not None
    if math.isinf(value):
        return "never" if value > 0 else "-never"
    # what is 1 but for rounding is written as 1
    size = round(abs(value), 4)
    digits = 0 if size >= 10_000 else 1 if size >= 1_000 else 2 if size >= 1 or size == 0 else 4
    text = f"{value if size else 0.0:,.{digits}f}"
    return text if size >= 1 else text.rstrip("0").rstrip(".") or "0"


def percent(share: float | None) -> str:
    """Return a share in percent; close to 0 or 100 with more digits, so that neither is claimed falsely."""
    if missing(share):
        return "-"
    assert share is not None
    value = 100.0 * share
    for digits in (1, 2, 3, 4):
        if value in (0.0, 100.0) or round(value, digits) not in (0.0, 100.0):
            return f"{value:.{digits}f} %"
    end = round(value)
    return f"> {end - 0.0001:.4f} %" if value < end else f"< {end + 0.0001:.4f} %"


def some(value: Any) -> str:
    """Return a text, or a dash for a blank."""
    return "-" if missing(value) or value == "" else str(value)


def table(
    title: str | None, columns: Sequence[str], rows: Iterable[Sequence[str]], *, limit: int | None = None
) -> Table:
    """Return a table; a column whose name begins with ``>`` is set to the right.

    Parameters
    ----------
    title : str, optional
    columns : sequence of str
    rows : iterable of sequences of str
    limit : int, optional
        Most rows shown; the caption tells of the others.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    result = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
    listed = list(rows)
    for column, heading in zip(columns, _headings(columns, listed[:limit]), strict=True):
        right = column.startswith(RIGHT)
        result.add_column(heading, justify="right" if right else "left", no_wrap=right, overflow="fold")
    for row in listed[:limit]:
        result.add_row(*(Text(cell) for cell in row))
    if limit is not None and len(listed) > limit:
        result.caption = f"{len(listed) - limit} more; --json or -o FILE gives all"
        result.caption_justify = "left"
    return result


def _headings(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the headings; in a table that is too wide, those of numbers are no wider than they must be."""
    names = [column.removeprefix(RIGHT) for column in columns]
    cells = [max((len(row[place]) for row in rows), default=0) for place in range(len(columns))]
    if sum(max(len(n), c) + 3 for n, c in zip(names, cells, strict=True)) <= WIDE:
        return names
    return [
        "\n".join(wrap(name, max(width, 10, *map(len, name.split())))) if column.startswith(RIGHT) else name
        for column, name, width in zip(columns, names, cells, strict=True)
    ]


def facts(console: Console, pairs: Iterable[tuple[str, str]]) -> None:
    """Print names and values below each other."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    for name, value in pairs:
        grid.add_row(Text(name), Text(value))
    console.print(grid)


def fault_table(title: str, faults: Sequence[Fault]) -> Table:
    """Return faults as a table: where, what, and what to do."""
    rows = []
    for fault in faults:
        place = fault.cell or fault.file + (f":{fault.row}" if fault.row is not None else "")
        what = fault.message + (f" ({fault.hint})" if fault.hint else "")
        rows.append([place, some(fault.column), what, fault.code])
    return table(title, ["where", "column", "what", "rule"], rows)


def show_faults(console: Console, word: str, faults: Sequence[Fault]) -> None:
    """Print all faults of one sort, if there are any."""
    if faults:
        ending = "" if len(faults) == 1 else "s"
        console.print(fault_table(f"{len(faults)} {word}{ending}", faults))
