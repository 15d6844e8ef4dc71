"""Every number of the quickstart's README."""

from pathlib import Path

import pytest

import optichain as oc
from optichain.checking import check_instance

HERE = Path(__file__).parents[2] / "instances" / "quickstart"


@pytest.fixture(scope="module")
def quickstart():
    return oc.load(HERE)


@pytest.fixture(scope="module")
def plan(quickstart):
    return oc.reinforce(quickstart)


def test_nothing_is_suspicious_and_every_capacity_is_given(quickstart):
    result = check_instance(quickstart)
    assert result.warnings == ()
    assert not [a for a in result.assumptions if a.column == "capacity"]


def test_single_points_of_failure(quickstart):
    frame = oc.find_spofs(quickstart)
    sites = frame[frame["kind"] == "site"].set_index("element")
    assert sites["lost"].to_dict() == pytest.approx(
        {"pump-works": 40, "foundry-a": 110, "seal-maker": 220, "valve-works": 40, "forge-a": 180}
    )
    assert sites["time_to_survive"].to_dict() == pytest.approx(
        {"pump-works": 0, "foundry-a": 2, "seal-maker": 4, "valve-works": 0, "forge-a": 2}, abs=1e-6
    )
    both = frame.groupby(["kind", "element"])["demand"].nunique()
    assert {key for key, count in both.items() if count == 2} == {("region", "Foshan"), ("country", "China")}


def test_before_any_measure(quickstart):
    stress = oc.resilience(quickstart)
    assert stress.undisturbed == pytest.approx({"served": 1040, "demanded": 1040, "continuity": 1})
    weeks = stress.events.set_index("event")["lost"] / 10
    assert weeks.to_dict() == pytest.approx(
        {
            "site:pump-works": 4,
            "site:foundry-a": 11,
            "site:foundry-b": 0,
            "site:seal-maker": 22,
            "site:valve-works": 4,
            "site:forge-a": 18,
            "site:forge-b": 0,
        },
        abs=1e-7,
    )
    acc = stress.chains.set_index("chain")["acc"]
    assert acc["pumps"] == pytest.approx(6.81 / 8.32)
    assert acc["valves"] == pytest.approx(5.04 / 6.24)
    assert stress.acc == pytest.approx((6.81 / 8.32 + 5.04 / 6.24) / 2)
    assert stress.expected_annual_loss == pytest.approx(27.1)


@pytest.mark.parametrize(
    ("measure", "units", "gain", "avoided"),
    [
        ("second-foundry", 1, 0.05 * 5 / 8.32 / 2, 2.5),
        ("seal-stock", 1, 0.04 * 2 / 8.32 / 2, 0.8),
        ("second-forge", 1, 0.06 * 16 / 6.24 / 2, 9.6),
        ("harden-forge", 1, 0.06 * 10 / 6.24 / 2, 6.0),
    ],
)
def test_what_a_measure_buys(quickstart, measure, units, gain, avoided):
    import pandas as pd

    given = oc.evaluate(quickstart, pd.DataFrame([{"measure": measure, "units": units, "start_year": 2026}]))
    assert given.acc_after - given.acc_before == pytest.approx(gain)
    assert given.expected_annual_loss_before - given.expected_annual_loss_after == pytest.approx(avoided)


def test_the_best_plan(plan):
    chosen = {(c.measure, c.units, c.start_year) for c in plan.choices}
    assert chosen == {("second-forge", 1.0, 2026), ("seal-stock", 4.0, 2027)}
    assert plan.objective_nothing == pytest.approx(0.813101, abs=1e-6)
    assert plan.objective == pytest.approx(0.813101 + 0.080128, abs=1e-6)
    assert plan.improvement_gap <= 1e-4
    assert plan.expected_annual_loss_after == pytest.approx(14.3)
    assert plan.avoidable_share == pytest.approx(12.8 / 16.5)
    assert plan.spend == pytest.approx({2026: 7, 2027: 8, 2028: 0, 2029: 0, 2030: 0})


def test_the_plan_is_verified(quickstart, plan):
    assert all(claim.ok for claim in oc.verify(quickstart, plan))
