"""A program that PuLP takes for CBC: it solves what it is given, and says something else.

Called as ``cbc MODEL.mps [-max] ... -solution FILE``; what it does wrong stands in the environment.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

LIE = os.environ.get("CBC_LIE", "")


def main() -> None:
    target = Path(sys.argv[sys.argv.index("-solution") + 1])
    if LIE == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if LIE == "hang":
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path(os.environ["CBC_NOTE"]).write_text(
            f"{os.getpid()} {child.pid} {target.parent}", encoding="utf-8"
        )
        time.sleep(600)
    if LIE == "garbage":
        target.write_bytes(b"\xff\xfe Optimal ???\n\x00\x01 x y z\n")
    if LIE in ("garbage", "silent"):
        return
    status, names, values = solved()
    if LIE == "prints":
        print("Welcome to the CBC MILP Solver", flush=True)
        os.write(2, b"and to its log\n")
    status = {"infeasible": "Infeasible", "unbounded": "Unbounded"}.get(LIE, status)
    change = {
        "nan": lambda name, value: float("nan"),
        "half": lambda name, value: 0.0,
        "all": lambda name, value: 1.0,
        "fraction": lambda name, value: 0.5 if name in names[:4] else value,
        "inflated": lambda name, value: value if name in names[:4] else 2.0 * value,
    }.get(LIE, lambda name, value: value)
    lines = [
        f"{i:>7} {name} {change(name, value)!r} 0"
        for i, (name, value) in enumerate(zip(names, values, strict=True))
    ]
    target.write_text("\n".join([f"{status} - objective value 0.75", *lines]) + "\n", encoding="utf-8")


def solved() -> tuple[str, list[str], list[float]]:
    import highspy

    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.readModel(sys.argv[1])
    if "-max" in sys.argv:
        highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
    highs.run()
    return "Optimal", list(highs.getLp().col_names_), list(highs.getSolution().col_value)


if __name__ == "__main__":
    main()
