"""The folder carrier: ``instance.toml`` and one CSV file a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from optichain.instance.raw import Faults, Ints, Raw, RawTable, match_table, table_from_rows
from optichain.instance.schema import TABLES, Table
from optichain.storage.files import MOST_BYTES, MOST_WRITTEN, insist_inside, read_bytes
from optichain.storage.tomltext import BadToml, parse_toml

__all__ = ["SETTINGS_FILE", "read_folder"]

SETTINGS_FILE: Final = "instance.toml"
_CHUNK: Final = 50_000

Cells = npt.NDArray[np.object_]


def read_folder(path: Path) -> Raw:
    """Read every table of a folder; what is wrong goes into the faults of the result."""
    raw = Raw(settings=None, settings_file=SETTINGS_FILE, file_pattern="{}.csv")
    text = _read_text(path / SETTINGS_FILE, SETTINGS_FILE, raw.faults, MOST_WRITTEN)
    if text is not None:
        try:
            raw.settings = parse_toml(text)
        except BadToml as error:
            hint = "text stands in quotes, lists in brackets; 'optichain new DIR' writes a file to start from"
            raw.faults.add(SETTINGS_FILE, None, None, "bad-toml", f"this is not TOML: {error}", hint)
    try:
        entries = sorted(
            entry
            for entry in path.iterdir()
            if entry.suffix.lower() == ".csv" and not entry.name.startswith(".")
        )
    except OSError as error:
        raw.faults.add(
            path.name, None, None, "unreadable", f"the folder cannot be read: {error.strerror or error}"
        )
        raw.broken.update(TABLES)
        return raw
    for entry in entries:
        table = match_table(entry.stem, entry.name, raw.faults)
        if table is None:
            continue
        if table.name in raw.tables or table.name in raw.broken:
            message = f"found a second file for the table {table.name}, expected one"
            raw.faults.add(entry.name, None, None, "duplicate-table", message)
            if table.name in raw.tables:
                raw.tables[table.name].complete = False
            continue
        read = _read_table(table, entry, raw.faults)
        if read is None:
            raw.broken.add(table.name)
        else:
            raw.tables[table.name] = read
    return raw


def _read_text(path: Path, file: str, faults: Faults, most: int = MOST_BYTES) -> str | None:
    """Return the text of a file in UTF-8, with or without a byte order mark."""
    try:
        insist_inside(path, path.parent)
        content = read_bytes(path, most=most)
    except FileNotFoundError:
        faults.add(file, None, None, "missing-file", "the file is missing")
        return None
    except OSError as error:
        faults.add(file, None, None, "unreadable", f"the file cannot be read: {error.strerror or error}")
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        faults.add(
            file,
            row,
            None,
            "not-utf-8",
            f"found the byte 0x{content[error.start]:02x}, which is not UTF-8",
            "save the file as UTF-8",
        )
        return None


def _read_table(table: Table, path: Path, faults: Faults) -> RawTable | None:
    file = path.name
    text = _read_text(path, file, faults)
    if text is None:
        return None
    lines = _lines_without_quotes(text)
    # Without strict mode an unclosed quote would silently swallow the rest of the file.
    reader = csv.reader(io.StringIO(text, newline="") if lines is None else lines, strict=True)
    try:
        first = 2
        header = next(reader, None)
        while header is not None and not any(cell.strip() for cell in header):
            header = next(reader, None)
            first += 1
        if header is None:
            faults.add(file, None, None, "empty-file", "the file is empty, expected a header at least")
            return None
        chunks = _chunks(reader, lines, len(header))
        columns, rows, complete = _read_rows(chunks, len(header), file, faults, first)
    except csv.Error as error:
        hint = "close every quote; a quote within a quoted cell is written twice"
        faults.add(file, _row_of_error(text), None, "bad-csv", f"this is not CSV: {error}", hint)
        return None
    result = table_from_rows(table, header, columns, rows, file, faults)
    result.all_text = True
    result.complete = result.complete and complete
    return result


def _row_of_error(text: str) -> int:
    """Return the row that begins where a quote is opened and not closed, or where a quote is misplaced."""
    row = 1
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for _ in reader:
            row += 1
    except csv.Error:
        pass
    return row


def _lines_without_quotes(text: str) -> Iterator[str] | None:
    """Return the lines of a text in which every line is a record: no cell is quoted, nor any line end odd."""
    text = text.replace("\r\n", "\n")
    if '"' in text or "\r" in text or "\0" in text:
        return None
    return iter(text.removesuffix("\n").split("\n"))


def _chunks(
    reader: csv._reader,  # type: ignore[name-defined, unused-ignore]
    lines: Iterator[str] | None,
    width: int,
) -> Iterator[list[list[str]] | _Columns]:
    """Yield the records after the header by the chunk, at once as columns where every line is as it should be."""
    if lines is None:
        while chunk := list(islice(reader, _CHUNK)):
            yield chunk
        return
    while part := list(islice(lines, _CHUNK)):
        cells = ",".join(part).split(",")
        if {line.count(",") for line in part} == {width - 1} and all(map(str.strip, cells[::width])):
            yield _Columns(len(part), [cells[k::width] for k in range(width)])
        else:
            yield [line.split(",") if line else [] for line in part]


@dataclass(frozen=True, slots=True)
class _Columns:
    """Records of equal width, none of them blank."""

    count: int
    cells: list[list[str]]


def _read_rows(
    chunks: Iterator[list[list[str]] | _Columns], width: int, file: str, faults: Faults, first: int
) -> tuple[list[Cells], Ints, bool]:
    """Put records together by column; equal cells of a column share one str.

    Columns are arrays, not lists: garbage collection would walk through lists of millions again and again.
    """
    columns: list[list[Cells]] = [[] for _ in range(width)]
    shared: list[dict[str, str] | None] = [{} for _ in range(width)]
    numbers: list[Ints] = []
    complete = True
    start = first
    for chunk in chunks:
        count = chunk.count if isinstance(chunk, _Columns) else len(chunk)
        row_numbers = np.arange(start, start + count, dtype=np.int64)
        by_column: Iterable[Sequence[str]]
        if isinstance(chunk, _Columns):
            by_column = chunk.cells
        else:
            kept, kept_numbers, whole = _sound_rows(chunk, row_numbers, width, file, faults)
            complete = complete and whole
            row_numbers = kept_numbers
            by_column = zip(*kept, strict=True)
        for k, cells_of_column in enumerate(by_column):
            part = np.empty(len(cells_of_column), dtype=object)
            known = shared[k]
            if known is None:
                part[:] = cells_of_column
            else:
                part[:] = list(map(known.setdefault, cells_of_column, cells_of_column))
                # Where hardly a cell repeats, looking for repetitions only costs time and memory.
                if start == first and len(known) > len(part) // 2:
                    shared[k] = None
            columns[k].append(part)
        numbers.append(row_numbers)
        start += count
    rows = np.concatenate(numbers) if numbers else np.empty(0, dtype=np.int64)
    empty = np.empty(0, dtype=object)
    return [np.concatenate(parts) if parts else empty for parts in columns], rows, complete


def _sound_rows(
    chunk: list[list[str]], row_numbers: Ints, width: int, file: str, faults: Faults
) -> tuple[list[list[str]], Ints, bool]:
    """Return the rows that are as wide as the header, their numbers, and whether none but blank ones is missing."""
    if set(map(len, chunk)) == {width} and all(cells[0].strip() for cells in chunk):
        return chunk, row_numbers, True
    kept: list[list[str]] = []
    numbers: list[int] = []
    complete = True
    for number, cells in zip(row_numbers.tolist(), chunk, strict=True):
        if not any(map(str.strip, cells)):
            continue
        if len(cells) > width and not any(map(str.strip, cells[width:])):
            cells = cells[:width]
        if len(cells) != width:
            faults.add(
                file,
                number,
                None,
                "ragged-row",
                f"found {len(cells)} cells, expected {width}, as many as in the header",
            )
            complete = False
            continue
        kept.append(cells)
        numbers.append(number)
    return kept, np.array(numbers, dtype=np.int64), complete
