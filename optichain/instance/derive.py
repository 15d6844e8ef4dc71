"""Names and chains that follow from other cells where theirs are blank."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optichain.instance.draft import Draft

__all__ = ["fill_names", "lane_names", "source_names"]


def source_names(sources: pd.DataFrame) -> list[str | None]:
    """Return ``site:item`` for every source, ``None`` where one of the two is blank."""
    return [
        f"{site}:{item}" if site is not None and item is not None else None
        for site, item in zip(sources["site"].tolist(), sources["item"].tolist(), strict=True)
    ]


def lane_names(lanes: pd.DataFrame) -> list[str | None]:
    """Return ``item:from_site>to_site`` for every lane, ``None`` where one of the three is blank."""
    columns = (lanes[name].tolist() for name in ("item", "from_site", "to_site"))
    return [
        f"{item}:{start}>{end}" if item is not None and start is not None and end is not None else None
        for item, start, end in zip(*columns, strict=True)
    ]


def fill_names(draft: Draft) -> None:
    """Name sources and lanes that have no name, and give every demand its chain."""
    for table, column, names in (("sources", "source", source_names), ("lanes", "lane", lane_names)):
        frame = draft.frames[table]
        given = frame[column].to_numpy(dtype=object)
        if pd.isna(given).any():
            filled = np.array([*names(frame), None], dtype=object)[:-1]
            draft.frames[table] = _with(frame, column, np.where(pd.isna(given), filled, given))
    demands, items = draft.frames["demands"], draft.frames["items"]
    blank = demands["chain"].isna().to_numpy(bool)
    if blank.any():
        chain_of = dict(zip(items["item"].tolist(), items["chain"].tolist(), strict=True))
        own = [chain_of.get(item) for item in demands["item"].tolist()]
        chains = np.where(
            blank, np.array([*own, None], dtype=object)[:-1], demands["chain"].to_numpy(dtype=object)
        )
        draft.frames["demands"] = _with(demands, "chain", chains)


def _with(frame: pd.DataFrame, column: str, values: object) -> pd.DataFrame:
    return frame.assign(**{column: pd.Series(values, index=frame.index, dtype=object)})
