"""Reading an extract: a CSV in whatever encoding and with whatever delimiter, or a sheet of a workbook."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from optichain.errors import Fault
from optichain.importing.ledger import Ledger, Refusal, Row
from optichain.importing.mapping import ExtractMap
from optichain.instance.carriers.sheets import BadWorkbook, read_sheets
from optichain.instance.carriers.workbook_cells import CellWithoutValue
from optichain.instance.raw import quoted
from optichain.nearest import nearest_hint
from optichain.storage.files import read_bytes

__all__ = ["clean", "decode", "read_extract"]

_SPACES: Final = re.compile(r"\s+")
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_DELIMITERS: Final = ",;\t|"
_ERRORS: Final = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!)")
REPLACED: Final = "\ufffd"
MINORITY: Final = 0.2
"""Share of lines that are UTF-8 below which a file in GB 18030 is not taken for a mixture of the two."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Rows as they came: header first, then (number, cells, raw)."""

    header: list[str]
    rows: list[tuple[int, list[Any], str]]
    read_as: str


def clean(text: str) -> str:
    """Return text without what the eye does not see: full-width forms, odd and doubled spaces.

    Examples
    --------
    >>> clean(" ＡＢ－１　x ")
    'AB-1 x'
    """
    if text.isascii():
        return " ".join(text.split())
    return _SPACES.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))).strip()


def decode(content: bytes, encoding: str | None = None) -> tuple[str, str]:
    """Return a file as text, and what it was read as.

    Parameters
    ----------
    content : bytes
    encoding : str, optional
        Where it is known. Else: a byte order mark tells; UTF-8 where all lines are; lines that are not are read as
        GB 18030, and so is the whole file where hardly a line is UTF-8. What is neither becomes U+FFFD.

    Examples
    --------
    >>> decode("铸件".encode("gb18030"))
    ('铸件', 'gb18030')
    """
    if encoding is not None:
        return content.decode(encoding, "replace").removeprefix("\ufeff"), encoding
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace"), "utf-16"
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    lines = content.split(b"\n")
    foreign = [line for line in lines if not line.isascii()]
    in_utf8 = sum(_is_utf8(line) for line in foreign)
    if in_utf8 < MINORITY * len(foreign):
        return content.decode("gb18030", "replace"), "gb18030"
    texts = [line.decode("utf-8") if _is_utf8(line) else line.decode("gb18030", "replace") for line in lines]
    return "\n".join(texts), f"utf-8, {len(foreign) - in_utf8} lines gb18030"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def read_extract(
    kind: str, path: str | os.PathLike[str], how: ExtractMap, ledger: Ledger
) -> tuple[str, list[Fault]]:
    """Read an extract into the ledger; rows that are not even rows are rejected at once.

    Returns
    -------
    read_as : str
        Encoding, or sheet.
    faults : list of Fault
        Why the file as a whole cannot be used.

    Raises
    ------
    MissingExtraError
        A workbook, and the library that reads workbooks is not installed.
    """
    place = Path(path)
    try:
        book = place.suffix.lower() in (".xlsx", ".xlsm")
        sheet = _read_book(place, how) if book else _read_csv(place, how)
    except _Unusable as error:
        return "", [Fault(place.name, error.row, None, error.code, str(error), error.hint)]
    except OSError as error:
        return "", [Fault(place.name, None, None, "unreadable", f"cannot be read: {error.strerror or error}")]
    where, faults = _match(sheet.header, how, place.name)
    if faults:
        return sheet.read_as, faults
    width = len(sheet.header)
    for number, cells, raw in sheet.rows:
        row = Row(
            kind,
            place.name,
            number,
            {
                name: cell
                for name, at in where.items()
                if at < len(cells) and (cell := _cell(cells[at])) is not None
            },
            raw,
        )
        ledger.take_in(kind, [row])
        if len(cells) != width and any(_cell(cell) is not None for cell in cells[width:] or cells):
            text = f"the row has {len(cells)} cells, the header {width}"
            ledger.reject(row, Refusal("ragged-row", text, "quote cells that hold the delimiter"))
        elif not row.cells:
            ledger.reject(row, Refusal("blank-row", "none of the mapped columns is filled"))
        elif (empty := _without_value(row, how)) is not None:
            ledger.reject(row, empty)
        elif REPLACED in raw:
            text = f"read as {sheet.read_as}, the row holds bytes that make no text"
            ledger.reject(row, Refusal("bad-encoding", text, f"give {kind}.encoding in the map"))
    return sheet.read_as, []


def _without_value(row: Row, how: ExtractMap) -> Refusal | None:
    """Return why a row cannot be used in which a spreadsheet shows an error, or a formula that was never worked out."""
    for name, cell in row.cells.items():
        if isinstance(cell, CellWithoutValue) or (isinstance(cell, str) and _ERRORS.fullmatch(cell)):
            text = f"'{how.columns[name]}' holds {cell}, which is no value"
            return Refusal("no-value", text, "mend the formula, or write the value", name)
    return None


class _Unusable(Exception):  # noqa: N818
    def __init__(self, code: str, message: str, hint: str | None = None, row: int | None = None) -> None:
        super().__init__(message)
        self.code, self.hint, self.row = code, hint, row


def _cell(cell: Any) -> Any:
    """Return a cell cleaned; blank is None. What a spreadsheet made of a code is written as people write it."""
    if isinstance(cell, str):
        return clean(cell) or None
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    return cell


def _match(header: list[str], how: ExtractMap, file: str) -> tuple[dict[str, int], list[Fault]]:
    """Return the position of each mapped column, and a fault for each that is not there or there twice."""
    names = [clean(name) for name in header]
    counts = Counter(names)
    where, faults = {}, []
    for name, wanted in how.columns.items():
        sought = clean(wanted)
        if counts[sought] == 1:
            where[name] = names.index(sought)
            continue
        found = "is not there" if not counts[sought] else f"is there {counts[sought]} times"
        hint = nearest_hint(sought, names) or f"the columns are {', '.join(filter(None, names))[:200]}"
        faults.append(
            Fault(
                file,
                1,
                sought[:80],
                "missing-column",
                f"the column {quoted(sought)}, mapped to {name}, {found}",
                hint,
            )
        )
    return where, faults


def _read_csv(place: Path, how: ExtractMap) -> _Sheet:
    try:
        text, read_as = decode(read_bytes(place), how.encoding)
    except (LookupError, ValueError):
        raise _Unusable(
            "bad-encoding", f"the encoding {quoted(how.encoding)} is none that files are in"
        ) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    first = next((line for line in text.split("\n") if line.strip()), "")
    delimiter = how.delimiter or max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[tuple[int, list[str]]] = []
    number = 0
    try:
        for cells in reader:
            number += 1
            records.append((number, cells))
    except csv.Error as error:
        hint = "a quote was opened and not closed, or stands within a cell"
        raise _Unusable("bad-csv", f"this is not CSV: {error}", hint, number + 1) from None
    while records and not any(map(str.strip, records[0][1])):
        records.pop(0)
    if not records:
        raise _Unusable("empty-file", "the file is empty, expected a header at least")
    return _Sheet(records[0][1], [(n, cells, delimiter.join(cells)) for n, cells in records[1:]], read_as)


def _read_book(place: Path, how: ExtractMap) -> _Sheet:
    try:
        sheets = read_sheets(place)
    except BadWorkbook as error:
        raise _Unusable("bad-workbook", str(error)) from None
    names = list(sheets)
    name = how.sheet or names[0]
    if name not in names:
        hint = nearest_hint(name, names) or f"the sheets are {', '.join(names)[:200]}"
        raise _Unusable("missing-sheet", f"there is no sheet {quoted(name)}", hint)
    rows = list(enumerate(sheets[name], start=1))
    while rows and all(_cell(cell) is None for cell in rows[0][1]):
        rows.pop(0)
    if not rows:
        raise _Unusable("empty-file", f"the sheet '{name}' is empty, expected a header at least")
    header = [str(_cell(cell) or "") for cell in rows[0][1]]
    return _Sheet(
        header, [(k, cells, ";".join(str(cell) for cell in cells)) for k, cells in rows[1:]], f"sheet {name}"
    )
