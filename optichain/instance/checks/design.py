"""Rules of the tables about reinforcement: measures, policies, limits, running support."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pandas as pd

from optichain.instance.checks import effects as check_effects
from optichain.instance.draft import Draft
from optichain.instance.raw import quoted

__all__ = ["check"]


def check(draft: Draft) -> None:
    """Check what can be funded, and under which rules."""
    check_effects.check(draft)
    _check_units_allowed(draft)
    _check_rules(draft)
    _check_policies(draft)
    _check_running(draft)
    _check_limits(draft)


def _check_units_allowed(draft: Draft) -> None:
    """More than one unit makes sense only of what adds up: capacity and stock."""
    effects = draft.frames["effects"]
    if "effects" in draft.unusable or not draft.sound("effects", "effect", "measure").all():
        return
    other = effects.loc[~effects["effect"].isin(("expand", "stockpile")), ["measure", "effect"]].dropna()
    first = dict(zip(other["measure"].tolist()[::-1], other["effect"].tolist()[::-1], strict=True))
    names, units = draft.values("measures", "measure"), draft.frames["measures"]["max_units"].to_numpy()
    where = np.array(
        [unit > 1 and name in first for name, unit in zip(names, units, strict=True)], dtype=bool
    )
    draft.fault(
        "measures",
        where & draft.sound("measures", "max_units"),
        "max_units",
        "out-of-range",
        lambda k: (
            f"found {units[k]}, expected 1, because {quoted(names[k])} has the effect {first[names[k]]}: "
            "more units only where every effect is expand or stockpile"
        ),
    )


def _check_rules(draft: Draft) -> None:
    """No measure needs itself, at once or through others; none shuts itself out."""
    rules = draft.frames["measure_rules"]
    kinds, one, other = (draft.values("measure_rules", name) for name in ("rule", "measure", "other"))
    itself = np.asarray(one == other, dtype=bool) & ~pd.isna(one)
    draft.fault(
        "measure_rules",
        itself,
        "other",
        "self-reference",
        lambda k: f"found {quoted(other[k])}, which is the measure itself, expected another measure",
    )
    needs = rules[(kinds == "requires") & ~itself & ~pd.isna(one) & ~pd.isna(other)]
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from(zip(needs["measure"].tolist(), needs["other"].tolist(), strict=True))
    for loop in nx.strongly_connected_components(graph):
        if len(loop) < 2:
            continue
        inside = needs[needs["measure"].isin(loop) & needs["other"].isin(loop)]
        shown = ", ".join(quoted(name) for name in sorted(loop)[:5]) + (", ..." if len(loop) > 5 else "")
        message = f"found a cycle of requires among {shown}, expected that no measure comes to require itself"
        draft.fault("measure_rules", [int(inside.index[0])], "other", "requires-cycle", message)


def _measure_facts(draft: Draft) -> tuple[dict[str, str | None], dict[str, int]]:
    measures = draft.frames["measures"]
    names = measures["measure"].tolist()
    return (
        dict(zip(names, measures["chain"].tolist(), strict=True)),
        dict(zip(names, measures["max_units"].tolist(), strict=True)),
    )


def _check_units(draft: Draft, table: str, most: dict[str, int]) -> None:
    """Units of a measure do not pass its max_units (that they are whole and at least 1 the column says)."""
    names, units = draft.values(table, "measure"), draft.frames[table]["units"].to_numpy()
    sound = draft.sound(table, "units", "measure")
    max_units_sound = dict(
        zip(draft.values("measures", "measure"), draft.sound("measures", "max_units"), strict=True)
    )
    for k, (name, count) in enumerate(zip(names.tolist(), units.tolist(), strict=True)):
        if sound[k] and name in most and max_units_sound[name] and count > most[name]:
            message = f"found {count} units of {quoted(name)}, expected at most its max_units, {most[name]}"
            draft.fault(table, [k], "units", "out-of-range", message)


def _check_policies(draft: Draft) -> None:
    """Check that a policy holds measures of its own chain alone."""
    chain_of, most = _measure_facts(draft)
    policies = draft.frames["policies"]
    owner = dict(zip(policies["policy"].tolist(), policies["chain"].tolist(), strict=True))
    listed, names = draft.values("policy_measures", "policy"), draft.values("policy_measures", "measure")
    chains_sound = draft.sound("measures", "chain").all() and draft.sound("policies", "chain").all()
    for k, (policy, name) in enumerate(zip(listed.tolist(), names.tolist(), strict=True)):
        if not chains_sound or policy not in owner or name not in chain_of or owner[policy] == chain_of[name]:
            continue
        whose = (
            "a shared measure"
            if chain_of[name] is None
            else f"a measure of the chain {quoted(chain_of[name])}"
        )
        message = (
            f"found {quoted(name)}, {whose}, expected a measure of the policy's chain {quoted(owner[policy])}"
        )
        draft.fault("policy_measures", [k], "measure", "wrong-chain", message)
    _check_units(draft, "policy_measures", most)


def _check_running(draft: Draft) -> None:
    """Check chain, start year and units of running support."""
    chain_of, most = _measure_facts(draft)
    chains, names = draft.values("running", "chain"), draft.values("running", "measure")
    sound = draft.sound("running", "chain", "measure")
    measure_sound = dict(
        zip(draft.values("measures", "measure"), draft.sound("measures", "chain"), strict=True)
    )
    for k, (chain, name) in enumerate(zip(chains.tolist(), names.tolist(), strict=True)):
        if not sound[k] or name not in chain_of or not measure_sound[name] or chain == chain_of[name]:
            continue
        expected = (
            "a blank cell, because the measure is shared"
            if chain_of[name] is None
            else f"the measure's chain {quoted(chain_of[name])}"
        )
        found = "a blank cell" if chain is None else quoted(chain)
        draft.fault("running", [k], "chain", "wrong-chain", f"found {found}, expected {expected}")
    _check_units(draft, "running", most)
    if draft.settings is not None and draft.settings.planning is not None:
        first = draft.settings.planning.years[0]
        years = draft.frames["running"]["start_year"].to_numpy()
        late = (years >= first) & draft.sound("running", "start_year")
        draft.fault(
            "running",
            late,
            "start_year",
            "out-of-range",
            lambda k: f"found {years[k]:g}, expected a year before the first planning year, {first}",
        )


def _check_limits(draft: Draft) -> None:
    """Check that a limit bounds something that can be counted, in a year that counts."""
    frame = draft.frames["limits"]
    sound = draft.sound("limits", "on", "kind", "target", "year", "min", "max")
    planning = None if draft.settings is None else draft.settings.planning
    columns = [frame[name].tolist() for name in ("on", "kind", "target", "year", "min", "max")]
    for k, (on, kind, target, year, low, high) in enumerate(zip(*columns, strict=True)):
        if not sound[k] or on is None or kind is None:
            continue
        if on == "new_chains" and kind == "measure_kind":
            message = "found new_chains with measure_kind, expected another kind: chains are not of a kind of measure"
            draft.fault("limits", [k], "kind", "wrong-limit", message)
        if kind == "all" and target is not None:
            draft.fault(
                "limits",
                [k],
                "target",
                "wrong-limit",
                f"found {quoted(target)}, expected a blank cell for the kind all",
            )
        if kind != "all" and target is None:
            draft.fault(
                "limits", [k], "target", "missing-value", f"the cell is blank, expected the name of a {kind}"
            )
        if math.isnan(low) and math.isnan(high):
            draft.fault(
                "limits",
                [k],
                "max",
                "missing-value",
                "found neither min nor max, expected at least one of the two",
            )
        elif low > high:
            draft.fault(
                "limits",
                [k],
                "min",
                "bounds-cross",
                f"found min {low:g} above max {high:g}, expected it at or below",
            )
        if planning is None or math.isnan(year):
            continue
        years = list(planning.years)
        if on == "spend":
            years += [years[-1] + 1, years[-1] + 2]
        if year not in years:
            what = "a planning year or one of the two after it" if on == "spend" else "a planning year"
            message = f"found {year:g}, expected {what}, {years[0]} to {years[-1]}"
            draft.fault("limits", [k], "year", "out-of-range", message)
