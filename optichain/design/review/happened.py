"""What happened, checked against the instance and the plan: events with dates, losses, and what was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from optichain.compilation import compile_network
from optichain.design.review.tables import NEVER, WHAT, Cells, read_tables
from optichain.errors import Fault, PlanError
from optichain.instance.raw import quoted
from optichain.nearest import nearest_hint
from optichain.network import ELEMENT_KINDS, Network
from optichain.risk.events import Event, Hit, make_events

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.instance.model import Instance

__all__ = ["Happened", "Happening", "Realised", "read_happened"]


@dataclass(frozen=True)
class Happening:
    """Something that took place.

    Attributes
    ----------
    name, date : str
        ``YYYY`` or ``YYYY-MM-DD``.
    event : Event
        Its hits, as far as they are known; its probability is that of the event of the instance that it was.
    foreseen : str or None
        The event of the instance that it was.
    losses : dict of str to float, or None
        Money lost by chain; None where nothing was said of it.
    """

    name: str
    date: str
    event: Event
    foreseen: str | None
    losses: Mapping[str, float] | None

    @property
    def year(self) -> int:
        """The year in which it began."""
        return int(self.date[:4])

    @property
    def latest(self) -> str:
        """The last day on which it may have begun."""
        return self.date if len(self.date) > 4 else f"{self.date}-12-31"


@dataclass(frozen=True)
class Realised:
    """What became of a measure.

    Attributes
    ----------
    works_from : str or None
        The first day on which it worked; None: never.
    units : float
    """

    works_from: str | None
    units: float

    def works_on(self, day: str) -> bool:
        """Tell whether it worked on a day."""
        return self.works_from is not None and self.works_from <= day


@dataclass(frozen=True)
class Happened:
    """What took place, what was done, and what it cost.

    Attributes
    ----------
    happenings : tuple of Happening
        By date, then name.
    measures : dict of str to Realised
        What the tables tell; all others became what the plan promised.
    costs : dict of (str, int) to float
        Spent on a measure in a year.
    """

    happenings: tuple[Happening, ...]
    measures: Mapping[str, Realised]
    costs: Mapping[tuple[str, int], float]


def read_happened(
    instance: Instance, plan: Plan, happened: str | Path | Mapping[str, pd.DataFrame]
) -> Happened:
    """Read what happened, and check it against the instance and the plan.

    Parameters
    ----------
    instance : Instance
    plan : Plan
    happened : path or mapping of str to DataFrame
        A folder with ``happenings.csv``, and ``losses.csv``, ``measures.csv`` and ``costs.csv`` where known; or data
        frames by these names. Columns: `optichain.design.review.tables.TABLES`.

    Raises
    ------
    PlanError
        Every fault, by file, row and column.
    """
    rows, faults = read_tables(happened)
    network = compile_network(instance)
    reading = _Reading(instance, plan, network, faults)
    happenings = reading.happenings(rows["happenings"], reading.losses(rows["losses"], rows["happenings"]))
    measures = reading.measures(rows["measures"])
    costs = reading.costs(rows["costs"])
    if faults:
        raise PlanError(faults, what=WHAT)
    return Happened(happenings, measures, costs)


class _Reading:
    """Reads rows, and notes what is wrong with them."""

    def __init__(self, instance: Instance, plan: Plan, network: Network, faults: list[Fault]) -> None:
        self.network, self.faults = network, faults
        self.events = {event.name: event for event in make_events(network)}
        self.chains = [str(c) for c in instance["chains"]["chain"]]
        self.planned = {c.measure: c for c in plan.choices}
        self.known = {str(m) for m in instance["measures"]["measure"]}

    def happenings(
        self, rows: list[Cells], losses: Mapping[str, Mapping[str, float]]
    ) -> tuple[Happening, ...]:
        together: dict[str, list[Cells]] = {}
        for row in rows:
            together.setdefault(row["happening"], []).append(row)
        found = []
        for name, mine in together.items():
            hits = [hit for row in mine for hit in self._hits(row)]
            for row in mine[1:]:
                if row["date"] != mine[0]["date"]:
                    message = f"happening {name!r} began on {mine[0]['date']} in row {mine[0].row}"
                    hint = "rows of one happening begin together: give one date, or another name"
                    self.faults.append(row.fault("date", "conflict", message, hint))
            event = self.events.get(mine[0]["event"]) if len(mine) == 1 else None
            changed = any(row[key] is not None for row in mine for key in ("duration", "loss"))
            chance = 0.0 if event is None else event.probability
            title = name if event is None else event.title
            made = Event(name, title, chance, event.hits if event and not changed else tuple(hits))
            found.append(
                Happening(
                    name, mine[0]["date"], made, None if event is None else event.name, losses.get(name)
                )
            )
        return tuple(sorted(found, key=lambda h: (h.latest, h.name)))

    def _hits(self, row: Cells) -> Iterable[Hit]:
        """Return the hits of a row: those of an event of the instance, or of what is named, as long as it is said."""
        event, kind, target = row["event"], row["kind"], row["target"]
        if event is not None and (kind is not None or target is not None):
            hint = "give an event of the instance, or kind and target"
            self.faults.append(row.fault("event", "conflict", "is given beside kind and target", hint))
        elif event is not None:
            if event not in self.events:
                self._stranger(row, "event", event, self.events, "the command stress lists all events")
                return ()
            hits = self.events[event].hits
            return [
                Hit(
                    h.element,
                    h.loss if row["loss"] is None else row["loss"],
                    h.duration if row["duration"] is None else row["duration"],
                )
                for h in hits
            ]
        elif kind is None or target is None:
            hint = "give an event of the instance, or kind and target"
            self.faults.append(
                row.fault("kind" if kind is None else "target", "blank", "what was hit is not said", hint)
            )
        else:
            number = self.network.element(kind, target)
            if number < 0:
                self._stranger(
                    row, "target", target, self._named(kind), f"no {kind} of that name stops anything"
                )
                return ()
            loss = 1.0 if row["loss"] is None else row["loss"]
            return [Hit(number, loss, float("nan") if row["duration"] is None else row["duration"])]
        return ()

    def _named(self, kind: str) -> list[str]:
        kinds = self.network.element_kind == ELEMENT_KINDS.index(kind)
        return [str(name) for name in self.network.element_name[kinds]]

    def losses(self, rows: list[Cells], happenings: list[Cells]) -> dict[str, dict[str, float]]:
        names = {row["happening"] for row in happenings}
        found: dict[str, dict[str, float]] = {}
        for row in rows:
            name, chain = row["happening"], row["chain"]
            if name not in names:
                self._stranger(row, "happening", name, names, "each loss belongs to a row of happenings")
            if chain not in self.chains:
                self._stranger(row, "chain", chain, self.chains, None)
            if chain in found.get(name, {}):
                self.faults.append(
                    row.fault("chain", "duplicate-key", f"the loss of {chain!r} in {name!r} is given twice")
                )
            found.setdefault(name, {})[chain] = row["lost"]
        return found

    def measures(self, rows: list[Cells]) -> dict[str, Realised]:
        found: dict[str, Realised] = {}
        for row in rows:
            measure = row["measure"]
            if not self._in_plan(row):
                continue
            if measure in found:
                self.faults.append(row.fault("measure", "duplicate-key", f"{measure!r} is given twice"))
            begin = row["works_from"]
            units = self.planned[measure].units if row["units"] is None else row["units"]
            if begin is not None:
                day = None if begin == NEVER else begin if len(begin) > 4 else f"{begin}-01-01"
                found[measure] = Realised(day, units)
            elif row["units"] is not None:
                hint = "say from when these units worked, or never"
                self.faults.append(row.fault("works_from", "blank", "is blank beside units", hint))
        return found

    def costs(self, rows: list[Cells]) -> dict[tuple[str, int], float]:
        found: dict[tuple[str, int], float] = {}
        for row in rows:
            if self._in_plan(row):
                key = (row["measure"], row["year"])
                if key in found:
                    text = f"what was spent on {key[0]!r} in {key[1]} is given twice"
                    self.faults.append(row.fault("year", "duplicate-key", text))
                found[key] = row["spent"]
        return found

    def _in_plan(self, row: Cells) -> bool:
        measure = row["measure"]
        if measure in self.planned:
            return True
        if measure in self.known:
            message = f"the plan does not fund {quoted(measure)}, so it promised nothing of it"
            self.faults.append(row.fault("measure", "not-planned", message, "leave the row out"))
        else:
            self._stranger(row, "measure", measure, self.planned, None)
        return False

    def _stranger(self, row: Cells, column: str, name: str, known: Iterable[str], hint: str | None) -> None:
        remedy = nearest_hint(name, known) or hint
        self.faults.append(
            row.fault(column, "dangling-reference", f"no {column} is called {quoted(name)}", remedy)
        )
