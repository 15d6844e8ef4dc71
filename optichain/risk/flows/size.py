"""How large the blocks of a network are, and which are too large for a linear programme begun without being asked."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from optichain.network import Network

__all__ = ["LARGEST_BLOCK", "arcs_of_blocks", "too_large"]

LARGEST_BLOCK: Final = 200_000
"""Arcs; the linear programme of a block of 45,000 arcs takes seconds, and of one ten times as large minutes."""


def arcs_of_blocks(network: Network) -> npt.NDArray[np.int64]:
    """Return the number of activities and alternatives of each block, by its number."""
    count = int(max(network.activity_block.max(initial=-1), network.commodity_block.max(initial=-1))) + 1
    users = network.requirement_activity[network.alternative_requirement]
    arcs = np.bincount(network.activity_block, minlength=count)
    return arcs + np.bincount(network.activity_block[users], minlength=count)


def too_large(network: Network) -> list[int]:
    """Return the blocks with demand that have more arcs than `LARGEST_BLOCK`."""
    arcs = arcs_of_blocks(network)
    return [block for block in network.blocks.tolist() if arcs[block] > LARGEST_BLOCK]
