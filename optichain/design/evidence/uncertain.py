"""Inputs that nobody stated: every defaulted or estimated cell, with its plausible range (3.6)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optichain.compilation import compile_network
from optichain.errors import UsageError
from optichain.estimates import item_requirements, source_capacities
from optichain.network import ELEMENT_KINDS
from optichain.risk.events import element_facts

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["Uncertain", "uncertain_inputs", "with_inputs"]

OF_PROBABILITY = (0.1, 10.0)
OF_OTHERS = (0.5, 2.0)
KEYS = {
    "sites": "site",
    "lanes": "lane",
    "sources": "source",
    "elements": "target",
    "events": "event",
    "stocks": "item",
    "demands": "item",
    "measures": "measure",
}


@dataclass(frozen=True)
class Uncertain:
    """One input and its range.

    Attributes
    ----------
    table, column, name : str
        Where it stands; in ``elements`` the name is ``kind:target``.
    assumed, low, high : float
        What stands in for it, and its plausible range.
    factor : float or None
        Of an estimated capacity, the normal flow that its surge multiplies; the surge moves by factors then.
    stated : bool
        The range is the user's, and every value in it equally likely; otherwise every factor is (log-uniform).
    """

    table: str
    column: str
    name: str
    assumed: float
    low: float
    high: float
    factor: float | None = None
    stated: bool = False

    def at(self, place: float) -> float:
        """Return the value at a place in the range, 0 to 1."""
        if self.stated:
            return self.low + place * (self.high - self.low)
        if self.factor is not None:
            low, high = self.low - self.factor, self.high - self.factor
            return self.factor + low * float((high / low) ** place)
        return self.low * float((self.high / self.low) ** place)


def uncertain_inputs(instance: Instance, ranges: pd.DataFrame | None = None) -> tuple[Uncertain, ...]:
    """Return all inputs that are defaulted or estimated, and those whose range is stated.

    Parameters
    ----------
    instance : Instance
    ranges : DataFrame, optional
        table, name, column, low, high: ranges of inputs, given or not, instead of those below.

    Notes
    -----
    Probability x0.1 to x10 (at most 1), recovery time and surge x0.5 to x2. A default of 0 has no factor to move by.
    """
    defaults, events = instance.settings.defaults, instance.settings.events
    found: dict[tuple[str, str, str], Uncertain] = {}

    def add(one: Uncertain) -> None:
        found[one.table, one.name, one.column] = one

    for table, used in (("sites", True), ("lanes", events.single_lane)):
        frame = instance[table]
        single = events.single_site if table == "sites" else events.single_lane
        for row in range(len(frame)) if used else ():
            name = str(frame[KEYS[table]][row])
            if math.isnan(frame["recovery_time"][row]) and defaults.recovery_time > 0.0:
                add(_ranged(table, "recovery_time", name, defaults.recovery_time, OF_OTHERS))
            if single and math.isnan(frame["annual_probability"][row]) and defaults.annual_probability > 0.0:
                add(_ranged(table, "annual_probability", name, defaults.annual_probability, OF_PROBABILITY))
    for one in (*_of_elements(instance), *_of_capacities(instance)):
        add(one)
    for record in [] if ranges is None else ranges.to_dict("records"):
        add(_stated(instance, record))
    return tuple(found[key] for key in sorted(found))


def _ranged(table: str, column: str, name: str, assumed: float, factors: tuple[float, float]) -> Uncertain:
    most = 1.0 if column == "annual_probability" else math.inf
    return Uncertain(table, column, name, assumed, assumed * factors[0], min(assumed * factors[1], most))


def _of_elements(instance: Instance) -> list[Uncertain]:
    """Return defaulted probabilities of enterprises, regions, countries, and groups that make an event."""
    standing = instance.settings.defaults.annual_probability
    network = compile_network(instance)
    facts = element_facts(network)
    found = []
    for e in np.flatnonzero(np.isnan(facts.annual_probability)).tolist():
        kind = ELEMENT_KINDS[network.element_kind[e]]
        makes = kind in ("enterprise", "region", "country", "group") and getattr(
            instance.settings.events, f"single_{kind}"
        )
        if makes and standing > 0.0 and (kind != "group" or facts.stated[e]):
            name = f"{kind}:{network.element_name[e]}"
            found.append(_ranged("elements", "annual_probability", name, standing, OF_PROBABILITY))
    return found


def _of_capacities(instance: Instance) -> list[Uncertain]:
    surge = instance.settings.defaults.surge
    capacity, basis = source_capacities(instance, item_requirements(instance))
    found = []
    for row in basis.index.tolist():
        normal = float(capacity[row]) / (1.0 + surge)
        if surge > 0.0 and normal > 0.0:
            low, high = (normal * (1.0 + factor * surge) for factor in OF_OTHERS)
            name = str(instance["sources"]["source"][row])
            found.append(Uncertain("sources", "capacity", name, float(capacity[row]), low, high, normal))
    return found


def _stated(instance: Instance, record: Mapping[Any, Any]) -> Uncertain:
    table, name, column = (str(record[key]) for key in ("table", "name", "column"))
    low, high = float(record["low"]), float(record["high"])
    if table not in KEYS or column not in instance[table]:
        raise UsageError(f"ranges: there is no column {column!r} in a table {table!r} that a range is for")
    rows = np.flatnonzero(_mine(instance[table], table, name))
    if not len(rows):
        raise UsageError(f"ranges: {table} has no row called {name!r}")
    if not low < high < math.inf:
        raise UsageError(f"ranges: {table} {name!r} {column}: expected low < high, got {low} and {high}")
    assumed = float(instance[table][column][int(rows[0])])
    return Uncertain(table, column, name, assumed, low, high, stated=True)


def _mine(frame: pd.DataFrame, table: str, name: str) -> np.ndarray[Any, Any]:
    if table == "elements":
        return np.asarray(frame["kind"] + ":" + frame["target"] == name, dtype=bool)
    return np.asarray(frame[KEYS[table]] == name, dtype=bool)


def with_inputs(instance: Instance, values: Mapping[Uncertain, float]) -> Instance:
    """Return the instance with inputs at other values.

    Raises
    ------
    InstanceError
        A value of a stated range is none that the format allows.
    """
    tables: dict[str, Any] = {}
    for one, value in values.items():
        frame = tables.setdefault(one.table, instance[one.table])
        mine = _mine(frame, one.table, one.name)
        if not mine.any():
            kind, _, target = one.name.partition(":")
            row = pd.DataFrame([{"kind": kind, "target": target, one.column: value}])
            tables[one.table] = pd.concat([frame, row], ignore_index=True) if len(frame) else row
            continue
        frame.loc[mine, one.column] = value
    return instance.replace(**tables)
