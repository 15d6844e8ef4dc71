"""Writing the workbook carrier: one sheet a table."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Final

from optichain.atomic import write_bytes
from optichain.errors import MissingExtraError, UsageError
from optichain.instance.cells import settings_dict, written_columns
from optichain.instance.model import Instance
from optichain.instance.schema import TABLES
from optichain.instance.workbook import SETTINGS_SHEET

__all__ = ["write_workbook"]

_ROWS: Final = 1_048_576
_CHARACTERS: Final = 32_767


def write_workbook(instance: Instance, place: Path) -> None:
    """Write all tables that have rows, and the settings.

    Raises
    ------
    MissingExtraError
        The library that writes workbooks is not installed.
    UsageError
        A table or a cell is larger than a workbook allows, or the place cannot be written to.
    """
    try:
        import xlsxwriter
    except ImportError:
        raise MissingExtraError("writing a workbook", "excel") from None
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_numbers": False})
    head = book.add_format({"bold": True, "bottom": 1})
    sheet = book.add_worksheet(SETTINGS_SHEET)
    _write_sheet(
        sheet,
        {"key": list(_settings(instance)), "value": list(_settings(instance).values())},
        head,
        SETTINGS_SHEET,
    )
    for name, frame in instance.frames.items():
        if len(frame) or TABLES[name].required:
            _write_sheet(book.add_worksheet(name), written_columns(TABLES[name], frame), head, name)
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


def _write_sheet(sheet: Any, columns: dict[str, list[Any]], head: Any, name: str) -> None:
    size = max((len(cells) for cells in columns.values()), default=0)
    if size >= _ROWS:
        raise UsageError(f"the table {name} has {size} rows, more than a workbook can hold: write a folder")
    for position, (column, cells) in enumerate(columns.items()):
        sheet.write_string(0, position, column, head)
        sheet.set_column(position, position, min(40, max(10, len(column) + 2)))
        for row, cell in enumerate(cells, start=1):
            if isinstance(cell, str):
                if len(cell) > _CHARACTERS:
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
