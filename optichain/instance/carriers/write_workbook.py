"""Writing the workbook carrier: one sheet a table, each with comments and drop-downs."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from optichain.errors import UsageError
from optichain.instance.carriers.dressing import Formats, dress
from optichain.instance.carriers.workbook import SETTINGS_SHEET
from optichain.instance.cells import settings_dict, written_columns
from optichain.instance.model import Instance
from optichain.instance.schema import TABLES
from optichain.instance.settings import setting_fields
from optichain.storage.atomic import write_bytes
from optichain.storage.spreadsheet import MOST_CHARACTERS, MOST_ROWS, new_book

__all__ = ["add_table", "write_setting_rows", "write_workbook"]


def write_workbook(instance: Instance, place: Path) -> None:
    """Write all tables that have rows, and the settings.

    Raises
    ------
    MissingExtraError
        The library that writes workbooks is not installed.
    UsageError
        A table or a cell is larger than a workbook allows, or the place cannot be written to.
    """
    stream = io.BytesIO()
    book = new_book(stream)
    formats = Formats(book)
    write_setting_rows(book.add_worksheet(SETTINGS_SHEET), _settings(instance), formats)
    sizes = {name: len(frame) for name, frame in instance.frames.items()}
    for name, frame in instance.frames.items():
        if len(frame) or TABLES[name].required:
            add_table(book, name, written_columns(TABLES[name], frame), formats, sizes)
    book.close()
    write_bytes(place, stream.getvalue())


def _settings(instance: Instance) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in settings_dict(instance.settings).items():
        for name, entry in value.items() if isinstance(value, dict) else [("", value)]:
            text = (
                "; ".join(repr(part).removesuffix(".0") for part in entry)
                if isinstance(entry, list)
                else entry
            )
            flat[f"{key}.{name}" if name else key] = text
    return flat


def write_setting_rows(sheet: Any, settings: Mapping[str, Any], formats: Formats) -> None:
    """Write settings by their dotted names, with what each means beside it."""
    meanings = {name: field.description for name, field in setting_fields()}
    rows = {
        "key": list(settings),
        "value": list(settings.values()),
        "note": [meanings.get(key) for key in settings],
    }
    _write_sheet(sheet, rows, formats, SETTINGS_SHEET)
    sheet.set_column(0, 1, 30)
    sheet.set_column(2, 2, 90)
    for row, (key, value) in enumerate(settings.items(), start=1):
        words = ["survives", "lost"] if key == "stock_at_failed_site" else ["true", "false"]
        if key == "stock_at_failed_site" or isinstance(value, bool):
            sheet.data_validation(row, 1, row, 1, {"validate": "list", "source": words})


def add_table(
    book: Any, name: str, columns: dict[str, list[Any]], formats: Formats, sizes: Mapping[str, int]
) -> None:
    """Add the sheet of a table, dressed; `sizes` tells how many rows each table has.

    Raises
    ------
    UsageError
        The table or a cell is larger than a workbook allows.
    """
    sheet = book.add_worksheet(name)
    _write_sheet(sheet, columns, formats, name)
    dress(sheet, TABLES[name], list(columns), sizes)


def _write_sheet(sheet: Any, columns: dict[str, list[Any]], formats: Formats, name: str) -> None:
    size = max((len(cells) for cells in columns.values()), default=0)
    if size >= MOST_ROWS:
        raise UsageError(f"the table {name} has {size} rows, more than a workbook can hold: write a folder")
    table = TABLES.get(name)
    for position, (column, cells) in enumerate(columns.items()):
        known = table.column(column) if table is not None and column in table.column_names else None
        sheet.write_string(0, position, column, formats.of(known))
        sheet.set_column(position, position, min(40, max(10, len(column) + 2)))
        for row, cell in enumerate(cells, start=1):
            if isinstance(cell, str):
                if len(cell) > MOST_CHARACTERS:
                    raise UsageError(
                        f"the table {name} has a text of {len(cell)} characters in {column}: write a folder"
                    )
                sheet.write_string(row, position, cell)
            elif isinstance(cell, bool):
                sheet.write_boolean(row, position, cell)
            elif cell is not None:
                _write_number(sheet, row, position, cell)
    sheet.freeze_panes(1, 0)


def _write_number(sheet: Any, row: int, position: int, cell: float) -> None:
    """Write a number; one with more digits than the file format keeps as text, which is read as a number."""
    if float(f"{cell:.15G}") == cell:
        sheet.write_number(row, position, cell)
    else:
        sheet.write_string(row, position, repr(cell))
