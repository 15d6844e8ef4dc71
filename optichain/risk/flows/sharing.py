"""Which chain is served first where several optima serve the same value (3.3): descending weight, then name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from optichain.risk.flows.family import Family, Prices
from optichain.risk.flows.flow import Sides

__all__ = ["VISIBLE", "serve_in_order"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FACE_TOLERANCE = 1e-9
VISIBLE = 1e-6
"""Share of the largest weight from which on an optimum serves a chain for its own sake: below, prices are rounding."""


class _Face:
    """The optimal face of a model, as bounds: what has a price keeps its value."""

    def __init__(self, sides: Sides) -> None:
        self.lower = np.zeros(len(sides.upper))
        self.upper = sides.upper.copy()
        self.row_lower, self.row_upper = sides.row_lower.copy(), sides.row_upper.copy()
        self.free = np.ones(len(self.upper), dtype=bool)
        self.free_row = np.ones(len(self.row_upper), dtype=bool)

    def narrow(self, family: Family, values: Floats) -> None:
        """Restrict to the optima of the model as it was solved last (complementary slackness)."""
        column_dual, row_dual = family.model.duals()
        priced = np.abs(column_dual) > FACE_TOLERANCE
        at_upper = (
            priced & np.isfinite(self.upper) & (np.abs(values - self.upper) <= np.abs(values - self.lower))
        )
        self.lower[at_upper] = self.upper[at_upper]
        at_lower = priced & ~at_upper
        self.upper[at_lower] = self.lower[at_lower]
        activity = family.model.row_activity()
        tight = np.abs(row_dual) > FACE_TOLERANCE
        with np.errstate(invalid="ignore"):
            to_upper = tight & (np.abs(activity - self.row_upper) <= np.abs(activity - self.row_lower))
        self.row_lower[to_upper] = self.row_upper[to_upper]
        to_lower = tight & ~to_upper
        self.row_upper[to_lower] = self.row_lower[to_lower]
        self.free &= ~priced
        self.free_row &= ~tight

    def prices(self, family: Family) -> Prices:
        """Return the prices of what is not yet settled."""
        found = family.prices()
        return Prices(np.where(self.free, found.column, 0.0), np.where(self.free_row, found.row, 0.0))


def serve_in_order(
    family: Family,
    sides: Sides,
    values: Floats,
    share: Floats,
    chain: Ints,
    order: Sequence[int],
    mix: Floats,
) -> tuple[Floats, list[Prices]]:
    """Among the optima, serve the chains of a block in their order.

    Parameters
    ----------
    family : Family
        Solved for `sides`, with its true costs.
    sides : Sides
    values : ndarray, shape (columns,)
        An optimum.
    share : ndarray, shape (demands,)
        Of its chain's demanded value, for a scaled unit of each demand.
    chain : ndarray, shape (demands,)
        Position of each demand's chain among those of the block.
    order : sequence of int
        Chains, the first to be served first.
    mix : ndarray, shape (chains,)
        Weights in the objective.

    Returns
    -------
    values : ndarray, shape (columns,)
    prices : list of Prices
        Of each stage, for objectives that are shares of a chain's demand.
    """
    face = _Face(sides)
    model = family.model
    found: list[Prices] = []
    last = order[-1]
    for place in order:
        mine = family.served[:, chain == place].ravel()
        full = bool(np.all(values[mine] >= sides.upper[mine] - 1e-12 * (1.0 + sides.upper[mine])))
        if full or (place == last and mix[place] > VISIBLE * mix.max()):
            face.lower[mine] = np.minimum(values[mine], face.upper[mine])
            continue
        face.narrow(family, values)
        cost = np.zeros(model.n_columns)
        cost[mine] = np.tile(share[chain == place], len(family.served))
        model.set_bounds(face.upper, face.row_lower, face.row_upper, face.lower)
        model.set_cost(cost)
        model.improve()
        values = model.primal()
        found.append(face.prices(family))
    if found:
        model.forget()
    return values, found
