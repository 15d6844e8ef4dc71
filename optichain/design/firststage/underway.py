"""Support that runs: what the instance tells of, and what an earlier plan has begun besides (3.4, re-planning)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from optichain.design.plan import Choice, Plan
from optichain.design.strangers import insist_on_measures
from optichain.errors import Fault, PlanError

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["begun_before", "support_beside", "support_running", "units_of"]


def support_running(instance: Instance, started: Sequence[Choice] = ()) -> tuple[Choice, ...]:
    """Return the support that runs: the rows of ``running``, then what has started and has no row there."""
    frame = instance["running"][["measure", "units", "start_year"]]
    rows = [Choice(str(m), float(units), int(year)) for m, units, year in frame.itertuples(index=False)]
    known = {c.measure for c in rows}
    return (*rows, *(c for c in started if c.measure not in known))


def begun_before(plan: Plan) -> tuple[Choice, ...]:
    """Return what had begun before the planning years of a plan that follows an earlier one.

    Raises
    ------
    PlanError
        It cannot be read.
    """
    try:
        return tuple(Choice(str(m), float(u), int(y)) for m, u, y in plan.wishes.get("started", ()))
    except (TypeError, ValueError):
        raise PlanError([Fault("plan", None, "wishes.started", "bad-plan", "cannot be read")]) from None


def support_beside(instance: Instance, plan: Plan) -> tuple[Choice, ...]:
    """Return the support that runs beside what a plan starts.

    Raises
    ------
    PlanError
        The plan names measures that have begun and that the instance does not have.
    """
    begun = begun_before(plan)
    insist_on_measures(instance, (c.measure for c in begun), column="wishes.started")
    return support_running(instance, begun)


def units_of(instance: Instance, choices: Iterable[Choice]) -> npt.NDArray[np.float64]:
    """Return the units of choices by row of ``measures``, shape (measures,); every measure is one of the instance."""
    row = {str(m): i for i, m in enumerate(instance["measures"]["measure"])}
    units = np.zeros(len(row))
    for choice in choices:
        units[row[choice.measure]] += choice.units
    return units
