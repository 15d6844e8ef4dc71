"""Writing files whole or not at all, whatever comes in between.

A file grows under another name beside its place and is then renamed, so that nobody ever sees half of it. While that is
done, Ctrl-C and SIGTERM wait: they end the work before or after, not within.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import signal
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

from optichain.errors import UsageError

__all__ = [
    "discard_unfinished",
    "held_signals",
    "name_beside",
    "new_beside",
    "unwritten",
    "write_bytes",
    "write_text",
]

LONGEST = 200
"""Bytes of a file's name that its temporary one repeats: most file systems allow 255 in all."""

_unfinished: set[Path] = set()
"""Temporary files and folders of this process: what ends it at once removes them."""


def write_text(path: Path, text: str) -> None:
    """Write text in UTF-8; as `write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes through a temporary file beside the target, then rename it.

    A link stays a link: what it leads to is replaced. A file that is replaced keeps its permissions. What is no
    file, such as ``/dev/stdout`` or a pipe, is written to as it is.

    Raises
    ------
    UsageError
        The place cannot be written to; what stood there before is untouched.
    """
    try:
        target = path.resolve()
        before = target.stat().st_mode if target.exists() else None
        if before is not None and not stat.S_ISREG(before):
            target.write_bytes(content)
            return
        if before is not None:  # a folder that may be written to lets a file be replaced that may not
            os.close(os.open(target, os.O_WRONLY))
        with held_signals(), new_beside(target) as temporary:
            # created with the umask of the process, which other threads may be using
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            with os.fdopen(os.open(temporary, flags, 0o666), "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            if before is not None:
                os.chmod(temporary, stat.S_IMODE(before))
            os.replace(temporary, target)
    except (OSError, RuntimeError) as error:
        raise unwritten(path, error) from None


def unwritten(path: Path, error: Exception, what: str = "") -> UsageError:
    """Return the error of a place that cannot be written to.

    Parameters
    ----------
    path : Path
    error : OSError, or RuntimeError of links that lead in a circle
    what : str
        Put before the path, such as ``the folder``.
    """
    reason = str(getattr(error, "strerror", None) or error)
    remedies = {
        errno.ENOSPC: "make room on that disk, or write elsewhere",
        errno.EDQUOT: "your quota there is used up: make room, or write elsewhere",
        errno.EROFS: "write elsewhere",
        errno.EACCES: "you may not write there: write elsewhere",
        errno.EPERM: "you may not write there: write elsewhere",
        errno.EFBIG: "a limit on the size of files (ulimit -f) is in the way",
    }
    remedy = remedies.get(getattr(error, "errno", None) or 0)
    place = f"{what} {path}".strip()
    return UsageError(
        f"cannot write {place}: {reason}; nothing was changed" + (f"; {remedy}" if remedy else "")
    )


@contextlib.contextmanager
def new_beside(target: Path) -> Iterator[Path]:
    """Give a name beside a target that nobody has, and remove what still has it in the end."""
    temporary = name_beside(target)
    _unfinished.add(temporary)
    try:
        yield temporary
    finally:
        _remove(temporary)


def name_beside(target: Path) -> Path:
    """Return a hidden name beside a target that nobody has."""
    stem = target.name.encode("utf-8", "surrogateescape")[:LONGEST].decode("utf-8", "ignore")
    return target.with_name(f".{stem}.{secrets.token_hex(6)}")


def discard_unfinished() -> None:
    """Remove what a thread that is not waited for has not finished; for the moment in which a process ends."""
    for temporary in list(_unfinished):
        _remove(temporary)


def _remove(temporary: Path) -> None:
    """Remove a temporary file or folder, if it is still there."""
    if temporary.is_dir() and not temporary.is_symlink():
        shutil.rmtree(temporary, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    _unfinished.discard(temporary)


@contextlib.contextmanager
def held_signals() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until the end of a block, which is to be short.

    Blocking them for the main thread would not do: another thread then takes them, and Python acts on them in the main
    thread all the same.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # Python acts on signals in the main thread alone
        return
    heard: list[int] = []
    with contextlib.ExitStack() as stack:
        for number in (signal.SIGINT, signal.SIGTERM):
            before = signal.getsignal(number)
            if before not in (None, signal.SIG_IGN):
                stack.callback(signal.signal, number, before)
                signal.signal(number, lambda number, _frame: heard.append(number))
        yield
    if heard:
        signal.raise_signal(heard[0])
