"""Rules of thumb by which budgets are shared out in practice (3.6): pro rata, by score, by rank of SPOFs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from optichain.design.firststage.basket import Basket, Bundle, Contents
from optichain.design.money import money_size
from optichain.design.recourse.remedies import Remedies
from optichain.effects import apply_measures
from optichain.network import Network
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.structure import analyse_structure

__all__ = ["fill_by_score", "fill_by_spofs", "fill_pro_rata"]

ROUNDING = 1e-9
"""Share of the money at hand that is rounding."""

Floats = npt.NDArray[np.float64]


def _ranked_chains(network: Network) -> list[str]:
    """Return the chains by descending weight, then name."""
    pairs = zip(network.weight.tolist(), map(str, network.chains), strict=True)
    return [name for _, name in sorted(pairs, key=lambda pair: (-pair[0], pair[1]))]


def _of_chain(basket: Basket, chain: str | None) -> list[Bundle]:
    return [bundle for bundle in basket.bundles() if bundle.chain == chain]


def fill_pro_rata(basket: Basket, network: Network) -> None:
    """Give every chain its weight's share of each year's money; it buys what that pays for, cheapest first.

    A chain starts in the first year in which it can buy anything. What a chain cannot use stays unspent, and shared
    measures, which belong to no chain, are not bought, unless the rules ask for them.
    """
    stage = basket.stage
    for chain in _ranked_chains(network):
        share = float(network.weight[network.chains.get_loc(chain)])
        given = {y: max(stage.budget[y] - stage.committed[y], 0.0) * share for y in stage.money_years}
        bundles = sorted(_of_chain(basket, chain), key=basket.cost_of)
        for year in stage.years:
            bought = False
            for bundle in bundles:
                wanted = basket.with_bundle(bundle, year)
                if wanted is not None and _within(basket, wanted, chain, given):
                    bought |= wanted.choices != basket.contents.choices
                    basket.take(wanted)
            for bundle in bundles:
                for measure, _ in bundle.measures:
                    _more_within(basket, measure, chain, given)
            if bought:
                break


def _within(basket: Basket, contents: Contents, chain: str, given: dict[int, float]) -> bool:
    """Tell whether a chain's measures cost no more than its share of each year's money and what it has left over."""
    stage = basket.stage
    mine = [c for c in contents.choices.values() if stage.owner.get(c.measure) == chain]
    others_before = {m for m in basket.contents.choices if stage.owner.get(m) != chain}
    if any(stage.owner.get(m) != chain and m not in others_before for m in contents.choices):
        return False
    spend, left = basket.profile(mine), 0.0
    for year in stage.money_years:
        at_hand = given[year] + stage.carry_over * left
        if spend[year] > at_hand + ROUNDING * max(at_hand, stage.money_size):
            return False
        left = at_hand - spend[year]
    return True


def _more_within(basket: Basket, measure: str, chain: str, given: dict[int, float]) -> None:
    while measure in basket.contents.choices:
        more = basket.more_units(measure)
        if more is None or not _within(basket, more, chain, given):
            return
        basket.take(more)


def fill_by_score(basket: Basket, network: Network) -> None:
    """Go through the chains by descending weight; each takes as much of its list as the money left pays for.

    A chain starts in the year in which most of its list, by cost, can be bought; measures go in the order of the
    table, policies of a catalogue by cost, the dearest first. Shared measures come last.
    """
    for chain in [*_ranked_chains(network), None]:
        bundles = _of_chain(basket, chain)
        if any(bundle.policy is not None for bundle in bundles):
            bundles = sorted(bundles, key=lambda bundle: -basket.cost_of(bundle))
        before, best = basket.contents, basket.contents
        for year in basket.stage.years:
            basket.take(before)
            for bundle in bundles:
                wanted = basket.with_bundle(bundle, year)
                if wanted is not None:
                    basket.take(wanted)
            basket.fill_units(
                m for bundle in bundles for m, _ in bundle.measures if m in basket.contents.choices
            )
            if basket.cost() > basket.cost(best) + ROUNDING * basket.stage.money_size:
                best = basket.contents
        basket.take(best)


def fill_by_spofs(basket: Basket, network: Network, engine: ContinuityEngine) -> None:
    """Go through the single points of failure by what each loses, largest first; buy the remedy of each.

    The remedy is the cheapest measure that clears the SPOF; where none does, the cheapest that lowers the loss when the
    element fails for its recovery time.
    """
    running = np.array([basket.stage.running.get(name, (0.0, 0))[0] for name in basket.names])
    now = apply_measures(network, running)
    found = analyse_structure(network, state=now, measure_times=False, engine=engine).spofs
    ranked = found[found["lost"] > 0.0].drop_duplicates(["kind", "element"])
    remedies = Remedies(network, engine, running)
    bundles = basket.bundles()
    rows = [{basket.row[m] for m, _ in bundle.measures} for bundle in bundles]
    for kind, name in ranked[["kind", "element"]].itertuples(index=False):
        element = network.element(str(kind), str(name))
        helping = remedies.measures(element)
        near = [bundle for bundle, mine in zip(bundles, rows, strict=True) if mine & helping]
        _remedy(basket, remedies, running, element, near, ROUNDING * money_size(network))


def _remedy(
    basket: Basket,
    remedies: Remedies,
    running: Floats,
    element: int,
    bundles: Sequence[Bundle],
    rounding: float,
) -> None:
    """Buy the cheapest remedy of one element among bundles that the rules allow, if it is still needed.

    Losses that differ by no more than ``rounding``, money, are equal.
    """
    now = _units(basket, running, basket.contents)
    loss = remedies.loss(element, now)
    if loss <= rounding or remedies.stops(element, now) == 0:
        return
    options = sorted(_allowed(basket, bundles), key=lambda option: option[:3])
    units = [_units(basket, running, wanted) for *_, wanted in options]
    clearing = (i for i, u in enumerate(units) if remedies.stops(element, u) == 0)
    less = loss - max(rounding, ROUNDING * loss)
    lowering = (i for i, u in enumerate(units) if remedies.loss(element, u) < less)
    # a loss is worked out only where nothing clears, and only until the cheapest is found
    best = next(clearing, None)
    best = next(lowering, None) if best is None else best
    if best is not None:
        wanted = options[best][3]
        bought = [m for m, c in wanted.choices.items() if basket.contents.choices.get(m) != c]
        basket.take(wanted)
        basket.fill_units(bought)


def _allowed(basket: Basket, bundles: Sequence[Bundle]) -> list[tuple[float, int, int, Contents]]:
    """Return cost, number, first possible year and contents of what the rules allow; later years cost the same."""
    allowed = []
    for number, bundle in enumerate(bundles):
        for year in basket.stage.years:
            wanted = basket.with_bundle(bundle, year)
            if wanted is not None and wanted.choices != basket.contents.choices:
                allowed.append((basket.cost(wanted), number, year, wanted))
                break
    return allowed


def _units(basket: Basket, running: Floats, contents: Contents) -> Floats:
    units = running.copy()
    for c in contents.choices.values():
        units[basket.row[c.measure]] += c.units
    return units
