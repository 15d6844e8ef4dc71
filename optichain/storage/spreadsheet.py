"""What spreadsheets open: workbooks and cells of CSV files in which text stays text."""

from __future__ import annotations

import io
from typing import Any, Final

from optichain.errors import MissingExtraError

__all__ = ["MOST_CHARACTERS", "MOST_ROWS", "new_book", "shielded", "unshielded"]

MOST_ROWS: Final = 1_048_576
"""Rows of a sheet, its header among them."""
MOST_CHARACTERS: Final = 32_767
"""Characters of a cell."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def new_book(stream: io.BytesIO) -> Any:
    """Return an empty workbook of xlsxwriter.

    Raises
    ------
    MissingExtraError
        The library that writes workbooks is not installed.
    """
    try:
        import xlsxwriter
    except ImportError:
        raise MissingExtraError("writing a workbook", "excel") from None
    return xlsxwriter.Workbook(
        stream,
        {
            "in_memory": True,
            "strings_to_numbers": False,
            "strings_to_formulas": False,
            "strings_to_urls": False,
        },
    )


def shielded(cell: str) -> str:
    """Return a cell of a CSV file so that no spreadsheet takes it for a formula.

    Examples
    --------
    >>> shielded("=1+1"), shielded("plain")
    ("'=1+1", 'plain')
    """
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def unshielded(cell: str) -> str:
    """Return what a cell said before it was shielded."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
