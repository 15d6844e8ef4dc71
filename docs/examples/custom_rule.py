"""A rule that no table knows: at most one measure of each owner may start in a year.

Run ``python custom_rule.py [INSTANCE]``; without an instance, the shipped quickstart.

The rule goes in twice: as ``rows`` of `optichain.reinforce`, which every method obeys, and as constraints of the PuLP
model, which is yours to change. Both must end at the same objective.
"""

from __future__ import annotations

import sys

import pandas as pd
import pulp

import optichain as oc


def main(path: str = "quickstart") -> None:
    """Plan without the rule, with it as rows, and with it in the model."""
    instance = oc.load(path)
    planning = instance.settings.planning
    if planning is None:
        raise SystemExit(f"{path} has no [planning]")
    budget = 2.5 * max(planning.budget)
    measures = instance["measures"]

    rows = [
        ({(measure, year): 1 for measure in group["measure"]}, "<=", 1)
        for _, group in measures.dropna(subset=["owner"]).groupby("owner")
        for year in planning.years
    ]
    free = oc.reinforce(instance, budget=budget)
    ruled = oc.reinforce(instance, budget=budget, rows=rows)
    print(f"without the rule  {free.objective:.6f}  {starts_of(free)}")
    print(f"with the rule     {ruled.objective:.6f}  {starts_of(ruled)}")

    model = oc.build_model(instance, budget=budget)
    for number, (coefficients, _, most) in enumerate(rows):
        model += pulp.lpSum(model.start[key] for key in coefficients) <= most, f"owner_{number}"
    model.solve(pulp.HiGHS(msg=False))
    chosen = [
        (measure, round(model.units[measure, year].value()), year)
        for (measure, year), start in model.start.items()
        if start.value() > 0.5
    ]
    table = pd.DataFrame(chosen, columns=["measure", "units", "start_year"])
    given = oc.evaluate(instance, table, budget=budget)
    print(f"in the model      {given.objective:.6f}  {starts_of(given)}")
    assert abs(given.objective - ruled.objective) < 1e-6, "the two ways of saying the rule differ"


def starts_of(plan: oc.Plan) -> str:
    """Return when each measure starts."""
    return ", ".join(f"{c.measure} {c.start_year}" for c in sorted(plan.choices, key=lambda c: c.start_year))


if __name__ == "__main__":
    main(*sys.argv[1:])
