"""What is said of plans: rules that they break, why they changed, why there is none, what cannot be worked out."""

from __future__ import annotations

from typing import Final

__all__ = ["PLANS"]

PLANS: Final[dict[str, str]] = {
    # rules that a list of measures breaks, beside those of the first stage
    "already-running": "measure {measure} already has support from {year}",
    "chain-already-running": (
        "measure {measure}: chain {chain} already has support and is not taken in again"
    ),
    "outside-the-planning-years": (
        "measure {measure} starts in {year}, outside the planning years {first}-{last}"
    ),
    "units-not-allowed": "measure {measure} has {units:g} units, expected a whole number from 1 to {most:g}",
    "acc-too-low": "ACC, the mean over the years that count, is {acc:.9g}, asked for {least:g}",
    "autonomy-too-low": "autonomy of chain {chain} is {autonomy:.9g}, asked for {least:g}",
    "spof-left": "single point of failure {spof} is left",
    # changes from an earlier plan
    "not-in-the-data": "is not in the new data",
    "breaks-as-announced": "as announced the plan would break: {rules:; }",
    "breaks-more-as-announced": "as announced the plan would break: {rules:; }; and {more} more",
    "breaks-without": "without it the plan would break: {rules:; }",
    "breaks-more-without": "without it the plan would break: {rules:; }; and {more} more",
    "improves": "improves the objective by {gain:.6g}, other measures as they are",
    "worse-as-announced": "as announced the objective would be worse by {gain:.6g}",
    "same-as-announced": "as announced the objective would be the same, within the gap",
    # no plan
    "no-plan": "no plan obeys all rules together; rules in play: {rules}",
    "clash": "no plan obeys all rules; a set of rules that clash:\n  {rules:\n  }",
    "smallest-clash": "no plan obeys all rules; the smallest set of rules that clash:\n  {rules:\n  }",
    "clash-and-relaxation": "{clash}\nthe cheapest relaxation that leaves a plan:\n  {moves:\n  }",
    "clashing-rule": "{rule}: {message}",
    "relaxed-rule": "{rule}: {message}: give way by {amount:.6g}, to {bound:.6g}",
    "solver-failed": "solver {solver} ended without an answer: {told}",
    "solver-stopped": "solver {solver} stopped before it found any plan ({told}); give it more time",
    "portfolio-stopped": "the portfolio stopped before it found any plan; give it more time",
    "limit-before-a-plan": "the limit came before any plan that keeps all rules; give it more time",
    # evidence that a plan does not allow
    "claimed-policies": "the plan has policies of chains whose network is not known",
    "worst-case-once": "a plan against the worst case is not solved again here",
    "frontier-without-autonomy": "a frontier keeps no limit on autonomy",
    "no-plan-in-time": "no plan was found under the budget as it is, in the time given",
}
