"""Reading a filled workbook: typed rows, and a fault with its cell for everything that cannot be understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optichain.errors import Fault, InstanceError
from optichain.instance.carriers.sheets import BadWorkbook, is_blank, read_sheets
from optichain.instance.carriers.workbook_cells import column_letter
from optichain.instance.parse import parse_table
from optichain.instance.places import point
from optichain.instance.raw import Faults, RawTable, quoted
from optichain.instance.schema import Column
from optichain.nearest import nearest_hint
from optichain.submission.form import CHAIN, FORM, FormSheet
from optichain.submission.words import WORDS, spoken

__all__ = ["Filled", "read_form"]


@dataclass(frozen=True)
class Filled:
    """A workbook as it was filled in.

    Attributes
    ----------
    chain : dict
        Values of the sheet of the chain; blank: ``None``.
    frames : dict of str to DataFrame
        Typed rows of items, suppliers and measures.
    rows : dict of str to list of int
        The row of each in its sheet; of the chain, by column.
    letters : dict of str to dict of str to str
        By sheet, the letter of each column.
    """

    chain: dict[str, Any]
    chain_rows: dict[str, int]
    frames: dict[str, pd.DataFrame]
    rows: dict[str, list[int]]
    letters: dict[str, dict[str, str]]

    def fault(
        self, sheet: str, row: int, column: str, code: str, message: str, hint: str | None = None
    ) -> Fault:
        """Return a fault of a row of a sheet, or of the chain, with its cell.

        Parameters
        ----------
        sheet : str
            ``chain``, ``items``, ``suppliers`` or ``measures``.
        row : int
            Position from 0; of the chain ignored.
        column, code, message, hint : str
        """
        if sheet == "chain":
            return point(
                Fault(CHAIN.title, self.chain_rows.get(column), column, code, message, hint), self.letters
            )
        number = self.rows[sheet][row]
        return point(Fault(FORM[sheet].title, number, column, code, message, hint), self.letters)


def read_form(path: Path) -> Filled:
    """Read a filled workbook.

    Raises
    ------
    InstanceError
        With every cell that cannot be understood.
    MissingExtraError
        The library that reads workbooks is not installed.
    """
    try:
        sheets = read_sheets(path)
    except BadWorkbook as error:
        fault = Fault(path.name, None, None, "bad-workbook", str(error))
        raise InstanceError([fault], what="The workbook") from None
    faults = Faults()
    letters: dict[str, dict[str, str]] = {}
    for form in (CHAIN, *FORM.values()):
        if form.title not in sheets:
            hint = nearest_hint(form.title, sheets) or "take a new workbook: optichain workbook OUT.xlsx"
            faults.add(form.title, None, None, "missing-sheet", f"the sheet '{form.title}' is missing", hint)
    if faults:
        raise InstanceError(faults.all(), what="The workbook")
    chain, chain_rows = _read_chain(sheets[CHAIN.title], letters, faults)
    frames: dict[str, pd.DataFrame] = {}
    rows: dict[str, list[int]] = {}
    for name, form in FORM.items():
        raw = _raw(form, sheets[form.title], letters, faults)
        parsed = parse_table(form.table, raw, faults)
        frames[name], rows[name] = parsed.frame, raw.rows.tolist()
    if faults:
        raise InstanceError([_pointed(f, chain_rows, letters) for f in faults.all()], what="The workbook")
    return Filled(chain, chain_rows, frames, rows, letters)


def _understood(cell: Any, column: Column) -> Any:
    """Return a word of the drop-downs, in either language, as the format knows it; every other cell as it is."""
    if not isinstance(cell, str) or column.type not in ("choice", "boolean"):
        return cell
    text = " ".join(cell.split())
    for word in column.choices or ("true", "false"):
        if text in (spoken(word), WORDS.get(word)):
            return word
    return cell


def _read_chain(
    rows: list[list[Any]], letters: dict[str, dict[str, str]], faults: Faults
) -> tuple[dict[str, Any], dict[str, int]]:
    """Read the sheet of the chain, whose columns stand below each other, as a table of one row."""
    known = CHAIN.table.column_names
    cells: dict[str, Any] = {}
    places: dict[str, int] = {}
    for number, row in enumerate(rows[1:], start=2):
        key = "" if not row or is_blank(row[0]) else str(row[0]).strip()
        if key in known and key not in places:
            cells[key], places[key] = [row[2] if len(row) > 2 else None], number
        elif key:
            why = "which is there already" if key in known else "which is nothing that the sheet can hold"
            faults.add(
                CHAIN.title,
                number,
                "key",
                "unknown-key",
                f"found {quoted(key)}, {why}",
                nearest_hint(key, known),
            )
    letters[CHAIN.title] = {"key": "A", "value": "C"}
    raw = RawTable(CHAIN.title, cells, np.array([1], dtype=np.int64))
    for column in CHAIN.table.columns:
        if column.required and column.name not in places:
            faults.add(CHAIN.title, None, column.name, "missing-key", f"the row '{column.name}' is missing")
            cells[column.name] = ["missing" if column.is_text else 1.0]
    frame = parse_table(CHAIN.table, raw, faults).frame
    found = {name: None if pd.isna(frame[name][0]) else frame[name][0] for name in known}
    return found, places


def _raw(
    form: FormSheet, rows: list[list[Any]], letters: dict[str, dict[str, str]], faults: Faults
) -> RawTable:
    """Return the cells of a sheet by column; the first word of a header is the column's name."""
    header = rows[0] if rows else []
    known, where = form.table.column_names, {}
    by_label = {form.zh[name][0]: name for name in known}
    for position, cell in enumerate(header):
        text = "" if is_blank(cell) else str(cell).strip()
        name = text.split()[0] if text.split() and text.split()[0] in known else by_label.get(text, "")
        if name and name not in where:
            where[name] = position
        elif text and not text.startswith("x_"):
            what = "occurs twice" if name else "is nothing that the sheet can hold"
            faults.add(
                form.title,
                1,
                text,
                "unknown-column",
                f"the column {quoted(text)} {what}",
                nearest_hint(text, known),
            )
    letters[form.title] = {
        **{str(cell).strip(): column_letter(k) for k, cell in enumerate(header) if not is_blank(cell)},
        **{name: column_letter(position) for name, position in where.items()},
    }
    for column in form.table.columns:
        if column.required and column.name not in where:
            faults.add(form.title, 1, column.name, "missing-column", f"the column '{column.name}' is missing")
    kept = [
        (number, row)
        for number, row in enumerate(rows[1:], start=2)
        if any(not is_blank(row[position]) for position in where.values())
    ]
    columns: dict[str, Sequence[Any]] = {
        name: [_understood(row[position], form.table.column(name)) for _, row in kept]
        for name, position in where.items()
    }
    return RawTable(form.title, columns, np.array([number for number, _ in kept], dtype=np.int64))


def _pointed(fault: Fault, chain_rows: Mapping[str, int], letters: Mapping[str, Mapping[str, str]]) -> Fault:
    """Return a fault with its cell; one of the chain stands in the row of its key."""
    number = chain_rows.get(fault.column or "")
    if fault.file == CHAIN.title and number is not None:
        fault = Fault(fault.file, number, fault.column, fault.code, fault.message, fault.hint)
    return point(fault, letters)
