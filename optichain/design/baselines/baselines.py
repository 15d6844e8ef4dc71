"""What simpler ways of sharing out the same budget come to (3.6), worked out like any plan."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from optichain.compilation import compile_network
from optichain.design.account.account import make_account
from optichain.design.account.finish import make_plan
from optichain.design.account.given import read_list
from optichain.design.account.scale import Scale
from optichain.design.aims import EXPECTED, Aim
from optichain.design.baselines.greedy import fill_greedily
from optichain.design.baselines.thumb import fill_by_score, fill_by_spofs, fill_pro_rata
from optichain.design.firststage.basket import Basket, Complete, Contents
from optichain.design.firststage.rules import Rows, build_first_stage
from optichain.design.firststage.wishes import Wishes
from optichain.design.plan import Choice, Plan
from optichain.design.recourse.worth import Worth
from optichain.design.twostage.choices import cheapest_completion
from optichain.risk.flows.engine import ContinuityEngine
from optichain.storage.tojson import plain

if TYPE_CHECKING:
    from optichain.design.firststage.stage import FirstStage
    from optichain.instance.model import Instance
    from optichain.network import Network

__all__ = ["CLOSE", "Baselines", "baselines", "greedy_contents", "share_out"]

TITLES = {
    "pro-rata": "each chain its share of the money by weight, its cheapest measures first",
    "by-score": "chains by score, each as much of its list as the money left pays for",
    "by-spof": "single points of failure by rank, the cheapest remedy of each",
    "greedy": "again and again the measure with the largest gain per cost",
    "given": "the list that was given",
    "plan": "the plan that was given",
}
CLOSE = 0.01


@dataclass(frozen=True, eq=False)
class Baselines:
    """Plans beside each other.

    Attributes
    ----------
    table : DataFrame
        name, objective, acc_after, expected_annual_loss_after, avoidable_share, spend (new money over all years),
        measures, spofs_after, breaches (counts); share_of_plan: what it improves of what the plan improves, where a
        plan is given.
    plans : dict of str to Plan
        By name: ``pro-rata``, ``by-score``, ``by-spof``, ``greedy``, ``given``, ``plan``.
    """

    table: pd.DataFrame
    plans: Mapping[str, Plan]

    @property
    def greedy_is_close(self) -> bool | None:
        """Whether greedy improves at most one percent less than the plan; ``None`` where no plan is given."""
        if "plan" not in self.plans:
            return None
        share = self.table.set_index("name")["share_of_plan"].loc["greedy"]
        return bool(pd.notna(share) and float(share) >= 1.0 - CLOSE)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of the command ``baselines``."""
        rows = [
            {**row, "title": TITLES[str(row["name"])], "plan": self.plans[str(row["name"])].to_json()}
            for row in self.table.to_dict("records")
        ]
        result: dict[str, Any] = plain({"baselines": rows, "greedy_is_close": self.greedy_is_close})
        return result


def baselines(
    instance: Instance,
    *,
    budget: float | Sequence[float] | None = None,
    objective: str = EXPECTED,
    alpha: float = 0.95,
    mix: float = 0.0,
    fix: Sequence[str] = (),
    forbid: Sequence[str] = (),
    rows: Rows = (),
    choose: pd.DataFrame | None = None,
    plan: Plan | None = None,
    file: str = "choices",
    command: str | None = None,
) -> Baselines:
    """Share out the same budget under the same rules in simpler ways.

    Parameters
    ----------
    instance : Instance
    budget, objective, alpha, mix, fix, forbid, rows
        As of `optichain.reinforce`.
    choose : DataFrame, optional
        A list of measures besides, as of `optichain.evaluate`; the rules that it breaks are named.
    plan : Plan, optional
        To compare with; for the same instance and objective.
    file, command : str, optional
        For messages and for the provenance.

    Raises
    ------
    InfeasibleError
        No plan keeps the rules.
    """
    wishes = Wishes(
        aim=Aim(objective, alpha, mix), budget=budget, fix=tuple(fix), forbid=tuple(forbid), rows=tuple(rows)
    )
    return share_out(instance, wishes, choose=choose, plan=plan, file=file, command=command)


def share_out(
    instance: Instance,
    wishes: Wishes,
    *,
    choose: pd.DataFrame | None = None,
    plan: Plan | None = None,
    file: str = "choices",
    command: str | None = None,
    spofs: bool = True,
) -> Baselines:
    """Share out a budget under the wishes of a plan in simpler ways; see `baselines`. Single points are listed on demand."""
    network = compile_network(instance)
    engine = ContinuityEngine(network)
    scale = Scale(network, wishes.aim, engine)
    stage = build_first_stage(instance, **wishes.first_stage())
    complete = _remembering(functools.partial(cheapest_completion, stage))
    ways: dict[str, Callable[[Basket], None]] = {
        "pro-rata": lambda basket: fill_pro_rata(basket, network),
        "by-score": lambda basket: fill_by_score(basket, network),
        "by-spof": lambda basket: fill_by_spofs(basket, network, engine),
        "greedy": lambda basket: fill_greedily(basket, Worth(network, stage, wishes.aim)),
    }
    plans: dict[str, Plan] = {}
    for name, fill in ways.items():
        began = time.perf_counter()
        basket = Basket(instance, stage, complete)
        fill(basket)
        plans[name] = _worked_out(
            instance,
            list(basket.contents.choices.values()),
            basket.contents.policies,
            wishes,
            scale,
            name,
            began,
            command,
            spofs,
        )
    if choose is not None:
        began = time.perf_counter()
        listed = read_list(instance, choose, file)
        plans["given"] = _worked_out(instance, listed, {}, wishes, scale, "given", began, command, spofs)
    if plan is not None:
        plans["plan"] = plan
    return Baselines(_table(plans), plans)


def greedy_contents(network: Network, stage: FirstStage, aim: Aim, *, most: int | None = None) -> Basket:
    """Return a basket filled greedily, for exact methods to start from: `Basket.point` is a point of the first stage.

    Parameters
    ----------
    network : Network
    stage : FirstStage
    aim : Aim
    most : int, optional
        Lists of measures to work out at most, as of `fill_greedily`.
    """
    basket = Basket(network.instance, stage, _remembering(functools.partial(cheapest_completion, stage)))
    fill_greedily(basket, Worth(network, stage, aim), most=most)
    return basket


def _remembering(complete: Complete) -> Complete:
    """Return the same function, which works nothing out twice: each way asks again for what it cannot have."""
    known: dict[tuple[frozenset[Choice], frozenset[tuple[str, str]]], Contents | None] = {}

    def remembering(choices: Sequence[Choice], policies: Mapping[str, str]) -> Contents | None:
        key = (frozenset(choices), frozenset(policies.items()))
        if key not in known:
            known[key] = complete(choices, policies)
        return known[key]

    return remembering


def _worked_out(
    instance: Instance,
    choices: Sequence[Choice],
    policies: Mapping[str, str],
    wishes: Wishes,
    scale: Scale,
    name: str,
    began: float,
    command: str | None,
    spofs: bool,
) -> Plan:
    account = make_account(instance, choices, policies=policies, wishes=wishes, scale=scale, spofs=spofs)
    provenance = {"method": name, "seconds": time.perf_counter() - began, "command": command}
    return make_plan(instance, account, wishes, status="given", provenance=provenance)


def _table(plans: Mapping[str, Plan]) -> pd.DataFrame:
    reference = plans.get("plan")
    rows = []
    for name, plan in plans.items():
        row: dict[str, Any] = {
            "name": name,
            "objective": plan.objective,
            "acc_after": plan.acc_after,
            "expected_annual_loss_after": plan.expected_annual_loss_after,
            "avoidable_share": plan.avoidable_share,
            "spend": sum(plan.spend.values()) - sum(plan.commitments.values()),
            "measures": len(plan.choices),
            "spofs_after": len(plan.spofs_after),
            "breaches": len(plan.breaches),
        }
        if reference is not None:
            best = reference.objective - reference.objective_nothing
            mine = plan.objective - plan.objective_nothing
            row["share_of_plan"] = mine / best if abs(best) > 1e-12 else None
        rows.append(row)
    return pd.DataFrame(rows)
