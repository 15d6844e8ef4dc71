"""Results for people who count on: as data frames, and as a workbook with a sheet for every list."""

from __future__ import annotations

import io
import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from optichain.errors import UsageError
from optichain.storage.atomic import write_bytes
from optichain.storage.spreadsheet import MOST_CHARACTERS, MOST_ROWS, new_book
from optichain.storage.tojson import plain

__all__ = ["export", "to_frames"]

SUMMARY: Final = "summary"
LEFT_OUT: Final = ("sentences",)
"""What only programs read."""


def to_frames(result: Any) -> dict[str, pd.DataFrame]:
    """Return a result as data frames: one for all single values, and one for every list.

    Parameters
    ----------
    result : object
        Anything with ``to_json``, such as a `Plan`; a data frame, or a mapping of names to data frames; or a mapping
        as the command line prints it.

    Returns
    -------
    dict of str to DataFrame
        ``summary`` (columns ``figure``, ``value``), then every list by its name. A list within the rows of another
        is called ``outer.inner`` and begins with what tells the outer rows apart.

    Examples
    --------
    >>> frames = to_frames({"acc": 0.9, "policies": [{"chain": "a", "measures": [{"measure": "m"}]}]})
    >>> list(frames)
    ['summary', 'policies', 'policies.measures']
    >>> frames["policies.measures"].to_dict("records")
    [{'chain': 'a', 'measure': 'm'}]
    """
    if isinstance(result, pd.DataFrame):
        return {"result": result}
    if isinstance(result, Mapping) and result and all(isinstance(v, pd.DataFrame) for v in result.values()):
        return {str(name): frame for name, frame in result.items()}
    document = plain(result.to_json() if hasattr(result, "to_json") else result)
    if not isinstance(document, Mapping):
        raise UsageError(f"a result of type {type(result).__name__} has no lists to make data frames of")
    document = {name: value for name, value in document.items() if name not in LEFT_OUT}
    lists: dict[str, list[dict[str, Any]]] = {SUMMARY: []}
    for name, value in document.items():
        _add(lists, str(name), value, {})
    return {name: pd.DataFrame(rows) for name, rows in lists.items() if rows}


def _add(lists: dict[str, list[dict[str, Any]]], name: str, value: Any, outer: Mapping[str, Any]) -> None:
    """Add a value to the list that it belongs to."""
    if isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
        if _are_elements(value):
            _add_figure(lists, name, _joined(value), outer)
            return
        for number, row in enumerate(value, start=1):
            _add_row(lists, name, row, outer, number)
    elif isinstance(value, Mapping) and value:
        if all(isinstance(inner, Mapping) for inner in value.values()):
            for key, inner in value.items():
                _add_row(lists, name, {_key(outer): key, **inner}, outer, 0)
        else:
            for key, inner in value.items():
                if isinstance(inner, (list, Mapping)) and inner and not _is_flat(inner):
                    _add(lists, f"{name}.{key}", inner, outer)
                else:
                    lists.setdefault(name, []).append({**outer, _key(outer): key, "value": _cell(inner)})
    else:
        _add_figure(lists, name, _cell(value), outer)


def _key(outer: Mapping[str, Any]) -> str:
    """Return the heading above the keys of a mapping: one that the outer rows do not use."""
    return "key" if "key" not in outer else f"key {len(outer) + 1}"


def _add_figure(
    lists: dict[str, list[dict[str, Any]]], name: str, value: Any, outer: Mapping[str, Any]
) -> None:
    lists[SUMMARY].append({**outer, "figure": name, "value": value})


def _add_row(
    lists: dict[str, list[dict[str, Any]]],
    name: str,
    row: Mapping[str, Any],
    outer: Mapping[str, Any],
    number: int,
) -> None:
    """Add a row; what is a list within it goes to a list of its own."""
    flat = {str(key): _cell(cell) for key, cell in row.items() if _is_flat(cell)}
    lists.setdefault(name, []).append({**outer, **flat})
    first = next(iter(flat.items()), ("row", number))
    own = {**outer, first[0]: first[1]}
    for key, cell in row.items():
        if not _is_flat(cell):
            _add(lists, f"{name}.{key}", cell, own)


def _is_flat(value: Any) -> bool:
    """Tell whether a value fits a cell: no mapping, and no list of mappings but of elements."""
    if isinstance(value, Mapping):
        return not value
    if isinstance(value, list):
        return _are_elements(value) or not any(isinstance(part, (Mapping, list)) for part in value)
    return True


def _are_elements(value: Sequence[Any]) -> bool:
    return bool(value) and all(
        isinstance(part, Mapping) and set(part) == {"kind", "element"} for part in value
    )


def _joined(elements: Iterable[Mapping[str, Any]]) -> str:
    return "; ".join(f"{part['kind']}:{part['element']}" for part in elements)


def _cell(value: Any) -> Any:
    """Return a value as one cell: lists with semicolons between their parts."""
    if isinstance(value, list):
        if _are_elements(value):
            return _joined(value)
        return "; ".join(f"{part:.15g}" if isinstance(part, float) else str(part) for part in value) or None
    return None if isinstance(value, Mapping) else value


def export(result: Any, path: str | os.PathLike[str]) -> None:
    """Write a result as a workbook: a sheet for its single values, and a live table for every list.

    Parameters
    ----------
    result : object
        As of `to_frames`.
    path : path
        Ending in ``.xlsx``.

    Raises
    ------
    MissingExtraError
        The library that writes workbooks is not installed.
    UsageError
        The path has another ending or cannot be written to, or a list is longer than a sheet.

    Notes
    -----
    A text longer than a cell can hold (32,767 characters) is cut there.
    """
    place = Path(path)
    if place.suffix.lower() != ".xlsx":
        raise UsageError(f"cannot write {place}: expected a name that ends in .xlsx")
    stream = io.BytesIO()
    book = new_book(stream)
    head = book.add_format({"bold": True, "bottom": 1})
    names: set[str] = set()
    for name, frame in to_frames(result).items():
        if len(frame) >= MOST_ROWS:
            raise UsageError(f"the list {name} has {len(frame)} rows, more than a sheet can hold")
        _write_sheet(book.add_worksheet(_sheet_name(name, names)), frame, head, len(names))
    if not names:
        book.add_worksheet(SUMMARY)
    book.close()
    write_bytes(place, stream.getvalue())


def _sheet_name(name: str, taken: set[str]) -> str:
    """Return a name as Excel allows it: 31 characters, none of them special, not there yet."""
    parts = "".join("_" if sign in "[]:*?/\\'" else sign for sign in name).split(".")
    while len(".".join(parts)) > 31 and len(parts) > 1:
        parts.pop(0)
    plain_name = ".".join(parts)[:31]
    found, number = plain_name, 2
    while found.lower() in taken:
        found, number = f"{plain_name[:28]} {number}", number + 1
    taken.add(found.lower())
    return found


def _write_sheet(sheet: Any, frame: pd.DataFrame, head: Any, number: int) -> None:
    """Write a list as a table that can be sorted and filtered."""
    columns = [str(column) for column in frame.columns]
    for position, column in enumerate(columns):
        longest = len(column)
        for row, cell in enumerate(frame.iloc[:, position].astype(object).tolist(), start=1):
            longest = max(longest, _write_cell(sheet, row, position, cell))
        sheet.set_column(position, position, min(60, 3 + longest))
    if len(frame):
        heads = [{"header": column, "header_format": head} for column in columns]
        options = {"name": f"list_{number}", "style": "Table Style Light 1", "columns": heads}
        sheet.add_table(0, 0, len(frame), len(columns) - 1, options)
    sheet.freeze_panes(1, 0)


def _write_cell(sheet: Any, row: int, position: int, cell: Any) -> int:
    """Write one cell and return how wide it is; blank, NaN and infinity leave it empty, as JSON has null."""
    if (
        cell is None
        or cell is pd.NA
        or cell is pd.NaT
        or (isinstance(cell, float) and not math.isfinite(cell))
    ):
        return 0
    if isinstance(cell, bool):
        sheet.write_boolean(row, position, cell)
        return 5
    if isinstance(cell, (int, float)):
        sheet.write_number(row, position, cell)
        return min(12, len(f"{cell:.12g}"))
    text = cell if isinstance(cell, str) else json.dumps(plain(cell), ensure_ascii=False, default=str)
    sheet.write_string(row, position, text[:MOST_CHARACTERS])
    return len(text)
