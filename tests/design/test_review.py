"""What a plan promised against what happened, with the arithmetic beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import optichain as oc
import small
import strategies
from optichain.errors import PlanError


def pump(**planning: Any) -> Any:
    """Pumps worth 2 are wanted at 10 a week for 10 weeks: 200. Sites stay down for 5 weeks, once in ten years.

    Without the foundry 5 weeks are lost: 100. A second foundry delivers 2 weeks after the failure, from the year
    after its start; a stock of 20 castings lasts 2 weeks, at once.
    """
    return small.instance(
        planning={"years": [2026, 2027], "budget": [20.0, 20.0], "terminal_years": 1, **planning},
        chains=[{"chain": "pumps"}],
        sites=[{"site": s, "recovery_time": 5, "annual_probability": 0.1} for s in ("A", "F1", "F2")],
        items=[{"item": "pump", "chain": "pumps"}, {"item": "casting"}],
        sources=[
            {"site": "A", "item": "pump", "capacity": 10},
            {"site": "F1", "item": "casting", "capacity": 10},
            {"site": "F2", "item": "casting", "capacity": 10, "status": "potential", "switch_time": 2},
        ],
        bom=[{"item": "pump", "input": "casting", "quantity": 1}],
        demands=[{"item": "pump", "chain": "pumps", "rate": 10, "value": 2}],
        measures=[
            {"measure": "second", "chain": "pumps", "cost_1": 8, "cost_2": 1, "lead_time": 1},
            {"measure": "stock", "chain": "pumps", "cost_1": 3},
        ],
        effects=[
            {"measure": "second", "effect": "qualify", "target": "F2:casting"},
            {"measure": "stock", "effect": "stockpile", "target": "casting", "amount": 20},
        ],
    )


@pytest.fixture(scope="module")
def given() -> tuple[Any, oc.Plan]:
    instance = pump()
    listed = pd.DataFrame({"measure": ["second", "stock"], "start_year": [2026, 2026]})
    return instance, oc.evaluate(instance, listed)


def tables(**changed: Any) -> dict[str, pd.DataFrame]:
    found = {
        "happenings": pd.DataFrame(
            [
                {"happening": "fire", "date": "2026-05-01", "event": "site:F1"},
                {"happening": "flood", "date": "2027-03-01", "event": "site:F1", "duration": 3},
            ]
        ),
        "losses": pd.DataFrame(
            [
                {"happening": "fire", "chain": "pumps", "lost": 70},
                {"happening": "flood", "chain": "pumps", "lost": 25},
            ]
        ),
        "measures": pd.DataFrame([{"measure": "second", "works_from": "2027-06-01"}]),
        "costs": pd.DataFrame([{"measure": "second", "year": 2026, "spent": 9}]),
    }
    return {name: frame for name, frame in {**found, **changed}.items() if frame is not None}


def test_each_happening_as_promised_as_it_worked_and_as_it_was(given: tuple[Any, oc.Plan]) -> None:
    found = oc.review(*given, tables()).happenings.set_index("happening")
    fire, flood = found.loc["fire"], found.loc["flood"]
    # 2026: the stock alone was promised, and worked: 3 of 5 weeks are lost
    assert fire["without"] == pytest.approx(100.0)
    assert fire["promised"] == pytest.approx(60.0)
    assert fire["working"] == pytest.approx(60.0)
    assert (fire["avoided_promised"], fire["avoided"]) == (pytest.approx(40.0), pytest.approx(30.0))
    assert fire["model_error"] == pytest.approx(10.0)
    # 2027, three weeks: stock and second foundry were to lose nothing, but the foundry came three months late
    assert flood["without"] == pytest.approx(60.0)
    assert flood["promised"] == pytest.approx(0.0)
    assert flood["working"] == pytest.approx(20.0)
    assert flood["avoided"] == pytest.approx(35.0)
    assert flood["foreseen"] == "site:F1"


def test_by_chain_measure_and_year(given: tuple[Any, oc.Plan]) -> None:
    found = oc.review(*given, tables())
    (chain,) = found.chains.to_dict("records")
    assert chain["without"] == pytest.approx(160.0)
    assert chain["avoided_promised"] == pytest.approx(100.0)
    assert chain["avoided"] == pytest.approx(65.0)
    measures = found.measures.set_index("measure")
    second, stock = measures.loc["second"], measures.loc["stock"]
    # promised for the flood alone: without it the stock leaves one of three weeks; it did not work yet
    assert second["avoided_promised"] == pytest.approx(20.0)
    assert second["avoided_working"] == pytest.approx(0.0)
    assert (second["promised_from"], second["works_from"], second["told"]) == (2027, "2027-06-01", True)
    # fire: 40; flood: beside the second foundry two of three weeks as promised, and as many alone
    assert stock["avoided_promised"] == pytest.approx(80.0)
    assert stock["avoided_working"] == pytest.approx(80.0)
    assert (stock["works_from"], stock["told"]) == ("2026-01-01", False)
    # 8 in 2026 and 1 in 2027 were planned, of 2026 alone is told
    assert second["cost_promised"] == pytest.approx(9.0)
    assert second["spent"] == 9.0
    assert np.isnan(stock["spent"])
    years = found.by_year.set_index("year")
    assert years.index.tolist() == [2026, 2027]
    assert years["cost_promised"].tolist() == pytest.approx([11.0, 1.0])
    # A and F1 lose 100 each at 0.1; with the stock F1 60, with both nothing
    assert years["expected_before"].tolist() == pytest.approx([20.0, 20.0])
    assert years["expected_promised"].tolist() == pytest.approx([16.0, 10.0])
    assert years["lost"].tolist() == [70.0, 25.0]


def test_what_is_not_known_is_not_taken_for_nothing(given: tuple[Any, oc.Plan]) -> None:
    told = pd.DataFrame([{"happening": "fire", "chain": "pumps", "lost": 70}])
    found = oc.review(*given, tables(losses=told, measures=None, costs=None))
    assert found.unknown == ("flood",)
    flood = found.happenings.set_index("happening").loc["flood"]
    assert np.isnan(flood["realised"])
    assert np.isnan(flood["avoided"])
    # the sums by chain are of the fire alone
    assert found.chains["without"].tolist() == pytest.approx([100.0])
    years = found.by_year.set_index("year")["lost"]
    assert years[2026] == 70.0
    assert np.isnan(years[2027])


def test_a_measure_that_never_came_avoids_nothing(given: tuple[Any, oc.Plan]) -> None:
    never = pd.DataFrame({"measure": ["stock", "second"], "works_from": ["never", "2026"]})
    found = oc.review(*given, tables(measures=never))
    happenings = found.happenings.set_index("happening")
    # the second foundry came a year early: two weeks are lost each time
    assert happenings["working"].tolist() == pytest.approx([40.0, 40.0])
    assert found.measures.set_index("measure").loc["stock", "avoided_working"] == 0.0


def test_what_nobody_foresaw_counts_by_what_was_hit(given: tuple[Any, oc.Plan]) -> None:
    rows = [
        {"happening": "storm", "date": "2027", "kind": "site", "target": "F1", "duration": 4, "loss": 0.5},
        {"happening": "storm", "date": "2027", "kind": "site", "target": "A", "duration": 1},
    ]
    found = oc.review(*given, {"happenings": pd.DataFrame(rows)})
    (storm,) = found.happenings.to_dict("records")
    assert storm["foreseen"] is None
    # one week nothing is assembled while half of the castings pile up, three weeks half of them is missing:
    # 20 + 3 x 10 less the 5 castings saved up
    assert storm["without"] == pytest.approx(20.0 + 30.0 - 10.0)
    assert np.isnan(storm["realised"])


FAULTY = {
    "happenings.csv": (
        "happening,date,event,kind,target,duration,loss\n"
        "a,soon,site:F1,,,,\n"
        "b,2027,site:F9,,,,\n"
        "c,2027,site:F1,site,F1,,\n"
        "d,2027,,,,,\n"
        "e,2027,,planet,F1,-1,2\n"
    ),
    "losses.csv": "happening,chain,lost\nb,pump,1\nzz,pumps,x\n",
    "measures.csv": "measure,works_from,colour\nsecnd,2027,red\n",
    "costs.csv": "measure,year\nstock,2026\n",
    "spent.csv": "measure\nstock\n",
}


def test_every_fault_is_told_with_its_place(given: tuple[Any, oc.Plan], tmp_path: Path) -> None:
    for name, text in FAULTY.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(PlanError) as error:
        oc.review(*given, tmp_path)
    found = {(f.file, f.row, f.column): f for f in error.value.faults()}
    for place in (
        ("happenings.csv", 2, "date"),
        ("happenings.csv", 3, "event"),
        ("happenings.csv", 4, "event"),
        ("happenings.csv", 5, "kind"),
        ("happenings.csv", 6, "kind"),
        ("happenings.csv", 6, "duration"),
        ("happenings.csv", 6, "loss"),
        ("losses.csv", 2, "chain"),
        ("losses.csv", 3, "lost"),
        ("measures.csv", 1, "colour"),
        ("measures.csv", 2, "measure"),
        ("costs.csv", 1, "spent"),
        ("spent.csv", None, None),
    ):
        assert place in found, place
    assert "did you mean 'second'?" in str(found["measures.csv", 2, "measure"])
    assert "did you mean 'pumps'?" in str(found["losses.csv", 2, "chain"])
    assert "2027-05-14" in str(found["happenings.csv", 2, "date"])


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"costs": pd.DataFrame([{"measure": "second", "year": 2026, "spent": 1}] * 2)}, "given twice"),
        ({"losses": pd.DataFrame([{"happening": "fire", "chain": "pumps", "lost": 1}] * 2)}, "given twice"),
        ({"measures": pd.DataFrame([{"measure": "second", "works_from": None, "units": 1}])}, "from when"),
    ],
)
def test_tables_that_contradict_themselves_are_refused(
    given: tuple[Any, oc.Plan], changed: dict[str, pd.DataFrame], text: str
) -> None:
    with pytest.raises(PlanError, match=text):
        oc.review(*given, tables(**changed))


def test_rows_of_one_happening_have_one_date(given: tuple[Any, oc.Plan]) -> None:
    rows = [
        {"happening": "x", "date": "2026", "event": "site:A"},
        {"happening": "x", "date": "2027", "event": "site:F1"},
    ]
    with pytest.raises(PlanError, match="began on 2026 in row 2"):
        oc.review(*given, {"happenings": pd.DataFrame(rows)})


def test_a_folder_without_happenings_and_another_instance_are_refused(
    given: tuple[Any, oc.Plan], tmp_path: Path
) -> None:
    with pytest.raises(PlanError, match=r"happenings\.csv: is missing"):
        oc.review(*given, tmp_path)
    with pytest.raises(PlanError, match="is no folder"):
        oc.review(*given, tmp_path / "nowhere")
    with pytest.raises(PlanError, match="another version"):
        oc.review(pump(budget=[5.0, 5.0]), given[1], tables())


def test_random_happenings_lose_what_the_stress_test_says() -> None:
    wrong, compared = [], 0
    for seed, instance in strategies.accepted(3, first=60):
        plan = oc.reinforce(instance)
        before = oc.stress_test(instance).set_index("event")["lost"]
        after = oc.stress_test(instance, plan=plan).set_index("event")["lost"]
        late = max(plan.years_of_cost) + 5
        rows = [{"happening": f"h{i}", "date": late, "event": event} for i, event in enumerate(before.index)]
        if not rows:
            continue
        found = oc.review(instance, plan, {"happenings": pd.DataFrame(rows)}).happenings
        running = len(instance["running"])
        for row in found.to_dict("records"):
            compared += 1
            ends = [(row["promised"], after[row["foreseen"]])]
            if not running:
                ends.append((row["without"], before[row["foreseen"]]))
            for mine, right in ends:
                if abs(mine - right) > 1e-6 * max(1.0, abs(right)):
                    wrong.append(f"seed {seed}, {row['foreseen']}: {mine}, by the stress test {right}")
    assert wrong == []
    assert compared > 5
