"""SPOFs before and after the plan, one row for each fact behind them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from optichain.network import ELEMENT_KINDS
from optichain_reports.building.funded import TANGIBLE, most_tangible
from optichain_reports.building.titles import Titles
from optichain_reports.model import KindCount, Measured, Named, SpofRoot

__all__ = ["count_by_kind", "count_measured", "spof_roots"]

INSTANT = 1e-6
"""Time units below which a time is none: what a linear programme's tolerance leaves of it."""
Row = Mapping[str, Any]
Element = tuple[str, str]


def count_by_kind(before: Iterable[Row], after: Iterable[Row]) -> tuple[KindCount, ...]:
    """Count distinct elements by kind; kinds without any are left out."""
    old = {(r["kind"], r["element"]) for r in before}
    new = {(r["kind"], r["element"]) for r in after}
    counts = (
        KindCount(kind, sum(k == kind for k, _ in old), sum(k == kind for k, _ in new))
        for kind in ELEMENT_KINDS
    )
    return tuple(count for count in counts if count.before or count.after)


def count_measured(before: Iterable[Row], after: Iterable[Row]) -> Measured:
    """Count the elements that were found, and those whose loss was measured; in large networks those with most at stake."""
    counts = []
    for rows in (list(before), list(after)):
        counts += [len({_element(row) for row in rows if row["lost"] is not None})]
        counts += [len({_element(row) for row in rows})]
    return Measured(*counts)


def spof_roots(
    before: list[dict[str, Any]], after: list[dict[str, Any]], titles: Titles
) -> tuple[SpofRoot, ...]:
    """Group SPOFs by the fact behind them, the largest loss first.

    Parameters
    ----------
    before, after : list of dict
        Rows as of the command ``spof``. A plan can split a fact (a second site makes the first dispensable,
        the item it provides not), so rows after are put under the roots that they had before.
    titles : Titles
    """
    root_of = {_element(row): str(row["root"]) for row in before}
    groups: dict[str, tuple[list[Row], list[Row]]] = {}
    for row in before:
        groups.setdefault(root_of[_element(row)], ([], []))[0].append(row)
    for row in after:
        groups.setdefault(root_of.get(_element(row), str(row["root"])), ([], []))[1].append(row)
    result = [_root(old, new, titles) for old, new in groups.values()]
    return tuple(
        sorted(
            result, key=lambda r: (-(r.lost_before or 0.0), -(r.lost_after or 0.0), r.root.kind, r.root.name)
        )
    )


def _root(old: list[Row], new: list[Row], titles: Titles) -> SpofRoot:
    was, still = {_pair(row) for row in old}, {_pair(row) for row in new}
    gone = {_element(row) for row in old} - {_element(row) for row in new}
    stays = {_element(row) for row in new}
    if not was:
        state = "new"
    elif not still:
        state = "cleared"
    else:
        state = "remaining" if was <= still else "partly"
    demands = sorted({_demand(row) for row in (*old, *new)}, key=lambda d: (d[0], d[1] or ""))
    return SpofRoot(
        root=titles.named(*most_tangible({_element(row) for row in (*old, *new)})),
        state=state,
        cleared=_named(gone, titles),
        remaining=_named(stays, titles),
        demands=tuple(_named_demand(item, site, titles) for item, site in demands),
        lost_before=max((r["lost"] for r in old if r["lost"] is not None), default=None),
        lost_after=max((r["lost"] for r in new if r["lost"] is not None), default=None),
        survive_before=_shortest(old),
        survive_after=_shortest(new),
    )


def _element(row: Row) -> Element:
    return str(row["kind"]), str(row["element"])


def _demand(row: Row) -> tuple[str, str | None]:
    return str(row["demand"]), None if row["site"] is None else str(row["site"])


def _pair(row: Row) -> tuple[tuple[str, str | None], Element]:
    return _demand(row), _element(row)


def _named(elements: Iterable[Element], titles: Titles) -> tuple[Named, ...]:
    return tuple(titles.named(*pair) for pair in sorted(elements, key=lambda p: (TANGIBLE.index(p[0]), p[1])))


def _named_demand(item: str, site: str | None, titles: Titles) -> Named:
    title = titles.of("item", item)
    return Named(
        "item",
        item if site is None else f"{item}@{site}",
        title if site is None else f"{title} @ {titles.of('site', site)}",
    )


def _shortest(rows: list[Row]) -> float | None:
    """Return the shortest time to survive of what was measured; the plan writes an unbounded one as null."""
    measured = [r["time_to_survive"] for r in rows if r["lost"] is not None]
    times = [math.inf if time is None else float(time) for time in measured]
    shortest = min(times, default=math.inf)
    if shortest < INSTANT:
        return 0.0
    return shortest if math.isfinite(shortest) else None
