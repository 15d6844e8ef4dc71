"""What a planning script calls: an instance in, data frames and plans out."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from optichain.compilation import compile_network
from optichain.design.reinforce import evaluate, reinforce
from optichain.design.verify import check_claims, verify
from optichain.effects import State, apply_measures, base_state
from optichain.network import Network
from optichain.risk.envelope import Envelope
from optichain.risk.envelope import screen as screen_network
from optichain.risk.resilience import Resilience, assess
from optichain.risk.structure import Structure, analyse_structure
from optichain.spreading import Progress

if TYPE_CHECKING:
    from optichain.checking import CheckResult
    from optichain.design.plan import Plan
    from optichain.instance.model import Instance

__all__ = [
    "check",
    "check_claims",
    "compile_network",
    "describe",
    "evaluate",
    "find_spofs",
    "reinforce",
    "resilience",
    "screen",
    "stress_test",
    "structure",
    "verify",
]


def _state_with(network: Network, plan: Plan | None) -> State:
    """Return the network with a plan, and the support that was running before it, in full effect."""
    if plan is None:
        return base_state(network)
    names = {str(m): i for i, m in enumerate(network.instance["measures"]["measure"])}
    units = np.zeros(len(names))
    for measure, given in network.instance["running"][["measure", "units"]].itertuples(index=False):
        units[names[str(measure)]] += float(given)
    for choice in plan.choices:
        units[names[choice.measure]] += choice.units
    return apply_measures(network, units)


def structure(
    instance: Instance,
    *,
    kinds: Sequence[str] | None = None,
    status: str = "qualified",
    plan: Plan | None = None,
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
    """
    network = compile_network(instance)
    return analyse_structure(network, state=_state_with(network, plan), kinds=kinds, status=status)


def find_spofs(
    instance: Instance,
    *,
    kinds: Sequence[str] | None = None,
    status: str = "qualified",
    plan: Plan | None = None,
) -> pd.DataFrame:
    """Return the single points of failure: demand, site, kind, element, title, root, lost, time_to_survive.

    Parameters are those of `structure`.
    """
    return structure(instance, kinds=kinds, status=status, plan=plan).spofs


def resilience(
    instance: Instance,
    *,
    plan: Plan | None = None,
    alpha: float = 0.95,
    events: Sequence[str] | None = None,
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
    executor : concurrent.futures.Executor, optional
        Spreads the events over cores or machines: a process pool, a Dask client's ``get_executor()``. The answer does
        not depend on it, and a worker that is lost costs time only.
    progress : callable, optional
        Called with the number of cases done and of all.
    """
    network = compile_network(instance)
    return assess(
        network,
        state=_state_with(network, plan),
        alpha=_level(alpha),
        events=events,
        executor=executor,
        progress=progress,
    )


def _level(alpha: float) -> float:
    from optichain.errors import UsageError

    if not 0.0 <= alpha < 1.0:
        raise UsageError(f"alpha: expected a number in [0, 1), got {alpha}")
    return alpha


def screen(
    instance: Instance,
    *,
    plan: Plan | None = None,
    alpha: float = 0.95,
    events: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Envelope:
    """Bound every figure of a stress test from below and above, without a linear programme an event.

    Parameters are those of `resilience`. For families that are too large to be solved, or to see which events are
    worth it; where the bounds of an event meet, they are its exact continuity.
    """
    network = compile_network(instance)
    return screen_network(
        network, state=_state_with(network, plan), alpha=_level(alpha), events=events, progress=progress
    )


def stress_test(
    instance: Instance,
    *,
    plan: Plan | None = None,
    alpha: float = 0.95,
    events: Sequence[str] | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Return continuity and loss by event: event, title, probability, served, demanded, continuity, lost.

    Parameters are those of `resilience`, whose averages are in ``attrs`` of the frame.
    """
    result = resilience(instance, plan=plan, alpha=alpha, events=events, executor=executor, progress=progress)
    frame = result.events.copy()
    frame.attrs = {
        name: getattr(result, name) for name in ("acc", "worst", "cvar", "expected_annual_loss", "alpha")
    }
    return frame


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
