"""Which measures act on what: the effects of all measures sorted by the thing they change."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from optichain.effects import resolve_effects
from optichain.network import Network
from optichain.risk.flows.reach import LOCAL_KINDS

__all__ = ["Levers", "find_levers"]

Lever = list[tuple[int, float]]
"""(measure, amount per unit) pairs."""


@dataclass(eq=False)
class Levers:
    """Measures by what they act on.

    Attributes
    ----------
    qualify_activity, qualify_alternative : dict of int to list of int
        Measures that qualify an activity or an alternative.
    switch_activity, switch_alternative : dict of int to Lever
    expand_activity, expand_site : dict of int to Lever
    harden, recover : dict of int to Lever
        By element.
    own : dict of int to list of int
        Measures that make an activity own.
    stockpile : list of (measure, commodity, site, amount)
        In the order of the added rows of `optichain.effects.State`.
    """

    qualify_activity: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    qualify_alternative: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    switch_activity: dict[int, Lever] = field(default_factory=lambda: defaultdict(list))
    switch_alternative: dict[int, Lever] = field(default_factory=lambda: defaultdict(list))
    expand_activity: dict[int, Lever] = field(default_factory=lambda: defaultdict(list))
    expand_site: dict[int, Lever] = field(default_factory=lambda: defaultdict(list))
    harden: dict[int, Lever] = field(default_factory=lambda: defaultdict(list))
    recover: dict[int, Lever] = field(default_factory=lambda: defaultdict(list))
    own: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    stockpile: list[tuple[int, int, int, float]] = field(default_factory=list)
    local_of_activity: dict[int, list[int]] = field(default_factory=dict)
    local_of_site: dict[int, list[int]] = field(default_factory=dict)


def find_levers(network: Network) -> Levers:
    """Sort the effects of all measures by what they act on."""
    levers = Levers()
    for effect in resolve_effects(network):
        pair = (effect.measure, effect.amount)
        if effect.kind == "stockpile":
            levers.stockpile.append((effect.measure, effect.commodity, effect.stock_site, effect.amount))
        for a in effect.activities.tolist():
            if effect.kind == "qualify":
                levers.qualify_activity[a].append(effect.measure)
            elif effect.kind == "switch":
                levers.switch_activity[a].append(pair)
            elif effect.kind == "expand":
                levers.expand_activity[a].append(pair)
            elif effect.kind == "own_ip":
                levers.own[a].append(effect.measure)
        for o in effect.alternatives.tolist():
            if effect.kind == "qualify":
                levers.qualify_alternative[o].append(effect.measure)
            elif effect.kind == "switch":
                levers.switch_alternative[o].append(pair)
        if effect.kind == "expand" and effect.site >= 0:
            levers.expand_site[effect.site].append(pair)
        if effect.kind in ("harden", "recover") and effect.element >= 0:
            (levers.harden if effect.kind == "harden" else levers.recover)[effect.element].append(pair)
    protected = [e for e in {*levers.harden, *levers.recover} if LOCAL_KINDS[network.element_kind[e]]]
    for e in sorted(protected):
        for matrix, where in (
            (network.elements_of_activities, levers.local_of_activity),
            (network.elements_of_sites, levers.local_of_site),
        ):
            for thing in np.asarray(matrix.indices[matrix.indptr[e] : matrix.indptr[e + 1]]).tolist():
                where.setdefault(int(thing), []).append(e)
    return levers
