"""The commands that fail elements: exposure, reverse, and events made on demand."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest


def test_exposure_lists_elements_and_writes_questions(call: Any, pump: Any, tmp_path: Any) -> None:
    result = call("exposure", pump, "--json", "--ask", tmp_path / "ask.csv")
    assert result.exit_code == 0, result.output
    elements = json.loads(result.stdout)["elements"]
    first = elements[0]
    # the pump works, the foundry and their items each lose 5 of 10 weeks of 20
    assert first["lost"] == pytest.approx(100.0)
    assert {
        "kind",
        "element",
        "recovery_time",
        "time_to_survive",
        "lost",
        "risk_exposure_index",
        "spof",
    } <= set(first)
    idle = next(row for row in elements if row["element"] == "F2")
    assert idle["time_to_survive"] is None
    assert not math.isnan(idle["lost"])
    assert (tmp_path / "ask.csv").is_file()


def test_reverse_lists_durations_and_sets(call: Any, pump: Any) -> None:
    result = call("reverse", pump, "--level", "0.6", "--order", "1", "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    # without the foundry, or the pump works, nothing is made: 0.6 is reached after 4 of 10 weeks
    assert {"kind": "site", "element": "A", "duration": pytest.approx(4.0)} in document["durations"]
    assert {"kind": "site", "element": "F2", "duration": None} in document["durations"]
    assert [s["elements"] for s in document["sets"]] == [
        [{"kind": "site", "element": "A"}],
        [{"kind": "site", "element": "F1"}],
    ]
    assert document["complete"]


def test_stress_takes_ready_made_events_and_draws_years(call: Any, pump: Any) -> None:
    result = call("stress", pump, "--what-if", "port-closed:port=F1,duration=2", "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert [e["continuity"] for e in document["events"]] == [pytest.approx(0.8)]
    drawn = [json.loads(call("stress", pump, "--sample", "50", "--seed", "5", "--json").stdout) for _ in "ab"]
    assert drawn[0] == drawn[1]
    assert drawn[0]["sample"]["years"] == 50
    pairs = json.loads(call("stress", pump, "--combinations", "2", "--json").stdout)["events"]
    assert len(pairs) == 3 + 3
    assert call("stress", pump, "--combinations", "2", "--sample", "9").exit_code == 2
    assert call("stress", pump, "--what-if", "port-closed:port=F3").exit_code == 2


def test_worst_case_prints_its_certificate(call: Any, pump: Any) -> None:
    result = call("worst-case", pump, "-k", "1", "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    # the pump works or the foundry: 5 of 10 weeks
    assert document["continuity"] == document["bound"] == pytest.approx(0.5)
    assert document["attack"] in ([{"kind": "site", "element": "A"}], [{"kind": "site", "element": "F1"}])
    assert document["certificate"]["complete"]


def test_cuts_list_sets_probabilities_and_importance(call: Any, pump: Any) -> None:
    result = call("cuts", pump, "--kind", "site", "--order", "2", "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    # the second foundry is not qualified: the pump works and the first foundry are single points of failure
    assert document["cut_sets"] == [
        {
            "demand": "pump",
            "site": None,
            "elements": [{"kind": "site", "element": name}],
            "probability": pytest.approx(0.1),
        }
        for name in ("A", "F1")
    ]
    assert (document["order"], document["complete"]) == (2, True)
    assert document["top_probability"] == pytest.approx(1 - 0.9 * 0.9)
    assert [row["importance"] for row in document["importance"]] == [pytest.approx(0.9)] * 2
    assert "site F1" in call("cuts", pump, "--kind", "site").stdout


def test_cuts_with_a_plan_or_at_a_level(call: Any, pump: Any, tmp_path: Any) -> None:
    plan = tmp_path / "plan.json"
    assert call("solve", pump, "--fix", "second", "-o", plan, "--json").exit_code == 0
    planned = json.loads(call("cuts", pump, "--kind", "site", "--plan", plan, "--json").stdout)
    sets = [[e["element"] for e in row["elements"]] for row in planned["cut_sets"]]
    assert sets == [["A"], ["F1", "F2"]]
    level = json.loads(call("cuts", pump, "--kind", "site", "--level", "0.5", "--json").stdout)
    assert [[e["element"] for e in row["elements"]] for row in level["cut_sets"]] == [["A"], ["F1"]]
    assert (level["level"], level["demands"][0]["undisturbed"]) == (0.5, pytest.approx(1.0))


def test_cuts_stopped_early_say_so(call: Any, pump: Any) -> None:
    result = call("cuts", pump, "--kind", "site", "--limit", "1", "--json")
    assert result.exit_code == 5
    document = json.loads(result.stdout)
    assert (len(document["cut_sets"]), document["complete"], document["proven_order"]) == (1, False, 0)
    assert call("cuts", pump, "--demand", "pumpe").exit_code == 2
    assert call("cuts", pump, "--level", "0").exit_code == 2
