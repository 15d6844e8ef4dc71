"""Events: those of the tables ``events`` and ``hits``, and those made from the network (3.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.errors import UsageError
from optichain.nearest import nearest_clause
from optichain.network import ELEMENT_KINDS, Network
from optichain.risk.titles import element_titles

__all__ = [
    "Event",
    "Hit",
    "failing_together",
    "element_facts",
    "element_titles",
    "make_events",
    "single_failure",
]

MADE_FROM = ("site", "lane", "enterprise", "region", "country", "group")


@dataclass(frozen=True)
class Hit:
    """A loss of a share of an element's capacity.

    Attributes
    ----------
    element : int
        Number of the element in the network; -1 where it stops nothing.
    loss : float
        Share lost, 0 to 1.
    duration : float
        Time units; NaN: the recovery time of what is hit.
    """

    element: int
    loss: float
    duration: float


@dataclass(frozen=True)
class Event:
    """Hits that begin together, with an annual probability."""

    name: str
    title: str
    probability: float
    hits: tuple[Hit, ...]


@dataclass(frozen=True, eq=False)
class ElementFacts:
    """Recovery time, annual probability and whether it has facts of its own, by element.

    Attributes
    ----------
    recovery_time, annual_probability : ndarray, shape (elements,)
        NaN where the element has none of its own.
    stated : ndarray of bool, shape (elements,)
        The element has a probability or a recovery time of its own.
    """

    recovery_time: npt.NDArray[np.float64]
    annual_probability: npt.NDArray[np.float64]
    stated: npt.NDArray[np.bool_]


def element_facts(network: Network) -> ElementFacts:
    """Return what is known of each element itself; a source takes its site's. Kept with the network."""
    kept = network.__dict__.get("_element_facts")
    if isinstance(kept, ElementFacts):
        return kept
    facts = {name: np.full(network.n_elements, np.nan) for name in ("recovery_time", "annual_probability")}
    for number, frame in _fact_tables(network):
        known = number >= 0
        for column, values in facts.items():
            values[number[known]] = frame[column].to_numpy(float)[known]
    stated = ~(np.isnan(facts["recovery_time"]) & np.isnan(facts["annual_probability"]))
    result = ElementFacts(facts["recovery_time"], facts["annual_probability"], stated)
    network.__dict__["_element_facts"] = result
    return result


def _fact_tables(network: Network) -> list[tuple[npt.NDArray[np.int64], pd.DataFrame]]:
    """Return element numbers and, row for row, what the tables say of them."""
    instance, kinds = network.instance, network.element_kind
    sites, lanes, elements = (instance[name] for name in ("sites", "lanes", "elements"))
    sites, lanes = (frame[["recovery_time", "annual_probability"]] for frame in (sites, lanes))
    # a site, source or lane is the one thing that its own element stops besides others
    at, of = network.elements_of_sites, network.elements_of_activities
    site, source, lane = (np.flatnonzero(kinds == ELEMENT_KINDS.index(k)) for k in ("site", "source", "lane"))
    tables = [
        (site, sites.take(at.indices[at.indptr[site]])),
        (source, sites.take(network.activity_site[of.indices[of.indptr[source]]])),
        (lane, lanes.take(network.activity_row[of.indices[of.indptr[lane]]])),
    ]
    for kind in ("enterprise", "region", "country", "group"):
        rows = elements[elements["kind"] == kind]
        tables.append((network.elements_named(kind, rows["target"].to_numpy(dtype=object)), rows))
    return tables


def _text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def make_events(network: Network, names: Sequence[str] | None = None) -> tuple[Event, ...]:
    """Return the events of the instance: made from the network first, then those of the table.

    Parameters
    ----------
    network : Network
    names : sequence of str, optional
        Only these events.

    Returns
    -------
    tuple of Event
        A group without a probability or a recovery time of its own makes no event.

    Raises
    ------
    UsageError
        A name is no event of this instance.
    """
    events = [*_generated(network), *_tabled(network)]
    if names is None:
        return tuple(events)
    known = {event.name: event for event in events}
    missing = [name for name in names if name not in known]
    if missing:
        hint = nearest_clause(missing[0], known)
        raise UsageError(f"no event is called {missing[0]!r}{hint} (the command 'stress' lists all events)")
    return tuple(known[name] for name in dict.fromkeys(names))


def _generated(network: Network) -> list[Event]:
    instance = network.instance
    settings = instance.settings
    facts, titles = element_facts(network), element_titles(network)
    probability = np.where(
        np.isnan(facts.annual_probability), settings.defaults.annual_probability, facts.annual_probability
    )
    events = []
    for kind in MADE_FROM:
        if not getattr(settings.events, f"single_{kind}"):
            continue
        for e in np.flatnonzero(network.element_kind == ELEMENT_KINDS.index(kind)).tolist():
            if kind == "group" and not facts.stated[e]:
                continue
            events.append(
                Event(
                    f"{kind}:{network.element_name[e]}",
                    titles[e],
                    float(probability[e]),
                    (Hit(e, 1.0, np.nan),),
                )
            )
    return events


def _tabled(network: Network) -> list[Event]:
    events, hits = network.instance["events"], network.instance["hits"]
    by_event: dict[str, list[Hit]] = {}
    durations, losses = hits["duration"].tolist(), hits["loss"].tolist()
    for name, kind, target, duration, loss in zip(
        hits["event"], hits["kind"], hits["target"], durations, losses, strict=True
    ):
        hit = Hit(network.element(str(kind), str(target)), loss, duration)
        by_event.setdefault(str(name), []).append(hit)
    chances = events["annual_probability"].tolist()
    return [
        Event(
            str(name), str(title) if _text(title) else str(name), chance, tuple(by_event.get(str(name), ()))
        )
        for name, title, chance in zip(events["event"], events["title"], chances, strict=True)
    ]


def failing_together(elements: Iterable[int], duration: float | None = None, name: str = "") -> Event:
    """Return the complete loss of some elements at once, each for a duration, or for its recovery time."""
    lasting = np.nan if duration is None else duration
    return Event(name, name, 0.0, tuple(Hit(e, 1.0, lasting) for e in sorted(elements)))


def single_failure(network: Network, element: int, *, permanent: bool = False) -> Event:
    """Return the complete loss of one element, for its recovery time or for ever."""
    name = f"{ELEMENT_KINDS[network.element_kind[element]]}:{network.element_name[element]}"
    return Event(
        name, element_titles(network)[element], 0.0, (Hit(element, 1.0, np.inf if permanent else np.nan),)
    )
