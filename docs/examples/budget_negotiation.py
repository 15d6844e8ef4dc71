"""A budget is negotiated: what each amount buys, what a cut would cost, and what to ask for.

Run ``python budget_negotiation.py [INSTANCE]``; without an instance, the shipped quickstart.

The fund asks three questions in turn. What does each budget buy? The answer is exact at every point. How much would
reach the goal, at least? And if a year is cut, which measures go, and what does that lose?
"""

from __future__ import annotations

import sys

import optichain as oc


def main(path: str = "quickstart") -> None:
    """Answer the three questions and print them."""
    instance = oc.load(path)
    planning = instance.settings.planning
    if planning is None:
        raise SystemExit(f"{path} has no [planning], so there is no budget to talk about")
    currency = instance.settings.currency
    usual = planning.budget[0]

    print(f"Each year's budget in {currency}, and the share of the avoidable loss that it avoids")
    for budget in (0.5 * usual, usual, 1.5 * usual, 2.0 * usual):
        plan = oc.reinforce(instance, budget=budget)
        print(f"{budget:10.1f}  {100 * (plan.avoidable_share or 0):5.1f} %  {names_of(plan)}")

    offer = oc.reinforce(instance)
    goal = offer.acc_before + 0.9 * (offer.acc_after - offer.acc_before)
    # the goal is a mean over the years that count, so half of the way is asked for: leads take time
    half = 0.5 * (offer.acc_before + goal)
    least = oc.reinforce(instance, min_acc=half)
    print(f"\nA mean ACC of {half:.4f} costs {least.objective:.1f} at least: {names_of(least)}")

    print("\nIf one year loses a third of its budget")
    for place, year in enumerate(planning.years):
        cut = [b * (2 / 3 if i == place else 1) for i, b in enumerate(planning.budget)]
        plan = oc.reinforce(instance, budget=cut)
        dropped = sorted({c.measure for c in offer.choices} - {c.measure for c in plan.choices})
        lost = offer.objective - plan.objective
        print(f"{year}  objective {lost:.5f} lower; dropped: {', '.join(dropped) or 'nothing'}")


def names_of(plan: oc.Plan) -> str:
    """Return the measures of a plan with their units."""
    return ", ".join(f"{c.measure} x{c.units:g}" for c in plan.choices) or "nothing"


if __name__ == "__main__":
    main(*sys.argv[1:])
