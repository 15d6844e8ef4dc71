"""What an input is allowed to bring about: a result, or an error that says where and why."""

from __future__ import annotations

import contextlib
import io
import json
import resource
import signal
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from optichain.cli.root import root
from optichain.errors import OptichainError

SECONDS = 20.0
"""Of processor time that a command may take; ten times that on the clock."""
READING = 5.0
"""Of processor time that taking in one of these small inputs may take."""
BYTES = 4 * 2**30
"""Of memory that a process may take."""
ENDINGS = frozenset({0, 2, 3, 4, 5, 6})


class Verdict(Exception):  # noqa: N818
    """Something that must not happen did."""


class TooLong(BaseException):
    """More time than any of these small inputs may take."""


@contextlib.contextmanager
def limited(seconds: float = SECONDS) -> Iterator[None]:
    """End what takes too long, whether it works or waits."""

    def stop(number: int, frame: Any) -> None:
        raise TooLong

    for kind in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(kind, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 10.0 * seconds)
    try:
        with warnings.catch_warnings():
            # what has no value any more is no answer
            warnings.simplefilter("error", RuntimeWarning)
            yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.setitimer(signal.ITIMER_REAL, 0.0)


def read(task: Callable[[], Any]) -> str:
    """Run a function that takes an input in; return ``taken`` or ``refused``.

    Raises
    ------
    Verdict
        It crashed, or did not say what is wrong.
    """
    try:
        with limited(READING):
            task()
    except OptichainError as error:
        judge_error(error)
        return "refused"
    except (Exception, TooLong) as error:
        raise Verdict(_where(error)) from error
    return "taken"


def _where(error: BaseException) -> str:
    """A crash in a line: what, and in which line of ours."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/optichain" in frame.filename and "/tests/" not in frame.filename]
    place = ours[-1] if ours else frames[-1]
    return f"{type(error).__name__} in {place.filename.rpartition('/optichain')[2]}:{place.lineno}: {str(error)[:200]}"


def judge_error(error: OptichainError) -> None:
    """Insist on an exit status that means something, and on the place and the cause of every fault."""
    if error.exit_status not in ENDINGS:
        raise Verdict(f"exit status {error.exit_status}: {error}")
    _judge_faults([fault.to_json() for fault in error.faults()], error.exit_status)
    try:
        str(error).encode("utf-8")
    except UnicodeEncodeError:
        raise Verdict(f"the text cannot be shown: {str(error)[:200]!r}") from None


def _judge_faults(faults: Sequence[Any], status: int) -> None:
    if status != 3:
        return
    if not faults:
        raise Verdict("refused without a fault")
    for fault in faults:
        if not fault["file"] or not fault["message"]:
            raise Verdict(f"a fault without a place or a cause: {fault}")
        if len(fault["message"]) > 2000:
            raise Verdict(f"a message of {len(fault['message'])} characters: {fault['message'][:200]}")
    json.dumps(faults, ensure_ascii=False).encode("utf-8")


def command(words: Sequence[str]) -> int:
    """Run the command line in this process; return its exit status.

    Raises
    ------
    Verdict
        It crashed, or standard output does not hold one JSON object.
    """
    out = io.StringIO()
    try:
        with limited(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            root.main([*words, "--json", "-v"], prog_name="optichain")
    except SystemExit as ending:
        status = ending.code if isinstance(ending.code, int) else 1
    except BaseException as error:
        raise Verdict(f"{' '.join(words[:1])}: {_where(error)}") from error
    judge_output(words, status, out.getvalue())
    return status


def judge_output(words: Sequence[str], status: int, printed: str) -> None:
    """Insist on one JSON object, on a status that means something, and on faults with their place and cause."""
    try:
        document = json.loads(printed)
    except ValueError:
        raise Verdict(f"{words[0]}: standard output holds no JSON: {printed[:200]!r}") from None
    if status not in ENDINGS and not (status == 1 and words[0] == "verify" and "claims" in document):
        raise Verdict(f"{words[0]}: exit status {status}: {document.get('errors')}")
    if status in (2, 3):
        _judge_faults(document["errors"], status)


def process(words: Sequence[str]) -> int:
    """Run the command line as a process of its own, with little memory and little time; return its exit status."""

    def confine() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))

    called = [sys.executable, "-m", "optichain", *words, "--json"]
    try:
        done = subprocess.run(
            called, capture_output=True, timeout=10 * SECONDS, preexec_fn=confine, check=False
        )
    except subprocess.TimeoutExpired:
        raise Verdict(f"{words[0]}: hangs") from None
    said = done.stderr.decode("utf-8", "replace")
    if "Traceback" in said:
        raise Verdict(f"{words[0]}: a traceback: {said[-500:]}")
    judge_output(words, done.returncode, done.stdout.decode("utf-8"))
    return done.returncode
