"""ACC against budget, what every good plan has, the worth of money; chains that are known by their columns only."""

import json
from dataclasses import replace

import numpy as np
import pytest

import optichain as oc
import small
from optichain.design.columns.claimed import CLAIMED
from optichain.errors import PlanError, UsageError

SITES = {"X": "a", "Y": "b", "Z": "z"}
ITEMS = {"X": "x", "Y": "y", "Z": "w"}


def chains(*names, weights=(3.0, 1.0, 2.0), budget=1.0, **planning):
    """Chains of one maker each: its failure takes half of the demand; hardening costs 1 and saves half of that."""
    given = dict(zip("XYZ", weights, strict=True))
    return small.instance(
        planning={"years": [2026], "budget": [budget], **planning},
        sites=[{"site": SITES[c], "recovery_time": 5, "annual_probability": 0.1} for c in names],
        items=[{"item": ITEMS[c], "chain": c} for c in names],
        sources=[{"site": SITES[c], "item": ITEMS[c], "capacity": 10} for c in names],
        demands=[{"item": ITEMS[c], "rate": 10, "chain": c} for c in names],
        chains=[{"chain": c, "weight": given[c]} for c in names],
        measures=[{"measure": f"harden-{c}", "chain": c, "cost_1": 1} for c in names],
        effects=[
            {"measure": f"harden-{c}", "effect": "harden", "target": f"site:{SITES[c]}", "amount": 0.5}
            for c in names
        ],
    )


def test_acc_grows_with_the_budget_as_chains_are_reinforced_in_order_of_weight():
    found = oc.find_frontier(chains("X", "Y"), [0.0, 1.0, 1.5, 2.0])
    # X weighs three quarters; each hardened chain keeps 0.75 of its demand instead of 0.5
    assert [p.acc for p in found.points] == pytest.approx([0.5, 0.6875, 0.6875, 0.75])
    assert [p.bound for p in found.points] == pytest.approx([0.5, 0.6875, 0.6875, 0.75], abs=1e-4)
    assert [[c.measure for c in p.measures] for p in found.points][:2] == [[], ["harden-X"]]


def test_core_is_in_every_good_plan_and_contested_in_some():
    # under a budget of 2 of 3: X is in every plan within a tenth of the best; Y and Z are close to each other
    instance = chains("X", "Y", "Z", weights=(6.0, 2.0, 2.1), budget=2.0)
    found = oc.find_frontier(instance, [2.0], within=0.1)
    assert (found.core, found.contested, found.undecided) == (("harden-X",), ("harden-Y", "harden-Z"), ())
    strict = oc.find_frontier(instance, [2.0], within=0.001)
    assert (strict.core, strict.contested) == (("harden-X", "harden-Z"), ())
    generous = oc.find_frontier(instance, [2.0], within=1.0)
    assert (generous.core, generous.contested) == ((), ("harden-X", "harden-Y", "harden-Z"))


@pytest.mark.parametrize("method", ["portfolio", "lshaped", "extensive"])
def test_one_more_unit_of_money_buys_the_next_chain(method):
    found = oc.find_frontier(chains("X", "Y"), [1.0], method=method)
    value = found.value_of_money[2026]
    assert value.difference == pytest.approx(0.25 * 0.25, abs=1e-4)
    assert value.difference <= value.most < 0.07
    assert value.measures_in == ("harden-Y",)
    # Y loses half of its 100 once in ten years; hardened, a quarter
    assert value.loss_avoided == pytest.approx(0.1 * 25.0)
    # the relaxation fills the budget with X; the next unit goes to Y at the same worth
    assert value.dual is None if method == "extensive" else value.dual == pytest.approx(0.0625, abs=0.13)


def test_a_budget_below_what_must_be_done_has_no_point():
    instance = chains("X", "Y", min_new_chains=1)
    found = oc.find_frontier(instance, [0.5, 1.0])
    assert found.points[0].acc is None
    assert found.points[1].acc == pytest.approx(0.6875)


# ---- columns ----


@pytest.fixture
def columns_of(tmp_path):
    """Write the columns of chains and return the file."""

    def write(*names, **options):
        path = tmp_path / f"{'-'.join(names)}.json"
        oc.write_columns(oc.find_columns(chains(*names, **options)), path)
        return path

    return write


def test_a_file_of_columns_names_no_site_no_item_and_no_supplier(columns_of):
    text = columns_of("Y").read_text(encoding="utf-8")
    data = json.loads(text)
    assert data["instance_digest"] == chains("Y").digest
    (policy,) = data["chains"][0]["policies"]
    assert policy["cost"] == [1.0, 0.0, 0.0]
    assert policy["gain_by_year"] == {str(y): pytest.approx(0.25) for y in range(2026, 2030)}
    assert '"site' not in text
    assert '"y"' not in text


@pytest.mark.parametrize("method", ["portfolio", "extensive"])
@pytest.mark.parametrize(
    ("weights", "budget", "open_part", "claimed"),
    [
        ((3.0, 1.0, 2.0), 1.0, ["harden-X"], []),
        ((1.0, 3.0, 2.0), 1.0, [], ["Y"]),
        ((1.0, 3.0, 2.0), 2.0, ["harden-X"], ["Y"]),
    ],
)
def test_open_and_claimed_chains_compete_for_one_budget(
    columns_of, method, weights, budget, open_part, claimed
):
    file = columns_of("Y", weights=weights)
    instance = chains("X", weights=weights, budget=budget)
    plan = oc.reinforce(instance, columns=[file], method=method)
    assert [c.measure for c in plan.choices] == open_part
    assert [c.chain for c in plan.claimed] == claimed
    assert all(c.note == CLAIMED for c in plan.claimed)
    # X alone is worth 1 here; Y adds a quarter of its demand, weighted against X
    right = 0.5 + 0.25 * bool(open_part) + 0.25 * weights[1] / weights[0] * bool(claimed)
    assert plan.objective == pytest.approx(right)
    assert plan.bound == pytest.approx(right, abs=1e-3)
    assert plan.spend[2026] == pytest.approx(len(open_part) + len(claimed))
    assert plan.acc_after == pytest.approx(0.5 + 0.25 * bool(open_part))


def test_verify_says_what_it_could_not_recompute(columns_of, tmp_path):
    file = columns_of("Y", weights=(1.0, 3.0, 2.0))
    instance = chains("X", weights=(1.0, 3.0, 2.0))
    plan = oc.reinforce(instance, columns=[file])
    oc.write_plan(plan, tmp_path / "plan.json")
    again = oc.load_plan(tmp_path / "plan.json")
    assert again.claimed == plan.claimed
    claims = oc.verify(instance, again)
    (gain,) = [c for c in claims if c.claim.startswith("gain of Y by ")]
    assert (gain.stated, gain.recomputed, gain.ok) == (plan.claimed[0].gain, CLAIMED, True)
    dearer = replace(again, claimed=(replace(again.claimed[0], cost=(1.5, 0.0, 0.0)),))
    wrong = {c.claim for c in oc.check_claims(instance, dearer) if not c.ok}
    assert {"spend 2026", "breaches"} <= wrong


def test_claimed_chains_count_in_intake_and_limits(columns_of):
    file = columns_of("Y", weights=(3.0, 1.0, 2.0))
    instance = chains("X", budget=2.0, max_new_chains=1)
    plan = oc.reinforce(instance, columns=[file])
    assert ([c.measure for c in plan.choices], plan.claimed) == (["harden-X"], ())


def test_the_loss_that_a_claimed_chain_avoids_counts_in_money(columns_of):
    file = columns_of("Y")
    plan = oc.reinforce(chains("X", budget=2.0), columns=[file], objective="loss")
    # each chain loses 50 of 100 with probability 0.1 a year, half of that when hardened
    assert plan.objective == pytest.approx(2.5 - 2.5)
    assert plan.expected_annual_loss_after == pytest.approx(2.5)


def test_columns_that_do_not_fit_are_refused(columns_of, tmp_path):
    file = columns_of("X")
    with pytest.raises(UsageError, match="known already"):
        oc.reinforce(chains("X"), columns=[file])
    data = json.loads(file.read_text(encoding="utf-8"))
    other = tmp_path / "other.json"
    other.write_text(json.dumps(data | {"currency": "EUR"}), encoding="utf-8")
    with pytest.raises(UsageError, match="currency"):
        oc.reinforce(chains("Y"), columns=[other])
    other.write_text(json.dumps(data | {"chains": 3}), encoding="utf-8")
    with pytest.raises(PlanError, match="chains"):
        oc.load_columns(other)
    with pytest.raises(UsageError, match="objective"):
        oc.reinforce(chains("Y"), columns=[file], objective="worst")


def test_a_chain_tied_to_another_has_no_columns_of_its_own():
    tied = chains("X", "Y").replace(
        measure_rules=oc.Instance.from_frames({**chains("X", "Y").tables}, chains("X", "Y").settings)[
            "measure_rules"
        ]
    )
    assert len(oc.find_columns(tied).chains) == 2
    rules = tied["measure_rules"].copy()
    rules.loc[0, ["rule", "measure", "other"]] = ["excludes", "harden-X", "harden-Y"]
    with pytest.raises(UsageError, match="tied to"):
        oc.find_columns(tied.replace(measure_rules=rules))


def test_the_menu_holds_every_policy_that_is_best_at_some_price_of_money():
    # three makers in a row, each hardened for 1, 1 and 3: the menu goes up in order of gain per cost
    costs = {"p": 1.0, "q": 1.0, "r": 3.0}
    items = ["x", "u", "v"]
    instance = small.instance(
        planning={"years": [2026], "budget": [5.0]},
        sites=[
            {"site": s, "recovery_time": 5, "annual_probability": p}
            for s, p in zip("abc", (0.3, 0.1, 0.2), strict=True)
        ],
        items=[{"item": i, "chain": "X"} for i in items],
        sources=[{"site": s, "item": i, "capacity": 10} for s, i in zip("abc", items, strict=True)],
        bom=[{"item": "x", "input": "u", "quantity": 1}, {"item": "u", "input": "v", "quantity": 1}],
        demands=[{"item": "x", "rate": 10, "chain": "X"}],
        measures=[{"measure": m, "chain": "X", "cost_1": c} for m, c in costs.items()],
        effects=[
            {"measure": m, "effect": "harden", "target": f"site:{s}", "amount": 1.0}
            for m, s in zip(costs, "abc", strict=True)
        ],
    )
    (chain,) = oc.find_columns(instance).chains
    points = [(sum(p.cost), p.gain_by_year[2026]) for p in chain.policies]
    # half of the demand is lost in an event, which hardening avoids: gains 0.25, 1/12 and 1/6 of six tenths
    assert [cost for cost, _ in points] == [1.0, 2.0, 5.0]
    assert [gain for _, gain in points] == pytest.approx(list(np.cumsum([0.3, 0.1, 0.2]) / 0.6 * 0.5))
