"""The template: a workbook with every table and setting of the format, explained where it is filled in."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, Final

from optichain.errors import UsageError
from optichain.instance.carriers.dressing import Formats, comment_on
from optichain.instance.carriers.workbook import SETTINGS_SHEET
from optichain.instance.carriers.write_workbook import add_table, write_setting_rows
from optichain.instance.schema import TABLES, Table
from optichain.instance.settings import BOOLEANS, setting_fields
from optichain.instance.starter import STARTER_TABLES, starter_values
from optichain.storage.atomic import write_bytes
from optichain.storage.spreadsheet import new_book

__all__ = ["write_template"]

_GUIDE: Final = (
    "This workbook is an instance: one sheet a table, and the sheet settings.",
    "Sheets and columns may stay empty where nothing is known; columns with a blue header must be filled.",
    "Each header has a comment: what the column means, its unit, and what a blank cell means.",
    "Columns of your own begin with x_. This sheet is not read.",
    "After each change: optichain check FILE.xlsx names every cell to mend.",
)


def write_template(place: Path, *, blank: bool = False) -> None:
    """Write a workbook with every table, every column and every setting.

    Parameters
    ----------
    place : Path
        Ending in ``.xlsx``; nothing may stand there yet.
    blank : bool
        Without the starter's rows.

    Raises
    ------
    MissingExtraError
        The library that writes workbooks is not installed.
    UsageError
        Something stands there already, or it cannot be written to.
    """
    if place.exists():
        raise UsageError(f"cannot write the template {place}: there is a file of that name")
    stream = io.BytesIO()
    book = new_book(stream)
    formats = Formats(book)
    _write_guide(book, formats)
    write_setting_rows(book.add_worksheet(SETTINGS_SHEET), _setting_values(), formats)
    for name, table in TABLES.items():
        add_table(book, name, _columns(table, () if blank else STARTER_TABLES.get(name, ())), formats, {})
    book.close()
    write_bytes(place, stream.getvalue())


def _setting_values() -> dict[str, Any]:
    """Return every setting with the starter's value, else its default, as a cell."""
    given = starter_values()
    return {
        name: _as_cell(given.get(name, None if field.is_required() else field.default))
        for name, field in setting_fields()
    }


def _as_cell(value: Any) -> Any:
    return "; ".join(f"{part:g}" for part in value) if isinstance(value, (list, tuple)) else value


def _columns(table: Table, lines: tuple[str, ...]) -> dict[str, list[Any]]:
    """Return the cells of the starter's rows under all columns of a table."""
    rows = list(csv.DictReader(lines))
    return {
        column.name: [_typed(column.type, row.get(column.name) or "") for row in rows]
        for column in table.columns
    }


def _typed(kind: str, text: str) -> Any:
    """Return a cell of the starter as what it is to a spreadsheet."""
    if not text:
        return None
    if kind == "boolean":
        return BOOLEANS[text]
    if kind in ("number", "whole") and text != "unlimited":
        return float(text)
    return text


def _write_guide(book: Any, formats: Formats) -> None:
    """Write how to fill the workbook, and every column with what it means."""
    sheet = book.add_worksheet("README")
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for row, line in enumerate(_GUIDE):
        sheet.write_string(row, 0, line)
    top = len(_GUIDE) + 1
    for position, (head, width) in enumerate((("sheet", 16), ("column", 20), ("what it holds", 90))):
        sheet.write_string(top, position, head, formats.optional)
        sheet.set_column(position, position, width)
    row = top + 1
    for name, table in TABLES.items():
        sheet.write_string(row, 0, name, formats.needed)
        sheet.write_string(row, 2, table.description, formats.needed)
        row += 1
        for column in table.columns:
            sheet.write_string(row, 0, name)
            sheet.write_string(row, 1, column.name)
            sheet.write_string(row, 2, comment_on(column), wrapped)
            row += 1
