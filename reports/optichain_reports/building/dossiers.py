"""The dossier of each chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optichain.network import ELEMENT_KINDS
from optichain.risk.events import element_facts
from optichain_reports.building.cuts import PairsOfChain, pairs_of_sites
from optichain_reports.building.facts import Facts
from optichain_reports.building.inputs import Inputs, Row
from optichain_reports.building.spofs import count_measured, spof_roots
from optichain_reports.building.standby import Standbys
from optichain_reports.building.titles import Titles
from optichain_reports.building.upstream import ChainNetwork
from optichain_reports.model import BlindSpot, Dossier, Impact, Rejected, ToVerify

if TYPE_CHECKING:
    from optichain.design.plan import Plan

__all__ = ["dossiers_of", "untested_groups"]

MOST_TO_VERIFY = 12
UNKNOWN_IP = "unknown-own-ip"


def dossiers_of(
    plan: Plan,
    facts: Facts,
    networks: tuple[ChainNetwork, ...],
    impacts: tuple[Impact, ...],
    rejected: dict[str | None, tuple[Rejected, ...]],
    inputs: Inputs,
    untested: frozenset[str],
    standbys: Standbys,
    titles: Titles,
) -> tuple[Dossier, ...]:
    """Return the dossiers of the chains with demand, in the order of their networks.

    Parameters
    ----------
    plan, facts, networks, impacts, rejected, inputs, standbys, titles
    untested : frozenset of str
        Groups whose common failure makes no event.
    """
    pairs = pairs_of_sites(facts, titles)
    shared = [c.measure for policy in plan.shared_measures for c in policy.measures]
    reach = {measure: inputs.rows_of_measure(measure) for measure in sorted(shared)}
    spofs = [_by_demand(rows) for rows in (plan.spofs_before, plan.spofs_after)]
    loss: dict[str, dict[tuple[str, str], float]] = {}
    for impact in impacts:
        kind, name = impact.event.kind, impact.event.name
        target = name if kind == "event" else name.partition(":")[2]
        loss.setdefault(impact.chain, {})[kind, target] = impact.expected_before
    return tuple(
        _dossier(
            network,
            spofs,
            pairs.get(network.chain, PairsOfChain((), 0, True)),
            loss.get(network.chain, {}),
            rejected.get(network.chain, ()),
            reach,
            inputs,
            untested,
            standbys,
            titles,
        )
        for network in networks
    )


def untested_groups(facts: Facts) -> frozenset[str]:
    """Return the groups whose common failure makes no event, for want of a probability and a recovery time."""
    network, stated = facts.network, element_facts(facts.network).stated
    of_kind = network.element_kind == ELEMENT_KINDS.index("group")
    return frozenset(str(name) for name in network.element_name[of_kind & ~stated])


def _dossier(
    network: ChainNetwork,
    spofs: list[dict[tuple[str, str | None], list[dict[str, Any]]]],
    pairs: PairsOfChain,
    loss: dict[tuple[str, str], float],
    rejected: tuple[Rejected, ...],
    reach: dict[str, set[Row]],
    inputs: Inputs,
    untested: frozenset[str],
    standbys: Standbys,
    titles: Titles,
) -> Dossier:
    before, after = (
        [row for demand in sorted(network.demands, key=str) for row in found.get(demand, ())]
        for found in spofs
    )
    rows = inputs.rows_of_chain(network)
    verify = _to_verify(rows, loss, inputs)
    return Dossier(
        chain=network.chain,
        title=titles.of("chain", network.chain),
        spofs=spof_roots(before, after, titles),
        spofs_measured=count_measured(before, after),
        cuts=pairs.listed,
        cuts_omitted=pairs.omitted,
        cuts_proven=pairs.proven,
        items=standbys.of(network),
        shared=tuple(m for m, touched in reach.items() if _acts_on(touched, rows)),
        rejected=rejected,
        verify=tuple(verify[:MOST_TO_VERIFY]),
        verify_omitted=max(len(verify) - MOST_TO_VERIFY, 0),
        blind_spots=_blind_spots(network, rows, inputs, untested, titles),
        confidence=inputs.confidence(rows),
    )


def _acts_on(touched: set[Row], rows: set[Row]) -> bool:
    """Tell whether a measure acts on something among some rows; a common country is not enough."""
    return any(row in rows and row[0] != "elements" for row in touched)


def _by_demand(rows: list[dict[str, Any]]) -> dict[tuple[str, str | None], list[dict[str, Any]]]:
    found: dict[tuple[str, str | None], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["demand"], row["site"]), []).append(row)
    return found


def _to_verify(rows: set[Row], loss: dict[tuple[str, str], float], inputs: Inputs) -> list[ToVerify]:
    """Return the assumptions among some rows, where most is at stake first."""
    found = []
    for row in sorted(rows):
        faults = inputs.assumed.get(row, ())
        if faults:
            at_stake = max((loss.get(e, 0.0) for e in inputs.elements_of_row(row)), default=0.0)
            found += [ToVerify(f.file, f.row, f.column, f.code, f.message, at_stake) for f in faults]
    return sorted(found, key=lambda v: (-v.at_stake, v.table, v.row or 0, v.column or ""))


def _blind_spots(
    network: ChainNetwork,
    rows: set[Row],
    inputs: Inputs,
    untested: frozenset[str],
    titles: Titles,
) -> tuple[BlindSpot, ...]:
    spots = [
        BlindSpot("unmapped", titles.named("item", item.item)) for item in network.items if not item.mapped
    ]
    groups = sorted(inputs.groups_of(network) & untested)
    spots += [BlindSpot("untested", titles.named("group", group)) for group in groups]
    unknown = {
        element
        for row in rows
        if row[0] == "sources" and any(f.code == UNKNOWN_IP for f in inputs.assumed.get(row, ()))
        for element in inputs.elements_of_row(row)
        if element[0] == "source"
    }
    spots += [BlindSpot("own_ip", titles.named(*element)) for element in sorted(unknown)]
    return tuple(spots)
