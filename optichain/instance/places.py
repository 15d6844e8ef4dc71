"""Where the rows of a table stand in what the user wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from optichain.errors import Fault

__all__ = ["Places"]


@dataclass(frozen=True, eq=False)
class Places:
    """File and row of everything in an instance, for warnings and assumptions that come after reading.

    Attributes
    ----------
    files : mapping of str to str
        File or sheet of each table.
    rows : mapping of str to ndarray
        The user's number of each row, the header being row 1.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, npt.NDArray[np.int64]] = field(default_factory=dict)

    def remark(
        self,
        table: str,
        position: int | None,
        column: str | None,
        code: str,
        message: str,
        hint: str | None = None,
    ) -> Fault:
        """Return a remark on a row of a table, by its position from 0, or on the table as a whole."""
        row = None if position is None else position + 2
        if position is not None and table in self.rows:
            row = int(self.rows[table][position])
        return Fault(self.files.get(table, table), row, column, code, message, hint)
