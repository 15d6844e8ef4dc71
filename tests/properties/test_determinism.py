"""The same input, version and seed give the same bytes, however many processes work and wherever they run.

The answers of several processes are compared file by file: numbers of jobs, hash seeds, locales, time zones and threads
of linear algebra differ; reports and evidence are those of one plan. Within a process some questions are asked again after
all others. What an answer says of how it was made (`provenance`) is left out. Across Pythons, which bring other versions of
numpy, scipy and PuLP, floats agree to 1e-9. A limit on time is the one thing that may change an answer: none is given here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import joined
import optichain as oc

SCRIPT = Path(__file__).with_name("every_answer.py")
HOME = {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "TZ": "UTC", "OPENBLAS_NUM_THREADS": "1"}
ABROAD = {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "Asia/Shanghai", "OPENBLAS_NUM_THREADS": "2"}
FAR = {"PYTHONHASHSEED": "77", "LC_ALL": "POSIX", "TZ": "America/St_Johns", "OMP_NUM_THREADS": "3"}
JOINED = 10_035


def _ask(
    checkout: Path,
    path: str,
    out: Path,
    environment: dict[str, str],
    jobs: int,
    *,
    thorough: bool,
    plan: Path | None = None,
    python: str = sys.executable,
) -> Path:
    """Let a process write every answer, and return where."""
    out.mkdir()
    places = os.pathsep.join(str(checkout / wing) for wing in (".", "solvers", "reports"))
    command = [python, str(SCRIPT), path, str(out), str(jobs), "thorough" if thorough else "quick"]
    done = subprocess.run(
        [*command, *([] if plan is None else [str(plan)])],
        env={**os.environ, **environment, "PYTHONPATH": places},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return out


def _unlike(one: Path, other: Path) -> list[str]:
    """Return the files of which the bytes differ."""
    names = sorted({*(p.name for p in one.iterdir()), *(p.name for p in other.iterdir())})
    return [
        n
        for n in names
        if not (one / n).exists()
        or not (other / n).exists()
        or (one / n).read_bytes() != (other / n).read_bytes()
    ]


def _apart(one: Any, other: Any, where: str = "") -> list[str]:
    """Return where two answers differ, floats by more than 1e-9."""
    if isinstance(one, dict) and isinstance(other, dict):
        if list(one) != list(other):
            return [f"{where}: {list(one)} and {list(other)}"]
        return [x for key in one for x in _apart(one[key], other[key], f"{where}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            x for k, (a, b) in enumerate(zip(one, other, strict=True)) for x in _apart(a, b, f"{where}[{k}]")
        ]
    numbers = all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in (one, other))
    same = abs(one - other) <= 1e-9 * max(1.0, abs(one), abs(other)) if numbers else one == other
    return [] if same else [f"{where}: {one!r} and {other!r}"]


@pytest.fixture(scope="session")
def instances(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The shipped quickstart, and a random instance of several blocks."""
    place = tmp_path_factory.mktemp("random") / "joined.json"
    oc.write(joined.joined(JOINED, parts=4), place)
    return {"quickstart": "quickstart", "joined": str(place)}


def test_neither_jobs_nor_surroundings_change_a_byte(checkout: Path, tmp_path: Path) -> None:
    first = _ask(checkout, "quickstart", tmp_path / "one", HOME, 1, thorough=False)
    plan = tmp_path / "plan.json"
    other = _ask(checkout, "quickstart", tmp_path / "two", ABROAD, 2, thorough=False, plan=plan)
    assert len(list(first.iterdir())) == 3
    assert _unlike(first, other) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["quickstart", "joined"])
def test_no_answer_depends_on_jobs_or_surroundings(
    checkout: Path, tmp_path: Path, instances: dict[str, str], name: str
) -> None:
    path = instances[name]
    first = _ask(checkout, path, tmp_path / "one", HOME, 1, thorough=True)
    plan = tmp_path / "plan.json"
    for jobs, environment in ((2, ABROAD), (3, FAR)):
        other = _ask(checkout, path, tmp_path / f"jobs-{jobs}", environment, jobs, thorough=True, plan=plan)
        assert _unlike(first, other) == [], jobs


def _other_python() -> str | None:
    """Return another Python that has what optichain needs: named by the environment, or found on the path."""
    names = [os.environ.get("OPTICHAIN_OTHER_PYTHON", ""), *(f"python3.{minor}" for minor in range(11, 15))]
    for found in filter(None, (shutil.which(name) for name in names if name)):
        asked = "import sys, pandas, pulp, highspy, rich_click, docx, PIL, xlsxwriter; print(sys.version_info[:2])"
        done = subprocess.run([found, "-c", asked], capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.strip() != str(sys.version_info[:2]):
            return found
    return None


@pytest.mark.slow
@pytest.mark.parametrize("name", ["quickstart", "joined"])
def test_floats_agree_across_pythons(
    checkout: Path, tmp_path: Path, instances: dict[str, str], name: str
) -> None:
    python = _other_python()
    if python is None:
        pytest.skip("no other Python with the dependencies here: name one by OPTICHAIN_OTHER_PYTHON")
    first = _ask(checkout, instances[name], tmp_path / "one", HOME, 1, thorough=True)
    plan = tmp_path / "plan.json"
    other = _ask(
        checkout, instances[name], tmp_path / "two", HOME, 1, thorough=True, plan=plan, python=python
    )
    for file in sorted(first.glob("*.json")):
        one, two = (json.loads((out / file.name).read_text("utf-8")) for out in (first, other))
        assert _apart(one, two, file.name) == []
