"""The checkpoint of the search against attacks: which are known, and the best plan so far (3.5)."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from optichain.storage.checkpoints import CheckpointFile

if TYPE_CHECKING:
    from optichain.design.twostage.attacks import Siege
    from optichain.solving import Solution

__all__ = ["AttackRecord"]

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float64]


class AttackRecord:
    """The attacks known and the best plan, in a checkpoint: what they are worth is always worked out again."""

    def __init__(self, path: str | Path, siege: Siege) -> None:
        instance = siege.assembler.network.instance
        asked = repr((instance.digest, siege.threat))
        digest = hashlib.blake2b(asked.encode(), digest_size=16).hexdigest()
        self._file, self._siege = CheckpointFile(path, "attacks", digest), siege

    def write(self, best: Solution | None) -> None:
        """Write what is known."""
        listed = [
            json.dumps([place, elements])
            for place, known in enumerate(self._siege.known)
            for elements in sorted(known)
        ]
        contents: dict[str, Any] = {
            "attacks": np.array(listed, dtype=str),
            "plan": np.zeros(0) if best is None else best.values,
        }
        # little is written, and what comes next may take long
        self._file.offer(lambda: contents, now=True)

    def read(self, obeys: Callable[[Floats], bool]) -> Solution | None:
        """Let the master know the attacks of the file, and return its plan where it obeys the rules."""
        from optichain.solving import Solution

        found = self._file.read()
        if found is None:
            return None
        try:
            told = [json.loads(str(line)) for line in found["attacks"].tolist()]
            attacks = [(int(n), tuple((str(kind), str(name)) for kind, name in some)) for n, some in told]
            plan = np.asarray(found["plan"], dtype=float)
        except (KeyError, TypeError, ValueError):
            raise self._file.refused() from None
        for place, elements in attacks:
            self._siege.learn(place, elements)
        log.info("worst case: goes on from %d attacks", len(attacks))
        if not (self._siege.problem.stage.obeys(plan) and obeys(plan)):
            return None
        worth, _ = self._siege.worth(plan)
        return Solution(plan, worth, None, proven=False, message="from the checkpoint")
