"""SPOFs by size: reading, compiling, the sets of all demands, the whole table; against a rival and the naive way."""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.instances import Shape, items_for_nodes, make_tables, write_folder
from benchmarks.measure import in_a_process, machine, peak_gigabytes, table, timed

__all__ = ["main", "run"]

SIZES = (1_000, 10_000, 100_000, 1_000_000)
NAIVE_TO = 2_000
COLUMNS = (
    "nodes",
    "edges",
    "products",
    "SPOF rows",
    "read s",
    "compile s",
    "sets s",
    "table s",
    "peak GB",
    "rival s",
    "rival / sets",
    "naive / sets",
)


def run(sizes: Sequence[int] | None = None) -> str:
    """Return the table; every size has a process of its own. Seconds are ``clock (processor)``."""
    rows = []
    for size in sizes or SIZES:
        with tempfile.TemporaryDirectory() as folder:
            shape = Shape(items=items_for_nodes(size), products=max(min(1_000, size // 300), 3))
            write_folder(make_tables(shape, seed=1), Path(folder))
            ours = in_a_process("benchmarks.spof", folder, "ours")
            rival = in_a_process("benchmarks.spof", folder, "rival")
            naive = in_a_process("benchmarks.spof", folder, "naive") if size <= NAIVE_TO else None
        if rival["rows"] != ours["rows"] or (naive and naive["rows"] != ours["rows"]):
            raise AssertionError(f"answers differ at {size} nodes: {ours}, {rival}, {naive}")
        rows.append(
            [
                *(ours[name] for name in ("nodes", "edges", "products", "rows")),
                *(_both(ours[name]) for name in ("read", "compile", "sets", "table")),
                max(ours["peak"], 0.001),
                _both(rival["rival"]),
                rival["rival"][1] / rival["sets"][1],
                None if naive is None else naive["naive"][1] / naive["sets"][1],
            ]
        )
    return table(COLUMNS, rows)


def main(arguments: list[str] | None = None) -> int:
    """Print the table of the sizes asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks spof", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=lambda text: int(float(text)), help="nodes, such as 1e6")
    sizes = parser.parse_args(arguments).sizes
    sys.stdout.write(f"Python {platform.python_version()}, {machine()}\n\n{run(sizes or None)}\n")
    return 0


def _both(seconds: Sequence[float]) -> str:
    return f"{seconds[0]:.2f} ({seconds[1]:.2f})"


def _measure(folder: str, what: str) -> dict[str, Any]:
    from optichain.compilation import compile_network
    from optichain.effects import base_state
    from optichain.instance.read import load
    from optichain.risk.structural.providable import usable_graph
    from optichain.risk.structural.spof import indispensable_elements
    from optichain.risk.structure import analyse_structure

    read = timed(lambda: load(folder))
    compiled = timed(lambda: compile_network(read.value))
    network = compiled.value

    def sets() -> Any:
        return indispensable_elements(network, usable_graph(network, base_state(network)))[0]

    found: dict[str, Any] = {
        "nodes": network.n_commodities + network.n_activities + len(network.requirement_activity),
        "edges": network.n_activities + len(network.requirement_activity) + len(network.alternative_link),
        "products": len(network.demand_commodity),
        "read": (read.wall, read.cpu),
        "compile": (compiled.wall, compiled.cpu),
    }
    if what == "ours":
        whole = timed(lambda: analyse_structure(network, measure_losses=False))
        found |= {"table": (whole.wall, whole.cpu), "rows": len(whole.value.spofs)}
        found["peak"] = peak_gigabytes()
    elif what == "rival":
        from benchmarks.rival_spof import rival_spofs

        rival = timed(lambda: rival_spofs(network))
        found |= {"rival": (rival.wall, rival.cpu), "rows": int(rival.value.nnz)}
    else:
        from benchmarks.naive_spof import naive_spofs

        naive = timed(lambda: naive_spofs(network))
        found |= {"naive": (naive.wall, naive.cpu), "rows": len(naive.value)}
    ours = timed(sets, repeat=3)
    found["sets"] = (ours.wall, ours.cpu)
    if "rows" not in found:
        found["rows"] = int(np.sum(ours.value.count[network.demand_commodity]))
    return found


if __name__ == "__main__":
    json.dump(_measure(sys.argv[1], sys.argv[2]), sys.stdout)
