"""Workbooks of Excel as the library writes them: text stays text."""

from __future__ import annotations

import io
from typing import Any

from optichain.errors import MissingExtraError

__all__ = ["new_book"]


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
