"""What a plan is to achieve: the objectives of 3.4 and what each of them weighs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optichain.errors import UsageError

if TYPE_CHECKING:
    from optichain.network import Network

__all__ = ["COST", "EXPECTED", "LOSS", "OBJECTIVES", "WORST_CASE", "Aim", "Threat"]

EXPECTED, WORST, CVAR, LOSS, COST = "expected", "worst", "cvar", "loss", "cost"
WORST_CASE = "worst-case"
OBJECTIVES = (EXPECTED, WORST, CVAR, LOSS, WORST_CASE)
"""Objectives that can be asked for; least cost is the objective where something is required at least cost."""


@dataclass(frozen=True, slots=True)
class Threat:
    """What may fail in the worst case: up to k elements of some kinds, each completely, all at once (3.5).

    Attributes
    ----------
    k : int
        At least 1.
    kinds : tuple of str
    duration : float or None
        Time units that each stays down; ``None``: its recovery time.
    """

    k: int = 1
    kinds: tuple[str, ...] = ("site",)
    duration: float | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no sense.

        Raises
        ------
        UsageError
            No failure, no kind, or a duration that is no time.
        """
        if self.k < 1 or not self.kinds:
            raise UsageError(
                f"worst case: expected at least one failure of at least one kind, got k = {self.k}"
            )
        if self.duration is not None and not 0.0 <= self.duration < float("inf"):
            raise UsageError(f"worst case: expected a duration that is not negative, got {self.duration}")

    def members(self, network: Network, elements: Sequence[tuple[str, str]]) -> list[int] | None:
        """Return the numbers of elements, given as (kind, name), that fail in an attack; ``None`` where there is none such."""
        numbers = [network.element(kind, name) for kind, name in elements if kind in self.kinds]
        possible = len(set(numbers)) == len(elements) <= self.k and min(numbers, default=0) >= 0
        return sorted(numbers) if possible else None


@dataclass(frozen=True, slots=True)
class Aim:
    """An objective.

    Attributes
    ----------
    objective : str
        ``expected`` (ACC), ``worst`` (worst event), ``cvar`` (mean of the worst tail), each most; ``loss``
        (expected annual loss), ``cost`` (money over all years), each least. Worst event and CVaR are taken for
        each block and year, then averaged with the weights of blocks and years (3.3).
    alpha : float
        Level of the CVaR, in [0, 1).
    mix : float
        Share of the expectation in a worst event or CVaR: ``mix x ACC + (1 - mix) x risk``.
    threat : Threat or None
        Of the objective ``worst-case``: the least weighted continuity that it leaves, most.
    """

    objective: str = EXPECTED
    alpha: float = 0.95
    mix: float = 0.0
    threat: Threat | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no sense.

        Raises
        ------
        UsageError
            Unknown objective, level or share.
        """
        if self.objective not in (*OBJECTIVES, COST):
            raise UsageError(f"unknown objective {self.objective!r}: expected one of {', '.join(OBJECTIVES)}")
        if not 0.0 <= self.alpha < 1.0:
            raise UsageError(f"alpha: expected a number in [0, 1), got {self.alpha}")
        if not 0.0 <= self.mix <= 1.0:
            raise UsageError(f"mix: expected a share of the expectation in [0, 1], got {self.mix}")
        if self.mix and not self.risky:
            raise UsageError("mix: only the objectives worst and cvar are mixed with the expectation")
        if (self.threat is not None) != (self.objective == WORST_CASE):
            raise UsageError(
                "the objective worst-case needs to know how many may fail (k), and no other does"
            )

    @property
    def risky(self) -> bool:
        """Whether the worst events count for more than their probability."""
        return self.objective in (WORST, CVAR)

    @property
    def sense(self) -> int:
        """1 where more is better, -1 where less is."""
        return -1 if self.objective in (LOSS, COST) else 1

    @property
    def expectation(self) -> float:
        """Weight of the mean over events in the maximised objective."""
        return {COST: 0.0, WORST_CASE: 0.0, WORST: self.mix, CVAR: self.mix}.get(self.objective, 1.0)

    @property
    def mass(self) -> float:
        """Probability mass of the tail that counts; 0 for the worst event alone."""
        return 0.0 if self.objective == WORST else 1.0 - self.alpha

    def mixed(self, acc: float, worst: float, cvar: float) -> float:
        """Return the objective of a year from its figures of continuity."""
        risk = {WORST: worst, CVAR: cvar}.get(self.objective, acc)
        return self.mix * acc + (1.0 - self.mix) * risk if self.risky else acc
