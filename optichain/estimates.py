"""What is not given and has to be estimated: requirements of items, unknown capacities, weeks of cover.

The requirement of an item is the demand exploded through the bill of materials along the first listed
active alternative of every requirement. An unknown capacity is a multiple of a normal flow, never
"unlimited". Both are written down as assumptions by `optichain.checking`.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp
import scipy.sparse.linalg as spla

from optichain.graphs import Relation, grouped, strong_parts

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["item_requirements", "source_capacities", "stock_quantities"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LARGEST_GAIN: Final = 1e9
"""Units of its items that a loop may turn over for one unit wanted; beyond it the loop counts as endless."""


def item_requirements(instance: Instance) -> pd.Series:
    """Return what the demand needs of every item, in units per time unit.

    Parameters
    ----------
    instance : Instance
        A checked instance.

    Returns
    -------
    pandas.Series
        Requirement by item, in the order of the table ``items``.

    Notes
    -----
    Solves ``x = demand + A' x`` with A[i, j] the units of j in one unit of i. A loop of items that
    consumes as much of itself as it makes, or more, has no finite solution: then the links inside that
    loop are left out, which keeps the estimate low.
    """
    items = pd.Index(instance["items"]["item"])
    wanted = _index_sum(items, instance["demands"]["item"], instance["demands"]["rate"])
    links = _first_active_links(instance)
    made, used = items.get_indexer(links["item"]), items.get_indexer(links["input"])
    quantity = links["quantity"].to_numpy(float)
    return pd.Series(_explode(made, used, quantity, wanted), index=items, name="requirement")


def _explode(source: Ints, target: Ints, quantity: Floats, wanted: Floats) -> Floats:
    """Return x = wanted + A' x, where one unit of source i needs quantity of target i.

    Links are followed level by level; inside a loop a system of equations is solved. Nothing is rounded
    on the way to what needs nothing of an item: its requirement is exactly 0.
    """
    total = wanted.copy()
    part, level = strong_parts(source, target, len(wanted))
    inside = part[source] == part[target]
    out = Relation.of(source[~inside], np.flatnonzero(~inside), len(wanted))
    loop_links = np.flatnonzero(inside)
    in_loop = np.zeros(len(level), dtype=bool)
    in_loop[part[source[loop_links]]] = True
    loop_links = loop_links[np.argsort(part[source[loop_links]], kind="stable")]
    first = np.searchsorted(part[source[loop_links]], np.arange(len(level) + 1))
    for members in grouped(np.arange(len(wanted)), level[part]):
        for loop in np.unique(part[members[in_loop[part[members]]]]).tolist():
            links = loop_links[first[loop] : first[loop + 1]]
            _settle_loop(source[links], target[links], quantity[links], total)
        _, links = out.gather(members)
        np.add.at(total, target[links], quantity[links] * total[source[links]])
    return total


def _settle_loop(source: Ints, target: Ints, quantity: Floats, total: Floats) -> None:
    """Solve for the items of one loop in place; leave them as they are where it consumes all that it makes.

    I - A is inverted with all entries >= 0 exactly when some x > 0 has (I - A) x > 0 (an M-matrix).
    """
    members = np.unique(np.concatenate([source, target]))
    if not total[members].any():
        return
    size = len(members)
    start, end = np.searchsorted(members, source), np.searchsorted(members, target)
    unit = _units_of_loop(start, end, quantity, size)
    matrix = sp.csc_matrix((quantity * unit[start] / unit[end], (end, start)), shape=(size, size))
    system: Any = sp.identity(size, format="csc") - matrix
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", spla.MatrixRankWarning)
        both = spla.spsolve(system, np.column_stack([total[members] / unit, np.ones(size)]))
    solution, witness = both[:, 0], both[:, 1]
    if np.all(np.isfinite(witness)) and np.all(witness > 0.0) and witness.max() < LARGEST_GAIN:
        total[members] = np.maximum(solution * unit, 0.0)


def _units_of_loop(start: Ints, end: Ints, quantity: Floats, size: int) -> Floats:
    """Return what the first item of a loop takes of each: units in which it does not matter how items are counted."""
    unit = np.zeros(size)
    unit[0] = 1.0
    out, front = Relation.of(start, np.arange(len(start)), size), np.zeros(1, dtype=np.int64)
    while len(front):
        _, links = out.gather(front)
        fresh = links[unit[end[links]] <= 0.0]
        np.maximum.at(unit, end[fresh], quantity[fresh] * unit[start[fresh]])
        reached = np.unique(end[fresh])
        front = reached[unit[reached] > 0.0]
    return np.where(unit > 0.0, unit, 1.0)


def _first_active_links(instance: Instance) -> pd.DataFrame:
    """Return, for each item and requirement, the first listed active alternative: item, input, quantity.

    An item whose bill of materials is given for single sources only is exploded along the rows of the source
    that is listed first in it: the first active one, if there is one. A source of capacity 0 is absent.
    """
    bom = instance["bom"]
    general = bom[bom["source"].isna()]
    special = bom[bom["source"].notna() & ~bom["item"].isin(general["item"])]
    if len(special):
        sources = instance["sources"]
        present = (sources["status"] == "active") & (sources["capacity"] != 0.0)
        active = set(sources.loc[present, "source"])
        order = np.where(special["source"].isin(active), 0, 1)
        ranked = special.assign(_order=order).sort_values("_order", kind="stable")
        first = ranked.groupby("item")["source"].transform("first")
        special = special[special["source"] == first.reindex(special.index)]
    rows = pd.concat([general, special]).sort_index()
    rows = rows[rows["status"] == "active"]
    label = rows["requirement"].where(rows["requirement"].notna(), "\0" + rows.index.to_series().astype(str))
    return rows.assign(_label=label).drop_duplicates(["item", "_label"])[["item", "input", "quantity"]]


def source_capacities(instance: Instance, requirements: pd.Series) -> tuple[Floats, pd.Series]:
    """Return the capacity of every source, given or estimated, and on what each estimate rests.

    Parameters
    ----------
    instance : Instance
        A checked instance.
    requirements : pandas.Series
        Requirement by item (`item_requirements`).

    Returns
    -------
    capacity : ndarray, shape (sources,)
        Units per time unit; ``inf`` where unlimited.
    basis : pandas.Series of str
        For each estimated source (by row position): ``volume``, ``share``, ``equal part``, ``mean of active``.

    Notes
    -----
    normal flow x (1 + surge), where the normal flow is the volume; else share x requirement; else an equal
    part of the requirement among the item's active sources; for a source that is not active the mean of
    the normal flows of the active ones (among all its sources where none is active).
    """
    sources = instance["sources"]
    given = sources["capacity"].to_numpy(float)
    need = requirements.reindex(sources["item"]).to_numpy(float)
    present = ~(given == 0.0)
    active = (sources["status"] == "active").to_numpy(bool) & present
    by_item = sources["item"]
    count = pd.Series(active.astype(float)).groupby(by_item.to_numpy()).transform("sum").to_numpy()
    everyone = pd.Series(present.astype(float)).groupby(by_item.to_numpy()).transform("sum").to_numpy()
    volume, share = sources["volume"].to_numpy(float), sources["share"].to_numpy(float)
    stated = np.where(np.isnan(volume), share * need, volume)
    part = need / np.maximum(np.where(count > 0, count, everyone), 1.0)
    normal = np.where(np.isnan(stated), part, stated)
    mean = (
        pd.Series(np.where(active, normal, np.nan)).groupby(by_item.to_numpy()).transform("mean").to_numpy()
    )
    borrowed = ~active & np.isnan(stated) & ~np.isnan(mean)
    normal = np.where(borrowed, mean, normal)
    unknown = np.isnan(given)
    capacity = np.where(unknown, normal * (1.0 + instance.settings.defaults.surge), given)
    basis = np.select(
        [~np.isnan(volume), ~np.isnan(share), borrowed],
        ["volume", "share", "mean of active"],
        default="equal part",
    )
    return capacity, pd.Series(basis, index=sources.index)[unknown]


def stock_quantities(instance: Instance, requirements: pd.Series) -> Floats:
    """Return the stock of every row of ``stocks`` in units, shape (stocks,).

    Cover counts in time units of the item's requirement, shared equally where several rows of an item
    give cover.
    """
    stocks = instance["stocks"]
    cover = stocks["cover"].to_numpy(float)
    need = requirements.reindex(stocks["item"]).to_numpy(float)
    by_cover = pd.Series((~np.isnan(cover)).astype(float)).groupby(stocks["item"].to_numpy()).transform("sum")
    shared = cover * need / np.maximum(by_cover.to_numpy(float), 1.0)
    return np.where(np.isnan(cover), stocks["quantity"].to_numpy(float), shared)


def _index_sum(index: pd.Index, names: pd.Series, amounts: pd.Series) -> Floats:
    """Add up amounts by name, in the order of an index."""
    total = np.zeros(len(index))
    np.add.at(total, index.get_indexer(pd.Index(names)), amounts.to_numpy(float))
    return total
