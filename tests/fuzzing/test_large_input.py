"""Very large bad input, each by the command line in a process of its own: how it ends, in what time and memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import optichain as oc
from benchmarks.instances import Shape, items_for_nodes, make_tables, write_folder
from fuzzing.base import INSTANCES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "wait4"), reason="asks the system what a process took"),
]

MILLION = 10**6


@dataclass(frozen=True)
class Ended:
    """How a process ended: its status, what it printed, seconds of processor time, most memory in GB."""

    status: int
    document: Any
    seconds: float
    memory: float


def check(path: Path) -> Ended:
    """Run ``optichain check --json`` and say what it took."""
    out = path.with_name("out.json")
    with out.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "optichain", "check", str(path), "--json"], stdout=stream
        )
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    scale = 1.0 if sys.platform == "darwin" else 1024.0
    return Ended(
        process.returncode,
        json.loads(out.read_text(encoding="utf-8")),
        used.ru_utime + used.ru_stime,
        used.ru_maxrss * scale / 1e9,
    )


def quickstart(place: Path, **tables: Iterator[str]) -> Path:
    """Copy the shipped instance, some of its tables written anew, line by line."""
    folder = place / "instance"
    folder.mkdir()
    for file in INSTANCES[1].iterdir():
        if file.suffix in (".csv", ".toml"):
            (folder / file.name).write_bytes(file.read_bytes())
    for name, lines in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8") as stream:
            stream.writelines(lines)
    return folder


def wrong_rows(place: Path) -> Path:
    """Each of a million rows has four faults: a site and an item that do not exist, a capacity and a status."""

    def lines() -> Iterator[str]:
        yield "source,site,item,capacity,status\n"
        for k in range(MILLION):
            yield f"s{k},nowhere{k},nothing{k},-{k + 1},maybe{k}\n"

    return quickstart(place, sources=lines())


def zeros(place: Path) -> Path:
    """Return a workbook of some megabytes whose first sheet unpacks to four gigabytes of zeros."""
    oc.write(oc.load(INSTANCES[1]), place / "small.xlsx")
    path = place / "bomb.xlsx"
    with (
        zipfile.ZipFile(place / "small.xlsx") as small,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bomb,
    ):
        for name in small.namelist():
            with bomb.open(name, "w", force_zip64=True) as part:
                part.write(small.read(name))
                if name == "xl/worksheets/sheet1.xml":
                    for _ in range(2**12):
                        part.write(bytes(2**20))
    assert path.stat().st_size < 2**26
    return path


def long_field(place: Path) -> Path:
    """A title of a hundred million signs."""

    def lines() -> Iterator[str]:
        yield 'site,title\npump-works,"'
        for _ in range(100):
            yield "x" * MILLION
        yield '"\n'

    return quickstart(place, sites=lines())


def deep(place: Path) -> Path:
    """Ten million levels of lists."""
    path = place / "deep.json"
    path.write_text('{"settings": ' + "[" * 10 * MILLION, encoding="utf-8")
    return path


def circle_of_rules(place: Path) -> Path:
    """A hundred thousand measures, each of which requires the next, and the last the first."""
    size = 100_000

    def measures() -> Iterator[str]:
        yield "measure,chain,title,cost_1\n"
        yield from (f"m{k},pumps,M,1\n" for k in range(size))

    def rules() -> Iterator[str]:
        yield "rule,measure,other\n"
        yield from (f"requires,m{k},m{(k + 1) % size}\n" for k in range(size))

    folder = quickstart(place, measures=measures(), measure_rules=rules())
    for name in ("effects", "policies", "policy_measures", "running"):
        (folder / f"{name}.csv").unlink(missing_ok=True)
    return folder


def circle_of_items(place: Path) -> Path:
    """Twenty thousand items, each made of the next, and the last of the first, of which only 0.5 comes back."""
    size = 20_000
    tables = {
        "chains": ["chain\n", "c\n"],
        "items": ["item\n", *(f"i{k}\n" for k in range(size))],
        "sites": ["site\n", "p\n"],
        "sources": ["site,item\n", *(f"p,i{k}\n" for k in range(size))],
        "bom": [
            "item,input,quantity\n",
            *(f"i{k},i{(k + 1) % size},{0.5 if k == size - 1 else 1}\n" for k in range(size)),
        ],
        "demands": ["item,chain,rate,value\n", "i0,c,1,1\n"],
    }
    folder = quickstart(place, **{name: iter(lines) for name, lines in tables.items()})
    for file in folder.glob("*.csv"):
        if file.stem not in tables:
            file.unlink()
    return folder


def many_rows(place: Path) -> Path:
    """A network of a million rows in which nothing is wrong."""
    tables = make_tables(Shape(items=items_for_nodes(1_300_000), products=1_000), 1)
    assert sum(map(len, tables.values())) > MILLION
    write_folder(tables, place / "large")
    return place / "large"


ENDINGS: dict[Callable[[Path], Path], tuple[int, str, int]] = {
    wrong_rows: (3, "dangling-reference", 4 * MILLION + 4),
    zeros: (3, "bad-workbook", 1),
    long_field: (3, "bad-csv", 1),
    deep: (3, "bad-json", 1),
    circle_of_rules: (3, "requires-cycle", 1),
    circle_of_items: (0, "", 0),
    many_rows: (0, "", 0),
}
"""Of each case: the status of ``check``, a code among the faults, and how many there are, listed or counted.

Without the right sources two products have none, and two effects name nothing.
"""
SECONDS, MEMORY = 120.0, 4.0
"""Of processor time, and GB, that any of them may take; docs/bad-input.md says what they took."""


def faults_of(message: str) -> int:
    """Return for how many faults an entry of the list stands."""
    more = re.match(r"(\d+) more faults of this kind are not listed", message)
    return int(more[1]) if more else 1


@pytest.mark.parametrize("make", ENDINGS, ids=lambda make: make.__name__)
def test_however_large_it_ends(make: Callable[[Path], Path], tmp_path: Path) -> None:
    ended = check(make(tmp_path))
    status, code, count = ENDINGS[make]
    print(f"{make.__name__}: {ended.seconds:.1f} s, {ended.memory:.2f} GB")
    assert ended.status == status
    assert not code or code in {error["code"] for error in ended.document["errors"]}
    assert sum(faults_of(error["message"]) for error in ended.document["errors"]) == count
    assert len(ended.document["errors"]) < 5_000
    assert ended.seconds < SECONDS
    assert ended.memory < MEMORY
