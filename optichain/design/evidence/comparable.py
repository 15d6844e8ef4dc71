"""What a plan was asked for, as far as plans under a budget can be compared by it."""

from __future__ import annotations

from dataclasses import replace

from optichain.design.aims import COST, EXPECTED, WORST_CASE, Aim
from optichain.design.firststage.wishes import Wishes

__all__ = ["comparable", "without_requirements"]


def comparable(wishes: Wishes) -> Wishes:
    """Return the wishes with an objective that a budget limits: of least cost and the worst case, the expected ACC."""
    if wishes.aim.objective in (COST, WORST_CASE):
        return replace(wishes, aim=Aim(EXPECTED, wishes.aim.alpha))
    return wishes


def without_requirements(wishes: Wishes) -> Wishes:
    """Return the wishes without what is required of ACC and SPOFs, which a small budget cannot reach."""
    return replace(wishes, min_acc=None, clear_spofs=(), spof_exceptions=())
