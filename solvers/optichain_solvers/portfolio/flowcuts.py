"""The second stage of a coalition at given policies: each linear programme with the cut that it proves.

An optimal dual of ``max c v, b_low <= A v <= b_high, 0 <= v <= u`` bounds the value under every other right-hand side;
right-hand sides are linear in products of decisions, so the bound is ``constant + gradient . products``.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.risk.flows.highs import ArrayLP
from optichain_solvers.lshaped.cuts import EXCESS, PLENTY

__all__ = ["UNKNOWN", "Answer", "Bench", "EventLP", "Events", "evaluate", "proven_again"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

UNKNOWN = "unknown"
"""What a worker says that has not seen the linear programmes yet."""

_NOISE = 1e-11


@dataclass(frozen=True, eq=False)
class EventLP:
    """A block under an event: what scenarios of several periods share.

    Attributes
    ----------
    matrix : int
        Number among the matrices of `Events`.
    cost, upper : ndarray, shape (columns,)
    row_lower, row_upper : ndarray, shape (rows,)
    column_place, column_product : ndarray of int
    column_value : ndarray
        ``upper[place] = sum value * products[product]`` where a column occurs; product 0 is the constant 1.
    row_place, row_product, row_value : ndarray
        Added to the finite bounds of rows.
    """

    matrix: int
    cost: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    column_place: Ints
    column_product: Ints
    column_value: Floats
    row_place: Ints
    row_product: Ints
    row_value: Floats


@dataclass(frozen=True, eq=False)
class Events:
    """All linear programmes of a coalition; fit to be sent to another process."""

    matrices: tuple[sp.csc_matrix, ...]
    events: tuple[EventLP, ...]


@dataclass(frozen=True, eq=False)
class Answer:
    """What a linear programme says at one point.

    Attributes
    ----------
    event : int
    value : float
    gradient : ndarray, shape (products,)
        ``gradient . products`` bounds the value at every point; the first product is the constant 1.
    dual : ndarray, shape (rows,)
        Row prices that prove the bound.
    """

    event: int
    value: float
    gradient: Floats
    dual: Floats


class Bench:
    """The models of one coalition, made when needed."""

    def __init__(self, events: Events) -> None:
        self.events = events
        self._models: dict[int, tuple[ArrayLP, Any]] = {}
        self._bases: dict[int, Any] = {}

    def answer(self, number: int, products: Floats) -> Answer:
        """Solve one linear programme at one point.

        Parameters
        ----------
        number : int
        products : ndarray, shape (products,)
            Values of the products that the event knows, the constant 1 first.
        """
        event = self.events.events[number]
        model, basis = self._ready(number, len(products))
        model.set_bounds(*_bounds(event, products))
        value = model.solve(basis)
        column_dual, row_dual = model.duals()
        gradient = _priced(event, np.maximum(column_dual, 0.0), row_dual, len(products))
        # rounding in the duals may leave the bound a hair below the value that it is drawn from
        gradient[0] += max(value - float(gradient @ products), 0.0)
        return Answer(number, value, gradient, row_dual)

    def _ready(self, number: int, size: int) -> tuple[ArrayLP, Any]:
        """Return the model of an event, and the basis from which it starts: that of nothing in effect.

        It does not depend on what was asked before, so that answers do not depend on where they are worked out.
        """
        event = self.events.events[number]
        if event.matrix not in self._models:
            matrix = self.events.matrices[event.matrix]
            first = next(e for e in self.events.events if e.matrix == event.matrix)
            model = ArrayLP(matrix, first.cost, first.upper, first.row_lower, first.row_upper)
            model.solve()
            self._models[event.matrix] = (model, model.basis)
        model, common = self._models[event.matrix]
        model.set_cost(event.cost)
        if number not in self._bases:
            nothing = np.zeros(size)
            nothing[0] = 1.0
            model.set_bounds(*_bounds(event, nothing))
            model.solve(common)
            self._bases[number] = model.basis
        return model, self._bases[number]


def _bounds(event: EventLP, products: Floats) -> tuple[Floats, Floats, Floats]:
    """Return (upper, row_lower, row_upper) at a point."""
    upper, row_lower, row_upper = event.upper, event.row_lower, event.row_upper
    if len(event.column_place):
        size = len(upper)
        limits = np.bincount(event.column_place, event.column_value * products[event.column_product], size)
        upper = upper.copy()
        upper[event.column_place] = np.maximum(limits[event.column_place], 0.0)
    if len(event.row_place):
        added = np.bincount(event.row_place, event.row_value * products[event.row_product], len(row_lower))
        row_lower, row_upper = row_lower + added, row_upper + added
    return upper, row_lower, row_upper


def _priced(event: EventLP, priced: Floats, row_dual: Floats, size: int) -> Floats:
    """Return the gradient of the bound that prices of columns and rows prove."""
    gradient = np.zeros(size)
    if len(event.column_place):
        gradient += np.bincount(event.column_product, priced[event.column_place] * event.column_value, size)
    if len(event.row_place):
        gradient += np.bincount(event.row_product, row_dual[event.row_place] * event.row_value, size)
    gradient[np.abs(gradient) < _NOISE] = 0.0
    # columns whose bound depends on decisions have an infinite one here
    fixed = np.isfinite(event.upper)
    gradient[0] += float(priced[fixed] @ event.upper[fixed])
    side = np.where(row_dual > 0.0, event.row_upper, event.row_lower)
    binding = (row_dual != 0.0) & np.isfinite(side)
    gradient[0] += float(row_dual[binding] @ side[binding])
    return gradient


def proven_again(events: Events, number: int, row_dual: Floats, size: int) -> Floats | None:
    """Return the gradient of the bound that any row prices prove, ``None`` where they prove none.

    Parameters
    ----------
    events : Events
    number : int
        Of the linear programme.
    row_dual : ndarray, shape (rows,)
    size : int
        Products that the event knows.

    Notes
    -----
    By weak duality, as in `optichain_solvers.lshaped.cuts`: nothing is taken from whoever found the prices.
    """
    event = events.events[number]
    if row_dual.shape != event.row_lower.shape or not np.all(np.isfinite(row_dual)):
        return None
    price = row_dual.copy()
    price[(price > 0.0) & ~np.isfinite(event.row_upper)] = 0.0
    price[(price < 0.0) & ~np.isfinite(event.row_lower)] = 0.0
    gain = np.maximum(event.cost - events.matrices[event.matrix].T @ price, 0.0)
    unlimited = ~np.isfinite(event.upper)
    unlimited[event.column_place] = False
    excess = float(gain[unlimited].sum())
    if excess > EXCESS:
        return None
    gain[unlimited] = 0.0
    gradient = _priced(event, gain, price, size)
    gradient[0] += excess * PLENTY
    return gradient


_BENCHES: dict[str, Bench] = {}
_KEPT = 4096


def evaluate(
    token: str, jobs: Sequence[tuple[int, Floats]], payload: bytes | Events | None = None
) -> list[Answer] | str:
    """Solve some linear programmes of a coalition; runs in any process.

    Parameters
    ----------
    token : str
        Names the coalition among all that this process may see.
    jobs : sequence of (event, products)
    payload : Events or its pickle, optional
        The linear programmes, unless this process has them already.

    Returns
    -------
    list of Answer, or `UNKNOWN`
    """
    bench = _BENCHES.get(token)
    if bench is None:
        if payload is None:
            return UNKNOWN
        events = pickle.loads(payload) if isinstance(payload, bytes) else payload
        bench = Bench(events)
        while len(_BENCHES) >= _KEPT:
            _BENCHES.pop(next(iter(_BENCHES)))
        _BENCHES[token] = bench
    return [bench.answer(number, products) for number, products in jobs]
