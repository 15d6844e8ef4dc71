"""Verification: what a plan file claims against what the instance says, claim by claim (3.5)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from optichain.compilation import compile_network
from optichain.design.account.account import Account, make_account
from optichain.design.account.certificate import certificate_claims
from optichain.design.account.claim import TOLERANCE, Claim, same
from optichain.design.account.finish import gaps
from optichain.design.aims import COST, OBJECTIVES, Aim
from optichain.design.columns.claimed import CLAIMED
from optichain.design.evidence.checking import evidence_claims
from optichain.design.firststage.rules import planning_of
from optichain.design.firststage.wishes import Wishes
from optichain.design.money import is_money, money_size
from optichain.design.plan import Plan
from optichain.design.strangers import unknown_to
from optichain.errors import Fault, PlanError, UsageError, VerificationError

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["Claim", "check_claims", "verify"]

STATUSES = ("optimal", "feasible", "given")


def check_claims(instance: Instance, plan: Plan) -> list[Claim]:
    """Recompute every claim of a plan without the optimiser.

    Parameters
    ----------
    instance : Instance
    plan : Plan

    Returns
    -------
    list of Claim
        The proven bound itself is not recomputed: it is the optimiser's; that the plan does not pass it is. Of the
        evidence, what a re-evaluation can settle is.

    Raises
    ------
    PlanError
        The plan names what the instance does not have, or does not say for which question it is the answer.
    """
    years = len(planning_of(instance).years)
    budget = [plan.budget.get(y, math.nan) for y in plan.years_of_cost[:years]]
    _check_question(instance, plan, budget, years)
    claims = [same("instance", plan.instance_digest, instance.digest)]
    try:
        wishes = Wishes.from_json(plan.wishes, objective=plan.objective_name, budget=budget)
    except (TypeError, ValueError, KeyError, AttributeError, UsageError):
        raise PlanError([Fault("plan", None, "wishes", "bad-plan", "cannot be read")]) from None
    policies = {p.chain: p.policy for p in plan.policies if p.chain is not None and p.policy is not None}
    account = make_account(instance, plan.choices, policies=policies, wishes=wishes, claimed=plan.claimed)
    network = compile_network(instance)
    money, in_money = money_size(network), wishes.aim.sense < 0
    for name in (
        "objective",
        "objective_nothing",
        "acc_before",
        "acc_after",
        "acc_by_year",
        "expected_annual_loss_before",
        "expected_annual_loss_after",
        "expected_annual_loss_by_year",
        "avoidable_share",
        "loss_unavoidable",
        "years_of_cost",
        "budget",
        "spend",
        "commitments",
        "breaches",
    ):
        counted = money if is_money(name) or (in_money and name.startswith("objective")) else 1.0
        claims += _claims(name, getattr(plan, name), getattr(account, name), counted)
    claims += [Claim(f"gain of {c.chain} by {c.policy}", c.gain, CLAIMED, True) for c in plan.claimed]
    claims += _policy_claims(plan, account, money)
    claims += _chain_claims(plan, account, money)
    claims += certificate_claims(network, plan, wishes.aim.threat, account)
    for name in ("spofs_before", "spofs_after"):
        claims += [
            same(f"{name}, {key}", stated, found, size=money)
            for key, stated, found in _spof_claims(getattr(plan, name), getattr(account, name))
        ]
    claims += _change_claims(plan, account)
    claims.append(_bound_claim(plan, account, wishes.aim, money if in_money else 1.0))
    relative, improvement = gaps(plan.bound, account.objective, account.objective_nothing, wishes.aim, money)
    claims += [same("gap", plan.gap, relative), same("improvement_gap", plan.improvement_gap, improvement)]
    claims.append(_status_claim(plan, relative if wishes.aim.objective == COST else improvement))
    return claims + evidence_claims(instance, plan)


def verify(instance: Instance, plan: Plan) -> list[Claim]:
    """Recompute every claim of a plan and insist on all of them.

    Raises
    ------
    VerificationError
        A claim does not hold; the message names each.
    """
    claims = check_claims(instance, plan)
    wrong = [c for c in claims if not c.ok]
    if wrong:
        listed = "; ".join(f"{c.claim}: stated {c.stated}, recomputed {c.recomputed}" for c in wrong[:10])
        raise VerificationError(f"{len(wrong)} of {len(claims)} claims do not hold: {listed}")
    return claims


def _check_question(instance: Instance, plan: Plan, budget: list[float], years: int) -> None:
    faults = unknown_to(instance, plan)
    if plan.objective_name not in (*OBJECTIVES, COST):
        faults.append(
            Fault("plan", None, "objective_name", "bad-plan", f"unknown objective {plan.objective_name!r}")
        )
    if len(budget) != years or not all(0.0 <= money < math.inf for money in budget):
        text = f"expected an amount of money, 0 or more, for each of {years} planning years, got {budget}"
        hint = "name the instance that the plan was made for, or make the plan again"
        faults.append(Fault("plan", None, "budget", "bad-plan", text, hint))
    if faults:
        raise PlanError(faults)


def _claims(name: str, stated: Any, recomputed: Any, size: float) -> list[Claim]:
    """Compare a value, entry by entry where it has entries."""
    if isinstance(recomputed, Mapping):
        keys = sorted({*stated, *recomputed})
        return [same(f"{name} {key}", stated.get(key), recomputed.get(key), size=size) for key in keys]
    if isinstance(recomputed, tuple):
        return [same(name, list(stated), list(recomputed))]
    return [same(name, stated, recomputed, size=size)]


def _policy_claims(plan: Plan, account: Account, money: float) -> list[Claim]:
    claims = []
    pairs = ((plan.policies, account.policies), (plan.shared_measures, account.shared_measures))
    for stated_all, found_all in pairs:
        found = {(p.chain, p.start_year, p.measures): p for p in found_all}
        for p in stated_all:
            name = (
                f"policy of {p.chain}" if p.chain is not None else f"shared measure {p.measures[0].measure}"
            )
            q = found.get((p.chain, p.start_year, tuple(sorted(p.measures, key=lambda c: c.measure))))
            if q is None:
                claims.append(Claim(name, [c.measure for c in p.measures], None, False))
                continue
            for place, (stated, right) in enumerate(zip(p.cost, q.cost, strict=False)):
                year = account.years_of_cost[place]
                claims.append(same(f"{name}, cost in {year}", stated, right, size=money))
            claims.append(same(f"{name}, years of cost", len(p.cost), len(q.cost)))
            if p.chain is not None:
                claims.append(same(f"{name}, acc_before", p.acc_before, q.acc_before))
                claims.append(same(f"{name}, acc_after", p.acc_after, q.acc_after))
    return claims


def _chain_claims(plan: Plan, account: Account, money: float) -> list[Claim]:
    stated = {row.get("chain"): row for row in plan.chains}
    names = [[row.get("chain") for row in rows] for rows in (plan.chains, account.chains)]
    claims = [] if names[0] == names[1] else [same("chains of the instance", *names)]
    for row in account.chains:
        mine = stated.get(row["chain"], {})
        claims += [
            same(f"chain {row['chain']}, {key}", mine.get(key), value, size=money if is_money(key) else 1.0)
            for key, value in row.items()
            if key != "chain"
        ]
    return claims


def _change_claims(plan: Plan, account: Account) -> list[Claim]:
    """Compare what is said to have changed, but for what is no longer in the instance; reasons are words."""
    found = {row["measure"]: row for row in account.changes}
    stated = {row.get("measure"): row for row in plan.changes if row.get("announced") or row.get("now")}
    keys = ("change", "announced", "now")
    return [
        same(
            f"change of {m}",
            [stated.get(m, {}).get(k) for k in keys],
            [found.get(m, {}).get(k) for k in keys],
        )
        for m in sorted({*found, *stated}, key=str)
    ]


def _spof_claims(stated: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[tuple[str, Any, Any]]:
    """Compare what SPOFs there are, then what their failure costs and when it is felt."""

    def named(row: dict[str, Any]) -> tuple[str, ...]:
        return tuple(str(row.get(k)) for k in ("demand", "site", "kind", "element", "root", "title"))

    def names(rows: list[dict[str, Any]]) -> list[list[str]]:
        return [list(named(row)) for row in sorted(rows, key=named)]

    def numbers(rows: list[dict[str, Any]]) -> list[list[Any]]:
        keys = ("lost", "time_to_survive", "at_stake")
        return [[row.get(k) for k in keys] for row in sorted(rows, key=named)]

    return [("elements", names(stated), names(found)), ("losses", numbers(stated), numbers(found))]


def _status_claim(plan: Plan, left: float | None) -> Claim:
    """Hold ``optimal`` against the gap that the plan itself was asked to reach."""
    asked = plan.provenance.get("gap_asked")
    reached = left is not None and (not isinstance(asked, (int, float)) or left <= asked + TOLERANCE)
    found = "feasible" if plan.status == "optimal" and not reached else plan.status
    return same("status, by the gap", plan.status, found if found in STATUSES else None)


def _bound_claim(plan: Plan, account: Account, aim: Aim, size: float) -> Claim:
    if plan.bound is None:
        return Claim("bound not passed", None, account.objective, True)
    room = TOLERANCE * max(size, abs(plan.bound))
    passed = aim.sense * (account.objective - plan.bound) > room
    return Claim("bound not passed", plan.bound, account.objective, not passed)
