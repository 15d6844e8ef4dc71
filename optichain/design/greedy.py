"""Greedy: again and again the affordable measure with the largest gain per cost (3.6); a start for exact methods."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

from optichain.design.basket import Basket, Bundle, Contents
from optichain.design.worth import Worth

__all__ = ["fill_greedily"]

SMALL = 1e-12


@dataclass
class _Option:
    """Something that can be bought next: what would be in then, and what that gains per cost."""

    key: tuple[int, int]
    contents: Contents
    gain: float
    cost: float

    @property
    def rate(self) -> float:
        """Gain per cost; what costs nothing comes first, by its gain."""
        return self.gain / self.cost if self.cost > 0.0 else math.inf


def fill_greedily(basket: Basket, worth: Worth, *, deadline: float | None = None) -> None:
    """Buy, as long as anything gains, the bundle or further unit with the largest gain per cost.

    Every bundle is tried in every planning year. Ties go to the larger gain, then to the order of the tables and the
    earlier year.

    Parameters
    ----------
    basket : Basket
        Filled in place; what is in already stays in.
    worth : Worth
        For the objective.
    deadline : float, optional
        By `time.perf_counter`; then it stays with what it has.

    Notes
    -----
    A gain is worked out again only where something was bought that acts on the same block, a shared measure included;
    for objectives that add up over blocks the others cannot have changed.
    """
    linked = _links(worth)
    bundles = basket.bundles()
    stale = set(range(len(bundles)))
    gains: dict[tuple[int, int], float] = {}
    now = worth.of(basket.contents.choices.values())
    while deadline is None or time.perf_counter() < deadline:
        best: _Option | None = None
        for number, year, contents in _steps(basket, bundles):
            cost = basket.cost(contents) - basket.cost()
            key = (number, year)
            if number in stale or key not in gains:
                gains[key] = worth.of(contents.choices.values()) - now
            option = _Option(key, contents, gains[key], cost)
            if option.gain > SMALL and (best is None or (option.rate, option.gain) > (best.rate, best.gain)):
                best = option
            if deadline is not None and time.perf_counter() >= deadline:
                break
        if best is None:
            return
        truly = worth.of(best.contents.choices.values()) - now
        if abs(truly - best.gain) > SMALL:
            # a rule brought other measures along than when the gain was worked out
            gains[best.key] = truly
            stale.discard(best.key[0])
            continue
        before = basket.contents.choices
        changed = {m for m, c in best.contents.choices.items() if before.get(m) != c}
        basket.take(best.contents)
        now = worth.of(basket.contents.choices.values())
        touched = {block for m in changed for block in linked.get(m, ())}
        stale = {
            number
            for number, bundle in enumerate(bundles)
            if any(touched & linked.get(m, set()) for m, _ in bundle.measures)
        }


def _steps(basket: Basket, bundles: list[Bundle]) -> Iterator[tuple[int, int, Contents]]:
    """Yield (bundle, year, contents) of all that the rules allow next."""
    inside = basket.contents.choices
    for number, bundle in enumerate(bundles):
        last = bundle.measures[0][0]
        if last in inside and bundle.policy is None:
            more = basket.more_units(last)
            if more is not None:
                yield number, 0, more
            continue
        for year in basket.stage.years:
            wanted = basket.with_bundle(bundle, year)
            if wanted is not None and wanted.choices != inside:
                yield number, year, wanted


def _links(worth: Worth) -> dict[str, set[int]]:
    """Return the blocks on which each measure can act."""
    by_row = {row: name for name, row in worth.names.items()}
    links: dict[str, set[int]] = {}
    for block, measures in worth.near.items():
        for row in measures:
            links.setdefault(by_row[row], set()).add(block)
    return links
