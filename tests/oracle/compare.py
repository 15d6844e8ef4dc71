"""What the library says against what brute force says, as a list of differences in words."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import pandas as pd

import optichain as oc
from oracle import continuity, cuts, network, plans, structure
from oracle.data import Data, read


def _blank(value: Any) -> Any:
    return None if value is None or (isinstance(value, float) and math.isnan(value)) else value


def _near(what: str, found: float, truth: float, tolerance: float) -> list[str]:
    if found == truth or abs(found - truth) <= tolerance * max(1.0, abs(truth)):
        return []
    return [f"{what}: found {float(found)!r}, by definition {float(truth)!r}"]


def capacities(instance: Any) -> list[str]:
    """Compare the capacities of all sources, estimates included."""
    compiled = oc.compile_network(instance)
    truth = {a.name: a.capacity for a in network.build(instance).activities}
    found = dict(zip(compiled.activity_name, compiled.capacity, strict=True))
    if set(found) != set(truth):
        return [f"activities: found {sorted(found)}, by definition {sorted(truth)}"]
    return [
        x for name, cap in truth.items() for x in _near(f"capacity of {name}", float(found[name]), cap, 1e-9)
    ]


def spofs(instance: Any, status: str) -> list[str]:
    """Compare the single points of failure of every kind, and what cannot be provided at all."""
    found = oc.structure(instance, status=status)
    data = read(instance)
    mine = structure.spofs(data, status=status)
    theirs = [
        (d, _blank(s), k, e)
        for d, s, k, e in found.spofs[["demand", "site", "kind", "element"]].itertuples(index=False)
    ]
    out = [] if len(theirs) == len(set(theirs)) else ["a single point of failure is listed twice"]
    out += [f"{status}: {x} is listed and is none" for x in sorted(set(theirs) - mine, key=str)]
    out += [f"{status}: {x} is missing" for x in sorted(mine - set(theirs), key=str)]
    none = {(d, _blank(s)) for d, s in found.unprovidable[["demand", "site"]].itertuples(index=False)}
    truth = structure.unprovidable(data, status=status)
    return out + ([] if none == truth else [f"{status}: unprovidable {none}, by definition {truth}"])


def _found_sets(found: Any) -> tuple[dict[tuple[str | None, str | None], set[Any]], list[str]]:
    """Return the sets of a `CutSets` by place, and a complaint where one is listed twice."""
    by_place: dict[Any, list[Any]] = {}
    for demand, site, members in found.frame[["demand", "site", "elements"]].itertuples(index=False):
        by_place.setdefault((_blank(demand), _blank(site)), []).append(frozenset(members))
    twice = [f"{p}: a set is listed twice" for p, sets in by_place.items() if len(sets) != len(set(sets))]
    return {p: set(sets) for p, sets in by_place.items()}, twice


def _set_differences(what: str, found: set[Any], truth: set[Any]) -> list[str]:
    out = [f"{what}: {sorted(x)} is listed and is no minimal cut set" for x in found - truth]
    return sorted(out + [f"{what}: {sorted(x)} is missing" for x in truth - found])


def cut_sets(instance: Any, order: int, status: str = "qualified", kinds: Any = None) -> list[str]:
    """Compare all minimal cut sets up to an order, and the probability of each."""
    found = oc.cut_sets(instance, order=order, status=status, kinds=kinds)
    data = read(instance)
    mine, out = _found_sets(found)
    truth = cuts.minimal_cut_sets(data, order, kinds=kinds, status=status)
    for place in {*mine, *truth}:
        out += _set_differences(f"{status} {place}", mine.get(place, set()), truth.get(place, set()))
    net = network.build(data)
    for members, p in found.frame[["elements", "probability"]].itertuples(index=False):
        out += _near(f"probability of {members}", p, math.prod(cuts.chance(net, e) for e in members), 1e-12)
    return out if found.complete else [*out, "not complete"]


def top_probability(instance: Any, kinds: Any) -> list[str]:
    """Compare the probability that each demand fails, that any does, and the importance of every element."""
    found = oc.cut_sets(instance, order=1, kinds=kinds)
    data = read(instance)
    places = {d.commodity: d for d in network.build(data).demands}
    without = structure.unprovidable(data)
    alive = [d for c, d in places.items() if c not in without]
    if not alive:
        return [] if math.isnan(found.top_probability) else ["a top probability of nothing"]
    out = _near("top", found.top_probability, cuts.top_probability(data, alive, kinds)[0], 1e-12)
    top = {(_blank(r.demand), _blank(r.site)): r for r in found.top.itertuples()}
    matters = {
        (_blank(r.demand), _blank(r.site), r.kind, r.element): r.importance
        for r in found.importance.itertuples()
    }
    for d in alive:
        truth, importance = cuts.top_probability(data, [d], kinds)
        out += _near(f"low of {d.commodity}", top[d.commodity].low, truth, 1e-12)
        out += _near(f"high of {d.commodity}", top[d.commodity].high, truth, 1e-12)
        for e, value in importance.items():
            out += _near(
                f"importance of {e} for {d.commodity}", matters.get((*d.commodity, *e), 0.0), value, 1e-12
            )
    return out


def level_cuts(
    instance: Any, level: float, order: int, status: str = "qualified", kinds: Any = None
) -> list[str]:
    """Compare the cut sets at a level, of all demands together and of the first by itself."""
    data = read(instance)
    net = network.build(data)
    places = {d.commodity: d for d in net.demands}
    found = oc.cut_sets(instance, order=order, level=level, status=status, kinds=kinds)
    mine, out = _found_sets(found)
    truth = cuts.level_cut_sets(data, level, order, status=status, kinds=kinds)
    out += _near("undisturbed", found.undisturbed[0], cuts.steady_continuity(net, set(), status=status), 1e-7)
    out += _set_differences(f"level {level}", set().union(*mine.values()), truth)
    first = net.demands[0]
    alone = oc.cut_sets(
        instance, order=order, level=level, status=status, kinds=kinds, demands=[first.commodity[0]]
    )
    mine, twice = _found_sets(alone)
    for place, d in places.items():
        if place[0] == first.commodity[0]:
            truth = cuts.level_cut_sets(data, level, order, of=d, status=status, kinds=kinds)
            out += _set_differences(f"level {level} of {place}", mine.get(place, set()), truth)
    return out + twice


def resilience(instance: Any, alpha: float = 0.95) -> list[str]:
    """Compare every figure of the stress test."""
    data = read(instance)
    return _stress(oc.resilience(instance, alpha=alpha), data, {}, alpha)


def _stress(found: Any, data: Data, measures: dict[str, int], alpha: float) -> list[str]:
    truth = continuity.report(data, measures, alpha=alpha)
    events = found.events.set_index("event")
    if set(events.index) != set(truth.outcomes) or len(events) != len(truth.outcomes):
        return [f"events: found {sorted(events.index)}, by definition {sorted(truth.outcomes)}"]
    out = _near(
        "undisturbed served", found.undisturbed["served"], sum(truth.undisturbed.served.values()), 1e-7
    )
    weight = continuity.weights(network.build(data))
    for name, outcome in truth.outcomes.items():
        whole = sum(weight[c] * x for c, x in outcome.continuity.items())
        out += _near(f"{name}: probability", events.at[name, "probability"], truth.probability[name], 1e-12)
        out += _near(f"{name}: served", events.at[name, "served"], sum(outcome.served.values()), 1e-7)
        out += _near(f"{name}: lost", events.at[name, "lost"], truth.lost[name], 1e-6)
        out += _near(f"{name}: continuity", events.at[name, "continuity"], whole, 1e-7)
        for chain, value in outcome.continuity.items():
            out += _near(
                f"{name}: continuity of {chain}", found.chain_continuity.at[name, chain], value, 1e-7
            )
    for name in ("acc", "worst", "cvar", "expected_annual_loss"):
        out += _near(name, getattr(found, name), getattr(truth, name), 1e-7)
    chains = found.chains.set_index("chain")
    own = continuity.autonomy(data, measures)
    for chain, row in truth.chains.items():
        for name, value in row.items():
            out += _near(f"{name} of {chain}", float(chains.at[chain, name]), value, 1e-6)
        if chain in own:
            out += _near(
                f"autonomy_low of {chain}", float(chains.at[chain, "autonomy_low"]), own[chain][0], 1e-7
            )
            out += _near(
                f"autonomy_high of {chain}", float(chains.at[chain, "autonomy_high"]), own[chain][1], 1e-7
            )
    return out


def spof_figures(instance: Any, *, most: int = 6) -> list[str]:
    """Compare the loss and the time to survive that stand beside single points of failure."""
    data = read(instance)
    rows = oc.find_spofs(instance).drop_duplicates(["kind", "element"])
    rows = rows.sort_values(["time_to_survive", "kind", "element"], ascending=False).head(most)
    out = []
    for kind, element, lost, survives in rows[["kind", "element", "lost", "time_to_survive"]].itertuples(
        index=False
    ):
        out += _near(f"lost to {kind}:{element}", lost, continuity.impact(data, (kind, element)), 1e-6)
        truth = continuity.time_to_survive(data, (kind, element))
        out += _near(f"time to survive {kind}:{element}", float(survives), truth, 1e-5)
    return out


def as_plan(plan: Any) -> frozenset[tuple[str, int, int]]:
    """Return the choices of a `Plan` as (measure, units, start year)."""
    given = plan.to_json()
    return frozenset(
        (m["measure"], int(m["units"]), int(p["start_year"]))
        for p in given["policies"]
        for m in p["measures"]
    ) | frozenset((m["measure"], int(m["units"]), int(m["start_year"])) for m in given["shared_measures"])


def reinforcement(
    instance: Any,
    objective: str = "expected",
    *,
    keep: Callable[[plans.Plan], bool] = lambda _: True,
    alpha: float = 0.95,
    mix: float = 0.0,
    **options: Any,
) -> list[str]:
    """Compare the best plan with the best of all plans, and its claims with brute force.

    Parameters
    ----------
    alpha, mix : float
        Of the objectives "cvar" and "worst".
    keep : function of a plan
        What ``options`` (of `optichain.reinforce`) ask of a plan beyond the instance.
    """
    data = read(instance)
    best = plans.enumerate_plans(data, objective=objective, alpha=alpha, mix=mix, keep=keep)
    try:
        plan = oc.reinforce(instance, objective=objective, alpha=alpha, mix=mix, **{"gap": 1e-9, **options})
    except oc.OptichainError as error:
        if "no bound can be proven" in str(error) and oc.structure(instance).loops:
            return []  # refused, with the reason: something unlimited on a loop that can multiply what it makes
        if best is None and type(error).__name__ == "InfeasibleError":
            return []
        return [f"{type(error).__name__}: {error}; by enumeration {best}"]
    if best is None:
        return [f"found {sorted(as_plan(plan))}, but no plan keeps the rules"]
    given = plan.to_json()
    chosen = as_plan(plan)
    out = _near("objective", given["objective"], best.objective, 1e-6)
    out += _near("objective_nothing", given["objective_nothing"], best.of_nothing, 1e-6)
    if not (keep(chosen) and plans.keeps_rules(data, chosen)):
        out.append(f"the plan {sorted(chosen)} breaks a rule")
    valuer = plans.Valuer(data, objective=objective, alpha=alpha, mix=mix)
    out += _near("objective of the plan itself", given["objective"], valuer.value(chosen), 1e-6)
    sign = -1.0 if objective == "loss" else 1.0
    if given["bound"] is not None and sign * given["bound"] < sign * best.objective - 1e-6 * max(
        1.0, abs(best.objective)
    ):
        out.append(f"bound {given['bound']} is passed by {best.objective}")
    expected = plans.Valuer(data)
    losses = plans.Valuer(data, objective="loss by weight")
    planning = data.settings["planning"]
    for year in range(planning["years"][0], planning["years"][-1] + planning["terminal_years"] + 1):
        state = plans.in_effect(data, chosen, year)
        out += _near(f"ACC of {year}", given["acc_by_year"][str(year)], expected.state(state), 1e-6)
        out += _near(
            f"loss of {year}", given["expected_annual_loss_by_year"][str(year)], losses.state(state), 1e-6
        )
    measures = {row["measure"]: row for row in data["measures"]}
    for year in given["years_of_cost"]:
        spend = sum(plans.yearly_cost(measures[m], u, y, year) for m, u, y in chosen)
        owed = plans.commitments(data, year)
        out += _near(f"spend of {year}", given["spend"][str(year)], spend + owed, 1e-9)
        out += _near(f"commitments of {year}", given["commitments"][str(year)], owed, 1e-9)
    return out


def required_acc(instance: Any, seed: int) -> list[str]:
    """Compare the least cost of a required ACC with the cheapest of all plans that reach it."""
    data = read(instance)
    valuer = plans.Valuer(data)
    best = plans.enumerate_plans(data)
    if best is None:
        return []
    # exactly what some plan reaches, or between what nothing and the best plan reach
    share = (0.0, 0.4, 0.8, 1.0)[seed % 4]
    least = best.of_nothing + share * (best.objective - best.of_nothing)

    def keep(plan: plans.Plan) -> bool:
        return valuer.value(plan) >= least - 1e-7

    return _cheapest(instance, data, keep, min_acc=least)


def in_full_effect(data: Data, plan: plans.Plan) -> dict[str, int]:
    """Return the units of a plan in full effect, running support among them."""
    return {row["measure"]: int(row["units"]) for row in data["running"]} | {m: u for m, u, _ in plan}


def cleared_spofs(instance: Any, seed: int) -> list[str]:
    """Compare the least cost that leaves no single point of failure of some kinds with the cheapest such plan."""
    data = read(instance)
    kinds = (("site",), ("source",), ("site", "group", "enterprise"), ("item", "lane", "source"))[seed % 4]
    every = {row["measure"]: int(row["max_units"]) for row in data["measures"]}
    # what no measure clears is an exception now and then; otherwise the question has no answer
    stubborn = {f"{k}:{e}" for _, _, k, e in structure.spofs(data, measures=every) if k in kinds}
    spared = stubborn if seed % 5 else set()
    known: dict[frozenset[tuple[str, int]], bool] = {}

    def keep(plan: plans.Plan) -> bool:
        state = in_full_effect(data, plan)
        key = frozenset((m, 1) for m in state)
        if key not in known:
            left = {f"{k}:{e}" for _, _, k, e in structure.spofs(data, measures=state) if k in kinds}
            known[key] = not left - spared
        return known[key]

    return _cheapest(instance, data, keep, clear_spofs=kinds, spof_exceptions=sorted(spared))


def least_autonomy(instance: Any, seed: int) -> list[str]:
    """Compare the best plan under a limit on autonomy with the best of all plans that keep it."""
    data = read(instance)
    known: dict[frozenset[tuple[str, int]], float] = {}

    def lowest(plan: plans.Plan) -> float:
        state = in_full_effect(data, plan)
        key = frozenset(state.items())
        if key not in known:
            known[key] = min(low for low, _ in continuity.autonomy(data, state).values())
        return known[key]

    levels = sorted({round(lowest(plan), 9) for plan in plans.all_plans(data)})
    if len(levels) == 1:
        return []
    limit = (levels[-1], levels[len(levels) // 2], (levels[0] + levels[-1]) / 2)[seed % 3]
    return reinforcement(
        instance, keep=lambda plan: lowest(plan) >= limit - 1e-6, min_autonomy=max(min(limit, 1.0), 0.0)
    )


def replanning(instance: Any, seed: int) -> list[str]:
    """Compare the plan that follows an earlier one with the best of all plans, a price on each change taken off."""
    data = read(instance)
    years = data.settings["planning"]["years"]
    chain = {row["measure"]: row.get("chain") for row in data["measures"]}
    chance = random.Random(seed)
    going = {row["measure"] for row in data["running"]}
    earlier = chance.choice(sorted(plans.all_plans(data), key=sorted))
    # one chain's measures, or a shared one, have begun before the planning years
    begun = chance.choice([None, *sorted({chain[m] or m for m, _, _ in earlier})])
    given = [(m, u, years[0] - 1 if (chain[m] or m) == begun else y) for m, u, y in sorted(earlier)]
    previous = oc.evaluate(instance, pd.DataFrame(given, columns=["measure", "units", "start_year"]))
    promised = {x for x in given if x[2] >= years[0]}
    price = chance.choice([0.0, 0.003, 0.05])
    started = [(chain[m], m, y, u) for m, u, y in given if y < years[0] and m not in going]
    later = data
    if started:
        frame = pd.DataFrame(started, columns=["chain", "measure", "start_year", "units"])
        later = read(instance.replace(running=pd.concat([instance["running"], frame], ignore_index=True)))
    valuer = plans.Valuer(later)
    values = {
        plan: valuer.value(plan) - price * len(promised - plan)
        for plan in plans.all_plans(later)
        if plans.keeps_rules(later, plan)
    }
    try:
        plan = oc.reinforce(instance, previous=previous, change_price=price, gap=1e-9)
    except oc.OptichainError as error:
        if "no bound can be proven" in str(error) and oc.structure(instance).loops:
            return []
        return [] if not values and type(error).__name__ == "InfeasibleError" else [f"{error}; {values}"]
    chosen = as_plan(plan)
    if chosen not in values:
        return [f"the plan {sorted(chosen)} breaks a rule"]
    out = _near("objective", plan.objective, max(values.values()), 1e-6)
    out += _near("objective of the plan itself", plan.objective, values[chosen], 1e-6)
    told = {row["measure"] for row in plan.changes}
    truth = {m for m, _, _ in promised ^ chosen} if given else set()
    out += [] if told == truth else [f"changes of {sorted(told)}, truly {sorted(truth)}"]
    out += [f"no reason for {row}" for row in plan.changes if not row["why"]]
    failed = [c for c in oc.check_claims(instance, plan) if not c.ok]
    return out + [f"claim {c.claim}: stated {c.stated}, recomputed {c.recomputed}" for c in failed]


def _cheapest(instance: Any, data: Data, keep: Callable[[plans.Plan], bool], **options: Any) -> list[str]:
    """Compare a plan of least cost with the cheapest of all plans that ``keep`` accepts."""
    truth = plans.cheapest_plan(data, keep)
    try:
        plan = oc.reinforce(instance, **{"gap": 1e-9, **options})
    except oc.OptichainError as error:
        if "no bound can be proven" in str(error) and oc.structure(instance).loops:
            return []
        if truth is None and type(error).__name__ == "InfeasibleError":
            return []
        return [f"{options}: {type(error).__name__}: {error}; by enumeration {truth}"]
    if truth is None:
        return [f"{options}: found {sorted(as_plan(plan))}, but no plan keeps the rules"]
    chosen = as_plan(plan)
    out = _near(f"{options}: cost", plan.objective, truth, 1e-6)
    out += _near("cost of the plan itself", plan.objective, plans.total_cost(data, chosen), 1e-9)
    if plan.objective_name != "cost" or plan.improvement_gap is not None:
        out.append(f"objective {plan.objective_name}, improvement gap {plan.improvement_gap}")
    if plan.bound is not None and plan.bound > truth + 1e-6 * max(1.0, truth):
        out.append(f"bound {plan.bound} is above {truth}")
    if not (keep(chosen) and plans.keeps_rules(data, chosen)):
        out.append(f"{options}: the plan {sorted(chosen)} breaks what was asked")
    failed = [c for c in oc.check_claims(instance, plan) if not c.ok]
    return out + [f"claim {c.claim}: stated {c.stated}, recomputed {c.recomputed}" for c in failed]


def _before_and_after(given: dict[str, Any], data: Data, chosen: plans.Plan) -> list[str]:
    """Compare what a plan says of the network before any measure and in full effect."""
    full = {row["measure"]: int(row["units"]) for row in data["running"]} | {m: u for m, u, _ in chosen}
    every = {row["measure"]: int(row["max_units"]) for row in data["measures"]}
    before, after, best = (continuity.report(data, m) for m in ({}, full, every))
    out = []
    for name in ("acc", "expected_annual_loss"):
        out += _near(f"{name}_before", given[f"{name}_before"], getattr(before, name), 1e-6)
        out += _near(f"{name}_after", given[f"{name}_after"], getattr(after, name), 1e-6)
    avoidable = before.expected_annual_loss - best.expected_annual_loss
    if avoidable > 1e-6 * max(1.0, before.expected_annual_loss):
        share = (before.expected_annual_loss - after.expected_annual_loss) / avoidable
        out += _near("avoidable_share", given["avoidable_share"], share, 1e-5)
    measures = {row["measure"]: row for row in data["measures"]}
    for policy in given["policies"]:
        chain = policy["chain"]
        if "acc" in before.chains[chain]:
            out += _near(f"acc_before of {chain}", policy["acc_before"], before.chains[chain]["acc"], 1e-6)
            out += _near(f"acc_after of {chain}", policy["acc_after"], after.chains[chain]["acc"], 1e-6)
        for year, cost in zip(given["years_of_cost"], policy["cost"], strict=True):
            mine = [x for x in chosen if measures[x[0]].get("chain") == chain]
            truth = sum(plans.yearly_cost(measures[m], u, y, year) for m, u, y in mine)
            out += _near(f"cost of {chain} in {year}", cost, truth, 1e-9)
    for name, state in (("spofs_before", {}), ("spofs_after", full)):
        found = {(x["demand"], x["site"], x["kind"], x["element"]) for x in given[name]}
        truth = structure.spofs(data, measures=state)
        out += [] if found == truth else [f"{name}: extra {found - truth}, missing {truth - found}"]
    return out


def given_plan(instance: Any, seed: int) -> list[str]:
    """Compare what the library says of a plan drawn at random, good or bad, with brute force."""
    data = read(instance)
    options = sorted(plans.all_plans(data), key=sorted)
    chosen = random.Random(seed).choice(options)
    chain = {row["measure"]: row.get("chain") for row in data["measures"]}
    rows = [(chain[m], m, u, y) for m, u, y in sorted(chosen)]
    plan = oc.evaluate(instance, pd.DataFrame(rows, columns=["chain", "measure", "units", "start_year"]))
    given = plan.to_json()
    out = _near("objective", given["objective"], plans.Valuer(data).value(chosen), 1e-7)
    good = plans.keeps_rules(data, chosen)
    if good == bool(given["breaches"]):
        out.append(
            f"{sorted(chosen)}: breaches {given['breaches']}, but it {'keeps' if good else 'breaks'} the rules"
        )
    running = {row["measure"]: int(row["units"]) for row in data["running"]}
    out += _stress(
        oc.resilience(instance, plan=plan), data, {**running, **{m: u for m, u, _ in chosen}}, 0.95
    )
    out += _before_and_after(given, data, chosen)
    failed = [c for c in oc.check_claims(instance, plan) if not c.ok]
    return out + [f"claim {c.claim}: stated {c.stated}, recomputed {c.recomputed}" for c in failed]


def wishes(instance: Any, seed: int) -> list[str]:
    """Compare the best plan under what the caller asks beyond the instance: fixed, forbidden, a rule of her own."""
    data = read(instance)
    going = {row["measure"] for row in data["running"]}
    free = [row["measure"] for row in data["measures"] if row["measure"] not in going]
    if not free:
        return []
    one, other = free[0], free[-1]
    years = data.settings["planning"]["years"]

    def bought(plan: plans.Plan) -> set[str]:
        return {m for m, _, _ in plan}

    if seed % 3 == 0:
        return reinforcement(instance, forbid=[one], keep=lambda plan: one not in bought(plan))
    if seed % 3 == 1:
        return reinforcement(instance, fix=[one], keep=lambda plan: one in bought(plan))
    rule = ({(m, year): 1.0 for m in {one, other} for year in years[:2]}, "<=", 1.0)
    return reinforcement(
        instance,
        rows=[rule],
        keep=lambda plan: len({m for m, _, y in plan if m in (one, other) and y in years[:2]}) <= 1,
    )
