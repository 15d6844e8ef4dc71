"""Continuity under a whole family of events: each different case once, bounds first, on one machine or on many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optichain.effects import State
from optichain.network import Network
from optichain.risk.desk import Parcel, pack, unpack
from optichain.risk.events import Event
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.reach import Reach, reach_of, touched_blocks
from optichain.risk.flows.screening import Bounds
from optichain.spreading import Progress, cut, spread

__all__ = ["Screened", "block_continuities", "continuities", "screened"]

Floats = npt.NDArray[np.float64]

SETTLED = 1e-10
"""Distance of bounds at which no linear programme is needed: far below what an answer promises."""

BATCH = 32


@dataclass(frozen=True, eq=False)
class Screened:
    """Bounds on continuity by event.

    Attributes
    ----------
    lower, upper : ndarray, shape (events, chains)
        NaN for a chain without demand.
    block_lower, block_upper : ndarray, shape (events, blocks with demand)
        Of each block's continuity, its chains weighted.
    """

    lower: Floats
    upper: Floats
    block_lower: Floats
    block_upper: Floats


@dataclass(frozen=True, eq=False)
class _Cases:
    """The different cases of a family of events, and which events are which case.

    Attributes
    ----------
    case : list of (block, Reach)
    key : list of bytes
    rows : list of list of int
        Events of each case.
    """

    case: list[tuple[int, Reach]]
    key: list[bytes]
    rows: list[list[int]]


def _cases(engine: ContinuityEngine, state: State, events: Sequence[Event]) -> _Cases:
    number: dict[bytes, int] = {}
    found = _Cases([], [], [])
    with_demand = set(engine.network.blocks.tolist())
    for row, event in enumerate(events):
        reach = reach_of(engine.network, state, event)
        for block in touched_blocks(engine.network, state, reach):
            if block not in with_demand:
                continue
            mine, key = engine.block(block).case(state, reach)
            key = block.to_bytes(8, "little") + key
            if key not in number:
                number[key] = len(number)
                found.case.append((block, mine))
                found.key.append(key)
                found.rows.append([])
            found.rows[number[key]].append(row)
    return found


def continuities(
    network: Network,
    state: State,
    events: Sequence[Event],
    *,
    engine: ContinuityEngine | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Floats:
    """Return the continuity of each chain under each event, shape (events, chains); NaN for one without demand.

    Parameters
    ----------
    network : Network
    state : State
    events : sequence of Event
    engine : ContinuityEngine, optional
        To share what was solved before.
    executor : Executor, optional
        Spreads the cases; the answer does not depend on it.
    progress : callable, optional
        Called with the number of cases done and of all.
    """
    here = ContinuityEngine(network) if engine is None else engine
    calm = here.undisturbed(state)
    result = np.tile(calm, (len(events), 1))
    cases = _cases(here, state, events)
    # cases of one block side by side, whatever the order of events
    order = sorted(range(len(cases.case)), key=lambda i: (cases.case[i][0], cases.key[i]))
    chunks = cut(order, executor=executor, size=BATCH)
    sizes = [len(chunk) for chunk in chunks]
    batches = [[cases.case[i] for i in chunk] for chunk in chunks]
    if executor is None:
        solved = spread(lambda batch: _solve(here, state, batch), batches, sizes=sizes, progress=progress)
    else:
        parcel = pack(network, here.weight, state)
        tasks = [(parcel, batch) for batch in batches]
        solved = spread(_solve_there, tasks, executor=executor, sizes=sizes, progress=progress)
    for chunk, values in zip(chunks, solved, strict=True):
        for i, value in zip(chunk, values, strict=True):
            chains = here.block(cases.case[i][0]).chains
            result[np.ix_(np.array(cases.rows[i]), chains)] = value
    return result


def block_continuities(
    engine: ContinuityEngine, number: int, state: State, reaches: Sequence[Reach]
) -> Floats:
    """Return the continuity of the chains of one block under reaches, shape (reaches, chains of the block)."""
    block = engine.block(number)
    place: dict[bytes, int] = {}
    batch: list[tuple[int, Reach]] = []
    rows = []
    for reach in reaches:
        mine, key = block.case(state, reach)
        if key not in place:
            place[key] = len(batch)
            batch.append((number, mine))
        rows.append(place[key])
    values = np.array(_solve(engine, state, batch)).reshape(len(batch), len(block.chains))
    return np.asarray(values[rows], dtype=float)


def _solve(engine: ContinuityEngine, state: State, batch: Sequence[tuple[int, Reach]]) -> list[Floats]:
    """Return the continuity of the chains of each case's block: by bounds where they meet, else by its model."""
    result: list[Floats] = []
    for number, places, bounds in _bounded(engine, state, batch):
        block = engine.block(number)
        for place, low, high in zip(places, bounds.lower, bounds.upper, strict=True):
            settled = bool(np.all(high - low <= SETTLED))
            result.append(high if settled else block.continuity(state, batch[place][1]))
    return result


def _bounded(
    engine: ContinuityEngine, state: State, batch: Sequence[tuple[int, Reach]]
) -> Iterator[tuple[int, list[int], Bounds]]:
    """Bound cases, those of one block together, in batches of a fixed size; cases keep their order."""
    place = 0
    while place < len(batch):
        number = batch[place][0]
        places = [place]
        while (
            len(places) < BATCH
            and place + len(places) < len(batch)
            and batch[place + len(places)][0] == number
        ):
            places.append(place + len(places))
        yield number, places, engine.screen(number, state).bounds([batch[i][1] for i in places])
        place += len(places)


def _solve_there(task: tuple[Parcel, Sequence[tuple[int, Reach]]]) -> list[Floats]:
    """Solve a batch in a worker."""
    parcel, batch = task
    desk = unpack(parcel)
    return _solve(desk.engine, desk.state, batch)


def screened(
    network: Network,
    state: State,
    events: Sequence[Event],
    *,
    engine: ContinuityEngine | None = None,
    progress: Progress | None = None,
) -> Screened:
    """Return proven bounds on the continuity of each chain and block under each event, without models of events.

    Parameters are those of `continuities`. The undisturbed network is solved, once.
    """
    here = ContinuityEngine(network) if engine is None else engine
    calm = here.undisturbed(state)
    low, high = np.tile(calm, (len(events), 1)), np.tile(calm, (len(events), 1))
    blocks = network.blocks.tolist()
    totals = np.array([calm[here.block(b).chains] @ here.block(b).mix for b in blocks])
    block_low, block_high = np.tile(totals, (len(events), 1)), np.tile(totals, (len(events), 1))
    cases = _cases(here, state, events)
    order = sorted(range(len(cases.case)), key=lambda i: (cases.case[i][0], cases.key[i]))
    batch = [cases.case[i] for i in order]
    for number, places, bounds in _bounded(here, state, batch):
        chains, column = here.block(number).chains, blocks.index(number)
        whole = float(totals[column])
        for k, place in enumerate(places):
            rows = np.array(cases.rows[order[place]])
            # alone in its block a chain cannot gain from an event
            most = np.minimum(bounds.upper[k], calm[chains]) if len(chains) == 1 else bounds.upper[k]
            low[np.ix_(rows, chains)] = np.minimum(bounds.lower[k], most)
            high[np.ix_(rows, chains)] = most
            block_high[rows, column] = min(bounds.total_upper[k], whole)
            block_low[rows, column] = min(bounds.total_lower[k], whole)
        if progress is not None:
            progress(places[-1] + 1, len(batch))
    return Screened(low, high, block_low, block_high)
