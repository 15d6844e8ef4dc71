"""What a portfolio knows beside its answer: the worth of money, bounds on measures, and menus of policies (3.5, 3.6)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from optichain_solvers.portfolio.case import Case
from optichain_solvers.portfolio.listed import Listed
from optichain_solvers.portfolio.menu import frontier_of
from optichain_solvers.portfolio.search import Portfolio

__all__ = ["measure_bounds", "menus", "money_values"]


def money_values(case: Case, run: Portfolio) -> dict[int, float]:
    """Return what one more unit of money in each year is worth, in the maximised objective.

    The dual of the relaxation in which a coalition may mix its policies.
    """
    stage = case.problem.stage
    if run.prices is None:
        return {}
    prices = np.maximum(run.prices.prices[: len(stage.money_years)], 0.0) / case.factor
    # money of a year that is not spent is worth its share later
    values: dict[int, float] = {}
    later = 0.0
    for year, price in reversed(list(zip(stage.money_years, prices.tolist(), strict=True))):
        later = price + stage.carry_over * later
        values[year] = later
    return dict(sorted(values.items()))


def measure_bounds(case: Case, run: Portfolio) -> dict[str, tuple[float, float]]:
    """Return bounds on the objective for people if a measure is (chosen, not chosen).

    Only for measures of coalitions that are listed; of others nothing is known beyond the bound itself.
    """
    if run.prices is None:
        return {}
    price = run.prices
    found: dict[str, tuple[float, float]] = {}
    for part, group in zip(case.parts.coalitions, run.groups, strict=True):
        if not isinstance(group, Listed) or not len(group.upper):
            continue
        worth = group.upper - group.use @ price.prices
        place = {int(c): i for i, c in enumerate(part.columns)}
        columns: dict[str, list[int]] = {}
        for (measure, _), column in case.problem.stage.start.items():
            if column in place:
                columns.setdefault(measure, []).append(place[column])
        for measure, mine in columns.items():
            chosen = group.policies[:, mine].any(axis=1)
            with_it, without = (
                float(worth[which].max(initial=-np.inf) - worth.max()) for which in (chosen, ~chosen)
            )
            found[measure] = (case.value(price.bound + with_it), case.value(price.bound + without))
    return found


def menus(case: Case, run: Portfolio) -> dict[tuple[str, ...], list[npt.NDArray[np.float64]]]:
    """Return the policies on the budget-to-gain frontier of each listed coalition, for each start year.

    Returns
    -------
    dict of chains to list of ndarray, shape (columns of the first stage,)
        Buying nothing is left out.
    """
    stage = case.problem.stage
    result: dict[tuple[str, ...], list[npt.NDArray[np.float64]]] = {}
    money = stage.cost_of_columns()
    for k, (part, group) in enumerate(zip(case.parts.coalitions, run.groups, strict=True)):
        if not isinstance(group, Listed) or not part.chains:
            continue
        cost = group.policies.astype(float) @ money[part.columns]
        first = np.full(len(group.policies), -1)
        for i, year in enumerate(stage.years):
            mine = [
                j
                for j, c in enumerate(part.columns)
                if any(stage.start.get((m, year)) == c for m, _ in group.problem.stage.start)
            ]
            first = np.where((first < 0) & group.policies[:, mine].any(axis=1), i, first)
        options: list[int] = []
        for i in range(len(stage.years)):
            allowed = ((first == i) | (first < 0)) & group.kept
            found = frontier_of(group, cost, allowed, lambda some, k=k: run.learn(k, some))  # type: ignore[misc]
            options += [p for p in found if first[p] >= 0 and p not in options]
        points = []
        for option in options:
            values = np.zeros(len(stage.columns))
            values[part.columns] = group.values(option)
            points.append(values)
        result[part.chains] = points
    return result
