"""Nodes on which several chains depend: where one failure, or one measure, counts more than once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optichain.compilation import compile_network
from optichain.design.evidence.bench import in_full_effect, wishes_of
from optichain.design.firststage.rules import build_first_stage
from optichain.effects import State, apply_measures, base_state
from optichain.network import ELEMENT_KINDS, Network
from optichain.risk.events import element_titles, single_failure
from optichain.risk.exposure import chosen_elements
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.reach import reach_of
from optichain.risk.flows.witness import reach_key
from optichain.risk.impact import demanded_value
from optichain.risk.structure import analyse_structure

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from optichain.design.plan import Plan
    from optichain.instance.model import Instance

__all__ = ["shared_nodes"]

COLUMNS = ("kind", "element", "title", "chains", "stopped", "losing", "lost", "lost_by_chain")
SEVERAL = 2
FELT = 1e-9
"""Share of a chain's demanded value from which a loss is no rounding error."""


def shared_nodes(
    instance: Instance, *, kinds: Sequence[str] | None = None, plan: Plan | None = None
) -> pd.DataFrame:
    """Find the elements on which several chains depend.

    Parameters
    ----------
    instance : Instance
    kinds : sequence of str, optional
        Only elements of these kinds.
    plan : Plan, optional
        In full effect, with the support that runs; the network before any measure by default.

    Returns
    -------
    DataFrame
        Elements that are a single point of failure of at least two chains, or at whose failure alone, for its
        recovery time, at least two chains lose value; the largest loss first: kind, element, title, chains (how
        many are stopped or lose), stopped (list of the chains of which it is a single point of failure), losing
        (list), lost (money), lost_by_chain (dict of chain to money). Where chains compete for what is left, the
        split is that of the stress test: heavier chains first.

    Raises
    ------
    UsageError
        Unknown kind.
    """
    network = compile_network(instance)
    engine = ContinuityEngine(network)
    state = base_state(network)
    if plan is not None:
        stage = build_first_stage(instance, **wishes_of(instance, plan).first_stage())
        state = apply_measures(network, in_full_effect(instance, stage, plan.choices))
    elements = chosen_elements(network, kinds)
    stopped = _stopped(network, state, kinds)
    lost = _lost_by_chain(network, state, engine, elements.tolist())
    names = [str(c) for c in network.chains]
    felt = lost > FELT * np.maximum(demanded_value(network), 1e-300)[None, :]
    titles = element_titles(network)
    rows = []
    for place, e in enumerate(elements.tolist()):
        stops = stopped.get(e, set())
        loses = {names[c] for c in np.flatnonzero(felt[place])}
        if max(len(stops), len(loses)) < SEVERAL:
            continue
        money = {c: float(lost[place, i]) for i, c in enumerate(names) if c in loses}
        kind = ELEMENT_KINDS[network.element_kind[e]]
        rows.append(
            (
                kind,
                str(network.element_name[e]),
                titles[e],
                len(stops | loses),
                sorted(stops),
                sorted(loses),
                sum(money.values()),
                dict(sorted(money.items())),
            )
        )
    rows.sort(key=lambda row: (-row[6], ELEMENT_KINDS.index(row[0]), row[1]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _stopped(network: Network, state: State, kinds: Sequence[str] | None) -> dict[int, set[str]]:
    """Return the chains of which each element is a single point of failure."""
    chains: dict[tuple[str, str | None], set[str]] = {}
    for commodity, chain in zip(
        network.demand_commodity.tolist(), network.demand_chain.tolist(), strict=True
    ):
        site = int(network.commodity_site[commodity])
        key = (
            str(network.items[network.commodity_item[commodity]]),
            str(network.sites[site]) if site >= 0 else None,
        )
        chains.setdefault(key, set()).add(str(network.chains[chain]))
    found = analyse_structure(network, state=state, kinds=kinds, measure_losses=False).spofs
    stopped: dict[int, set[str]] = {}
    for demand, site, kind, element in found[["demand", "site", "kind", "element"]].itertuples(index=False):
        mine = chains[str(demand), str(site) if isinstance(site, str) else None]
        stopped.setdefault(network.element(str(kind), str(element)), set()).update(mine)
    return stopped


def _lost_by_chain(
    network: Network, state: State, engine: ContinuityEngine, elements: list[int]
) -> npt.NDArray[np.float64]:
    """Return what each chain loses when each element alone fails for its recovery time, shape (elements, chains), money."""
    worth = demanded_value(network)
    calm = engine.undisturbed(state)
    known: dict[bytes, npt.NDArray[np.float64]] = {}
    result = np.zeros((len(elements), len(worth)))
    for place, e in enumerate(elements):
        event = single_failure(network, e)
        key = reach_key(reach_of(network, state, event))
        if key not in known:
            difference = np.where(worth > 0.0, calm - engine.under(state, event, calm), 0.0)
            known[key] = difference * worth
        result[place] = known[key]
    return result
