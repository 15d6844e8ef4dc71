"""The structural answer (3.2): SPOFs of every demand with root, loss and time to survive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.effects import State, base_state
from optichain.errors import UsageError
from optichain.graphs import Ragged
from optichain.network import ELEMENT_KINDS, STATUSES, Network
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.reach import longest_recovery
from optichain.risk.flows.size import arcs_of_blocks, too_large
from optichain.risk.impact import impacts, survival_times
from optichain.risk.structural.providable import usable_graph
from optichain.risk.structural.roots import root_elements, root_names
from optichain.risk.structural.spof import indispensable_elements
from optichain.risk.titles import titles_of
from optichain.risk.unmapped import unmapped_shares
from optichain.storage.tojson import plain

__all__ = ["Structure", "affordable_losses", "analyse_structure", "unmapped_shares"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

PATIENCE: Final = 600.0
"""Seconds of linear programming that are spent on losses without being asked."""
SECONDS_AT_45000: Final = 8.0
"""What loss and time to survive of one element take in a block of 45,000 arcs, roughly."""


@dataclass(frozen=True, eq=False)
class Structure:
    """Result of the structural analysis.

    Attributes
    ----------
    spofs : DataFrame
        demand, site, kind, element, title, root, lost (money: the element alone fails for its recovery
        time), time_to_survive (time units), at_stake (money: all value of the demands that the element stops
        while it is down, as if there were no stock). Largest loss first; where losses are not measured they
        are NaN, come last, and the largest stake is first.
    unprovidable : DataFrame
        demand, site: demands that cannot be provided even with nothing failed; they have no SPOFs.
    unmapped : dict
        Share of the demanded value, by tier, that depends on an item whose suppliers are not known.
    loops : tuple of str
        Commodities that are provided only because a loop sustains itself.
    measured, elements : int
        Of how many of the elements among the SPOFs loss and time to survive were measured.
    """

    spofs: pd.DataFrame
    unprovidable: pd.DataFrame
    unmapped: dict[str, float]
    loops: tuple[str, ...]
    measured: int = 0
    elements: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of the command ``spof``."""
        result: dict[str, Any] = plain(
            {
                "spofs": self.spofs,
                "unprovidable": self.unprovidable,
                "unmapped": self.unmapped,
                "loops": list(self.loops),
                "measured": {"elements": self.measured, "of": self.elements},
            }
        )
        return result


def analyse_structure(
    network: Network,
    *,
    state: State | None = None,
    kinds: Sequence[str] | None = None,
    status: str = "qualified",
    measure_losses: bool | int = True,
    measure_times: bool = True,
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
    measure_losses : bool or int
        Whether to fill ``lost`` and ``time_to_survive``, which takes linear programmes: of all elements, of
        none, or of so many, those with most at stake. What is not measured is NaN.
    measure_times : bool
        Whether ``time_to_survive`` is measured of those elements too, which takes about as long again.
    engine : ContinuityEngine, optional
        To share what was solved before.

    Raises
    ------
    UsageError
        Unknown kind or status, or a negative number of elements to measure.
    """
    _check_options(kinds, status, measure_losses)
    now = base_state(network) if state is None else state
    graph = usable_graph(network, now, worst_status=STATUSES.index(status))
    sets, commodities, on_loop = indispensable_elements(network, graph)
    provided = commodities[network.demand_commodity]
    wanted = range(len(ELEMENT_KINDS)) if kinds is None else [ELEMENT_KINDS.index(kind) for kind in kinds]
    demand, element = _pairs(network, sets, provided, np.isin(network.element_kind, list(wanted)))
    unique, where = np.unique(element, return_inverse=True)
    stake = _stakes(network, demand, where, unique)
    most = len(unique) if measure_losses is True else min(int(measure_losses), len(unique))
    lost, survival = np.full(len(unique), np.nan), np.full(len(unique), np.nan)
    if most:
        solver = ContinuityEngine(network) if engine is None else engine
        places = np.lexsort((unique, -stake))[:most]
        lost[places] = impacts(network, now, solver, unique[places])
        if measure_times:
            survival[places] = survival_times(network, now, solver, unique[places])
    roots = root_names(network, root_elements(network, graph.usable)[unique]) if len(unique) else unique
    kind_names = np.array(ELEMENT_KINDS, dtype=object)[network.element_kind[unique]]
    columns = {
        "kind": kind_names,
        "element": network.element_name[unique],
        "title": titles_of(network, unique),
        "root": roots,
        "lost": lost,
        "time_to_survive": survival,
        "at_stake": stake,
    }
    order = _order(network, demand, element, lost[where], stake[where])
    frame = _demand_columns(network, demand[order])
    for name, values in columns.items():
        taken = values[where[order]]
        frame[name] = pd.Series(taken, dtype=object if name in ("kind", "element", "title", "root") else None)
    without = _demand_columns(network, np.flatnonzero(~provided)).drop_duplicates()
    return Structure(
        spofs=frame,
        unprovidable=without.sort_values(["demand", "site"]).reset_index(drop=True),
        unmapped=unmapped_shares(network),
        loops=tuple(sorted(network.commodity_title(c) for c in np.flatnonzero(on_loop).tolist())),
        measured=most,
        elements=len(unique),
    )


def affordable_losses(network: Network) -> bool | int:
    """Return of how many elements losses are measured without being asked: of all of them, in most networks.

    The estimate goes by the size of the largest block alone, so it is the same on every machine.
    """
    if too_large(network):
        return 0
    largest = int(arcs_of_blocks(network)[network.blocks].max(initial=0))
    seconds = SECONDS_AT_45000 * (largest / 45_000) ** 1.3
    count = int(PATIENCE / max(seconds, 1e-9))
    return True if count >= network.n_elements else count


def _check_options(kinds: Sequence[str] | None, status: str, measure_losses: bool | int) -> None:
    for kind in kinds or ():
        if kind not in ELEMENT_KINDS:
            raise UsageError(f"unknown kind of element {kind!r}: expected one of {', '.join(ELEMENT_KINDS)}")
    if status not in STATUSES[:2]:
        raise UsageError(f"unknown status {status!r}: expected 'active' or 'qualified'")
    if measure_losses < 0:
        raise UsageError(f"losses of {measure_losses} elements: expected a number, 0 or more")


def _pairs(network: Network, sets: Ragged, provided: Bools, allowed: Bools) -> tuple[Ints, Ints]:
    """Return (demand, element) of every SPOF; demands at one place for one item are one demand."""
    commodity, first = np.unique(network.demand_commodity, return_index=True)
    kept = provided[first]
    position, element = sets.gather(commodity[kept])
    mine = allowed[element]
    return first[kept][position[mine]], element[mine]


def _stakes(network: Network, demand: Ints, where: Ints, unique: Ints) -> Floats:
    """Return for each element the value demanded, while it is down, of all that it stops."""
    worth = np.bincount(
        network.demand_commodity,
        weights=network.demand_rate * network.demand_value,
        minlength=network.n_commodities,
    )
    rate = np.bincount(where, weights=worth[network.demand_commodity[demand]], minlength=len(unique))
    return np.asarray(rate * np.minimum(longest_recovery(network)[unique], network.horizon), dtype=float)


def _order(network: Network, demand: Ints, element: Ints, lost: Floats, stake: Floats) -> Ints:
    """Return the order of rows: by loss, unmeasured ones last and by stake, then by demand and element."""
    commodity = network.demand_commodity[demand]
    item, site = network.commodity_item[commodity], network.commodity_site[commodity]
    stake = np.where(np.isnan(lost), stake, 0.0)
    site_rank = np.where(site < 0, len(network.sites), _ranks(network.sites, site))
    # elements are numbered by kind and name
    return np.lexsort((element, site_rank, _ranks(network.items, item), -stake, -lost))


def _ranks(index: pd.Index, codes: Ints) -> Ints:
    """Return where the name behind each code stands among those that occur, in alphabetical order."""
    unique, where = np.unique(codes, return_inverse=True)
    names = index.to_numpy(dtype=object)[unique].tolist()
    rank = np.empty(len(unique), dtype=np.int64)
    rank[sorted(range(len(names)), key=lambda place: str(names[place]))] = np.arange(len(names))
    return rank[where]


def _demand_columns(network: Network, demand: Ints) -> pd.DataFrame:
    commodity = network.demand_commodity[demand]
    items = network.items.to_numpy(dtype=object)
    # the last one stands for site -1: pooled
    sites = np.array([*network.sites, None], dtype=object)
    return pd.DataFrame(
        {
            "demand": pd.Series(items[network.commodity_item[commodity]], dtype=object),
            "site": pd.Series(sites[network.commodity_site[commodity]], dtype=object),
        }
    )
