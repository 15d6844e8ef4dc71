"""Each event before and after the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optichain_reports.building.facts import Facts
from optichain_reports.building.titles import Titles
from optichain_reports.model import EventRow

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["event_rows"]

NOTHING = 1e-12
"""Expected loss, as a share of what is demanded, up to which an event is one that costs nothing."""


def event_rows(instance: Instance, facts: Facts, titles: Titles) -> tuple[EventRow, ...]:
    """Return the events, the largest expected loss first."""
    tabled = set(instance["events"]["event"])
    rows = []
    least = NOTHING * sum(facts.demanded.values())
    pairs = zip(facts.before.events.to_dict("records"), facts.after.events.to_dict("records"), strict=True)
    for old, new in pairs:
        called = titles.event(str(old["event"]), tabled=old["event"] in tabled)
        p = float(old["probability"])
        rows.append(
            EventRow(
                event=called.name,
                title=called.title,
                kind=called.kind,
                probability=p,
                continuity_before=old["continuity"],
                continuity_after=new["continuity"],
                lost_before=old["lost"],
                lost_after=new["lost"],
                expected_before=p * old["lost"],
                expected_after=p * new["lost"],
                felt=max(p * old["lost"], p * new["lost"]) > least,
            )
        )
    return tuple(sorted(rows, key=lambda r: (-r.expected_before, -r.expected_after, r.event)))
