"""What a merge leaves to people, as a file that is edited and given back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from optichain.errors import Fault, FaultyInputError
from optichain.instance.raw import quoted
from optichain.instance.schema import TABLES
from optichain.nearest import nearest_hint
from optichain.storage.files import read_text
from optichain.storage.spreadsheet import shielded, unshielded

__all__ = ["DecisionError", "Question", "read_decisions", "write_decisions"]

ANSWERS = {"name": ("same", "different"), "conflict": ("first", "second", "sum")}


class DecisionError(FaultyInputError):
    """The file of decisions cannot be used; every fault is listed."""

    code = "bad-decisions"


@dataclass(frozen=True, slots=True)
class Question:
    """Two names that may mean the same, or two values that contradict each other.

    Attributes
    ----------
    ask : str
        ``name``: are they the same? ``conflict``: which holds?
    what : str
        Of names enterprise, item or site; of a conflict the table.
    key, column : str
        Of a conflict: which row, and which column of it.
    first, first_by, first_grade, second, second_by, second_grade : str
        Names or values, who submitted them, and how well they know.
    likeness : str
        Of names, from 0 to 1.
    kept : str
        What holds meanwhile: ``different``; ``first``, ``second`` or ``sum``.
    decision : str
        Blank until somebody decides: same or different; first, second or (of numbers) sum.
    """

    ask: str
    what: str
    key: str
    column: str
    first: str
    first_by: str
    first_grade: str
    second: str
    second_by: str
    second_grade: str
    likeness: str
    kept: str
    decision: str = ""

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells questions apart; the same when asked again as long as nothing has changed."""
        return (self.ask, self.what, self.key, self.column, self.first, self.second, self.second_by)


_COLUMNS = tuple(field.name for field in fields(Question))


def read_decisions(path: Path) -> dict[tuple[str, ...], Question]:
    """Return the questions of a file by their identity, answered or not.

    Raises
    ------
    DecisionError
        With every fault.
    """
    try:
        rows = csv.DictReader(io.StringIO(read_text(path), newline=""), strict=True)
        faults = [
            Fault(path.name, 1, column, "missing-column", f"the column '{column}' is missing")
            for column in _COLUMNS
            if column not in (rows.fieldnames or ())
        ]
        if faults:
            raise DecisionError(faults, what="The file of decisions")
        listed = list(rows)
    except OSError as error:
        raise _refused(path, "unreadable", f"cannot be read: {error.strerror or error}") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise _refused(path, "bad-csv", f"this is no CSV in UTF-8: {error}") from None
    found = {}
    for number, row in enumerate(listed, start=2):
        cells = {column: unshielded((row[column] or "").strip()) for column in _COLUMNS}
        question = Question(**cells)
        allowed = ANSWERS.get(question.ask)
        if allowed is None:
            text = f"found {quoted(question.ask)}, expected name or conflict"
            faults.append(Fault(path.name, number, "ask", "not-a-choice", text))
        elif question.decision and question.decision not in allowed:
            text = f"found {quoted(question.decision)}, expected {', '.join(allowed)} or nothing"
            hint = nearest_hint(question.decision, allowed)
            faults.append(Fault(path.name, number, "decision", "not-a-choice", text, hint))
        elif question.decision == "sum" and not _are_numbers(question):
            text = f"found sum of {quoted(question.first)} and {quoted(question.second)}, expected numbers"
            faults.append(Fault(path.name, number, "decision", "not-a-number", text, "write first or second"))
        found[question.identity] = question
    if faults:
        raise DecisionError(faults, what="The file of decisions")
    return found


def _refused(path: Path, code: str, message: str) -> DecisionError:
    return DecisionError([Fault(path.name, None, None, code, message)], what="The file of decisions")


def _are_numbers(question: Question) -> bool:
    """Tell whether two values add up: a code of digits in a column of texts does not."""
    table = TABLES.get(question.what)
    if table is None or question.column not in table.column_names or table.column(question.column).is_text:
        return False
    try:
        return bool([float(question.first), float(question.second)])
    except ValueError:
        return False


def write_decisions(questions: Iterable[Question]) -> str:
    """Return the file, decided questions last; a spreadsheet opens every cell as text."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for question in sorted(questions, key=lambda q: (bool(q.decision), q.identity)):
        writer.writerow({name: shielded(getattr(question, name)) for name in _COLUMNS})
    return stream.getvalue()
