"""The sheets of a workbook as rows of cells; what holds no value is not taken for blank."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from optichain.errors import MissingExtraError
from optichain.instance.workbook_cells import cells_without_value

__all__ = ["BadWorkbook", "is_blank", "read_sheets", "sheet_names"]


class BadWorkbook(Exception):  # noqa: N818
    """The file is no workbook that can be read; the text says why."""


def is_blank(cell: Any) -> bool:
    """Tell whether a cell holds nothing that can be seen."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def sheet_names(path: Path) -> list[str]:
    """Return the names of the sheets, without reading their cells.

    Raises
    ------
    MissingExtraError
        The library that reads workbooks is not installed.
    BadWorkbook
        The file cannot be read.
    """
    return list(_open(path).sheet_names)


def _open(path: Path) -> Any:
    try:
        import python_calamine
    except ImportError:
        raise MissingExtraError("reading a workbook", "excel") from None
    try:
        return python_calamine.CalamineWorkbook.from_path(str(path))
    except Exception as error:
        raise _bad(error) from None


def _bad(error: Exception) -> BadWorkbook:
    return BadWorkbook(f"this is not a workbook that can be read: {error}")


def read_sheets(path: Path) -> dict[str, list[list[Any]]]:
    """Return the rows of every sheet, from the first row and column on.

    A cell with an error, or with a formula that nobody has calculated, is a
    `optichain.instance.workbook_cells.CellWithoutValue`, which no column takes.

    Raises
    ------
    MissingExtraError
        The library that reads workbooks is not installed.
    BadWorkbook
        The file cannot be read.
    """
    book = _open(path)
    try:
        sheets: dict[str, list[list[Any]]] = {
            name: list(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in book.sheet_names
        }
        for name, cells in cells_without_value(path).items():
            rows = sheets.get(name, [])
            for (row, column), cell in cells.items():
                if row < len(rows) and column < len(rows[row]):
                    rows[row][column] = cell
    except Exception as error:
        raise _bad(error) from None
    return sheets
