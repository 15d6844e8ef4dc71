"""Structured mutations: of tables, of settings, of JSON trees, of bytes, and of what stands at a path."""

from __future__ import annotations

import copy
import csv
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from fuzzing.values import TOML_VALUES, VALUES, nested, text, value

Rows = list[list[str]]


def times(rng: Random) -> range:
    """How many mutations one input has: mostly one, so that each is seen alone."""
    return range(rng.choice((1, 1, 1, 1, 2, 3, 6)))


# Tables


def read_table(content: str) -> Rows:
    return list(csv.reader(io.StringIO(content)))


def written(rows: Rows) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def mutate_rows(rng: Random, rows: Rows) -> Rows:
    """Change cells, rows or columns of a table, its header among them."""
    rows = [list(row) for row in rows]
    height, width = len(rows), max(map(len, rows), default=0)
    if not width:
        return [[text(rng)]]
    return rng.choices(ROW_MUTATIONS, ROW_WEIGHTS)[0](rng, rows, rng.randrange(height), rng.randrange(width))


def _cell(rng: Random, rows: Rows, r: int, c: int) -> Rows:
    if c < len(rows[r]):
        rows[r][c] = text(rng)
    return rows


def _other_cell(rng: Random, rows: Rows, r: int, c: int) -> Rows:
    source = rng.choice(rows)
    if c < len(rows[r]) and source:
        rows[r][c] = rng.choice(source) if rng.random() < 0.5 else source[min(c, len(source) - 1)]
    return rows


def _column_of_one(rng: Random, rows: Rows, r: int, c: int) -> Rows:
    same = text(rng)
    return [rows[0], *([same if k == c else cell for k, cell in enumerate(row)] for row in rows[1:])]


def _case(rng: Random, rows: Rows, r: int, c: int) -> Rows:
    if c < len(rows[r]):
        rows[r][c] = rng.choice((str.upper, str.lower, str.title, str.swapcase))(str(rows[r][c]))
    return rows


def _drop_row(rng: Random, rows: Rows, r: int, c: int) -> Rows:
    return rows[:r] + rows[r + 1 :]


def _drop_all_rows(rng: Random, rows: Rows, r: int, c: int) -> Rows:
    return rows[:1]


def _repeat_row(rng: Random, rows: Rows, r: int, c: int) -> Rows:
    rows.insert(rng.randrange(len(rows) + 1), list(rows[r]))
    return rows


def _new_row(rng: Random, rows: Rows, r: int, c: int) -> Rows:
    rows.insert(rng.randrange(len(rows) + 1), [rng.choice(rng.choice(rows) or [""]) for _ in rows[0]])
    return rows


def _shuffle(rng: Random, rows: Rows, r: int, c: int) -> Rows:
    rng.shuffle(rows)
    return rows


def _swap_columns(rng: Random, rows: Rows, r: int, c: int) -> Rows:
    other = rng.randrange(max(map(len, rows)))
    for row in rows[rng.randrange(2) :]:
        if max(c, other) < len(row):
            row[c], row[other] = row[other], row[c]
    return rows


def _drop_column(rng: Random, rows: Rows, r: int, c: int) -> Rows:
    return [row[:c] + row[c + 1 :] for row in rows]


def _repeat_column(rng: Random, rows: Rows, r: int, c: int) -> Rows:
    return [row[: c + 1] + row[c:] for row in rows]


def _new_column(rng: Random, rows: Rows, r: int, c: int) -> Rows:
    name = rng.choice(("x_note", "x_", "title", "groups", "capacity", "chain", text(rng)))
    return [[*row, name if k == 0 else text(rng)] for k, row in enumerate(rows)]


def _ragged(rng: Random, rows: Rows, r: int, c: int) -> Rows:
    rows[r] = (
        rows[r][:c] if rng.random() < 0.5 else [*rows[r], *(text(rng) for _ in range(rng.randrange(1, 4)))]
    )
    return rows


def _many_rows(rng: Random, rows: Rows, r: int, c: int) -> Rows:
    return rows + [[f"{cell}{k}" if rng.random() < 0.5 else cell for cell in rows[-1]] for k in range(300)]


def _many_columns(rng: Random, rows: Rows, r: int, c: int) -> Rows:
    return [[*row, *(f"x_{k}" if n == 0 else "1" for k in range(300))] for n, row in enumerate(rows)]


ROW_MUTATIONS: list[Callable[[Random, Rows, int, int], Rows]] = [
    _cell, _other_cell, _column_of_one, _case, _drop_row, _drop_all_rows, _repeat_row, _new_row, _shuffle,
    _swap_columns, _drop_column, _repeat_column, _new_column, _ragged, _many_rows, _many_columns,
]  # fmt: skip
ROW_WEIGHTS = [40, 20, 4, 4, 6, 1, 5, 5, 2, 4, 5, 2, 4, 5, 1, 1]


def mutate_csv(rng: Random, content: bytes) -> bytes:
    """Mutate a CSV file as a table, as text or as bytes."""
    draw = rng.random()
    if draw < 0.8:
        try:
            rows = read_table(content.decode("utf-8-sig"))
        except (csv.Error, UnicodeDecodeError):  # mutated before
            return mutate_bytes(rng, content)
        return written(mutate_rows(rng, rows)).encode("utf-8", "surrogatepass")
    if draw < 0.85:
        return content.replace(b",", rng.choice((b";", b"\t", b",,", b'","')))
    return mutate_bytes(rng, content)


# Bytes

ENCODINGS = ("utf-16", "utf-16-le", "utf-8-sig", "utf-32", "gb18030", "latin-1", "cp037")


def mutate_bytes(rng: Random, content: bytes) -> bytes:
    """Flip, cut, repeat or encode otherwise."""
    draw, length = rng.random(), len(content)
    if draw < 0.4 and length:
        flipped = bytearray(content)
        for _ in range(rng.randrange(1, 5)):
            flipped[rng.randrange(length)] = rng.randrange(256)
        return bytes(flipped)
    if draw < 0.55:
        return content[: rng.randrange(length + 1)]
    if draw < 0.65:
        at = rng.randrange(length + 1)
        return (
            content[:at]
            + rng.choice((b'"', b"\0", b"\xff", b"\r", b"\n\n\n", b"[", b"{", b"\x80"))
            + content[at:]
        )
    if draw < 0.7:
        return content + content
    if draw < 0.75:
        return rng.choice(
            (b"", b"\n", b"\0" * 100, b"\xff\xfe", b"\xef\xbb\xbf", b"PK\x03\x04", rng.randbytes(200))
        )
    if draw < 0.8:
        return content.replace(b"\n", rng.choice((b"\r\n", b"\r", b"\n\r", b"\n\n")))
    try:
        return content.decode("utf-8").encode(rng.choice(ENCODINGS), "replace")
    except UnicodeDecodeError:
        return content[::-1]


# Settings and maps


def mutate_toml(rng: Random, content: bytes) -> bytes:
    """Change values, keys and lines of a TOML file."""
    lines = content.decode("utf-8", "replace").split("\n")
    place = rng.randrange(len(lines))
    draw = rng.random()
    if draw < 0.55:
        places = [k for k, line in enumerate(lines) if "=" in line] or [place]
        place = rng.choice(places)
        changed = json.dumps(text(rng)) if rng.random() < 0.3 else rng.choice(TOML_VALUES)
        lines[place] = f"{lines[place].partition('=')[0]}= {changed}"
    elif draw < 0.65:
        del lines[place]
    elif draw < 0.73:
        lines.insert(place, rng.choice(lines))
    elif draw < 0.78:
        lines[place] = lines[place][: rng.randrange(len(lines[place]) + 1)]
    elif draw < 0.84:
        lines[place] = rng.choice((str.upper, str.title, str.swapcase))(lines[place])
    elif draw < 0.92:
        new = (
            "[x]",
            "a = 1",
            "[planning]",
            "[[rules]]",
            "x.y.z = 1",
            '"" = 1',
            "[a." + "b." * 500 + "c]",
            "a." * 900 + "b = 1",
        )
        lines.insert(place, rng.choice(new))
    else:
        return mutate_bytes(rng, content)
    return "\n".join(lines).encode("utf-8", "surrogatepass")


# JSON


def mutate_json(rng: Random, document: Any) -> bytes:
    """Mutate a document as a tree, and now and then as text."""
    for _ in times(rng):
        try:
            document = mutate_tree(rng, document)
        except (RecursionError, OverflowError):  # it is deep or huge already
            break
    content = as_json(document)
    if rng.random() < 0.04:
        content = content.replace(
            b'":', b'": null, "' + rng.choice((b"name", b"item", b"measure")) + b'":', 1
        )
    if rng.random() < 0.02:
        deep = rng.choice((1_000, 100_000))
        content = content.replace(b"[", b"[" * deep + b"]" * deep + b",", 1)
    if rng.random() < 0.02:
        content = content.replace(b": 1", b": 1" + b"0" * 10_000)
    return mutate_bytes(rng, content) if rng.random() < 0.06 else content


def as_json(document: Any) -> bytes:
    """JSON of anything, lone surrogates and numbers of thousands of digits included."""
    try:
        return json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")
    except RecursionError:
        return b'{"a":' * 990 + b"1" + b"}" * 990


def mutate_tree(rng: Random, document: Any) -> Any:
    """Replace, drop, add, move or repeat one node of a tree."""
    document = copy.deepcopy(document)
    path = rng.choice(list(_paths(document)))
    if not path:
        return value(rng) if rng.random() < 0.05 else document
    parent = _at(document, path[:-1])
    last, draw = path[-1], rng.random()
    if draw < 0.5:
        parent[last] = value(rng)
    elif draw < 0.58 and isinstance(parent[last], (int, float)):
        parent[last] = parent[last] * rng.choice((-1, 0, 2, 1e-9, 1e9, 0.5))
    elif draw < 0.7:
        del parent[last]
    elif draw < 0.78 and isinstance(parent, list):
        parent.append(rng.choice((value(rng), copy.deepcopy(parent[last]))))
    elif draw < 0.82 and isinstance(parent, dict):
        parent[rng.choice(("zz", "x_own", "", "site", "item", "1e5", text(rng)))] = value(rng)
    elif draw < 0.86 and isinstance(parent, dict):
        parent[str(last).swapcase()] = parent.pop(last)
    elif draw < 0.88:
        parent[last] = nested(rng.choice((30, 300, 900)), mapping=rng.random() < 0.5)
    elif draw < 0.9:
        parent[last] = [copy.deepcopy(rng.choice(VALUES)) for _ in range(300)]
    else:
        parent[last] = copy.deepcopy(_at(document, rng.choice(list(_paths(document)))))
    return document


def _paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if len(path) > 40:
        return
    yield path
    entries: Any = (
        node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    )
    for key, child in entries:
        yield from _paths(child, (*path, key))


def _at(node: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        node = node[key]
    return node


# What stands at a path


def misplace(rng: Random, path: Path) -> None:
    """Put something else where a file is expected."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    what = rng.choice(
        ("nothing", "directory", "fifo", "loop", "dangling", "device", "outside", "socket-like", "huge")
    )
    if what == "directory":
        path.mkdir()
    elif what == "fifo":
        os.mkfifo(path)
    elif what == "loop":
        path.symlink_to(path.name)
    elif what == "dangling":
        path.symlink_to("nowhere-at-all")
    elif what == "device":
        path.symlink_to(rng.choice(("/dev/zero", "/dev/null", "/dev/urandom", "/proc/self/mem", "/dev/tty")))
    elif what == "outside":
        path.symlink_to(rng.choice(("/etc/hostname", "/etc/passwd", "/", "/proc/self/environ")))
    elif what == "huge":
        with path.open("wb") as stream:
            stream.truncate(2**40)
