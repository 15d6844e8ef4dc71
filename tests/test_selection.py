"""Which chains are taken up: against all subsets, and how far the choice moves with the weights."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import optichain as oc
from optichain.errors import UsageError
from optichain.selection import CandidateError


def _candidates(seed: int, size: int = 8) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 101, (size, 3)).astype(float)
    return pd.DataFrame(
        {
            "chain": [f"c{i}" for i in range(size)],
            "cluster": rng.choice(["x", "y", "z"], size),
            "strength": scores[:, 0],
            "driving": scores[:, 1],
            "technology": scores[:, 2],
        }
    )


def _best_of_all(frame: pd.DataFrame, number: int, weights: list[float], minimum: int) -> float:
    score = (frame[["strength", "driving", "technology"]] @ weights) / sum(weights)
    best = -math.inf
    for members in itertools.combinations(range(len(frame)), number):
        inside = frame.iloc[list(members)]["cluster"].value_counts()
        if all(inside.get(c, 0) >= minimum for c in set(frame["cluster"])):
            best = max(best, float(score.iloc[list(members)].sum()))
    return best


@pytest.mark.parametrize("seed", range(30))
def test_the_choice_is_the_best_of_all_choices_that_keep_the_minima(seed: int) -> None:
    frame = _candidates(seed)
    minimum = min(1, *frame["cluster"].value_counts())
    weights = [1.0, float(seed % 3), 2.0]
    chosen = oc.choose_chains(frame, 4, weights=weights, minimum=minimum)
    assert chosen["chosen"].sum() == 4
    assert chosen.loc[chosen["chosen"], "score"].sum() == pytest.approx(
        _best_of_all(frame, 4, weights, minimum)
    )


def test_a_chain_can_be_chosen_for_its_cluster_alone() -> None:
    frame = pd.DataFrame(
        {
            "chain": ["a", "b", "c"],
            "cluster": ["x", "x", "y"],
            "strength": [90.0, 80.0, 10.0],
            "driving": [90.0, 80.0, 10.0],
            "technology": [90.0, 80.0, 10.0],
        }
    )
    found = oc.choose_chains(frame, 2, minimum=1).set_index("chain")
    assert found["chosen"].to_dict() == {"a": True, "b": False, "c": True}
    assert found["by_minimum"].to_dict() == {"a": False, "b": False, "c": True}
    # a is 10 above b, which could take its place; nothing of y could replace c
    assert found.at["a", "margin"] == pytest.approx(10.0)
    assert found.at["c", "margin"] == math.inf


def test_the_choice_moves_with_the_weights() -> None:
    frame = pd.DataFrame(
        {
            "chain": ["strong", "driving", "weak"],
            "strength": [100.0, 0.0, 0.0],
            "driving": [0.0, 100.0, 0.0],
            "technology": [50.0, 50.0, 10.0],
        }
    )
    found = oc.selection_stability(frame, 1, samples=4000).set_index("chain")
    # the larger of two weights decides, each half of the time
    assert found.at["strong", "share"] == pytest.approx(0.5, abs=0.03)
    assert found["standing"].to_dict() == {"strong": "contested", "driving": "contested", "weak": "out"}
    assert oc.selection_stability(frame, 3)["standing"].eq("core").all()


@pytest.mark.parametrize(
    ("change", "options", "says"),
    [
        ({}, {"number": 9}, "9 chains cannot be chosen of 8"),
        ({}, {"minimum": {"w": 1}}, "no candidate is of cluster 'w'"),
        ({}, {"minimum": {"x": 8}}, "are required"),
        ({}, {"weights": (0.0, 0.0, 0.0)}, "three numbers"),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, Any], options: dict[str, Any], says: str) -> None:
    frame = _candidates(0).assign(**change)
    with pytest.raises(UsageError, match=says):
        oc.choose_chains(frame, **{"number": 3, **options})


def test_every_fault_of_the_list_is_told_with_its_row() -> None:
    frame = _candidates(0).assign(strength=["120", "x", *["50"] * 6], chain=[*"abcdefg", "c"])
    with pytest.raises(CandidateError) as caught:
        oc.choose_chains(frame, 3, file="c.csv")
    found = [(fault.file, fault.row, fault.column) for fault in caught.value.faults()]
    assert found == [("c.csv", 2, "strength"), ("c.csv", 3, "strength"), ("c.csv", 9, "chain")]
    with pytest.raises(CandidateError, match="column 'driving' is missing"):
        oc.choose_chains(frame.drop(columns="driving"), 3)


def test_the_command_prints_the_choice(tmp_path: Path) -> None:
    from optichain.cli.root import root

    _candidates(3).assign(cluster=list("xxxyyyzz")).to_csv(tmp_path / "c.csv", index=False)
    words = [
        "choose",
        str(tmp_path / "c.csv"),
        "--number",
        "4",
        "--minimum",
        "1",
        "--minimum",
        "x=2",
        "--json",
    ]
    result = CliRunner().invoke(root, words, prog_name="optichain")
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)["chains"]
    assert sum(row["chosen"] for row in rows) == 4
    assert sum(row["chosen"] for row in rows if row["cluster"] == "x") >= 2
    bad = CliRunner().invoke(root, [*words[:4], "--minimum", "x=two"], prog_name="optichain")
    assert bad.exit_code == 2
    (tmp_path / "c.csv").write_text("chain,strength,driving,technology\n\na,1,2,3\nb,1,2\n", encoding="utf-8")
    ragged = CliRunner().invoke(root, words, prog_name="optichain")
    assert ragged.exit_code == 3
    assert [fault["row"] for fault in json.loads(ragged.stdout)["errors"]] == [4]
