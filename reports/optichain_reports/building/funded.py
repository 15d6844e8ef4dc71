"""The measures that are funded: what they cost, what they do, and which SPOFs they clear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from optichain.instance.targets import Names, resolve_target
from optichain_reports.building.facts import Facts, Spof
from optichain_reports.building.inputs import Inputs
from optichain_reports.building.titles import Titles, text_or_none
from optichain_reports.model import Confidence, EffectLine, FundedMeasure, Named

if TYPE_CHECKING:
    from optichain.design.plan import Choice, Plan, PolicyOfChain
    from optichain.instance.model import Instance

__all__ = ["funded_measures", "most_tangible"]

COSTS = ("cost_1", "cost_2", "cost_3")
ADDS_UP = ("expand", "stockpile", "recover", "switch")
TANGIBLE = ("site", "source", "lane", "enterprise", "group", "region", "country", "item")


def funded_measures(
    instance: Instance, plan: Plan, facts: Facts, inputs: Inputs, titles: Titles
) -> tuple[FundedMeasure, ...]:
    """Return the funded measures by chain, start year and name; shared ones last."""
    rows = {str(row["measure"]): row for row in instance["measures"].to_dict("records")}
    effects = _Effects(instance, facts, titles)
    roots = {(r["kind"], r["element"]): str(r["root"]) for r in plan.spofs_before}
    result = []
    for policy in (*plan.policies, *plan.shared_measures):
        for choice in sorted(policy.measures, key=lambda c: (c.start_year, c.measure)):
            cleared = _cleared(facts.clears.get(choice.measure, frozenset()), roots, titles)
            known = inputs.confidence(inputs.rows_of_measure(choice.measure))
            row = rows[choice.measure]
            result.append(
                _funded(row, policy, choice, plan.years_of_cost, effects.of(choice), cleared, known, titles)
            )
    return tuple(result)


def _funded(
    row: Mapping[Any, Any],
    policy: PolicyOfChain,
    choice: Choice,
    years: tuple[int, ...],
    effects: tuple[EffectLine, ...],
    clears: tuple[Named, ...],
    confidence: Confidence,
    titles: Titles,
) -> FundedMeasure:
    cost = dict.fromkeys(years, 0.0)
    for offset, column in enumerate(COSTS):
        if choice.start_year + offset in cost:
            cost[choice.start_year + offset] += choice.units * float(row[column])
    lead = int(row["lead_time"])
    owner = text_or_none(row["owner"])  # anybody; where it is an enterprise, under its title
    return FundedMeasure(
        chain=policy.chain,
        chain_title=None if policy.chain is None else titles.of("chain", policy.chain),
        policy=None if policy.policy is None else titles.of("policy", policy.policy),
        measure=choice.measure,
        title=titles.of("measure", choice.measure),
        kind=text_or_none(row["kind"]),
        owner=None if owner is None else titles.of("enterprise", owner),
        indicator=text_or_none(row["indicator"]),
        units=choice.units,
        start_year=choice.start_year,
        lead_time=lead,
        works_from=choice.start_year + lead,
        cost=tuple(cost.values()),
        total=sum(cost.values()),
        co_funding=choice.units * float(row["co_funding"]),
        effects=effects,
        clears=clears,
        confidence=confidence,
    )


class _Effects:
    """The table ``effects`` in words of the network."""

    def __init__(self, instance: Instance, facts: Facts, titles: Titles) -> None:
        self.names, self.titles = Names.of(instance.tables), titles
        self.spofs = {(kind, element) for _, _, kind, element in facts.spofs_before}
        self.units = {
            str(i): text_or_none(u)
            for i, u in zip(instance["items"]["item"], instance["items"]["unit"], strict=True)
        }
        self.item_of = dict(zip(instance["sources"]["source"], instance["sources"]["item"], strict=True))
        self.item_of |= dict(zip(instance["lanes"]["lane"], instance["lanes"]["item"], strict=True))
        self.by_measure: dict[str, list[tuple[str, str, float]]] = {}
        columns = ["measure", "effect", "target", "amount"]
        for measure, effect, target, amount in instance["effects"][columns].itertuples(index=False):
            self.by_measure.setdefault(measure, []).append((effect, target, amount))

    def of(self, choice: Choice) -> tuple[EffectLine, ...]:
        return tuple(self._line(choice.units, *row) for row in self.by_measure.get(choice.measure, ()))

    def _line(self, units: float, effect: str, text: str, amount: float) -> EffectLine:
        target = resolve_target(effect, text, self.names)
        if target is None:
            return EffectLine(effect, Named("", text, text), None, None, None, False)
        kind = "item" if target.kind == "stock" else target.kind
        item = target.name if kind == "item" else self.item_of.get(target.name)
        blank = amount is None or np.isnan(amount)
        return EffectLine(
            effect=effect,
            target=self.titles.named(kind, target.name),
            amount=None if blank else float(amount) * (units if effect in ADDS_UP else 1.0),
            unit=self.units.get(str(item)),
            site=None if target.site is None else self.titles.of("site", target.site),
            target_is_spof=(kind, target.name) in self.spofs,
        )


def _cleared(spofs: frozenset[Spof], roots: dict[tuple[str, str], str], titles: Titles) -> tuple[Named, ...]:
    """Return one element for each fact behind what is cleared, the one that is easiest to point at."""
    by_root: dict[str, set[tuple[str, str]]] = {}
    for _, _, kind, element in spofs:
        by_root.setdefault(roots.get((kind, element), f"{kind}:{element}"), set()).add((kind, element))
    named = {most_tangible(members) for members in by_root.values()}
    return tuple(titles.named(*pair) for pair in sorted(named, key=lambda p: (TANGIBLE.index(p[0]), p[1])))


def most_tangible(elements: set[tuple[str, str]]) -> tuple[str, str]:
    """Return the element among several, (kind, name), that is easiest to point at: a site before an item."""
    return min(elements, key=lambda pair: (TANGIBLE.index(pair[0]), pair[1]))
