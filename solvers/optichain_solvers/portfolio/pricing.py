"""Column generation: prices of money, intake and limits at which every coalition makes its own best policy (3.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optichain.design.firststage.stage import Row
from optichain_solvers.portfolio.coalitions import Bounds
from optichain_solvers.portfolio.listed import Listed
from optichain_solvers.portfolio.master import Relaxation, RestrictedMaster, price_bound
from optichain_solvers.portfolio.searched import Searched

__all__ = ["Market", "Prices"]

Floats = npt.NDArray[np.float64]

_SMOOTH = 0.6
"""Weight of the best prices so far (Wentges 1997, doi 10.1016/S0969-6016(97)00001-4): keeps prices from swinging."""

_IMPROVES = 1e-9
_LARGEST_PENALTY = 1e7


@dataclass(frozen=True, eq=False)
class Prices:
    """How a round of prices ended.

    Attributes
    ----------
    bound : float
        No choice gains more (Lagrangian); -inf where the rules cannot be obeyed.
    prices : ndarray, shape (rules,)
        That prove the bound.
    relaxation : Relaxation
        Over the columns known.
    """

    bound: float
    prices: Floats
    relaxation: Relaxation


class Market:
    """The restricted master and the coalitions that answer to its prices.

    Parameters
    ----------
    groups : sequence of Listed or Searched
    linking : sequence of Row
        Rules between coalitions.
    ended : callable
        True once time is up.
    """

    def __init__(
        self, groups: Sequence[Listed | Searched], linking: Sequence[Row], ended: Callable[[], bool]
    ) -> None:
        self.groups, self.ended = groups, ended
        self.lower = np.array([row.lower for row in linking], dtype=float)
        self.upper = np.array([row.upper for row in linking], dtype=float)
        largest = [max((abs(v) for v in row.coefficients.values()), default=1.0) for row in linking]
        self.scale = np.array([v if v > 0.0 else 1.0 for v in largest], dtype=float)
        self.master = RestrictedMaster(len(groups), self.lower, self.upper, self.scale)
        self._limited = any(isinstance(g, Listed) and bool(g.floors or g.shares) for g in groups)
        self.columns: list[tuple[int, int]] = []
        self._number: dict[tuple[int, int], int] = {}
        self._center: Floats | None = None

    def add(self, group: int, option: int) -> bool:
        """Take a policy into the master; tell whether it is new there."""
        if (group, option) in self._number:
            return False
        mine = self.groups[group]
        self._number[group, option] = self.master.add(group, float(mine.upper[option]), mine.use[option])
        self.columns.append((group, option))
        return True

    def pool(self, group: int) -> list[int]:
        """Return the policies of a coalition that are in the master."""
        return [option for g, option in self.columns if g == group]

    def gains(self) -> Floats:
        """Return what the policies in the master gain at most; those that miss a floor are closed, and count 0."""
        gains = np.array([self.groups[g].upper[option] for g, option in self.columns])
        return np.where(np.isfinite(gains), gains, 0.0)

    def _use_again(self) -> None:
        """Take over what is known by now of what the policies in the master add to floors."""
        for column, (g, option) in enumerate(self.columns if self._limited else ()):
            group = self.groups[g]
            for share in group.shares if isinstance(group, Listed) else ():
                self.master.set_use(column, share.rule, float(group.use[option, share.rule]))

    def allows(self, total: Floats) -> bool:
        """Tell whether totals obey the rules, but for rounding."""
        slack = 1e-9 * self.scale
        return bool((total >= self.lower - slack).all() and (total <= self.upper + slack).all())

    def relax(self, bounds: Mapping[int, Bounds], *, floor: float, tolerance: float) -> Prices:
        """Solve the relaxation over all policies, by pricing.

        Parameters
        ----------
        bounds : mapping of group to bounds of its columns
            From branching.
        floor : float
            What any choice gains at least: a bound below it says that there is none.
        tolerance : float
            Where to stop between bound and relaxation.
        """
        master = self.master
        best = -np.inf
        best_bound, best_prices = np.inf, np.zeros(len(self.lower))
        self._open(bounds)
        self._use_again()
        master.set_gains(self.gains(), 1.0)
        center = self._center
        relaxation = master.solve()
        while True:
            pure = relaxation.prices
            tried = [pure] if center is None else [_SMOOTH * center + (1.0 - _SMOOTH) * pure, pure]
            fresh = False
            for prices in tried:
                bound, better = self._price(prices, relaxation, bounds)
                if bound < best_bound:
                    best_bound, best_prices, center = (
                        bound,
                        price_bound(prices, self.lower, self.upper)[0],
                        prices,
                    )
                fresh = fresh or better
                if better:
                    break
            if fresh:
                self._open(bounds)
                relaxation = master.solve()
                best = relaxation.value
            missing = relaxation.missing > 1e-9
            if best_bound < floor - 1e-6:
                return Prices(-np.inf, best_prices, relaxation)
            if self.ended():
                break
            settled = not fresh or (best_bound - best <= tolerance and not missing)
            if settled and missing:
                if master.penalty >= _LARGEST_PENALTY:
                    return Prices(-np.inf, best_prices, relaxation)
                master.set_gains(self.gains(), 10.0 * master.penalty)
                relaxation = master.solve()
                center = None
                continue
            if settled:
                break
        self._center = center
        return Prices(best_bound, best_prices, relaxation)

    def _price(
        self, prices: Floats, relaxation: Relaxation, bounds: Mapping[int, Bounds]
    ) -> tuple[float, bool]:
        """Return the bound that prices prove, and whether a policy came in that improves the relaxation."""
        clean, total = price_bound(prices, self.lower, self.upper)
        better = False
        for k, group in enumerate(self.groups):
            offer = group.price(clean, bounds.get(k, {}))
            total += offer.bound
            if offer.option < 0:
                continue
            reduced = (
                group.upper[offer.option] - group.use[offer.option] @ relaxation.prices - relaxation.worth[k]
            )
            new = self.add(k, offer.option)
            better = better or (new and reduced > _IMPROVES)
        return total, better

    def _open(self, bounds: Mapping[int, Bounds]) -> None:
        """Open the policies within bounds of columns that may keep all floors."""
        if not self.columns:
            return
        kept = np.ones(len(self.columns), dtype=bool)
        if self._limited:
            kept = np.array([bool(np.isfinite(self.groups[g].upper[option])) for g, option in self.columns])
        for k, narrow in bounds.items():
            if not narrow:
                continue
            allowed = self.groups[k].allowed(narrow)
            for i, (g, option) in enumerate(self.columns):
                if g == k and not allowed[option]:
                    kept[i] = False
        self.master.allow(kept)
