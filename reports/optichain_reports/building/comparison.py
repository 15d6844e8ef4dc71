"""From two plans to their comparison as data."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from optichain.design.comparing import Cause, compare
from optichain.storage.tojson import plain
from optichain_reports.building.titles import Titles
from optichain_reports.model import Heading, Named
from optichain_reports.model.comparison import (
    CauseOf,
    ChangedMeasure,
    ComparisonModel,
    PlanSide,
    YearBeside,
    YearOfBudget,
)

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.instance.model import Instance

__all__ = ["build_comparison", "heading_of"]

Naming = Callable[[str, str], Named]


def build_comparison(
    first: Plan,
    second: Plan,
    *,
    instance: Instance | None = None,
    language: str = "en",
    written: str | None = None,
) -> ComparisonModel:
    """Compare two plans.

    Parameters
    ----------
    first, second : Plan
    instance : Instance, optional
        Of the second plan: for titles, the currency and the time unit, which plans do not carry.
    language : {"en", "zh"}
    written : str, optional
        Date of the report, ISO 8601; now by default.
    """
    found = compare(first, second)
    named: Naming = _untitled if instance is None else Titles(instance, language).named
    return ComparisonModel(
        heading=heading_of(instance, language),
        written=time.strftime("%Y-%m-%dT%H:%M:%S%z") if written is None else written,
        same=found.same,
        sides=_sides(first, second),
        causes=tuple(_cause(cause) for cause in found.causes),
        measures=tuple(_changed(row, named) for row in plain(found.measures)),
        years=_years(first, second),
        spofs_cleared=tuple(named(*text.split(":", 1)) for text in found.spofs_cleared),
        spofs_new=tuple(named(*text.split(":", 1)) for text in found.spofs_new),
    )


def heading_of(instance: Instance | None, language: str) -> Heading:
    """Return what a report is about; without an instance neither its title nor its currency is known."""
    if instance is None:
        return Heading("", "", language, "", "", 0.0, 0.0)
    s, demands = instance.settings, instance["demands"]
    total = math.fsum((demands["rate"] * demands["value"]).tolist()) * s.horizon
    return Heading(s.name, Titles.whole(s, language), language, s.currency, s.time_unit, s.horizon, total)


def _untitled(kind: str, name: str) -> Named:
    return Named(kind, name, name)


def _sides(first: Plan, second: Plan) -> tuple[PlanSide, ...]:
    one, other = _figures(first), _figures(second)
    difference = {
        key: None if one[key] is None or other[key] is None else other[key] - one[key] for key in one
    }
    rows = zip(("first", "second", "difference"), (one, other, difference), strict=True)
    return tuple(PlanSide(side, **figures) for side, figures in rows)


def _figures(plan: Plan) -> dict[str, Any]:
    before, after = plan.expected_annual_loss_before, plan.expected_annual_loss_after
    return {
        "loss_before": before,
        "loss_after": after,
        "loss_avoided": before - after,
        "avoidable_share": plan.avoidable_share,
        "acc_before": plan.acc_before,
        "acc_after": plan.acc_after,
        "cost": math.fsum(plan.spend.values()) - math.fsum(plan.commitments.values()),
        "measures": len(plan.choices),
        "chains": len({p.chain for p in plan.policies}),
        "spofs": len({(row.get("kind"), row.get("element")) for row in plan.spofs_after}),
    }


def _years(first: Plan, second: Plan) -> tuple[YearBeside, ...]:
    sides = [_by_year(plan) for plan in (first, second)]
    years = sorted({year for side in sides for values in side.values() for year in values})
    return tuple(
        YearBeside(
            year,
            **{
                f"{key}_{name}": values.get(year)
                for name, side in zip(("first", "second"), sides, strict=True)
                for key, values in side.items()
            },
        )
        for year in years
    )


def _by_year(plan: Plan) -> dict[str, Mapping[int, float]]:
    before = plan.expected_annual_loss_before
    avoided = {int(y): before - loss for y, loss in plan.expected_annual_loss_by_year.items()}
    avoidable = before - plan.loss_unavoidable
    shares = {} if plan.avoidable_share is None else {y: loss / avoidable for y, loss in avoided.items()}
    return {
        "budget": plan.budget,
        "spend": plan.spend,
        "avoided": avoided,
        "share": shares,
        "acc": plan.acc_by_year,
    }


def _changed(row: Mapping[str, Any], named: Naming) -> ChangedMeasure:
    def year(key: str) -> int | None:
        return None if row[key] is None else int(row[key])

    return ChangedMeasure(
        chain=None if row["chain"] is None else named("chain", row["chain"]),
        measure=named("measure", row["measure"]),
        change=row["change"],
        units_first=row["units_first"],
        start_first=year("start_year_first"),
        units_second=row["units_second"],
        start_second=year("start_year_second"),
        reason=row["reason"],
        why=row["why"] if row["reason"] == "told" else None,
    )


def _cause(cause: Cause) -> CauseOf:
    budgets = tuple(YearOfBudget(*row) for row in cause.budgets)
    return CauseOf(cause.code, cause.first, cause.second, budgets)
