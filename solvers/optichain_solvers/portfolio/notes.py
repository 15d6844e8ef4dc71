"""What the portfolio has learned about coalitions: written to a checkpoint, and taught to another search (3.5).

All that takes long are linear programmes. Prices, columns and the tree follow from their answers in little time, so a
checkpoint holds the answers alone, by scenario of the problem, and the best plan.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from optichain.design.twostage.arrays import DesignProblem
from optichain.design.twostage.parts import Coalition
from optichain.solving import Solution, Solver
from optichain_solvers.lshaped.checkpoint import Checkpoint, Proof, Saver, digest_of, read_checkpoint
from optichain_solvers.portfolio.flowcuts import Answer
from optichain_solvers.portfolio.listed import Listed
from optichain_solvers.portfolio.searched import Searched

__all__ = ["InnerSearch", "Notes"]

Floats = npt.NDArray[np.float64]


class Notes:
    """Keeps what was proven, and writes it now and then.

    Parameters
    ----------
    path : Path
    problem : DesignProblem

    Attributes
    ----------
    plan : ndarray, shape (first-stage columns,), or None
        The best plan of whoever wrote the file.

    Raises
    ------
    UsageError
        The file is no checkpoint, or one of another version or problem.
    """

    def __init__(self, path: Path, problem: DesignProblem) -> None:
        digest = digest_of(problem)
        self._saver = Saver(path, digest)
        known = read_checkpoint(path, digest)
        self.plan = None if known is None else known.plan
        self._proofs = [] if known is None else list(known.proofs)
        self._parts: Sequence[Coalition] = ()
        self._groups: Sequence[Listed | Searched] = ()
        self._best: Callable[[], Floats | None] = lambda: None

    def follow(
        self,
        parts: Sequence[Coalition],
        groups: Sequence[Listed | Searched],
        best: Callable[[], Floats | None],
    ) -> None:
        """Teach coalitions what is known about their scenarios, and keep what they find out.

        Parameters
        ----------
        parts, groups : sequence of Coalition, of Listed or Searched
        best : callable
            Returns the best plan so far.
        """
        self._parts, self._groups, self._best = parts, groups, best
        place = {s: (k, i) for k, part in enumerate(parts) for i, s in enumerate(part.scenarios)}
        columns = [{int(c): i for i, c in enumerate(part.columns)} for part in parts]
        kept = []
        for proof in self._proofs:
            if proof.scenario not in place:
                continue
            k, scenario = place[proof.scenario]
            inside = columns[k]
            units = tuple((inside[c], count) for c, count in proof.units if c in inside)
            worth = proof.worth if len(units) == len(proof.units) else np.nan
            self._groups[k].recall(Proof(scenario, proof.dual, worth, units))
            if isinstance(self._groups[k], Listed):  # the others keep their own
                kept.append(proof)
        self._proofs = kept
        for group in groups:
            if isinstance(group, Listed):
                group.refresh()
        self.save()

    def note(self, k: int, questions: Sequence[tuple[int, int, int]], answers: Sequence[Answer]) -> None:
        """Keep the answers of a listed coalition."""
        group = self._groups[k]
        assert isinstance(group, Listed)
        self._proofs += [self._outside(k, proof) for proof in group.states.proofs(questions, answers)]
        self.save()

    def save(self, *, last: bool = False) -> None:
        """Write if the last time was long enough ago, or if it is the last time."""
        self._saver.offer(self._learned, last=last)

    def _learned(self) -> Checkpoint:
        proofs = list(self._proofs)
        for k, group in enumerate(self._groups):
            if isinstance(group, Searched):
                proofs += [self._outside(k, proof) for proof in group.proofs()]
        best = self._best()
        return Checkpoint(self.plan if best is None else best, proofs)

    def _outside(self, k: int, proof: Proof) -> Proof:
        """Return a proof by the numbers of the whole problem."""
        part = self._parts[k]
        units = tuple((int(part.columns[column]), count) for column, count in proof.units)
        return Proof(part.scenarios[proof.scenario], proof.dual, proof.worth, units)


class InnerSearch:
    """A method that solves one coalition at each set of prices, and what it learns.

    Parameters
    ----------
    method : Solver
    left : callable
        Seconds left, ``None`` without a limit.
    save : callable, optional
        Called on the way, where the method tells of its progress.
    options
        For the method.
    """

    def __init__(
        self,
        method: Solver,
        left: Callable[[], float | None],
        save: Callable[[], None] | None,
        **options: Any,
    ) -> None:
        self._method, self._left, self._options = method, left, options
        self._remembers: Any = method if hasattr(method, "proofs") else None
        if save is not None and getattr(method, "checkpoints", False):
            self._options["progress"] = lambda _: save()

    def __call__(self, problem: DesignProblem) -> Solution:
        """Return the best policy, exact or with a bound."""
        return self._method.solve(problem, time_limit=self._left(), **self._options)

    def recall(self, problem: DesignProblem, proof: Proof) -> None:
        """Take in what was proven before about a scenario."""
        if self._remembers is not None:
            self._remembers.recall(problem, proof)

    def proofs(self, problem: DesignProblem) -> list[Proof]:
        """Return what was proven about scenarios."""
        found: list[Proof] = [] if self._remembers is None else self._remembers.proofs(problem)
        return found
