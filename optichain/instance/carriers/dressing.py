"""What a sheet of a workbook says to whoever fills it: comments on the header, drop-downs, bounds of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from optichain.instance.carriers.workbook_cells import column_letter
from optichain.instance.schema import TABLES, Column, Table

__all__ = ["FIRST_ROWS", "Formats", "add_comment", "comment_on", "dress"]

FIRST_ROWS: Final = 2_000
"""Rows of a sheet that have drop-downs, at least; more where the table is longer."""
_BLUE, _GREY = "#DCE6F1", "#F2F2F2"


class Formats:
    """Formats of the headers of one workbook: needed columns stand out."""

    def __init__(self, book: Any) -> None:
        self.needed = book.add_format({"bold": True, "bottom": 1, "bg_color": _BLUE})
        self.optional = book.add_format({"bottom": 1, "bg_color": _GREY})

    def of(self, column: Column | None) -> Any:
        """Return the format of a column's header."""
        return self.needed if column is not None and column.required else self.optional


def dress(sheet: Any, table: Table, columns: list[str], sizes: Mapping[str, int]) -> None:
    """Put a comment on every header, and drop-downs or bounds on the cells below it.

    Parameters
    ----------
    sheet : xlsxwriter worksheet
    table : Table
    columns : list of str
        Headers from the first column on; the user's own are left alone.
    sizes : mapping of str to int
        Rows that each table has.
    """
    last = max(sizes.get(table.name, 0), FIRST_ROWS)
    for position, name in enumerate(columns):
        if name not in table.column_names:
            continue
        column = table.column(name)
        add_comment(sheet, position, comment_on(column))
        rule = _validation(column, position, sizes)
        if rule is not None:
            sheet.data_validation(1, position, last, position, rule)


def add_comment(sheet: Any, position: int, text: str, *, signs: int = 42) -> None:
    """Put a comment on a header, as high as its lines of so many signs need."""
    lines = sum(1 + len(line) // signs for line in text.split("\n"))
    sheet.write_comment(
        0, position, text, {"author": "", "width": 300, "height": 16 * lines + 12, "font_size": 9}
    )


def comment_on(column: Column) -> str:
    """Return what a column means, what it holds, in which unit, and what a blank cell means.

    Examples
    --------
    >>> print(comment_on(TABLES["sources"].column("status")))
    active: in use; qualified: usable switch_time after a disruption; potential: only after a measure.
    Expected: one of active, qualified, potential
    Blank: active
    """
    lines = [column.description, f"Expected: {column.expected}"]
    if column.unit is not None:
        lines.append(f"Unit: {column.unit}")
    if column.references is not None:
        lines.append(f"A name from the sheet {column.references}")
    lines.append("Must be filled" if column.required else f"Blank: {_meaning_of_blank(column)}")
    return "\n".join(lines)


def _meaning_of_blank(column: Column) -> str:
    if column.meaning_of_blank is not None:
        return column.meaning_of_blank
    if column.unlimited == "blank":
        return "unlimited"
    default = column.default
    if isinstance(default, bool):
        return "true" if default else "false"
    if isinstance(default, float):
        return f"{default:g}"
    return "none" if default is None else str(default)


def _validation(column: Column, position: int, sizes: Mapping[str, int]) -> dict[str, Any] | None:
    """Return the rule of Excel for the cells of a column; what refers to a name not there yet only warns."""
    if column.type in ("choice", "boolean"):
        words = list(column.choices) or ["true", "false"]
        return {
            "validate": "list",
            "source": words,
            "error_title": column.name,
            "error_message": _short(f"Expected {column.expected}."),
        }
    if column.references is not None:
        key = TABLES[column.references].key[0]
        if key in ("source", "lane"):  # may be left blank there, and then have names that no cell holds
            return None
        letter = column_letter(TABLES[column.references].column_names.index(key))
        last = max(sizes.get(column.references, 0), FIRST_ROWS) + 1
        return {
            "validate": "list",
            "source": f"={column.references}!${letter}$2:${letter}${last}",
            "error_type": "warning",
            "error_title": column.name,
            "error_message": _short(f"The sheet {column.references} has no such name yet."),
        }
    if column.type not in ("number", "whole"):
        return None
    low = 0.0 if column.positive else column.minimum
    compare = ">" if column.positive else ">="
    cell = f"{column_letter(position)}2"
    tests = [f"ISNUMBER({cell})"]
    if low is not None:
        tests.append(f"N({cell}){compare}{low:g}")
    if column.maximum is not None:
        tests.append(f"N({cell})<={column.maximum:g}")
    if column.type == "whole":
        tests.append(f"N({cell})=INT(N({cell}))")
    rule = f"AND({','.join(tests)})"
    if column.unlimited != "no":
        rule = f'OR({cell}="unlimited",{rule})'
    return {
        "validate": "custom",
        "value": f"={rule}",
        "error_title": column.name,
        "error_message": _short(f"Expected {column.expected}."),
    }


def _short(text: str) -> str:
    """Return a message as long as Excel allows."""
    return text if len(text) <= 250 else f"{text[:247]}..."
