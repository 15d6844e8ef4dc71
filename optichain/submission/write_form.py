"""Writing the chain owner's workbook: blank, or with what is known of a chain."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from optichain.errors import UsageError
from optichain.instance.carriers.dressing import Formats, add_comment, comment_on
from optichain.instance.carriers.workbook_cells import column_letter
from optichain.instance.schema import Column
from optichain.storage.atomic import write_bytes
from optichain.storage.spreadsheet import new_book
from optichain.submission.form import CHAIN, FORM, FormSheet
from optichain.submission.words import GUIDE, spoken

__all__ = ["write_form"]

_ROWS: Final = 200
_VALUES: Final = 2
"""Column of the sheet of the chain that is filled in, from 0."""
_LISTS: Final = {
    ("items", "used_in"): ("items", "item"),
    ("items", "instead_of"): ("items", "item"),
    ("suppliers", "item"): ("items", "item"),
    ("measures", "item"): ("items", "item"),
    ("measures", "site"): ("suppliers", "site"),
}
"""Columns whose cells are best chosen from those of another."""

Rows = Sequence[Mapping[str, Any]]


def write_form(
    place: Path, *, chain: Mapping[str, Any] | None = None, rows: Mapping[str, Rows] | None = None
) -> None:
    """Write the workbook.

    Parameters
    ----------
    place : Path
        Ending in ``.xlsx``; nothing may stand there yet: it could be a workbook that somebody filled in.
    chain : mapping, optional
        What is known of the chain, by the columns of its sheet.
    rows : mapping of str to sequence of mappings, optional
        What is known of items, suppliers and measures.

    Raises
    ------
    MissingExtraError
        The library that writes workbooks is not installed.
    UsageError
        Something stands there already, or it cannot be written to.
    """
    if place.exists():
        raise UsageError(f"cannot write the workbook {place}: there is a file of that name")
    stream = io.BytesIO()
    book = new_book(stream)
    formats = Formats(book)
    guide = book.add_worksheet("说明 Guide")
    guide.set_column(0, 1, 75, book.add_format({"text_wrap": True, "valign": "top"}))
    for row, lines in enumerate(GUIDE):
        guide.write_row(row, 0, lines)
    _write_chain(book.add_worksheet(CHAIN.title), formats, chain or {})
    for name, form in FORM.items():
        _write_rows(book.add_worksheet(form.title), form, formats, (rows or {}).get(name, ()))
    book.close()
    write_bytes(place, stream.getvalue())


def _comment(form: FormSheet, column: Column) -> str:
    label, text = form.zh[column.name]
    return f"{label}：{text}\n{comment_on(column)}"


def _write_chain(sheet: Any, formats: Formats, chain: Mapping[str, Any]) -> None:
    """Write names, labels and values below each other."""
    for position, (head, width) in enumerate(
        (("key", 18), ("项目", 22), ("value 填写", 36), ("note 说明", 90))
    ):
        sheet.write_string(0, position, head, formats.optional)
        sheet.set_column(position, position, width)
    for row, column in enumerate(CHAIN.table.columns, start=1):
        sheet.write_string(row, 0, column.name, formats.of(column))
        sheet.write_string(row, 1, CHAIN.zh[column.name][0])
        sheet.write_string(row, 3, _comment(CHAIN, column).replace("\n", "  "))
        value = chain.get(column.name, column.default)
        if value is not None:
            sheet.write(row, _VALUES, value)
    sheet.freeze_panes(1, 0)


def _write_rows(sheet: Any, form: FormSheet, formats: Formats, rows: Rows) -> None:
    """Write a header, what is known below it, comments and drop-downs."""
    last = max(_ROWS, len(rows) + 20)
    for position, column in enumerate(form.table.columns):
        label = f"{column.name} {form.zh[column.name][0]}"
        sheet.write_string(0, position, label, formats.of(column))
        sheet.set_column(
            position, position, min(40, max(12, 2 + len(column.name) + 2 * len(label.split()[-1])))
        )
        add_comment(sheet, position, _comment(form, column), signs=34)
        rule = _validation(form, column)
        if rule is not None:
            sheet.data_validation(1, position, last, position, rule)
        for row, cells in enumerate(rows, start=1):
            value = cells.get(column.name)
            if isinstance(value, bool):
                value = "true" if value else "false"
            if column.type in ("choice", "boolean") and isinstance(value, str):
                value = spoken(value)
            if isinstance(value, str):
                sheet.write_string(row, position, value)
            elif value is not None:
                sheet.write_number(row, position, value)
    sheet.freeze_panes(1, 1)


def _validation(form: FormSheet, column: Column) -> dict[str, Any] | None:
    """Return the drop-down of a column; names may be others than those listed yet."""
    if column.type in ("choice", "boolean"):
        words = column.choices or ("true", "false")
        return {"validate": "list", "source": [spoken(word) for word in words]}
    source = _LISTS.get((form.table.name, column.name))
    if source is None:
        return None
    other = FORM[source[0]]
    letter = column_letter(other.table.column_names.index(source[1]))
    return {
        "validate": "list",
        "source": f"='{other.title}'!${letter}$2:${letter}${_ROWS + 1}",
        "show_error": False,
    }
