"""What the machine refuses: disk, memory, descriptors. Nothing is lost, and one line says what to do."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

import optichain
from optichain.cli.endings import told
from optichain.errors import ResourceError, UsageError

Call = Callable[..., Result]


def run(*words: object, **more: object) -> subprocess.CompletedProcess[str]:
    settings = {"capture_output": True, "text": True, "encoding": "utf-8", "timeout": 120, **more}
    command = [sys.executable, "-m", "optichain", *(str(word) for word in words)]
    return subprocess.run(command, check=False, **settings)  # type: ignore[call-overload]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 16 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    try:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(place)], capture_output=True, check=False
        )
    except OSError:
        pytest.skip("there is no mount here")
    if mounted.returncode:
        pytest.skip("a small disk needs the right to mount one")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def plan(pump: Path, tmp_path: Path) -> Path:
    file = tmp_path / "made.json"
    optichain.write_plan(optichain.reinforce(optichain.load(pump)), file)
    return file


def fill(disk: Path) -> None:
    with (disk / "full").open("wb", buffering=0) as stream, contextlib.suppress(OSError):
        while True:
            stream.write(b"x" * 512)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["solve", "PUMP", "-o"], "plan.json"),
        (["solve", "PUMP", "--report"], "report.html"),
        (["report", "PUMP", "PLAN", "-o"], "report.json"),
        (["evidence", "PUMP", "PLAN", "-o"], "plan.json"),
        (["exposure", "PUMP", "--ask"], "ask.csv"),
        (["stress", "PUMP", "-o"], "stress.json"),
        (["convert", "PUMP"], "other.json"),
        (["convert", "PUMP"], "folder"),
        (["workbook"], "form.xlsx"),
        (["new"], "starter"),
        *(
            pytest.param(words, name, marks=pytest.mark.slow)
            for words, name in (
                (["check", "PUMP", "-o"], "check.xlsx"),
                (["info", "PUMP", "-o"], "info.json"),
                (["merge", "PUMP", "-o"], "merged.json"),
                (["spof", "PUMP", "-o"], "spof.json"),
                (["cuts", "PUMP", "-o"], "cuts.xlsx"),
                (["reverse", "PUMP", "--level", "0.5", "-o"], "reverse.json"),
                (["worst-case", "PUMP", "-k", "1", "-o"], "worst.json"),
                (["solve", "PUMP", "--write-model"], "model.mps"),
                (["frontier", "PUMP", "--budgets", "0:8:2", "-o"], "frontier.json"),
                (["frontier", "PUMP", "--columns"], "columns.json"),
                (["baselines", "PUMP", "-o"], "baselines.json"),
                (["verify", "PUMP", "PLAN", "-o"], "verified.json"),
                (["compare", "PLAN", "PLAN", "-o"], "compared.html"),
                (["report", "PUMP", "PLAN", "-o"], "report.docx"),
            )
        ),
    ],
)
def test_a_full_disk_keeps_what_was_there(
    call: Call, pump: Path, plan: Path, small_disk: Path, words: list[str], name: str
) -> None:
    target = small_disk / name
    # "new" and "workbook" replace nothing
    old = "old" if target.suffix and words[0] != "workbook" else None
    if old:
        target.write_text(old, encoding="utf-8")
    fill(small_disk)
    result = call(*({"PUMP": pump, "PLAN": plan}.get(word, word) for word in words), target)
    assert result.exit_code == 2, result.output
    assert "No space left on device" in result.stderr
    assert "Traceback" not in result.output
    assert {p.name for p in small_disk.iterdir()} == {"full", *([name] if old else [])}
    assert old is None or target.read_text(encoding="utf-8") == old


def test_a_plan_that_cannot_be_written_is_printed_and_kept_elsewhere(
    call: Call, pump: Path, small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    fill(small_disk)
    shown = call("solve", pump, "-o", small_disk / "plan.json", "--report", tmp_path / "report.json")
    assert shown.exit_code == 2
    assert "plan optimal" in shown.stdout
    (kept,) = elsewhere.iterdir()
    assert f"the result is kept in {kept}" in shown.stderr
    assert optichain.load_plan(kept).choices
    # what can be written is written all the same
    assert (tmp_path / "report.json").is_file()
    told_as_json = call("solve", pump, "-o", small_disk / "plan.json", "--json")
    document = json.loads(told_as_json.stdout)
    assert told_as_json.exit_code == 2
    assert document["status"] == "optimal"
    assert [error["code"] for error in document["errors"]] == ["usage"]


def test_a_read_only_disk_is_told(call: Call, pump: Path, small_disk: Path) -> None:
    (small_disk / "plan.json").write_text("old", encoding="utf-8")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for words in (["solve", pump, "-o", small_disk / "plan.json"], ["convert", pump, small_disk / "folder"]):
        result = call(*words)
        assert result.exit_code == 2
        assert "Read-only file system; nothing was changed; write elsewhere" in result.stderr
    assert [p.name for p in small_disk.iterdir()] == ["plan.json"]


def test_a_folder_in_which_nothing_may_be_made_is_told(
    call: Call, pump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for those who may not write there; root may write everywhere."""
    real = os.open

    def refuse(path: object, flags: int, *rest: int, **more: int) -> int:
        if flags & os.O_CREAT:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, flags, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("optichain.storage.atomic.os.open", refuse)
    result = call("report", pump, tmp_path / "none.json", "-o", tmp_path / "report.html")
    assert result.exit_code == 3
    result = call("convert", pump, tmp_path / "other.json")
    assert result.exit_code == 2
    assert "Permission denied; nothing was changed; you may not write there" in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("words", [["spof", "--json"], pytest.param(["spof"], marks=pytest.mark.slow)])
def test_a_full_standard_output_is_told_on_the_other(pump: Path, words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = run(words[0], pump, *words[1:], capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr.count("cannot write the result to standard output: No space left on device") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "closed", [pytest.param(0, marks=pytest.mark.slow), pytest.param(1, marks=pytest.mark.slow), 2]
)
def test_a_closed_descriptor_is_no_place_for_a_file(pump: Path, tmp_path: Path, closed: int) -> None:
    command = (
        f'exec "{sys.executable}" -m optichain solve "{pump}" --json -o "{tmp_path}/plan.json" {closed}>&-'
    )
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "plan.json").read_text(encoding="utf-8")
    assert json.loads(written)["status"] == "optimal"
    assert done.stdout == ("" if closed == 1 else written)


@pytest.mark.parametrize("file", ["-", "/dev/stdout"])
def test_standard_output_is_no_file(call: Call, pump: Path, file: str) -> None:
    result = call("spof", pump, "-o", file)
    assert (result.exit_code, "--json prints the result there" in result.stderr) == (2, True)


def test_a_device_is_not_replaced(call: Call, pump: Path) -> None:
    assert call("spof", pump, "-o", os.devnull).exit_code == 0
    assert Path(os.devnull).is_char_device()


def test_little_memory_is_told_before_anything_is_loaded() -> None:
    limit = 300_000_000
    done = run(
        "spof",
        "quickstart",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    assert done.returncode == 1
    assert "may use 300 MB of memory" in done.stderr


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("Unable to allocate 12 GiB"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        ImportError("x.so: failed to map segment from shared object"),
        RuntimeError("can't start new thread"),
        OSError(errno.EMFILE, "Too many open files"),
    ],
)
def test_what_runs_short_is_no_defect(
    call: Call, pump: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(optichain, "structure", fail, raising=False)
    result = call("spof", pump)
    assert result.exit_code == 1
    assert "defect" not in result.stderr
    document = json.loads(call("spof", pump, "--json").stdout)
    assert [fault["code"] for fault in document["errors"]] == ["resources"]


@pytest.mark.parametrize("kind", ["html", "docx"])
def test_a_report_that_finds_no_room_to_draw_costs_no_plan(
    call: Call, pump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """What draws charts reserves 64 GiB of addresses, and ends the whole process where it is denied them."""
    render = pytest.importorskip("optichain_reports.drawing.render", reason="needs optichain[reports]")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (8 * 2**30, 8 * 2**30))
    render._insist_on_addresses.cache_clear()
    target = tmp_path / f"report.{kind}"
    result = call("solve", pump, "--report", target)
    assert (result.exit_code, target.exists()) == (1, False)
    assert "plan optimal" in result.stdout
    assert "charts need 65 GiB of address space" in result.stderr
    document = json.loads(call("solve", pump, "--report", target, "--json").stdout)
    assert (document["status"], [e["code"] for e in document["errors"]]) == ("optimal", ["resources"])


@pytest.mark.slow
def test_a_report_under_a_limit_on_addresses_is_an_error_and_no_crash(tmp_path: Path, pump: Path) -> None:
    limit = 8 * 2**30
    done = run(
        *("solve", pump, "--report", tmp_path / "report.html"),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    assert done.returncode == 1, done.stderr
    assert "plan optimal" in done.stdout


def test_only_what_the_machine_is_the_cause_of_is_told_so() -> None:
    assert told(ValueError("the moon is full")) is None
    assert told(OSError(errno.ENOENT, "No such file")) is None
    assert isinstance(told(MemoryError()), ResourceError)
    full = told(OSError(errno.ENOSPC, "No space left on device", "/tmp/x.mps"))
    assert isinstance(full, UsageError)
    assert "cannot write /tmp/x.mps" in str(full)
