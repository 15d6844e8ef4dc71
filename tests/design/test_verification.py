"""Verification finds out every figure of a plan file that somebody has changed."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

import optichain as oc
import small
from optichain.design.account.account import make_account
from optichain.design.account.claim import same
from optichain.design.firststage.wishes import Wishes
from optichain.design.plan import Plan
from optichain.errors import PlanError, VerificationError

QUESTIONS = {"wishes", "budget", "provenance", "method"}
"""What was asked and how it was answered; the rest of a plan is the answer."""
ON_THE_WAY = {"solved"}
"""How many sets the search for the worst case solved before it found it."""

Path = tuple[str | int, ...]


def instance(**planning: Any) -> oc.Instance:
    """Two chains of one source each, a measure for each, one for both, and support that runs."""
    return small.instance(
        planning={"years": [2026, 2027], "budget": [9.0, 3.0], "terminal_years": 1, **planning},
        chains=[{"chain": "c"}, {"chain": "d"}],
        items=[{"item": "x", "chain": "c"}, {"item": "y", "chain": "d"}],
        sites=[
            {"site": "a", "recovery_time": 10, "annual_probability": 0.1, "title": "Works A"},
            {"site": "b", "annual_probability": 0.0},
            {"site": "e", "recovery_time": 5, "annual_probability": 0.2},
        ],
        sources=[
            {"site": "a", "item": "x", "capacity": 10},
            {"site": "b", "item": "x", "capacity": 7, "status": "potential"},
            {"site": "e", "item": "y", "capacity": 10},
        ],
        stocks=[{"item": "y", "quantity": 10}],
        demands=[
            {"item": "x", "rate": 10, "value": 2, "chain": "c"},
            {"item": "y", "rate": 10, "value": 1, "chain": "d"},
        ],
        measures=[
            {"measure": "second", "chain": "c", "cost_1": 5, "cost_2": 1},
            {"measure": "stock", "cost_1": 2, "cost_3": 1, "max_units": 3},
            {"measure": "walls", "chain": "d", "cost_1": 1, "cost_2": 1},
        ],
        effects=[
            {"measure": "second", "effect": "qualify", "target": "b:x"},
            {"measure": "stock", "effect": "stockpile", "target": "y", "amount": 10},
            {"measure": "walls", "effect": "harden", "target": "site:e", "amount": 0.5},
        ],
        running=[{"chain": "d", "measure": "walls", "start_year": 2025}],
    )


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for key, inside in value.items():
            yield from leaves(inside, (*path, key))
    elif isinstance(value, list):
        for place, inside in enumerate(value):
            yield from leaves(inside, (*path, place))
    else:
        yield path, value


def forged(data: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    data = copy.deepcopy(data)
    inside: Any = data
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    return data


def other(value: Any) -> Any:
    """Return something else of the same kind; of a number one that differs by little."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1e-4 * max(1.0, abs(value)) if isinstance(value, float) else value + 1
    return 0.25 if value is None else f"{value}x"


def passes(data: dict[str, Any], given: oc.Instance) -> bool:
    try:
        return all(claim.ok for claim in oc.check_claims(given, Plan.from_json(data)))
    except oc.OptichainError:
        return False


@pytest.mark.parametrize("options", [{}, {"objective": "worst-case", "k": 1}], ids=["expected", "worst-case"])
def test_no_figure_of_the_answer_can_be_changed_unnoticed(options: dict[str, Any]) -> None:
    given = instance()
    data = oc.reinforce(given, **options).to_json()
    assert passes(data, given)
    # of members of one list, or figures by year, that are alike one is enough
    alike = {
        tuple("" if isinstance(key, int) or key.isdecimal() else key for key in path): (path, value)
        for path, value in leaves(data)
        if path[0] not in QUESTIONS and not ON_THE_WAY & set(path)
    }
    assert len(alike) >= 60
    unnoticed = [path for path, value in alike.values() if passes(forged(data, path, other(value)), given)]
    assert unnoticed == []


def test_no_sum_of_money_can_be_changed_unnoticed_however_little_money_is_in_its_unit() -> None:
    """All that is demanded is 2e-7: what is wrong by a hundredth of a sum of money is far below 1e-6."""
    given = small.instance(
        planning={"years": [2026], "budget": [3e-8]},
        sites=[{"site": "a", "recovery_time": 5, "annual_probability": 0.1}],
        sources=[{"site": "a", "item": "x", "capacity": 10}],
        demands=[{"item": "x", "rate": 10, "value": 2e-9}],
        measures=[{"measure": "m", "chain": "c", "cost_1": 2e-8}],
        effects=[{"measure": "m", "effect": "harden", "target": "site:a", "amount": 0.5}],
    )
    data = oc.reinforce(given, objective="loss").to_json()
    assert passes(data, given)
    money = [
        (path, value)
        for path, value in leaves(data)
        if isinstance(value, float) and 1e-15 < value < 1e-6 and path[0] not in QUESTIONS
    ]
    assert {path[0] for path, _ in money} >= {"objective", "bound", "spend", "loss_unavoidable", "chains"}
    unnoticed = [path for path, value in money if passes(forged(data, path, value * 1.01), given)]
    assert unnoticed == []


@pytest.mark.parametrize("money", [3e6, 2e-9])
def test_a_share_may_be_wrong_by_a_millionth_and_by_no_more_whatever_money_is_counted_in(
    money: float,
) -> None:
    given = small.instance(
        planning={"years": [2026], "budget": [money]},
        sites=[{"site": "a", "recovery_time": 5, "annual_probability": 0.1}],
        sources=[{"site": "a", "item": "x", "capacity": 10}],
        demands=[{"item": "x", "rate": 10, "value": money}],
        measures=[{"measure": "m", "chain": "c", "cost_1": money}],
        effects=[{"measure": "m", "effect": "harden", "target": "site:a", "amount": 0.5}],
    )
    data = oc.reinforce(given).to_json()
    shares = [
        (path, value)
        for path, value in leaves(data)
        if isinstance(value, float)
        and 0.0 < value < 1.0
        and ("acc" in str(path) or path[0] in ("objective", "objective_nothing"))
    ]
    assert {path[0] for path, _ in shares} >= {"objective", "objective_nothing", "acc_before", "chains"}
    assert [path for path, value in shares if not passes(forged(data, path, value + 0.9e-6), given)] == []
    assert [path for path, value in shares if passes(forged(data, path, value + 1.5e-6), given)] == []


@pytest.mark.parametrize(
    "part", ["policies", "shared_measures", "chains", "spofs_before", "spofs_after", "acc_by_year", "spend"]
)
def test_nothing_of_the_answer_can_be_left_out_or_said_twice(part: str) -> None:
    given = instance()
    data = oc.reinforce(given).to_json()
    if isinstance(data[part], list):
        assert not passes({**data, part: data[part][1:]}, given)
        assert not passes({**data, part: [*data[part], data[part][0]]}, given)
    else:
        assert not passes({**data, part: dict(list(data[part].items())[1:])}, given)
        assert not passes({**data, part: {**data[part], "2040": 0.0}}, given)


def test_a_plan_is_optimal_by_the_gap_that_it_was_asked_to_reach() -> None:
    given = instance()
    data = oc.reinforce(given).to_json()
    # the bound may be any that the plan does not pass; with this one a tenth is left to gain
    gain = data["objective"] - data["objective_nothing"]
    looser = {**data, "bound": data["objective"] + gain / 9.0, "improvement_gap": 0.1}
    looser["gap"] = gain / 9.0 / data["objective"]
    assert not passes(looser, given)
    assert passes({**looser, "status": "feasible"}, given)
    assert passes({**looser, "provenance": {**data["provenance"], "gap_asked": 0.11}}, given)
    assert not passes({**looser, "status": "feasible", "bound": data["objective"] - 1e-4}, given)


def test_a_plan_of_least_cost_is_optimal_by_the_gap_of_its_cost() -> None:
    given = instance(budget=[20.0, 20.0])
    data = oc.reinforce(given, min_acc=0.7).to_json()
    assert (data["objective_name"], data["improvement_gap"]) == ("cost", None)
    assert passes(data, given)
    cheaper = {**data, "bound": data["objective"] - 1.0, "gap": 1.0 / data["objective"]}
    assert not passes(cheaper, given)
    assert passes({**cheaper, "status": "feasible"}, given)


def test_every_claim_is_called_by_what_it_is_about() -> None:
    given = instance()
    names = {claim.claim for claim in oc.check_claims(given, oc.reinforce(given))}
    assert all(isinstance(name, str) and name for name in names)
    assert names >= {
        *("instance", "objective", "objective_nothing", "acc_before", "acc_after", "avoidable_share"),
        *("bound not passed", "gap", "improvement_gap", "status, by the gap", "loss_unavoidable"),
        *("spend 2026", "budget 2027", "commitments 2026", "acc_by_year 2028", "years_of_cost", "breaches"),
        *("policy of c, cost in 2026", "policy of c, acc_after", "chain d, acc_before"),
        *("spofs_before, elements", "spofs_after, losses"),
    }
    # what a row is of is no claim about it, and chains are a claim of their own only where they differ
    assert not [name for name in names if name.endswith(", chain") or name == "chains of the instance"]


@pytest.mark.parametrize(
    ("part", "value", "said"),
    [
        ("objective_name", "best", "unknown objective 'best'"),
        ("wishes", {"min_acc": "much"}, "cannot be read"),
    ],
)
def test_a_question_that_cannot_be_asked_again_is_told_with_its_place(
    part: str, value: Any, said: str
) -> None:
    given = instance()
    strange = dataclasses.replace(oc.reinforce(given), **{part: value})
    with pytest.raises(PlanError) as caught:
        oc.check_claims(given, strange)
    (fault,) = caught.value.faults()
    assert (fault.file, fault.column, fault.code, fault.message) == ("plan", part, "bad-plan", said)


def test_what_was_required_and_is_not_reached_is_told_with_its_figure() -> None:
    wishes = Wishes(min_acc=0.99, clear_spofs=("site",), spof_exceptions=("site:a",), min_autonomy=0.5)
    # c loses everything; of d half is made for five weeks and ten of the 25 missing are in stock: 2/3 x 0 + 1/3 x 0.85
    breaches = make_account(instance(), [], wishes=wishes).breaches
    assert [(row["rule"], row["message"]) for row in breaches] == [
        ("min_acc", "ACC, the mean over the years that count, is 0.283333333, asked for 0.99"),
        ("clear_spofs", "single point of failure site:e of y is left"),
        # nobody's right but the stock's
        ("min_autonomy", "autonomy of chain c is 0, asked for 0.5"),
        ("min_autonomy", "autonomy of chain d is 0.1, asked for 0.5"),
    ]
    kept = Wishes(min_acc=0.28, clear_spofs=("site",), spof_exceptions=("site:a", "site:e"), min_autonomy=0.0)
    assert make_account(instance(), [], wishes=kept).breaches == []


def test_single_points_of_failure_are_left_out_where_nobody_asks() -> None:
    account = make_account(instance(), [], spofs=False)
    assert (account.spofs_before, account.spofs_after) == ([], [])


@pytest.mark.parametrize(
    ("stated", "recomputed", "ok"),
    [
        (1.0, 1.0 + 0.9e-6, True),
        (1.0, 1.0 + 1.1e-6, False),
        # within a millionth of the larger, but never of less than one
        (1e6, 1e6 + 0.9, True),
        (1e6 + 1.1, 1e6, False),
        (-1e6, -1e6 - 0.9, True),
        (0.0, 0.9e-6, True),
        (0.0, 1.1e-6, False),
        (float("nan"), 0.0, False),
        (None, 0.0, False),
        (None, None, True),
        ("1", 1, False),
        ([1.0, [2.0]], [1.0, [2.0 + 1e-7]], True),
        ([1.0, [2.0]], [1.0, [2.1]], False),
        ([1.0], [1.0, 1.0], False),
        ([], [], True),
    ],
)
def test_two_figures_are_the_same_within_a_millionth(stated: Any, recomputed: Any, ok: bool) -> None:
    claim = same("it", stated, recomputed)
    assert claim.to_json() == {"claim": "it", "stated": stated, "recomputed": recomputed, "ok": ok} or (
        stated != stated and claim.ok is False
    )


def test_what_a_plan_of_other_data_names_is_told_with_the_cause() -> None:
    plan = oc.reinforce(small.two_chains())
    other = small.two_measures()
    without = {table: other[table].query("measure == 'n'") for table in ("measures", "effects")}
    with pytest.raises(PlanError) as caught:
        oc.check_claims(other.replace(**without), plan)
    (fault,) = caught.value.faults()
    assert (fault.column, fault.message) == ("measures", "measure 'm' is not in the instance")
    assert "made for other data" in str(fault.hint)


@pytest.mark.parametrize(
    "change",
    [
        {"budget": {2026: 9.0}},
        {"budget": {2026: -1.0, 2027: 3.0}},
        {"budget": {2026: float("inf"), 2027: 3.0}},
        {"years_of_cost": (2026,)},
    ],
    ids=["a year is missing", "less than nothing", "without end", "too few years"],
)
def test_a_plan_that_does_not_say_what_its_budget_was_is_told(change: dict[str, Any]) -> None:
    given = instance()
    with pytest.raises(PlanError) as caught:
        oc.check_claims(given, dataclasses.replace(oc.reinforce(given), **change))
    (fault,) = caught.value.faults()
    assert (fault.file, fault.column, fault.code) == ("plan", "budget", "bad-plan")
    assert fault.message.startswith(
        "expected an amount of money, 0 or more, for each of 2 planning years, got ["
    )
    assert fault.hint == "name the instance that the plan was made for, or make the plan again"


def test_nothing_may_be_spent_and_that_is_a_budget() -> None:
    given = small.two_chains(planning={"budget": [0.0]})
    assert all(claim.ok for claim in oc.check_claims(given, oc.reinforce(given)))


def test_a_policy_is_the_one_of_the_catalogue_that_its_measures_are() -> None:
    tables = {
        "policies": pd.DataFrame([{"policy": p, "chain": "c"} for p in ("both", "one")]),
        "policy_measures": pd.DataFrame(
            [("both", "m", 1), ("both", "n", 1), ("one", "m", 1)], columns=["policy", "measure", "units"]
        ),
    }
    given = small.two_measures().replace(**tables)
    plan = oc.reinforce(given)
    (policy,) = plan.policies
    assert (policy.policy, [c.measure for c in policy.measures]) == ("one", ["m"])
    # what is not named is known by what it consists of; what is named falsely is found out
    for name, holds in ((None, True), ("one", True), ("both", False)):
        told = dataclasses.replace(plan, policies=(dataclasses.replace(policy, policy=name),))
        assert all(claim.ok for claim in oc.check_claims(given, told)) == holds


def wrong_claims(given: oc.Instance, plan: Plan) -> dict[str, tuple[Any, Any]]:
    """Return what is stated and what is recomputed of the claims that do not hold, by name."""
    return {c.claim: (c.stated, c.recomputed) for c in oc.check_claims(given, plan) if c.ok is False}


def test_a_policy_of_a_chain_that_its_measures_are_not_of_is_told_and_so_is_what_comes_after_it() -> None:
    given = small.two_chains(planning={"budget": [2.0]})
    plan = oc.reinforce(given)
    of_x, of_y = plan.policies
    strange = dataclasses.replace(of_x, chain="Z"), dataclasses.replace(of_y, acc_after=0.5)
    assert wrong_claims(given, dataclasses.replace(plan, policies=strange)) == {
        "policy of Z": (["m"], None),
        "policy of Y, acc_after": (0.5, pytest.approx(0.75)),
    }
    nobodys = dataclasses.replace(
        plan, policies=(of_y,), shared_measures=(dataclasses.replace(of_x, chain=None),)
    )
    assert wrong_claims(given, nobodys) == {"shared measure m": (["m"], None)}


def test_a_policy_says_what_it_costs_in_every_year_in_which_money_is_spent() -> None:
    given = small.two_chains()
    plan = oc.reinforce(given)
    (policy,) = plan.policies
    for cost, stated in ((policy.cost[:1], 1), ((*policy.cost, 0.0), len(policy.cost) + 1)):
        short = dataclasses.replace(plan, policies=(dataclasses.replace(policy, cost=cost),))
        assert wrong_claims(given, short) == {"policy of X, years of cost": (stated, len(policy.cost))}


def test_chains_are_those_of_the_instance_in_their_order() -> None:
    given = instance()
    plan = oc.reinforce(given)
    c, d = plan.chains
    assert wrong_claims(given, dataclasses.replace(plan, chains=(d, c))) == {
        "chains of the instance": (["d", "c"], ["c", "d"])
    }
    twice = wrong_claims(given, dataclasses.replace(plan, chains=(c, d, d)))
    assert twice == {"chains of the instance": (["c", "d", "d"], ["c", "d"])}


def test_the_measures_of_a_policy_may_stand_in_any_order() -> None:
    given = small.two_measures()
    plan = oc.reinforce(given, budget=2.0)
    (policy,) = plan.policies
    assert [c.measure for c in policy.measures] == ["m", "n"]
    turned = dataclasses.replace(policy, measures=policy.measures[::-1])
    assert wrong_claims(given, dataclasses.replace(plan, policies=(turned,))) == {}


def test_verify_names_the_first_ten_claims_that_do_not_hold_and_counts_all() -> None:
    given = instance()
    plan = oc.reinforce(given)
    claims = oc.verify(given, plan)
    assert all(claim.ok for claim in claims)
    assert [claim.claim for claim in claims] == [claim.claim for claim in oc.check_claims(given, plan)]
    spend = {year: money + 1.0 for year, money in plan.spend.items()}
    wrong = dataclasses.replace(
        plan, acc_after=0.25, spend=spend, acc_by_year=dict.fromkeys(plan.acc_by_year, 0.5)
    )
    names = list(wrong_claims(given, wrong))
    with pytest.raises(VerificationError) as caught:
        oc.verify(given, wrong)
    count = f"{len(names)} of {len(claims)} claims do not hold: "
    text = str(caught.value)
    assert text.startswith(
        f"{count}acc_after: stated 0.25, recomputed {plan.acc_after}; acc_by_year 2026: stated 0.5"
    )
    told = [part.partition(":")[0] for part in text.removeprefix(count).split("; ")]
    assert told == names[:10]
    many = dataclasses.replace(wrong, commitments=dict.fromkeys(plan.commitments, 7.0), loss_unavoidable=99.0)
    assert len(wrong_claims(given, many)) > 10
    with pytest.raises(VerificationError) as caught:
        oc.verify(given, many)
    assert str(caught.value).count("; ") == 9


def bound_claim(given: oc.Instance, plan: Plan) -> Any:
    (claim,) = [c for c in oc.check_claims(given, plan) if c.claim == "bound not passed"]
    return claim


def test_a_plan_without_a_bound_passes_none() -> None:
    given = instance()
    plan = oc.reinforce(given)
    open_ = dataclasses.replace(plan, bound=None, gap=None, improvement_gap=None, status="feasible")
    claim = bound_claim(given, open_)
    assert (claim.stated, claim.recomputed, claim.ok) == (None, pytest.approx(plan.objective), True)
    assert wrong_claims(given, open_) == {}


@pytest.mark.parametrize(
    ("options", "value", "size"),
    [
        ({}, 1.0, 1.0),
        # a share stays a share however little money is in its unit
        ({}, 2e-9, 1.0),
        ({"objective": "loss"}, 1e3, None),
        # all that is demanded counts as one where it is less
        ({"objective": "loss"}, 2e-9, 4e-7),
        ({"min_acc": 0.7}, 1e3, None),
    ],
    ids=["share", "share, little money", "much money", "little money", "least cost"],
)
def test_a_plan_may_pass_its_bound_by_a_millionth_and_no_more(
    options: dict[str, Any], value: float, size: float | None
) -> None:
    """Of one, or of the bound where that is more."""
    plain = small.two_chains(planning={"budget": [2.0 * value]})
    given = plain.replace(
        measures=plain["measures"].assign(cost_1=value), demands=plain["demands"].assign(value=value)
    )
    plan = oc.reinforce(given, **options)
    size = abs(plan.objective) if size is None else size
    for room, ok in ((0.9e-6, True), (1.5e-6, False)):
        # most is bounded from above, least from below: the bound is where the plan is better
        better = -1.0 if not options else 1.0
        bound = plan.objective + better * room * size
        claim = bound_claim(given, dataclasses.replace(plan, bound=bound))
        assert (claim.stated, claim.recomputed, claim.ok) == (bound, pytest.approx(plan.objective), ok)


def test_a_plan_is_not_optimal_by_the_smaller_of_its_gaps() -> None:
    given = instance()
    data = oc.reinforce(given).to_json()
    gain = data["objective"] - data["objective_nothing"]
    looser = {**data, "bound": data["objective"] + gain / 9.0, "improvement_gap": 0.1}
    looser["gap"] = gain / 9.0 / data["objective"]
    asked = (looser["gap"] + 0.1) / 2.0
    assert looser["gap"] < asked < 0.1
    assert not passes({**looser, "provenance": {**data["provenance"], "gap_asked": asked}}, given)


def test_what_is_said_to_have_changed_is_checked_but_for_its_reason_and_what_is_no_more() -> None:
    given = small.two_chains()
    announced = oc.reinforce(given.replace(chains=given["chains"].assign(weight=[1.0, 3.0])))
    plan = oc.reinforce(given, previous=announced)
    assert {row["measure"]: row["change"] for row in plan.changes} == {"m": "new", "n": "dropped"}
    assert wrong_claims(given, plan) == {}
    for place, row in enumerate(plan.changes):
        for key in ("change", "announced", "now"):
            rows = [dict(r) for r in plan.changes]
            rows[place][key] = "moved" if key == "change" else {"units": 9.0, "start_year": 2026}
            named = wrong_claims(given, dataclasses.replace(plan, changes=rows))
            assert set(named) == {f"change of {row['measure']}"}
        without = [r for r in plan.changes if r is not row]
        assert set(wrong_claims(given, dataclasses.replace(plan, changes=without))) == {
            f"change of {row['measure']}"
        }
    gone = {"measure": "old", "change": "dropped", "announced": None, "now": None, "why": "it is no more"}
    worded = [{**row, "why": "other words"} for row in plan.changes]
    assert wrong_claims(given, dataclasses.replace(plan, changes=[*worded, gone])) == {}
    nameless = {"change": "new", "announced": None, "now": {"units": 1.0, "start_year": 2026}}
    assert set(wrong_claims(given, dataclasses.replace(plan, changes=[*plan.changes, nameless]))) == {
        "change of None"
    }


def test_a_single_point_of_failure_is_the_one_that_is_named() -> None:
    given = small.two_chains()
    plan = oc.reinforce(given)
    first, *rest = plan.spofs_before
    for key in ("demand", "site", "kind", "element", "root", "title"):
        other_one = dataclasses.replace(plan, spofs_before=[{**first, key: "another"}, *rest])
        assert "spofs_before, elements" in wrong_claims(given, other_one)


def test_what_is_called_optimal_and_is_not_is_feasible() -> None:
    given = instance()
    plan = oc.reinforce(given)
    gain = plan.objective - plan.objective_nothing
    for asked, right in ((0.1 - 5e-7, None), (0.1 - 2e-6, ("optimal", "feasible"))):
        looser = dataclasses.replace(
            plan,
            bound=plan.objective + gain / 9.0,
            gap=gain / 9.0 / plan.objective,
            improvement_gap=0.1,
            provenance={**plan.provenance, "gap_asked": asked},
        )
        assert wrong_claims(given, looser).get("status, by the gap") == right
