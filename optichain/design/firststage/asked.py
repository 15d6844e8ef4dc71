"""What a user asks of the first stage beside the instance: measures that must start or not, rules, promises."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from optichain.design.firststage.stage import FirstStage
from optichain.design.plan import Choice
from optichain.errors import UsageError
from optichain.nearest import nearest_clause
from optichain.sentences import say

__all__ = ["Rows", "add_announced", "add_user_rows", "add_wishes"]

Rows = Sequence[tuple[Mapping[tuple[str, int], float], str, float]]
"""(coefficients by (measure, year) of starting, sense, number)."""


def add_wishes(s: FirstStage, measures: list[str], fix: Sequence[str], forbid: Sequence[str]) -> None:
    """Add that measures must start, with so many units where that is said, or must not.

    Raises
    ------
    UsageError
        No such measure, or units that are no number.
    """
    for wish in fix:
        name, units = _wish(wish, measures)
        columns = [y for y in s.years if (name, y) in s.start]
        s.add_row(
            "fix", say("asked-for", measure=name), [(s.start[name, y], 1.0) for y in columns], lower=1.0
        )
        if units is not None:
            text = say("asked-for-with-units", measure=name, units=units)
            s.add_row("fix", text, [(s.units[name, y], 1.0) for y in columns], lower=units, upper=units)
    for wish in forbid:
        name, _ = _wish(wish, measures)
        terms = [(s.start[name, y], 1.0) for y in s.years if (name, y) in s.start]
        s.add_row("forbid", say("ruled-out", measure=name), terms, upper=0.0)


def _wish(text: str, measures: list[str]) -> tuple[str, float | None]:
    name, _, units = text.rpartition("=") if text not in measures and "=" in text else (text, "", "")
    if name not in measures:
        raise UsageError(_unknown("measure", name, measures))
    try:
        return name, float(units) if units else None
    except ValueError:
        raise UsageError(f"--fix {text}: expected NAME or NAME=UNITS with a number of units") from None


def add_user_rows(s: FirstStage, measures: list[str], rows: Rows) -> None:
    """Add the rules of the user.

    Raises
    ------
    UsageError
        No such measure, year or sense.
    """
    for number, (coefficients, sense, right) in enumerate(rows, start=1):
        terms = []
        for (measure, year), value in coefficients.items():
            if measure not in measures:
                raise UsageError(f"row {number}: " + _unknown("measure", measure, measures))
            if year not in s.years:
                raise UsageError(f"row {number}: {year} is no planning year ({s.years[0]}-{s.years[-1]})")
            if (measure, year) in s.start:
                terms.append((s.start[measure, year], float(value)))
        if sense not in ("<=", ">=", "=="):
            raise UsageError(f"row {number}: expected the sense '<=', '>=' or '==', got {sense!r}")
        lower = float(right) if sense in (">=", "==") else -math.inf
        upper = float(right) if sense in ("<=", "==") else math.inf
        text = say("row-of-the-user", number=number, sense=sense, right=float(right))
        s.add_row("user row", text, terms, lower=lower, upper=upper)


def add_announced(s: FirstStage, announced: Sequence[Choice]) -> None:
    """Tell by a column whether a measure starts in its year with its units, where it can."""
    for c in announced:
        if (c.measure, c.start_year) not in s.start:
            continue
        start, units = s.start[c.measure, c.start_year], s.units[c.measure, c.start_year]
        if units == start:
            s.kept[c.measure] = (start, start, c.units)
            continue
        most = s.columns[units].upper
        kept = s.add_column(f"{c.measure} starts in {c.start_year} with {c.units:g} units as announced", 1.0)
        s.kept[c.measure] = (kept, units, c.units)
        text = say("kept-as-announced", measure=c.measure, units=c.units)
        s.add_row("units", text, [(units, 1.0), (kept, -c.units)], lower=0.0)
        s.add_row("units", text, [(units, 1.0), (kept, most - c.units)], upper=most)


def _unknown(what: str, name: str, known: list[str]) -> str:
    return f"no {what} is called {name!r}{nearest_clause(name, known)}"
