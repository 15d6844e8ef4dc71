"""The whole merge: submissions and decisions in, one instance and the open questions out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from optichain.errors import Fault, InstanceError, UsageError
from optichain.instance.model import Instance
from optichain.merging.combine import Combined, Part, combine
from optichain.merging.decisions import Question, read_decisions
from optichain.merging.identity import by_code, by_decision, of_their_own, open_names
from optichain.notebook import facts_html, table_html
from optichain.submission.read import read_any

__all__ = ["Merged", "merge"]


@dataclass(frozen=True, eq=False)
class Merged:
    """What a merge gives.

    Attributes
    ----------
    instance : Instance
        Every row says who submitted it; one that others contradict says so in ``x_conflict``.
    submissions : tuple of dict
        ``path``, ``submitted_by``, ``rows``.
    joined : tuple of dict
        ``code`` and ``names`` of enterprises that went by several names.
    questions : tuple of Question
        Names that may mean the same, and values that contradict each other; answered ones too, so that the file of
        decisions can be written anew.
    remarks : tuple of str
        What fits together only in part.
    """

    instance: Instance
    submissions: tuple[Mapping[str, Any], ...]
    joined: tuple[Mapping[str, Any], ...]
    questions: tuple[Question, ...]
    remarks: tuple[str, ...]

    def _repr_html_(self) -> str:
        """Show the outcome in a notebook."""
        rows = [(part["path"], part["submitted_by"], f"{part['rows']:,}") for part in self.submissions]
        open_ = [
            (
                q.ask,
                f"{q.what} {q.key}".strip(),
                q.column,
                f"{q.first} ({q.first_by})",
                f"{q.second} ({q.second_by})",
            )
            for q in self.undecided
        ]
        return (
            facts_html(
                "Merge", [("open questions", len(open_)), ("remarks", "; ".join(self.remarks) or "none")]
            )
            + table_html("Submissions", ("from", "submitted by", "rows"), rows)
            + table_html("Open questions", ("ask", "of", "column", "first", "second"), open_)
        )

    @property
    def undecided(self) -> tuple[Question, ...]:
        """Questions that nobody has answered."""
        return tuple(question for question in self.questions if not question.decision)


Source = str | os.PathLike[str] | Instance


def merge(paths: Sequence[Source], *, decisions: str | os.PathLike[str] | None = None) -> Merged:
    """Merge submissions into one instance.

    The same enterprise code is the same enterprise; the same item, site or chain name the same thing. Settings are
    those of the first submission that has planning years, else of the first.

    Parameters
    ----------
    paths : sequence of path or Instance
        Folders, workbooks (those that chain owners fill in too) or JSON files; or what was read already.
    decisions : path, optional
        A file of decisions, as `optichain.merging.decisions.write_decisions` writes it.

    Raises
    ------
    UsageError
        Nothing to merge, or time units or currencies differ.
    DecisionError
        The file of decisions cannot be used.
    InstanceError
        A submission, or what they make together, cannot be used; faults name the submission and its row.
    """
    if not paths:
        raise UsageError("nothing to merge: give at least one submission")
    decided = {} if decisions is None else read_decisions(Path(decisions))
    instances = _load_all(paths)
    settings = next((i.settings for i in instances if i.settings.planning), instances[0].settings)
    _agree(paths, instances)
    parts = of_their_own(_parts(paths, instances))
    parts, joined, code_of = by_code(parts)
    parts = by_decision(parts, decided.values())
    combined = combine(parts, decided)
    open_questions = open_names(parts, code_of, decided)
    answered = [q for q in decided.values() if q.decision and q.ask == "name"]
    frames = {name: pd.DataFrame(rows) for name, rows in combined.tables.items()}
    try:
        instance = Instance.from_frames(frames, settings)
    except InstanceError as error:
        raise InstanceError(
            [_placed(fault, combined) for fault in error.faults()], what="The merged instance"
        ) from None
    submissions = tuple(
        {"path": part.path, "submitted_by": part.label, "rows": sum(map(len, part.tables.values()))}
        for part in parts
    )
    questions = (*open_questions, *combined.conflicts, *answered)
    return Merged(instance, submissions, tuple(joined), questions, tuple(_half_laned(parts)))


def _load_all(paths: Sequence[Source]) -> list[Instance]:
    """Read every submission; the faults of all of them are told together."""
    instances, faults = [], []
    for path in paths:
        try:
            instances.append(path if isinstance(path, Instance) else read_any(path))
        except InstanceError as error:
            faults += [
                replace(
                    fault,
                    file=_beside(_called(path), fault.file),
                    cell=None if fault.cell is None else f"{_called(path)}: {fault.cell}",
                )
                for fault in error.faults()
            ]
    if faults:
        raise InstanceError(faults, what="Among the submissions one")
    return instances


def _called(path: Source) -> str:
    """Return what a submission is called: its path, or the name of what was read already."""
    return path.settings.name if isinstance(path, Instance) else os.fspath(path)


def _beside(path: str, file: str) -> str:
    return file if file in ("", path) else f"{path}: {file}"


def _agree(paths: Sequence[Source], instances: Sequence[Instance]) -> None:
    """Refuse submissions that count in different units.

    Raises
    ------
    UsageError
        With what differs.
    """
    for name in ("time_unit", "currency"):
        said = [(_called(path), getattr(i.settings, name)) for path, i in zip(paths, instances, strict=True)]
        if len({value for _, value in said}) > 1:
            listed = ", ".join(f"{path}: {value!r}" for path, value in said)
            raise UsageError(f"the submissions differ in {name} ({listed}): convert them to one first")


def _parts(paths: Sequence[Source], instances: Sequence[Instance]) -> list[Part]:
    """Return submissions, each called after who submitted most of it, else after its name."""
    parts: list[Part] = []
    for path, instance in zip(paths, instances, strict=True):
        people = pd.concat([frame["submitted_by"] for frame in instance.frames.values()]).dropna()
        label = str(people.mode().iloc[0]) if len(people) else instance.settings.name
        number = 2
        unique = label
        while unique in {part.label for part in parts}:
            unique, number = f"{label} {number}", number + 1
        parts.append(Part(unique, _called(path), instance.tables, instance.places.rows))
    return parts


def _placed(fault: Fault, combined: Combined) -> Fault:
    """Return a fault of a merged table with the submission and the row that it comes from."""
    origins = combined.origins.get(fault.file, [])
    if fault.row is None or not 0 <= fault.row - 2 < len(origins):
        return fault
    part, position = origins[fault.row - 2]
    rows = part.rows.get(fault.file)
    row = position + 2 if rows is None else int(rows[position])
    return Fault(_beside(part.path, fault.file), row, fault.column, fault.code, fault.message, fault.hint)


def _half_laned(parts: Sequence[Part]) -> list[str]:
    """Say which items are pooled in one submission and move on lanes in another."""
    laned: dict[str, str] = {}
    for part in parts:
        for item in part.tables["lanes"]["item"].dropna().unique().tolist():
            laned.setdefault(item, part.label)
    found = []
    for part in parts:
        own = set(part.tables["lanes"]["item"])
        for item in part.tables["sources"]["item"].dropna().unique().tolist():
            if item in laned and item not in own:
                found.append(
                    f"'{item}' moves on lanes according to {laned[item]} and is pooled according to {part.label}: "
                    "the merged item moves on those lanes only"
                )
    return found
