"""How large the flows of each item are, about: what everything in the flow model is measured in.

Tolerances of a solver are absolute. They mean the same in every instance only if each item is measured in a unit near
what is needed of it, whatever unit the instance counts it in; and that must hold of items too which only an
alternative, or a source that is not in use yet, would draw.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from optichain.graphs import Relation, grouped, strong_parts
from optichain.network import Network
from optichain.risk.flows.usage import largest_use

__all__ = ["near_power", "typical_needs"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def near_power(values: Floats) -> Floats:
    """Round positive numbers to powers of two, which scale without rounding; 1 for 0 and what is not finite."""
    good = np.isfinite(values) & (values > 0.0)
    return np.where(good, np.exp2(np.round(np.log2(np.where(good, values, 1.0)))), 1.0)


def typical_needs(network: Network) -> Floats:
    """Return about how much of each item the horizon can need, along whatever way needs most of it; kept.

    Parameters
    ----------
    network : Network

    Returns
    -------
    ndarray, shape (items,)
        Units, all above 0. For an item that leads to no demand, as much as its inputs are needed of, or can be made.
    """
    kept = network.__dict__.get("_typical_needs")
    if kept is None:
        use = largest_use(network, network.commodity_item, len(network.items), lanes=False).tocoo()
        made, used = use.row.astype(np.int64), use.col.astype(np.int64)
        need = network.requirement_rate * network.horizon
        _from_users(made, used, use.data, need)
        _from_inputs(made, used, use.data, need)
        kept = network.__dict__["_typical_needs"] = np.where(need > 0.0, need, _makeable(network))
    result: Floats = kept
    return result


def _from_users(made: Ints, used: Ints, quantity: Floats, need: Floats) -> None:
    """Let what is made need its inputs, in place; inside a loop only where nothing else tells a need."""
    part, level = strong_parts(made, used, len(need))
    inputs = Relation.of(made, np.arange(len(made)), len(need))
    for members in grouped(np.arange(len(need)), level[part]):
        _, links = inputs.gather(members)
        inside = part[made[links]] == part[used[links]]
        loop, onward = links[inside], links[~inside]
        fresh = loop
        while len(fresh):
            fresh = fresh[(need[made[fresh]] > 0.0) & (need[used[fresh]] <= 0.0)]
            np.maximum.at(need, used[fresh], quantity[fresh] * need[made[fresh]])
            _, following = inputs.gather(np.unique(used[fresh]))
            fresh = following[part[made[following]] == part[used[following]]]
        np.maximum.at(need, used[onward], quantity[onward] * need[made[onward]])


def _from_inputs(made: Ints, used: Ints, quantity: Floats, need: Floats) -> None:
    """Give what nobody needs the size that its inputs would allow, in place."""
    users = Relation.of(used, np.arange(len(used)), len(need))
    front = np.flatnonzero(need > 0.0)
    while len(front):
        _, links = users.gather(front)
        idle = links[need[made[links]] <= 0.0]
        makers, place = np.unique(made[idle], return_inverse=True)
        size = np.full(len(makers), np.inf)
        np.minimum.at(size, place, need[used[idle]] / quantity[idle])
        found = np.isfinite(size) & (size > 0.0)
        front = makers[found]
        need[front] = size[found]


def _makeable(network: Network) -> Floats:
    """Return what sources can make over the horizon, or what is in stock; 1 where neither tells anything."""
    most = np.zeros(len(network.items))
    finite = np.isfinite(network.capacity) & ~network.is_lane
    item = network.commodity_item[network.output[finite]]
    np.maximum.at(most, item, network.capacity[finite] * network.horizon)
    np.maximum.at(most, network.commodity_item[network.stock_commodity], network.stock_quantity)
    return np.where(most > 0.0, most, 1.0)
