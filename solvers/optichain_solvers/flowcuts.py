"""The second stage of a coalition at given policies: each linear programme with the cut that it proves.

An optimal dual of ``max c v, b_low <= A v <= b_high, 0 <= v <= u`` bounds the value under every other right-hand side;
right-hand sides are linear in products of decisions, so the bound is ``constant + gradient . products``.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.risk.highs import ArrayLP

__all__ = ["Answer", "Bench", "EventLP", "Events", "UNKNOWN", "evaluate"]

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
    """

    event: int
    value: float
    gradient: Floats


class Bench:
    """The models of one coalition, made when needed."""

    def __init__(self, events: Events) -> None:
        self.events = events
        self._models: dict[int, tuple[ArrayLP, object, Floats]] = {}

    def answer(self, number: int, products: Floats) -> Answer:
        """Solve one linear programme at one point.

        Parameters
        ----------
        number : int
        products : ndarray, shape (products,)
            Values of the products that the event knows, the constant 1 first.
        """
        event = self.events.events[number]
        upper = event.upper
        if len(event.column_place):
            upper = upper.copy()
            upper[event.column_place] = 0.0
            np.add.at(upper, event.column_place, event.column_value * products[event.column_product])
        row_lower, row_upper = event.row_lower, event.row_upper
        if len(event.row_place):
            added = np.zeros(len(row_lower))
            np.add.at(added, event.row_place, event.row_value * products[event.row_product])
            row_lower, row_upper = row_lower + added, row_upper + added
        upper = np.maximum(upper, 0.0)
        model, basis, cost = self._model(event)
        if not np.array_equal(cost, event.cost):
            model.set_cost(event.cost)
            cost[:] = event.cost
        model.set_bounds(upper, row_lower, row_upper)
        value = model.solve(basis)
        return Answer(number, value, self._cut(event, model, len(products), value, products))

    def _model(self, event: EventLP) -> tuple[ArrayLP, object, Floats]:
        if event.matrix not in self._models:
            # the basis to start from must not depend on which event happens to be first here
            first = next(e for e in self.events.events if e.matrix == event.matrix)
            matrix = self.events.matrices[event.matrix]
            model = ArrayLP(matrix, first.cost, first.upper, first.row_lower, first.row_upper)
            model.solve()
            self._models[event.matrix] = (model, model.basis, first.cost.copy())
        return self._models[event.matrix]

    @staticmethod
    def _cut(event: EventLP, model: ArrayLP, size: int, value: float, products: Floats) -> Floats:
        """Return the gradient of the bound that the optimal duals prove."""
        column_dual, row_dual = model.duals()
        gradient = np.zeros(size)
        if len(event.column_place):
            np.add.at(
                gradient,
                event.column_product,
                np.maximum(column_dual[event.column_place], 0.0) * event.column_value,
            )
        if len(event.row_place):
            np.add.at(gradient, event.row_product, row_dual[event.row_place] * event.row_value)
        gradient[np.abs(gradient) < _NOISE] = 0.0
        fixed = np.isfinite(event.upper)
        fixed[event.column_place] = False
        constant = float(np.maximum(column_dual[fixed], 0.0) @ event.upper[fixed])
        low, high = event.row_lower, event.row_upper
        side = np.where(row_dual > 0.0, high, low)
        side[(row_dual == 0.0) | ~np.isfinite(side)] = 0.0
        constant += float(row_dual @ side)
        gradient[0] += constant
        # rounding in the duals may leave the bound a hair below the value that it is drawn from
        gradient[0] += max(value - float(gradient @ products), 0.0)
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
