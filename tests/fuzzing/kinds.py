"""The kinds of input: how each is mutated, and what is asked of optichain then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import optichain as oc
from fuzzing.base import Base
from fuzzing.books import mutate_book
from fuzzing.forms import answered, ask_no_more, mutate_form, tell_the_same, write_again
from fuzzing.mutations import misplace, mutate_csv, mutate_json, mutate_toml, times
from optichain.cli.evaluate import read_choices
from optichain.design.account.given import read_list

Words = tuple[str, ...]


@dataclass(frozen=True)
class Task:
    """What is asked once an input is written.

    Attributes
    ----------
    read : callable
        Takes the input in; returns, or raises an error on purpose.
    words : tuple of str
        The same as a call of the command line.
    later : tuple of tuple of str
        What else may be asked with an input that was taken in.
    """

    read: Callable[[], Any]
    words: Words
    later: tuple[Words, ...] = ()


def _later(path: Path, out: Path) -> tuple[Words, ...]:
    """What an instance that loads must stand."""
    p = str(path)
    return (
        ("check", p),
        ("info", p),
        ("spof", p),
        ("cuts", p, "--order", "2", "--time-limit", "5"),
        ("stress", p),
        ("exposure", p),
        ("solve", p, "--time-limit", "5", "--gap", "0.05", "-o", str(out / "made.json")),
        ("solve", p, "--objective", "cvar", "--time-limit", "5", "--report", str(out / "made.html")),
        ("convert", p, str(out / "made.xlsx")),
        ("convert", p, str(out / "made-folder")),
    )


def _write(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _mutated(rng: Random, name: str, content: bytes) -> bytes:
    """Mutate a file by its ending."""
    how = {".toml": mutate_toml, ".csv": mutate_csv, ".xlsx": mutate_book}[Path(name).suffix]
    return how(rng, content)


def _mutate_files(rng: Random, files: dict[str, bytes], folder: Path) -> None:
    """Write files of which some are mutated, missing, called otherwise, or no files at all."""
    files = dict(files)
    wrong = []
    for _ in times(rng):
        name, draw = rng.choice(sorted(files)), rng.random()
        if draw < 0.88:
            files[name] = _mutated(rng, name, files[name])
        elif draw < 0.93:
            wrong.append(name)
        else:
            stem, ending = Path(name).stem, Path(name).suffix
            new = (
                stem.title() + ending,
                stem + ending.upper(),
                "zzz.csv",
                f".{name}",
                f"{stem}s{ending}",
                "名.csv",
            )
            moved = files.pop(name) if rng.random() < 0.5 or len(files) < 2 else files[name]
            other = rng.choice(new)
            files[other if Path(other).suffix in (".csv", ".toml") else name] = moved
    _write(folder, files)
    for name in wrong:
        misplace(rng, folder / name)


def folder(rng: Random, base: Base, place: Path) -> Task:
    """An instance as a folder."""
    path = place / "instance"
    _mutate_files(rng, rng.choice(base.folders), path)
    return Task(lambda: oc.load(path), ("check", str(path)), _later(path, place))


def document(rng: Random, base: Base, place: Path) -> Task:
    """An instance as JSON."""
    path = place / "instance.json"
    path.write_bytes(mutate_json(rng, rng.choice(base.documents)))
    if rng.random() < 0.01:
        misplace(rng, path)
    return Task(lambda: oc.load(path), ("check", str(path)), _later(path, place))


def workbook(rng: Random, base: Base, place: Path) -> Task:
    """An instance as a workbook."""
    path = place / "instance.xlsx"
    path.write_bytes(mutate_book(rng, rng.choice(base.books)))
    if rng.random() < 0.01:
        misplace(rng, path)
    return Task(lambda: oc.load(path), ("check", str(path)), _later(path, place))


def extracts(rng: Random, base: Base, place: Path) -> Task:
    """Raw extracts with their map and their rates."""
    path = place / "extracts"
    _mutate_files(rng, base.extracts, path)
    kinds = {kind: path / f"{kind}{'.xlsx' if kind == 'stock' else '.csv'}" for kind in EXTRACTS}
    words = [word for kind, file in kinds.items() for word in (f"--{kind}", str(file))]
    return Task(
        lambda: oc.import_extracts(map=path / "map.toml", **kinds),
        ("import", "--map", str(path / "map.toml"), *words, "-o", str(place / "imported.json")),
    )


EXTRACTS = ("bom", "suppliers", "orders", "stock", "demand")


def submission(rng: Random, base: Base, place: Path) -> Task:
    """The workbook of a chain owner; what is taken in must be the same after a way through another workbook."""
    path, taken = place / "form.xlsx", place / "taken.json"
    path.write_bytes(mutate_form(rng, rng.choice(list(base.forms.values()))))
    if rng.random() < 0.01:
        misplace(rng, path)
    further = rng.random() < 0.2

    def take_in() -> None:
        instance = oc.read_submission(path)
        if further:
            oc.write(instance, taken)
            tell_the_same(instance, write_again(instance, place / "again.xlsx"))

    merge = ("merge", str(path), *(str(base.place / name) for name in ("north.xlsx", "south.xlsx", "one")))
    chosen = ("workbook", str(place / "chosen.xlsx"), "--from", str(taken), "--chain", "pumps")
    into = ("submission", str(path), "-o", str(place / "taken"))
    out = str(place / "merged.json")
    later = (
        (chosen, into, (*merge, "-o", out), *_later(taken, place)) if further else (into, (*merge, "-o", out))
    )
    return Task(take_in, ("submission", str(path)), later)


def merge(rng: Random, base: Base, place: Path) -> Task:
    """Submissions and the file of decisions, of which each may be mutated."""
    paths = []
    for name in rng.sample(["north.xlsx", "south.xlsx", "one", "two"], rng.choice((1, 2, 2, 3, 4))):
        path = place / name
        if rng.random() > 0.35:
            path = base.place / name
        elif name in base.forms:
            path.write_bytes(mutate_form(rng, base.forms[name]))
        else:
            _mutate_files(rng, base.folders[1], path)
        paths.append(path)
    decisions = place / "decisions.csv"
    content = answered(rng, base.decisions)
    decisions.write_bytes(mutate_csv(rng, content) if rng.random() < 0.4 else content)
    if rng.random() < 0.01:
        misplace(rng, decisions)
    words = ("merge", *map(str, paths), "-o", str(place / "merged.json"), "--decisions", str(decisions))
    checked = ("check", str(place / "merged.json"))

    further = rng.random() < 0.2

    def merged() -> None:
        found = oc.merge(paths, decisions=decisions)
        if further:
            oc.write(found.instance, place / "merged.json")
            ask_no_more(found, paths, place / "again.csv")

    solve = ("solve", checked[1], "--time-limit", "5")
    return Task(merged, words, (words, checked, solve) if further else (words,))


def decisions(rng: Random, base: Base, place: Path) -> Task:
    """The file of decisions alone, as it is read."""
    from optichain.merging.decisions import read_decisions

    path = place / "decisions.csv"
    path.write_bytes(mutate_csv(rng, answered(rng, base.decisions)))
    words = ("merge", str(base.place / "one"), str(base.place / "two"), "-o", str(place / "merged.json"))
    return Task(lambda: read_decisions(path), (*words, "--decisions", str(path)))


def columns(rng: Random, base: Base, place: Path) -> Task:
    """A file of columns, decided beside an instance."""
    path = place / "columns.json"
    path.write_bytes(mutate_json(rng, base.columns_document))
    if rng.random() < 0.01:
        misplace(rng, path)
    out = str(place / "made.json")
    solve = ("solve", str(base.place / "0.json"), "--columns", str(path), "--time-limit", "5", "-o", out)
    return Task(lambda: oc.load_columns(path), solve, (solve,))


def happened(rng: Random, base: Base, place: Path) -> Task:
    """What happened, held against a plan."""
    path = place / "happened"
    _mutate_files(rng, base.happened, path)
    words = ("review", str(base.place / "1.json"), str(base.place / "plan.json"), str(path))
    return Task(
        lambda: oc.review(base.quickstart, base.plan, path),
        words,
        ((*words, "-o", str(place / "made.html")),),
    )


def choices(rng: Random, base: Base, place: Path) -> Task:
    """A list of measures, worked out."""
    path = place / "choices.csv"
    path.write_bytes(mutate_csv(rng, base.choices))
    if rng.random() < 0.02:
        misplace(rng, path)
    instance = str(base.place / "1.json")
    words = ("evaluate", instance, "--choose", str(path))
    return Task(
        lambda: read_list(base.quickstart, read_choices(path), path.name),
        words,
        (words, ("baselines", instance, "--choose", str(path))),
    )


def candidates(rng: Random, base: Base, place: Path) -> Task:
    """A list of candidate chains."""
    path = place / "candidates.csv"
    path.write_bytes(mutate_csv(rng, base.candidates))
    if rng.random() < 0.02:
        misplace(rng, path)
    from optichain.cli.choose import _read

    words = ("choose", str(path), "--number", "20", "--samples", "20")
    return Task(lambda: oc.choose_chains(_read(path), 20), words)


def plan(rng: Random, base: Base, place: Path) -> Task:
    """A plan file, and every command that takes one."""
    path = place / "plan.json"
    path.write_bytes(mutate_json(rng, base.plan_document))
    if rng.random() < 0.01:
        misplace(rng, path)
    instance, other, p = str(base.place / "1.json"), str(base.place / "plan.json"), str(path)
    happened = place / "happened"
    _write(happened, base.happened)
    later = (
        ("verify", instance, p),
        ("compare", p, other),
        ("compare", other, p, "--instance", instance, "-o", str(place / "made.html")),
        ("report", instance, p, "-o", str(place / "made.html")),
        ("report", instance, p, "-o", str(place / "made.json"), "--language", "zh"),
        ("evidence", instance, p, "-o", str(place / "made.json"), "--kinds", "leave_one_out"),
        ("solve", instance, "--previous", p, "--time-limit", "5"),
        ("review", instance, p, str(happened)),
        ("stress", instance, "--plan", p),
    )
    return Task(lambda: oc.load_plan(path), ("verify", instance, p), later)


KINDS: dict[str, Callable[[Random, Base, Path], Task]] = {
    made.__name__: made
    for made in (
        folder,
        document,
        workbook,
        extracts,
        submission,
        merge,
        decisions,
        columns,
        happened,
        choices,
        candidates,
        plan,
    )
}
