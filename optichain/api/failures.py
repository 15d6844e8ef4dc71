"""Questions about failures: what each element costs, what it takes to fall below a level, the worst of all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

import pandas as pd

from optichain.api.structural import state_with
from optichain.compilation import compile_network
from optichain.risk.exposure import chosen_elements, measure_exposure
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.questions import Question, ask
from optichain.risk.reverse import reverse_stress as find_reverse

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.instance.model import Instance
    from optichain.risk.attack import WorstCase
    from optichain.risk.reverse import Reverse

__all__ = ["exposure", "questions", "reverse_stress", "worst_case"]


def exposure(
    instance: Instance,
    *,
    kinds: Sequence[str] | None = None,
    plan: Plan | None = None,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Return what every element costs when it fails, and how soon that is felt; the largest loss first.

    Parameters
    ----------
    instance : Instance
    kinds : sequence of str, optional
        Only elements of these kinds.
    plan : Plan, optional
        In full effect.
    executor : concurrent.futures.Executor, optional
        Spreads the failures over cores or machines; the answer does not depend on it.
    progress : callable of (done, all), optional

    Returns
    -------
    DataFrame
        kind, element, title, recovery_time, time_to_survive (time units), lost (money),
        risk_exposure_index, spof, exposed; see `optichain.risk.exposure.measure_exposure`.
    """
    network = compile_network(instance)
    state = state_with(network, plan)
    return measure_exposure(network, state=state, kinds=kinds, executor=executor, progress=progress)


def questions(
    instance: Instance,
    *,
    kinds: Sequence[str] | None = None,
    plan: Plan | None = None,
    top: int = 20,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Return the unknown inputs that decide which elements are the most exposed, the most decisive first.

    Parameters
    ----------
    instance : Instance
    kinds, plan, progress
        As of `exposure`.
    top : int
        How many elements count as the most exposed.

    Returns
    -------
    DataFrame
        table, row, column, name, enterprise, assumed, low, high, enters, leaves, together.
    """
    network = compile_network(instance)
    elements = chosen_elements(network, kinds)
    found = ask(
        network, state_with(network, plan), ContinuityEngine(network), elements, top=top, progress=progress
    )
    return pd.DataFrame([asdict(q) for q in found], columns=[f.name for f in fields(Question)])


def reverse_stress(
    instance: Instance,
    level: float,
    *,
    order: int = 2,
    kinds: Sequence[str] | None = None,
    plan: Plan | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Reverse:
    """Find the shortest outages, and the smallest sets of failures, that bring continuity below a level.

    Parameters
    ----------
    instance : Instance
    level : float
        In (0, 1].
    order : int
        Largest size of the sets; 0 finds durations alone.
    kinds, plan, progress
        As of `exposure`; sets are of sites unless kinds are given.
    """
    network = compile_network(instance)
    state = state_with(network, plan)
    return find_reverse(network, level, order=order, state=state, kinds=kinds, progress=progress)


def worst_case(
    instance: Instance,
    k: int,
    *,
    kinds: Sequence[str] = ("site",),
    duration: float | None = None,
    plan: Plan | None = None,
    time_limit: float | None = None,
    stop: threading.Event | None = None,
) -> WorstCase:
    """Find the k failures that leave least continuity, and prove that none leaves less.

    Parameters
    ----------
    instance : Instance
    k : int
        Most elements that fail together.
    kinds : sequence of str
        What may fail; sites by default.
    duration : float, optional
        Time units that each stays down; its recovery time by default.
    plan : Plan, optional
        In full effect.
    time_limit, stop
        Seconds, or an event set from another thread, after which the bound is what is proven by then.

    Returns
    -------
    WorstCase
        With `continuity`, `bound`, `attack` and what proves it.
    """
    from optichain.risk.attack import worst_case as find_worst

    network = compile_network(instance)
    state = state_with(network, plan)
    return find_worst(
        network, k, state=state, kinds=kinds, duration=duration, time_limit=time_limit, stop=stop
    )
