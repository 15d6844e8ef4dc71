"""What a planning script calls: an instance in, data frames and plans out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from optichain.compilation import compile_network
from optichain.design.baselines import baselines
from optichain.design.comparing import compare
from optichain.design.evidence.add_one import add_one
from optichain.design.evidence.leave_one_out import leave_one_out
from optichain.design.evidence.quotas import quotas
from optichain.design.evidence.shared_nodes import shared_nodes
from optichain.design.evidence.stability import stability
from optichain.design.given import evaluate
from optichain.design.reinforce import reinforce
from optichain.design.verify import check_claims, verify
from optichain.effects import State, apply_measures, base_state
from optichain.network import Network
from optichain.risk.continuity import ContinuityEngine
from optichain.risk.envelope import Envelope
from optichain.risk.envelope import screen as screen_network
from optichain.risk.exposure import chosen_elements, measure_exposure
from optichain.risk.fragility import CutSets, analyse_cuts
from optichain.risk.levels import level_cuts
from optichain.risk.questions import Question, ask
from optichain.risk.resilience import Resilience, assess
from optichain.risk.reverse import reverse_stress as find_reverse
from optichain.risk.structure import Structure, affordable_losses, analyse_structure
from optichain.spreading import Progress

if TYPE_CHECKING:
    from optichain.checking import CheckResult
    from optichain.design.plan import Plan
    from optichain.instance.model import Instance
    from optichain.risk.attack import WorstCase
    from optichain.risk.events import Event
    from optichain.risk.reverse import Reverse

__all__ = [
    "add_one",
    "baselines",
    "check",
    "check_claims",
    "compare",
    "compile_network",
    "cut_sets",
    "describe",
    "evaluate",
    "exposure",
    "find_cuts",
    "find_spofs",
    "leave_one_out",
    "questions",
    "quotas",
    "reinforce",
    "resilience",
    "reverse_stress",
    "screen",
    "shared_nodes",
    "stability",
    "stress_test",
    "structure",
    "verify",
    "worst_case",
]


def _state_with(network: Network, plan: Plan | None) -> State:
    """Return the network with a plan, and the support that was running before it, in full effect."""
    if plan is None:
        return base_state(network)
    names = {str(m): i for i, m in enumerate(network.instance["measures"]["measure"])}
    units = np.zeros(len(names))
    running = {
        str(m): float(u) for m, u in network.instance["running"][["measure", "units"]].itertuples(index=False)
    }
    begun = {str(m): float(u) for m, u, _ in plan.wishes.get("started", ())}
    for measure, given in {**begun, **running}.items():
        units[names[measure]] = given
    for choice in plan.choices:
        units[names[choice.measure]] += choice.units
    return apply_measures(network, units)


def structure(
    instance: Instance,
    *,
    kinds: Sequence[str] | None = None,
    status: str = "qualified",
    plan: Plan | None = None,
    losses: int | None = None,
) -> Structure:
    """Find the single points of failure of every demand, and what else the structure tells.

    Parameters
    ----------
    instance : Instance
    kinds : sequence of str, optional
        Only elements of these kinds: site, source, lane, item, enterprise, region, country, group.
    status : {"qualified", "active"}
        The worst status that counts as usable.
    plan : Plan, optional
        In full effect.
    losses : int, optional
        For how many elements loss and time to survive are measured, those with most at stake. By default
        for all of them, but in networks so large that this would take hours for fewer, or none.
    """
    network = compile_network(instance)
    return analyse_structure(
        network,
        state=_state_with(network, plan),
        kinds=kinds,
        status=status,
        measure_losses=affordable_losses(network) if losses is None else losses,
    )


def find_spofs(
    instance: Instance,
    *,
    kinds: Sequence[str] | None = None,
    status: str = "qualified",
    plan: Plan | None = None,
    losses: int | None = None,
) -> pd.DataFrame:
    """Return the SPOFs: demand, site, kind, element, title, root, lost, time_to_survive, at_stake.

    Parameters are those of `structure`.
    """
    return structure(instance, kinds=kinds, status=status, plan=plan, losses=losses).spofs


def cut_sets(
    instance: Instance,
    *,
    order: int = 2,
    kinds: Sequence[str] | None = None,
    demands: Sequence[str] | None = None,
    level: float | None = None,
    status: str = "qualified",
    limit: int = 1_000_000,
    time_limit: float | None = None,
    plan: Plan | None = None,
    stop: threading.Event | None = None,
) -> CutSets:
    """Find the minimal cut sets of every demand, their probabilities, and which elements matter.

    Parameters
    ----------
    instance : Instance
    order : int
        Largest size of a set.
    kinds : sequence of str, optional
        Only elements of these kinds fail; all by default.
    demands : sequence of str, optional
        Only demands for these items.
    level : float, optional
        In (0, 1]: sets whose permanent loss leaves steady-state continuity below it, instead of sets that make
        a demand impossible. Of all chains together, or of each of `demands` by itself.
    status : {"qualified", "active"}
        The worst status that counts as usable.
    limit : int
        Sets listed at most; the smallest come first.
    time_limit : float, optional
        Seconds for the search; what is proven by then is returned, and how far that goes.
    plan : Plan, optional
        In full effect.
    stop : threading.Event, optional
        Set from another thread, it ends the search like the time limit.
    """
    network = compile_network(instance)
    options: dict[str, Any] = {
        "state": _state_with(network, plan),
        "order": order,
        "kinds": kinds,
        "demands": demands,
        "status": status,
        "limit": limit,
        "time_limit": time_limit,
        "stop": stop,
    }
    return analyse_cuts(network, **options) if level is None else level_cuts(network, level, **options)


def find_cuts(instance: Instance, **options: Any) -> pd.DataFrame:
    """Return the minimal cut sets: demand, site, elements (tuple of (kind, element)), probability.

    Parameters are those of `cut_sets`; what it says beside the sets is in ``attrs`` of the frame.
    """
    found = cut_sets(instance, **options)
    frame = found.frame.copy()
    frame.attrs = {
        "order": found.order,
        "complete": found.complete,
        "proven_order": found.proven,
        "top_probability": found.top_probability,
    }
    return frame


def resilience(
    instance: Instance,
    *,
    plan: Plan | None = None,
    alpha: float = 0.95,
    events: Sequence[str] | None = None,
    what_if: Sequence[str] = (),
    combinations: int = 1,
    sample: int | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Resilience:
    """Stress an instance with its events.

    Parameters
    ----------
    instance : Instance
    plan : Plan, optional
        In full effect.
    alpha : float
        Level of the CVaR, in [0, 1).
    events : sequence of str, optional
        Only these events.
    what_if : sequence of str
        Ready-made events (`optichain.risk.templates`) such as ``"region-flooded:region=Foshan,duration=4"``;
        alone unless `events` are given too.
    combinations : int
        All combinations of up to that many events, taken as independent, besides the events themselves.
    sample : int, optional
        Draw that many years at random instead; `Resilience.sample` then has the standard errors.
    seed : int
        Of the draw.
    executor : concurrent.futures.Executor, optional
        Spreads the events over cores or machines: a process pool, a Dask client's ``get_executor()``. The answer does
        not depend on it, and a worker that is lost costs time only.
    progress : callable, optional
        Called with the number of cases done and of all.

    Raises
    ------
    UsageError
        An unknown event or template, or too many combinations.
    """
    from optichain.errors import UsageError
    from optichain.risk.compound import combined_events, sample_years, standard_errors

    if sample is not None and combinations > 1:
        raise UsageError("combinations and sample exclude each other: a sampled year has its own combination")
    level = _level(alpha)
    network = compile_network(instance)
    state = _state_with(network, plan)
    chosen = _family(network, events, what_if)
    spread: dict[str, Any] = {"executor": executor, "progress": progress}
    if sample is None:
        return assess(
            network, state=state, alpha=level, events=combined_events(chosen, combinations), **spread
        )
    drawn = sample_years(chosen, sample, seed=seed)
    found = assess(network, state=state, alpha=level, events=drawn.events, **spread)
    errors = standard_errors(network, found, drawn)
    return replace(found, sample={"years": sample, "seed": seed, "standard_error": errors})


def _level(alpha: float) -> float:
    from optichain.errors import UsageError

    if not 0.0 <= alpha < 1.0:
        raise UsageError(f"alpha: expected a number in [0, 1), got {alpha}")
    return alpha


def _family(network: Network, events: Sequence[str] | None, what_if: Sequence[str]) -> list[Event]:
    """Return the events of the instance, all or by name, and ready-made ones: these alone unless others are named."""
    from optichain.risk.events import make_events
    from optichain.risk.templates import event_from_template, parse_template

    made = [event_from_template(network, *parse_template(text)) for text in what_if]
    named = [] if made and events is None else list(make_events(network, events))
    return [*named, *made]


def screen(
    instance: Instance,
    *,
    plan: Plan | None = None,
    alpha: float = 0.95,
    events: Sequence[str] | None = None,
    what_if: Sequence[str] = (),
    combinations: int = 1,
    progress: Progress | None = None,
) -> Envelope:
    """Bound every figure of a stress test from below and above, without a linear programme an event.

    Parameters are those of `resilience`. For families that are too large to be solved, or to see which events are
    worth it; where the bounds of an event meet, they are its exact continuity.
    """
    from optichain.risk.compound import combined_events

    network = compile_network(instance)
    return screen_network(
        network,
        state=_state_with(network, plan),
        alpha=_level(alpha),
        events=combined_events(_family(network, events, what_if), combinations),
        progress=progress,
    )


def stress_test(instance: Instance, **options: Any) -> pd.DataFrame:
    """Return continuity and loss by event: event, title, probability, served, demanded, continuity, lost.

    Parameters are those of `resilience`, whose averages are in ``attrs`` of the frame.
    """
    result = resilience(instance, **options)
    frame = result.events.copy()
    frame.attrs = {
        name: getattr(result, name) for name in ("acc", "worst", "cvar", "expected_annual_loss", "alpha")
    }
    return frame


def exposure(
    instance: Instance,
    *,
    kinds: Sequence[str] | None = None,
    plan: Plan | None = None,
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
    progress : callable of (done, all), optional

    Returns
    -------
    DataFrame
        kind, element, title, recovery_time, time_to_survive (time units), lost (money),
        risk_exposure_index, spof, exposed; see `optichain.risk.exposure.Exposure`.
    """
    network = compile_network(instance)
    state = _state_with(network, plan)
    return measure_exposure(network, state=state, kinds=kinds, progress=progress).elements


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
        network, _state_with(network, plan), ContinuityEngine(network), elements, top=top, progress=progress
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
    state = _state_with(network, plan)
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
    state = _state_with(network, plan)
    return find_worst(
        network, k, state=state, kinds=kinds, duration=duration, time_limit=time_limit, stop=stop
    )


def check(path: str | Path) -> CheckResult:
    """Read an instance and list every fault, everything suspicious and every assumption; never raises for a fault.

    Parameters
    ----------
    path : path
        Folder, workbook or JSON file.
    """
    from optichain.checking import check_instance, faulty
    from optichain.errors import InstanceError
    from optichain.instance.read import load

    try:
        return check_instance(load(path))
    except InstanceError as error:
        return faulty(error.faults())


def describe(instance: Instance) -> dict[str, Any]:
    """Return counts of every table, blocks, tiers, cycles and the demanded value, for the command ``info``."""
    network = compile_network(instance)
    users = network.requirement_activity[network.alternative_requirement]
    made = network.commodity_item[network.output[users]]
    used = network.commodity_item[network.alternative_commodity]
    size = network.n_commodities
    flows = sp.csr_matrix(
        (np.ones(len(users)), (network.alternative_commodity, network.output[users])), shape=(size, size)
    )
    _, part = sp.csgraph.connected_components(flows, directed=True, connection="strong")
    loops = int(np.sum(np.bincount(part) > 1)) + int(
        np.sum((np.bincount(part)[part] == 1) & (flows.diagonal() > 0))
    )
    from optichain.risk.structure import unmapped_shares

    return {
        "name": instance.settings.name,
        "title": instance.settings.title,
        "digest": instance.digest,
        "tables": {name: len(frame) for name, frame in instance.tables.items()},
        "blocks": len(network.blocks),
        "tiers": len(unmapped_shares(network)),
        "cycles": loops,
        "commodities": network.n_commodities,
        "activities": network.n_activities,
        "links": int(np.sum(made != used)),
        "demand_value": float(np.sum(network.demand_rate * network.demand_value) * network.horizon),
        "currency": instance.settings.currency,
    }
