"""Where the rows of a table stand in what the user wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from optichain.errors import Fault
from optichain.sentences import Sentence

__all__ = ["Places", "point"]


@dataclass(frozen=True, eq=False)
class Places:
    """File and row of everything in an instance, for warnings and assumptions that come after reading.

    Attributes
    ----------
    files : mapping of str to str
        File or sheet of each table.
    rows : mapping of str to ndarray
        The user's number of each row, the header being row 1.
    letters : mapping of str to mapping of str to str
        Of a workbook: by sheet, the letter of each column.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    letters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def remark(
        self,
        table: str,
        position: int | None,
        column: str | None,
        code: str,
        message: Sentence,
        hint: str | None = None,
    ) -> Fault:
        """Return a remark on a row of a table, by its position from 0, or on the table as a whole."""
        row = None if position is None else position + 2
        if position is not None and table in self.rows:
            row = int(self.rows[table][position])
        return self.pointed(Fault(self.files.get(table, table), row, column, code, message, hint))

    def pointed(self, fault: Fault) -> Fault:
        """Return a fault with the cell of the workbook that it is about, where it is about one."""
        return point(fault, self.letters)

    def all_pointed(self, faults: Iterable[Fault]) -> tuple[Fault, ...]:
        """Return faults with their cells."""
        return tuple(map(self.pointed, faults))


def point(fault: Fault, letters: Mapping[str, Mapping[str, str]]) -> Fault:
    """Return a fault with its cell, such as ``sites!B7``.

    Parameters
    ----------
    fault : Fault
    letters : mapping
        By sheet, the letter of each column; the column ``value`` holds whatever has no column of its own, which is
        how settings stand in a sheet.
    """
    sheet = letters.get(fault.file)
    if sheet is None or fault.row is None or fault.column is None:
        return fault
    letter = sheet.get(fault.column) or sheet.get("value" if "key" in sheet else "")
    return fault if letter is None else replace(fault, cell=f"{_quoted(fault.file)}!{letter}{fault.row}")


def _quoted(sheet: str) -> str:
    """Return the name of a sheet as a reference to it is written."""
    return sheet if sheet.replace("_", "").isalnum() else "'" + sheet.replace("'", "''") + "'"
