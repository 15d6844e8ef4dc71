"""What an exception that is no defect of ours means to those who run a command."""

from __future__ import annotations

import errno
import sys
from pathlib import Path

from optichain.errors import OptichainError, ResourceError, UsageError

__all__ = ["told"]

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
SHORT = ("failed to map segment", "cannot allocate memory", "can't start new thread", "bad_alloc")
"""Words in which libraries say that memory is short, without an exception of its own."""


def told(error: Exception) -> OptichainError | None:
    """Return the error to show for an exception that the machine is the cause of; ``None`` for any other."""
    if isinstance(error, OptichainError):
        return error
    number = error.errno if isinstance(error, OSError) else None
    words = " ".join(str(error).split())
    if (
        isinstance(error, MemoryError)
        or number == errno.ENOMEM
        or any(part in words.lower() for part in SHORT)
    ):
        return ResourceError(
            f"not enough memory{f' ({words[:200]})' if words else ''}: give the process more, fewer --jobs or --threads, "
            "or a smaller instance; nothing that stood in files was changed"
        )
    if number in (errno.EMFILE, errno.ENFILE, errno.EAGAIN):
        return ResourceError(
            f"the machine gives no more ({words[:200]}): raise ulimit -n or -u, or use fewer --jobs"
        )
    if number == errno.ENOENT and _stands_nowhere():
        return UsageError(
            "the folder in which this runs has been removed: change to another, and run it there"
        )
    letters = sys.getfilesystemencoding()
    if isinstance(error, UnicodeEncodeError) and error.encoding == letters != "utf-8":
        return UsageError(
            f"names of files have no such letters here as in {error.object[:200]!a} ({letters}): set LANG=C.UTF-8, or PYTHONUTF8=1"
        )
    if isinstance(error, OSError) and number in FULL:
        place = error.filename or "a temporary file or the result"
        return UsageError(
            f"cannot write {place}: {error.strerror}; make room there, or set TMPDIR to another disk"
        )
    return None


def _stands_nowhere() -> bool:
    """Whether the working directory of this process is gone."""
    try:
        Path.cwd()
    except OSError:
        return True
    return False
