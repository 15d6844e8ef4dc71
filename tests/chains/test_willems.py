"""Real supply chains through every part: structure as counted independently, and every command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

import optichain as oc
from chains.willems import CHAINS, read_chain, stages_of


@pytest.fixture(scope="module")
def counted(published_data: Path) -> pd.DataFrame:
    """What was counted independently: stages upstream of all demand."""
    return pd.read_csv(published_data / "willems_chains" / "structural_check.csv").set_index("chain")


@pytest.mark.parametrize(
    "number", [pytest.param(n, marks=[] if n <= 12 else [pytest.mark.slow]) for n in CHAINS]
)
def test_stages_that_feed_all_demand_are_the_single_points_of_failure_of_all_demand(
    number: int, published_data: Path, counted: pd.DataFrame
) -> None:
    instance = read_chain(published_data, number, reading="assembly")
    stages, _ = stages_of(published_data, number)
    assert len(instance["sites"]) == len(stages)
    # a stage whose stated demand is 0 is counted there, and demands nothing here
    assert stages["avgDemand"].notna().sum() == counted.at[number, "demand_stages"]
    assert instance["demands"]["rate"].sum() == pytest.approx(counted.at[number, "total_avg_demand"])
    network = oc.compile_network(instance)
    from optichain.risk.structure import analyse_structure

    spofs = analyse_structure(network, kinds=["site"], measure_losses=False).spofs
    stops = spofs.groupby("element")["demand"].nunique()
    assert int((stops == len(instance["demands"])).sum()) == counted.at[number, "stages_feeding_all_demand"]


def _run(*words: object) -> Any:
    from optichain.cli.root import root

    result = CliRunner().invoke(root, [str(word) for word in words], prog_name="optichain")
    assert result.exit_code == 0, (words, result.output, result.stderr)
    return json.loads(result.stdout) if "--json" in words else None


@pytest.mark.parametrize(
    "number", [pytest.param(n, marks=[] if n == 1 else [pytest.mark.slow]) for n in CHAINS]
)
def test_every_command_takes_a_real_chain(number: int, published_data: Path, tmp_path: Path) -> None:
    """The five slowest stages fail, alone and together; every command that asks of an instance is asked."""
    where, plan_file, choice = (tmp_path / name for name in ("chain.json", "plan.json", "choice.csv"))
    instance = read_chain(published_data, number, few_events=True)
    oc.write(instance, where)
    five = ("--kind", "enterprise", "--json")
    assert _run("check", where, "--json")["ok"]
    assert _run("info", where, "--json")["tables"]["sites"] == len(instance["sites"])
    spofs = _run("spof", where, *five)["spofs"]
    cuts = _run("cuts", where, "--order", "2", *five)
    assert cuts["complete"]
    alone = {
        (row["demand"], row["elements"][0]["element"])
        for row in cuts["cut_sets"]
        if len(row["elements"]) == 1
    }
    assert alone == {(row["demand"], row["element"]) for row in spofs}
    stress = _run("stress", where, "--json")
    assert stress["undisturbed"]["continuity"] == pytest.approx(1.0)
    exposed = _run("exposure", where, *five)["elements"]
    impact = {f"down {row['element'].removeprefix('owner of ')}": row["lost"] for row in exposed}
    assert impact == pytest.approx(
        {event["event"]: event["lost"] for event in stress["events"]}, rel=1e-6, abs=1e-6
    )
    worst = min(event["continuity"] for event in stress["events"])
    pairs = _run("worst-case", where, "-k", "2", *five)
    assert pairs["continuity"] <= worst + 1e-9
    assert pairs["certificate"]["complete"]
    sets = _run("reverse", where, "--level", "0.999", "--order", "2", *five)["sets"]
    assert bool(sets) == (pairs["continuity"] < 0.999)
    plan = _run("solve", where, "-o", plan_file, "--json")
    assert plan["status"] == "optimal"
    assert plan["acc_after"] >= plan["acc_before"]
    assert _run("verify", where, plan_file, "--json")["ok"]
    first = instance["measures"]["measure"][0]
    choice.write_text(f"measure,start_year\n{first},2026\n", encoding="utf-8")
    given = _run("evaluate", where, "--choose", choice, "-o", tmp_path / "given.json", "--json")
    assert not given["breaches"]
    assert given["objective"] <= plan["objective"] + 1e-6
    assert _run("compare", plan_file, tmp_path / "given.json", "--json")
    best = max(row["objective"] for row in _run("baselines", where, "--json")["baselines"])
    assert best <= plan["objective"] + 1e-6
    points = _run("frontier", where, "--budgets", "0:2:2", "--json")["points"]
    assert points[0]["acc"] <= points[1]["acc"] + 1e-9
    assert _run("evidence", where, plan_file, "--json")
    _run("report", where, plan_file, "-o", tmp_path / "report.json")
    _run("convert", where, tmp_path / "chain.xlsx")
    assert oc.load(tmp_path / "chain.xlsx").digest == instance.digest


@pytest.mark.parametrize(
    "number", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)]
)
def test_every_stage_fails_as_the_stress_test_says(number: int, published_data: Path, tmp_path: Path) -> None:
    where = tmp_path / "chain.json"
    oc.write(read_chain(published_data, number), where)
    stress = _run("stress", where, "--json")
    lost = {event["event"]: event["lost"] for event in stress["events"]}
    exposed = _run("exposure", where, "--json", "--kind", "site")["elements"]
    assert {f"site:{row['element']}": row["lost"] for row in exposed} == pytest.approx(lost)
    assert _run("worst-case", where, "-k", "1", "--json")["continuity"] == pytest.approx(
        min(event["continuity"] for event in stress["events"])
    )
