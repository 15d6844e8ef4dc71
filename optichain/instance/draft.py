"""An instance under examination: typed tables, and the two lists that checks write to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.instance.raw import Faults, Ints
from optichain.instance.settings import Settings
from optichain.sentences import Sentence

__all__ = ["Draft"]

Bools = npt.NDArray[np.bool_]
Where = Bools | pd.Series | Iterable[int]
Message = str | Callable[[int], str]
Remark = Sentence | Callable[[int], Sentence]
Hint = str | None | Callable[[int], str | None]


@dataclass(slots=True)
class Draft:
    """What the checks look at.

    Attributes
    ----------
    settings : Settings or None
        ``None`` where they are faulty.
    frames : dict of str to DataFrame
        All tables, typed.
    rows : dict of str to ndarray
        The user's row numbers of each.
    files : dict of str to str
        File or sheet of each table, for messages.
    faulty : dict
        By table and column, cells reported already.
    unusable : set of str
        Tables of which not every row is known: nothing that refers to them can be called dangling.
    """

    settings: Settings | None
    frames: dict[str, pd.DataFrame]
    rows: dict[str, Ints]
    files: dict[str, str]
    faulty: dict[tuple[str, str], Bools] = field(default_factory=dict)
    unusable: set[str] = field(default_factory=set)
    settings_file: str = "settings"
    faults: Faults = field(default_factory=Faults)
    warnings: Faults = field(default_factory=Faults)

    def sound(self, table: str, *columns: str) -> Bools:
        """Return which rows have no cell among these columns that was reported already."""
        answer = np.ones(len(self.frames[table]), dtype=bool)
        for column in columns:
            bad = self.faulty.get((table, column))
            if bad is not None:
                answer &= ~bad
        return answer

    def values(self, table: str, column: str) -> npt.NDArray[np.object_]:
        """Return a text column as an array."""
        return self.frames[table][column].to_numpy(dtype=object)

    def numbers(self, table: str, column: str) -> npt.NDArray[np.float64]:
        """Return a number column as an array."""
        return self.frames[table][column].to_numpy(dtype=np.float64)

    def names(self, table: str) -> pd.Index:
        """Return the known names of a table with a key of one column."""
        key = {"sources": "source", "lanes": "lane"}.get(table) or self.frames[table].columns[0]
        names: pd.Index = pd.Index(self.frames[table][key].dropna().unique(), dtype=object)
        return names

    def fault(
        self, table: str, where: Where, column: str | None, code: str, message: Message, hint: Hint = None
    ) -> None:
        """Report rows of a table that must be refused, message and hint given or made by position."""
        self._add(self.faults, table, where, column, code, message, hint)

    def warn(
        self, table: str, where: Where, column: str | None, code: str, message: Remark, hint: Hint = None
    ) -> None:
        """Report rows of a table that are legal but suspicious."""
        self._add(self.warnings, table, where, column, code, message, hint)

    def _add(
        self,
        to: Faults,
        table: str,
        where: Where,
        column: str | None,
        code: str,
        message: Message,
        hint: Hint,
    ) -> None:
        if isinstance(where, (np.ndarray, pd.Series)) and where.dtype == bool:
            positions = np.flatnonzero(np.asarray(where)).tolist()
        else:
            positions = [int(position) for position in where]
        file = self.files[table]
        for count, position in enumerate(positions):
            if to.room(file, column, code) <= 0:
                to.skip(file, column, code, len(positions) - count)
                return
            text = message(position) if callable(message) else message
            advice = hint
            if callable(hint):
                advice = hint(position) if to.wants_hint(file, column, code) else None
            to.add(
                file,
                int(self.rows[table][position]),
                column,
                code,
                text,
                advice if not callable(advice) else None,
            )
