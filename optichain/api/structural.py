"""Questions about structure: single points of failure and cut sets of an instance, with a plan or without."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from optichain.compilation import compile_network
from optichain.design.firststage.underway import support_beside, units_of
from optichain.effects import State, apply_measures, base_state
from optichain.network import Network
from optichain.risk.fragility import CutSets, analyse_cuts
from optichain.risk.levels import level_cuts
from optichain.risk.structure import Structure, affordable_losses, analyse_structure

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.instance.model import Instance

__all__ = ["cut_sets", "find_cuts", "find_spofs", "state_with", "structure"]


def state_with(network: Network, plan: Plan | None) -> State:
    """Return the network with a plan, and the support that was running before it, in full effect."""
    if plan is None:
        return base_state(network)
    instance = network.instance
    return apply_measures(network, units_of(instance, [*support_beside(instance, plan), *plan.choices]))


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
        state=state_with(network, plan),
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
        "state": state_with(network, plan),
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
