"""Putting the rows of several submissions together: one row a thing, and a question wherever two values differ."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from optichain.instance.schema import TABLES
from optichain.merging.decisions import Question

__all__ = ["Combined", "Part", "combine"]

Cells = dict[str, Any]
_PROVENANCE: Final = ("submitted_by", "grade", "note")
_KEYS: Final = {"bom": ("item", "input", "source")}
"""Keys that are narrower than the table's: one input of an item is one thing, whatever requirement it is put under.

A submission that puts it under several requirements means several things: see `_keys_of`."""
_TOGETHER: Final = {"stocks": ("quantity", "cover")}
"""Columns of which a row has one: they contradict each other as a pair."""


@dataclass(frozen=True)
class Part:
    """One submission.

    Attributes
    ----------
    label : str
        Who submitted it.
    path : str
    tables : dict of str to DataFrame
    rows : mapping of str to sequence of int
        The user's row numbers of each table.
    """

    label: str
    path: str
    tables: dict[str, pd.DataFrame]
    rows: Mapping[str, Any]


@dataclass
class Combined:
    """Rows of all submissions.

    Attributes
    ----------
    tables : dict of str to list of dict
    origins : dict of str to list of (Part, int)
        Where each row stands first.
    conflicts : list of Question
        Each with what holds meanwhile, or what was decided.
    """

    tables: dict[str, list[Cells]] = field(default_factory=dict)
    origins: dict[str, list[tuple[Part, int]]] = field(default_factory=dict)
    conflicts: list[Question] = field(default_factory=list)


def combine(parts: Iterable[Part], decided: Mapping[tuple[str, ...], Question]) -> Combined:
    """Return one row for each key.

    What only one submission says is taken from it. Where two differ the better grade holds, of equals the earlier
    submission, unless it was decided otherwise; the row says so in ``x_conflict``.
    """
    found = Combined()
    places: dict[tuple[str, tuple[Any, ...]], int] = {}
    for part in parts:
        for table, frame in part.tables.items():
            records = [
                {str(name): _given(cell) for name, cell in row.items()} for row in frame.to_dict("records")
            ]
            for position, (cells, key) in enumerate(zip(records, _keys_of(table, records), strict=True)):
                cells["submitted_by"] = cells["submitted_by"] or part.label
                place = places.get((table, key))
                if place is None:
                    rows = found.tables.setdefault(table, [])
                    places[table, key] = len(rows)
                    rows.append(cells)
                    found.origins.setdefault(table, []).append((part, position))
                else:
                    _join(found, decided, table, key, found.tables[table][place], cells)
    return found


def _keys_of(table: str, rows: list[Cells]) -> list[tuple[Any, ...]]:
    """Return what each row of a submission is about; rows that its narrower key does not tell apart are numbered."""
    full = TABLES[table].key
    narrow = _KEYS.get(table, full)
    rest = [name for name in full if name not in narrow]
    keys = [tuple(row[name] for name in narrow) for row in rows]
    if not rest:
        return keys
    labels = [tuple(str(row[name] or "") for name in rest) for row in rows]
    variants: dict[tuple[Any, ...], set[tuple[str, ...]]] = {}
    for key, label in zip(keys, labels, strict=True):
        variants.setdefault(key, set()).add(label)
    numbers = [sorted(variants[key]).index(label) for key, label in zip(keys, labels, strict=True)]
    return [(*key, number + 1) if number else key for key, number in zip(keys, numbers, strict=True)]


def _given(cell: Any) -> Any:
    return None if isinstance(cell, float) and math.isnan(cell) else cell


def _join(
    found: Combined,
    decided: Mapping[tuple[str, ...], Question],
    table: str,
    key: tuple[Any, ...],
    row: Cells,
    other: Cells,
) -> None:
    """Put a second row of a thing into the first."""
    name = " ".join(str(part) for part in key if part is not None)
    conflicts = []
    joint = _TOGETHER.get(table, ())
    columns = [[column] for column in dict.fromkeys([*row, *other]) if column not in (*_PROVENANCE, *joint)]
    for group in [*columns, *([list(joint)] if joint else [])]:
        if group == ["x_conflict"]:
            continue
        first, second = ([cells.get(column) for column in group] for cells in (row, other))
        if first == second or all(cell is None for cell in second):
            continue
        if all(cell is None for cell in first):
            row |= dict(zip(group, second, strict=True))
            continue
        if _is_default(table, group, second):
            continue
        if _is_default(table, group, first):
            row |= dict(zip(group, second, strict=True))
            continue
        question = _question(table, name, group, first, second, row, other)
        answer = decided.get(question.identity)
        if answer is not None and answer.decision:
            question = answer
        conflicts.append(question)
        holds = question.decision or question.kept
        if holds == "second":
            row |= dict(zip(group, second, strict=True))
        elif holds == "sum":
            row |= {column: a + b for column, a, b in zip(group, first, second, strict=True) if a is not None}
    _join_provenance(row, other, conflicts)
    found.conflicts += conflicts


def _is_default(table: str, group: list[str], cells: list[Any]) -> bool:
    """Whether a value is what a blank cell means, so that nobody has said it; a status always says something."""
    if len(group) != 1 or group[0] not in TABLES[table].column_names:
        return False
    column = TABLES[table].column(group[0])
    if column.type == "choice":
        return False
    default = math.inf if column.unlimited == "blank" else column.default
    return default is not None and cells[0] == default


def _question(
    table: str, name: str, group: list[str], first: list[Any], second: list[Any], row: Cells, other: Cells
) -> Question:
    grades = [cells.get("grade") or "" for cells in (row, other)]
    better = (grades[1] or "Z") < (grades[0] or "Z")
    return Question(
        ask="conflict",
        what=table,
        key=name,
        column=" or ".join(group),
        first=_shown(group, first),
        first_by=str(row["submitted_by"]),
        first_grade=grades[0],
        second=_shown(group, second),
        second_by=str(other["submitted_by"]),
        second_grade=grades[1],
        likeness="",
        kept="second" if better else "first",
    )


def _shown(group: list[str], cells: list[Any]) -> str:
    """Return values as the file of decisions shows them."""
    parts = [
        (column, f"{cell:.12g}" if isinstance(cell, float) else str(cell))
        for column, cell in zip(group, cells, strict=True)
        if cell is not None
    ]
    return parts[0][1] if len(group) == 1 else ", ".join(f"{column} {text}" for column, text in parts)


def _join_provenance(row: Cells, other: Cells, conflicts: list[Question]) -> None:
    """Say who submitted a row, how well it is known, and what contradicts it."""
    held = [q.decision or q.kept for q in conflicts]
    grades = [str(cells["grade"]) for cells in (row, other) if cells.get("grade")]
    if not conflicts and grades:
        row["grade"] = min(grades)
    elif conflicts and "second" in held:
        row["grade"] = other.get("grade")
    people = [who for text in (row["submitted_by"], other["submitted_by"]) for who in str(text).split("; ")]
    row["submitted_by"] = "; ".join(dict.fromkeys(people))
    notes = [text for text in (row.get("note"), other.get("note")) if text]
    row["note"] = "; ".join(dict.fromkeys(notes)) or None
    said = [_contradiction(q, holds) for q, holds in zip(conflicts, held, strict=True)]
    if said:
        row["x_conflict"] = "; ".join(filter(None, [row.get("x_conflict"), *said]))


def _contradiction(q: Question, holds: str) -> str:
    """Return both values and the one that holds, with a question mark until it is decided.

    In signs, not words: it stands in the instance, whatever the language of the report that shows it.
    """
    kept = {"first": q.first, "second": q.second}.get(holds, f"{q.first} + {q.second}")
    first, second = _by(q.first_by, q.first_grade), _by(q.second_by, q.second_grade)
    column = q.column.replace(" or ", "/")
    return f"{column}: {q.first} ({first}) ≠ {q.second} ({second}) → {kept}{'' if q.decision else '?'}"


def _by(who: str, grade: str) -> str:
    return f"{who}, {grade}" if grade else who
