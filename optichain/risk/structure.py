"""The structural answer (3.2): SPOFs of every demand with root, loss and time to survive."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.effects import State, base_state
from optichain.errors import UsageError
from optichain.network import ELEMENT_KINDS, STATUSES, Network
from optichain.risk.continuity import ContinuityEngine
from optichain.risk.events import element_titles, single_failure
from optichain.risk.providable import usable_graph
from optichain.risk.spof import indispensable_elements
from optichain.risk.survival import SurvivalClock
from optichain.tojson import plain

__all__ = ["Structure", "analyse_structure", "element_loss", "unmapped_shares"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Structure:
    """Result of the structural analysis.

    Attributes
    ----------
    spofs : DataFrame
        demand, site, kind, element, title, root, lost (money: the element alone fails for its recovery
        time), time_to_survive (time units). Largest loss first.
    unprovidable : DataFrame
        demand, site: demands that cannot be provided even with nothing failed; they have no SPOFs.
    unmapped : dict
        Share of the demanded value, by tier, that depends on an item whose suppliers are not known.
    loops : tuple of str
        Commodities that are provided only because a loop sustains itself.
    """

    spofs: pd.DataFrame
    unprovidable: pd.DataFrame
    unmapped: dict[str, float]
    loops: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of the command ``spof``."""
        result: dict[str, Any] = plain(
            {
                "spofs": self.spofs,
                "unprovidable": self.unprovidable,
                "unmapped": self.unmapped,
                "loops": list(self.loops),
            }
        )
        return result


def analyse_structure(
    network: Network,
    *,
    state: State | None = None,
    kinds: Sequence[str] | None = None,
    status: str = "qualified",
    measure_losses: bool = True,
    engine: ContinuityEngine | None = None,
) -> Structure:
    """Find the single points of failure of every demand.

    Parameters
    ----------
    network : Network
    state : State, optional
        Measures in effect; none by default.
    kinds : sequence of str, optional
        Only elements of these kinds.
    status : {"qualified", "active"}
        The worst status that counts as usable.
    measure_losses : bool
        Whether to fill ``lost`` and ``time_to_survive``, which takes linear programmes; NaN otherwise.
    engine : ContinuityEngine, optional
        To share what was solved before.

    Raises
    ------
    UsageError
        Unknown kind or status.
    """
    _check_options(kinds, status)
    now = base_state(network) if state is None else state
    graph = usable_graph(network, now, worst_status=STATUSES.index(status))
    sets, commodities, on_loop = indispensable_elements(network, graph)
    provided = commodities[network.demand_commodity]
    wanted_kinds = (
        range(len(ELEMENT_KINDS)) if kinds is None else [ELEMENT_KINDS.index(kind) for kind in kinds]
    )
    allowed = np.isin(network.element_kind, list(wanted_kinds))
    demand, element = _pairs(
        network, [sets.of(c) for c in network.demand_commodity.tolist()], provided, allowed
    )
    roots = _roots(network, graph.usable)
    titles = element_titles(network)
    frame = _demand_columns(network, demand)
    frame["kind"] = [ELEMENT_KINDS[k] for k in network.element_kind[element]]
    frame["element"] = network.element_name[element]
    frame["title"] = [titles[e] for e in element]
    frame["root"] = [roots[e] for e in element]
    lost, survival = np.full(len(element), np.nan), np.full(len(element), np.nan)
    if measure_losses and len(element):
        solver = ContinuityEngine(network) if engine is None else engine
        unique, where = np.unique(element, return_inverse=True)
        clock = SurvivalClock(network, now, solver)
        lost = np.array([element_loss(network, now, solver, e) for e in unique.tolist()])[where]
        survival = np.array([clock.time_to_survive(e) for e in unique.tolist()])[where]
    frame["lost"], frame["time_to_survive"] = lost, survival
    frame["_kind"] = [ELEMENT_KINDS.index(kind) for kind in frame["kind"]]
    order = ["lost", "demand", "site", "_kind", "element"]
    frame = frame.sort_values(
        order, ascending=[False, True, True, True, True], kind="stable", na_position="last"
    )
    without = _demand_columns(network, np.flatnonzero(~provided)).drop_duplicates()
    return Structure(
        spofs=frame.drop(columns="_kind").reset_index(drop=True),
        unprovidable=without.sort_values(["demand", "site"]).reset_index(drop=True),
        unmapped=unmapped_shares(network),
        loops=tuple(sorted(network.commodity_title(c) for c in np.flatnonzero(on_loop).tolist())),
    )


def _check_options(kinds: Sequence[str] | None, status: str) -> None:
    for kind in kinds or ():
        if kind not in ELEMENT_KINDS:
            raise UsageError(f"unknown kind of element {kind!r}: expected one of {', '.join(ELEMENT_KINDS)}")
    if status not in STATUSES[:2]:
        raise UsageError(f"unknown status {status!r}: expected 'active' or 'qualified'")


def _pairs(
    network: Network, sets: list[Ints], provided: npt.NDArray[np.bool_], allowed: npt.NDArray[np.bool_]
) -> tuple[Ints, Ints]:
    """Return (demand, element) of every SPOF; demands at one place for one item are one demand."""
    seen: set[int] = set()
    demand: list[int] = []
    element: list[int] = []
    for d, c in enumerate(network.demand_commodity.tolist()):
        if not provided[d] or c in seen:
            continue
        seen.add(c)
        members = sets[d][allowed[sets[d]]].tolist()
        demand += [d] * len(members)
        element += members
    return np.array(demand, dtype=np.int64), np.array(element, dtype=np.int64)


def _demand_columns(network: Network, demand: Ints) -> pd.DataFrame:
    commodity = network.demand_commodity[demand]
    site = network.commodity_site[commodity]
    names = [None if s < 0 else str(network.sites[s]) for s in site.tolist()]
    return pd.DataFrame(
        {
            "demand": pd.Series(
                [str(network.items[i]) for i in network.commodity_item[commodity].tolist()], dtype=object
            ),
            "site": pd.Series(names, dtype=object),
        }
    )


def _roots(network: Network, usable: npt.NDArray[np.bool_]) -> list[str]:
    """Name for each element the fact behind it: elements that stop the same usable activities are one fact."""
    columns = network.elements_of_activities
    first: dict[bytes, str] = {}
    roots = []
    for e in range(network.n_elements):
        stopped = np.sort(columns.indices[columns.indptr[e] : columns.indptr[e + 1]])
        key = stopped[usable[stopped]].astype(np.int64).tobytes()
        name = f"{ELEMENT_KINDS[network.element_kind[e]]}:{network.element_name[e]}"
        roots.append(first.setdefault(key, name))
    return roots


def element_loss(network: Network, state: State, engine: ContinuityEngine, element: int) -> float:
    """Return the performance impact of an element: money lost when it alone fails for its recovery time."""
    calm = engine.undisturbed(state)
    hit = engine.under(state, single_failure(network, element), calm)
    worth = np.zeros(len(network.chains))
    np.add.at(worth, network.demand_chain, network.demand_rate * network.demand_value * network.horizon)
    has = worth > 0.0
    return float((calm[has] - hit[has]) @ worth[has])


def unmapped_shares(network: Network) -> dict[str, float]:
    """Return, for each tier, the share of demanded value that depends on an item there that is not mapped.

    Tier 0 is the demanded item, tier n + 1 what items of tier n consume (any status); a demand counts in a
    tier if any of its items there has ``mapped`` false. Items already met in a nearer tier are not counted again.
    """
    bom, items = network.instance["bom"], network.items
    made = items.get_indexer(pd.Index(bom["item"].to_numpy(dtype=object)))
    used = items.get_indexer(pd.Index(bom["input"].to_numpy(dtype=object)))
    inputs: dict[int, list[int]] = {}
    for i, j in zip(made.tolist(), used.tolist(), strict=True):
        inputs.setdefault(i, []).append(j)
    unmapped = ~network.instance["items"]["mapped"].to_numpy(bool)
    worth: dict[int, float] = {}
    for c, value in zip(
        network.demand_commodity.tolist(), (network.demand_rate * network.demand_value).tolist(), strict=True
    ):
        worth[int(network.commodity_item[c])] = worth.get(int(network.commodity_item[c]), 0.0) + value
    total = math.fsum(worth.values())
    shares: dict[int, float] = {}
    for start, value in sorted(worth.items()):
        tier, front, seen = 0, {start}, {start}
        while front:
            shares[tier] = shares.get(tier, 0.0) + (
                value / total if total > 0.0 and unmapped[list(front)].any() else 0.0
            )
            front = {j for i in front for j in inputs.get(i, ())} - seen
            seen |= front
            tier += 1
    return {str(tier): share for tier, share in sorted(shares.items())}
