"""Names: which characters they may hold, and that no two rows share a key."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd

from optichain.instance.derive import lane_names
from optichain.instance.draft import Bools, Draft
from optichain.instance.raw import quoted
from optichain.instance.schema import TABLES
from optichain.instance.targets import Names

__all__ = ["check"]

_REFUSED_IN_NAMES: Final = "[>@;]"
_REFUSED_IN_LABELS: Final = "[>@]"


def check(draft: Draft) -> None:
    """Check characters of names, keys, and names that must be unique together."""
    for table in TABLES:
        if draft.frames[table].empty:
            continue
        _check_characters(draft, table)
        _check_key(draft, table)
    _check_together(draft)
    _check_generated_events(draft)


def _check_characters(draft: Draft, table: str) -> None:
    frame = draft.frames[table]
    for column in TABLES[table].columns:
        if column.type not in ("name", "labels"):
            continue
        refused = _REFUSED_IN_NAMES if column.type == "name" else _REFUSED_IN_LABELS
        texts = draft.values(table, column.name)
        where = _matching(texts, refused)
        if (table, column.name) == ("lanes", "lane") and where.any():
            # The name that a lane has by default holds '>', and is what a written instance holds.
            where = where & (texts != np.array([*lane_names(frame), None], dtype=object)[:-1])
        signs = "'>', '@' and ';'" if column.type == "name" else "'>' and '@'"
        draft.fault(
            table,
            where,
            column.name,
            "bad-name",
            lambda k, texts=texts, signs=signs: f"found {quoted(texts[k])}, expected a name without {signs}",  # type: ignore[misc]
        )


def _matching(texts: np.ndarray[tuple[int], np.dtype[np.object_]], pattern: str) -> Bools:
    cells = texts.tolist()
    search = re.compile(pattern).search
    # one look at all cells together: hardly any table has a match at all
    if not search("\n".join(filter(None, cells))):
        return np.zeros(len(cells), dtype=bool)
    return np.array([cell is not None and search(cell) is not None for cell in cells], dtype=bool)


def _check_key(draft: Draft, table: str) -> None:
    """Refuse a row whose key an earlier row has."""
    key = list(TABLES[table].key)
    frame = draft.frames[table]
    if not frame[key].duplicated().any():
        return
    sound = draft.sound(table, *key)
    if len(key) == 1:
        sound &= frame[key[0]].notna().to_numpy(bool)
    among = frame.loc[sound, key]
    twice = among.duplicated(keep="first").to_numpy(bool)
    if not twice.any():
        return
    where = np.flatnonzero(sound)[twice]
    among = among.astype(object)
    first = among.drop_duplicates(keep="first").reset_index(names="_first")
    firsts = among[twice].merge(first, on=key, how="left")["_first"].to_numpy(np.int64)
    row_of = dict(zip(where.tolist(), draft.rows[table][firsts].tolist(), strict=True))

    def message(k: int) -> str:
        parts = [
            f"{name} {quoted(_shown(frame[name].iloc[k]))}"
            for name in key
            if not pd.isna(frame[name].iloc[k])
        ]
        return f"found {', '.join(parts)}, which row {row_of[k]} has already, expected one row with it"

    draft.fault(table, where.tolist(), key[0], "duplicate-key", message)


def _shown(value: object) -> object:
    return f"{value:g}" if isinstance(value, float) else value


def _check_together(draft: Draft) -> None:
    """Source, lane and item>input names are unique together."""
    sources, lanes = draft.values("sources", "source"), draft.values("lanes", "lane")
    taken = pd.Index(sources, dtype=object)
    also_source = pd.Index(lanes, dtype=object).isin(taken.dropna())
    draft.fault(
        "lanes",
        also_source,
        "lane",
        "duplicate-key",
        lambda k: f"found {quoted(lanes[k])}, which is the name of a source already, expected another name",
    )
    # Only the default name of a lane holds '>', and it equals item>input only where an item's name holds ':'.
    bom = draft.frames["bom"]
    bom = bom[bom["item"].fillna("").str.contains(":", regex=False)] if len(lanes) and len(bom) else bom[:0]
    links = [f"{made}>{used}" for made, used in zip(bom["item"].tolist(), bom["input"].tolist(), strict=True)]
    named = pd.Index(lanes, dtype=object).isin(links) & ~also_source
    draft.fault(
        "lanes",
        named,
        "lane",
        "duplicate-key",
        lambda k: f"found {quoted(lanes[k])}, which is an item>input of the bill of materials too",
        "give the lane a name of its own",
    )


def _check_generated_events(draft: Draft) -> None:
    """Refuse an event that is called like one made from the network."""
    names = draft.values("events", "event")
    if draft.settings is None or not len(names):
        return
    known = Names.of(draft.frames)
    elements = draft.frames["elements"]
    stated = elements["annual_probability"].notna() | elements["recovery_time"].notna()
    groups = set(elements.loc[stated & (elements["kind"] == "group"), "target"])
    for position, name in enumerate(names.tolist()):
        kind, colon, target = str(name).partition(":")
        setting = f"single_{kind}"
        if not colon or not getattr(draft.settings.events, setting, False):
            continue
        made = target in groups if kind == "group" else known.has(kind, target)
        if made:
            draft.fault(
                "events",
                [position],
                "event",
                "duplicate-key",
                f"found {quoted(name)}, which is the name of an event made from the network",
                f"rename it, or switch off events.{setting}",
            )
