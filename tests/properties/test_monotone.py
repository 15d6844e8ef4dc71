"""More of what helps never hurts, on random small instances; and no bound is ever passed.

Estimates are written down as numbers first: an unknown capacity depends on how many sources there are. What is
compared are continuities, weighted as the objective weighs them, by event and in the mean: the loss in money is
measured from the undisturbed service, which more capacity raises too.

A difference names the seed: ``strategies.seeded(seed)`` is the instance. The slow runs take seven minutes
of processor time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import facts
import optichain as oc
import strategies
from optichain.design.aims import Aim
from optichain.design.recourse.weighing import Weighing, engine_for
from optichain.errors import InfeasibleError
from optichain.risk.attack import worst_case

TOLERANCE = 1e-9
LEVEL = 0.7131  # nothing simple: rounding puts nothing on its other side
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


def _changed(seed: int, drawn: Any) -> tuple[Any, dict[str, Any]]:
    """Return an instance, and the same with each change for the better, by the change's name, where it is one."""
    settings, tables = _settled(drawn)
    before = _made(settings, tables)
    better: dict[str, Any] = {}
    for change in CHANGES if before is not None else ():
        settings, tables = _settled(drawn)
        if change(settings, tables, np.random.default_rng(seed)):
            better[change.__name__.strip("_")] = _made(settings, tables)
    return before, {name: after for name, after in better.items() if after is not None}


def _goes_on(instance: Any) -> dict[tuple[Any, ...], float]:
    """Return what goes on: under each event, in the mean and at worst, and how long each element may fail."""
    found = oc.resilience(instance)
    told: dict[tuple[Any, ...], float] = {(name,): getattr(found, name) for name in ("acc", "worst", "cvar")}
    told |= {("event", row.event): row.continuity for row in found.events.itertuples()}
    told |= {("worst of", k): oc.worst_case(instance, k).continuity for k in (1, 2)}
    for kind, name, duration in oc.reverse_stress(instance, LEVEL, order=0).durations:
        told["shortest", kind, name] = np.inf if duration is None else duration
    return told


Cut = tuple[str, str, frozenset[tuple[str, str]]]


def _cuts(instance: Any, **options: Any) -> set[Cut]:
    """Return the minimal cut sets by demand; of what cannot be provided at all, or is short anyway, the empty one."""
    found = oc.cut_sets(instance, order=2, **options)
    assert found.complete
    cuts = {(str(r.demand), str(r.site), frozenset(r.elements)) for r in found.frame.itertuples()}
    without = zip(found.places, found.unprovidable, strict=True)
    return cuts | {(str(item), str(site), frozenset()) for (item, site), is_lost in without if is_lost}


def _fresh_cuts(before: set[Cut], after: set[Cut]) -> list[Cut]:
    """Return what stops a demand and holds nothing that did so before; an element that is new stops nothing."""
    fresh = []
    for demand, site, elements in after:
        known = frozenset(e for e in elements if e != ("source", "one-more"))
        if not any(demand == d and site == s and cut <= known for d, s, cut in before):
            fresh.append((demand, site, elements))
    return fresh


def _best(instance: Any, *, objective: str = "expected", **options: Any) -> float:
    """Return what the best plan is worth, more being better: -inf where the rules allow none, NaN where nobody can tell.

    A loss is measured from the undisturbed service, which more capacity raises too: told is what is served.
    """
    try:
        plan = oc.reinforce(instance, objective=objective, gap=1e-9, **options)
    except oc.OptichainError as error:
        if "no bound can be proven" in str(error):
            return np.nan
        if type(error).__name__ != "InfeasibleError":
            raise
        return -np.inf
    if objective != "loss":
        return float(plan.objective)
    network, aim = oc.compile_network(instance), Aim("loss")
    weighing = Weighing(network, aim, engine_for(network, aim))
    return (weighing.calm_loss - plan.objective) / weighing.demanded


def _slow(seeds: range) -> list[Any]:
    """Return (first seed, instances) of slow runs."""
    return [pytest.param(first, seeds.step, marks=pytest.mark.slow) for first in seeds]


@pytest.mark.parametrize(("first", "count"), [(0, 1), *_slow(range(3000, 3040, 20))])
def test_what_helps_never_lowers_what_goes_on(first: int, count: int) -> None:
    worse = []
    for seed, drawn in strategies.accepted(count, first=first):
        before, better = _changed(seed, drawn)
        was = _goes_on(before) if better else {}
        for change, after in better.items():
            now = _goes_on(after)
            worse += [
                f"seed {seed}, {change}: {what} {value} before, {now[what]} after"
                for what, value in was.items()
                if now[what] < value - TOLERANCE * max(1.0, min(value, 1e9))
            ]
    assert worse == []


@pytest.mark.parametrize(("first", "count"), [(0, 1), *_slow(range(3200, 3260, 30))])
def test_what_helps_gives_no_new_way_to_stop_a_demand(first: int, count: int) -> None:
    fresh = []
    for seed, drawn in strategies.accepted(count, first=first):
        before, better = _changed(seed, drawn)
        for options in ({}, {"level": LEVEL}) if better else ():
            was = _cuts(before, **options)
            for change, after in better.items():
                fresh += [
                    f"seed {seed}, {change}: {cut}" for cut in _fresh_cuts(was, _cuts(after, **options))
                ]
    assert fresh == []


@pytest.mark.parametrize(("first", "count"), _slow(range(3300, 3315, 5)))
def test_what_helps_never_lowers_the_optimum(first: int, count: int) -> None:
    worse = []
    for seed, drawn in strategies.accepted(count, first=first):
        before, better = _changed(seed, drawn)
        for asked in facts.in_turn(seed) if better else ():
            old = _best(before, **asked)
            for change, after in better.items() if np.isfinite(old) else ():
                new = _best(after, **asked)
                if new < old - 1e-7:
                    worse.append(f"seed {seed}, {change}, {asked}: {old} before, {new} after")
    assert worse == []


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_what_helps_never_lowers_the_mean(change: Any) -> None:
    ((seed, drawn),) = strategies.accepted(1)
    before, better = _changed(seed, drawn)
    assert _best(better[change.__name__.strip("_")]) >= _best(before) - 1e-7


@pytest.mark.parametrize(("first", "count"), [(0, 1), *_slow(range(3400, 3460, 60))])
def test_events_half_as_likely_lose_half_as_much(first: int, count: int) -> None:
    wrong = []
    for seed, instance in strategies.accepted(count, first=first):
        settings, tables = _settled(instance)
        for name in ("sites", "lanes", "elements", "events"):
            tables[name]["annual_probability"] *= 0.5
        settings["defaults"]["annual_probability"] *= 0.5
        rarer = oc.Instance.from_frames(tables, settings)
        loss = [oc.resilience(x).expected_annual_loss for x in (instance, rarer)]
        # a loss in money may be below 0: a chain of great weight and little value may give way to one of more value
        if loss[1] != pytest.approx(loss[0] / 2.0, rel=TOLERANCE, abs=TOLERANCE):
            wrong.append(f"seed {seed}: loses {loss[0]}, and {loss[1]} when everything is half as likely")
    assert wrong == []


@pytest.mark.parametrize(("first", "count"), [(0, 1), *_slow(range(3400, 3420, 10))])
def test_more_money_buys_no_less(first: int, count: int) -> None:
    worse = []
    for seed, instance in strategies.accepted(count, first=first):
        budget = list(instance.settings.planning.budget)
        for asked in facts.in_turn(seed)[: None if first else 1]:
            known = _best(instance, budget=budget, **asked)
            for year in range(len(budget)) if np.isfinite(known) else ():
                richer = [b + 3.0 * (place == year) for place, b in enumerate(budget)]
                more = _best(instance, budget=richer, **asked)
                if more < known - 1e-7:
                    worse.append(f"seed {seed}, {asked}: {known} with {budget}, {more} with {richer}")
    assert worse == []


def _wishes(instance: Any, seed: int) -> dict[str, Any]:
    """Return what is asked for in a seed's turn: an objective, a floor, or the best against attacks."""
    free = oc.reinforce(instance, method="extensive", gap=1e-9)
    return (
        {"objective": "expected"},
        {"min_acc": free.objective_nothing + 0.7 * (free.objective - free.objective_nothing)},
        {"objective": "worst", "mix": 0.3},
        {"objective": "worst-case", "k": 1},
        {"min_autonomy": 0.3},
        {"objective": "loss"},
        {"objective": "cvar"},
        {"objective": "worst-case", "k": 2, "attack_kinds": ("source", "group")},
    )[seed % 8]


def _misled(told: list[dict[str, Any]], best: float, least: bool) -> list[str]:
    """Return what reports say that cannot be, ``best`` being the truth, the least of what is possible or the most."""
    sense = -1.0 if least else 1.0
    size = max(1.0, abs(best))
    bounds = [sense * r["bound"] for r in told if r["bound"] is not None]
    reached = [sense * r["objective"] for r in told if r["objective"] is not None]
    wrong = [f"bound {b} below {sense * best}" for b in bounds if b < sense * best - 1e-7 * size]
    wrong += [f"{x} is above {sense * best}" for x in reached if x > sense * best + 1e-7 * size]
    wrong += [
        f"{r}"
        for r in told
        if None not in (r["bound"], r["objective"]) and sense * (r["bound"] - r["objective"]) < -1e-9 * size
    ]
    wrong += [f"bounds {bounds}"] * any(np.diff(bounds) > 1e-9 * size)
    wrong += [f"reached {reached}"] * any(np.diff(reached) < -1e-9 * size)
    return wrong


@pytest.mark.parametrize("method", ["lshaped", "portfolio"])
@pytest.mark.parametrize(("first", "count"), [(1, 1), *_slow(range(3500, 3532, 8))])
def test_no_iteration_passes_its_bound_or_the_truth(first: int, count: int, method: str) -> None:
    """At every iteration what is reached is no more than the optimum, and the bound is no less; both only get better."""
    wrong, reports = [], 0
    for seed, instance in strategies.accepted(count, first=first):
        try:
            asked = {"objective": "expected"} if count == 1 else _wishes(instance, seed)
            best = oc.reinforce(instance, method="extensive", gap=1e-9, **asked).objective
        except InfeasibleError:
            continue
        told: list[dict[str, Any]] = []
        able = "auto" if asked.get("objective") == "worst-case" else method
        oc.reinforce(instance, method=able, gap=1e-9, progress=told.append, **asked)
        least = "min_acc" in asked or asked.get("objective") == "loss"
        wrong += [f"seed {seed}, {asked}: {what}" for what in _misled(told, best, least)]
        reports += len(told)
    assert wrong == []
    assert reports


@pytest.mark.parametrize(("first", "count"), [(1, 1), *_slow(range(3600, 3640, 40))])
def test_the_search_for_the_worst_attack_never_promises_too_little(first: int, count: int) -> None:
    """At every step the bound is no more than the worst continuity, the worst so far no less; the end is both."""
    wrong = []
    for seed, instance in strategies.accepted(count, first=first):
        for k, kinds in ((1, ("site",)), (2, ("source", "lane")), (3, ("site", "group"))):
            told: list[tuple[float, float]] = []
            found = worst_case(
                oc.compile_network(instance),
                k,
                kinds=kinds,
                progress=lambda *now, told=told: told.append(now),
            )
            worst, bounds = (np.array(column) for column in zip(*told, strict=True))
            assert found.complete
            assert found.bound == found.continuity == worst[-1]
            if (bounds > found.continuity + 1e-9).any() or (worst < found.continuity - 1e-9).any():
                wrong.append(f"seed {seed}, {k}: {told}, {found.continuity} in the end")
            if (np.diff(bounds) < 0.0).any() or (np.diff(worst) > 0.0).any():
                wrong.append(f"seed {seed}, {k}: {told} get worse")
    assert wrong == []
