"""Events made of events, sampled years, and ready-made events."""

from __future__ import annotations

from typing import Any

import pytest

import optichain as oc
from optichain.errors import UsageError
from optichain.risk.compound import MOST_COMBINATIONS, combined_events, sample_years
from optichain.risk.events import Event
from small import instance


def _twins() -> Any:
    """Two sites that can each make 6 of the 10 wanted a week; down for 5 of 10 weeks."""
    return instance(
        sites=[
            {"site": "A", "recovery_time": 5.0, "annual_probability": 0.2, "region": "R", "country": "K"},
            {"site": "B", "recovery_time": 5.0, "annual_probability": 0.1, "country": "K", "groups": "port"},
        ],
        sources=[
            {"site": "A", "item": "p", "capacity": 6.0, "groups": "licence"},
            {"site": "B", "item": "p", "capacity": 6.0},
        ],
        demands=[{"item": "p", "rate": 10.0}],
    )


def test_all_pairs_are_events_of_their_own() -> None:
    found = oc.stress_test(_twins(), combinations=2).set_index("event")
    assert list(found.index) == ["site:A", "site:B", "site:A + site:B"]
    both = found.loc["site:A + site:B"]
    assert both["probability"] == pytest.approx(0.02)
    assert both["continuity"] == pytest.approx(0.5)
    assert found.attrs["acc"] == pytest.approx((0.2 * 0.8 + 0.1 * 0.8 + 0.02 * 0.5) / 0.32)


def test_too_many_combinations_are_refused_before_they_are_made() -> None:
    many = [Event(str(i), "", 0.1, ()) for i in range(2000)]
    with pytest.raises(UsageError, match=str(MOST_COMBINATIONS)):
        combined_events(many, 2)


def test_sampled_years_come_near_what_is_true() -> None:
    # both fail in 0.02 of the years, A alone in 0.18, B alone in 0.08
    loss = 0.18 * 20.0 + 0.08 * 20.0 + 0.02 * 50.0
    acc = (0.26 * 0.8 + 0.02 * 0.5) / 0.28
    found = oc.resilience(_twins(), sample=20_000, seed=7)
    assert found.sample is not None
    error = found.sample["standard_error"]
    assert 0.0 < error["acc"] < 0.01
    assert abs(found.acc - acc) < 4.0 * error["acc"]
    assert abs(found.expected_annual_loss - loss) < 4.0 * error["expected_annual_loss"]


def test_standard_errors_are_the_spread_over_seeds() -> None:
    runs = [oc.resilience(_twins(), sample=400, seed=seed) for seed in range(60)]
    for name, value in (("acc", "acc"), ("expected_annual_loss", "expected_annual_loss")):
        values = [getattr(r, value) for r in runs]
        mean = sum(values) / len(values)
        spread = (sum((v - mean) ** 2 for v in values) / (len(values) - 1)) ** 0.5
        stated = sum(r.sample["standard_error"][name] for r in runs if r.sample) / len(runs)
        assert stated == pytest.approx(spread, rel=0.35)


def test_a_seed_draws_the_same_years() -> None:
    events = [Event("a", "", 0.3, ()), Event("b", "", 0.5, ())]
    first, second = sample_years(events, 100, seed=3), sample_years(events, 100, seed=3)
    assert first == second
    assert first != sample_years(events, 100, seed=4)
    with pytest.raises(UsageError, match="at least 2"):
        sample_years(events, 1)


@pytest.mark.parametrize(
    ("text", "goes_on"),
    [
        ("region-flooded:region=R", 0.8),  # A for its 5 weeks: 6 of 10 in half the time
        ("region-flooded:region=R,duration=2.5", 0.9),
        ("region-flooded:region=R,loss=0.5", 0.95),  # 3 + 6 of 10 a week
        ("port-closed:port=port", 0.8),
        ("port-closed:port=B,duration=10", 0.6),
        ("licence-withdrawn:licence=licence", 0.6),  # for the whole horizon
        ("export-control:country=K,item=p", 0.0),
    ],
)
def test_ready_made_events(text: str, goes_on: float) -> None:
    found = oc.stress_test(_twins(), what_if=[text])
    assert found["continuity"].tolist() == pytest.approx([goes_on])
    assert found["event"][0] == f"{text.partition(':')[0]}:" + ",".join(
        part.partition("=")[2]
        for part in text.partition(":")[2].split(",")
        if part[:4] not in ("dura", "loss")
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("flood:region=R", "export-control"),
        ("region-flooded:region=RR", "did you mean 'R'"),
        ("region-flooded:", "region is missing"),
        ("region-flooded:region=R,depth=2", "'depth' is unknown"),
        ("region-flooded:region=R,loss=2", "from 0 to 1"),
        ("region-flooded:region=R,region=R", "given twice"),
        ("region-flooded:region", "KEY=VALUE"),
        ("export-control:country=K,item=q", "no item 'q'"),
    ],
)
def test_what_is_no_template_is_refused_with_a_remedy(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        oc.stress_test(_twins(), what_if=[text])
