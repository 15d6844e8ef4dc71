"""Lists that people write as CSV files: a header, and rows of text that keep the numbers of their rows."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from optichain.errors import Fault
from optichain.storage.files import read_text

__all__ = ["read_list", "row_numbers"]

_ROW = "row"
MOST_COLUMNS = 1000
"""Of a list, and of signs in the name of one."""


def read_list(path: Path) -> tuple[pd.DataFrame, list[Fault]]:
    """Return a list as text, blank cells as empty text, and every fault of its form.

    Returns
    -------
    frame : DataFrame
        The rows that are as wide as the header; the index, called ``row``, counts the header as row 1.
    faults : list of Fault
        The file cannot be read, is no CSV in UTF-8, or rows are longer or shorter than the header. Where there are any,
        the frame may be empty.
    """
    file = path.name
    try:
        text = read_text(path)
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True))
    except OSError as error:
        return pd.DataFrame(), [
            Fault(file, None, None, "unreadable", f"cannot be read: {error.strerror or error}")
        ]
    except (csv.Error, UnicodeDecodeError) as error:
        hint = "save it as CSV in UTF-8, and close every quote"
        return pd.DataFrame(), [Fault(file, None, None, "bad-csv", f"is no CSV in UTF-8: {error}", hint)]
    numbered = [
        (number, cells)
        for number, cells in enumerate(records, start=1)
        if any(map(str.strip, cells)) or number == 1
    ]
    header = [name.strip() for name in numbered[0][1]] if numbered else []
    if not any(header):
        text = "is empty, expected a header at least"
        return pd.DataFrame(), [Fault(file, 1, None, "empty-file", text)]
    if len(header) > MOST_COLUMNS or max(map(len, header)) > MOST_COLUMNS:
        text = f"is no list that people write: its header has {len(header):,} columns, the longest name {max(map(len, header)):,} signs"
        return pd.DataFrame(), [Fault(file, 1, None, "bad-csv", text)]
    faults = [
        Fault(file, 1, name, "duplicate-column", f"the column {name!r} is there twice, expected once")
        for name in dict.fromkeys(name for k, name in enumerate(header) if name and name in header[:k])
    ]
    hint = "put cells that hold a comma into quotes"
    faults += [
        Fault(file, number, None, "ragged-row", f"has {len(cells)} cells, the header {len(header)}", hint)
        for number, cells in numbered[1:]
        if len(cells) != len(header)
    ]
    nameless = [k for k, name in enumerate(header) if not name]
    faults += [
        Fault(file, number, None, "unnamed-column", f"column {k + 1} is filled and has no name in the header")
        for number, cells in numbered[1:]
        for k in nameless
        if k < len(cells) and cells[k].strip()
    ]
    if faults:
        return pd.DataFrame(), faults
    index = pd.Index([number for number, _ in numbered[1:]], name=_ROW, dtype="int64")
    named = [k for k, name in enumerate(header) if name]
    cells_by_row = [[cells[k] for k in named] for _, cells in numbered[1:]]
    return pd.DataFrame(cells_by_row, index=index, columns=[header[k] for k in named], dtype=object), []


def row_numbers(frame: pd.DataFrame) -> list[int]:
    """Return the number of each row of a list as its user counts: the header is row 1, also of a frame made otherwise."""
    if frame.index.name == _ROW:
        return [int(number) for number in frame.index]
    return list(range(2, len(frame) + 2))
