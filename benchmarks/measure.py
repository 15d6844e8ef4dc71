"""Seconds, peak memory and tables, the same way for every benchmark.

On a machine that others use too, the time on the clock says more of the others than of us: both it and the
time of our own processor are measured. Ratios compare runs that follow one another in one process.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Taken", "in_a_process", "machine", "peak_gigabytes", "table", "timed"]


@dataclass(frozen=True)
class Taken:
    """What a run took: seconds on the clock, seconds of processor, and what it returned."""

    wall: float
    cpu: float
    value: Any


def timed(work: Callable[[], Any], *, repeat: int = 1) -> Taken:
    """Run some work, several times if asked, and return the medians."""
    walls, cpus, value = [], [], None
    for _ in range(repeat):
        wall, cpu = time.perf_counter(), time.process_time()
        value = work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Taken(statistics.median(walls), statistics.median(cpus), value)


def peak_gigabytes() -> float:
    """Return the most memory that this process has held."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1e9 if sys.platform == "darwin" else 1e6)


def in_a_process(module: str, *arguments: Any) -> dict[str, Any]:
    """Run ``python -m MODULE ARGUMENTS`` by itself, so that its peak memory is its own; it prints JSON."""
    root = Path(__file__).resolve().parent.parent
    path = os.pathsep.join([str(root), str(root / "solvers"), str(root / "reports")])
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def machine() -> str:
    """Describe the machine, and how busy it is."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = [
            line for line in cpuinfo.read_text(encoding="utf-8").splitlines() if line.startswith("model name")
        ]
        model = lines[0].partition(":")[2].strip() if lines else model
    load = f", load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{model}, {os.cpu_count()} cores{load}"


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a Markdown table, numbers to three digits."""
    cells = [[_text(cell) for cell in row] for row in rows]
    width = [max(len(c), *(len(row[k]) for row in cells)) for k, c in enumerate(columns)]
    lines = [columns, ["-" * w for w in width], *cells]
    return "\n".join(
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(line, width, strict=True)) + " |" for line in lines
    )


def _text(cell: Any) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:.3g}" if abs(cell) < 1000 else f"{cell:,.0f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
