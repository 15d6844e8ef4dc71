"""All policies of a coalition, one after another, where there are few enough to be listed."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from optichain.design.firststage.stage import FirstStage, Row

__all__ = ["list_policies", "obeying"]

Values = npt.NDArray[np.float32]

_SLACK = 1e-9


def list_policies(stage: FirstStage, most: int) -> Values | None:
    """Return every point of a first stage that obeys its rules.

    Parameters
    ----------
    stage : FirstStage
        Of one coalition (`optichain.design.twostage.parts.restrict`): whole decisions only.
    most : int
        Largest number of points to list.

    Returns
    -------
    ndarray, shape (policies, columns), or None
        None where there may be more than `most` points.

    Notes
    -----
    A chain takes a bundle of its measures in one year or nothing, a shared measure starts in some year or never;
    the points are their combinations. Rules are applied as soon as all their decisions are settled.
    """
    told = (*stage.start.values(), *stage.units.values(), *stage.chain.values(), *stage.policy.values())
    if len(set(told)) < len(stage.columns):
        return None  # decisions that do not follow from which measures start
    measures = list(dict.fromkeys(m for m, _ in stage.start))
    owners = [stage.owner[m] for m in measures if m in stage.owner]
    chains = list(dict.fromkeys([*owners, *(c for c, _ in stage.chain)]))
    settled: set[int] = set()
    waiting = list(stage.rows)
    points = np.zeros((1, len(stage.columns)), dtype=np.float32)
    units: list[tuple[list[str], str | None]] = [
        ([m for m in measures if stage.owner.get(m) == c], c) for c in chains
    ]
    units += [([m], None) for m in measures if m not in stage.owner]
    if any(_size(stage, unit, chain) > most for unit, chain in units):
        return None
    for place, (unit, chain) in enumerate(units):
        options = _options(stage, unit, chain)
        mine = set(_columns(stage, unit, chain))
        ready = [row for row in waiting if row.coefficients.keys() <= mine]
        options = options[obeying(options, ready)]
        if len(options) * len(points) > 8 * most:
            return None
        points = (points[:, None, :] + options[None, :, :]).reshape(-1, len(stage.columns))
        settled |= mine
        done = {id(row) for row in ready}
        waiting = [row for row in waiting if id(row) not in done]
        ready = [row for row in waiting if row.coefficients.keys() <= settled]
        points = points[obeying(points, ready)]
        done = {id(row) for row in ready}
        waiting = [row for row in waiting if id(row) not in done]
        if len(points) > most and place == len(units) - 1:
            return None
    return points


def _units_of(stage: FirstStage, measure: str) -> int:
    """Return the most units of a measure."""
    columns = [c for (m, _), c in stage.units.items() if m == measure]
    return max(round(stage.columns[c].upper) for c in columns)


def _size(stage: FirstStage, unit: Sequence[str], chain: str | None) -> float:
    """Return how many options a chain or a shared measure has at most, catalogues not looked at."""
    if chain is not None and chain in stage.policy_chain.values():
        return 0.0
    bundles = math.prod(float(_units_of(stage, m) + 1) for m in unit) - 1.0
    return 1.0 + bundles * len(stage.years)


def _columns(stage: FirstStage, unit: Sequence[str], chain: str | None) -> list[int]:
    names = set(unit)
    columns = [c for (m, _), c in (*stage.start.items(), *stage.units.items()) if m in names]
    columns += [c for (who, _), c in stage.chain.items() if who == chain]
    columns += [c for (p, _), c in stage.policy.items() if stage.policy_chain[p] == chain]
    return columns


def _options(stage: FirstStage, unit: Sequence[str], chain: str | None) -> Values:
    """Return what a chain or a shared measure can do, nothing first."""
    catalogue = _catalogue(stage, chain)
    rows = [np.zeros(len(stage.columns), dtype=np.float32)]
    for year in stage.years:
        if catalogue:
            offered: Iterable[tuple[dict[int, float], int | None]] = [
                (content, column) for column, content in catalogue.get(year, {}).items()
            ]
        else:
            offered = ((bundle, None) for bundle in _bundles(stage, unit, year))
        for content, policy in offered:
            point = np.zeros(len(stage.columns), dtype=np.float32)
            for column, value in content.items():
                point[column] = value
            if policy is not None:
                point[policy] = 1.0
            if chain is not None:
                point[stage.chain[chain, year]] = 1.0
            rows.append(point)
    return np.array(rows)


def _bundles(stage: FirstStage, unit: Sequence[str], year: int) -> Iterable[dict[int, float]]:
    """Yield every bundle of measures that start in a year, by column."""
    mine = [m for m in unit if (m, year) in stage.start]
    ranges = [range(_units_of(stage, m) + 1) for m in mine]
    for counts in itertools.product(*ranges):
        bundle: dict[int, float] = {}
        for m, count in zip(mine, counts, strict=True):
            if count:
                bundle[stage.start[m, year]] = 1.0
                bundle[stage.units[m, year]] = float(count)
        if bundle:
            yield bundle


def _catalogue(stage: FirstStage, chain: str | None) -> dict[int, dict[int, dict[int, float]]]:
    """Return, by year and column of the policy, what each policy of a chain's catalogue contains."""
    policies = {c: (p, y) for (p, y), c in stage.policy.items() if stage.policy_chain[p] == chain}
    contents: dict[int, dict[int, dict[int, float]]] = {}
    for column, (_, year) in policies.items():
        contents.setdefault(year, {})[column] = {}
    decided = {*stage.start.values(), *stage.units.values()}
    for row in stage.rows:
        chosen = [c for c in row.coefficients if c in decided]
        if row.rule != "catalogue" or len(chosen) != 1:
            continue
        for column, value in row.coefficients.items():
            if column in policies:
                contents[policies[column][1]][column][chosen[0]] = -value
    return contents


def obeying(points: Values, rows: Sequence[Row]) -> npt.NDArray[np.bool_]:
    """Tell which points obey rules, shape (points,)."""
    kept = np.ones(len(points), dtype=bool)
    for row in rows:
        columns = list(row.coefficients)
        total = points[:, columns].astype(float) @ np.array([row.coefficients[c] for c in columns])
        sizes = [abs(v) for v in row.coefficients.values()]
        slack = _SLACK * max(row.size, *sizes, _finite(row.lower), _finite(row.upper))
        kept &= (total >= row.lower - slack) & (total <= row.upper + slack)
    return kept


def _finite(bound: float) -> float:
    return abs(bound) if math.isfinite(bound) else 0.0
