"""The JSON carrier: ``{"settings": {...}, "tables": {"sites": [{...}]}}`` in one file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from optichain.instance.raw import Faults, Raw, RawTable, match_columns, match_table, quoted
from optichain.instance.schema import TABLES, Table
from optichain.nearest import nearest_hint
from optichain.storage.files import read_bytes

__all__ = ["read_json"]


_HINT: Final = "'optichain convert PATH OUT.json' writes an instance as JSON"


class _Twice(dict[str, Any]):
    """An object in which a key occurs more than once."""

    key: str = ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) == len(pairs):
        return result
    twice = _Twice(result)
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            twice.key = key
        seen.add(key)
    return twice


def read_json(path: Path) -> Raw:
    """Read a JSON instance; what is wrong goes into the faults of the result."""
    file = path.name
    raw = Raw(settings=None, settings_file=f"{file}: settings", file_pattern=f"{file}: {{}}")
    faults = raw.faults
    data = _document(path, file, faults)
    if data is None:
        # One fault says it all: that every table is missing only follows from it.
        raw.broken.update(TABLES)
        return raw
    _check_object(data, file, raw)
    for key in data:
        if key not in ("settings", "tables"):
            hint = nearest_hint(key, ("settings", "tables"))
            faults.add(
                file,
                None,
                key,
                "unknown-table",
                f"found the key {quoted(key)}, expected settings and tables",
                hint,
            )
    settings, tables = data.get("settings"), data.get("tables", {})
    if settings is None:
        faults.add(raw.settings_file, None, None, "missing-file", "the settings are missing")
    elif not isinstance(settings, dict):
        faults.add(
            raw.settings_file,
            None,
            None,
            "bad-json",
            f"found {quoted(settings)}, expected an object of settings",
        )
    else:
        _check_object(settings, raw.settings_file, raw)
        for section in settings.values():
            if isinstance(section, dict):
                _check_object(section, raw.settings_file, raw)
        raw.settings = settings
    if not isinstance(tables, dict):
        faults.add(file, None, "tables", "bad-json", f"found {quoted(tables)}, expected an object of tables")
        raw.broken.update(TABLES)
        return raw
    _check_object(tables, file, raw)
    for name, rows in tables.items():
        place = f"{file}: {name}"
        table = match_table(name, place, faults)
        if table is None:
            continue
        if not isinstance(rows, list):
            faults.add(place, None, None, "bad-json", f"found {quoted(rows)}, expected a list of rows")
            raw.broken.add(name)
        else:
            raw.tables[name] = _table(table, rows, place, raw)
    return raw


def _document(path: Path, file: str, faults: Faults) -> dict[str, Any] | None:
    """Return the object that a file holds, or ``None`` and the fault that there is none."""
    try:
        content = read_bytes(path)
        data = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_object)
    except OSError as error:
        faults.add(file, None, None, "unreadable", f"the file cannot be read: {error.strerror or error}")
        return None
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        faults.add(
            file, row, None, "not-utf-8", f"found the byte 0x{content[error.start]:02x}, which is not UTF-8"
        )
        return None
    except json.JSONDecodeError as error:
        faults.add(
            file, error.lineno, None, "bad-json", f"this is not JSON: {error.msg}, line {error.lineno}", _HINT
        )
        return None
    except (ValueError, RecursionError) as error:
        deep = isinstance(error, RecursionError)
        reason = "it is nested too deeply" if deep else "a whole number has thousands of digits"
        faults.add(file, None, None, "bad-json", f"this is not JSON that can be read: {reason}", _HINT)
        return None
    if not isinstance(data, dict):
        faults.add(
            file, None, None, "bad-json", f"found {quoted(data)}, expected an object with settings and tables"
        )
        return None
    return data


def _check_object(value: dict[str, Any], file: str, raw: Raw, row: int | None = None) -> None:
    if isinstance(value, _Twice):
        raw.faults.add(
            file,
            row,
            value.key,
            "duplicate-column",
            f"the key {quoted(value.key)} occurs twice, expected once",
        )


def _table(table: Table, rows: list[Any], file: str, raw: Raw) -> RawTable:
    """Collect the columns of a list of objects; row 2 is the first of them, as under a header."""
    kept: list[dict[str, Any]] = []
    numbers: list[int] = []
    names: dict[str, None] = {}
    complete = True
    for number, row in enumerate(rows, start=2):
        if not isinstance(row, dict):
            raw.faults.add(
                file, number, None, "bad-json", f"found {quoted(row)}, expected an object: column and value"
            )
            complete = False
            continue
        _check_object(row, file, raw, number)
        names.update(dict.fromkeys(row))
        kept.append(row)
        numbers.append(number)
    if kept:
        needed = {column.name: None for column in table.columns if column.required}
        # A key that no row has is a missing column; one that some rows lack is a blank cell there.
        header = list(names)
        positions, whole = match_columns(table, header, file, raw.faults)
        complete = complete and whole and all(name in names for name in needed)
        columns = {header[position].strip(): header[position] for position in positions}
    else:
        columns = {}
    return RawTable(
        file=file,
        columns={name: [row.get(key) for row in kept] for name, key in columns.items()},
        rows=np.array(numbers, dtype=np.int64),
        complete=complete,
    )
