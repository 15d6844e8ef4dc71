"""The blocks of a two-stage problem built apart, on several cores or machines, and put together again (3.4).

Blocks share no flow, so a piece needs nothing of another; its products of decisions get their numbers when it joins.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optichain.design.firststage.stage import FirstStage
from optichain.design.firststage.wishes import Wishes
from optichain.design.twostage.arrays import Product, Scenario, Tail
from optichain.network import Network
from optichain.spreading import spread

__all__ = ["Piece", "spread_pieces"]

Floats = npt.NDArray[np.float64]

PIECES = 8
"""Tasks that the blocks are dealt out in: blocks differ in size."""


@dataclass(frozen=True, eq=False)
class Piece:
    """What some blocks add to a problem.

    Attributes
    ----------
    products : list of Product
    scenarios : list of Scenario
        With numbers among the products of the piece.
    tails : list of Tail
        With numbers among the scenarios of the piece.
    constants : list of float
        What no decision changes in the objective.
    acc_terms : dict of scenario to coefficient
    acc_constants : list of float
        The mean ACC as a sum over scenarios.
    """

    products: list[Product]
    scenarios: list[Scenario]
    tails: list[Tail]
    constants: list[float]
    acc_terms: Mapping[int, float]
    acc_constants: list[float]


def spread_pieces(
    build: Callable[..., Piece],
    network: Network,
    stage: FirstStage,
    wishes: Wishes,
    weight: Floats,
    executor: Executor,
) -> list[Piece]:
    """Return the pieces of all blocks, in the order of the blocks.

    Parameters
    ----------
    build : callable of (network, stage, wishes, weight, numbers of blocks)
        A function of a module, so that workers find it.
    network, stage, wishes
        As of `optichain.design.twostage.problem.Assembler`.
    weight : ndarray, shape (chains,)
        What the objective counts.
    executor : Executor
    """
    parts = [p.tolist() for p in np.array_split(network.blocks, min(PIECES, len(network.blocks)))]
    data = pickle.dumps((network, stage, wishes, weight), protocol=pickle.HIGHEST_PROTOCOL)
    return spread(_piece_there, [(build, data, numbers) for numbers in parts], executor=executor)


def _piece_there(task: tuple[Callable[..., Piece], bytes, Sequence[int]]) -> Piece:
    """Build a piece in a worker."""
    build, data, numbers = task
    return build(*pickle.loads(data), numbers)
