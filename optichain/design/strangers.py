"""Measures that a plan names and its instance does not have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from optichain.errors import Fault, PlanError
from optichain.instance.raw import quoted

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.instance.model import Instance

__all__ = ["insist_on_measures", "insist_on_plan", "unknown_measures", "unknown_to"]


def unknown_measures(
    instance: Instance, named: Iterable[str], *, column: str = "measures", file: str = "plan"
) -> list[Fault]:
    """Return a fault for each measure that the instance does not have, by name.

    Parameters
    ----------
    instance : Instance
    named : iterable of str
        Measures.
    column, file : str
        Where they are named.
    """
    strangers = sorted(set(named) - set(instance["measures"]["measure"]))
    text = "measure {} is not in the instance"
    return [Fault(file, None, column, "dangling-reference", text.format(quoted(m))) for m in strangers]


def unknown_to(instance: Instance, plan: Plan, *, file: str = "plan") -> list[Fault]:
    """Return a fault for each measure of a plan that the instance does not have, the first with the likely cause of all."""
    faults = unknown_measures(instance, (choice.measure for choice in plan.choices), file=file)
    if faults and plan.instance_digest != instance.digest:
        hint = "the plan was made for other data: name the instance that it was made for"
        faults[0] = replace(faults[0], hint=hint)
    return faults


def insist_on_plan(instance: Instance, plan: Plan, *, file: str = "plan") -> None:
    """Raise where the instance lacks a measure of a plan.

    Raises
    ------
    PlanError
        Every measure that it lacks, and whether the plan was made for other data.
    """
    faults = unknown_to(instance, plan, file=file)
    if faults:
        raise PlanError(faults)


def insist_on_measures(
    instance: Instance, named: Iterable[str], *, column: str = "measures", file: str = "plan"
) -> None:
    """Raise where the instance lacks a measure; parameters are those of `unknown_measures`.

    Raises
    ------
    PlanError
        Every measure that it lacks.
    """
    faults = unknown_measures(instance, named, column=column, file=file)
    if faults:
        raise PlanError(faults)
