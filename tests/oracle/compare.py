"""What the library says against what brute force says, as a list of differences in words."""

from __future__ import annotations

import math
from typing import Any

import optichain as oc
from oracle import continuity, network, plans, structure


def _blank(value: Any) -> Any:
    return None if value is None or (isinstance(value, float) and math.isnan(value)) else value


def _near(what: str, found: float, truth: float, tolerance: float) -> list[str]:
    if found == truth or abs(found - truth) <= tolerance * max(1.0, abs(truth)):
        return []
    return [f"{what}: found {found!r}, by definition {truth!r}"]


def capacities(instance: Any) -> list[str]:
    """Compare the capacities of all sources, estimates included."""
    compiled = oc.compile_network(instance)
    truth = {a.name: a.capacity for a in network.build(instance).activities}
    found = dict(zip(compiled.activity_name, compiled.capacity, strict=True))
    if set(found) != set(truth):
        return [f"activities: found {sorted(found)}, by definition {sorted(truth)}"]
    return [x for name, cap in truth.items() for x in _near(f"capacity of {name}", float(found[name]), cap, 1e-9)]


def spofs(instance: Any, status: str) -> list[str]:
    """Compare the single points of failure of every kind, and what cannot be provided at all."""
    found = oc.structure(instance, status=status)
    mine = structure.spofs(instance, status=status)
    theirs = [
        (d, _blank(s), k, e) for d, s, k, e in found.spofs[["demand", "site", "kind", "element"]].itertuples(index=False)
    ]
    out = [] if len(theirs) == len(set(theirs)) else ["a single point of failure is listed twice"]
    out += [f"{status}: {x} is listed and is none" for x in sorted(set(theirs) - mine, key=str)]
    out += [f"{status}: {x} is missing" for x in sorted(mine - set(theirs), key=str)]
    none = {(d, _blank(s)) for d, s in found.unprovidable[["demand", "site"]].itertuples(index=False)}
    truth = structure.unprovidable(instance, status=status)
    return out + ([] if none == truth else [f"{status}: unprovidable {none}, by definition {truth}"])


def resilience(instance: Any, alpha: float = 0.95) -> list[str]:
    """Compare every figure of the stress test."""
    found = oc.resilience(instance, alpha=alpha)
    truth = continuity.report(instance, alpha=alpha)
    events = found.events.set_index("event")
    if set(events.index) != set(truth.outcomes) or len(events) != len(truth.outcomes):
        return [f"events: found {sorted(events.index)}, by definition {sorted(truth.outcomes)}"]
    out = _near("undisturbed served", found.undisturbed["served"], sum(truth.undisturbed.served.values()), 1e-7)
    for name, outcome in truth.outcomes.items():
        out += _near(f"{name}: probability", events.at[name, "probability"], truth.probability[name], 1e-12)
        out += _near(f"{name}: served", events.at[name, "served"], sum(outcome.served.values()), 1e-7)
        out += _near(f"{name}: lost", events.at[name, "lost"], truth.lost[name], 1e-6)
        weight = continuity.weights(network.build(instance))
        whole = sum(weight[c] * x for c, x in outcome.continuity.items())
        out += _near(f"{name}: continuity", events.at[name, "continuity"], whole, 1e-7)
        for chain, value in outcome.continuity.items():
            out += _near(f"{name}: continuity of {chain}", found.chain_continuity.at[name, chain], value, 1e-7)
    for name in ("acc", "worst", "cvar", "expected_annual_loss"):
        out += _near(name, getattr(found, name), getattr(truth, name), 1e-7)
    chains = found.chains.set_index("chain")
    own = continuity.autonomy(instance)
    for chain, row in truth.chains.items():
        for name, value in row.items():
            out += _near(f"{name} of {chain}", float(chains.at[chain, name]), value, 1e-6)
        if chain in own:
            out += _near(f"autonomy_low of {chain}", float(chains.at[chain, "autonomy_low"]), own[chain][0], 1e-7)
            out += _near(f"autonomy_high of {chain}", float(chains.at[chain, "autonomy_high"]), own[chain][1], 1e-7)
    return out


def spof_figures(instance: Any) -> list[str]:
    """Compare the loss and the time to survive that stand beside each single point of failure."""
    rows = oc.find_spofs(instance).drop_duplicates(["kind", "element"])
    out = []
    for kind, element, lost, survives in rows[["kind", "element", "lost", "time_to_survive"]].itertuples(index=False):
        out += _near(f"lost to {kind}:{element}", lost, continuity.impact(instance, (kind, element)), 1e-6)
        truth = continuity.time_to_survive(instance, (kind, element))
        out += _near(f"time to survive {kind}:{element}", float(survives), truth, 1e-5)
    return out


def as_plan(plan: Any) -> frozenset[tuple[str, int, int]]:
    """Return the choices of a `Plan` as (measure, units, start year)."""
    given = plan.to_json()
    return frozenset(
        (m["measure"], int(m["units"]), int(p["start_year"])) for p in given["policies"] for m in p["measures"]
    ) | frozenset((m["measure"], int(m["units"]), int(m["start_year"])) for m in given["shared_measures"])


def reinforcement(instance: Any, objective: str = "expected", **options: Any) -> list[str]:
    """Compare the best plan with the best of all plans, and its claims with brute force."""
    best = plans.enumerate_plans(instance, objective=objective)
    try:
        plan = oc.reinforce(instance, objective=objective, **{"gap": 1e-9, **options})
    except oc.OptichainError as error:
        if best is None and type(error).__name__ == "InfeasibleError":
            return []
        return [f"{type(error).__name__}: {error}; by enumeration {best}"]
    if best is None:
        return [f"found {sorted(as_plan(plan))}, but no plan keeps the rules"]
    given = plan.to_json()
    chosen = as_plan(plan)
    data = network.read(instance)
    out = _near("objective", given["objective"], best.objective, 1e-6)
    out += _near("objective_nothing", given["objective_nothing"], best.of_nothing, 1e-6)
    if not plans.keeps_rules(data, chosen):
        out.append(f"the plan {sorted(chosen)} breaks a rule")
    valuer = plans.Valuer(instance, objective=objective)
    out += _near("objective of the plan itself", given["objective"], valuer.value(chosen), 1e-6)
    sign = -1.0 if objective == "loss" else 1.0
    if given["bound"] is not None and sign * given["bound"] < sign * best.objective - 1e-6 * max(1.0, abs(best.objective)):
        out.append(f"bound {given['bound']} is passed by {best.objective}")
    expected = plans.Valuer(instance)
    losses = plans.Valuer(instance, objective="loss")
    planning = data.settings["planning"]
    for year in range(planning["years"][0], planning["years"][-1] + planning["terminal_years"] + 1):
        state = plans.in_effect(data, chosen, year)
        out += _near(f"ACC of {year}", given["acc_by_year"][str(year)], expected.state(state), 1e-6)
        out += _near(f"loss of {year}", given["expected_annual_loss_by_year"][str(year)], losses.state(state), 1e-6)
    measures = {row["measure"]: row for row in data["measures"]}
    for year in given["years_of_cost"]:
        spend = sum(plans.yearly_cost(measures[m], u, y, year) for m, u, y in chosen)
        owed = plans.commitments(data, year)
        out += _near(f"spend of {year}", given["spend"][str(year)], spend + owed, 1e-9)
        out += _near(f"commitments of {year}", given["commitments"][str(year)], owed, 1e-9)
    return out
