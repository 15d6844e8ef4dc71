"""The sheets of a workbook as they are stored, looked through before they are read.

Cells that hold no value, errors such as ``#N/A`` and formulas that nobody has calculated, are found here: the reader of
workbooks shows them as blank, and a blank has a meaning of its own (a capacity: unlimited). And workbooks that would
fill the memory are refused: the reader makes a full rectangle of every sheet, down to the last cell that is filled.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree as ET

__all__ = ["CellWithoutValue", "TooLarge", "cells_without_value", "column_letter"]

MOST_UNPACKED: Final = 2**30
"""Bytes of all parts together; a million rows of twenty columns take half of it."""
MOST_CELLS: Final = 30_000_000
"""Cells of all sheets, each a full rectangle."""

_PIECE: Final = 2**20
_PLACE: Final = re.compile(r"([A-Z]+)([0-9]+)")
_LETTERS: Final = re.compile(rb"""r\s*=\s*["']([A-Za-z]+)(?=[0-9])""")
_NUMBERS: Final = re.compile(rb"""r\s*=\s*["'][A-Za-z]+([0-9]{1,18})""")
_FILLED: Final = re.compile(
    rb"""r\s*=\s*["']([A-Za-z]+)([0-9]{1,18})["']"""
    # but for a cell that ends at once, which holds a format and nothing else
    rb"""(?!(?:\s+[\w:]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*\s*/>)"""
)


class TooLarge(Exception):  # noqa: N818
    """The workbook would not fit into memory; the text says why."""


@dataclass(frozen=True, slots=True)
class CellWithoutValue:
    """Stands in a table where a value should be, and is of no type that any column takes."""

    shown: str

    def __repr__(self) -> str:
        """Return what the user sees in the cell."""
        return self.shown

    __str__ = __repr__


def cells_without_value(book: bytes) -> dict[str, dict[tuple[int, int], CellWithoutValue]]:
    """Return, by sheet, the cells (row, column from 0) that hold an error or an uncalculated formula.

    Parameters
    ----------
    book : bytes
        An ``.xlsx`` workbook.

    Raises
    ------
    TooLarge
        Unpacked, or as full rectangles, its sheets would not fit into memory.
    """
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        _insist_on_size(archive)
        found, cells = {}, 0
        for name, part in _sheets(archive):
            content = archive.read(part)
            rows, columns = _extent(content)
            cells += rows * columns
            if cells > MOST_CELLS:
                raise TooLarge(
                    f"the sheet '{name}' reaches down to row {rows:,} and column {column_letter(columns - 1)}, "
                    f"expected at most {MOST_CELLS:,} cells in all sheets together; delete what stands far from the table"
                )
            if b't="e"' in content or b"<f" in content:
                found[name] = dict(_without_value(content))
    return found


def _insist_on_size(archive: zipfile.ZipFile) -> None:
    """Unpack every part once, without keeping it: what an archive says of its sizes need not be true."""
    unpacked = 0
    for part in archive.infolist():
        with archive.open(part) as stream:
            while piece := stream.read(_PIECE):
                unpacked += len(piece)
                if unpacked > MOST_UNPACKED:
                    text = f"it unpacks to more than {MOST_UNPACKED:,} bytes, which no workbook of this format needs"
                    raise TooLarge(text)


def _extent(sheet: bytes) -> tuple[int, int]:
    """Return how many rows and columns the full rectangle of a sheet has, at most."""
    letters, numbers = set(_LETTERS.findall(sheet)), set(_NUMBERS.findall(sheet))
    rows, columns = max(map(int, numbers), default=0), max(map(_position, letters), default=-1) + 1
    if rows * columns > MOST_CELLS:
        # Perhaps only cells that hold a format and nothing else stand so far out: look at each, which takes longer.
        filled = set(_FILLED.findall(sheet))
        rows = max((int(number) for _, number in filled), default=0)
        columns = max((_position(letters) for letters, _ in filled), default=-1) + 1
    return rows, columns


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield name and part of every sheet."""
    parts = set(archive.namelist())
    relations = {
        relation.get("Id"): posixpath.normpath(posixpath.join("xl", relation.get("Target", "")))
        if not relation.get("Target", "").startswith("/")
        else relation.get("Target", "").lstrip("/")
        for relation in ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    }
    for node in ET.fromstring(archive.read("xl/workbook.xml")).iter():
        if _local(node.tag) != "sheet":
            continue
        number = next((value for key, value in node.attrib.items() if _local(key) == "id"), None)
        part = relations.get(number)
        if part in parts:
            yield node.get("name", ""), str(part)


def _without_value(content: bytes) -> Iterator[tuple[tuple[int, int], CellWithoutValue]]:
    row = column = -1
    for moment, node in ET.iterparse(io.BytesIO(content), events=("start", "end")):
        kind = _local(node.tag)
        if kind == "row" and moment == "start":
            row, column = int(node.get("r", row + 2)) - 1, -1
        elif kind == "row":
            node.clear()
        elif kind == "c" and moment == "end":
            column = _column(node.get("r"), column)
            texts = {_local(child.tag): child.text for child in node}
            value = (texts.get("v") or "").strip()
            if node.get("t") == "e":
                yield (row, column), CellWithoutValue(value or "an error")
            elif "f" in texts and not value and node.get("t") not in ("str", "inlineStr"):
                yield (row, column), CellWithoutValue("a formula that was never calculated")


def _column(place: str | None, before: int) -> int:
    """Return the column of a cell such as B7, from 0; the next one where the cell does not say."""
    match = _PLACE.fullmatch(place or "")
    return before + 1 if match is None else _position(match[1].encode())


def _position(letters: bytes) -> int:
    """Return the position of a column, from 0, by its letters."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - ord("A") + 1
    return number - 1


def column_letter(position: int) -> str:
    """Return the letter of a column by its position from 0.

    Examples
    --------
    >>> column_letter(0), column_letter(27)
    ('A', 'AB')
    """
    letters, number = "", position + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2]
