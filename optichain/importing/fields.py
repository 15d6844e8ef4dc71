"""What a cell of a row says: a code, a text, a number, a share, a date; what cannot be understood is refused."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from optichain.importing.ledger import Refusal, Row
from optichain.importing.mapping import Codes, ExtractMap

__all__ = ["CodeBook", "Fields"]

_FORBIDDEN: Final = re.compile("[>@;\x00-\x1f\x7f]")
_DATES: Final = (
    re.compile(r"(?P<y>\d{4})[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})(?:[T ].*)?"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"),
    re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})"),
)


@dataclass(slots=True)
class CodeBook:
    """Codes as they are compared, each written as it was first seen."""

    rules: Codes
    _known: dict[str, str] = field(default_factory=dict)

    def settle(self, text: str) -> str:
        """Return the one spelling of a code.

        Examples
        --------
        >>> book = CodeBook(Codes(ignore_case=True, strip_zeros=True))
        >>> book.settle("0012-a"), book.settle("12-A"), book.settle("000")
        ('12-a', '12-a', '0')
        """
        if self.rules.strip_zeros:
            text = text.lstrip("0") or "0"
        return self._known.setdefault(text.casefold() if self.rules.ignore_case else text, text)


@dataclass(frozen=True)
class Fields:
    """Understands the cells of one extract.

    Parameters
    ----------
    how : ExtractMap
    codes : CodeBook
    """

    how: ExtractMap
    codes: CodeBook

    def text(self, row: Row, name: str) -> str | None:
        """Return a cell as text, ``None`` where it is blank."""
        cell = row.cells.get(name)
        return None if cell is None else str(cell)

    def code(self, row: Row, name: str, *, needed: bool = False) -> str | None:
        """Return a code in its one spelling.

        Raises
        ------
        Refusal
            It is blank and needed, or holds what names of an instance must not.
        """
        text = self.text(row, name)
        if text is None:
            if needed:
                header = self.how.columns.get(name, name)
                raise Refusal("missing-value", f"'{header}' is blank", "fill it in", name)
            return None
        if _FORBIDDEN.search(text):
            raise Refusal(
                "bad-code", f"the code '{text}' holds '>', '@', ';' or a control character", None, name
            )
        return self.codes.settle(text)

    def needed(self, row: Row, name: str) -> str:
        """Return a code that must be there."""
        return self.code(row, name, needed=True) or ""

    def number(self, row: Row, name: str, *, positive: bool = False, needed: bool = False) -> float | None:
        """Return a number, 0 or more; ``None`` where it is blank.

        Raises
        ------
        Refusal
            It is blank and needed, no number in the notation of the map, not finite, or out of range.
        """
        cell = row.cells.get(name)
        if cell is None:
            if needed:
                header = self.how.columns.get(name, name)
                raise Refusal("missing-value", f"'{header}' is blank", "fill it in", name)
            return None
        value = float(cell) if _is_number(cell) else self._parsed(str(cell), name)
        low = "above 0" if positive else "0 or more"
        if not math.isfinite(value) or value < 0.0 or (positive and value == 0.0):
            raise Refusal("out-of-range", f"found {cell} as {name}, expected a number {low}", None, name)
        return value

    def share(self, row: Row, name: str) -> float | None:
        """Return a share from 0 to 1; ``60 %`` is 0.6, and so is 60 where the map says percent.

        Raises
        ------
        Refusal
            It is no number, or beyond 1.
        """
        cell = row.cells.get(name)
        if isinstance(cell, str) and cell.endswith("%"):
            value = self._parsed(cell[:-1].strip(), name) / 100.0
        else:
            found = self.number(row, name)
            if found is None:
                return None
            value = found / 100.0 if self.how.percent else found
        if not 0.0 <= value <= 1.0:
            hint = None if self.how.percent else "say percent = true in the map where shares are written 60"
            raise Refusal("out-of-range", f"found {cell} as {name}, expected a share from 0 to 1", hint, name)
        return value

    def date(self, row: Row, name: str) -> dt.date | None:
        """Return a date; ``None`` where it is blank.

        Raises
        ------
        Refusal
            It is no date in the notation of the map.
        """
        cell = row.cells.get(name)
        if cell is None or isinstance(cell, dt.date):
            return cell
        text = str(cell)
        try:
            if self.how.date_format is not None:
                return dt.datetime.strptime(text, self.how.date_format).date()
            for pattern in _DATES:
                match = pattern.fullmatch(text)
                if match is not None:
                    return dt.date(int(match["y"]), int(match["m"]), int(match["d"]))
        except ValueError:
            pass
        raise Refusal("not-a-date", f"found '{text}', expected a date", "give date_format in the map", name)

    def status(self, row: Row) -> str:
        """Return a status, active where it is blank.

        Raises
        ------
        Refusal
            The map does not say what the word means.
        """
        word = self.text(row, "status")
        if word is None or word in ("active", "qualified", "potential"):
            return word or "active"
        if word not in self.how.status:
            hint = f"say in the map what it means: {row.kind}.status"
            raise Refusal("unknown-status", f"the status '{word}' is not in the map", hint, "status")
        return self.how.status[word]

    @cached_property
    def _notation(self) -> re.Pattern[str]:
        """Numbers with thousands in groups of three, or without."""
        decimal = re.escape(self.how.decimal)
        mark = self.how.thousands
        if mark is None:
            mark = "," if self.how.decimal == "." else "."
        whole = r"\d+" if not mark else rf"(?:\d+|\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+)"
        return re.compile(rf"[+-]?(?:{whole}(?:{decimal}\d*)?|{decimal}\d+)(?:[eE][+-]?\d+)?", re.ASCII)

    def _parsed(self, text: str, name: str) -> float:
        if not self._notation.fullmatch(text):
            other = "," if self.how.decimal == "." else "."
            hint = None
            if re.fullmatch(rf"[+-]?[\d.,' ]*\d{re.escape(other)}\d+", text):
                hint = f"the map says that the decimal mark is '{self.how.decimal}'"
            raise Refusal("not-a-number", f"found '{text}' as {name}, expected a number", hint, name)
        kept = re.sub(rf"[^0-9eE+\-{re.escape(self.how.decimal)}]", "", text)
        return float(kept.replace(self.how.decimal, "."))


def _is_number(cell: Any) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)
