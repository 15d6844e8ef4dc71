"""The tables of an instance as data: what every column is called, holds, means and may be left out for.

Reading, checking, writing, the format reference and the commented starter all follow from `TABLES`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from optichain.instance.tables import TABLE_ROWS, ColumnType

__all__ = ["TABLES", "Column", "Table", "split_labels"]

Unlimited = Literal["no", "word", "blank"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        As written in the header.
    type : str
        ``text``; ``name`` (text that others refer to: without ``>``, ``@`` and ``;``); ``labels`` (names
        separated by ``;``); ``choice``; ``boolean``; ``number``; ``whole``.
    description : str
        One sentence for the format reference.
    required : bool
        The column must be there and every cell filled.
    default : str, float, int, bool or None
        What a blank cell means, where that is a plain value.
    unit : str or None
        Unit of a number.
    choices : tuple of str
        Words that a ``choice`` may be.
    references : str or None
        Table whose key the cell must name.
    minimum, maximum : float or None
        Closed bounds of a number.
    positive : bool
        The number must be above 0.
    unlimited : {"no", "word", "blank"}
        Whether the word ``unlimited`` may stand for a number, and whether a blank means it.
    meaning_of_blank : str or None
        What a blank cell means, where that is not a plain value.
    """

    name: str
    type: ColumnType
    description: str
    required: bool = False
    default: str | float | int | bool | None = None
    unit: str | None = None
    choices: tuple[str, ...] = ()
    references: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    positive: bool = False
    unlimited: Unlimited = "no"
    meaning_of_blank: str | None = None

    @property
    def is_text(self) -> bool:
        """Whether cells are text in the data frame."""
        return self.type in ("text", "name", "labels", "choice")

    @property
    def expected(self) -> str:
        """What a cell may hold, in words for messages and the reference."""
        if self.type == "choice":
            return "one of " + ", ".join(self.choices)
        if self.type == "boolean":
            return "true or false (yes/no and 1/0 are understood too)"
        if self.type not in ("number", "whole"):
            return {"name": "a name", "labels": "labels separated by ';'"}.get(self.type, "text")
        words = "a whole number" if self.type == "whole" else "a number"
        if self.positive:
            words += " above 0"
        elif self.minimum is not None and self.maximum is not None:
            words += f" from {self.minimum:g} to {self.maximum:g}"
        elif self.minimum is not None:
            words += f", {self.minimum:g} or more"
        return words if self.unlimited == "no" else words + ", or the word unlimited"


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns in order, and which of them together tell its rows apart."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    required: bool = False

    def column(self, name: str) -> Column:
        """Return the column of that name.

        Raises
        ------
        KeyError
            There is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)


def split_labels(text: object) -> tuple[str, ...]:
    """Return the labels of a cell such as ``"port-A; flood-plain"``.

    Examples
    --------
    >>> split_labels("port-A; flood-plain;")
    ('port-A', 'flood-plain')
    """
    if not isinstance(text, str):
        return ()
    return tuple(label for part in text.split(";") if (label := part.strip()))


_PROVENANCE: Final = (
    Column("submitted_by", "text", "Who handed the row in."),
    Column(
        "grade", "choice", "How well it is known: A measured, B stated, C guessed.", choices=("A", "B", "C")
    ),
    Column("note", "text", "Anything worth keeping beside the row."),
)

TABLES: Final[dict[str, Table]] = {
    name: Table(
        name=name,
        description=description,
        key=key,
        required=required,
        columns=(*(Column(*head, **facts) for head, facts in columns), *_PROVENANCE),
    )
    for name, description, key, required, columns in TABLE_ROWS
}
