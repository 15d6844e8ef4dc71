"""Mutations of workbooks: of their sheets as tables, of the parts of the archive, and of its bytes."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from random import Random
from typing import Any

import openpyxl
import xlsxwriter

from fuzzing.mutations import Rows, mutate_bytes, mutate_rows, times
from fuzzing.values import text

Sheets = dict[str, list[list[Any]]]
MOST = 100_000
"""Cells of a sheet that is mutated cell by cell."""


def sheets_of(content: bytes) -> Sheets:
    """Every sheet as rows of values, blank cells as empty text.

    Raises
    ------
    ValueError
        A sheet was swollen before: nobody holds a full rectangle of its cells.
    """
    book = openpyxl.load_workbook(io.BytesIO(content))
    if any(book[name].max_row * book[name].max_column > MOST for name in book.sheetnames):
        raise ValueError("a sheet is too large")
    return {
        name: [
            ["" if cell is None else cell for cell in row] for row in book[name].iter_rows(values_only=True)
        ]
        for name in book.sheetnames
    }


def write_book(sheets: Sheets) -> bytes:
    """A workbook of typed cells."""
    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": True,
    }
    book = xlsxwriter.Workbook(stream, options)
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                _write(sheet, r, c, cell)
    book.close()
    return stream.getvalue()


def _write(sheet: Any, r: int, c: int, cell: Any) -> None:
    if isinstance(cell, str):
        if cell.startswith("=") and len(cell) > 1:
            sheet.write_formula(r, c, cell, value="")
        elif cell:
            sheet.write_string(r, c, cell[:32_767].encode("utf-8", "replace").decode("utf-8"))
    elif isinstance(cell, (dt.date, dt.datetime)):
        sheet.write_datetime(r, c, cell)
    elif cell is not None:
        sheet.write(r, c, cell)


def mutate_book(rng: Random, content: bytes) -> bytes:
    """Mutate a workbook, mostly in its cells."""
    draw = rng.random()
    try:
        if draw < 0.55:
            return write_book(_mutated(rng, sheets_of(content)))
        if draw < 0.95:
            return mutate_parts(rng, content)
    except Exception:
        pass
    return mutate_bytes(rng, content)


def _mutated(rng: Random, sheets: Sheets) -> Sheets:
    for _ in times(rng):
        name = rng.choice(list(sheets))
        draw = rng.random()
        if draw < 0.08:
            del sheets[name]
        elif draw < 0.12:
            new = rng.choice((name.upper()[:31], name.title()[:31], "README", "Sheet1", "items ", "设置"))
            sheets = {new if key == name else key: rows for key, rows in sheets.items()}
        elif draw < 0.16:
            sheets[name] = []
        elif draw < 0.45:
            odd_cell(rng, sheets[name])
        else:
            rows: Rows = sheets[name]
            sheets[name] = mutate_rows(rng, rows) if rows else [[text(rng)]]
        sheets = sheets if {key.lower() for key in sheets} else {"sheet": []}
    return (
        {key: rows for key, rows in sheets.items() if key}
        if len({k.lower() for k in sheets}) == len(sheets)
        else {}
    )


def odd_cell(rng: Random, rows: list[list[Any]]) -> None:
    """Put a cell of another type somewhere, also beyond the table."""
    r, c = rng.randrange(len(rows) + 2), rng.randrange(max(map(len, rows), default=0) + 2)
    while len(rows) <= r:
        rows.append([])
    rows[r] += [""] * (c + 1 - len(rows[r]))
    rows[r][c] = rng.choice(
        (True, False, 0, -1, 1e308, 5e-324, 1e15, 0.1, 2026, "=1/0", "=A1", "=NOW()", dt.date(2026, 1, 1), dt.datetime(1900, 1, 1),
         dt.datetime(9999, 12, 31, 23, 59), float("nan"), float("inf"), "1", "#N/A", text(rng))
    )  # fmt: skip


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


SWAPS: tuple[tuple[bytes, bytes], ...] = (
    (b'r="A1"', b'r="XFD1048576"'),
    (b'r="B2"', b'r="ZZZZZ99999999"'),
    (b'r="B2"', b'r="B0"'),
    (b'r="A2"', b'r="2A"'),
    (b'<row r="2"', b'<row r="-5"'),
    (b'<row r="2"', b'<row r="99999999999999999999"'),
    (b"<v>1</v>", b"<v>99999999</v>"),
    (b"<v>0</v>", b"<v>-1</v>"),
    (b"<v>0</v>", b"<v></v>"),
    (b't="s"', b't="e"'),
    (b't="s"', b't="b"'),
    (b't="s"', b't="d"'),
    (b't="s"', b't="inlineStr"'),
    (b' t="s"', b""),
    (b"</c>", b"<f>1+1</f></c>"),
    (b"<sheetData>", b"<sheetData><row><c><v>1e999</v></c></row>"),
    (b"<sheetData>", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><sheetData>'),
    (b"</sheetData>", b""),
    (b"<dimension", b'<dimension ref="A1:XFD1048576"/><dimension'),
    (b"</worksheet>", b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'),
    (b'state="', b'state="veryHidden" x="'),
    (b'Target="', b'Target="../../../../etc/'),
    (b'Target="', b'Target="http://127.0.0.1/'),
    (b'r:id="rId1"', b'r:id="rId99"'),
    (b"<si>", b"<si><t>a</t></si><si>"),
    (b"utf-8", b"utf-16"),
    (b"UTF-8", b"no-such-encoding"),
)


def mutate_parts(rng: Random, content: bytes) -> bytes:
    """Change, drop, add or swell a part of the archive."""
    parts = parts_of(content)
    name, draw = rng.choice(list(parts)), rng.random()
    if draw < 0.6:
        found = [(n, old, new) for n, part in parts.items() for old, new in SWAPS if old in part]
        name, old, new = rng.choice(found)
        parts[name] = parts[name].replace(old, new, rng.choice((1, -1)))
    elif draw < 0.7:
        del parts[name]
    elif draw < 0.85:
        parts[name] = mutate_bytes(rng, parts[name])
    elif draw < 0.9:
        parts[rng.choice(("../../evil", "/etc/evil", "xl/worksheets/sheet99.xml", "xl/vbaProject.bin"))] = (
            parts[name]
        )
    elif draw < 0.95:
        parts[name] = parts[name] + b" " * 2**22
    else:
        other = rng.choice(list(parts))
        parts[name], parts[other] = parts[other], parts[name]
    return pack(parts)
