"""What is not mapped: the share of demand, tier by tier, that depends on items whose suppliers are unknown."""

from __future__ import annotations

import numpy as np

from optichain.graphs import Relation
from optichain.network import Network

__all__ = ["unmapped_shares"]


def unmapped_shares(network: Network) -> dict[str, float]:
    """Return, for each tier, the share of demanded value that depends on an item there that is not mapped.

    Tier 0 is the demanded item, tier n + 1 what items of tier n consume (any status); a demand counts in a
    tier if any of its items there has ``mapped`` false. Items already met in a nearer tier are not counted again.
    """
    size = len(network.items)
    inputs = Relation.of(network.bom_item, network.bom_input, size)
    unmapped = ~network.instance["items"]["mapped"].to_numpy(bool)
    demanded, which = np.unique(network.commodity_item[network.demand_commodity], return_inverse=True)
    worth = np.bincount(which, weights=network.demand_rate * network.demand_value, minlength=len(demanded))
    total = float(worth.sum())
    # a pair of a demanded item and an item upstream of it is one number
    front = np.arange(len(demanded)) * size + demanded
    seen = front
    shares: list[float] = []
    while len(front):
        of_demand, item = np.divmod(front, size)
        touched = np.unique(of_demand[unmapped[item]])
        shares.append(float(worth[touched].sum()) / total if total > 0.0 else 0.0)
        position, input_ = inputs.gather(item)
        reached = np.unique(of_demand[position] * size + input_)
        front = reached[~np.isin(reached, seen, assume_unique=True)]
        seen = np.union1d(seen, front)
    return {str(tier): share for tier, share in enumerate(shares)}
