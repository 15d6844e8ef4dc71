"""Write every answer about an instance to files: run by `test_determinism` in processes of many kinds.

``python every_answer.py PATH OUT JOBS THOROUGH [PLAN]``: what each command prints as JSON goes to ``OUT/NAME.json``
without what says how it was made (`provenance`); the reports of PLAN, or else of the plan just found, as they are, but
that the clock stands still: they say when they were written. Thoroughly, some questions are asked once more when all
others have been: what a process has worked out before changes no answer.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
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
    "ask": ("exposure", "--ask", "QUESTIONS", "--jobs"),
    "reverse": ("reverse", "--level", "0.8"),
    "worst-case": ("worst-case", "-k", "2"),
    "extensive": ("solve", "--method", "extensive", "--threads", "1"),
    "lshaped": ("solve", "--method", "lshaped"),
    "loss": ("solve", "--objective", "loss", "--jobs"),
    "cvar": ("solve", "--objective", "cvar"),
    "against": ("solve", "--objective", "worst-case", "-k", "1"),
    "worst": ("solve", "--objective", "worst", "--mix", "0.2", "--jobs"),
    "least": ("solve", "--min-acc", "0.75", "--jobs"),
    "autonomous": ("solve", "--min-autonomy", "0.2", "--jobs"),
    "clear": ("solve", "--clear-spofs", "site", "--jobs"),
    "frontier": ("frontier", "--budgets", "1:9:2", "--jobs"),
    "baselines": ("baselines",),
}
OF_PLANS: dict[str, tuple[str, ...]] = {
    "verify": ("verify", "PLAN"),
    "spof-with": ("spof", "--plan", "PLAN"),
    "stress-with": ("stress", "--plan", "PLAN", "--jobs"),
    "exposure-with": ("exposure", "--plan", "PLAN", "--jobs"),
    "evidence": ("evidence", "PLAN", "--kinds", "all", "--samples", "2", "--inputs", "1", "--jobs"),
}
AGAIN = ("cuts", "stress", "exposure", "lshaped", "solve", "frontier")
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


def _said(path: str, asked: Sequence[str], where: Mapping[str, str], jobs: str) -> str:
    """Return what is answered, without provenance; names of files, and the number of jobs at the end, filled in."""
    command, *options = (where.get(word, word) for word in asked)
    given = [*options, jobs] if options and options[-1] == "--jobs" else options
    said = json.loads(_call(command, path, *given, "--json"))
    return json.dumps(_without_provenance(said), ensure_ascii=False)


def write_every_answer(path: str, out: Path, jobs: str, *, thorough: bool, plan: Path | None) -> None:
    """Ask everything, and write what is said."""
    time.strftime = lambda *_: "2026-01-02T03:04:05+0000"
    kept = out.parent / "plan.json" if plan is None else plan
    where = {"PLAN": str(kept), "QUESTIONS": str(out / "questions.csv")}
    asked = THOROUGH if thorough else QUICK
    for name, words in asked.items():
        (out / f"{name}.json").write_text(_said(path, words, where, jobs), "utf-8")
    if plan is None:
        _call("solve", path, *(["--evidence"] if thorough else []), "-o", str(kept), "--json")
    if kept.exists():
        for name, words in (OF_PLANS if thorough else {}).items():
            (out / f"{name}.json").write_text(_said(path, words, where, jobs), "utf-8")
        for ending in REPORTS if thorough else REPORTS[:1]:
            _call("report", path, str(kept), "-o", str(out / f"report.{ending}"), "--quiet")
    for name in AGAIN if thorough else ():
        before = (out / f"{name}.json").read_text("utf-8")
        assert _said(path, asked[name], where, jobs) == before, f"{name}: another answer when asked again"


if __name__ == "__main__":
    _path, _out, _jobs, _thorough = sys.argv[1:5]
    _plan = Path(sys.argv[5]) if len(sys.argv) > 5 else None
    write_every_answer(_path, Path(_out), _jobs, thorough=_thorough == "thorough", plan=_plan)
