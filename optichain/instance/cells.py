"""Cells on their way out: what each column is written as, and which columns need not be written."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from optichain.instance.derive import lane_names, source_names
from optichain.instance.schema import Column, Table
from optichain.instance.settings import Settings

__all__ = ["settings_dict", "written_columns"]

Cell = str | float | int | bool | None


def written_columns(table: Table, frame: pd.DataFrame) -> dict[str, list[Cell]]:
    """Return the cells of every column worth writing, by name; ``None`` is blank.

    A column that only holds what a blank would mean is left out, unless it is needed. Infinity is written
    ``unlimited``.
    """
    columns: dict[str, list[Cell]] = {}
    derived = {"sources": ("source", source_names), "lanes": ("lane", lane_names)}.get(table.name)
    for column in table.columns:
        values = frame[column.name]
        if not column.required and _says_nothing(column, values):
            continue
        if derived is not None and derived[0] == column.name and values.tolist() == derived[1](frame):
            continue
        columns[column.name] = _cells(values)
    for name in frame.columns[len(table.columns) :]:
        columns[str(name)] = _cells(frame[name])
    return columns


def _says_nothing(column: Column, values: pd.Series) -> bool:
    """Whether every cell is what a blank cell means."""
    default: Any = math.inf if column.unlimited == "blank" else column.default
    if default is None:
        return bool(values.isna().all())
    return bool((values == default).all())


def _cells(values: pd.Series) -> list[Cell]:
    cells: list[Any] = values.tolist()
    if values.dtype == np.float64:
        return [None if math.isnan(cell) else "unlimited" if cell == math.inf else cell for cell in cells]
    return cells


def settings_dict(settings: Settings) -> dict[str, Any]:
    """Return the settings as plain nested values, sections last, without what is absent."""
    plain: dict[str, Any] = settings.model_dump(mode="json", exclude_none=True)
    return plain
