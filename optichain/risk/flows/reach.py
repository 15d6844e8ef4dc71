"""What an event does to each activity, site and stock: losses and durations (3.3), phase by phase."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.effects import State
from optichain.network import ELEMENT_KINDS, Network
from optichain.risk.events import Event, Hit, element_facts

__all__ = ["Reach", "arrivals", "longest_recovery", "reach_of", "remaining", "touched_blocks"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LOCAL_KINDS = np.isin(ELEMENT_KINDS, ("site", "source", "lane"))
"""Protection of these acts against every hit that reaches what they cover; of others, on hits of that very target."""


@dataclass(frozen=True, eq=False)
class Reach:
    """The hits of an event as they arrive, after hardening and faster recovery.

    Attributes
    ----------
    activity, site : ndarray
        What each arriving hit reaches: one entry a hit and activity, or a hit and site.
    activity_loss, activity_duration, site_loss, site_duration : ndarray
        Share lost; time units, at most the horizon unless asked otherwise.
    stock_lost : ndarray of bool, shape (stocks,)
        Stock that the event destroys.
    """

    activity: Ints
    activity_loss: Floats
    activity_duration: Floats
    site: Ints
    site_loss: Floats
    site_duration: Floats
    stock_lost: npt.NDArray[np.bool_]


def reach_of(network: Network, state: State, event: Event | None, *, horizon: float | None = None) -> Reach:
    """Return what an event reaches; nothing at all for ``None`` (undisturbed).

    Parameters
    ----------
    network : Network
    state : State
        The network with the measures in effect.
    event : Event or None
    horizon : float, optional
        Where durations are cut; the instance's by default.
    """
    end = network.horizon if horizon is None else horizon
    hits = () if event is None else event.hits
    protection = _protection(network, state)
    parts = [
        arrivals(network, state, hit, end, sites=False, own=protection[0]) for hit in hits if hit.element >= 0
    ]
    at_sites = [
        arrivals(network, state, hit, end, sites=True, own=protection[1]) for hit in hits if hit.element >= 0
    ]
    activity, loss, duration = _joined(parts)
    site, site_loss, site_duration = _joined(at_sites)
    destroyed = np.zeros(len(network.sites) + 1, dtype=bool)
    if network.instance.settings.stock_at_failed_site == "lost":
        destroyed[site[site_loss >= 1.0]] = True
    return Reach(activity, loss, duration, site, site_loss, site_duration, destroyed[state.stock_site])


def _joined(parts: list[tuple[Ints, Floats, Floats]]) -> tuple[Ints, Floats, Floats]:
    if not parts:
        return np.empty(0, dtype=np.int64), np.empty(0), np.empty(0)
    return (
        np.concatenate([p[0] for p in parts]),
        np.concatenate([p[1] for p in parts]),
        np.concatenate([p[2] for p in parts]),
    )


def _protection(network: Network, state: State) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Return (loss factor, recovery gain) from local protection, of each activity and of each site; kept with the state."""
    kept = state.__dict__.get("_protection")
    if kept is None:
        kept = state.__dict__["_protection"] = _find_protection(network, state)
    known: tuple[tuple[Floats, Floats], tuple[Floats, Floats]] = kept
    return known


def _find_protection(network: Network, state: State) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    local = LOCAL_KINDS[network.element_kind]
    hardened = np.flatnonzero(local & (state.loss_factor != 1.0))
    faster = np.where(local, state.recovery_gain, 0.0)
    result = []
    for incidence in (network.activity_elements, network.site_elements):
        factor = np.ones(incidence.shape[0])
        by_column = (
            network.elements_of_activities
            if incidence is network.activity_elements
            else network.elements_of_sites
        )
        for e in hardened.tolist():
            factor[_column(by_column, e)] *= state.loss_factor[e]
        gain = np.asarray(incidence @ faster) if faster.any() else np.zeros(incidence.shape[0])
        result.append((factor, gain))
    return result[0], result[1]


def _column(matrix: sp.csc_matrix, column: int) -> Ints:
    return np.asarray(matrix.indices[matrix.indptr[column] : matrix.indptr[column + 1]], dtype=np.int64)


def arrivals(
    network: Network, state: State, hit: Hit, end: float, *, sites: bool, own: tuple[Floats, Floats]
) -> tuple[Ints, Floats, Floats]:
    """Return what one hit reaches, with loss and duration there; losses and durations of 0 reach nothing.

    Parameters
    ----------
    network : Network
    state : State
    hit : Hit
    end : float
        Where durations are cut, after faster recovery is subtracted.
    sites : bool
        Sites and their own capacity, instead of activities.
    own : tuple of ndarray
        Loss factor and recovery gain of each activity (or site) from protection of the thing itself.

    Returns
    -------
    reached, loss, duration : ndarray
    """
    matrix = network.elements_of_sites if sites else network.elements_of_activities
    reached = _column(matrix, hit.element)
    very = not LOCAL_KINDS[network.element_kind[hit.element]]
    loss = hit.loss * own[0][reached]
    gain = own[1][reached]
    if very:
        loss = loss * state.loss_factor[hit.element]
        gain = gain + state.recovery_gain[hit.element]
    if np.isnan(hit.duration):
        lasting = _recovery(network, hit.element, reached, sites=sites)
    else:
        lasting = np.full(len(reached), hit.duration)
    lasting = np.minimum(np.maximum(lasting - gain, 0.0), end)
    kept = (loss > 0.0) & (lasting > 0.0)
    return reached[kept], loss[kept], lasting[kept]


def _recovery(network: Network, element: int, reached: Ints, *, sites: bool) -> Floats:
    """Return how long each reached thing stays down when the hit does not say."""
    facts = element_facts(network)
    default = network.instance.settings.defaults.recovery_time
    stated = facts.recovery_time[element]
    if not np.isnan(stated):
        return np.full(len(reached), stated)
    if LOCAL_KINDS[network.element_kind[element]]:
        return np.full(len(reached), default)
    own = _own_recovery(network)[1 if sites else 0][reached]
    return np.where(np.isnan(own), default, own)


def longest_recovery(network: Network) -> Floats:
    """Return the longest time for which the failure of each element stops an activity, shape (elements,)."""
    own = _own_recovery(network)[0]
    own = np.where(np.isnan(own), network.instance.settings.defaults.recovery_time, own)
    incidence = network.activity_elements
    longest = np.zeros(network.n_elements)
    np.maximum.at(longest, incidence.indices, np.repeat(own, np.diff(incidence.indptr)))
    local = LOCAL_KINDS[network.element_kind]
    longest[local] = network.instance.settings.defaults.recovery_time
    stated = element_facts(network).recovery_time
    return np.where(np.isnan(stated), longest, stated)


def _own_recovery(network: Network) -> tuple[Floats, Floats]:
    """Return the recovery time of each activity (a lane's own first, then its site's) and of each site."""
    kept = network.__dict__.get("_own_recovery")
    if kept is None:
        of_site = network.instance["sites"]["recovery_time"].to_numpy(float)
        of_lane = network.instance["lanes"]["recovery_time"].to_numpy(float)
        standing = network.activity_site
        activity = np.where(standing >= 0, np.append(of_site, np.nan)[standing], np.nan)
        rows = network.activity_row[network.is_lane]
        activity[network.is_lane] = np.where(
            np.isnan(of_lane[rows]), activity[network.is_lane], of_lane[rows]
        )
        kept = (activity, of_site)
        network.__dict__["_own_recovery"] = kept
    result: tuple[Floats, Floats] = kept
    return result


def remaining(where: Ints, loss: Floats, duration: Floats, starts: Floats) -> tuple[Ints, Floats]:
    """Return the things reached, each once, and what is left of each in every phase.

    Parameters
    ----------
    where, loss, duration : ndarray
        Arriving hits (`Reach`).
    starts : ndarray, shape (phases,)
        Start of each phase; every duration is the start of a phase or not before the end.

    Returns
    -------
    things : ndarray, shape (n,)
    left : ndarray, shape (n, phases)
        Minimum over the hits active in the phase of (1 - loss).
    """
    things, position = np.unique(where, return_inverse=True)
    lost = np.zeros((len(things), len(starts)))
    active = duration[:, None] > starts[None, :]
    np.maximum.at(lost, position, np.where(active, loss[:, None], 0.0))
    return things, 1.0 - lost


def touched_blocks(network: Network, state: State, reach: Reach) -> list[int]:
    """Return the blocks in which an event changes anything: an activity, a site's own capacity, or stock.

    A site can lose its capacity although its sources are protected from the event: so activities alone do not tell.
    """
    lost = state.stock_commodity[reach.stock_lost & (state.stock_quantity > 0.0)]
    at_sites = _block_of_sites(network)[reach.site]
    parts = [network.activity_block[reach.activity], at_sites[at_sites >= 0], network.commodity_block[lost]]
    return [int(b) for b in np.unique(np.concatenate(parts))]


def _block_of_sites(network: Network) -> Ints:
    """Return the block of each site that limits what its sources make, -1 for the others."""
    kept = network.__dict__.get("_site_block")
    if kept is None:
        kept = np.full(len(network.sites), -1, dtype=np.int64)
        loaded = np.flatnonzero((network.load > 0.0) & (network.activity_site >= 0))
        kept[network.activity_site[loaded]] = network.activity_block[loaded]
        kept[~np.isfinite(network.site_capacity)] = -1
        network.__dict__["_site_block"] = kept
    result: Ints = kept
    return result
