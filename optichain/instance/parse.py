"""From cells as the user wrote them to typed columns, with a fault for every cell that cannot be understood.

A column is understood value by value, not cell by cell: equal cells are looked at once, so that a table of
a million rows takes about as long as its different values do.
"""

from __future__ import annotations

import datetime as dt
import math
import numbers
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.instance.raw import LONGEST_CELL, Faults, Ints, RawTable, quoted
from optichain.instance.schema import Column, Table
from optichain.instance.settings import BAD_CHARACTERS, BOOLEANS, LARGEST, SMALLEST
from optichain.nearest import nearest_hint

__all__ = ["ParsedTable", "parse_table"]

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NOT_FINITE: Final = frozenset(
    {"nan", "inf", "infinity", "-inf", "-infinity", "+inf", "+infinity", "#n/a", "#div/0!", "#num!"}
)
_LARGEST_WHOLE: Final = 10**9
_EXTREME: Final = f"only 0 and sizes from {SMALLEST:g} to {LARGEST:g} can be computed with: take other units"

Bools = npt.NDArray[np.bool_]


@dataclass(slots=True)
class ParsedTable:
    """A table in its typed form.

    Attributes
    ----------
    frame : pandas.DataFrame
        Every schema column in order, then the ``x_`` columns.
    rows : ndarray
        The user's number of each row.
    faulty : dict of str to ndarray of bool
        By column, the cells that could not be understood; they are reported once, here.
    """

    frame: pd.DataFrame
    rows: Ints
    faulty: dict[str, Bools]


@dataclass(frozen=True, slots=True)
class _Problem:
    code: str
    message: str
    hint: str | None = None


def parse_table(table: Table, raw: RawTable, faults: Faults) -> ParsedTable:
    """Return the typed form of a table; cells that cannot be understood are blank in it."""
    count = len(raw.rows)
    if not count:
        return ParsedTable(frame=_empty(table).copy(deep=False), rows=raw.rows, faulty={})
    index = pd.RangeIndex(count)
    data: dict[str, pd.Series] = {}
    faulty: dict[str, Bools] = {}
    for column in table.columns:
        cells = raw.columns.get(column.name)
        if cells is None:
            data[column.name] = _series(column, _blank_values(column, count), index)
            continue
        values, bad = _parse(column, cells, raw, faults)
        if bad.any():
            faulty[column.name] = bad
        if column.required:
            blank = _is_blank(column, values) & ~bad
            _report(
                blank,
                column.name,
                raw,
                faults,
                _Problem("missing-value", f"the cell is blank, expected {column.expected}"),
            )
            if blank.any():
                faulty[column.name] = bad | blank
        data[column.name] = _series(column, _filled(column, values), index)
    for name, cells in raw.columns.items():
        if name not in data:
            own = Column(name, "text", "A column of the user's own.")
            values, bad = _parse(own, cells, raw, faults, understand=_kept)
            data[name] = _series(own, values, index)
    return ParsedTable(frame=pd.DataFrame(data, index=index), rows=raw.rows, faulty=faulty)


@cache
def _empty(table: Table) -> pd.DataFrame:
    """Return a table without rows; most instances leave most tables out."""
    index = pd.RangeIndex(0)
    return pd.DataFrame({c.name: _series(c, _blank_values(c, 0), index) for c in table.columns}, index=index)


def _series(column: Column, values: npt.NDArray[Any], index: pd.Index) -> pd.Series:
    return pd.Series(values, index=index, dtype=object if column.is_text else values.dtype)


def _blank_values(column: Column, count: int) -> npt.NDArray[Any]:
    if column.is_text:
        return _filled(column, np.full(count, None, dtype=object))
    return _filled(column, np.full(count, np.nan))


def _is_blank(column: Column, values: npt.NDArray[Any]) -> Bools:
    return np.asarray(pd.isna(values), dtype=bool)


def _filled(column: Column, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Put in plain defaults, and turn whole numbers and booleans into arrays of their own type."""
    default: Any = math.inf if column.unlimited == "blank" else column.default
    blank = _is_blank(column, values)
    if default is not None:
        values = np.where(blank, default, values)
        blank = np.zeros(len(values), dtype=bool)
    if column.type == "boolean":
        return np.where(blank, False, values).astype(bool)
    if column.type == "whole" and (column.required or default is not None):
        # A required cell that is blank or faulty is reported; 0 only stands in for it.
        return np.where(blank, 0, values).astype(np.int64)
    return values.astype(object) if column.is_text else values.astype(np.float64)


def _parse(
    column: Column,
    cells: Sequence[Any] | npt.NDArray[Any],
    raw: RawTable,
    faults: Faults,
    understand: Callable[[Any, Column], Any] | None = None,
) -> tuple[npt.NDArray[Any], Bools]:
    """Return the values of a column (blank: None or NaN), and which cells are faulty."""
    understand = understand or _UNDERSTAND[column.type]
    if isinstance(cells, np.ndarray) and cells.dtype == np.float64 and not column.is_text:
        values, bad = cells.copy(), np.zeros(len(cells), dtype=bool)
    else:
        objects = np.empty(len(cells), dtype=object)
        objects[:] = cells
        if raw.all_text and _repeats(objects):
            codes, unique = pd.factorize(objects)
        else:
            # True, 1 and 1.0 are equal to a hash table, and not the same cell.
            codes, unique = np.arange(len(objects)), objects
        answers, wrong = _answers(column, unique, understand, raw.all_text)
        bad = np.zeros(len(answers), dtype=bool)
        bad[wrong] = True
        bad = bad[codes]
        for position in np.flatnonzero(bad).tolist():
            problem = answers[codes[position]]
            row = int(raw.rows[position])
            faults.add(raw.file, row, column.name, problem.code, problem.message, problem.hint)
        for code in wrong:
            answers[code] = None
        found = np.empty(len(answers), dtype=object if column.is_text else np.float64)
        found[:] = answers  # a blank, None, becomes NaN among numbers
        values = found[codes]
    if column.type in ("number", "whole"):
        bad = bad | _check_range(column, values, bad, raw, faults)
        values = np.where(bad, np.nan, values)
    return values, bad


def _repeats(cells: npt.NDArray[np.object_]) -> bool:
    """Guess from a sample whether cells repeat often enough to look for their different values first."""
    sample = cells[:: max(1, len(cells) // 1000)]
    return len(set(sample.tolist())) <= 0.8 * len(sample)


def _answers(
    column: Column, cells: Any, understand: Callable[[Any, Column], Any], all_text: bool
) -> tuple[list[Any], list[int]]:
    """Understand each cell, and say which are problems.

    Long columns of plain numbers or plain text take a short way to the same end.
    """
    if all_text and understand is _text:
        together = "\n".join(cells)
        short = len(together) <= LONGEST_CELL or max(map(len, cells)) <= LONGEST_CELL
        if short and "\r" not in together and not BAD_CHARACTERS.search(together):
            return [cell.strip() or None for cell in cells], []
    problems = 0

    def carefully(cell: Any) -> Any:
        nonlocal problems
        answer = understand(cell, column)
        problems += isinstance(answer, _Problem)
        return answer

    if all_text and understand is _number:
        plain, largest = _NUMBER.fullmatch, sys.float_info.max
        answers = [
            value if plain(cell) and -largest <= (value := float(cell)) <= largest else carefully(cell)
            for cell in cells
        ]
    else:
        answers = [carefully(cell) for cell in cells]
    if not problems:
        return answers, []
    return answers, [k for k, answer in enumerate(answers) if isinstance(answer, _Problem)]


def _report(where: Bools, column: str, raw: RawTable, faults: Faults, problem: _Problem) -> None:
    positions = np.flatnonzero(where)
    room = max(faults.room(raw.file, column, problem.code), 0)
    for position in positions[:room].tolist():
        faults.add(raw.file, int(raw.rows[position]), column, problem.code, problem.message, problem.hint)
    if len(positions) > room:
        faults.skip(raw.file, column, problem.code, len(positions) - room)


def _check_range(
    column: Column, values: npt.NDArray[Any], bad: Bools, raw: RawTable, faults: Faults
) -> Bools:
    """Report numbers out of bounds; return where they are."""
    low = -math.inf if column.minimum is None else column.minimum
    high = math.inf if column.maximum is None else column.maximum
    with np.errstate(invalid="ignore"):
        outside = (values < low) | (values > high)
        if column.positive:
            outside |= values <= 0.0
        broken = (
            (values != np.floor(values)) & np.isfinite(values)
            if column.type == "whole"
            else np.zeros(len(values), dtype=bool)
        )
        if column.type == "whole":
            outside |= np.abs(values) > _LARGEST_WHOLE
        size = np.abs(values)
        extreme = np.isfinite(values) & ((size > LARGEST) | ((size < SMALLEST) & (size > 0.0)))
        outside |= extreme
    for where, code in ((outside & ~broken & ~bad, "out-of-range"), (broken & ~bad, "not-whole")):
        positions = np.flatnonzero(where)
        room = max(faults.room(raw.file, column.name, code), 0)
        for position in positions[:room].tolist():
            found = f"found {values[position]:.15g}, expected {column.expected}"
            if code == "out-of-range" and column.type == "whole":
                found += f" (at most {_LARGEST_WHOLE})" if values[position] > _LARGEST_WHOLE else ""
            hint = _EXTREME if extreme[position] else None
            faults.add(raw.file, int(raw.rows[position]), column.name, code, found, hint)
        if len(positions) > room:
            faults.skip(raw.file, column.name, code, len(positions) - room)
    return np.asarray((outside | broken) & ~bad, dtype=bool)


def _as_text(cell: Any) -> str | _Problem | None:
    """Return a cell as text: a number that a spreadsheet made of a name is written as people write it."""
    if cell is None:
        return None
    if isinstance(cell, str):
        text = cell
    elif isinstance(cell, (bool, np.bool_)):
        text = "true" if cell else "false"
    elif isinstance(cell, numbers.Real):
        value = float(cell) if not isinstance(cell, numbers.Integral) else int(cell)
        if isinstance(value, float) and not math.isfinite(value):
            return _Problem("not-finite", f"found {cell}, expected text")
        try:
            text = str(int(value)) if float(value).is_integer() and abs(value) < 1e16 else repr(value)
        except (OverflowError, ValueError):
            return _Problem("not-text", "found a number of thousands of digits, expected text")
    elif isinstance(cell, (dt.date, dt.datetime, dt.time)):
        text = cell.isoformat()
    else:
        return _Problem("not-text", f"found {quoted(cell)}, expected text")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > LONGEST_CELL:
        return _Problem("too-long", f"found {len(text):,} signs, expected at most {LONGEST_CELL:,}")
    if BAD_CHARACTERS.search(text):
        return _Problem("bad-character", f"found {quoted(text)}, expected text without control characters")
    return text


def _kept(cell: Any, column: Column) -> Any:
    """Keep a cell of the user's own column as it is."""
    text = _as_text(cell)
    return text or None


def _text(cell: Any, column: Column) -> Any:
    text = _as_text(cell)
    return (text.strip() or None) if isinstance(text, str) else text


def _choice(cell: Any, column: Column) -> Any:
    if "yes" in column.choices and isinstance(cell, (bool, np.bool_)):
        return "yes" if cell else "no"
    text = _text(cell, column)
    if text is None or isinstance(text, _Problem) or text in column.choices:
        return text
    if "yes" in column.choices and text.lower() in BOOLEANS:
        return "yes" if BOOLEANS[text.lower()] else "no"
    hint = nearest_hint(text, column.choices)
    return _Problem("not-a-choice", f"found {quoted(text)}, expected {column.expected}", hint)


def _boolean(cell: Any, column: Column) -> Any:
    if isinstance(cell, (bool, np.bool_)):
        return float(cell)
    if isinstance(cell, numbers.Real) and cell in (0, 1):
        return float(cell)
    text = _text(cell, column)
    if text is None:
        return None
    if isinstance(text, str) and text.lower() in BOOLEANS:
        return float(BOOLEANS[text.lower()])
    return _Problem("not-a-boolean", f"found {quoted(cell)}, expected {column.expected}")


def _number(cell: Any, column: Column) -> Any:
    if cell is None:
        return None
    if isinstance(cell, str):
        text = cell.strip()
        if not text:
            return None
        lowered = text.lower()
        if lowered == "unlimited":
            if column.unlimited != "no":
                return math.inf
            return _Problem("not-a-number", f"found {quoted(text)}, expected {column.expected}")
        if lowered in _NOT_FINITE:
            hint = "write the word unlimited" if column.unlimited != "no" and "inf" in lowered else None
            return _Problem("not-finite", f"found {quoted(text)}, expected {column.expected}", hint)
        if not _NUMBER.fullmatch(text):
            return _Problem(
                "not-a-number", f"found {quoted(text)}, expected {column.expected}", _number_hint(text)
            )
        value = float(text)
    elif _is_real(cell):
        try:
            value = float(cell)
        except OverflowError:
            value = math.inf
    else:
        return _Problem("not-a-number", f"found {quoted(cell)}, expected {column.expected}")
    if not math.isfinite(value):
        return _Problem("not-finite", f"found {quoted(str(cell)[:80])}, expected {column.expected}")
    return value


def _is_real(cell: object) -> bool:
    return isinstance(cell, numbers.Real) and not isinstance(cell, (bool, np.bool_))


def _number_hint(text: str) -> str | None:
    if re.fullmatch(r"[+-]?[0-9]+,[0-9]+", text):
        return "write a decimal point, and no thousands separator"
    if text.endswith("%"):
        return "write a share as a number from 0 to 1"
    return None


_UNDERSTAND: Final[dict[str, Callable[[Any, Column], Any]]] = {
    "text": _text,
    "name": _text,
    "labels": _text,
    "choice": _choice,
    "boolean": _boolean,
    "number": _number,
    "whole": _number,
}
