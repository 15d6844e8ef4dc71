"""More of what helps never hurts, on random small instances; and no bound is ever passed.

Estimates are written down as numbers first: an unknown capacity depends on how many sources there are. What is
compared are continuities, weighted as the objective weighs them, by event and in the mean: the loss in money is
measured from the undisturbed service, which more capacity raises too.

A difference names the seed: ``strategies.seeded(seed)`` is the instance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import optichain as oc
import strategies

TOLERANCE = 1e-9
Tables = dict[str, pd.DataFrame]
Rng = np.random.Generator


def _settled(instance: Any) -> tuple[dict[str, Any], Tables]:
    """Return the tables with every weight, estimated capacity and cover as a number."""
    network = oc.compile_network(instance)
    capacity = dict(zip(network.activity_name, network.capacity.tolist(), strict=True))
    tables = {name: instance[name] for name in instance.frames}
    sources, stocks = tables["sources"], tables["stocks"]
    blank = sources["capacity"].isna()
    sources.loc[blank, "capacity"] = [capacity.get(name, 0.0) for name in sources.loc[blank, "source"]]
    stocks["quantity"], stocks["cover"] = network.stock_quantity, np.nan
    chains = tables["chains"]
    chains["weight"] = network.weight
    chains[["strength", "driving", "technology"]] = np.nan
    settings = instance.settings.model_dump()
    return settings, tables


def _scaled(frame: pd.DataFrame, column: str, factor: float, rng: Rng) -> bool:
    """Multiply some of the numbers of a column that are above 0 and finite; tell whether there were any."""
    values = frame[column].to_numpy(float)
    some = np.isfinite(values) & (values > 0.0) & (rng.random(len(values)) < 0.6)
    frame.loc[some, column] = values[some] * factor
    return bool(some.any())


def _more_stock(settings: dict[str, Any], tables: Tables, rng: Rng) -> bool:
    return _scaled(tables["stocks"], "quantity", 1.7, rng)


def _more_capacity(settings: dict[str, Any], tables: Tables, rng: Rng) -> bool:
    grown = [_scaled(tables[name], "capacity", 1.6, rng) for name in ("sources", "lanes", "sites")]
    return any(grown)


def _shorter_recovery(settings: dict[str, Any], tables: Tables, rng: Rng) -> bool:
    settings["defaults"]["recovery_time"] *= 0.6
    shorter = [_scaled(tables[name], "recovery_time", 0.6, rng) for name in ("sites", "lanes", "elements")]
    return any([_scaled(tables["hits"], "duration", 0.6, rng), *shorter])


def _smaller_loss(settings: dict[str, Any], tables: Tables, rng: Rng) -> bool:
    return _scaled(tables["hits"], "loss", 0.7, rng)


def _better_status(settings: dict[str, Any], tables: Tables, rng: Rng) -> bool:
    touched = set(tables["effects"]["target"])
    changed = False
    for table, name in (("sources", "source"), ("lanes", "lane"), ("bom", None)):
        frame = tables[table]
        for k in range(len(frame)):
            row = frame.iloc[k]
            target = f"{row['item']}>{row['input']}" if name is None else row[name]
            if row["status"] != "active" and target not in touched and rng.random() < 0.7:
                better = "active" if row["status"] == "qualified" else "qualified"
                frame.loc[frame.index[k], "status"] = better
                if better == "active":
                    frame.loc[frame.index[k], "switch_time"] = 0.0
                changed = True
    return changed


def _one_more_source(settings: dict[str, Any], tables: Tables, rng: Rng) -> bool:
    """Add a copy of a source beside it: what fails with the one fails with the other."""
    sources = tables["sources"]
    row = sources.iloc[[int(rng.integers(len(sources)))]].assign(source="one-more")
    own = tables["bom"][tables["bom"]["source"] == sources.loc[row.index[0], "source"]]
    tables["bom"] = pd.concat([tables["bom"], own.assign(source="one-more")], ignore_index=True)
    tables["sources"] = pd.concat([sources, row], ignore_index=True)
    return True


CHANGES: tuple[Callable[[dict[str, Any], Tables, Rng], bool], ...] = (
    _more_stock,
    _more_capacity,
    _shorter_recovery,
    _smaller_loss,
    _better_status,
    _one_more_source,
)


def _made(settings: dict[str, Any], tables: Tables) -> Any:
    try:
        return oc.Instance.from_frames(tables, settings)
    except oc.InstanceError:
        return None


def _pairs(first: int, count: int, change: Any) -> list[tuple[int, Any, Any]]:
    """Return (seed, instance, the same with a change for the better) where the change is one."""
    found = []
    for seed, drawn in strategies.accepted(count, first=first):
        settings, tables = _settled(drawn)
        before = _made(settings, tables)
        after_settings, after_tables = _settled(drawn)
        if before is None or not change(after_settings, after_tables, np.random.default_rng(seed)):
            continue
        after = _made(after_settings, after_tables)
        if after is not None:
            found.append((seed, before, after))
    return found


def _best(instance: Any, **options: Any) -> float:
    """Return what the best plan is worth, -inf where the rules allow none."""
    try:
        objective: float = oc.reinforce(instance, gap=1e-9, **options).objective
    except oc.OptichainError as error:
        if type(error).__name__ != "InfeasibleError" and "no bound can be proven" not in str(error):
            raise
        return -np.inf
    return objective


RUNS = [(0, 1), *(pytest.param(first, 10, marks=pytest.mark.slow) for first in range(3000, 3200, 10))]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
@pytest.mark.parametrize(("first", "count"), RUNS)
def test_what_helps_never_lowers_what_goes_on_under_any_event(first: int, count: int, change: Any) -> None:
    worse = []
    for seed, before, after in _pairs(first, count, change):
        old, new = oc.resilience(before), oc.resilience(after)
        was = old.events.set_index("event")["continuity"]
        now = new.events.set_index("event")["continuity"].reindex(was.index)
        fallen = now < was - TOLERANCE
        worse += [
            f"seed {seed}, {event}: {was[event]} before, {now[event]} after" for event in was[fallen].index
        ]
        if new.acc < old.acc - TOLERANCE:
            worse.append(f"seed {seed}: ACC {old.acc} before, {new.acc} after")
    assert worse == []


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
@pytest.mark.parametrize(
    ("first", "count"), [(0, 1), *(pytest.param(f, 3, marks=pytest.mark.slow) for f in range(3300, 3330, 3))]
)
def test_what_helps_never_lowers_the_optimum(first: int, count: int, change: Any) -> None:
    worse = []
    for seed, before, after in _pairs(first, count, change):
        old, new = _best(before), _best(after)
        if new < old - 1e-7:
            worse.append(f"seed {seed}: {old} before, {new} after")
    assert worse == []


@pytest.mark.parametrize(
    ("first", "count"), [(0, 1), *(pytest.param(f, 5, marks=pytest.mark.slow) for f in range(3400, 3460, 5))]
)
def test_events_half_as_likely_lose_half_as_much_and_more_money_buys_no_less(first: int, count: int) -> None:
    worse = []
    for seed, instance in strategies.accepted(count, first=first):
        settings, tables = _settled(instance)
        for name in ("sites", "lanes", "elements", "events"):
            tables[name]["annual_probability"] *= 0.5
        settings["defaults"]["annual_probability"] *= 0.5
        rarer = oc.Instance.from_frames(tables, settings)
        loss = [oc.resilience(x).expected_annual_loss for x in (instance, rarer)]
        # a loss in money may be below 0: a chain of great weight and little value may give way to one of more value
        if loss[1] != pytest.approx(loss[0] / 2.0, rel=TOLERANCE, abs=TOLERANCE):
            worse.append(f"seed {seed}: loses {loss[0]}, and {loss[1]} when everything is half as likely")
        budget = list(instance.settings.planning.budget)
        known = _best(instance, budget=budget)
        for year in range(len(budget)):
            richer = [b + 3.0 * (place == year) for place, b in enumerate(budget)]
            more = _best(instance, budget=richer)
            if more < known - 1e-7:
                worse.append(f"seed {seed}: {known} with {budget}, {more} with {richer}")
    assert worse == []


@pytest.mark.parametrize("method", ["lshaped", "portfolio"])
@pytest.mark.parametrize(
    ("first", "count"), [(1, 1), *(pytest.param(f, 5, marks=pytest.mark.slow) for f in range(3500, 3560, 5))]
)
def test_no_iteration_passes_its_bound_or_the_truth(first: int, count: int, method: str) -> None:
    """At every iteration what is reached is no more than the optimum, and the bound is no less; both only get better."""
    wrong = []
    for seed, instance in strategies.accepted(count, first=first):
        best = _best(instance, method="extensive")
        told: list[dict[str, Any]] = []
        if not np.isfinite(best):
            continue
        oc.reinforce(instance, method=method, gap=1e-9, progress=told.append)
        bounds = [r["bound"] for r in told if r["bound"] is not None]
        reached = [r["objective"] for r in told if r["objective"] is not None]
        wrong += [f"seed {seed}: bound {b} below {best}" for b in bounds if b < best - 1e-7]
        wrong += [f"seed {seed}: {x} is above {best}" for x in reached if x > best + 1e-7]
        wrong += [
            f"seed {seed}: {r}"
            for r in told
            if None not in (r["bound"], r["objective"]) and r["bound"] < r["objective"] - 1e-9
        ]
        wrong += [f"seed {seed}: bounds {bounds}"] * any(np.diff(bounds) > 1e-9)
        wrong += [f"seed {seed}: reached {reached}"] * any(np.diff(reached) < -1e-9)
    assert wrong == []
