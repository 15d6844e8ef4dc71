"""The worst of k failures against trying all sets, paired in one run, for networks of growing size.

The rival goes through the sets of k sites one by one, each a small linear programme of what it can make scarce; sites that
stop the same things count once for both. It is given up after `--patience` times what the search took, at least five seconds, and its
time is then that of the sets it tried times all sets over these: said as `about`. What it found until then must not be worse
than the certificate says.
"""

from __future__ import annotations

import argparse
import itertools
import math
import time

from benchmarks.instances import Shape, make_tables, settings
from optichain.compilation import compile_network
from optichain.effects import base_state
from optichain.instance.model import Instance
from optichain.network import Network
from optichain.risk.attack import Attacker, WorstCase
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.flows.witness import NetworkWitness

SIZES = {"small": (60, 2), "aim": (240, 3), "large": (1200, 5)}
"""Items and products: some 50, 200 and 1,000 sites."""


def search(network: Network, k: int) -> tuple[WorstCase, float, float]:
    """Return the worst case, seconds and processor seconds, models included."""
    began, worked = time.perf_counter(), time.process_time()
    found = Attacker(network, base_state(network), ContinuityEngine(network), k).search()
    return found, time.perf_counter() - began, time.process_time() - worked


def enumeration(network: Network, k: int, patience: float) -> tuple[float, float, float]:
    """Return (least continuity found, processor seconds for all sets, share of the sets that was tried)."""
    engine = ContinuityEngine(network)
    attacker = Attacker(network, base_state(network), engine, k)
    witness = NetworkWitness(network, attacker.state, engine)
    sets = math.comb(len(attacker.elements), k)
    least, tried, worked = math.inf, 0, time.process_time()
    for members in itertools.combinations(attacker.elements, k):
        least = min(least, witness.value(attacker.reach(members)))
        tried += 1
        if time.process_time() - worked > patience:
            break
    return least, (time.process_time() - worked) * sets / max(tried, 1), tried / max(sets, 1)


def network_of(name: str, seed: int = 0) -> Network:
    """Return the network of a size."""
    items, products = SIZES[name]
    shape = Shape(items=items, products=products, tiers=4, chains=products)
    return compile_network(Instance.from_frames(make_tables(shape, seed), settings()))


def run(name: str, most: int, *, patience: float, seed: int) -> None:
    """Attack one network with up to `most` failures."""
    network = network_of(name, seed)
    arcs = network.n_activities + len(network.alternative_commodity)
    print(f"{name}: {len(network.sites)} sites, {arcs} arcs", flush=True)
    for k in range(1, most + 1):
        found, seconds, own = search(network, k)
        assert found.complete
        print(
            f"  k={k}: {seconds:6.2f} s ({own:.2f} s of processor), {found.solved} of {found.sets} sets solved, "
            f"continuity {found.continuity:.6f}, proven",
            flush=True,
        )
        least, theirs, share = enumeration(network, k, max(patience * own, 5.0))
        assert least >= found.bound - 1e-6, (least, found.bound)
        about = "" if share >= 1.0 else f"about, {share:.1%} of the sets tried; "
        print(f"       enumeration {theirs:8.1f} s of processor  {about}{theirs / own:.1f} times", flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Run the sizes asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks worst", description=__doc__)
    parser.add_argument("--size", choices=list(SIZES), action="append", help="default: small and aim")
    parser.add_argument("-k", type=int, default=3)
    parser.add_argument("--patience", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    for name in given.size or ["small", "aim"]:
        run(name, given.k, patience=given.patience, seed=given.seed)
    return 0
