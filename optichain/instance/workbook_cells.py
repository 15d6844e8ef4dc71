"""Cells of a workbook that hold no value: errors such as ``#N/A``, and formulas that nobody has calculated.

The reader of workbooks shows them as blank, and a blank has a meaning of its own (a capacity: unlimited).
So the sheets are looked through once more for them.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

__all__ = ["CellWithoutValue", "cells_without_value", "column_letter"]

_PLACE: Final = re.compile(r"([A-Z]+)([0-9]+)")


@dataclass(frozen=True, slots=True)
class CellWithoutValue:
    """Stands in a table where a value should be, and is of no type that any column takes."""

    shown: str

    def __repr__(self) -> str:
        """Return what the user sees in the cell."""
        return self.shown

    __str__ = __repr__


def cells_without_value(path: Path) -> dict[str, dict[tuple[int, int], CellWithoutValue]]:
    """Return, by sheet, the cells (row, column from 0) that hold an error or an uncalculated formula.

    Parameters
    ----------
    path : Path
        An ``.xlsx`` workbook.
    """
    with zipfile.ZipFile(path) as archive:
        found = {}
        for name, part in _sheets(archive):
            content = archive.read(part)
            if b't="e"' in content or b"<f" in content:
                found[name] = dict(_without_value(content))
    return found


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
    if match is None:
        return before + 1
    number = 0
    for letter in match[1]:
        number = 26 * number + ord(letter) - ord("A") + 1
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
