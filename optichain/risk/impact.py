"""What the loss of single elements costs, and how long it is not felt (3.3): many of them, each different case once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt

from optichain.effects import State
from optichain.network import Network
from optichain.risk.desk import Desk, Parcel, pack, unpack
from optichain.risk.events import single_failure
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.reach import reach_of
from optichain.risk.flows.witness import reach_key
from optichain.risk.sweep import continuities
from optichain.spreading import Progress, cut, spread

__all__ = ["demanded_value", "impacts", "survival_times"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

ROUNDING = 1e-11
"""Continuities of one chain that differ by no more are equal."""


def demanded_value(network: Network) -> Floats:
    """Return the value demanded over the horizon by chain, shape (chains,), money."""
    worth = np.zeros(len(network.chains))
    np.add.at(worth, network.demand_chain, network.demand_rate * network.demand_value * network.horizon)
    return worth


def impacts(
    network: Network,
    state: State,
    engine: ContinuityEngine,
    elements: Ints,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Floats:
    """Return the performance impact of elements: money lost when each alone fails for its recovery time.

    Parameters
    ----------
    network : Network
    state : State
    engine : ContinuityEngine
    elements : ndarray of int
    executor, progress
        As of `optichain.risk.sweep.continuities`.

    Returns
    -------
    ndarray, shape (elements given,)
    """
    worth = demanded_value(network)
    has = worth > 0.0
    calm = engine.undisturbed(state)
    events = [single_failure(network, e) for e in elements.tolist()]
    hit = continuities(network, state, events, engine=engine, executor=executor, progress=progress)
    gone = calm[has] - hit[:, has]
    gone[np.abs(gone) <= ROUNDING] = 0.0
    lost: Floats = gone @ worth[has]
    return lost


def survival_times(
    network: Network,
    state: State,
    engine: ContinuityEngine,
    elements: Ints,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Floats:
    """Return the time to survive of elements; ``inf`` where a loss is never felt.

    Elements that reach the same things are solved once. Parameters are those of `impacts`.

    Returns
    -------
    ndarray, shape (elements given,), time units
    """
    number: dict[bytes, int] = {}
    first: list[int] = []
    case = np.zeros(len(elements), dtype=np.int64)
    for place, e in enumerate(elements.tolist()):
        reach = reach_of(network, state, single_failure(network, e, permanent=True), horizon=np.inf)
        key = reach_key(reach)
        if key not in number:
            number[key] = len(number)
            first.append(e)
        case[place] = number[key]
    chunks = cut(first, executor=executor, size=1)
    sizes = [len(chunk) for chunk in chunks]
    if executor is None:
        desk = Desk(engine, state)
        times = spread(lambda chunk: _survive(desk, chunk), chunks, sizes=sizes, progress=progress)
    else:
        parcel = pack(network, engine.weight, state)
        tasks = [(parcel, chunk) for chunk in chunks]
        times = spread(_survive_there, tasks, executor=executor, sizes=sizes, progress=progress)
    return np.array([t for chunk in times for t in chunk], dtype=float)[case]


def _survive(desk: Desk, elements: Sequence[int]) -> list[float]:
    return [desk.clock.time_to_survive(e) for e in elements]


def _survive_there(task: tuple[Parcel, Sequence[int]]) -> list[float]:
    """Return the times of some elements, in a worker."""
    parcel, elements = task
    return _survive(unpack(parcel), elements)
