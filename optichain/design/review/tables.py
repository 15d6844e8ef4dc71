"""What happened, as tables: the columns of each, and every fault of a cell by file, row and column."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from optichain.errors import Fault, PlanError
from optichain.instance.raw import quoted
from optichain.nearest import nearest_hint
from optichain.network import ELEMENT_KINDS
from optichain.storage.listfiles import read_list, row_numbers

__all__ = ["TABLES", "WHAT", "Cells", "read_tables"]

WHAT = "What happened"
DAY = re.compile(r"\d{4}(-\d{2}-\d{2})?")
NEVER = "never"


@dataclass(frozen=True)
class ColumnOf:
    """A column: how a cell is read, whether it must be filled, and what is expected in it."""

    read: Callable[[str], Any]
    expected: str
    needed: bool = False


def _text(text: str) -> str:
    return text


def _number(text: str) -> float:
    value = float(text)
    if not 0.0 <= value < math.inf:
        raise ValueError
    return value


def _share(text: str) -> float:
    value = _number(text)
    if not 0.0 < value <= 1.0:
        raise ValueError
    return value


def _year(text: str) -> int:
    if not re.fullmatch(r"\d{4}", text):
        raise ValueError
    return int(text)


def _day(text: str) -> str:
    if not DAY.fullmatch(text):
        raise ValueError
    if len(text) > 4:
        dt.date.fromisoformat(text)
    return text


def _begin(text: str) -> str:
    return NEVER if text.lower() == NEVER else _day(text)


def _kind(text: str) -> str:
    if text not in ELEMENT_KINDS:
        raise ValueError
    return text


TABLES: dict[str, dict[str, ColumnOf]] = {
    "happenings": {
        "happening": ColumnOf(_text, "a name; rows with one name began together", needed=True),
        "date": ColumnOf(_day, "a year such as 2027, or a day such as 2027-05-14", needed=True),
        "event": ColumnOf(_text, "an event of the instance, such as site:S1"),
        "kind": ColumnOf(_kind, f"one of {', '.join(ELEMENT_KINDS)}"),
        "target": ColumnOf(_text, "the name of what was hit"),
        "duration": ColumnOf(_number, "time units, a number that is not negative"),
        "loss": ColumnOf(_share, "the share of capacity lost, above 0 and at most 1"),
        "note": ColumnOf(_text, "any text"),
    },
    "losses": {
        "happening": ColumnOf(_text, "the name of a happening", needed=True),
        "chain": ColumnOf(_text, "the name of a chain", needed=True),
        "lost": ColumnOf(_number, "money, a number that is not negative", needed=True),
        "note": ColumnOf(_text, "any text"),
    },
    "measures": {
        "measure": ColumnOf(_text, "the name of a measure", needed=True),
        "works_from": ColumnOf(_begin, "a year such as 2027, a day such as 2027-05-14, or never"),
        "units": ColumnOf(_number, "a number of units that is not negative"),
        "note": ColumnOf(_text, "any text"),
    },
    "costs": {
        "measure": ColumnOf(_text, "the name of a measure", needed=True),
        "year": ColumnOf(_year, "a year such as 2027", needed=True),
        "spent": ColumnOf(_number, "money, a number that is not negative", needed=True),
        "note": ColumnOf(_text, "any text"),
    },
}
"""The tables of what happened, and their columns."""


@dataclass(frozen=True)
class Cells:
    """One row as it was read: values by column, None where blank; `row` counts the header as 1."""

    file: str
    row: int
    values: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values.get(column)

    def fault(self, column: str | None, code: str, message: str, hint: str | None = None) -> Fault:
        """Return a fault of this row."""
        return Fault(self.file, self.row, column, code, message, hint)


def read_tables(
    happened: str | Path | Mapping[str, pd.DataFrame],
) -> tuple[dict[str, list[Cells]], list[Fault]]:
    """Read a folder of CSV files, or data frames by name.

    Returns
    -------
    dict of str to list of Cells, list of Fault
        Rows that could be read, and what is wrong with the others.

    Raises
    ------
    PlanError
        There is no such folder, or it has no table ``happenings``.
    """
    frames, faults = ({}, []) if isinstance(happened, Mapping) else _folder(Path(happened))
    if isinstance(happened, Mapping):
        for name in happened:
            if name not in TABLES:
                faults.append(_stranger(str(name), str(name)))
            else:
                frames[str(name)] = (str(name), _as_text(happened[name]))
    rows: dict[str, list[Cells]] = {name: [] for name in TABLES}
    for name, (file, frame) in frames.items():
        faults += _unknown_columns(name, file, frame)
        if any(how.needed and column not in frame.columns for column, how in TABLES[name].items()):
            continue
        for place, record in zip(row_numbers(frame), frame.to_dict("records"), strict=True):
            values, wrong = _row(name, file, place, record)
            faults += wrong
            if not wrong:
                rows[name].append(Cells(file, place, values))
    return rows, faults


def _folder(path: Path) -> tuple[dict[str, tuple[str, pd.DataFrame]], list[Fault]]:
    if not path.is_dir():
        hint = "give a folder with happenings.csv, and losses.csv, measures.csv and costs.csv where known"
        raise PlanError([Fault(str(path), None, None, "unreadable", "is no folder", hint)], what=WHAT)
    frames: dict[str, tuple[str, pd.DataFrame]] = {}
    faults = []
    for file in sorted(path.glob("*.csv")):
        if file.stem not in TABLES:
            faults.append(_stranger(file.name, file.stem))
            continue
        frame, wrong = read_list(file)
        faults += wrong
        if not wrong:
            frames[file.stem] = (file.name, frame)
    if "happenings" not in frames and not faults:
        hint = "write happenings.csv with the columns happening, date, event (or kind and target)"
        raise PlanError([Fault("happenings.csv", None, None, "missing-table", "is missing", hint)], what=WHAT)
    return frames, faults


def _stranger(file: str, name: str) -> Fault:
    hint = nearest_hint(name, TABLES) or f"expected {', '.join(TABLES)}"
    return Fault(file, None, None, "unknown-table", "is no table of what happened", hint)


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of Python values as a file would hold it."""

    def cell(value: Any) -> str:
        if value is None or (isinstance(value, float) and math.isnan(value)) or value is pd.NA:
            return ""
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return str(value)

    return pd.DataFrame({str(c): [cell(v) for v in frame[c]] for c in frame.columns})


def _unknown_columns(name: str, file: str, frame: pd.DataFrame) -> list[Fault]:
    known = TABLES[name]
    faults = []
    for column in frame.columns:
        if column not in known and not str(column).startswith("x_"):
            hint = nearest_hint(str(column), known) or f"expected {', '.join(known)}"
            message = f"there is no column {quoted(column)} in this table"
            faults.append(Fault(file, 1, str(column), "unknown-column", message, hint))
    for column, how in known.items():
        if how.needed and column not in frame.columns:
            faults.append(Fault(file, 1, column, "missing-column", "is missing", f"expected {how.expected}"))
    return faults


def _row(name: str, file: str, row: int, record: Mapping[Any, Any]) -> tuple[dict[str, Any], list[Fault]]:
    values: dict[str, Any] = {}
    faults = []
    for column, how in TABLES[name].items():
        text = str(record.get(column, "")).strip()
        if not text:
            if how.needed:
                faults.append(Fault(file, row, column, "blank", "is blank", f"expected {how.expected}"))
            continue
        try:
            values[column] = how.read(text)
        except ValueError:
            faults.append(
                Fault(file, row, column, "bad-value", f"expected {how.expected}, got {quoted(text)}")
            )
    return values, faults
