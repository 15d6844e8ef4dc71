"""Everything that can fail, numbered, and what each of it stops (3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from optichain.network import ELEMENT_KINDS

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["find_elements"]

Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]


def find_elements(
    instance: Instance, rows: Ints, lane_rows: Ints, activity_site: Ints
) -> tuple[Ints, Objects, sp.csr_matrix, sp.csr_matrix]:
    """Give everything that can fail a number, and say what stops each site and each activity.

    Parameters
    ----------
    instance : Instance
    rows, lane_rows : ndarray of int
        Rows of the tables ``sources`` and ``lanes`` that are activities, in their order: sources, then lanes.
    activity_site : ndarray of int, shape (activities,)
        The site with which each activity fails, -1 for none.

    Returns
    -------
    kind, name : ndarray, shape (elements,)
        Kind as its place in `ELEMENT_KINDS`.
    site_elements : csr_matrix of bool, shape (sites, elements)
    activity_elements : csr_matrix of bool, shape (activities, elements)
    """
    sites, sources, lanes = instance["sites"], instance["sources"], instance["lanes"]
    pieces: list[tuple[str, str, Ints, Objects]] = []
    all_sites = np.arange(len(sites))
    pieces.append(("sites", "site", all_sites, sites["site"].to_numpy(dtype=object)))
    for kind in ("enterprise", "region", "country"):
        filled = np.flatnonzero(sites[kind].notna().to_numpy(bool))
        pieces.append(("sites", kind, filled, sites[kind].to_numpy(dtype=object)[filled]))
    pieces.append(("sites", "group", *_exploded_labels(sites["groups"])))
    n_sources, n_lanes = len(rows), len(lane_rows)
    own = np.arange(n_sources)
    pieces.append(("activities", "source", own, sources["source"].to_numpy(dtype=object)[rows]))
    pieces.append(("activities", "item", own, sources["item"].to_numpy(dtype=object)[rows]))
    pieces.append(
        (
            "activities",
            "lane",
            n_sources + np.arange(n_lanes),
            lanes["lane"].to_numpy(dtype=object)[lane_rows],
        )
    )
    for table, kept, start in ((sources, rows, 0), (lanes, lane_rows, n_sources)):
        groups = table["groups"].iloc[kept].reset_index(drop=True)
        row, label = _exploded_labels(groups)
        pieces.append(("activities", "group", start + row, label))
    kinds = np.concatenate([np.full(len(p[2]), ELEMENT_KINDS.index(p[1])) for p in pieces])
    names = np.concatenate([p[3] for p in pieces])
    holder = np.concatenate([p[2] for p in pieces]).astype(np.int64)
    at_site = np.concatenate([np.full(len(p[2]), p[0] == "sites") for p in pieces])
    first_kind, first_name, number = _numbered(kinds, names)
    n = len(first_kind)
    of_sites = _incidence(holder[at_site], number[at_site], (len(sites), n))
    direct = _incidence(holder[~at_site], number[~at_site], (n_sources + n_lanes, n))
    stands = np.flatnonzero(activity_site >= 0)
    standing = _incidence(stands, activity_site[stands], (n_sources + n_lanes, len(sites)))
    activity_elements = ((direct + standing @ of_sites) > 0).tocsr()
    return (
        first_kind,
        first_name,
        of_sites > 0,
        activity_elements,
    )


def _exploded_labels(column: pd.Series) -> tuple[Ints, Objects]:
    """Return (row, label) pairs of a column of labels separated by ``;``."""
    filled = column.dropna()
    if not len(filled):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=object)
    split = filled.astype(str).str.split(";").explode().str.strip()
    split = split[split != ""]
    return np.asarray(split.index, dtype=np.int64), split.to_numpy(dtype=object)


def _incidence(row: Ints, column: Ints, shape: tuple[int, int]) -> sp.csr_matrix:
    return sp.csr_matrix((np.ones(len(row), dtype=np.int32), (row, column)), shape=shape)


def _numbered(kinds: Ints, names: Objects) -> tuple[Ints, Objects, Ints]:
    """Return the different (kind, name) in order, as two arrays, and the number of each given one."""
    number = np.empty(len(kinds), dtype=np.int64)
    known_kinds: list[Ints] = []
    known_names: list[Objects] = []
    start = 0
    for kind in np.unique(kinds).tolist():
        mine = np.flatnonzero(kinds == kind)
        codes, unique = pd.factorize(names[mine])
        # a list of str sorts several times faster than an array of objects
        order = sorted(range(len(unique)), key=unique.tolist().__getitem__)
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        number[mine] = start + rank[codes]
        known_kinds.append(np.full(len(order), kind, dtype=np.int64))
        known_names.append(unique[order])
        start += len(order)
    if not known_kinds:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=object), number
    return np.concatenate(known_kinds), np.concatenate(known_names), number
