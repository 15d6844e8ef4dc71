"""Each chain before and after the plan."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from optichain_reports.building.facts import Facts, Spof
from optichain_reports.building.titles import Titles, text_or_none
from optichain_reports.model import ChainRow

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.instance.model import Instance

__all__ = ["chain_rows"]

NOTHING = 1e-9
"""Share of a chain's loss up to which what its measures avoid counts as nothing."""


def chain_rows(instance: Instance, plan: Plan, facts: Facts, titles: Titles) -> tuple[ChainRow, ...]:
    """Return the chains, the largest expected loss first."""
    owners: dict[str, list[str]] = {}
    for chain, enterprise in instance["chain_owners"][["chain", "enterprise"]].itertuples(index=False):
        owners.setdefault(chain, []).append(titles.of("enterprise", enterprise))
    funded: dict[str, float] = {}
    start: dict[str, int] = {}
    for policy in plan.policies:
        chain = str(policy.chain)
        funded[chain] = funded.get(chain, 0.0) + sum(policy.cost)
        start[chain] = min(start.get(chain, policy.start_year), policy.start_year)
    worst = _worst_events(instance, facts, titles)
    ends = [{str(r["chain"]): r for r in x.chains.to_dict("records")} for x in (facts.before, facts.after)]
    sites = [_sites(instance, spofs) for spofs in (facts.spofs_before, facts.spofs_after)]
    rows = []
    for row in instance["chains"].to_dict("records"):
        chain = str(row["chain"])
        old, new = ends[0][chain], ends[1][chain]
        calm, money = old["undisturbed"], facts.demanded[chain]
        region = text_or_none(row["region"])
        lost, avoided = old["expected_annual_loss"], old["expected_annual_loss"] - new["expected_annual_loss"]
        avoidable = lost - facts.unavoidable[chain]
        rows.append(
            ChainRow(
                chain=chain,
                title=titles.of("chain", chain),
                cluster=text_or_none(row["cluster"]),
                region=None if region is None else titles.of("region", region),
                leader=text_or_none(row["leader"]),
                owners=tuple(owners.get(chain, ())),
                weight=old["weight"],
                acc_before=_known(old["acc"]),
                acc_after=_known(new["acc"]),
                worst_before=_known(old["worst"]),
                worst_after=_known(new["worst"]),
                worst_lost_before=_known((calm - old["worst"]) * money),
                worst_lost_after=_known((calm - new["worst"]) * money),
                worst_event_before=worst[0].get(chain),
                worst_event_after=worst[1].get(chain),
                loss_before=lost,
                loss_after=new["expected_annual_loss"],
                loss_avoided=avoided,
                avoidable_share=avoided / avoidable if avoidable > NOTHING * max(1.0, lost) else None,
                funded=funded.get(chain, 0.0),
                start_year=start.get(chain),
                spof_sites_before=len(sites[0].get(chain, ())),
                spof_sites_after=len(sites[1].get(chain, ())),
            )
        )
    return tuple(sorted(rows, key=lambda r: (-r.loss_before, r.chain)))


def _sites(instance: Instance, spofs: frozenset[Spof]) -> dict[str, set[str]]:
    """Return, by chain, the sites that alone stop one of its products."""
    chain_of: dict[str, set[str]] = {}
    for item, chain in instance["demands"][["item", "chain"]].itertuples(index=False):
        chain_of.setdefault(item, set()).add(chain)
    found: dict[str, set[str]] = {}
    for demand, _, kind, element in spofs:
        for chain in chain_of[demand] if kind == "site" else ():
            found.setdefault(chain, set()).add(element)
    return found


def _worst_events(instance: Instance, facts: Facts, titles: Titles) -> list[dict[str, str]]:
    """Return, before and after, the title of the event in which each chain that can lose something loses most."""
    tabled = set(instance["events"]["event"])
    result = []
    for resilience in (facts.before, facts.after):
        possible = (resilience.events["probability"] > 0.0).to_numpy(bool)
        table = resilience.chain_continuity[possible]
        calm = resilience.chains.set_index("chain")["undisturbed"]
        found = {}
        for chain in table.columns if len(table) else ():
            values = table[chain].to_numpy(float)
            if not math.isnan(values[0]) and values.min() < calm[chain] - 1e-9:
                name = str(table.index[int(values.argmin())])
                found[str(chain)] = titles.event(name, tabled=name in tabled).title
        result.append(found)
    return result


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
