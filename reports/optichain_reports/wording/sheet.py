"""A list as it is handed to a format: columns, and rows of numbers and texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from optichain_reports.wording.placed import Number
from optichain_reports.wording.writer import Writer

__all__ = ["Cell", "Column", "Sheet", "before_after", "list_of", "said_cell", "titles_of"]

Cell = Number | str | None


@dataclass(frozen=True)
class Column:
    """A column: its heading, and what its cells are: text, money, percent, count, year, quantity, ratio.

    `brief` is false for what a page of paper has no room for.
    """

    label: str
    kind: str = "text"
    brief: bool = True


@dataclass(frozen=True)
class Sheet:
    """A list; `note` says what it is, and in which unit its money is."""

    key: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def list_of(
    key: str, writer: Writer, note: str, columns: Iterable[Column], rows: Iterable[Iterable[Cell]]
) -> Sheet:
    """Return a list under the title of its section."""
    title = writer.texts(f"section_{key}")
    return Sheet(key, title, note, tuple(columns), tuple(tuple(row) for row in rows))


def titles_of(things: Iterable[Any], writer: Writer) -> str:
    """Return the titles of things, as one text."""
    comma: str = writer.texts("list_comma")
    return comma.join(thing if isinstance(thing, str) else thing.title for thing in things)


def before_after(text: Callable[[str], str], key: str, kind: str) -> list[Column]:
    """Return two columns of one figure: before the plan, and with it."""
    return [Column(f"{text(key)}, {text(side)}", kind) for side in ("before", "after")]


def said_cell(number: Number, kind: str, writer: Writer) -> str:
    """Return a number of a column as it is written."""
    say = {
        "money": writer.money,
        "percent": writer.percent,
        "year": writer.year,
        "count": writer.count,
        "ratio": writer.ratio,
    }
    return say.get(kind, writer.quantity)(number)
