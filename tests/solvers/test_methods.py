"""Every method finds what the extensive form finds, whatever is asked for beside the instance: alone and together."""

from __future__ import annotations

import random
from typing import Any

import pandas as pd
import pytest

import joined
import optichain as oc
import strategies
from optichain.design.plan import Plan
from oracle import structure
from oracle.data import read

RUN = 3
KINDS = (("site",), ("source",), ("site", "group", "enterprise"), ("item", "lane", "source"))


def previous_plan(instance: Any, chance: random.Random) -> Plan:
    """Return an earlier plan: some measures, one chain's of which began the year before."""
    measures = instance["measures"]
    years = instance.settings.planning.years
    going = set(instance["running"]["measure"])
    free = measures[~measures["measure"].isin(going)]
    chosen = [row for row in free.itertuples() if chance.random() < 0.6]
    begun = chance.choice([None, *(row.chain for row in chosen)])
    rows = [
        (row.measure, int(row.max_units), years[0] - 1 if row.chain == begun else chance.choice(list(years)))
        for row in chosen
    ]
    return oc.evaluate(instance, pd.DataFrame(rows, columns=["measure", "units", "start_year"]))


def asked(instance: Any, seed: int) -> dict[str, Any]:
    """Draw what is asked for: an objective, and mostly two or three things beside it."""
    chance = random.Random(seed)
    names = list(instance["measures"]["measure"])
    years = list(instance.settings.planning.years)
    data = read(instance)
    every = {row["measure"]: int(row["max_units"]) for row in data["measures"]}
    out: dict[str, Any] = {}
    if chance.random() < 0.35:
        kinds = chance.choice(KINDS)
        # what no measure clears is an exception mostly; otherwise the question has no answer
        stubborn = {f"{k}:{e}" for _, _, k, e in structure.spofs(data, measures=every) if k in kinds}
        out["clear_spofs"] = kinds
        out["spof_exceptions"] = sorted(stubborn if chance.random() < 0.9 else set())
    if chance.random() < 0.3:
        out["min_autonomy"] = chance.choice([0.1, 0.3, 0.5, 0.8])
    if "clear_spofs" not in out:
        objective = chance.choice(["expected", "expected", "loss", "worst", "cvar"])
        out["objective"] = objective
        if objective == "cvar":
            out["alpha"] = chance.choice([0.5, 0.8, 0.95])
        if objective in ("worst", "cvar"):
            out["mix"] = chance.choice([0.0, 0.3, 0.75])
    if names and chance.random() < 0.4:
        out[chance.choice(["fix", "forbid"])] = [chance.choice(names)]
    if len(names) > 1 and chance.random() < 0.4:
        pair = chance.sample(names, 2)
        out["rows"] = [({(m, y): 1.0 for m in pair for y in years[:2]}, "<=", 1.0)]
    if chance.random() < 0.3:
        out["budget"] = [chance.choice([2.0, 6.0, 12.0]) for _ in years]
    if chance.random() < 0.45:
        out["previous"] = previous_plan(instance, chance)
        out["change_price"] = chance.choice([0.0, 0.003, 0.05])
    return out


def answer(instance: Any, method: str, what: dict[str, Any]) -> Any:
    """Return the objective, or the name of the error."""
    try:
        plan = oc.reinforce(instance, method=method, gap=1e-9, **what)
    except oc.OptichainError as error:
        return "not this method" if " or auto" in str(error) else type(error).__name__
    # `reinforce` works every plan out again, and refuses one that is not worth what the method says
    return plan.objective


def differences(instance: Any, seed: int) -> tuple[int, int, list[str]]:
    """Return (answers that are numbers, that are refusals, what differs)."""
    what = asked(instance, seed)
    truth = answer(instance, "extensive", what)
    numbers = refusals = 0
    out = []
    for method in ("lshaped", "portfolio"):
        mine = answer(instance, method, what)
        if mine == "not this method":
            refusals += 1
            continue
        numbers += not isinstance(mine, str)
        if isinstance(truth, str) or isinstance(mine, str):
            same = mine == truth
        else:
            same = abs(mine - truth) <= 2e-6 * max(1.0, abs(truth))
        if not same:
            out.append(f"seed {seed}, {method}: {mine}, the extensive form {truth}, asked {what}")
    return numbers, refusals, out


@pytest.mark.parametrize(
    "first", [0, *(pytest.param(f, marks=pytest.mark.slow) for f in range(RUN, 400, RUN))]
)
def test_whatever_is_asked_for_every_method_finds_the_same(first: int) -> None:
    instances = strategies.accepted(RUN, first=30000 + first)
    several = [(seed, joined.joined(seed)) for seed in range(500 + first, 500 + first + 1)]
    results = [differences(i, seed) for seed, i in [*instances, *several] if i is not None]
    assert [d for _, _, found in results for d in found] == []
    assert sum(numbers for numbers, _, _ in results) > 0
