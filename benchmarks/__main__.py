"""``python -m benchmarks NAME [options]``: run one benchmark and print its table."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path


def main() -> int:
    names = sorted(m.name for m in pkgutil.iter_modules([str(Path(__file__).parent)]))
    runnable = [
        n for n in names if n != "__main__" and hasattr(importlib.import_module(f"benchmarks.{n}"), "main")
    ]
    if len(sys.argv) < 2 or sys.argv[1] not in runnable:
        print(f"usage: python -m benchmarks NAME [options]; names: {', '.join(runnable)}", file=sys.stderr)
        return 2
    return int(importlib.import_module(f"benchmarks.{sys.argv[1]}").main(sys.argv[2:]) or 0)


if __name__ == "__main__":
    sys.exit(main())
