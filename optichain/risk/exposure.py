"""Exposure (3.3): what each element costs when it alone fails, and whether that is felt before it is back."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.effects import State, base_state
from optichain.errors import UsageError
from optichain.network import ELEMENT_KINDS, Network
from optichain.risk.events import element_titles, single_failure
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.reach import reach_of
from optichain.risk.impact import impacts, survival_times
from optichain.risk.structure import analyse_structure
from optichain.spreading import Progress

__all__ = ["chosen_elements", "measure_exposure"]

Ints = npt.NDArray[np.int64]


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


def measure_exposure(
    network: Network,
    *,
    state: State | None = None,
    kinds: Sequence[str] | None = None,
    engine: ContinuityEngine | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
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

    Returns
    -------
    DataFrame
        kind, element, title, recovery_time (time units; of an element that stops several things the longest),
        time_to_survive (``inf``: never felt), lost (money, when it alone fails for its recovery time),
        risk_exposure_index (lost / largest lost; NaN where nothing is ever lost), spof, exposed
        (time_to_survive < recovery_time); the largest loss first.

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
    return frame.reset_index(drop=True)
