"""What the commands answer, against the arithmetic of the pump maker."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Call = Callable[..., Result]


def answer(result: Result, status: int = 0) -> dict:
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


def test_stress_gives_continuity_by_event_and_their_mean(call: Call, pump: Path) -> None:
    found = answer(call("stress", pump, "--json"))
    by_event = {row["event"]: row["continuity"] for row in found["events"]}
    assert by_event == pytest.approx({"site:A": 0.5, "site:F1": 0.5, "site:F2": 1.0})
    assert found["acc"] == pytest.approx(2 / 3)
    assert found["worst"] == pytest.approx(0.5)
    assert found["expected_annual_loss"] == pytest.approx(0.1 * 100 + 0.1 * 100)


def test_stress_of_chosen_events_only(call: Call, pump: Path) -> None:
    found = answer(call("stress", pump, "--json", "--event", "site:F1"))
    assert [row["event"] for row in found["events"]] == ["site:F1"]
    assert found["acc"] == pytest.approx(0.5)


def test_spofs_by_kind(call: Call, pump: Path) -> None:
    found = answer(call("spof", pump, "--json", "--kind", "site"))
    assert [row["element"] for row in found["spofs"]] == ["A", "F1"]
    assert [row["lost"] for row in found["spofs"]] == pytest.approx([100.0, 100.0])
    both = answer(call("spof", pump, "--json", "--kind", "site", "--kind", "item"))
    assert {row["kind"] for row in both["spofs"]} == {"site", "item"}


def test_the_budget_decides_what_is_bought(call: Call, pump: Path) -> None:
    rich = answer(call("solve", pump, "--json"))
    assert [[m["measure"] for m in p["measures"]] for p in rich["policies"]] == [["second"]]
    assert rich["acc_after"] == pytest.approx((0.5 + 0.8 + 1.0) / 3)
    poor = answer(call("solve", pump, "--json", "--budget", "5,0"))
    assert [[m["measure"] for m in p["measures"]] for p in poor["policies"]] == [["stock"]]
    assert poor["acc_after"] == pytest.approx((0.5 + 0.7 + 1.0) / 3)
    assert [poor["budget"][year] for year in ("2026", "2027")] == [5.0, 0.0]


def test_a_forbidden_measure_is_not_bought(call: Call, pump: Path) -> None:
    found = answer(call("solve", pump, "--json", "--forbid", "second"))
    assert found["acc_after"] == pytest.approx((0.5 + 0.7 + 1.0) / 3)


def test_the_loss_as_objective(call: Call, pump: Path) -> None:
    found = answer(call("solve", pump, "--json", "--objective", "loss"))
    assert found["objective"] == pytest.approx(0.1 * 100 + 0.1 * 40)


def test_a_plan_in_full_effect_clears_the_foundry(call: Call, pump: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    assert call("solve", pump, "-o", plan).exit_code == 0
    spofs = answer(call("spof", pump, "--json", "--kind", "site", "--plan", plan))
    assert [row["element"] for row in spofs["spofs"]] == ["A"]
    stress = answer(call("stress", pump, "--json", "--plan", plan))
    assert stress["acc"] == pytest.approx((0.5 + 0.8 + 1.0) / 3)


def test_a_given_list_is_worked_out_and_its_breaches_named(call: Call, pump: Path, tmp_path: Path) -> None:
    choices = tmp_path / "choices.csv"
    choices.write_text(
        "chain,measure,units,start_year\npumps,second,1,2026\npumps,stock,1,2026\n", encoding="utf-8"
    )
    found = answer(call("evaluate", pump, "--choose", choices, "--json"))
    assert found["status"] == "given"
    assert found["spend"]["2026"] == pytest.approx(8.0 + 3.0)
    assert "budget" in {breach["rule"].split()[0] for breach in found["breaches"]}
    # 2 weeks from stock, then the second foundry: nothing is lost but with the assembly
    assert found["acc_after"] == pytest.approx((0.5 + 1.0 + 1.0) / 3)


def test_verify_confirms_a_plan_and_finds_a_forged_claim(call: Call, pump: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    call("solve", pump, "-o", plan)
    good = answer(call("verify", pump, plan, "--json"))
    assert good["ok"]
    assert len(good["claims"]) > 20
    forged = json.loads(plan.read_text(encoding="utf-8"))
    forged["acc_after"] = 0.9
    plan.write_text(json.dumps(forged), encoding="utf-8")
    bad = answer(call("verify", pump, plan, "--json"), status=1)
    assert not bad["ok"]
    assert {claim["claim"] for claim in bad["claims"] if not claim["ok"]} == {"acc_after"}


def test_info_counts_what_is_there(call: Call, pump: Path) -> None:
    found = answer(call("info", pump, "--json"))
    assert found["tables"]["sources"] == 3
    assert (found["blocks"], found["cycles"]) == (1, 0)
    assert found["demand_value"] == pytest.approx(10 * 2 * 10)


def test_convert_keeps_the_instance(call: Call, pump: Path, tmp_path: Path) -> None:
    for target in ("copy.json", "copy.xlsx", "copy"):
        done = answer(call("convert", pump, tmp_path / target, "--json"))
        assert answer(call("info", tmp_path / target, "--json"))["digest"] == done["digest"]


def test_check_lists_every_fault(call: Call, pump: Path) -> None:
    (pump / "demands.csv").write_text("item,rate,value\npumb,-1,2\n", encoding="utf-8")
    found = answer(call("check", pump, "--json"), status=3)
    assert not found["ok"]
    assert {(fault["file"], fault["row"], fault["column"]) for fault in found["errors"]} >= {
        ("demands.csv", 2, "item"),
        ("demands.csv", 2, "rate"),
    }


def test_check_of_a_sound_instance(call: Call, pump: Path) -> None:
    found = answer(call("check", pump, "--json"))
    assert found["ok"]
    assert found["errors"] == []


def test_many_assumptions_are_counted_by_rule_for_people(call: Call, pump: Path) -> None:
    sites = "".join(f"S{i},Spare {i}\n" for i in range(30))
    (pump / "sites.csv").write_text((pump / "sites.csv").read_text("utf-8") + sites, encoding="utf-8")
    sources = "".join(f"S{i},casting,,active,\n" for i in range(30))
    (pump / "sources.csv").write_text((pump / "sources.csv").read_text("utf-8") + sources, encoding="utf-8")
    listed = answer(call("check", pump, "--json"))["assumptions"]
    estimated = [fault for fault in listed if fault["code"] == "estimated-capacity"]
    assert len(estimated) == 30
    line = next(line for line in call("check", pump).stdout.splitlines() if "estimated-capacity" in line)
    assert line.split()[1] == "30"


def test_a_starter_is_usable_at_once(call: Call, tmp_path: Path) -> None:
    assert call("new", tmp_path / "mine").exit_code == 0
    assert answer(call("check", tmp_path / "mine", "--json"))["ok"]
    again = call("new", tmp_path / "mine")
    assert again.exit_code == 2, "a second time would overwrite the user's tables"


def test_infinity_is_null(call: Call, pump: Path) -> None:
    # stock for the whole horizon and beyond: the loss of the foundry is never felt within ten weeks
    (pump / "stocks.csv").write_text("item,quantity\ncasting,1000000\n", encoding="utf-8")
    text = call("spof", pump, "--json").stdout
    assert "Infinity" not in text
    assert "NaN" not in text
    times = [row["time_to_survive"] for row in json.loads(text)["spofs"]]
    assert all(time is None or math.isfinite(time) for time in times)


def test_two_runs_differ_in_provenance_alone(call: Call, pump: Path) -> None:
    first, second = (answer(call("solve", pump, "--json")) for _ in range(2))
    first.pop("provenance")
    second.pop("provenance")
    assert json.dumps(first) == json.dumps(second)


def test_evidence_of_a_plan(call: Call, pump: Path, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    answer(call("solve", pump, "--json", "-o", file))
    found = answer(call("evidence", pump, file, "--kinds", "all", "--samples", 2, "--inputs", 1, "--json"))
    # without the second foundry the continuity under F1 falls from 0.8 to 0.5: 60 of 200 at 0.1 a year
    assert [row["measure"] for row in found["leave_one_out"]] == ["second"]
    assert found["leave_one_out"][0]["loss_avoided"] == pytest.approx(6.0)
    # 8 of 10 are spent, the stock costs 3
    assert found["add_one"][0]["measure"] == "stock"
    assert found["add_one"][0]["short"] == {"2026": pytest.approx(1.0)}
    assert found["shared_nodes"] == []
    assert {row["name"] for row in found["quotas"]} == {"2026", "2027", "2028", "2029"}
    assert found["stability"]["samples"] == 2
    shown = call("evidence", pump, file)
    assert shown.exit_code == 0
    assert "2026 is short by 1" in " ".join(shown.stdout.split())


def test_evidence_goes_into_the_plan_file(call: Call, pump: Path, tmp_path: Path) -> None:
    first, second, mine = (tmp_path / name for name in ("plan.json", "supported.json", "mine.csv"))
    solved = answer(call("solve", pump, "--json", "--evidence", "-o", first))
    assert [row["measure"] for row in solved["evidence"]["leave_one_out"]] == ["second"]
    assert solved["evidence"]["frontier"] is None
    mine.write_text("measure,start_year\nstock,2026\n", encoding="utf-8")
    words = ("--kinds", "baselines,frontier", "--budgets", "0,3", "--choose", mine)
    found = answer(call("evidence", pump, first, *words, "--json", "-o", second))
    assert found == json.loads(second.read_text(encoding="utf-8"))["evidence"]
    # what was there stays; the stock saves two of five weeks, 40 of 200 at 0.1 a year, the second foundry three
    assert found["leave_one_out"] == solved["evidence"]["leave_one_out"]
    rows = {row["name"]: row for row in found["baselines"]}
    assert rows["given"]["loss_avoided"] == pytest.approx(4.0)
    assert rows["plan"]["loss_avoided"] == pytest.approx(6.0)
    assert [point["loss_avoided"] for point in found["frontier"]] == pytest.approx([0.0, 4.0])
    assert answer(call("verify", pump, second, "--json"))["ok"] is True
    wrong = call("solve", pump, "--evidence", "everything")
    assert wrong.exit_code == 2
    assert "leave_one_out" in wrong.stderr


def test_review_of_what_happened(call: Call, pump: Path, tmp_path: Path) -> None:
    plan, folder = tmp_path / "plan.json", tmp_path / "happened"
    answer(call("solve", pump, "--json", "-o", plan))
    folder.mkdir()
    (folder / "happenings.csv").write_text(
        "happening,date,event\nfire,2027-01-09,site:F1\n", encoding="utf-8"
    )
    (folder / "losses.csv").write_text("happening,chain,lost\nfire,pumps,50\n", encoding="utf-8")
    found = answer(call("review", pump, plan, folder, "--json"))
    # 100 of 200 without the plan; with the second foundry two weeks, 40
    (fire,) = found["happenings"]
    assert (fire["without"], fire["promised"]) == (pytest.approx(100.0), pytest.approx(40.0))
    assert (fire["avoided_promised"], fire["avoided"]) == (pytest.approx(60.0), pytest.approx(50.0))
    shown = call("review", pump, plan, folder, "-o", tmp_path / "review.html")
    assert shown.exit_code == 0
    assert "fire" in shown.stdout
    assert "were avoided" in (tmp_path / "review.html").read_text(encoding="utf-8")
    (folder / "losses.csv").write_text("happening,chain,lost\nfire,pump,50\n", encoding="utf-8")
    refused = call("review", pump, plan, folder, "--json")
    assert refused.exit_code == 3
    (fault,) = json.loads(refused.stdout)["errors"]
    assert (fault["file"], fault["row"], fault["column"]) == ("losses.csv", 2, "chain")


def test_a_comparison_is_written_as_a_report(call: Call, pump: Path, tmp_path: Path) -> None:
    first, second, page = (tmp_path / name for name in ("a.json", "b.json", "c.html"))
    call("solve", pump, "-o", first)
    call("solve", pump, "--forbid", "second", "-o", second)
    done = call("compare", first, second, "--instance", pump, "-o", page, "--language", "zh")
    assert done.exit_code == 0
    assert "排除的措施" in page.read_text(encoding="utf-8")
    assert call("compare", first, second, "-o", tmp_path / "c.txt").exit_code == 2


def test_frontier_and_columns(call: Call, pump: Path, tmp_path: Path) -> None:
    """A budget of 0 buys nothing: a third of the events reach nothing in use, the others take half."""
    found = answer(call("frontier", pump, "--json", "--budgets", "0:10:2"))
    assert [point["budget"] for point in found["points"]] == [0.0, 10.0]
    assert found["points"][0]["measures"] == []
    assert found["points"][0]["acc"] == pytest.approx(2 / 3)
    assert found["points"][0]["acc"] < found["points"][1]["acc"] <= found["points"][1]["bound"]
    assert sorted(found["value_of_money"]) == ["2026", "2027"]
    file = tmp_path / "pump.columns.json"
    call("frontier", pump, "--columns", file)
    assert "optichain columns" in file.read_text(encoding="utf-8")
    assert call("frontier", pump).exit_code == 2
    assert call("frontier", pump, "--budgets", "3:1:2").exit_code == 2
    assert call("solve", pump, "--columns", file).exit_code == 2  # the same chain twice


def test_stress_prints_the_same_for_one_process_and_for_two(pump: Path, call: Callable[..., Result]) -> None:
    assert call("stress", pump, "--json", "--jobs", 2).stdout == call("stress", pump, "--json").stdout


def test_stress_screen_prints_intervals_that_hold_the_figures(
    pump: Path, call: Callable[..., Result]
) -> None:
    """The foundry is the only one: both bounds are what the stress test finds, 0.5."""
    bounds = json.loads(call("stress", pump, "--screen", "--json").stdout)
    exact = json.loads(call("stress", pump, "--json").stdout)
    assert bounds["acc"][0] - 1e-9 <= exact["acc"] <= bounds["acc"][1] + 1e-9
    event = next(e for e in bounds["events"] if e["event"] == "site:F1")
    assert event["continuity"] == pytest.approx([0.5, 0.5], abs=1e-12)
    assert call("stress", pump, "--screen", "--jobs", 2).exit_code == 2
    assert "ACC" in call("stress", pump, "--screen").stdout


def test_stress_on_a_cluster_without_dask_names_the_extra(
    pump: Path, call: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    found = call("stress", pump, "--cluster", "tcp://localhost:1")
    assert found.exit_code == 2
    assert "optichain[cluster]" in found.stderr


def test_one_solve_writes_reports_in_both_languages(call: Call, pump: Path, tmp_path: Path) -> None:
    files = {tmp_path / "r.html": "zh", tmp_path / "r.en.html": "en", tmp_path / "r.zh.html": "zh"}
    reports = [word for file in files for word in ("--report", file)]
    assert call("solve", pump, "--language", "zh", *reports).exit_code == 0
    for file, language in files.items():
        assert f'<html lang="{language}' in file.read_text(encoding="utf-8")
