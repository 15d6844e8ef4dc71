"""Who is who: enterprises by their codes, measures by their chains, and names that people have decided about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from optichain.merging.combine import Part
from optichain.merging.decisions import Question
from optichain.merging.likeness import likely_pairs
from optichain.merging.renaming import rename

__all__ = ["CODE", "by_code", "by_decision", "of_their_own", "open_names"]

CODE = "x_enterprise_code"
_OWN = {"measures": "measure", "policies": "policy"}
"""Tables whose names mean something within a chain only."""


def with_tables(part: Part, tables: dict[str, pd.DataFrame]) -> Part:
    """Return a submission with other tables."""
    return Part(part.label, part.path, tables, part.rows)


def of_their_own(parts: Sequence[Part]) -> list[Part]:
    """Return submissions in which measures and policies of different chains have different names.

    A name that another submission uses for another chain becomes ``chain/name``.
    """
    chain_of: dict[tuple[str, str], Any] = {}
    found = []
    for part in parts:
        renames: dict[str, dict[str, str]] = {}
        for table, kind in _OWN.items():
            frame = part.tables[table]
            for name, chain in zip(frame[kind].tolist(), frame["chain"].tolist(), strict=True):
                if chain_of.setdefault((kind, name), chain) != chain:
                    renames.setdefault(kind, {})[name] = f"{chain or part.label}/{name}"
        found.append(with_tables(part, rename(part.tables, renames)))
    return found


def _with_plain_codes(part: Part) -> Part:
    """Return a submission with codes as they are compared: capitals, no spaces."""
    tables = dict(part.tables)
    for table in ("chain_owners", "sites"):
        if CODE in tables[table]:
            codes = [
                None if pd.isna(code) else "".join(str(code).upper().split())
                for code in tables[table][CODE].tolist()
            ]
            tables[table] = tables[table].assign(
                **{CODE: pd.Series(codes, index=tables[table].index, dtype=object)}
            )
    return with_tables(part, tables)


def _told_apart(part: Part) -> Part:
    """Return a submission in which enterprises of one name and several codes have several names."""
    first: dict[str, str] = {}
    for name, code in _codes(part):
        first.setdefault(name, code)
    tables = dict(part.tables)
    for table in ("chain_owners", "sites"):
        frame = tables[table]
        if CODE in frame:
            pairs = zip(frame["enterprise"].tolist(), frame[CODE].tolist(), strict=True)
            names = [
                name if name is None or code is None or first[name] == code else f"{name} ({code})"
                for name, code in pairs
            ]
            tables[table] = frame.assign(enterprise=pd.Series(names, index=frame.index, dtype=object))
    return with_tables(part, tables)


def _codes(part: Part) -> list[tuple[str, str]]:
    """Return the enterprises of a submission whose code is known: (name, code)."""
    pairs = []
    for table in ("chain_owners", "sites"):
        frame = part.tables[table]
        if CODE in frame:
            both = frame[["enterprise", CODE]].dropna()
            pairs += list(both.itertuples(index=False, name=None))
    return list(dict.fromkeys((str(name), str(code)) for name, code in pairs))


def by_code(parts: Sequence[Part]) -> tuple[list[Part], list[dict[str, Any]], dict[str, str]]:
    """Return submissions in which one code has one name, and different codes have different names.

    Returns
    -------
    parts : list of Part
    joined : list of dict
        ``code`` and ``names`` of enterprises that went by several names; the first holds.
    code_of : dict of str to str
        Code of each enterprise, by the name that it now has.
    """
    name_of: dict[str, str] = {}
    names: dict[str, dict[str, None]] = {}
    taken: dict[str, str] = {}
    found = []
    for part in map(_told_apart, map(_with_plain_codes, parts)):
        renames: dict[str, str] = {}
        for name, code in _codes(part):
            names.setdefault(code, {})[name] = None
            if code not in name_of:
                name_of[code] = name if taken.setdefault(name, code) == code else f"{name} ({code})"
            if name_of[code] != name:
                renames[name] = name_of[code]
        found.append(_with_enterprises(part, renames))
    joined = [{"code": code, "names": list(listed)} for code, listed in names.items() if len(listed) > 1]
    return found, joined, {name: code for code, name in name_of.items()}


def _with_enterprises(part: Part, renames: Mapping[str, str]) -> Part:
    """Return a submission with enterprises of other names, and with them the sites that are only called after them."""
    sites = part.tables["sites"]
    plain = sites.loc[sites["site"] == sites["enterprise"], "site"].tolist()
    called = {name: renames[name] for name in plain if name in renames}
    return with_tables(part, rename(part.tables, {"enterprise": renames, "site": called}))


def by_decision(parts: Sequence[Part], decided: Iterable[Question]) -> list[Part]:
    """Return submissions in which names that were decided to be the same are the same: the first."""
    same: dict[str, dict[str, str]] = {}
    for question in decided:
        if question.ask == "name" and question.decision == "same":
            same.setdefault(question.what, {})[question.second] = question.first
    for pairs in same.values():
        for name in pairs:
            end, seen = pairs[name], {name}
            while end in pairs and end not in seen:
                seen.add(end)
                end = pairs[end]
            pairs[name] = end
    enterprises = same.pop("enterprise", {})
    joined = [_with_enterprises(part, enterprises) for part in parts]
    return [with_tables(part, rename(part.tables, same)) for part in joined]


def open_names(
    parts: Sequence[Part], code_of: Mapping[str, str], decided: Mapping[tuple[str, ...], Question]
) -> list[Question]:
    """Return pairs of names that may mean the same and that nobody has decided about.

    Two names of one submission are meant to be different, and so are two enterprises with codes of their own.
    """
    found = []
    for kind, table, column in (
        ("enterprise", "sites", "enterprise"),
        ("item", "items", "item"),
        ("site", "sites", "site"),
    ):
        users: dict[str, list[str]] = {}
        for part in parts:
            for name in part.tables[table][column].dropna().unique().tolist():
                users.setdefault(name, []).append(part.label)
        for first, second, likeness in likely_pairs(users):
            if set(users[first]) & set(users[second]):
                continue
            if kind == "enterprise" and first in code_of and second in code_of:
                continue
            question = Question(
                ask="name",
                what=kind,
                key="",
                column="",
                first=first,
                first_by="; ".join(users[first]),
                first_grade="",
                second=second,
                second_by="; ".join(users[second]),
                second_grade="",
                likeness=f"{likeness:.3f}",
                kept="different",
            )
            answer = decided.get(question.identity)
            if answer is None or not answer.decision:
                found.append(question)
    return found
