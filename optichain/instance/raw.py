"""The raw form that every carrier is read into: cells as the user wrote them, with the user's row numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from optichain.errors import Fault
from optichain.instance.schema import TABLES, Table
from optichain.nearest import nearest_hint
from optichain.sentences import say

__all__ = [
    "Faults",
    "Raw",
    "RawTable",
    "match_columns",
    "match_table",
    "quoted",
    "table_from_rows",
]

Ints = npt.NDArray[np.int64]

LISTED_PER_RULE: Final = 1000
HINTS_PER_RULE: Final = 25
MOST_COLUMNS: Final = 16_384
"""Columns of a table, as a sheet can have them."""
LONGEST_CELL: Final = 131_072
"""Signs of a cell, as many as Python's reader of CSV takes where a cell is quoted."""


@dataclass(slots=True)
class RawTable:
    """One table before its cells are understood.

    Attributes
    ----------
    file : str
        File, sheet or place in the JSON file, as the user knows it.
    columns : dict of str to list
        Cells by column, schema and ``x_`` columns only.
    rows : ndarray
        The user's number of each row, the header being row 1.
    all_text : bool
        Every cell is a str (so that equal cells can be understood once).
    complete : bool
        No row and no needed column was lost on the way.
    """

    file: str
    columns: dict[str, Sequence[Any]]
    rows: Ints
    all_text: bool = False
    complete: bool = True


class Faults:
    """A list of faults that stays readable: many of one rule in one column are counted, not listed."""

    def __init__(self) -> None:
        self._listed: list[Fault] = []
        self._seen: dict[tuple[str, str | None, str], int] = {}
        self._looked_up: dict[str, int] = {}

    def add(
        self, file: str, row: int | None, column: str | None, code: str, message: str, hint: str | None = None
    ) -> None:
        """Add one fault."""
        if self.room(file, column, code) > 0:
            self._listed.append(Fault(file, row, column, code, message, hint))
        key = (file, column, code)
        self._seen[key] = self._seen.get(key, 0) + 1

    def room(self, file: str, column: str | None, code: str) -> int:
        """Return how many more faults of a rule in a column will be listed."""
        return LISTED_PER_RULE - self._seen.get((file, column, code), 0)

    def wants_hint(self, file: str, column: str | None, code: str) -> bool:
        """Tell whether looking for the nearest name is still worth the time."""
        return self._seen.get((file, column, code), 0) < HINTS_PER_RULE

    def nearest(self, code: str, text: str, names: Iterable[Any]) -> str | None:
        """Return `nearest_hint` for the first faults of a rule, wherever they are."""
        self._looked_up[code] = count = self._looked_up.get(code, 0) + 1
        return nearest_hint(text, names) if count <= LISTED_PER_RULE else None

    def skip(self, file: str, column: str | None, code: str, count: int) -> None:
        """Count faults that are too many to list."""
        key = (file, column, code)
        self._seen[key] = self._seen.get(key, 0) + count

    def all(self) -> tuple[Fault, ...]:
        """Return the faults by place, each rule that has more of them with a line that says how many."""
        more = [
            Fault(file, None, column, code, say("more-of-this-kind", count=count - LISTED_PER_RULE))
            for (file, column, code), count in self._seen.items()
            if count > LISTED_PER_RULE
        ]
        return tuple(sorted([*dict.fromkeys(self._listed), *more], key=Fault.sort_key))

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._seen)


@dataclass(slots=True)
class Raw:
    """A whole instance before it is understood.

    Attributes
    ----------
    settings : dict or None
        Nested settings; ``None`` where they could not be read.
    settings_file : str
        File or sheet of the settings.
    setting_rows : dict of str to int
        Row of each dotted setting, where the carrier has rows.
    tables : dict of str to RawTable
        Every table that was found and could be read.
    broken : set of str
        Tables that are there but could not be read at all.
    file_pattern : str
        How a table that is missing would be called: ``"{}.csv"``.
    letters : dict of str to dict of str to str
        Of a workbook: by sheet, the letter of each column.
    faults : Faults
    """

    settings: dict[str, Any] | None
    settings_file: str
    file_pattern: str
    setting_rows: dict[str, int] = field(default_factory=dict)
    tables: dict[str, RawTable] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    letters: dict[str, dict[str, str]] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)


def quoted(value: Any) -> str:
    """Return a cell as a message shows it: in quotes, cut where it is long."""
    text = value if isinstance(value, str) else _shown(value)
    text = text.replace("\n", "\\n").replace("\r", "\\r").replace("\0", "\\0")
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return f"'{text}'" if len(text) <= 80 else f"'{text[:77]}...'"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return repr(value)
    except ValueError:
        return "a number of thousands of digits"
    except RecursionError:
        return "something nested very deeply"


def match_table(name: str, file: str, faults: Faults) -> Table | None:
    """Return the table of that name; an unknown one is a fault (only columns may be the user's own)."""
    if name in TABLES:
        return TABLES[name]
    hint = faults.nearest("unknown-table", name, TABLES)
    faults.add(file, None, None, "unknown-table", f"found the table {quoted(name)}, which is unknown", hint)
    return None


def match_columns(table: Table, header: Sequence[Any], file: str, faults: Faults) -> tuple[list[int], bool]:
    """Compare a header with the schema.

    Returns
    -------
    kept : list of int
        Positions of the columns to read.
    complete : bool
        Whether every column that is needed is there, once.
    """
    known = table.column_names
    names = [str(cell).strip() if cell is not None else "" for cell in header]
    if len(names) > MOST_COLUMNS or max(map(len, names), default=0) > LONGEST_CELL:
        longest = max(map(len, names))
        text = f"found a header of {len(names):,} columns, the longest name {longest:,} signs"
        faults.add(
            file, 1, None, "bad-header", text, f"expected at most {MOST_COLUMNS:,} and {LONGEST_CELL:,}"
        )
        return [], False
    kept: list[int] = []
    complete = True
    seen: set[str] = set()
    for position, name in enumerate(names):
        if name in seen and name:
            faults.add(
                file, 1, name, "duplicate-column", f"the column {quoted(name)} occurs twice, expected once"
            )
            complete = False
        elif name in known or name.startswith("x_"):
            kept.append(position)
        elif name:
            hint = (
                faults.nearest("unknown-column", name, known) or "names of columns of your own begin with x_"
            )
            if len(names) == 1 and (";" in name or "\t" in name):
                hint = "separate the columns by commas"
            faults.add(
                file,
                1,
                name,
                "unknown-column",
                f"found the column {quoted(name)}, which the table {table.name} does not have",
                hint,
            )
        seen.add(name)
    for column in table.columns:
        if column.required and column.name not in seen:
            faults.add(
                file,
                1,
                column.name,
                "missing-column",
                f"the column '{column.name}' is missing, expected {column.expected}",
            )
            complete = False
    return kept, complete


def table_from_rows(
    table: Table,
    header: Sequence[Any],
    columns: Sequence[Any],
    rows: Ints,
    file: str,
    faults: Faults,
) -> RawTable:
    """Make a raw table from a header and all columns under it; a column without a name must be blank."""
    kept, complete = match_columns(table, header, file, faults)
    for position, name in enumerate(header):
        if (name is None or not str(name).strip()) and position < len(columns):
            filled = next(
                (k for k, cell in enumerate(columns[position]) if cell is not None and str(cell).strip()),
                None,
            )
            if filled is not None:
                faults.add(
                    file,
                    int(rows[filled]),
                    None,
                    "unnamed-column",
                    f"found {quoted(columns[position][filled])} in a column without a name, expected one",
                )
    cells = {str(header[position]).strip(): columns[position] for position in kept}
    return RawTable(file=file, columns=cells, rows=rows, complete=complete)
