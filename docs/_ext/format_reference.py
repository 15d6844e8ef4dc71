"""The reference of the instance format, made from the schema that reads it: directives for tables and for settings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from optichain.instance.schema import TABLES, Column
from optichain.instance.settings import SECTIONS, setting_fields

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from sphinx.application import Sphinx

_BOTH = {
    "submitted_by": "Who handed the row in.",
    "grade": "How well it is known: A measured, B stated, C guessed.",
    "note": "Anything else.",
}


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directives ``instance-tables`` and ``instance-settings``."""
    app.add_directive("instance-tables", Tables)
    app.add_directive("instance-settings", SettingsList)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class Tables(SphinxDirective):
    """A section a table of an instance, with a row a column."""

    has_content: ClassVar = False

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        return [self._section(name) for name in TABLES]

    def _section(self, name: str) -> nodes.section:
        table = TABLES[name]
        section = nodes.section(ids=[f"table-{name.replace('_', '-')}"], names=[f"table {name}"])
        section += nodes.title("", "", nodes.literal("", name))
        key = ", ".join(table.key)
        need = "Every instance has it." if table.required else "May be missing."
        section += nodes.paragraph("", f"{table.description} Key: {key}. {need}")
        rows = [
            [_code(c.name), _kind(c), _blank(c), c.description] for c in table.columns if c.name not in _BOTH
        ]
        section += _grid(["column", "holds", "left blank", "what it is"], rows)
        return section


class SettingsList(SphinxDirective):
    """All settings with their defaults."""

    has_content: ClassVar = False

    def run(self) -> list[nodes.Node]:
        """Return one table a section of ``instance.toml``."""
        fields = list(setting_fields())
        found: list[nodes.Node] = []
        for section in ("", *SECTIONS):
            mine = [(n, f) for n, f in fields if n.rpartition(".")[0] == section]
            head = f"[{section}]: {SECTIONS[section].__doc__}" if section else "At the top of instance.toml"
            found.append(nodes.rubric("", head))
            found.append(_grid(["setting", "default", "what it is"], list(_settings(mine))))
        return found


def _settings(fields: Sequence[tuple[str, FieldInfo]]) -> Iterator[list[Any]]:
    for name, field in fields:
        if field.is_required():
            default: Any = "required"
        elif field.default is None:
            default = "absent"
        elif isinstance(field.default, bool):
            default = _code(str(field.default).lower())
        else:
            default = _code(json.dumps(field.default)) if field.default != () else "the last budget, twice"
        yield [_code(name), default, field.description or ""]


def _kind(column: Column) -> list[nodes.Node]:
    """Return what a cell holds: its type, unit, bounds, and what it refers to."""
    words: list[str] = []
    if column.choices:
        words.append(", ".join(column.choices))
    elif column.references:
        words.append(f"a name of {column.references}")
    else:
        words.append(
            {"number": "number", "whole": "whole number", "boolean": "yes or no"}.get(
                column.type, column.type
            )
        )
    if column.unit:
        words.append(column.unit if column.unit.startswith("per ") else f"in {column.unit}")
    if column.minimum is not None and column.maximum is not None:
        words.append(f"from {column.minimum:g} to {column.maximum:g}")
    elif column.minimum is not None:
        words.append(f"at least {column.minimum:g}")
    if column.positive:
        words.append("above 0")
    if column.unlimited != "no":
        words.append("or the word unlimited")
    return [nodes.Text(", ".join(words))]


def _blank(column: Column) -> str:
    if column.required:
        return "not allowed"
    if column.meaning_of_blank:
        return column.meaning_of_blank
    if column.unlimited == "blank":
        return "unlimited"
    if column.default is None:
        return "nothing said"
    if isinstance(column.default, bool):
        return "yes" if column.default else "no"
    return f"{column.default:g}" if isinstance(column.default, (int, float)) else str(column.default)


def _code(text: str) -> list[nodes.Node]:
    return [nodes.literal("", text)]


def _grid(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> nodes.table:
    """Return a table of texts or inline nodes."""
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += nodes.thead("", _row(head))
    group += nodes.tbody("", *(_row(row) for row in rows))
    return nodes.table("", group)


def _row(cells: Sequence[Any]) -> nodes.row:
    inside = [[nodes.Text(cell)] if isinstance(cell, str) else cell for cell in cells]
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *cell)) for cell in inside))
