"""Which sources and lanes there are: they become the activities of the network (3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.instance.targets import Names, Target, resolve_target

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["Activities", "codes", "find_activities", "names_of", "targets_of"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Activities:
    """The sources and lanes that exist, as rows of their tables; items and sites by number.

    Activities are numbered in this order, sources before lanes.
    """

    sources: Ints
    """Rows of the table ``sources``."""
    item: Ints
    """What each source makes."""
    site: Ints
    """Where each source makes it."""
    lanes: Ints
    """Rows of the table ``lanes``."""
    lane_item: Ints
    lane_from: Ints
    lane_to: Ints
    lane_stands: Ints
    """The site with which a lane fails: where it begins if nothing makes its item there, else -1."""


def find_activities(instance: Instance, items: pd.Index, sites: pd.Index) -> Activities:
    """Return what exists: a source or lane without capacity does not, unless a measure can add some.

    Parameters
    ----------
    instance : Instance
        A checked instance.
    items, sites : Index of str
        What the numbers stand for.
    """
    made, lanes = instance["sources"], instance["lanes"]
    item, site = codes(items, made["item"]), codes(sites, made["site"])
    expanded = targets_of(instance, "expand")
    more = {target.name for target in expanded if target.kind != "site"}
    # only a capacity stated as 0 makes a source absent: one estimated as 0 is there, and of no use
    open_source = (made["capacity"].to_numpy(float) != 0.0) | made["source"].isin(more).to_numpy(bool)
    if len(made):
        no_room = instance["sites"]["capacity"].to_numpy(float) == 0.0
        shut = no_room & ~sites.isin({target.name for target in expanded if target.kind == "site"})
        open_source &= ~(shut[site] & (made["load"].to_numpy(float) > 0.0))
    rows = np.flatnonzero(open_source)
    open_lane = (lanes["capacity"].to_numpy(float) > 0.0) | lanes["lane"].isin(more).to_numpy(bool)
    lane_rows = np.flatnonzero(open_lane)
    lane_item = codes(items, lanes["item"])[lane_rows]
    lane_from = codes(sites, lanes["from_site"])[lane_rows]
    made_there = np.isin(lane_item * (len(sites) + 1) + lane_from, item * (len(sites) + 1) + site)
    return Activities(
        sources=rows,
        item=item[rows],
        site=site[rows],
        lanes=lane_rows,
        lane_item=lane_item,
        lane_from=lane_from,
        lane_to=codes(sites, lanes["to_site"])[lane_rows],
        lane_stands=np.where(made_there, -1, lane_from),
    )


def targets_of(instance: Instance, effect: str) -> list[Target]:
    """Return what the effects of a kind name; the reader has refused what names nothing."""
    effects = instance["effects"]
    names = Names.of(instance.frames)
    found = (
        resolve_target(effect, str(text), names)
        for text in effects.loc[effects["effect"] == effect, "target"].unique()
    )
    return [target for target in found if target is not None]


def codes(index: pd.Index, names: pd.Series) -> Ints:
    """Return the position of each name, -1 where blank."""
    return np.asarray(index.get_indexer(names_of(names)), dtype=np.int64)


def names_of(column: pd.Series) -> pd.Index:
    """Return a column of names as an index of plain str objects, which hash fastest."""
    names: pd.Index = pd.Index(column.to_numpy(dtype=object), dtype=object)
    return names
