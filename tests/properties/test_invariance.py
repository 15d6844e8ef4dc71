"""How an instance is written does not matter: names, the order of rows and columns, and units change no answer.

A difference names the seed: ``strategies.seeded(seed)`` is the instance, `_rewritten` what was made of it. Items, sites,
money and time get units of their own from 1e-6 to 1e9, all at once: so magnitudes are mixed within one instance too. The
slow runs take nine minutes of processor time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import facts
import optichain as oc
import rewriting
import strategies

WAYS = ("names", "order", "units")


def _instance(pair: strategies.Pair) -> Any:
    settings, tables = pair
    return oc.Instance.from_frames(tables, settings)


def _unit(rng: np.random.Generator) -> float:
    return float(10.0 ** rng.uniform(-6.0, 9.0))


def _rewritten(pair: strategies.Pair, way: str, seed: int) -> rewriting.Rewritten:
    rng = np.random.default_rng(seed)
    if way == "names":
        odd = rng.permutation(rewriting.ODD_NAMES).tolist()
        return rewriting.renamed(pair, [*odd, *(name + name for name in odd)])
    if way == "order":
        return rewriting.reordered(pair, rng)
    items, sites = pair[1]["items"]["item"], pair[1]["sites"]["site"]
    while True:
        units = rewriting.Units(
            money=_unit(rng),
            time=_unit(rng),
            items={item: _unit(rng) for item in items},
            sites={site: _unit(rng) for site in sites},
        )
        other = rewriting.rescaled(pair, units)
        if _is_of_accepted_sizes(other.pair):
            return other


def _is_of_accepted_sizes(pair: strategies.Pair) -> bool:
    """Tell whether all numbers are of sizes that are computed with: all units together can go beyond them."""
    try:
        _instance(pair)
    except oc.InstanceError as error:
        if not all("take other units" in str(fault) for fault in error.faults()):
            raise
        return False
    return True


def _weights_tie(instance: Any) -> bool:
    """Tell whether chains that share flow have one weight: then names decide who is served first."""
    network = oc.compile_network(instance)
    pairs = list(zip(network.chain_block.tolist(), np.round(network.weight, 9).tolist(), strict=True))
    return len(set(pairs)) < len(pairs)


def _differences(first: int, count: int, ask: Any, *, ways: tuple[str, ...] = WAYS) -> list[str]:
    """Return what the rewritten instances say otherwise than the originals, with the seed and the way of each."""
    found = []
    for seed, original in strategies.accepted(count, first=first):
        pair = strategies.seeded(seed)
        tie = _weights_tie(original)
        truth = ask(original, rewriting.Rewritten(pair), tie=tie, seed=seed)
        for way in ways:
            other = _rewritten(pair, way, seed)
            said = ask(_instance(other.pair), other, tie=tie, seed=seed)
            found += [f"seed {seed}, {way}: {difference}" for difference in facts.differences(truth, said)]
    return found


def _structure(instance: Any, written: rewriting.Rewritten, **_: Any) -> facts.Facts:
    return facts.structure(instance, written)


def _risk(instance: Any, written: rewriting.Rewritten, *, tie: bool, **_: Any) -> facts.Facts:
    return facts.risk(instance, written, chains=not tie)


def _plans(instance: Any, written: rewriting.Rewritten, *, tie: bool, seed: int) -> facts.Facts:
    found: facts.Facts = {}
    for asked in facts.in_turn(seed):
        if asked["objective"] != "loss" or not tie:
            found |= facts.optimum(instance, **asked)
    return found


def _slow(seeds: range) -> list[Any]:
    """Return (first seed, instances) of slow runs."""
    return [pytest.param(first, seeds.step, marks=pytest.mark.slow) for first in seeds]


@pytest.mark.parametrize(("first", "count"), [(20, 1), *_slow(range(1000, 1200, 20))])
def test_structure_does_not_depend_on_how_an_instance_is_written(first: int, count: int) -> None:
    assert _differences(first, count, _structure) == []


def test_risk_does_not_depend_on_units() -> None:
    assert _differences(34, 1, _risk, ways=("units",)) == []


@pytest.mark.parametrize(("first", "count"), _slow(range(1000, 1080, 20)))
def test_risk_does_not_depend_on_how_an_instance_is_written(first: int, count: int) -> None:
    assert _differences(first, count, _risk) == []


@pytest.mark.parametrize(("first", "count"), _slow(range(1200, 1220, 10)))
def test_the_optimum_does_not_depend_on_how_an_instance_is_written(first: int, count: int) -> None:
    assert _differences(first, count, _plans) == []


@pytest.mark.parametrize("method", ["extensive", "lshaped", "portfolio"])
def test_a_budget_binds_in_whatever_money_it_is_counted(method: str) -> None:
    # a solver that takes 1e-7 for nothing would let a plan spend what it likes
    pair = strategies.seeded(1)
    given = rewriting.rescaled(pair, rewriting.Units(money=1e-9)).pair
    truth, found = (facts.optimum(_instance(p), objective="loss", method=method) for p in (pair, given))
    assert facts.differences(truth, found) == []


def _car_and_watch(*, steel: float = 1.0, value: float = 1.0) -> Any:
    """Cars and watches of one steel mill; each plant is down for half of the horizon."""
    tables: dict[str, list[dict[str, Any]]] = {
        "chains": [{"chain": "cars"}, {"chain": "watches"}],
        "items": [
            {"item": "car", "chain": "cars"},
            {"item": "watch", "chain": "watches"},
            {"item": "steel"},
        ],
        "sites": [{"site": site, "recovery_time": 5.0} for site in ("carmaker", "watchmaker", "mill")],
        "sources": [
            {"site": "carmaker", "item": "car", "capacity": 10.0},
            {"site": "watchmaker", "item": "watch", "capacity": 10.0},
            {"site": "mill", "item": "steel", "capacity": 20.0},
        ],
        "bom": [
            {"item": "car", "input": "steel", "quantity": 1.0},
            {"item": "watch", "input": "steel", "quantity": steel},
        ],
        "demands": [
            {"item": "car", "rate": 10.0, "value": 1.0},
            {"item": "watch", "rate": 10.0, "value": value},
        ],
    }
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    return oc.Instance.from_frames(frames, {"name": "steel", "title": "Steel", "horizon": 10.0})


@pytest.mark.parametrize("value", [1.0, 1e-6, 1e-9, 1e-12])
def test_a_chain_of_little_worth_is_served_as_well_as_one_of_much(value: float) -> None:
    found = oc.resilience(_car_and_watch(value=value)).chain_continuity
    assert found.loc["site:carmaker"].tolist() == pytest.approx([0.5, 1.0])
    assert found.loc["site:watchmaker"].tolist() == pytest.approx([1.0, 0.5])
    assert found.loc["site:mill"].tolist() == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("steel", [1.0, 1e-4, 1e-8])
def test_who_needs_very_little_of_an_item_needs_it_all_the_same(steel: float) -> None:
    instance = _car_and_watch(steel=steel)
    assert oc.resilience(instance).chain_continuity.loc["site:mill"].tolist() == pytest.approx([0.5, 0.5])
    assert oc.worst_case(instance, 1).continuity == pytest.approx(0.5)
