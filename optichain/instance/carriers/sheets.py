"""The sheets of a workbook as rows of cells; what holds no value is not taken for blank."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from optichain.errors import MissingExtraError
from optichain.instance.carriers.workbook_cells import cells_without_value
from optichain.storage.files import read_bytes

__all__ = ["BadWorkbook", "is_blank", "read_sheets", "sheet_names"]

LONGEST_REASON: Final = 200
"""Signs of what a library says: some repeat the bytes that they stumbled over."""


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
    with _told():
        return list(_open(read_bytes(path)).sheet_names)


def read_sheets(path: Path) -> dict[str, list[list[Any]]]:
    """Return the rows of every sheet, from the first row and column on.

    A cell with an error, or with a formula that nobody has calculated, is a
    `optichain.instance.carriers.workbook_cells.CellWithoutValue`, which no column takes.

    Raises
    ------
    MissingExtraError
        The library that reads workbooks is not installed.
    BadWorkbook
        The file cannot be read, or would not fit into memory.
    """
    with _told():
        content = read_bytes(path)
        without_value = cells_without_value(content)
        book = _open(content)
        sheets: dict[str, list[list[Any]]] = {
            name: list(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in book.sheet_names
        }
        for name, cells in without_value.items():
            rows = sheets.get(name, [])
            for (row, column), cell in cells.items():
                if row < len(rows) and column < len(rows[row]):
                    rows[row][column] = cell
    return sheets


def _open(content: bytes) -> Any:
    return _library().CalamineWorkbook.from_filelike(io.BytesIO(content))


def _library() -> Any:
    try:
        import python_calamine
    except ImportError:
        raise MissingExtraError("reading a workbook", "excel") from None
    return python_calamine


@contextmanager
def _told() -> Iterator[None]:
    """Turn whatever goes wrong within a file that is no sound workbook into one kind of error."""
    _library()
    try:
        yield
    except OSError as error:
        raise BadWorkbook(f"the file cannot be read: {error.strerror or error}") from None
    except Exception as error:
        why = " ".join(str(error).split()) or type(error).__name__
        raise BadWorkbook(f"this is not a workbook that can be read: {why[:LONGEST_REASON]}") from None
