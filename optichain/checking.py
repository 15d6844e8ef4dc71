"""What a user should know of an instance before believing anything about it: warnings and assumptions.

The reader refuses what is wrong and warns of what the tables alone show. Here stands what only the
compiled network shows, and the list of everything that was defaulted or estimated.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.compilation import compile_network
from optichain.effects import resolve_effects
from optichain.errors import Fault
from optichain.estimates import item_requirements, source_capacities
from optichain.instance.schema import TABLES
from optichain.network import ELEMENT_KINDS, Network
from optichain.notebook import facts_html, table_html
from optichain.risk.events import element_facts
from optichain.risk.flows.bottleneck import find_shortfalls
from optichain.risk.flows.size import too_large
from optichain.sentences import say

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["CheckResult", "assumptions_of", "check_instance", "faulty", "network_warnings"]

MOSTLY = 0.5
"""Share of a chain's elements without facts of their own from which a warning says so."""


@dataclass(frozen=True)
class CheckResult:
    """What ``check`` says.

    Attributes
    ----------
    errors, warnings, assumptions : tuple of Fault
        An assumption is written like a fault: the place, what stands in for what is not known, and why.
    """

    errors: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    assumptions: tuple[Fault, ...]

    @property
    def ok(self) -> bool:
        """Whether the instance can be used."""
        return not self.errors

    def _repr_html_(self) -> str:
        """Show the findings in a notebook."""
        counts = [(name, len(getattr(self, name))) for name in ("errors", "warnings", "assumptions")]
        shown = facts_html("Usable" if self.ok else "Not usable", counts)
        for name in ("errors", "warnings", "assumptions"):
            rows = [
                (f.where, f.row, f.column, f.message + (f" ({f.hint})" if f.hint else ""))
                for f in getattr(self, name)
            ]
            shown += table_html(name.capitalize(), ("where", "row", "column", "what"), rows)
        return shown

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of the command ``check``."""
        return {
            "ok": self.ok,
            **{
                name: [f.to_json() for f in getattr(self, name)]
                for name in ("errors", "warnings", "assumptions")
            },
        }


def faulty(errors: Iterable[Fault]) -> CheckResult:
    """Return the result for an instance that cannot be read."""
    return CheckResult(tuple(errors), (), ())


def check_instance(instance: Instance) -> CheckResult:
    """Return warnings and assumptions of a readable instance, in the order of tables, rows and columns."""
    warnings = sorted([*instance.warnings, *network_warnings(instance)], key=Fault.sort_key)
    return CheckResult((), tuple(warnings), assumptions_of(instance))


def network_warnings(instance: Instance) -> list[Fault]:
    """Return what is suspicious and shows only in the compiled network."""
    network = compile_network(instance)
    return [
        *_shortfalls(network),
        *_untested(network),
        *_idle_hits(network),
        *_idle_protection(network),
        *_mostly_defaulted(network),
    ]


def _shortfalls(network: Network) -> list[Fault]:
    unit = network.instance.settings.time_unit
    return [
        network.instance.places.remark(
            "demands",
            int(s.demand),
            "rate",
            "unserved-demand",
            say("unserved-demand", served=s.served, wanted=s.wanted, unit=unit),
            f"the bottleneck is {s.bottleneck}",
        )
        for s in find_shortfalls(network)
    ]


def _untested(network: Network) -> list[Fault]:
    """Say which demands were not tested, because their block is too large."""
    blocks = too_large(network)
    if not blocks:
        return []
    count = int(np.isin(network.demand_block, blocks).sum())
    text = say("demand-not-tested", count=count)
    return [network.instance.places.remark("demands", None, None, "demand-not-tested", text)]


def _idle_hits(network: Network) -> list[Fault]:
    """Hits on what stops no activity, such as a site with nothing at it or a source of capacity 0."""
    activities = network.elements_of_activities
    stocked = np.zeros(network.n_elements, dtype=bool)
    if network.instance.settings.stock_at_failed_site == "lost":
        standing = network.stock_site[network.stock_site >= 0]
        stocked[network.site_elements[standing].indices] = True
    hits = network.instance["hits"]
    faults = []
    for row, (kind, target) in enumerate(zip(hits["kind"], hits["target"], strict=True)):
        e = network.element(str(kind), str(target))
        if e < 0 or not (activities.indptr[e + 1] > activities.indptr[e] or stocked[e]):
            text = say("idle-hit", kind=kind, target=target)
            faults.append(network.instance.places.remark("hits", row, "target", "idle-hit", text))
    return faults


def _idle_protection(network: Network) -> list[Fault]:
    """Hardening and faster recovery of what stops no activity."""
    columns = network.elements_of_activities
    targets = network.instance["effects"]["target"]
    faults = []
    for effect in resolve_effects(network):
        if effect.kind not in ("harden", "recover"):
            continue
        if effect.element < 0 or columns.indptr[effect.element] == columns.indptr[effect.element + 1]:
            text = say("idle-protection", effect=effect.kind, target=targets[effect.row])
            faults.append(
                network.instance.places.remark("effects", effect.row, "target", "idle-protection", text)
            )
    return faults


def _mostly_defaulted(network: Network) -> list[Fault]:
    """Chains most of whose sites have no probability, or no recovery time, of their own."""
    sites = network.instance["sites"]
    blank = {name: np.isnan(sites[name].to_numpy(float)) for name in ("annual_probability", "recovery_time")}
    faults = []
    for c, chain in enumerate(network.chains):
        mine = _sites_of_chain(network, c)
        for name, missing in blank.items():
            count = int(missing[mine].sum())
            if len(mine) and count > MOSTLY * len(mine):
                code = f"mostly-without-{name.replace('_', '-')}"
                text = say(code, count=count, sites=len(mine), chain=chain)
                faults.append(
                    network.instance.places.remark(
                        "chains", c, None, "mostly-defaulted", text, f"give {name} in the table sites"
                    )
                )
    return faults


def _sites_of_chain(network: Network, chain: int) -> npt.NDArray[np.int64]:
    """Return the sites of all activities upstream of a chain's demands, any status."""
    users = network.requirement_activity[network.alternative_requirement]
    has = np.zeros(network.n_commodities, dtype=bool)
    has[network.demand_commodity[network.demand_chain == chain]] = True
    while True:
        running = has[network.output]
        grown = has.copy()
        grown[network.alternative_commodity[running[users]]] = True
        if np.array_equal(grown, has):
            break
        has = grown
    sites = network.activity_site[has[network.output]]
    return np.unique(sites[sites >= 0])


def assumptions_of(instance: Instance) -> tuple[Fault, ...]:
    """Return everything that was defaulted or estimated, one entry a cell that is blank."""
    network = compile_network(instance)
    found = [
        *_capacities(instance),
        *_times_and_probabilities(instance),
        *_elements(network),
        *_own_ip(instance),
        *_unmapped(instance),
        *_guessed(instance),
    ]
    return tuple(sorted(found, key=Fault.sort_key))


def _capacities(instance: Instance) -> list[Fault]:
    capacity, basis = source_capacities(instance, item_requirements(instance))
    names, unit = instance["sources"]["source"], instance.settings.time_unit
    surge = instance.settings.defaults.surge
    return [
        instance.places.remark(
            "sources",
            row,
            "capacity",
            "estimated-capacity",
            say(
                "estimated-capacity",
                source=names[row],
                capacity=capacity[row],
                unit=unit,
                basis=text,
                factor=1.0 + surge,
            ),
        )
        for row, text in basis.items()
        if isinstance(row, int)
    ]


def _times_and_probabilities(instance: Instance) -> list[Fault]:
    defaults, events = instance.settings.defaults, instance.settings.events
    wanted = [
        ("sites", "site", "recovery_time", True),
        ("sites", "site", "annual_probability", events.single_site),
    ]
    wanted += [
        ("lanes", "lane", "recovery_time", events.single_lane),
        ("lanes", "lane", "annual_probability", events.single_lane),
    ]
    found = []
    for table, key, column, used in wanted:
        frame = instance[table]
        code, value = f"defaulted-{column.replace('_', '-')}", getattr(defaults, column)
        unit = {"unit": instance.settings.time_unit} if column == "recovery_time" else {}
        for row in np.flatnonzero(np.isnan(frame[column].to_numpy(float))).tolist() if used else ():
            text = say(code, kind=key, name=frame[key][row], value=value, **unit)
            found.append(instance.places.remark(table, row, column, code, text))
    return found


def _elements(network: Network) -> list[Fault]:
    """Enterprises, regions, countries and groups: default probabilities, and groups that make no event."""
    settings, facts = network.instance.settings, element_facts(network)
    found = []
    for e in range(network.n_elements):
        kind, name = ELEMENT_KINDS[network.element_kind[e]], network.element_name[e]
        if kind not in ("enterprise", "region", "country", "group") or not getattr(
            settings.events, f"single_{kind}"
        ):
            continue
        if kind == "group" and not facts.stated[e]:
            text = say("group-without-event", group=name)
            found.append(
                network.instance.places.remark(
                    "elements",
                    None,
                    "target",
                    "group-without-event",
                    text,
                    "give it a row in the table elements",
                )
            )
        elif math.isnan(facts.annual_probability[e]):
            code, value = "defaulted-annual-probability", settings.defaults.annual_probability
            text = say(code, kind=kind, name=name, value=value)
            found.append(network.instance.places.remark("elements", None, "annual_probability", code, text))
    return found


def _own_ip(instance: Instance) -> list[Fault]:
    sources = instance["sources"]
    rows = np.flatnonzero(sources["own_ip"].isna().to_numpy(bool)).tolist()
    return [
        instance.places.remark(
            "sources",
            row,
            "own_ip",
            "unknown-own-ip",
            say("unknown-own-ip", source=sources["source"][row]),
        )
        for row in rows
    ]


def _unmapped(instance: Instance) -> list[Fault]:
    items = instance["items"]
    rows = np.flatnonzero(~items["mapped"].to_numpy(bool)).tolist()
    return [
        instance.places.remark(
            "items",
            row,
            "mapped",
            "not-mapped",
            say("not-mapped", item=items["item"][row]),
        )
        for row in rows
    ]


def _guessed(instance: Instance) -> list[Fault]:
    """Rows that their own grade calls guessed, and rows that another submission contradicts."""
    found = []
    for table, frame in instance.frames.items():
        for row in np.flatnonzero((frame["grade"] == "C").to_numpy(bool)).tolist():
            who, why = frame["submitted_by"].iloc[row], frame["note"].iloc[row]
            told = {"who": who} if isinstance(who, str) else {}
            told |= {"note": why} if isinstance(why, str) else {}
            code = f"guessed{'-by' if 'who' in told else ''}{'-because' if 'note' in told else ''}"
            text = say(code, key=_named(table, frame, row), **told)
            found.append(instance.places.remark(table, row, "grade", "guessed", text))
        if "x_conflict" in frame:
            for row in np.flatnonzero(frame["x_conflict"].notna().to_numpy(bool)).tolist():
                conflict = str(frame["x_conflict"].iloc[row])
                text = say("contradicted", key=_named(table, frame, row), conflict=conflict)
                found.append(instance.places.remark(table, row, "x_conflict", "contradicted", text))
    return found


def _named(table: str, frame: pd.DataFrame, row: int) -> str:
    """Return the key of a row."""
    cells = [frame[name].iloc[row] for name in TABLES[table].key]
    return " ".join(str(cell) for cell in cells if not pd.isna(cell))
