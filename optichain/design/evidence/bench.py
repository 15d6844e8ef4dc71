"""The plan and the instance on one bench: what every re-evaluation of a neighbouring plan shares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from optichain.compilation import compile_network
from optichain.design.account.account import Account, make_account
from optichain.design.account.scale import Scale
from optichain.design.evidence.neighbours import Figures, Neighbour, Neighbours, are_additive
from optichain.design.firststage.periods import year_weights
from optichain.design.firststage.rules import COSTS, build_first_stage, planning_of
from optichain.design.firststage.stage import FirstStage
from optichain.design.firststage.underway import units_of
from optichain.design.firststage.wishes import Wishes
from optichain.design.money import money_size
from optichain.design.plan import Choice, Plan
from optichain.design.strangers import insist_on_plan
from optichain.effects import apply_measures
from optichain.errors import Fault, PlanError, UsageError
from optichain.risk.structure import analyse_structure

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["Bench", "Figures", "in_full_effect", "wishes_of"]

Floats = npt.NDArray[np.float64]

NOTHING = 1e-9
"""Relative to what it is compared with, a difference that is a rounding error."""


class Bench:
    """Works out plans that differ from a given one by little.

    Parameters
    ----------
    instance : Instance
    plan : Plan

    Attributes
    ----------
    account : Account
        Of the plan itself, worked out again.
    figures : Figures
        Of the plan itself.

    Raises
    ------
    PlanError
        The plan names what the instance does not have.
    """

    def __init__(self, instance: Instance, plan: Plan) -> None:
        self.instance, self.plan = instance, plan
        self.wishes = wishes_of(instance, plan)
        self.network = compile_network(instance)
        self.stage = build_first_stage(instance, **self.wishes.first_stage())
        self.scale = Scale(self.network, self.wishes.aim)
        self.policies = {p.chain: p.policy for p in plan.policies if p.chain is not None and p.policy}
        frame = instance["measures"]
        self.row = {str(m): i for i, m in enumerate(frame["measure"])}
        self.chain = {
            str(m): c if isinstance(c, str) else None
            for m, c in zip(frame["measure"], frame["chain"], strict=True)
        }
        self.title = {
            str(m): t if isinstance(t, str) and t else str(m)
            for m, t in zip(frame["measure"], frame["title"], strict=True)
        }
        self._costs = frame[list(COSTS)].to_numpy(float)
        self._weights = year_weights(instance)
        self._spofs: dict[bytes, frozenset[tuple[str, ...]]] = {}
        self.account = self.work_out(plan.choices)
        self.figures = self.figures_of(self.account)

    def work_out(self, choices: Sequence[Choice]) -> Account:
        """Return the account of other choices under the plan's wishes, SPOFs not listed."""
        return make_account(
            self.instance,
            choices,
            policies=self.policies,
            wishes=self.wishes,
            claimed=self.plan.claimed,
            scale=self.scale,
            spofs=False,
        )

    def neighbour(self, choices: Sequence[Choice]) -> Neighbour:
        """Return what other choices come to; only blocks that differ are worked out again, where that is enough."""
        if not are_additive(self.wishes, self.scale):
            account = self.work_out(choices)
            return Neighbour.of_account(account, self.figures_of(account))
        return self._neighbours.of(choices)

    @cached_property
    def _neighbours(self) -> Neighbours:
        return Neighbours(self.instance, self.wishes, self.scale, self.policies, self.plan.claimed)

    def figures_of(self, account: Account) -> Figures:
        """Return what an account comes to."""
        by_year = (account.acc_by_year, account.expected_annual_loss_by_year)
        acc, loss = (math.fsum(self._weights[y] * v for y, v in values.items()) for values in by_year)
        return Figures(account.objective, account.acc_after, acc, account.expected_annual_loss_after, loss)

    def gain(self, better: float, worse: float) -> float:
        """Return by how much one objective is better than another; rounding errors are nothing."""
        difference = self.wishes.aim.sense * (better - worse)
        one = 1.0 if self.wishes.aim.sense > 0 else money_size(self.network)
        return 0.0 if abs(difference) <= NOTHING * max(one, abs(better), abs(worse)) else difference

    def saved(self, more: float, less: float) -> float:
        """Return how much less one loss is than another; rounding errors are nothing."""
        difference = more - less
        room = NOTHING * max(money_size(self.network), self.account.expected_annual_loss_before)
        return 0.0 if abs(difference) <= room else difference

    def cost(self, choice: Choice) -> float:
        """Return what a choice costs the fund in all years of cost."""
        years = set(self.stage.money_years)
        of_year = self._costs[self.row[choice.measure]]
        return choice.units * math.fsum(
            float(c) for place, c in enumerate(of_year) if choice.start_year + place in years
        )

    def spofs(self, choices: Sequence[Choice]) -> frozenset[tuple[str, ...]]:
        """Return the single points of failure with choices in full effect: (kind, element, demand)."""
        units = in_full_effect(self.instance, self.stage, choices)
        key = units.tobytes()
        if key not in self._spofs:
            state = apply_measures(self.network, units)
            found = analyse_structure(self.network, state=state, measure_losses=False).spofs
            rows = found[["kind", "element", "demand", "site"]].itertuples(index=False)
            self._spofs[key] = frozenset(
                (str(k), str(e), f"{d}@{s}" if isinstance(s, str) else str(d)) for k, e, d, s in rows
            )
        return self._spofs[key]

    def new_breaches(self, neighbour: Neighbour) -> list[dict[str, str]]:
        """Return the rules that other choices break and the plan itself does not."""
        mine = {breach["message"] for breach in self.account.breaches}
        return [breach for breach in neighbour.breaches if breach["message"] not in mine]


def in_full_effect(instance: Instance, stage: FirstStage, choices: Sequence[Choice]) -> Floats:
    """Return the units of choices and of the support that runs, shape (measures,)."""
    running = (Choice(measure, units, year) for measure, (units, year) in stage.running.items())
    return units_of(instance, [*running, *choices])


def wishes_of(instance: Instance, plan: Plan) -> Wishes:
    """Return what was asked for when a plan was made.

    Raises
    ------
    PlanError
        The plan cannot be read, or names what the instance does not have.
    """
    insist_on_plan(instance, plan)
    years = len(planning_of(instance).years)
    budget = [plan.budget.get(y, math.nan) for y in plan.years_of_cost[:years]]
    try:
        return Wishes.from_json(plan.wishes, objective=plan.objective_name, budget=budget)
    except (TypeError, ValueError, KeyError, AttributeError, UsageError):
        raise PlanError([Fault("plan", None, "wishes", "bad-plan", "cannot be read")]) from None
