"""The second stage as functions of the products of decisions: values and dual solutions, from warm models.

A scenario's value is concave in the vector of its products, for its bounds are affine in them. All scenarios
of a block with as many phases share matrix and objective, hence a warm model, and every dual solution found
for one of them holds for the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.design.twostage.problem import Product, Scenario
from optichain.risk.flows.highs import ArrayLP

__all__ = ["Family", "Form", "SecondStage"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

WARM = {
    "simplex_dual_edge_weight_strategy": 1,
    "dual_simplex_cost_perturbation_multiplier": 1.0,
    "simplex_scale_strategy": 0,
}
"""Many short solves: exact steepest-edge weights for a given basis would cost more than they save; flows are scaled already."""
KEPT_BASES = 6
"""Optimal bases kept for each event."""


@dataclass(frozen=True, eq=False)
class Form:
    """The bounds of a scenario as affine functions of its own products.

    Attributes
    ----------
    family : Family
        Matrix and objective.
    local : ndarray, shape (own products,)
        Their numbers among all products.
    most : ndarray, shape (own products,)
        Largest values.
    upper, row_lower, row_upper : ndarray
        Constant parts.
    on_columns : csr_matrix, shape (columns, own products)
    on_rows : csr_matrix, shape (rows, own products)
    worst, best : float
        Values with nothing and with everything in effect.
    """

    family: Family
    local: Ints
    most: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    on_columns: sp.csr_matrix
    on_rows: sp.csr_matrix
    worst: float
    best: float

    @cached_property
    def capped(self) -> Bools:
        """Rows that have an upper bound, shape (rows,)."""
        return np.isfinite(self.row_upper)

    @cached_property
    def floored(self) -> Bools:
        """Rows that have a lower bound, shape (rows,)."""
        return np.isfinite(self.row_lower)

    @cached_property
    def free(self) -> Ints:
        """Columns without an upper bound."""
        return np.flatnonzero(~np.isfinite(self.upper))

    @cached_property
    def finite(self) -> tuple[Floats, Floats, Floats]:
        """(upper, row_lower, row_upper), zero where there is no bound."""
        all_three = (self.upper, self.row_lower, self.row_upper)
        upper, row_lower, row_upper = (np.where(np.isfinite(x), x, 0.0) for x in all_three)
        return upper, row_lower, row_upper

    @cached_property
    def moving(self) -> tuple[Ints, Ints]:
        """(columns, rows) whose bounds depend on products."""
        columns, rows = (np.flatnonzero(np.diff(m.indptr)) for m in (self.on_columns, self.on_rows))
        return columns, rows

    @cached_property
    def _terms(self) -> tuple[Ints, Ints, Floats]:
        """Where, by which product and how much bounds move; columns count on after the rows."""
        rows, columns = self.on_rows.tocoo(), self.on_columns.tocoo()
        where = np.concatenate([rows.row, columns.row + len(self.row_upper)])
        return where, np.concatenate([rows.col, columns.col]), np.concatenate([rows.data, columns.data])

    def slopes(self, price: Floats, gain: Floats) -> Floats:
        """Return what each product changes, at a price of every row's bound and a gain by every column's."""
        where, product, value = self._terms
        moved = np.concatenate([price, gain])[where] * value
        return np.asarray(np.bincount(product, weights=moved, minlength=len(self.local)), dtype=float)

    def bounds(self, products: Floats) -> tuple[Floats, Floats, Floats]:
        """Return (upper, row_lower, row_upper) at values of all products.

        Between whole points a limit can come out below zero; it is taken for zero, which only relaxes the model.
        """
        mine = products[self.local]
        shift = self.on_rows @ mine
        upper = np.maximum(self.upper + self.on_columns @ mine, 0.0)
        row_upper = self.row_upper + shift
        np.maximum(row_upper, 0.0, out=row_upper, where=~self.floored)
        return upper, self.row_lower + shift, row_upper


@dataclass(eq=False)
class Family:
    """Scenarios with one matrix and one objective.

    Attributes
    ----------
    matrix : csc_matrix, shape (rows, columns)
    cost : ndarray, shape (columns,)
    members : list of int
        Numbers of the scenarios.
    basis : HighsBasis or None
        Of the last solve: a start for an event that has none of its own yet.
    """

    matrix: sp.csc_matrix
    cost: Floats
    members: list[int] = field(default_factory=list)
    basis: Any = None
    _model: ArrayLP | None = None
    _transposed: sp.csr_matrix | None = None
    _last: tuple[bytes, Floats] | None = None

    def model(self, upper: Floats, row_lower: Floats, row_upper: Floats) -> ArrayLP:
        """Return the warm model with these bounds."""
        if self._model is None:
            self._model = ArrayLP(self.matrix, self.cost, upper, row_lower, row_upper)
            self._model.tune(**WARM)
        else:
            self._model.set_bounds(upper, row_lower, row_upper)
        return self._model

    def reduced(self, row_dual: Floats) -> Floats:
        """Return cost - matrix' row_dual, shape (columns,)."""
        if self._transposed is None:
            self._transposed = self.matrix.T.tocsr()
        # the scenarios of a family are asked for the same prices one after the other
        key = row_dual.tobytes()
        if self._last is None or self._last[0] != key:
            self._last = key, np.asarray(self.cost - self._transposed @ row_dual, dtype=float)
        return self._last[1]


@dataclass(frozen=True, eq=False)
class Answer:
    """What a scenario is worth at a point.

    Attributes
    ----------
    value : float
    row_dual : ndarray, shape (rows,)
    """

    value: float
    row_dual: Floats


class SecondStage:
    """All scenarios of a problem as warm models.

    Parameters
    ----------
    scenarios : sequence of Scenario
    products : sequence of Product
        Of the whole problem.

    Attributes
    ----------
    forms : list of Form
    siblings : list of list of int
        For each scenario, those in which the same bounds depend on decisions, itself included: the same event
        in other periods. Their dual solutions are worth trying on each other.
    solved : int
        Linear programmes solved so far.
    """

    def __init__(self, scenarios: Sequence[Scenario], products: Sequence[Product]) -> None:
        self.forms: list[Form] = []
        self.solved = 0
        families: dict[tuple[int, bytes], Family] = {}
        alike: dict[tuple[object, ...], list[int]] = {}
        for number, scenario in enumerate(scenarios):
            key = (id(scenario.matrix), scenario.cost.tobytes())
            if key not in families:
                families[key] = Family(scenario.matrix, scenario.cost)
            families[key].members.append(number)
            form = _form(scenario, families[key], products)
            self.forms.append(form)
            columns, rows = form.moving
            alike.setdefault((key, rows.tobytes(), columns.tobytes()), []).append(number)
        self.siblings: list[list[int]] = [[] for _ in scenarios]
        for members in alike.values():
            for number in members:
                self.siblings[number] = members
        self._starts: dict[int, list[tuple[Floats, Any]]] = {}
        self._known: dict[tuple[int, bytes], Answer] = {}

    def answer(self, number: int, products: Floats) -> Answer:
        """Return the value of a scenario and a dual solution at values of all products.

        Raises
        ------
        SolverError
            The linear programme has no optimum there.
        """
        form = self.forms[number]
        bounds = form.bounds(products)
        digest = hashlib.blake2b(b"".join(b.tobytes() for b in bounds), digest_size=16).digest()
        key = (id(form.family), digest)
        if key not in self._known:
            model = form.family.model(*bounds)
            leader = self.siblings[number][0]
            columns, rows = form.moving
            # what scenarios that start from each other's bases differ in
            signature = np.concatenate(
                [bounds[0][columns], np.where(form.capped, bounds[2], bounds[1])[rows]]
            )
            start = self._nearest(leader, signature) or form.family.basis
            if start is None:
                model.solve_reduced()
            else:
                model.solve(start)
            self.solved += 1
            form.family.basis = model.basis
            starts = self._starts.setdefault(leader, [])
            starts.append((signature, form.family.basis))
            del starts[:-KEPT_BASES]
            flows, row_dual = model.primal_and_prices()
            self._known[key] = Answer(float(form.family.cost @ flows), row_dual)
        return self._known[key]

    def _nearest(self, leader: int, signature: Floats) -> Any:
        """Return the optimal basis, of those kept for an event, whose bounds differ least: a few dual pivots away."""
        starts = self._starts.get(leader, [])
        apart = [float(np.abs(known - signature).sum()) for known, _ in starts]
        return starts[int(np.argmin(apart))][1] if starts else None


def _form(scenario: Scenario, family: Family, products: Sequence[Product]) -> Form:
    terms = [*scenario.column_terms, *scenario.row_terms]
    local = np.array(sorted({product for _, product, _ in terms if product >= 0}), dtype=np.int64)
    place = {int(product): i for i, product in enumerate(local)}
    upper = scenario.upper.copy()
    upper[list({column for column, _, _ in scenario.column_terms})] = 0.0
    for column, product, value in scenario.column_terms:
        if product < 0:
            upper[column] += value
    row_lower, row_upper = scenario.row_lower.copy(), scenario.row_upper.copy()
    for row, product, value in scenario.row_terms:
        if product < 0:
            row_lower[row] += value
            row_upper[row] += value
    most = np.array([products[p].most if products[p].units else 1.0 for p in local.tolist()], dtype=float)
    on_columns = _matrix(scenario.column_terms, place, len(upper))
    on_rows = _matrix(scenario.row_terms, place, len(row_upper))
    return Form(
        family,
        local,
        most,
        upper,
        row_lower,
        row_upper,
        on_columns,
        on_rows,
        scenario.worst,
        scenario.best,
    )


def _matrix(terms: Sequence[tuple[int, int, float]], place: dict[int, int], size: int) -> sp.csr_matrix:
    kept = [(where, place[product], value) for where, product, value in terms if product >= 0]
    rows, columns, values = zip(*kept, strict=True) if kept else ((), (), ())
    return sp.csr_matrix((np.array(values, dtype=float), (rows, columns)), shape=(size, len(place)))
