"""A campaign of bad input: ``python tests/fuzzing/campaign.py --number 100000 --seed 1``.

Every input has a number; with its seed and its number it is made again, and tried alone:
``python tests/fuzzing/campaign.py --seed 1 --only 4711``. What must not happen is listed with both. The inputs are tried
in a process of their own, with bounded memory: where it dies, that is a finding too, and the campaign goes on. It can be
stopped at any time: ``--resume`` goes on where its log ends, and tells of all that stands in it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "solvers"), str(ROOT / "reports"), str(ROOT / "tests")]

from fuzzing.base import Base  # noqa: E402
from fuzzing.judging import BYTES, Verdict, command, process, read  # noqa: E402
from fuzzing.kinds import KINDS  # noqa: E402

SHARES = {"command": 0.03, "later": 0.02, "process": 0.001}
"""Of the inputs: also through the command line, through a later command where taken in, in a process of their own."""
CHEAP = {
    "plan": 10,
    "columns": 6,
    "decisions": 6,
    "choices": 6,
    "happened": 6,
    "candidates": 4,
    "document": 4,
    "folder": 4,
}
"""How often kinds are drawn that take little time, others once."""


def try_one(
    seed: int,
    number: int,
    base: Base,
    place: Path,
    *,
    later: float = SHARES["later"],
    kinds: Sequence[str] = tuple(KINDS),
    verbose: bool = False,
) -> tuple[str, str]:
    """Make an input and try it; return its kind and what became of it.

    A share of what is taken in goes on to a later command.

    Raises
    ------
    Verdict
        What must not happen did.
    """
    rng = Random(f"{seed}:{number}")
    names = [name for name in kinds for _ in range(CHEAP.get(name, 1))]
    kind = rng.choice(names)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    task = KINDS[kind](rng, base, place)
    if verbose:
        print(kind, task.words, file=sys.stderr)
    try:
        became = read(task.read)
        if rng.random() < SHARES["command"]:
            command(task.words)
        if became == "taken" and task.later and rng.random() < later:
            words = rng.choice(task.later)
            if verbose:
                print(words, file=sys.stderr)
            command(words)
            became = f"taken, {words[0]}"
        if rng.random() < SHARES["process"]:
            process(task.words)
    except Verdict as verdict:
        raise Verdict(f"{kind}: {verdict}") from verdict.__cause__
    return kind, became


def work(seed: int, first: int, last: int, log: Path, later: float, kinds: Sequence[str]) -> None:
    """Try the inputs of a range, one line a batch and one a finding; say before each which it is."""
    resource.setrlimit(resource.RLIMIT_DATA, (BYTES, BYTES))
    with tempfile.TemporaryDirectory() as made, log.open("a", encoding="utf-8") as lines:
        (Path(made) / "base").mkdir()
        base, place = Base(Path(made) / "base"), Path(made) / "place"
        at = os.open(log.with_suffix(".at"), os.O_WRONLY | os.O_CREAT)
        counts: Counter[str] = Counter()
        for number in range(first, last):
            os.pwrite(at, f"{number:<12}".encode(), 0)
            try:
                counts[": ".join(try_one(seed, number, base, place, later=later, kinds=kinds))] += 1
            except Verdict as verdict:
                counts["found"] += 1
                _say(lines, {"number": number, "found": str(verdict)})
            if number % 50 == 49 or number == last - 1:
                _say(lines, {"to": number + 1, "counts": counts})
                counts.clear()


def _say(lines: object, line: object) -> None:
    print(json.dumps(line, ensure_ascii=False), file=lines, flush=True)  # type: ignore[call-overload]


def campaign(
    seed: int, first: int, number: int, log: Path, later: float, kinds: Sequence[str], *, resume: bool
) -> int:
    """Try many inputs; print how many, what became of them, and what was found. Return the number of findings."""
    began, at, last = time.monotonic(), first, first + number
    if resume and log.exists():
        at = max((entry["to"] for entry in _entries(log) if "to" in entry), default=first)
    else:
        log.write_text("", encoding="utf-8")
    while at < last:
        called = [
            sys.executable,
            __file__,
            "--seed",
            str(seed),
            "--first",
            str(at),
            "--number",
            str(last - at),
            "--later",
            str(later),
            "--kinds",
            *kinds,
        ]
        log.with_suffix(".at").write_text(str(at))
        ended = subprocess.run([*called, "--log", str(log), "--worker"], check=False).returncode
        if ended == 0:
            break
        at = int(log.with_suffix(".at").read_text())
        with log.open("a", encoding="utf-8") as lines:
            _say(lines, {"number": at, "found": f"the process ended with status {ended}"})
        at += 1
    return summary(seed, log, time.monotonic() - began)


def _entries(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def summary(seed: int, log: Path, seconds: float) -> int:
    """Print what a log holds."""
    counts: Counter[str] = Counter()
    found: dict[str, list[int]] = {}
    for entry in _entries(log):
        counts.update(entry.get("counts", {}))
        if "found" in entry:
            found.setdefault(entry["found"], []).append(entry["number"])
    print(f"{sum(counts.values()):,} inputs (seed {seed}) in {seconds:,.0f} s")
    for what, count in sorted(counts.items()):
        print(f"  {count:8,}  {what}")
    for what, numbers in sorted(found.items(), key=lambda item: -len(item[1])):
        print(f"FOUND {len(numbers)} times, such as --seed {seed} --only {numbers[0]}: {what}")
    return len(found)


def main() -> int:
    """Read the options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--number", type=int, default=1000)
    parser.add_argument("--only", type=int, help="this input alone, with everything that it brings about")
    parser.add_argument("--keep", type=Path, help="of --only: the input goes there")
    parser.add_argument("--log", type=Path, default=Path(tempfile.gettempdir()) / "campaign.jsonl")
    parser.add_argument(
        "--later", type=float, default=SHARES["later"], help="share of what is taken in that goes on"
    )
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS), help="of input")
    parser.add_argument("--resume", action="store_true", help="go on where the log ends")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only is not None:
        return _again(given.seed, given.only, given.keep, given.later, given.kinds)
    if given.worker:
        work(given.seed, given.first, given.first + given.number, given.log, given.later, given.kinds)
        return 0
    found = campaign(
        given.seed, given.first, given.number, given.log, given.later, given.kinds, resume=given.resume
    )
    return int(found > 0)


def _again(seed: int, number: int, keep: Path | None, later: float, kinds: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory() as made:
        (Path(made) / "base").mkdir()
        base, place = Base(Path(made) / "base"), Path(made) / "place"
        try:
            print(*try_one(seed, number, base, place, later=later, kinds=kinds, verbose=True))
        except Verdict as verdict:
            traceback.print_exception(verdict)
            return 1
        finally:
            if keep is not None:
                shutil.copytree(place, keep, dirs_exist_ok=True, symlinks=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
