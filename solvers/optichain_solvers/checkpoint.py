"""What a search has learned, in a file from which another process goes on.

The file holds the best plan and the dual solutions behind the cuts; no bound, no value and no cut. Cuts are worked out
again from the dual solutions, any of which proves a valid one, and the plan is valued again: a wrong file can cost time,
but never makes a wrong claim.
"""

from __future__ import annotations

import hashlib
import io
import logging
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from optichain.atomic import write_bytes
from optichain.design.problem import DesignProblem
from optichain.errors import UsageError
from optichain_solvers.cuts import CutPool

__all__ = ["Checkpoint", "Saver", "digest_of", "read_checkpoint"]

Floats = npt.NDArray[np.float64]

log = logging.getLogger(__name__)

FORMAT = 1


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What a file holds.

    Attributes
    ----------
    plan : ndarray, shape (first-stage columns,), or None
    duals : list of (scenario, ndarray)
    """

    plan: Floats | None
    duals: list[tuple[int, Floats]]


def digest_of(problem: DesignProblem) -> str:
    """Return what tells apart problems whose scenarios or products differ; their first stages may."""
    hasher = hashlib.blake2b(digest_size=16)
    hasher.update(repr(problem.products).encode())
    matrices: dict[int, bytes] = {}
    for scenario in problem.scenarios:
        key = id(scenario.matrix)
        if key not in matrices:
            parts = (scenario.matrix.indptr, scenario.matrix.indices, scenario.matrix.data)
            matrices[key] = hashlib.blake2b(b"".join(p.tobytes() for p in parts)).digest()
        hasher.update(matrices[key])
        for array in (scenario.cost, scenario.upper, scenario.row_lower, scenario.row_upper):
            hasher.update(array.tobytes())
        hasher.update(repr((scenario.column_terms, scenario.row_terms)).encode())
    return hasher.hexdigest()


class Saver:
    """Writes a checkpoint now and then, each time the whole file at once.

    Where not even the first can be written, that is an error before there is anything to lose; later ones that cannot be
    written are told, and leave the one before.

    Parameters
    ----------
    path : Path
    digest : str
        Of the problem.
    """

    def __init__(self, path: Path, digest: str) -> None:
        self.path, self._digest = path, digest
        self._next = 0.0
        self._written = False

    def offer(self, plan: Floats | None, pool: CutPool, *, last: bool = False) -> None:
        """Write if the last time was long enough ago, or if it is the last time."""
        began = time.monotonic()
        if began < self._next and not last:
            return
        numbers = np.array([number for number, _ in pool.duals], dtype=np.int64)
        rows = [np.flatnonzero(dual) for _, dual in pool.duals]
        values = [dual[kept] for (_, dual), kept in zip(pool.duals, rows, strict=True)]
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            format=np.array(FORMAT),
            digest=np.array(self._digest),
            plan=np.zeros(0) if plan is None else plan,
            numbers=numbers,
            pointers=np.cumsum([0, *map(len, rows)]),
            sizes=np.array([len(dual) for _, dual in pool.duals], dtype=np.int64),
            rows=np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64),
            values=np.concatenate(values) if values else np.zeros(0),
        )
        try:
            write_bytes(self.path, buffer.getvalue())
        except UsageError as error:
            if not self._written:
                raise
            # what was learned since would be lost with the search, and the plan too
            log.warning("the search goes on, but its checkpoint is from earlier: %s", error)
        else:
            self._written = True
        # writing takes at most a twentieth of the time
        now = time.monotonic()
        self._next = now + max(1.0, 20.0 * (now - began))


def read_checkpoint(path: Path, digest: str) -> Checkpoint | None:
    """Return what a file holds, ``None`` where there is none yet.

    Raises
    ------
    UsageError
        The file is no checkpoint, or one of another problem.
    """
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as data:
            found = {name: data[name] for name in data.files}
        if int(found["format"]) != FORMAT:
            raise ValueError
        known, plan, numbers, sizes = (found[k] for k in ("digest", "plan", "numbers", "sizes"))
        duals = []
        for place, (number, size) in enumerate(zip(numbers.tolist(), sizes.tolist(), strict=True)):
            part = slice(found["pointers"][place], found["pointers"][place + 1])
            dual = np.zeros(size)
            dual[found["rows"][part]] = found["values"][part]
            duals.append((int(number), dual))
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile):
        raise UsageError(f"{path} is no checkpoint: give another file, or remove this one") from None
    if str(known) != digest:
        raise UsageError(
            f"checkpoint {path} is of another problem (data, objective or measures differ): give another file, or remove this one"
        )
    return Checkpoint(plan if len(plan) else None, duals)
