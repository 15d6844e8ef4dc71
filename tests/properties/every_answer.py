"""Write every answer about an instance to files: run by `test_determinism` in processes of many kinds.

``python every_answer.py PATH OUT JOBS THOROUGH [PLAN]``: what each command prints as JSON goes to ``OUT/NAME.json``
without what says how it was made (`provenance`); the reports of PLAN, or else of the plan just found, as they are, but
that the clock stands still: they say when they were written.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from optichain.cli.root import root

QUICK: dict[str, tuple[str, ...]] = {
    "stress": ("stress", "--jobs"),
    "solve": ("solve", "--method", "portfolio", "--jobs"),
}
THOROUGH: dict[str, tuple[str, ...]] = {
    **QUICK,
    "info": ("info",),
    "spof": ("spof",),
    "check": ("check",),
    "active": ("spof", "--status", "active"),
    "cuts": ("cuts", "--order", "2"),
    "level": ("cuts", "--order", "2", "--level", "0.7"),
    "sample": ("stress", "--sample", "100", "--seed", "3", "--jobs"),
    "combinations": ("stress", "--combinations", "2"),
    "exposure": ("exposure", "--jobs"),
    "reverse": ("reverse", "--level", "0.8"),
    "worst-case": ("worst-case", "-k", "2"),
    "extensive": ("solve", "--method", "extensive", "--threads", "1"),
    "lshaped": ("solve", "--method", "lshaped"),
    "loss": ("solve", "--objective", "loss", "--jobs"),
    "cvar": ("solve", "--objective", "cvar"),
    "against": ("solve", "--objective", "worst-case", "-k", "1"),
    "frontier": ("frontier", "--budgets", "1:9:2", "--jobs"),
    "baselines": ("baselines",),
}
REPORTS = ("html", "json", "xlsx", "docx")


def _without_provenance(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_provenance(v) for key, v in value.items() if key != "provenance"}
    return [_without_provenance(v) for v in value] if isinstance(value, list) else value


def _call(*arguments: str) -> str:
    result = CliRunner().invoke(root, list(arguments), prog_name="optichain", catch_exceptions=False)
    # 4: the rules of a random instance may clash; that is an answer too
    assert result.exit_code in (0, 4, 5), (arguments, result.exit_code, result.output)
    return result.stdout


def write_every_answer(path: str, out: Path, jobs: str, *, thorough: bool, plan: Path | None) -> None:
    """Ask everything, and write what is said."""
    time.strftime = lambda *_: "2026-01-02T03:04:05+0000"
    for name, (command, *options) in (THOROUGH if thorough else QUICK).items():
        given = [*options, jobs] if options and options[-1] == "--jobs" else options
        said = json.loads(_call(command, path, *given, "--json"))
        (out / f"{name}.json").write_text(json.dumps(_without_provenance(said), ensure_ascii=False), "utf-8")
    if plan is None:
        plan = out.parent / "plan.json"
        _call("solve", path, *(["--evidence"] if thorough else []), "-o", str(plan), "--json")
    for ending in REPORTS if thorough else REPORTS[:1]:
        if plan.exists():
            _call("report", path, str(plan), "-o", str(out / f"report.{ending}"), "--quiet")


if __name__ == "__main__":
    _path, _out, _jobs, _thorough = sys.argv[1:5]
    _plan = Path(sys.argv[5]) if len(sys.argv) > 5 else None
    write_every_answer(_path, Path(_out), _jobs, thorough=_thorough == "thorough", plan=_plan)
