"""``python -m benchmarks NAME [SIZE...]``: run one benchmark and print its table."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import platform
import sys
from pathlib import Path

from benchmarks.measure import machine


def main() -> int:
    """Run the benchmark that is named; each is a module here with a function ``run(sizes) -> table``."""
    names = sorted(
        module.name
        for module in pkgutil.iter_modules([str(Path(__file__).parent)])
        if "def run(" in (Path(__file__).parent / f"{module.name}.py").read_text(encoding="utf-8")
    )
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=names)
    parser.add_argument("sizes", nargs="*", type=lambda text: int(float(text)), help="sizes, such as 1e6")
    given = parser.parse_args()
    table = importlib.import_module(f"benchmarks.{given.name}").run(given.sizes or None)
    sys.stdout.write(f"Python {platform.python_version()}, {machine()}\n\n{table}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
