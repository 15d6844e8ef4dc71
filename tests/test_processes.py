"""Processes that work for one run: renewed when killed, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from optichain.processes import RENEWALS, Processes
from optichain.spreading import open_executor, spread


def _once(marker: str) -> int:
    """End the first process that does this, as a lack of memory would."""
    try:
        Path(marker).touch(exist_ok=False)
    except FileExistsError:
        return os.getpid()
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def _sleep(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def _until(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


def test_what_a_killed_process_was_at_is_done_by_another(tmp_path: Path) -> None:
    with open_executor(jobs=2) as pool:
        done = spread(_once, [str(tmp_path / "killed")] * 3, executor=pool)
    # had it come to that, the work would have been done here: and this process would be gone
    assert os.getpid() not in done


@pytest.mark.slow
def test_new_processes_are_not_made_for_ever() -> None:
    pool = Processes(1)
    try:
        for _ in range(RENEWALS + 1):
            victim = pool.submit(_sleep, 0.0).result(60)
            os.kill(victim, signal.SIGKILL)
            assert _until(lambda: _broken(pool))
        with pytest.raises(Exception, match="terminated abruptly"):
            pool.submit(_sleep, 0.0)
    finally:
        pool.shutdown()


def _broken(pool: Processes) -> bool:
    try:
        pool._pool.submit(_sleep, 0.0)
    except Exception:
        return True
    return False


def _give_up() -> None:
    with open_executor(jobs=2) as pool:
        assert pool is not None
        pool.submit(_sleep, 0.0).result(60)
        pool.submit(_sleep, 300.0)
        raise KeyboardInterrupt


@pytest.mark.slow
def test_work_that_is_given_up_does_not_hold_the_run_back() -> None:
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        _give_up()
    assert time.monotonic() - began < 60.0


SCRIPT = """
import sys, time
sys.path[:0] = {path!r}
import test_processes
from optichain.processes import Processes
if __name__ == "__main__":
    pool = Processes(2)
    print(*{{pool.submit(test_processes._sleep, 0.2).result() for _ in range(4)}}, flush=True)
    pool.submit(test_processes._sleep, 300.0)
    time.sleep(300.0)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
def test_processes_end_with_the_one_that_they_work_for(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(path=[str(Path(__file__).parent), *sys.path]), encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        workers = [int(word) for word in parent.stdout.readline().split()]
        assert workers
        parent.kill()
    assert _until(lambda: not any(_alive(pid) for pid in workers))


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
