"""Exposure (3.3): what each element costs when it alone fails, and whether that is felt before it is back."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.effects import State, base_state
from optichain.errors import UsageError
from optichain.network import ELEMENT_KINDS, Network
from optichain.risk.continuity import ContinuityEngine
from optichain.risk.desk import Desk, Parcel, pack, unpack
from optichain.risk.events import element_titles, single_failure
from optichain.risk.reach import reach_of
from optichain.risk.structure import analyse_structure
from optichain.risk.sweep import continuities
from optichain.risk.witness import reach_key
from optichain.spreading import Progress, spread
from optichain.tojson import plain

__all__ = ["Exposure", "chosen_elements", "demanded_value", "impacts", "measure_exposure", "survival_times"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
TASKS = 32
"""Into how many pieces the elements are cut for an executor."""


@dataclass(frozen=True, eq=False)
class Exposure:
    """Result of an exposure analysis.

    Attributes
    ----------
    elements : DataFrame
        kind, element, title, recovery_time (time units; of an element that stops several things the longest),
        time_to_survive (``inf``: never felt), lost (money, when it alone fails for its recovery time),
        risk_exposure_index (lost / largest lost; NaN where nothing is ever lost), spof, exposed
        (time_to_survive < recovery_time); the largest loss first.
    """

    elements: pd.DataFrame

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of the command ``exposure``."""
        cleaned: dict[str, Any] = plain({"elements": self.elements.to_dict("records")})
        return cleaned

    def _repr_html_(self) -> str:
        """Show the elements in a notebook."""
        return str(self.elements.to_html(index=False))


def chosen_elements(network: Network, kinds: Sequence[str] | None) -> Ints:
    """Return the elements of some kinds, all by default.

    Raises
    ------
    UsageError
        Unknown kind.
    """
    for kind in kinds or ():
        if kind not in ELEMENT_KINDS:
            raise UsageError(f"unknown kind of element {kind!r}: expected one of {', '.join(ELEMENT_KINDS)}")
    wanted = range(len(ELEMENT_KINDS)) if kinds is None else [ELEMENT_KINDS.index(kind) for kind in kinds]
    return np.flatnonzero(np.isin(network.element_kind, list(wanted)))


def _recovery(network: Network, state: State, element: int) -> float:
    """Return the longest recovery time of what an element stops; 0 where it stops nothing."""
    reach = reach_of(network, state, single_failure(network, element), horizon=np.inf)
    return float(max([*reach.activity_duration.tolist(), *reach.site_duration.tolist()], default=0.0))


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
    lost: Floats = (calm[has] - hit[:, has]) @ worth[has]
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
    size = 1 if executor is None else max(-(-len(first) // TASKS), 1)
    chunks = [first[i : i + size] for i in range(0, len(first), size)]
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


def measure_exposure(
    network: Network,
    *,
    state: State | None = None,
    kinds: Sequence[str] | None = None,
    engine: ContinuityEngine | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Exposure:
    """Measure what every element costs when it fails, and how soon that is felt.

    Parameters
    ----------
    network : Network
    state : State, optional
        Measures in effect; none by default.
    kinds : sequence of str, optional
        Only elements of these kinds.
    engine : ContinuityEngine, optional
        To share what was solved before.
    executor : Executor, optional
        Spreads the failures over cores or machines; the answer does not depend on it.
    progress : callable of (done, all), optional
        Called twice over: for what each failure costs, and for how soon it is felt.

    Raises
    ------
    UsageError
        Unknown kind.
    """
    now = base_state(network) if state is None else state
    solver = ContinuityEngine(network) if engine is None else engine
    elements = chosen_elements(network, kinds)
    lost = impacts(network, now, solver, elements, executor=executor, progress=progress)
    survival = survival_times(network, now, solver, elements, executor=executor, progress=progress)
    recovery = np.array([_recovery(network, now, e) for e in elements.tolist()], dtype=float)
    stops = analyse_structure(network, state=now, kinds=kinds, measure_losses=False).spofs
    spofs = set(zip(stops["kind"], stops["element"], strict=True))
    kind = [ELEMENT_KINDS[k] for k in network.element_kind[elements].tolist()]
    name = [str(n) for n in network.element_name[elements].tolist()]
    titles = element_titles(network)
    largest = float(lost.max(initial=0.0))
    frame = pd.DataFrame(
        {
            "kind": pd.Series(kind, dtype=object),
            "element": pd.Series(name, dtype=object),
            "title": pd.Series([titles[e] for e in elements.tolist()], dtype=object),
            "recovery_time": recovery,
            "time_to_survive": survival,
            "lost": lost,
            "risk_exposure_index": lost / largest if largest > 0.0 else np.full(len(lost), np.nan),
            "spof": [pair in spofs for pair in zip(kind, name, strict=True)],
            "exposed": survival < recovery,
        }
    )
    frame["_kind"] = network.element_kind[elements]
    frame = frame.sort_values(
        ["lost", "_kind", "element"], ascending=[False, True, True], kind="stable"
    ).drop(columns="_kind")
    return Exposure(frame.reset_index(drop=True))
