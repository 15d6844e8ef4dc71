"""What an instance says, as a flat mapping from what is asked to a number, in the names and units of an original.

Money is told as a share of what the horizon demands, time as a share of the horizon, so that one tolerance fits all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import optichain as oc
from rewriting import Rewritten

__all__ = ["differences", "in_turn", "optimum", "risk", "structure"]

Facts = dict[tuple[Any, ...], float]
METHODS = ("auto", "extensive", "lshaped", "portfolio")
OBJECTIVES = ("expected", "worst", "cvar", "loss", "worst-case")


def in_turn(seed: int) -> list[dict[str, str]]:
    """Return every objective with a method for each: the next seed's are others, until all methods have had all."""
    turns = []
    for place, objective in enumerate(OBJECTIVES):
        able = METHODS[:2] if objective == "worst-case" else METHODS  # the others do not know attacks
        turns.append({"objective": objective, "method": able[(seed + place) % len(able)]})
    return turns


def _blank(value: Any) -> Any:
    return None if value is None or (isinstance(value, float) and math.isnan(value)) else value


def _worth(instance: Any) -> tuple[float, float]:
    """Return what the horizon demands, money, and its length, as far as there is anything of either."""
    network = oc.compile_network(instance)
    return float(network.demand_rate @ network.demand_value) * network.horizon or 1.0, network.horizon


def structure(instance: Any, written: Rewritten, *, order: int = 2) -> Facts:
    """Return capacities, single points of failure, minimal cut sets with their chances, and what a loop sustains."""
    was, units = written.was, written.units
    found: Facts = {}
    network = oc.compile_network(instance)
    worth, horizon = _worth(instance)
    items = network.items.to_numpy()[network.commodity_item[network.output]]
    for name, item, capacity in zip(network.activity_name, items, network.capacity.tolist(), strict=True):
        found["capacity", was(name)] = capacity * units.time / units.item(was(item))
    for status in ("qualified", "active"):
        result = oc.structure(instance, status=status)
        for row in result.spofs.itertuples():
            key = (status, was(row.demand), was(_blank(row.site)), row.kind, was(row.element))
            found["spof", *key] = 1.0
            found["lost to spof", *key] = row.lost / worth
            found["spof felt after", *key] = row.time_to_survive / horizon
        for row in result.unprovidable.itertuples():
            found["unprovidable", status, was(row.demand), was(_blank(row.site))] = 1.0
        found["loops", status] = len(result.loops)
    sets = oc.cut_sets(instance, order=order)
    for row in sets.frame.itertuples():
        members = frozenset((kind, was(name)) for kind, name in row.elements)
        found["cut set", was(row.demand), was(_blank(row.site)), members] = row.probability
    found["top probability",] = sets.top_probability
    return found


def risk(instance: Any, written: Rewritten, *, chains: bool = True) -> Facts:
    """Return every figure of the stress test, of exposure, of the reverse stress test and of the worst failures.

    Parameters
    ----------
    chains : bool
        Whether figures of single chains are told: where weights tie, names decide who is served first.
    """
    was = written.was
    worth, horizon = _worth(instance)
    result = oc.resilience(instance)
    found: Facts = {(name,): getattr(result, name) for name in ("acc", "worst", "cvar")}
    found["served undisturbed",] = result.undisturbed["served"] / worth
    if chains:
        found["expected annual loss",] = result.expected_annual_loss / worth
    for row in result.events.itertuples():
        event = was(row.event)
        found["probability", event] = row.probability
        found["continuity", event] = row.continuity
        if chains:
            found["lost", event] = row.lost / worth
    if chains:
        for event, values in result.chain_continuity.iterrows():
            for chain, value in values.items():
                found["continuity of", was(chain), was(event)] = value
        for row in result.chains.itertuples():
            for name in ("weight", "acc", "worst", "cvar", "autonomy_low", "autonomy_high"):
                found[name, was(row.chain)] = getattr(row, name)
            found["expected annual loss", was(row.chain)] = row.expected_annual_loss / worth
    for row in oc.exposure(instance).itertuples():
        element = (row.kind, was(row.element))
        found["recovery time", *element] = row.recovery_time / horizon
        found["time to survive", *element] = row.time_to_survive / horizon
        if chains:
            found["impact", *element] = row.lost / worth
            found["risk exposure", *element] = row.risk_exposure_index
    level = 0.8371  # nothing simple: two results that differ by rounding lie on the same side
    reverse = oc.reverse_stress(instance, level)
    for kind, name, duration in reverse.durations:
        found["duration to", kind, was(name)] = math.nan if duration is None else duration / horizon
    for one in reverse.sets:
        found["harmful set", frozenset((k, was(n)) for k, n in one.elements)] = one.continuity
    for k in (1, 2):
        worst = oc.worst_case(instance, k)
        found["worst case", k] = worst.continuity
        found["bound of the worst case", k] = worst.bound
    return found


def optimum(instance: Any, *, objective: str = "expected", method: str = "auto", **options: Any) -> Facts:
    """Return what the best plan is worth, with its bound; or that there is none, and why."""
    worth = _worth(instance)[0] if objective == "loss" else 1.0
    try:
        plan = oc.reinforce(instance, objective=objective, method=method, **{"gap": 1e-9, **options})
    except oc.OptichainError as error:
        return {(objective, method, type(error).__name__): 1.0}
    given = plan.to_json()
    return {
        (objective, method, "objective"): given["objective"] / worth,
        (objective, method, "bound"): math.nan if given["bound"] is None else given["bound"] / worth,
        (objective, method, "nothing"): given["objective_nothing"] / worth,
    }


def differences(
    first: Mapping[tuple[Any, ...], float],
    second: Mapping[tuple[Any, ...], float],
    *,
    tolerance: float = 1e-7,
    size: float = 1.0,
) -> list[str]:
    """Return what two say differently; numbers may differ by ``tolerance`` of the larger of ``size`` and themselves."""
    out = [f"only one says {key}: {first[key]}" for key in first if key not in second]
    out += [f"only the other says {key}: {second[key]}" for key in second if key not in first]
    for key in first:
        a, b = first[key], second.get(key, first[key])
        if a == b or (math.isnan(a) and math.isnan(b)):
            continue
        if not abs(a - b) <= tolerance * max(size, abs(a), abs(b)):
            out.append(f"{key}: {a!r} and {b!r}")
    return out
