"""What a search has learned about scenarios, in a file from which another process goes on.

The file holds the best plan and the row prices of scenarios at which something is proven; no bound and no cut. Bounds are
worked out again from the prices, any of which prove a valid one, and the plan is valued again. The portfolio also keeps
what a scenario was worth at the units at which the prices are those of the optimum: a value that is too high makes a plan
that is not confirmed in the end, and is refused (`optichain.design.answers`). So a wrong file can cost time, but never
makes a wrong claim.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from optichain.design.twostage.problem import DesignProblem
from optichain.storage.checkpoints import CheckpointFile

__all__ = ["Checkpoint", "Proof", "Saver", "digest_of", "read_checkpoint"]

Floats = npt.NDArray[np.float64]

KIND = "scenarios"


@dataclass(frozen=True, eq=False)
class Proof:
    """Row prices of a scenario, and where they are those of the optimum.

    Attributes
    ----------
    scenario : int
        Number in the problem.
    dual : ndarray, shape (rows of the scenario,)
    worth : float
        Value of the scenario at `units`; not a number where no value is kept.
    units : tuple of (column, units)
        Units in effect of the measures, by the first column of a measure; those with none left out.
    """

    scenario: int
    dual: Floats
    worth: float = math.nan
    units: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What a file holds.

    Attributes
    ----------
    plan : ndarray, shape (first-stage columns,), or None
    proofs : sequence of Proof
    """

    plan: Floats | None
    proofs: Sequence[Proof]


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
    """Writes a checkpoint now and then (`optichain.storage.checkpoints.CheckpointFile`).

    Parameters
    ----------
    path : Path
    digest : str
        Of the problem.
    """

    def __init__(self, path: Path, digest: str) -> None:
        self._file = CheckpointFile(path, KIND, digest)

    def offer(self, learned: Callable[[], Checkpoint], *, last: bool = False) -> None:
        """Write what was learned if the last time was long enough ago, or if it is the last time."""

        def contents() -> dict[str, Any]:
            known = learned()
            plan, proofs = known.plan, known.proofs
            rows = [np.flatnonzero(proof.dual) for proof in proofs]
            values = [proof.dual[kept] for proof, kept in zip(proofs, rows, strict=True)]
            pairs = [pair for proof in proofs for pair in proof.units]
            return {
                "plan": np.zeros(0) if plan is None else plan,
                "numbers": np.array([proof.scenario for proof in proofs], dtype=np.int64),
                "pointers": np.cumsum([0, *map(len, rows)]),
                "sizes": np.array([len(proof.dual) for proof in proofs], dtype=np.int64),
                "rows": np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64),
                "values": np.concatenate(values) if values else np.zeros(0),
                "worths": np.array([proof.worth for proof in proofs], dtype=float),
                "places": np.cumsum([0, *(len(proof.units) for proof in proofs)]),
                "units": np.array(pairs, dtype=np.int64).reshape(-1, 2),
            }

        self._file.offer(contents, now=last)


def read_checkpoint(path: Path, digest: str) -> Checkpoint | None:
    """Return what a file holds, ``None`` where there is none yet.

    Raises
    ------
    UsageError
        The file is no checkpoint, or one of another version or problem.
    """
    file = CheckpointFile(path, KIND, digest)
    found = file.read()
    if found is None:
        return None
    try:
        plan = np.asarray(found["plan"], dtype=float)
        heads = zip(
            *(found[name].tolist() for name in ("numbers", "sizes", "worths")),
            strict=True,
        )
        proofs = []
        for place, (number, size, worth) in enumerate(heads):
            part = slice(found["pointers"][place], found["pointers"][place + 1])
            dual = np.zeros(size)
            dual[found["rows"][part]] = found["values"][part]
            pairs = found["units"][found["places"][place] : found["places"][place + 1]]
            units = tuple((int(column), int(count)) for column, count in pairs)
            proofs.append(Proof(int(number), dual, float(worth), units))
    except (ValueError, KeyError, IndexError, TypeError):
        raise file.refused() from None
    return Checkpoint(plan if len(plan) else None, proofs)
