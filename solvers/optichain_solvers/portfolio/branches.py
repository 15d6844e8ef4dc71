"""Where the relaxation of the portfolio is of two minds about a decision, two nodes settle it (3.5)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from optichain_solvers.portfolio.coalitions import Bounds
from optichain_solvers.portfolio.listed import Listed
from optichain_solvers.portfolio.pricing import Prices
from optichain_solvers.portfolio.searched import Searched

__all__ = ["WHOLE", "branches"]

Floats = npt.NDArray[np.float64]

WHOLE = 1e-6
"""Share of a policy from which the relaxation takes it."""


def branches(
    groups: Sequence[Listed | Searched],
    columns: Sequence[tuple[int, int]],
    bounds: Mapping[int, Bounds],
    prices: Prices,
) -> list[Mapping[int, Bounds]]:
    """Split a node by the decision that is closest to half; nothing where the relaxation is whole.

    Parameters
    ----------
    groups : sequence of Listed or Searched
    columns : sequence of (group, option)
        Of the relaxation.
    bounds : mapping
        Limits of the node on decisions, by group.
    prices : Prices
        Of the node.
    """
    mean: dict[int, Floats] = {}
    several: dict[int, list[int]] = {}
    for i in np.flatnonzero(prices.relaxation.shares > WHOLE).tolist():
        k, option = columns[i]
        point = groups[k].values(option)
        mean[k] = mean.get(k, 0.0) + prices.relaxation.shares[i] * point
        several.setdefault(k, []).append(option)
    best: tuple[float, int, int, float] | None = None
    for k, options in several.items():
        if len(options) < 2:
            continue
        points = np.array([groups[k].values(o) for o in options])
        for column in np.flatnonzero(np.ptp(points, axis=0) > 0.5).tolist():
            value = float(mean[k][column])
            low = min(max(math.floor(value + WHOLE), points[:, column].min()), points[:, column].max() - 1.0)
            clear = -abs(value - low - 0.5)
            if best is None or clear > best[0]:
                best = (clear, k, column, low)
    if best is None:
        return []
    _, k, column, low = best
    before = dict(bounds.get(k, {}))
    floor, ceiling = before.get(column, (0.0, math.inf))
    down = {**before, column: (floor, low)}
    up = {**before, column: (low + 1.0, ceiling)}
    return [{**bounds, k: up}, {**bounds, k: down}]
