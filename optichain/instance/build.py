"""From the raw form of any carrier to checked tables: every step of reading that comes after the file."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from optichain.errors import Fault, InstanceError
from optichain.instance.checks import amounts, design, keys, network, plausible, references
from optichain.instance.derive import fill_names
from optichain.instance.draft import Draft
from optichain.instance.parse import parse_table
from optichain.instance.places import Places
from optichain.instance.raw import Raw, RawTable
from optichain.instance.schema import TABLES, Table
from optichain.instance.settings import Settings, read_settings
from optichain.nearest import nearest_hint

__all__ = ["build"]


def build(
    raw: Raw, *, settings: Settings | None = None, trusted: Mapping[str, pd.DataFrame] | None = None
) -> tuple[Settings, dict[str, pd.DataFrame], tuple[Fault, ...], Places]:
    """Return settings, tables, warnings, and where the rows of the tables stand.

    Parameters
    ----------
    raw : Raw
        What a carrier was read into.
    settings : Settings, optional
        Used in place of those of ``raw``.
    trusted : mapping of str to DataFrame, optional
        Tables that are typed already, for what ``raw`` does not hold.

    Raises
    ------
    InstanceError
        With every fault found.
    """
    draft = _draft(raw, settings or _settings(raw), trusted or {})
    places = Places(draft.files, draft.rows, raw.letters)
    fill_names(draft)
    keys.check(draft)
    references.check(draft)
    network.check(draft)
    amounts.check(draft)
    design.check(draft)
    if draft.faults or draft.settings is None:
        raise InstanceError(places.all_pointed(draft.faults.all()))
    plausible.check(draft)
    return draft.settings, draft.frames, places.all_pointed(draft.warnings.all()), places


def _settings(raw: Raw) -> Settings | None:
    """Check the settings; what is wrong with them is put down with the row they stand in."""
    if raw.settings is None:
        return None
    settings, faults = read_settings(raw.settings)
    for fault in faults:
        hint = nearest_hint(fault.wrong, fault.known) if fault.wrong else None
        raw.faults.add(
            raw.settings_file,
            raw.setting_rows.get(fault.setting),
            fault.setting,
            fault.code,
            fault.message,
            hint,
        )
    return settings


def _needed(table: Table) -> str:
    return ", ".join(column.name for column in table.columns if column.required)


def _draft(raw: Raw, settings: Settings | None, trusted: Mapping[str, pd.DataFrame]) -> Draft:
    draft = Draft(
        settings=settings, frames={}, rows={}, files={}, faults=raw.faults, settings_file=raw.settings_file
    )
    for name, table in TABLES.items():
        draft.files[name] = raw.file_pattern.format(name)
        if name in trusted and name not in raw.tables:
            draft.frames[name] = trusted[name]
            draft.rows[name] = np.arange(2, len(trusted[name]) + 2, dtype=np.int64)
            continue
        found = raw.tables.get(name)
        if found is None:
            found = RawTable(
                file=draft.files[name], columns={}, rows=np.empty(0, dtype=np.int64), complete=True
            )
            if table.required:
                found.complete = False
                if name not in raw.broken:
                    raw.faults.add(
                        found.file,
                        None,
                        None,
                        "missing-file",
                        f"the table {name} is missing, expected one with the columns {_needed(table)}",
                    )
            elif name in raw.broken:
                found.complete = False
        draft.files[name] = found.file
        parsed = parse_table(table, found, raw.faults)
        draft.frames[name], draft.rows[name] = parsed.frame, parsed.rows
        for column, bad in parsed.faulty.items():
            draft.faulty[name, column] = bad
        if not found.complete:
            draft.unusable.add(name)
    return draft
