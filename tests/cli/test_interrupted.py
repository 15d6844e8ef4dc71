"""Ctrl-C and SIGTERM at any moment leave the old file or the whole new one, no litter, and a checkpoint to go on from."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import zipfile
from pathlib import Path

import pytest

import optichain as oc
from fuzzing.extracts import make_small_extracts
from interrupted import Left, interrupted

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals")

COMMANDS: dict[str, tuple[list[str], list[str]]] = {
    "solve": (["solve", "pump", "-o", "out.json", "--report", "out.html"], ["out.json", "out.html"]),
    "spread": (["solve", "pump", "--jobs", "2", "-o", "out.json"], ["out.json"]),
    "checkpoint": (
        ["solve", "pump", "--method", "lshaped", "--gap", "0", "--checkpoint", "out.npz", "-o", "out.json"],
        ["out.npz", "out.json"],
    ),
    "report": (["report", "pump", "plan.json", "-o", "out.xlsx"], ["out.xlsx"]),
    "exposure": (["exposure", "pump", "--ask", "out.csv", "-o", "out.json"], ["out.csv", "out.json"]),
    "evidence": (["evidence", "pump", "plan.json", "-o", "plan.json"], ["plan.json"]),
    "convert": (["convert", "pump", "old"], ["old"]),
    "merge": (["merge", "pump", "-o", "old"], ["old", "old.decisions.csv"]),
    "workbook": (["workbook", "out.xlsx"], ["out.xlsx"]),
    "import": (
        ["import", "--map", "raw/map.toml", "--bom", "raw/bom.csv", "--suppliers", "raw/suppliers.csv", "--orders",
         "raw/orders.csv", "--stock", "raw/stock.xlsx", "--demand", "raw/demand.csv", "-o", "old"],
        ["old", "old.rejected.csv"],
    ),
}  # fmt: skip


@pytest.fixture
def folder(pump: Path, tmp_path: Path) -> Path:
    """A folder with the instance, a plan, and an old result in each place."""
    place = tmp_path / "work"
    place.mkdir()
    shutil.move(pump, place / "pump")
    oc.write_plan(oc.reinforce(oc.load(place / "pump")), place / "plan.json")
    shutil.copytree(place / "pump", place / "old")
    (place / "old" / "README.md").write_text("mine", encoding="utf-8")
    (place / "raw").mkdir()
    for name, content in make_small_extracts().items():
        (place / "raw" / name).write_bytes(content)
    return place


def contents(place: Path) -> dict[str, bytes]:
    """Return what stands at a place: a file, or all files of a folder."""
    files = (
        [p for p in place.rglob("*") if p.is_file()] if place.is_dir() else [place] if place.exists() else []
    )
    return {p.relative_to(place.parent).as_posix(): p.read_bytes() for p in files}


def is_whole(name: str, place: Path) -> bool:
    """Tell whether a result can be read."""
    if name.endswith(".json"):
        return bool(json.loads(place.read_text(encoding="utf-8")))
    if name.endswith(".xlsx"):
        return zipfile.ZipFile(place).testzip() is None
    if name.endswith(".html"):
        return place.read_text(encoding="utf-8").rstrip().endswith("</html>")
    if place.is_dir():
        return bool(oc.load(place)) and (place / "README.md").read_text(encoding="utf-8") == "mine"
    return place.stat().st_size > 0


def check(
    folder: Path, results: list[str], before: dict[str, dict[str, bytes]], left: Left, started: set[str]
) -> None:
    assert "Traceback" not in left.said, left.said
    assert left.status in (0, 5, 6, -signal.SIGTERM, -signal.SIGINT), (left.status, left.said)
    for name in results:
        now = contents(folder / name)
        assert now == before[name] or is_whole(name, folder / name), name
    top = {name.split("/")[0] for name in left.names}
    assert top - started - set(results) == set(), top


def moments(name: str) -> list[object]:
    """Return signals at chances drawn once for all; one in all is quick."""
    chance = random.Random(name)
    drawn = [(chance.random(), chance.choice([signal.SIGINT, signal.SIGTERM])) for _ in range(8)]
    quick = name == "convert"
    return [
        pytest.param(name, share, number, marks=[] if quick and not place else [pytest.mark.slow])
        for place, (share, number) in enumerate(drawn)
    ]


@pytest.mark.parametrize(("name", "share", "number"), [case for name in COMMANDS for case in moments(name)])
def test_a_signal_leaves_the_old_or_the_whole_new(
    folder: Path, name: str, share: float, number: signal.Signals
) -> None:
    words, results = COMMANDS[name]
    if name == "workbook" or name == "report":
        pytest.importorskip("xlsxwriter", reason="writes workbooks: pip install 'optichain[excel]'")
    before = {result: contents(folder / result) for result in results}
    started = {p.name for p in folder.iterdir()}
    # a first run tells how long it takes
    length = SECONDS.get(name)
    if length is None:
        copy = folder.with_name("first")
        shutil.copytree(folder, copy)
        left = interrupted(words, copy, after=None, number=number)
        assert left.status == 0, left.said
        SECONDS[name] = length = left.seconds
    left = interrupted(words, folder, after=length * (0.3 + 0.7 * share), number=number)
    check(folder, results, before, left, started)
    if name == "checkpoint" and (folder / "out.npz").exists():
        again = interrupted(words, folder, after=None, number=number)
        assert again.status == 0, again.said
        assert oc.load_plan(folder / "out.json").objective == pytest.approx(
            oc.load_plan(folder / "plan.json").objective
        )


SECONDS: dict[str, float] = {}
"""How long each command takes here."""
