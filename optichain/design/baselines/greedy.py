"""Greedy: again and again the affordable measure with the largest gain per cost (3.6); a start for exact methods."""

from __future__ import annotations

import math
from dataclasses import dataclass

from optichain.design.firststage.basket import Basket, Bundle, Contents
from optichain.design.recourse.worth import Worth

__all__ = ["fill_greedily"]

SMALL = 1e-12
Key = tuple[int, int]
"""(bundle, year); year 0 is one more unit of what is in."""


@dataclass(frozen=True)
class _Option:
    """Something that can be bought next: what that gained and cost when it was last looked at."""

    gain: float
    cost: float

    @property
    def rank(self) -> tuple[float, float]:
        """Gain per cost, then gain, the largest first; what costs nothing comes before all, by its gain."""
        return (-(self.gain / self.cost if self.cost > 0.0 else math.inf), -self.gain)


def fill_greedily(basket: Basket, worth: Worth, *, most: int | None = None) -> None:
    """Buy, as long as anything gains, the bundle or further unit with the largest gain per cost.

    Every bundle is tried in every planning year. Ties go to the larger gain, then to the order of the tables and the
    earlier year.

    Parameters
    ----------
    basket : Basket
        Filled in place; what is in already stays in.
    worth : Worth
        For the objective.
    most : int, optional
        Lists of measures to work out at most; then it stays with what it has.

    Notes
    -----
    A gain is worked out again only where something was bought that acts on an event that the bundle acts on too; for
    objectives that add up over events the others cannot have changed. A bundle that the rules forbid now they forbid
    for good: more is bought, nothing is given back.
    """
    _Filling(basket, worth, most).run()


class _Filling:
    """The options of a basket, and how much of each is known."""

    def __init__(self, basket: Basket, worth: Worth, most: int | None) -> None:
        self.basket, self.worth = basket, worth
        self.most = math.inf if most is None else worth.evaluated + most
        self.bundles = basket.bundles()
        self.touched = [set().union(*(worth.touched[m] for m, _ in b.measures)) for b in self.bundles]
        self.options: dict[Key, _Option] = {}
        self.now = worth.of(basket.contents.choices.values())
        for number in range(len(self.bundles)):
            self._open(number)

    @property
    def over(self) -> bool:
        """Tell whether no more lists may be worked out."""
        return self.worth.evaluated >= self.most

    def run(self) -> None:
        """Buy until nothing gains."""
        while not self.over:
            best = self._best()
            if best is None:
                return
            self._buy(best)

    def _is_in(self, number: int) -> bool:
        bundle: Bundle = self.bundles[number]
        return bundle.policy is None and bundle.measures[0][0] in self.basket.contents.choices

    def _open(self, number: int) -> None:
        """Look at a bundle in every year, or at one more unit of it once it is in."""
        for year in (0,) if self._is_in(number) else self.basket.stage.years:
            if not self.over:
                self._look((number, year))

    def _contents(self, key: Key) -> Contents | None:
        number, year = key
        bundle = self.bundles[number]
        if year == 0:
            return self.basket.more_units(bundle.measures[0][0])
        wanted = self.basket.with_bundle(bundle, year)
        return None if wanted is None or wanted.choices == self.basket.contents.choices else wanted

    def _look(self, key: Key) -> None:
        """Work out what an option gains and costs now; forget it where the rules forbid it."""
        self.options.pop(key, None)
        contents = self._contents(key)
        if contents is not None:
            gain = self.worth.of(contents.choices.values()) - self.now
            self.options[key] = _Option(gain, self.basket.cost(contents) - self.basket.cost())

    def _best(self) -> Contents | None:
        """Return the contents with the best option, each looked at again before it is taken."""
        while not self.over:
            gaining = [key for key, option in self.options.items() if option.gain > SMALL]
            if not gaining:
                return None
            key = min(gaining, key=lambda k: (*self.options[k].rank, k))
            known = self.options[key]
            self._look(key)
            found = self.options.get(key)
            if found is not None and found.gain > SMALL and found.rank <= known.rank:
                return self._contents(key)
        return None

    def _buy(self, contents: Contents) -> None:
        before = self.basket.contents.choices
        changed = {m for m, c in contents.choices.items() if before.get(m) != c}
        self.basket.take(contents)
        self.now = self.worth.of(contents.choices.values())
        events = set().union(*(self.worth.touched[m] for m in changed))
        for number, bundle in enumerate(self.bundles):
            mine = {m for m, _ in bundle.measures}
            if mine & changed:
                for year in (0, *self.basket.stage.years):
                    self.options.pop((number, year), None)
                self._open(number)
            elif events & self.touched[number]:
                for key in [k for k in self.options if k[0] == number]:
                    self._look(key)
            elif self._is_in(number) and (number, 0) not in self.options:
                self._look((number, 0))
