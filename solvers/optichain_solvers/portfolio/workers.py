"""Where the linear programmes of coalitions are solved: here, or spread by any executor."""

from __future__ import annotations

import itertools
import os
import pickle
from collections.abc import Sequence
from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt

from optichain.spreading import spread
from optichain_solvers.portfolio.flowcuts import UNKNOWN, Answer, Bench, Events, evaluate

__all__ = ["Workers"]

Job = tuple[int, npt.NDArray[np.float64]]

_RUNS = itertools.count()


class Workers:
    """Solves linear programmes of coalitions; the answers never depend on where.

    Parameters
    ----------
    events : sequence of Events
        Of each coalition.
    executor : Executor, optional
        Any of `concurrent.futures`; its processes keep the models that they have seen.
    """

    def __init__(self, events: Sequence[Events | None], executor: Executor | None = None) -> None:
        self.executor = executor
        self.events = events
        self.solved = 0
        self._benches: dict[int, Bench] = {}
        self._payloads: dict[int, bytes] = {}
        self._name = f"{os.getpid()}-{next(_RUNS)}"

    def run(self, tasks: Sequence[tuple[int, list[Job]]]) -> list[list[Answer]]:
        """Solve jobs of some coalitions; the answers are in the order of the jobs."""
        self.solved += sum(len(jobs) for _, jobs in tasks)
        if self.executor is None:
            return [[self._bench(k).answer(*job) for job in jobs] for k, jobs in tasks]
        given = [
            (self._token(k), jobs, None if k in self._payloads else self._payload(k)) for k, jobs in tasks
        ]
        answers = spread(_evaluate, given, executor=self.executor)
        # a process that has not seen a coalition yet, or took the place of one that was lost
        unknown = [place for place, answer in enumerate(answers) if answer == UNKNOWN]
        again = [(self._token(tasks[p][0]), tasks[p][1], self._payload(tasks[p][0])) for p in unknown]
        for place, answer in zip(unknown, spread(_evaluate, again, executor=self.executor), strict=True):
            answers[place] = answer
        results: list[list[Answer]] = []
        for answer in answers:
            assert not isinstance(answer, str)
            results.append(answer)
        return results

    def _token(self, k: int) -> str:
        return f"{self._name}-{k}"

    def _payload(self, k: int) -> bytes:
        if k not in self._payloads:
            self._payloads[k] = pickle.dumps(self.events[k], protocol=pickle.HIGHEST_PROTOCOL)
        return self._payloads[k]

    def _bench(self, k: int) -> Bench:
        if k not in self._benches:
            events = self.events[k]
            assert events is not None
            self._benches[k] = Bench(events)
        return self._benches[k]


def _evaluate(task: tuple[str, list[Job], bytes | None]) -> list[Answer] | str:
    """Do one task, in any process."""
    token, jobs, payload = task
    return evaluate(token, jobs, payload)
