"""Minimal cut sets by size and order, against the textbook way; published fault trees against scram."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.instances import Shape, items_for_nodes, make_tables, write_folder
from benchmarks.measure import in_a_process, machine, peak_gigabytes, table, timed

__all__ = ["main", "run"]

SIZES = (1_000, 10_000, 100_000, 1_000_000)
RIVAL_TO = 100_000
QUESTIONS = (("site", 2), ("site", 3), ("all", 2))
COLUMNS = (
    "nodes", "products", "kinds", "order", "sets", "complete", "seconds (processor)", "peak GB", "rival s", "rival / ours"
)  # fmt: skip
TREES = ("baobab2", "chinese", "das9202", "ftr10", "isp9605", "isp9606")
TREE_COLUMNS = (
    "fault tree",
    "sets to order 3",
    "search s",
    "with top probability s",
    "whole process s",
    "scram s",
)


def run(sizes: Sequence[int] | None = None) -> str:
    """Return the tables; every question has a process of its own. Seconds are ``clock (processor)``."""
    rows = []
    for size in sizes or SIZES:
        with tempfile.TemporaryDirectory() as folder:
            shape = Shape(items=items_for_nodes(size), products=max(min(1_000, size // 300), 3))
            write_folder(make_tables(shape, seed=1), Path(folder))
            for kinds, order in QUESTIONS:
                rows.append(_row(folder, size, kinds, order))
    return table(COLUMNS, rows) + _trees()


def _row(folder: str, size: int, kinds: str, order: int) -> list[Any]:
    ours = in_a_process("benchmarks.cuts", folder, kinds, order, "ours")
    rival = None
    if size <= RIVAL_TO and kinds != "all":
        rival = in_a_process("benchmarks.cuts", folder, kinds, order, "rival")
        if rival["sets"] != ours["sets"]:
            raise AssertionError(f"answers differ: {ours}, {rival}")
    return [
        *(ours[name] for name in ("nodes", "products")),
        kinds,
        order,
        ours["sets"],
        "yes" if ours["complete"] else "no",
        _both(ours["seconds"]),
        ours["peak"],
        None if rival is None else _both(rival["seconds"]),
        None if rival is None else rival["seconds"][1] / ours["seconds"][1],
    ]


def _both(seconds: Sequence[float]) -> str:
    return f"{seconds[0]:.2f} ({seconds[1]:.2f})"


def _measure(folder: str, kinds: str, order: int, what: str) -> dict[str, Any]:
    from optichain.compilation import compile_network
    from optichain.effects import base_state
    from optichain.instance.read import load
    from optichain.network import ELEMENT_KINDS
    from optichain.risk.fragility import may_fail
    from optichain.risk.structural.cutsets import minimal_cut_sets

    network = compile_network(load(folder))
    found: dict[str, Any] = {
        "nodes": network.n_commodities + network.n_activities + len(network.requirement_activity),
        "products": len(network.demand_commodity),
    }
    if what == "ours":
        state, demanded = base_state(network), np.unique(network.demand_commodity)
        allowed = may_fail(network, None if kinds == "all" else [kinds])
        taken = timed(
            lambda: minimal_cut_sets(
                network, state, demanded, order=order, allowed=allowed, limit=100_000_000
            )
        )
        count = sum(len(of) for of, _ in taken.value.sets)
        found |= {"sets": count, "complete": taken.value.complete}
    else:
        from benchmarks.rival_cuts import rival_cuts

        taken = timed(lambda: rival_cuts(network, order, ELEMENT_KINDS.index(kinds)))
        found["sets"] = sum(map(len, taken.value.values()))
    return {**found, "seconds": (taken.wall, taken.cpu), "peak": peak_gigabytes()}


def _trees() -> str:
    place = Path(os.environ.get("OPTICHAIN_DATA", "../shared/data")) / "fault_trees"
    if not place.is_dir():
        return f"\n\nNo published fault trees at {place.name}: set OPTICHAIN_DATA."
    rows = []
    for tree in TREES:
        start = time.perf_counter()
        ours = in_a_process("benchmarks.cuts", str(place / f"{tree}.xml"))
        whole = time.perf_counter() - start
        rows.append(
            [tree, ours["sets"], ours["search"], ours["with_top"], whole, _scram(place / f"{tree}.xml")]
        )
    return "\n\n" + table(TREE_COLUMNS, rows)


def _measure_tree(path: str) -> dict[str, Any]:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
    from optichain.compilation import compile_network
    from optichain.effects import base_state
    from optichain.risk.fragility import analyse_cuts, may_fail
    from optichain.risk.structural.cutsets import minimal_cut_sets
    from trees.test_fault_trees import as_instance

    network = compile_network(as_instance(Path(path)))
    demanded, allowed = np.unique(network.demand_commodity), may_fail(network, ["site"])
    search = timed(
        lambda: minimal_cut_sets(network, base_state(network), demanded, order=3, allowed=allowed), repeat=3
    )
    whole = timed(lambda: analyse_cuts(network, order=3, kinds=["site"]), repeat=3)
    # the assembly, which every gate stands at, is a set that the tree does not have
    return {"sets": search.value.count - 1, "search": search.cpu, "with_top": whole.cpu}


def _scram(path: Path) -> float | None:
    """Return the seconds of a whole run of scram, start-up and reading included; None where it is not installed."""
    if shutil.which("scram") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        command = [
            "scram",
            "--bdd",
            "--limit-order",
            "3",
            "--probability",
            "yes",
            "-o",
            f"{folder}/out.xml",
            str(path),
        ]
        return timed(lambda: subprocess.run(command, check=True, capture_output=True), repeat=3).wall


def main(arguments: list[str] | None = None) -> int:
    """Print the tables of the sizes asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks cuts", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=lambda text: int(float(text)), help="nodes, such as 1e6")
    sizes = parser.parse_args(arguments).sizes
    sys.stdout.write(f"Python {platform.python_version()}, {machine()}\n\n{run(sizes or None)}\n")
    return 0


if __name__ == "__main__":
    if len(sys.argv) == 2:
        json.dump(_measure_tree(sys.argv[1]), sys.stdout)
    else:
        json.dump(_measure(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]), sys.stdout)
