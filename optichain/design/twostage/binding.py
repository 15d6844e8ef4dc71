"""From products of measures in effect to products of decisions: what is bought when is in effect in a period (3.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from optichain.design.firststage.periods import Period
from optichain.design.firststage.stage import FirstStage
from optichain.design.recourse.profiles import Term
from optichain.design.recourse.terms import Monomial
from optichain.design.twostage.arrays import Product

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["Binder"]


class Binder:
    """Numbers the products of decisions, each once.

    Parameters
    ----------
    stage : FirstStage
    instance : Instance

    Attributes
    ----------
    products : list of Product
    """

    def __init__(self, stage: FirstStage, instance: Instance) -> None:
        self.stage = stage
        self.names = [str(m) for m in instance["measures"]["measure"]]
        self.most = instance["measures"]["max_units"].to_numpy(float)
        self.products: list[Product] = []
        self._number: dict[Product, int] = {}
        self._bound: dict[tuple[int, Monomial], tuple[int, float] | None] = {}

    def bind(self, terms: Sequence[Term], period: Period) -> list[tuple[int, int, float]]:
        """Replace measures in effect by decisions; measures that are never or always in effect drop out.

        Returns
        -------
        list of (place, product, coefficient)
            Product -1 is the constant 1.
        """
        total: dict[tuple[int, int], float] = {}
        for place, monomial, coefficient in terms:
            asked = (id(period), monomial)
            if asked not in self._bound:
                self._bound[asked] = self._product(monomial, period)
            bound = self._bound[asked]
            if bound is not None:
                product, factor = bound
                key = (place, product)
                total[key] = total.get(key, 0.0) + coefficient * factor
        return [
            (place, product, value)
            for (place, product), value in total.items()
            if value != 0.0 or product < 0
        ]

    def _product(self, monomial: Monomial, period: Period) -> tuple[int, float] | None:
        factor = 1.0
        binaries = []
        for m in monomial.binaries:
            if period.running[m] > 0.0:
                continue
            if not period.starts[m]:
                return None
            binaries.append(tuple(self.stage.start[self.names[m], y] for y in period.starts[m]))
        units: tuple[int, ...] = ()
        most = 1.0
        m = monomial.units
        if m >= 0:
            if period.running[m] > 0.0:
                factor = float(period.running[m])
            elif not period.starts[m]:
                return None
            else:
                units = tuple(self.stage.units[self.names[m], y] for y in period.starts[m])
                most = float(self.most[m])
        if not binaries and not units:
            return -1, factor
        return self.number(Product(tuple(sorted(binaries)), units, most)), factor

    def number(self, product: Product) -> int:
        """Return the number of a product, a new one for one that is not there yet."""
        if product not in self._number:
            self._number[product] = len(self.products)
            self.products.append(product)
        return self._number[product]
