"""Data frames as a carrier: the tables of a planning script in the raw form that files are read into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from optichain.instance.raw import Faults, Raw, RawTable, match_columns, match_table, quoted
from optichain.instance.schema import Table

__all__ = ["raw_from_frames"]


def raw_from_frames(tables: Mapping[str, Any], settings: Mapping[str, Any] | None) -> Raw:
    """Return data frames in raw form; NaN and None are blank, infinity is the word ``unlimited``.

    Rows are counted as in a file, the first row of data being row 2.
    """
    raw = Raw(
        settings=None if settings is None else dict(settings), settings_file="settings", file_pattern="{}"
    )
    for name, frame in tables.items():
        table = match_table(str(name), str(name), raw.faults)
        if table is None:
            continue
        if not isinstance(frame, pd.DataFrame):
            raw.faults.add(
                str(name), None, None, "not-a-table", f"found {quoted(frame)}, expected a data frame"
            )
            raw.broken.add(table.name)
            continue
        raw.tables[table.name] = _raw_table(table, frame, raw.faults)
    return raw


def _raw_table(table: Table, frame: pd.DataFrame, faults: Faults) -> RawTable:
    header = list(frame.columns)
    kept, complete = match_columns(table, header, table.name, faults)
    if not len(frame) and not len(header):
        complete = True
    columns: dict[str, Any] = {}
    for position in kept:
        name = str(header[position]).strip()
        columns[name] = _cells(table, name, frame.iloc[:, position])
    rows = np.arange(2, len(frame) + 2, dtype=np.int64)
    return RawTable(file=table.name, columns=columns, rows=rows, complete=complete)


def _cells(table: Table, name: str, column: pd.Series) -> Any:
    numeric = pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)
    known = name in table.column_names
    unlimited = known and table.column(name).unlimited != "no"
    if numeric and known and not table.column(name).is_text:
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        if unlimited or not np.isinf(values).any():
            negative = np.isneginf(values)
            return (
                values if not negative.any() else [None if np.isnan(v) else float(v) for v in values.tolist()]
            )
    blank = column.isna().to_numpy(bool)
    cells = column.astype(object).tolist()
    return [
        None if empty else "unlimited" if unlimited and isinstance(cell, float) and cell == np.inf else cell
        for cell, empty in zip(cells, blank.tolist(), strict=True)
    ]
