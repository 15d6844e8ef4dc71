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
