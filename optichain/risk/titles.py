"""What people call the elements: titles from the tables, names where there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.network import ELEMENT_KINDS, Network

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["element_titles", "titles_of"]

Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]


def element_titles(network: Network) -> list[str]:
    """Return a title for people for each element, its name where it has none. Kept with the network."""
    kept = network.__dict__.get("_element_titles")
    if kept is None:
        kept = titles_of(network, np.arange(network.n_elements)).tolist()
        network.__dict__["_element_titles"] = kept
    titles: list[str] = kept
    return titles


def titles_of(network: Network, elements: Ints) -> Texts:
    """Return the titles of some elements, shape (elements,).

    A source is called by its item and its site, a lane by its item and both ends.
    """
    instance = network.instance
    titles: Texts = network.element_name[elements].copy()
    kinds = network.element_kind[elements]
    items, sites = _titles(instance, "items", "item"), _titles(instance, "sites", "site")
    for number, kind in enumerate(ELEMENT_KINDS):
        mine = np.flatnonzero(kinds == number)
        if not len(mine):
            continue
        if kind == "site":
            titles[mine] = sites[_codes(network.sites, titles[mine])]
        elif kind == "item":
            titles[mine] = items[_codes(network.items, titles[mine])]
        elif kind in ("source", "lane"):
            titles[mine] = _of_activities(network, elements[mine], items, sites)
        else:
            titles[mine] = _of_table(instance["elements"], kind, titles[mine])
    return titles


def _of_activities(network: Network, elements: Ints, items: Texts, sites: Texts) -> Texts:
    """Return titles of sources and lanes; each stops one activity, its own."""
    columns = network.elements_of_activities
    activity = columns.indices[columns.indptr[elements]]
    item = items[network.commodity_item[network.output[activity]]]
    lanes = network.instance["lanes"]
    row = np.where(network.is_lane[activity], network.activity_row[activity], 0)
    result = np.empty(len(elements), dtype=object)
    if network.is_lane[activity].any():
        ends = [
            _codes(network.sites, lanes[end].to_numpy(dtype=object)[row]) for end in ("from_site", "to_site")
        ]
        result[:] = [f"{i}, {a} - {b}" for i, a, b in zip(item, sites[ends[0]], sites[ends[1]], strict=True)]
    else:
        result[:] = [f"{i}, {s}" for i, s in zip(item, sites[network.activity_site[activity]], strict=True)]
    return result


def _of_table(table: pd.DataFrame, kind: str, names: Texts) -> Texts:
    """Return titles that the table ``elements`` gives, the name elsewhere."""
    rows = table[(table["kind"] == kind) & table["title"].notna()]
    known = dict(zip(rows["target"].tolist(), rows["title"].tolist(), strict=True))
    result = np.empty(len(names), dtype=object)
    result[:] = [known.get(name) or name for name in names.tolist()]
    return result


def _codes(index: pd.Index, names: Texts) -> Ints:
    return np.asarray(index.get_indexer(pd.Index(names, dtype=object)), dtype=np.int64)


def _titles(instance: Instance, table: str, key: str) -> Texts:
    frame = instance[table]
    title = frame["title"].to_numpy(dtype=object)
    blank = pd.isna(title) | (title == "")
    return np.where(blank, frame[key].to_numpy(dtype=object), title)
