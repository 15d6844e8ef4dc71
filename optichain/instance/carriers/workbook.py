"""The workbook carrier: one sheet a table, and the settings on a sheet of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from optichain.instance.carriers.sheets import BadWorkbook, is_blank, read_sheets
from optichain.instance.carriers.workbook_cells import CellWithoutValue, column_letter
from optichain.instance.raw import Raw, match_table, quoted, table_from_rows
from optichain.instance.schema import TABLES
from optichain.instance.settings import SECTIONS
from optichain.nearest import nearest_hint

__all__ = ["SETTINGS_SHEET", "read_workbook"]

SETTINGS_SHEET: Final = "settings"
_TEXT_SETTINGS: Final = frozenset({"name", "title", "time_unit", "currency", "stock_at_failed_site"})
_LIST_SETTINGS: Final = frozenset({"planning.years", "planning.budget", "planning.tail_budget"})


def read_workbook(path: Path) -> Raw:
    """Read every sheet of a workbook; what is wrong goes into the faults of the result.

    Raises
    ------
    MissingExtraError
        The library that reads workbooks is not installed.
    """
    raw = Raw(settings=None, settings_file=SETTINGS_SHEET, file_pattern="{}")
    try:
        sheets = read_sheets(path)
    except BadWorkbook as error:
        hint = "save it as .xlsx from a spreadsheet again"
        raw.faults.add(path.name, None, None, "bad-workbook", str(error), hint)
        raw.broken.update(TABLES)
        return raw
    if SETTINGS_SHEET not in sheets:
        raw.faults.add(SETTINGS_SHEET, None, None, "missing-file", "the sheet 'settings' is missing")
    for name, rows in sheets.items():
        if name == SETTINGS_SHEET:
            raw.settings = _settings(rows, raw)
        elif name not in ("README", "readme"):
            _table(name, rows, raw)
    return raw


def _table(name: str, rows: list[list[Any]], raw: Raw) -> None:
    table = match_table(name, name, raw.faults)
    if table is None:
        return
    top = next((k for k, row in enumerate(rows) if not all(map(is_blank, row))), None)
    if top is None:
        raw.faults.add(name, None, None, "empty-file", "the sheet is empty, expected a header at least")
        raw.broken.add(name)
        return
    kept = [(k + 1, row) for k, row in enumerate(rows) if k > top and not all(map(is_blank, row))]
    numbers = np.array([number for number, _ in kept], dtype=np.int64)
    width = len(rows[top])
    raw.letters[name] = _letters(rows[top])
    columns: list[list[Any]] = [list(column) for column in zip(*(row for _, row in kept), strict=True)]
    raw.tables[name] = table_from_rows(
        table, rows[top], columns or [[] for _ in range(width)], numbers, name, raw.faults
    )


def _letters(header: list[Any]) -> dict[str, str]:
    """Return the letter of each column by its name; of a name that occurs twice, the first."""
    found: dict[str, str] = {}
    for position, cell in enumerate(header):
        if not is_blank(cell):
            found.setdefault(str(cell).strip(), column_letter(position))
    return found


def _settings(rows: list[list[Any]], raw: Raw) -> dict[str, Any] | None:
    """Return the nested settings of a sheet with the columns ``key`` and ``value``."""
    filled = [(k + 1, row) for k, row in enumerate(rows) if not all(map(is_blank, row))]
    header = [str(cell).strip() for cell in filled[0][1]] if filled else []
    for name in ("key", "value"):
        if name not in header:
            raw.faults.add(
                SETTINGS_SHEET,
                1,
                name,
                "missing-column",
                f"the column '{name}' is missing, expected key and value",
            )
    for name in header:
        if name and name not in ("key", "value", "note") and not name.startswith("x_"):
            hint = nearest_hint(name, ("key", "value"))
            raw.faults.add(
                SETTINGS_SHEET,
                1,
                name,
                "unknown-column",
                f"found the column {quoted(name)}, expected key and value",
                hint,
            )
    if "key" not in header or "value" not in header:
        return None
    raw.letters[SETTINGS_SHEET] = _letters(filled[0][1])
    at_key, at_value = header.index("key"), header.index("value")
    settings: dict[str, Any] = {}
    for number, row in filled[1:]:
        key = "" if is_blank(row[at_key]) else str(row[at_key]).strip()
        if not key:
            raw.faults.add(
                SETTINGS_SHEET,
                number,
                "key",
                "missing-value",
                f"found the value {quoted(row[at_value])} without a key",
            )
            continue
        if key in raw.setting_rows:
            raw.faults.add(
                SETTINGS_SHEET,
                number,
                "key",
                "duplicate-key",
                f"found {quoted(key)}, which is in row {raw.setting_rows[key]} already",
            )
            continue
        raw.setting_rows[key] = number
        if not is_blank(row[at_value]):
            _place(settings, key, _value(key, row[at_value]))
        elif key in _TEXT_SETTINGS:
            settings[key] = ""
    return settings


def _place(settings: dict[str, Any], key: str, value: Any) -> None:
    section, _, name = key.partition(".")
    if name and section in SECTIONS:
        inside = settings.setdefault(section, {})
        if isinstance(inside, dict):
            inside[name] = value
    else:
        settings[key] = value


def _value(key: str, cell: Any) -> Any:
    """Turn a cell into what the setting takes; what does not fit stays, to be refused as it is."""
    if key in _TEXT_SETTINGS:
        if isinstance(cell, float) and cell.is_integer():
            return str(int(cell))
        return cell if isinstance(cell, (str, CellWithoutValue)) else str(cell)
    if key in _LIST_SETTINGS:
        parts = cell.split(";") if isinstance(cell, str) else [cell]
        return [_scalar(part) for part in parts if not is_blank(part)]
    return _scalar(cell)


def _scalar(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    text = cell.strip()
    try:
        number = float(text.replace("_", "?"))
    except ValueError:
        return text
    return int(number) if number.is_integer() and "." not in text and "e" not in text.lower() else number
