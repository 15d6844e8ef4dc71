"""How many events a second: ours, a PuLP model an event, and a good engineer's rival, paired on the same events.

``python -m benchmarks.stress [ARCS ...]``
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import optichain as oc
from benchmarks.rebuild_stress import continuity as rebuilt
from benchmarks.rival_stress import Rival
from benchmarks.tiers import multi_tier
from optichain.effects import base_state
from optichain.risk.events import make_events
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.reach import reach_of
from optichain.risk.sweep import continuities, screened

SIZES = (1_000, 9_000, 45_000)
EVENTS = {1_000: 98, 9_000: 200, 45_000: 32}
OTHERS = {1_000: (98, 12), 9_000: (24, 3), 45_000: (4, 0)}
AIMS = {1_000: 300.0, 9_000: 20.0, 45_000: 2.0}


def _clock(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return elapsed seconds, processor seconds and the result."""
    wall, own = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - wall, time.process_time() - own, result


def _hits(network: Any, state: Any, event: Any) -> tuple[Any, ...]:
    reach = reach_of(network, state, event)
    until = float(reach.activity_duration.max(initial=1.0))
    return reach.activity, 1.0 - reach.activity_loss, reach.site, 1.0 - reach.site_loss, until


def one_size(arcs: int, seed: int = 1) -> dict[str, Any]:
    network = oc.compile_network(multi_tier(arcs, seed))
    state = base_state(network)
    sites = [event for event in make_events(network) if event.name.startswith("site:")]
    rng = np.random.default_rng(seed)
    family = [sites[i] for i in rng.permutation(len(sites))[: EVENTS.get(arcs, 100)].tolist()]

    engine = ContinuityEngine(network)
    first, _, _ = _clock(lambda: engine.undisturbed(state))
    _, exact, ours = _clock(lambda: continuities(network, state, family, engine=engine))
    fresh = ContinuityEngine(network)
    fresh.undisturbed(state)
    _, screening, bounds = _clock(lambda: screened(network, state, family, engine=fresh))
    width = (bounds.upper - bounds.lower).max(axis=1)

    some, few = OTHERS.get(arcs, (12, 2))
    rival = Rival(network)
    hits = [_hits(network, state, event) for event in family[:some]]
    _, theirs, values = _clock(lambda: [rival.continuity(*hit) for hit in hits])
    worst = float(np.abs(np.array(values) - ours[:some] @ network.weight).max())
    mine = ContinuityEngine(network)
    mine.undisturbed(state)
    _, paired, _ = _clock(lambda: continuities(network, state, family[:some], engine=mine))
    row = {
        "arcs": len(network.alternative_commodity),
        "events": len(family),
        "undisturbed s": first,
        "exact/s": len(family) / exact,
        "aim/s": AIMS.get(arcs, float("nan")),
        "screen/s": len(family) / screening,
        "settled": float(np.mean(width <= 1e-10)),
        "width": float(width.mean()),
        "x rival": theirs / paired,
        "rival differs": worst,
    }
    if few:
        _, slow, values = _clock(lambda: [rebuilt(network, *hit) for hit in hits[:few]])
        row["x PuLP"] = (slow / few) / (exact / len(family))
        row["PuLP differs"] = float(np.abs(np.array(values) - ours[:few] @ network.weight).max())
    row["MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return row


def sweep_of_three_tiers(seed: int = 1) -> str:
    """The published peer's size: 1,700 sites in three tiers, each failing once."""
    network = oc.compile_network(multi_tier(6_600, seed, tiers=3, share_laned=0.0, own_sites=True))
    sites = [event for event in make_events(network) if event.name.startswith("site:")]
    wall, own, _ = _clock(lambda: continuities(network, base_state(network), sites))
    arcs = len(network.alternative_commodity)
    return f"{len(sites)} sites, three tiers, {arcs} arcs: {wall:.1f} s elapsed, {own:.1f} s of processor"


def main(words: list[str]) -> None:
    sizes = [int(word) for word in words] or list(SIZES)
    rows = [one_size(arcs) for arcs in sizes]
    names = list(dict.fromkeys(name for row in rows for name in row))
    print("processor seconds; single-site events; each way solves the same events")
    print(" | ".join(f"{name:>13}" for name in names))
    for row in rows:
        print(" | ".join(f"{row.get(name, float('nan')):13.4g}" for name in names))
    print(sweep_of_three_tiers())


if __name__ == "__main__":
    main(sys.argv[1:])
