"""Reading files that others wrote: ordinary files only, of a size that a machine can hold."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

__all__ = ["MOST_BYTES", "MOST_WRITTEN", "insist_inside", "read_bytes", "read_text"]

MOST_BYTES: Final = 2**30
"""Of a table, a workbook or a JSON document; a million rows take a tenth of it."""
MOST_WRITTEN: Final = 2**22
"""Of what people write by hand: settings, maps, rates."""
_MADE_UP: Final = 2**16


def read_bytes(path: Path, *, most: int = MOST_BYTES) -> bytes:
    """Return the content of a file.

    Raises
    ------
    OSError
        It cannot be read, is no ordinary file (a pipe would never end, nor would some devices), or is larger than
        `most` bytes; ``strerror`` says which.
    """
    # Opened without waiting: a pipe that nobody writes to would keep us here for ever.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        facts = os.fstat(handle)
        if stat.S_ISDIR(facts.st_mode):
            raise OSError(errno.EISDIR, "it is a folder, expected a file")
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(errno.EINVAL, "it is a pipe or a device, expected a file")
        if facts.st_size > most:
            raise OSError(errno.EFBIG, f"it has {facts.st_size:,} bytes, expected at most {most:,}")
        with os.fdopen(handle, "rb", closefd=False) as stream:
            # as much as is asked for is taken at once; what the system makes up has no size, but is short
            return stream.read(min(most, facts.st_size + _MADE_UP))
    finally:
        os.close(handle)


def read_text(path: Path, *, most: int = MOST_BYTES) -> str:
    """Return a file in UTF-8 as text, without its byte order mark.

    Raises
    ------
    OSError
        As `read_bytes`.
    UnicodeDecodeError
        It is not UTF-8.
    """
    return read_bytes(path, most=most).decode("utf-8-sig")


def insist_inside(path: Path, folder: Path) -> None:
    """Refuse a path that leads out of a folder, by its name or by a link.

    Raises
    ------
    OSError
        ``strerror`` says so.
    """
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise OSError(errno.EACCES, "it leads out of the folder, expected a file within")
