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

SMALL = (1, 2, 3)


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
    assert len(instance["demands"]) == counted.at[number, "demand_stages"]
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
    "number", [pytest.param(n, marks=[] if n in SMALL else [pytest.mark.slow]) for n in CHAINS]
)
def test_every_command_takes_a_real_chain(number: int, published_data: Path, tmp_path: Path) -> None:
    where, plan_file = tmp_path / "chain.json", tmp_path / "plan.json"
    instance = read_chain(published_data, number)
    oc.write(instance, where)
    assert _run("check", where, "--json")["ok"]
    assert _run("info", where, "--json")["tables"]["sites"] == len(instance["sites"])
    few = ["--event", f"site:{instance['sites']['site'][0]}"]
    stress = _run("stress", where, "--json", *(few if number not in SMALL else []))
    assert stress["undisturbed"]["continuity"] == pytest.approx(1.0)
    cuts = _run("cuts", where, "--kind", "site", "--order", "2", "--json")
    assert cuts["complete"]
    if number not in SMALL:
        return
    spofs = _run("spof", where, "--json")["spofs"]
    assert spofs
    alone = {(row["demand"], row["element"]) for row in spofs if row["kind"] == "site"}
    assert alone == {
        (row["demand"], row["elements"][0]["element"])
        for row in cuts["cut_sets"]
        if len(row["elements"]) == 1
    }
    exposed = _run("exposure", where, "--json", "--kind", "site")["elements"]
    impact = {row["element"]: row["lost"] for row in exposed}
    lost = {event["event"]: event["lost"] for event in stress["events"]}
    assert {f"site:{name}": value for name, value in impact.items()} == pytest.approx(lost)
    assert _run("reverse", where, "--level", "0.99", "--order", "1", "--json")["durations"]
    assert _run("worst-case", where, "-k", "1", "--json")["continuity"] == pytest.approx(
        min(event["continuity"] for event in stress["events"])
    )
    plan = _run("solve", where, "-o", plan_file, "--json")
    assert plan["acc_after"] >= plan["acc_before"]
    assert _run("verify", where, plan_file, "--json")["ok"]
    _run("convert", where, tmp_path / "chain.xlsx")
    assert oc.load(tmp_path / "chain.xlsx").digest == instance.digest
