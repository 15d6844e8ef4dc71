"""The L-shaped method (Van Slyke and Wets 1969): decisions in a master, flows in their own programmes (3.5)."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from optichain.design.twostage.problem import DesignProblem
from optichain.errors import StoppedError
from optichain.sentences import say
from optichain.solving import Solution

if TYPE_CHECKING:
    from optichain_solvers.lshaped.checkpoint import Proof
    from optichain_solvers.lshaped.cuts import CutPool
    from optichain_solvers.lshaped.events import SecondStage
    from optichain_solvers.lshaped.search import Search

__all__ = ["LShapedSolver"]

KEPT = 4
"""Problems whose event models and cuts a solver keeps."""


class LShapedSolver:
    """Master in decisions, cuts from warm event models, a plan and a bound at every iteration.

    One solver keeps the event models and cuts of the problems that it solved last: solving again with another
    budget, other rules or other prices starts from all that was learned. Cuts depend on scenarios alone.
    """

    name = "lshaped"
    floors = True
    checkpoints = True
    starts = True

    def __init__(self) -> None:
        self._kept: dict[str, tuple[SecondStage, CutPool]] = {}
        self._last: Search | None = None
        self._digested: tuple[DesignProblem, tuple[int, int], str] | None = None

    def solve(
        self,
        problem: DesignProblem,
        *,
        solver: str = "HiGHS",
        options: Mapping[str, Any] | None = None,
        gap: float = 1e-4,
        time_limit: float | None = None,
        threads: int | None = None,
        seed: int = 0,
        write_model: str | Path | None = None,
        stop: threading.Event | None = None,
        progress: Callable[[dict[str, Any]], object] | None = None,
        checkpoint: str | Path | None = None,
        start: npt.NDArray[np.float64] | None = None,
    ) -> Solution:
        """Solve to an improvement gap.

        Parameters
        ----------
        problem : DesignProblem
        solver : str
            Any solver of PuLP, for the master; the event models are solved by HiGHS.
        options : mapping, optional
            For that solver.
        gap : float
            Improvement gap at which to stop.
        time_limit : float, optional
            Seconds.
        threads, seed : int
            For the master.
        write_model : path, optional
            Where to write the extensive form as MPS.
        stop : threading.Event, optional
            Once set, the search stops with what it has.
        progress : callable, optional
            Called after every iteration, see `optichain_solvers.lshaped.limits.Limits`.
        checkpoint : path, optional
            A file that is written now and then, and read first where it exists: another process goes on from it.
        start : ndarray, shape (columns of the first stage,), optional
            A plan to begin with; one that breaks rules is not looked at.

        Raises
        ------
        InfeasibleError
            No choice of measures obeys all rules.
        StoppedError
            The limit came before any plan.
        UsageError
            The checkpoint is of another problem.
        """
        from optichain_solvers.lshaped.checkpoint import Checkpoint, Proof, Saver, read_checkpoint
        from optichain_solvers.lshaped.limits import Limits
        from optichain_solvers.lshaped.search import Search

        end = float("inf") if time_limit is None else time.monotonic() + time_limit
        if write_model is not None:
            from optichain_solvers.backend import write_mps
            from optichain_solvers.extensive.model import extensive_model

            write_mps(extensive_model(problem), write_model)
        digest = self._digest(problem)
        stage, pool = self._second_stage(problem, digest)
        saver = None if checkpoint is None else Saver(Path(checkpoint), digest)

        def save(plan: npt.NDArray[np.float64] | None, pool: CutPool, *, last: bool = False) -> None:
            if saver is not None:
                saver.offer(lambda: Checkpoint(plan, [Proof(*proven) for proven in pool.duals]), last=last)

        search = Search(
            problem,
            stage,
            pool,
            Limits(gap, end, stop, progress, None if saver is None else save),
            solver=solver,
            options=options,
            threads=threads,
            seed=seed,
        )
        search.begin_with(start)
        known = None if checkpoint is None else read_checkpoint(Path(checkpoint), digest)
        if known is not None:
            for proof in known.proofs:
                self.recall(problem, proof)
            search.begin_with(known.plan if known.plan is not None else start)
        self._last = search
        try:
            search.run()
        finally:
            save(search.plan, pool, last=True)
        if search.plan is None:
            raise StoppedError(say("limit-before-a-plan"))
        return Solution(
            values=search.plan,
            objective=search.people(search.objective),
            bound=search.people(search.bound) if math.isfinite(search.bound) else None,
            proven=search.done,
            message=search.message,
        )

    def money_values(self) -> dict[int, float]:
        """Return what one more unit of money in each year is worth, in the maximised objective.

        The dual of the relaxation of the master at the last call of `solve`: measures in part, and flows as far as its
        cuts tell.
        """
        if self._last is None:
            return {}
        stage, prices = self._last.problem.stage, self._last.prices()
        # the rules of a year stand in pairs: what is at hand, and that no more is spent
        rows = [i for i, row in enumerate(stage.rows) if row.rule == "budget"][::2]
        values = {y: float(prices[i]) for y, i in zip(stage.money_years, rows, strict=True)}
        return {y: value for y, value in values.items() if math.isfinite(value)}

    def proofs(self, problem: DesignProblem) -> list[Proof]:
        """Return what is proven about the scenarios of a problem."""
        from optichain_solvers.lshaped.checkpoint import Proof

        return [Proof(*proven) for proven in self._second_stage(problem, self._digest(problem))[1].duals]

    def recall(self, problem: DesignProblem, proof: Proof) -> None:
        """Take in what was proven before about a scenario of a problem; what it does not prove is left out."""
        stage, pool = self._second_stage(problem, self._digest(problem))
        number = proof.scenario
        if 0 <= number < len(stage.forms) and len(proof.dual) == len(stage.forms[number].row_lower):
            pool.add(number, proof.dual)

    def _digest(self, problem: DesignProblem) -> str:
        """Return the digest of a problem; one with the very same scenarios and products is not read again."""
        from optichain_solvers.lshaped.checkpoint import digest_of

        known, size = self._digested, (len(problem.scenarios), len(problem.products))
        if known is not None and known[1] == size:
            before = known[0]
            if before.scenarios is problem.scenarios and before.products is problem.products:
                return known[2]
        digest = digest_of(problem)
        self._digested = (problem, size, digest)
        return digest

    def _second_stage(self, problem: DesignProblem, digest: str) -> tuple[SecondStage, CutPool]:
        """Return event models and cuts for a problem: those kept from a call before, or new ones."""
        from optichain_solvers.lshaped.cuts import CutPool
        from optichain_solvers.lshaped.events import SecondStage

        kept = self._kept.pop(digest, None)
        if kept is None:
            stage = SecondStage(problem.scenarios, problem.products)
            kept = (stage, CutPool(stage))
        self._kept[digest] = kept
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return kept
