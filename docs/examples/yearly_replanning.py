"""Three years, planned anew each year: what was begun stays, data change, and what was announced costs something to change.

Run ``python yearly_replanning.py [INSTANCE]``; without an instance, the shipped quickstart.

Each year demand and budget turn out otherwise than thought (drawn from a seed), the planning years move on by one, and
the plan is made again with last year's as ``previous``. A second run has no price on changes: compare what is moved.
"""

from __future__ import annotations

import sys

import numpy as np

import optichain as oc

YEARS = 3


def main(path: str = "quickstart") -> None:
    """Roll on twice, with a price on changes and without."""
    instance = oc.load(path)
    if instance.settings.planning is None:
        raise SystemExit(f"{path} has no [planning]")
    for price in (0.002, 0.0):
        print(f"A change of what was announced costs {price:g} of ACC")
        plan = None
        for variant in years_of(instance, np.random.default_rng(10)):
            plan = oc.reinforce(variant, previous=plan, change_price=price)
            first = min(plan.budget)
            started = [c.measure for c in plan.choices if c.start_year == first]
            changed = [f"{c['measure']} {c['change']}" for c in plan.changes]
            print(
                f"{first}  ACC {plan.acc_after:.4f}  starts: {', '.join(started) or '-'}"
                f"  changed: {', '.join(changed) or '-'}"
            )
        print()


def years_of(instance: oc.Instance, draw: np.random.Generator) -> list[oc.Instance]:
    """Return the instance of each year: planning years moved on, demand and budget changed."""
    planning = instance.settings.planning
    assert planning is not None
    found = []
    demands = instance["demands"]
    for ahead in range(YEARS):
        moved = planning.model_copy(
            update={
                "years": tuple(year + ahead for year in planning.years),
                "budget": tuple(float(b * draw.uniform(0.5, 1.5)) for b in planning.budget),
            }
        )
        settings = instance.settings.model_copy(update={"planning": moved})
        demands = demands.assign(rate=demands["rate"] * draw.uniform(0.9, 1.1, len(demands)))
        tables = {name: instance[name] for name in instance.tables} | {"demands": demands}
        found.append(oc.Instance.from_frames(tables, settings))
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
