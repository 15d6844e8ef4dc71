"""Products of decisions, written once for every model: their exact linearisation as columns and rows (3.4).

A product of measures in effect, times at most one count of units, is an expression in first-stage columns and
at most two columns of its own, equal to the product at every whole point:

    y <= factor, y >= sum of factors - (number - 1)
    q <= most y, q <= units, q >= units + most y - most
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optichain.design.twostage.problem import Product

__all__ = ["Linearisation", "linearise", "product_values"]

Floats = npt.NDArray[np.float64]
Terms = dict[int, float]


@dataclass(eq=False)
class Linearisation:
    """Columns after those of the first stage, rows on all of them, and each product as an expression.

    Attributes
    ----------
    first : int
        Number of first-stage columns; the new ones follow.
    upper : list of float
        Upper bounds of the new columns; the lower ones are 0.
    rows : list of (terms by column, lower, upper)
    expressions : list of terms by column
        One a product.
    """

    first: int
    upper: list[float] = field(default_factory=list)
    rows: list[tuple[Terms, float, float]] = field(default_factory=list)
    expressions: list[Terms] = field(default_factory=list)
    _together: dict[tuple[tuple[int, ...], ...], Terms] = field(default_factory=dict)

    @property
    def matrix(self) -> sp.csr_matrix:
        """The expressions, shape (products, columns)."""
        places = [(p, c, v) for p, terms in enumerate(self.expressions) for c, v in terms.items()]
        rows, columns, values = zip(*places, strict=True) if places else ((), (), ())
        shape = (len(self.expressions), self.first + len(self.upper))
        return sp.csr_matrix((np.array(values, dtype=float), (rows, columns)), shape=shape)

    def add(self, product: Product) -> None:
        """Add one product."""
        units = dict.fromkeys(product.units, 1.0)
        if not product.binaries:
            self.expressions.append(units)
            return
        together = self._all(product.binaries)
        if not product.units:
            self.expressions.append(together)
            return
        both = self._column(product.most)
        self._row({both: 1.0}, {c: product.most * v for c, v in together.items()}, upper=0.0)
        self._row({both: 1.0}, units, upper=0.0)
        joint = _sum(units, {c: product.most * v for c, v in together.items()})
        self._row({both: 1.0}, joint, lower=-product.most)
        self.expressions.append({both: 1.0})

    def _all(self, binaries: tuple[tuple[int, ...], ...]) -> Terms:
        """Return the product of measures in effect, adding a column where there are several."""
        if binaries not in self._together:
            factors = [dict.fromkeys(columns, 1.0) for columns in binaries]
            if len(factors) == 1:
                self._together[binaries] = factors[0]
            else:
                column = self._column(1.0)
                for factor in factors:
                    self._row({column: 1.0}, factor, upper=0.0)
                self._row({column: 1.0}, _sum(*factors), lower=1.0 - len(factors))
                self._together[binaries] = {column: 1.0}
        return self._together[binaries]

    def _column(self, upper: float) -> int:
        self.upper.append(upper)
        return self.first + len(self.upper) - 1

    def _row(self, left: Terms, right: Terms, *, lower: float = -math.inf, upper: float = math.inf) -> None:
        self.rows.append((_sum(left, {c: -v for c, v in right.items()}), lower, upper))


def linearise(products: Sequence[Product], first: int) -> Linearisation:
    """Return the linearisation of all products.

    Parameters
    ----------
    products : sequence of Product
    first : int
        Number of first-stage columns.

    Examples
    --------
    Two measures in effect together, the second bought in either of two years:

    >>> out = linearise([Product(((0,), (1, 2)), (), 1.0)], 3)
    >>> out.expressions, out.upper
    ([{3: 1.0}], [1.0])
    >>> out.rows[2]
    ({3: 1.0, 0: -1.0, 1: -1.0, 2: -1.0}, -1.0, inf)
    """
    out = Linearisation(first)
    for product in products:
        out.add(product)
    return out


def product_values(products: Sequence[Product], values: Floats) -> Floats:
    """Return each product at a whole point, shape (products,).

    Parameters
    ----------
    products : sequence of Product
    values : ndarray, shape (first-stage columns,)
    """
    result = np.empty(len(products))
    for place, product in enumerate(products):
        value = 1.0
        for columns in product.binaries:
            value *= float(sum(values[c] for c in columns))
        if product.units:
            value *= float(sum(values[c] for c in product.units))
        result[place] = value
    return result


def _sum(*parts: Terms) -> Terms:
    total: Terms = {}
    for part in parts:
        for column, value in part.items():
            total[column] = total.get(column, 0.0) + value
    return total
