"""The ledger of an import: every row that comes in is used, or rejected with a reason; none is lost."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from optichain.errors import Fault, OptichainError

__all__ = ["Ledger", "Refusal", "Rejection", "Row"]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row of an extract.

    Attributes
    ----------
    kind : str
        Which extract: ``bom``, ``suppliers``, ...
    file : str
    number : int
        As the user counts it, the header being row 1; of products in the map their number.
    cells : dict of str to object
        By the names of the map: text that was cleaned, a number or a date; blank cells are left out.
    raw : str
        The whole row as it came, for the list of rejections.
    """

    kind: str
    file: str
    number: int
    cells: dict[str, Any]
    raw: str

    @property
    def key(self) -> tuple[Any, ...]:
        """What the row says, to tell copies."""
        return tuple(sorted((name, str(cell)) for name, cell in self.cells.items()))


class Refusal(Exception):  # noqa: N818
    """A row cannot be used; caught by `Ledger.judging`."""

    def __init__(self, code: str, reason: str, hint: str | None = None, column: str | None = None) -> None:
        super().__init__(reason)
        self.code, self.reason, self.hint, self.column = code, reason, hint, column


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was not used, and why."""

    row: Row
    code: str
    reason: str
    hint: str | None
    column: str | None


@dataclass(slots=True)
class Ledger:
    """What became of every row, and what is worth knowing of those that were used.

    Attributes
    ----------
    rows : dict of str to list of Row
        All rows by extract.
    rejections : list of Rejection
    remarks : list of Fault
        Of rows that were used: what was read otherwise than written, or contradicts another row.
    """

    rows: dict[str, list[Row]] = field(default_factory=dict)
    rejections: list[Rejection] = field(default_factory=list)
    remarks: list[Fault] = field(default_factory=list)
    _used: dict[int, Row] = field(default_factory=dict)
    _refused: dict[int, Row] = field(default_factory=dict)

    def take_in(self, kind: str, rows: Iterable[Row]) -> None:
        """Put down rows that came in."""
        self.rows.setdefault(kind, []).extend(rows)

    @contextlib.contextmanager
    def judging(self, row: Row) -> Iterator[None]:
        """Use a row; where a `Refusal` is raised meanwhile, reject it."""
        try:
            yield
        except Refusal as refusal:
            self.reject(row, refusal)
        else:
            self._used[id(row)] = row

    def reject(self, row: Row, refusal: Refusal) -> None:
        """Reject a row, also one that was thought to be of use before."""
        self._used.pop(id(row), None)
        if id(row) not in self._refused:
            self._refused[id(row)] = row
            self.rejections.append(Rejection(row, refusal.code, refusal.reason, refusal.hint, refusal.column))

    def is_open(self, row: Row) -> bool:
        """Whether nobody has rejected a row."""
        return id(row) not in self._refused

    def remark(self, row: Row, column: str | None, code: str, message: str, hint: str | None = None) -> None:
        """Say something about a row that is used all the same."""
        self.remarks.append(Fault(row.file, row.number, column, code, message, hint))

    def counts(self) -> dict[str, dict[str, int]]:
        """Return, by extract, how many rows came in, were used and were rejected.

        Raises
        ------
        OptichainError
            A row is neither or both: a defect of the import.
        """
        found = {}
        for kind, rows in self.rows.items():
            used = sum(id(row) in self._used for row in rows)
            rejected = sum(id(row) in self._refused for row in rows)
            if used + rejected != len(rows):
                raise OptichainError(
                    f"{len(rows) - used - rejected} rows of the extract {kind} were lost: this is a defect"
                )
            found[kind] = {"rows": len(rows), "used": used, "rejected": rejected}
        return found
