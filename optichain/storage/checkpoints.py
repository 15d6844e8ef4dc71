"""A file from which another process goes on: arrays of one kind, of one problem, written whole now and then.

What the arrays mean is the business of who keeps them. They are read as data and never run.
"""

from __future__ import annotations

import io
import logging
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from optichain.errors import UsageError
from optichain.storage.atomic import write_bytes

__all__ = ["CheckpointFile"]

Array = npt.NDArray[Any]

log = logging.getLogger(__name__)

FORMAT = 2
PAUSE = 1.0
"""Seconds between two writes at least."""
SHARE = 0.05
"""Of the time that writing takes at most."""
OTHER = "give another file, or remove this one"


class CheckpointFile:
    """A checkpoint of one problem.

    Where not even the first can be written, that is an error before there is anything to lose; later ones that cannot be
    written are told, and leave the one before.

    Parameters
    ----------
    path : path
    kind : str
        What the arrays are about.
    digest : str
        Of the problem.
    """

    def __init__(self, path: str | Path, kind: str, digest: str) -> None:
        self.path, self._kind, self._digest = Path(path), kind, digest
        self._next = 0.0
        self._written = False

    def offer(self, contents: Callable[[], dict[str, Any]], *, now: bool = False) -> None:
        """Write if the last time was long enough ago, or if it is to be now.

        Parameters
        ----------
        contents : callable
            Returns the arrays by name; asked only if they are written.
        now : bool
        """
        began = time.monotonic()
        if began < self._next and not now:
            return
        buffer = io.BytesIO()
        head = {"format": FORMAT, "kind": self._kind, "digest": self._digest}
        arrays: dict[str, Any] = {name: np.array(value) for name, value in head.items()}
        np.savez_compressed(buffer, **arrays, **contents())
        try:
            write_bytes(self.path, buffer.getvalue())
        except UsageError as error:
            if not self._written:
                raise
            # what was learned since would be lost with the search, and the plan too
            log.warning("the search goes on, but its checkpoint is from earlier: %s", error)
        else:
            self._written = True
        end = time.monotonic()
        self._next = end + max(PAUSE, (end - began) / SHARE)

    def read(self) -> dict[str, Array] | None:
        """Return the arrays by name, ``None`` where there is no file yet.

        Raises
        ------
        UsageError
            The file is no checkpoint, or one of another version or problem.
        """
        if not self.path.exists():
            return None
        try:
            with np.load(self.path, allow_pickle=False) as data:
                found = {name: data[name] for name in data.files}
            version, kind, digest = int(found["format"]), str(found.get("kind", "")), str(found["digest"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            raise self.refused() from None
        if version != FORMAT:
            raise UsageError(f"checkpoint {self.path} was written by another version of optichain: {OTHER}")
        if (kind, digest) != (self._kind, self._digest):
            raise UsageError(
                f"checkpoint {self.path} is of another problem (data, objective or measures differ): {OTHER}"
            )
        return found

    def refused(self) -> UsageError:
        """Return the error of a file that cannot be understood."""
        return UsageError(f"{self.path} is no checkpoint: {OTHER}")
