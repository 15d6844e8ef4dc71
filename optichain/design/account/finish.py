"""From the account of a list of measures to a plan: bound, gaps and provenance stand beside the numbers (3.5)."""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

from optichain.compilation import compile_network
from optichain.design.account.account import Account
from optichain.design.aims import COST, LOSS, Aim
from optichain.design.columns.claimed import Claimed
from optichain.design.firststage.wishes import Wishes
from optichain.design.money import money_size
from optichain.design.plan import Plan
from optichain.solving import improvement_gap

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["gaps", "make_plan", "version_of", "versions"]


def gaps(
    bound: float | None, objective: float, nothing: float, aim: Aim, money: float
) -> tuple[float | None, float | None]:
    """Return (gap relative to the objective, improvement gap), where `money` counts as one in sums of money.

    Both are ``None`` where there is no bound; least cost improves on nothing, so it has no improvement gap.
    """
    if bound is None:
        return None, None
    difference = abs(bound - objective)
    relative = 0.0 if difference == 0.0 else difference / max(abs(objective), 1e-300)
    if aim.objective == COST:
        return relative, None
    size = money if aim.objective == LOSS else 1.0
    return relative, improvement_gap(bound, objective, nothing, size=size)


def make_plan(
    instance: Instance,
    account: Account,
    wishes: Wishes,
    *,
    status: str,
    bound: float | None = None,
    claimed: Sequence[Claimed] = (),
    provenance: Mapping[str, Any],
    changes: list[dict[str, Any]] | None = None,
) -> Plan:
    """Return the plan of an account.

    Parameters
    ----------
    instance : Instance
    account : Account
    wishes : Wishes
    status : str
        See `optichain.design.plan.Plan`.
    bound : float, optional
        Proven, on the objective for people.
    claimed : sequence of Claimed
        That the account took over.
    provenance : mapping
        What the versions are to be completed with.
    changes : list of dict, optional
        Those of the account with their reasons.
    """
    relative, improvement = gaps(
        bound,
        account.objective,
        account.objective_nothing,
        wishes.aim,
        money_size(compile_network(instance)),
    )
    return Plan(
        status=status,
        objective_name=wishes.aim.objective,
        bound=bound,
        gap=relative,
        improvement_gap=improvement,
        instance_digest=instance.digest,
        claimed=tuple(claimed),
        wishes=wishes.to_json(),
        provenance={**versions(), **provenance},
        changes=account.changes if changes is None else changes,
        **{name: getattr(account, name) for name in account.__dataclass_fields__ if name != "changes"},
    )


def versions() -> dict[str, str]:
    """Return the versions that a result depends on."""
    return {
        "optichain": version_of("optichain"),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "highspy": version_of("highspy"),
        "pulp": version_of("pulp"),
        "date": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def version_of(package: str) -> str:
    """Return the installed version of a package."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
