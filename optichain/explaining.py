"""Why no plan obeys all rules: what an explanation is, and who gives one."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from optichain.sentences import Sentence, say

if TYPE_CHECKING:
    from optichain.design.twostage.problem import DesignProblem

__all__ = ["Clash", "Explanation", "Relaxation", "explain"]


@dataclass(frozen=True, slots=True)
class Clash:
    """A rule that clashes with the others of a set: its kind, and what it says."""

    rule: str
    message: Sentence


@dataclass(frozen=True, slots=True)
class Relaxation:
    """How far a rule gives way.

    Attributes
    ----------
    rule, message : str
        The rule.
    amount : float
        By how much its bound moves, in its own unit: money, chains, measures, a share.
    bound : float
        What the bound then is.
    """

    rule: str
    message: Sentence
    amount: float
    bound: float


@dataclass(frozen=True)
class Explanation:
    """Why there is no plan.

    Attributes
    ----------
    clash : tuple of Clash
        Rules that no plan obeys together, while any one of them fewer would leave plans.
    smallest : bool
        No smaller set of rules clashes; otherwise the search for one was stopped.
    relaxation : tuple of Relaxation
        The cheapest way to let some plan be: the least sum of moves, each relative to the size of its rule. Empty where
        it was not found in time.
    """

    clash: tuple[Clash, ...]
    smallest: bool
    relaxation: tuple[Relaxation, ...]

    def text(self) -> Sentence:
        """Return the explanation in words."""
        rules = [say("clashing-rule", rule=c.rule, message=c.message) for c in self.clash]
        clash = say("smallest-clash" if self.smallest else "clash", rules=rules)
        moves = [
            say("relaxed-rule", rule=r.rule, message=r.message, amount=r.amount, bound=r.bound)
            for r in self.relaxation
        ]
        return say("clash-and-relaxation", clash=clash, moves=moves) if moves else clash

    def to_json(self) -> dict[str, Any]:
        """Return the explanation as beside ``errors``."""
        return {
            "clash": [{"rule": c.rule, "message": c.message} for c in self.clash],
            "smallest": self.smallest,
            "relaxation": [
                {"rule": r.rule, "message": r.message, "amount": r.amount, "bound": r.bound}
                for r in self.relaxation
            ],
        }


def explain(problem: DesignProblem, **options: Any) -> Explanation:
    """Explain why a problem has no solution; integer programmes are the solvers' wing.

    Parameters
    ----------
    problem : DesignProblem
        Without any solution.
    options
        ``time_limit`` in seconds, ``stop``.
    """
    module: Any = import_module("optichain_solvers.extensive.infeasible")
    found: Explanation = module.explain(problem, **options)
    return found
