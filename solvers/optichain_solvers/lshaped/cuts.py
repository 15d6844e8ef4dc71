"""Upper bounds on a scenario's value that are affine in its products, and hold for certain.

For any row prices y, by weak duality, with d = cost - matrix' y,

    value(p) <= sum_i max(y_i row_lower_i(p), y_i row_upper_i(p)) + sum_j max(d_j, 0) upper_j(p)

so a cut needs no trust in the solver that proposed y: it is worked out again from y. Only where a column has
no limit must d_j be at most 0; an excess of up to `EXCESS` in all is paid for at `PLENTY` times the size of what
the horizon needs (`optichain.risk.flows.flow` measures flows in that), a larger one makes the cut unsafe.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optichain_solvers.lshaped.events import Form, SecondStage

__all__ = ["Cut", "CutPool", "cut_from"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

EXCESS = 1e-8
PLENTY = 100.0
NEGLIGIBLE = 1e-9
"""Smaller coefficients are dropped, on the safe side."""


@dataclass(frozen=True, eq=False)
class Cut:
    """value <= constant + coefficients . own products.

    Attributes
    ----------
    constant : float
    coefficients : ndarray, shape (own products,)
    """

    constant: float
    coefficients: Floats


def cut_from(form: Form, row_dual: Floats) -> Cut | None:
    """Return the cut that row prices prove for a scenario, or None where it would not be safe.

    Parameters
    ----------
    form : Form
    row_dual : ndarray, shape (rows,)
        Any prices; those of an optimum give the tightest cut there.
    """
    price = row_dual.copy()
    price[(price > 0.0) & ~form.capped] = 0.0
    price[(price < 0.0) & ~form.floored] = 0.0
    gain = np.maximum(form.family.reduced(price), 0.0)
    excess = float(gain[form.free].sum())
    if not excess <= EXCESS:
        return None
    gain[form.free] = 0.0
    upper, row_lower, row_upper = form.finite
    constant = float(price @ np.where(price > 0.0, row_upper, row_lower)) + float(gain @ upper)
    coefficients = form.slopes(price, gain)
    if not (np.isfinite(constant) and np.all(np.isfinite(coefficients))):
        return None
    return _tidy(form, constant + excess * PLENTY, coefficients)


def _tidy(form: Form, constant: float, coefficients: Floats) -> Cut:
    """Drop negligible coefficients and strengthen the others by what everything in effect is worth.

    Products are whole at every plan. Where one is at least 1, the cut need not pass `best`, however low the others
    with negative coefficients drive it.
    """
    small = np.abs(coefficients) <= NEGLIGIBLE
    constant += float(np.maximum(coefficients[small], 0.0) @ form.most[small])
    coefficients[small] = 0.0
    floor = constant + float(np.minimum(coefficients, 0.0) @ form.most)
    room = form.best + NEGLIGIBLE - floor
    if room > NEGLIGIBLE:
        coefficients = np.minimum(coefficients, room)
    return Cut(constant, coefficients)


class CutPool:
    """All cuts found, by scenario; the master holds a part of them.

    Parameters
    ----------
    stage : SecondStage

    Attributes
    ----------
    duals : list of (scenario, row prices)
        What proves the cuts.
    held : list of (scenario, place)
        Cuts that the last search held in its master.
    rows : dict
        Cuts as rows of a master, by the search that asks and their number: kept from search to search.
    """

    def __init__(self, stage: SecondStage) -> None:
        self.stage = stage
        self.held: list[tuple[int, int]] = []
        self.rows: dict[tuple[bytes, int, int], tuple[Ints, Floats, float]] = {}
        self.duals: list[tuple[int, Floats]] = []
        self._constant: list[list[float]] = [[] for _ in stage.forms]
        self._coefficients: list[list[Floats]] = [[] for _ in stage.forms]
        self._stacked: list[tuple[Floats, Floats] | None] = [None for _ in stage.forms]
        self._seen: list[set[bytes]] = [set() for _ in stage.forms]

    def add(self, number: int, row_dual: Floats) -> bool:
        """Add what row prices prove for a scenario and its siblings; tell whether anything is new."""
        new = False
        for member in self.stage.siblings[number]:
            cut = cut_from(self.stage.forms[member], row_dual)
            if cut is None:
                continue
            key = np.round(np.append(cut.coefficients, cut.constant), 10).tobytes()
            if key in self._seen[member]:
                continue
            self._seen[member].add(key)
            self._constant[member].append(cut.constant)
            self._coefficients[member].append(cut.coefficients)
            self._stacked[member] = None
            new = True
        if new:
            self.duals.append((number, row_dual))
        return new

    def cut(self, number: int, place: int) -> Cut:
        """Return a cut of a scenario."""
        return Cut(self._constant[number][place], self._coefficients[number][place])

    def lowest(self, number: int, products: Floats) -> tuple[float, int]:
        """Return (least upper bound on a scenario's value at values of all products, its cut or -1)."""
        form = self.stage.forms[number]
        if not self._constant[number]:
            return form.best, -1
        stacked = self._stacked[number]
        if stacked is None:
            stacked = (np.array(self._constant[number]), np.array(self._coefficients[number]))
            self._stacked[number] = stacked
        values = stacked[0] + stacked[1] @ products[form.local]
        place = int(np.argmin(values))
        return float(values[place]), place

    def __len__(self) -> int:
        """Return the number of cuts."""
        return sum(map(len, self._constant))
