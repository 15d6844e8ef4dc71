"""What a list of measures costs, buys and breaks, computed from the instance without any optimiser (3.5).

`solve`, `evaluate` and `verify` all state what this says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from optichain.compilation import compile_network
from optichain.design.account.book import Book
from optichain.design.account.promises import changes_of
from optichain.design.account.scale import Scale
from optichain.design.aims import COST
from optichain.design.columns.claimed import Claimed, charge
from optichain.design.firststage.clearing import Clearing
from optichain.design.firststage.lazily import NEAR, short_of_autonomy
from optichain.design.firststage.periods import counted_years, year_weights
from optichain.design.firststage.rules import build_first_stage
from optichain.design.firststage.stage import FirstStage
from optichain.design.firststage.wishes import Wishes
from optichain.design.money import money_size
from optichain.design.plan import Choice, PolicyOfChain
from optichain.network import Network
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.resilience import Resilience
from optichain.sentences import say
from optichain.storage.tojson import plain

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["Account", "make_account"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Account:
    """The numbers of a plan; the names are those of `optichain.design.plan.Plan`."""

    objective: float
    objective_nothing: float
    acc_before: float
    acc_after: float
    acc_by_year: dict[int, float]
    expected_annual_loss_before: float
    expected_annual_loss_after: float
    expected_annual_loss_by_year: dict[int, float]
    avoidable_share: float | None
    loss_unavoidable: float
    policies: tuple[PolicyOfChain, ...]
    shared_measures: tuple[PolicyOfChain, ...]
    years_of_cost: tuple[int, ...]
    budget: dict[int, float]
    spend: dict[int, float]
    commitments: dict[int, float]
    chains: tuple[dict[str, Any], ...]
    spofs_before: list[dict[str, Any]]
    spofs_after: list[dict[str, Any]]
    breaches: list[dict[str, str]]
    changes: list[dict[str, Any]]
    certificate: dict[str, Any] | None


def make_account(
    instance: Instance,
    choices: Sequence[Choice],
    *,
    policies: Mapping[str, str] | None = None,
    wishes: Wishes | None = None,
    claimed: Sequence[Claimed] = (),
    engine: ContinuityEngine | None = None,
    scale: Scale | None = None,
    spofs: bool = True,
) -> Account:
    """Work out what funded measures cost, buy and break.

    Parameters
    ----------
    instance : Instance
    choices : sequence of Choice
    policies : mapping of chain to policy, optional
        Policies of catalogues; found from the measures where not given.
    wishes : Wishes, optional
        What was asked for, the objective among it.
    claimed : sequence of Claimed
        Policies of chains whose network is not known: their costs and gains are taken as they are said to be.
    engine : ContinuityEngine, optional
        With the network's weights, to share what was solved before.
    scale : Scale, optional
        Of the same instance and aim, to share what was measured before.
    spofs : bool
        Whether to list the SPOFs before and after.
    """
    asked = Wishes() if wishes is None else wishes
    network = compile_network(instance)
    stage = build_first_stage(instance, **asked.first_stage())
    commitments = dict(stage.committed)
    charge(instance, stage, claimed)
    book = Book(instance, stage, tuple(choices), dict(policies or {}))
    scale = Scale(network, asked.aim, engine) if scale is None else scale
    weights = year_weights(instance)
    years = counted_years(instance)
    by_year = {y: book.in_effect(y) for y in years}
    idle = {y: book.in_effect(y, new=False) for y in years}
    none, full, every = np.zeros(len(book.names)), book.in_effect(None), book.everything()
    before, after, best = scale.resilience(none), scale.resilience(full), scale.resilience(every)
    avoidable = before.expected_annual_loss - best.expected_annual_loss
    avoided = before.expected_annual_loss - after.expected_annual_loss
    acc_before = dict(zip(before.chains["chain"], before.chains["acc"], strict=True))
    acc_after = dict(zip(after.chains["chain"], after.chains["acc"], strict=True))
    reached, nothing = (
        sum(weights[y] * scale.objective(units[y]) for y in years) for units in (by_year, idle)
    )
    breaches = [*book.breaches(), *_unmet(network, stage, asked, reached, full, scale.engine)]
    if asked.aim.objective == COST:
        reached, nothing = sum(book.cost(choices)), 0.0
    # a gain is ACC added or a loss avoided
    reached += asked.aim.sense * sum(policy.gain for policy in claimed)
    price = asked.aim.sense * asked.change_price
    reached -= price * asked.broken_promises(choices)
    nothing -= price * asked.broken_promises(())
    return Account(
        objective=reached,
        objective_nothing=nothing,
        acc_before=before.acc,
        acc_after=after.acc,
        acc_by_year={y: scale.resilience(by_year[y]).acc for y in years},
        expected_annual_loss_before=before.expected_annual_loss,
        expected_annual_loss_after=after.expected_annual_loss,
        expected_annual_loss_by_year={y: scale.resilience(by_year[y]).expected_annual_loss for y in years},
        avoidable_share=avoided / avoidable
        if avoidable > 1e-9 * max(money_size(network), before.expected_annual_loss)
        else None,
        loss_unavoidable=best.expected_annual_loss,
        policies=book.policies_of_chains(acc_before, acc_after),
        shared_measures=book.shared(),
        years_of_cost=stage.money_years,
        budget=dict(stage.budget),
        spend={
            y: stage.committed[y] + cost
            for y, cost in zip(stage.money_years, book.cost(choices), strict=True)
        },
        commitments=commitments,
        chains=_chain_rows(before, after),
        spofs_before=scale.spofs(none) if spofs else [],
        spofs_after=scale.spofs(full) if spofs else [],
        breaches=breaches,
        changes=changes_of(asked, choices),
        certificate=None if asked.aim.threat is None else scale.worst_case(full).to_json(),
    )


def _unmet(
    network: Network,
    stage: FirstStage,
    wishes: Wishes,
    acc: float,
    full: Floats,
    engine: ContinuityEngine,
) -> list[dict[str, str]]:
    """Return what was required of the network with the plan and is not reached."""
    found = []
    if wishes.min_acc is not None and acc < wishes.min_acc - NEAR:
        found.append(
            (
                "min_acc",
                say("acc-too-low", acc=acc, least=wishes.min_acc),
            )
        )
    if wishes.clear_spofs:
        clearing = Clearing(network, stage, wishes.clear_spofs, wishes.spof_exceptions)
        found += [
            ("clear_spofs", say("spof-left", spof=clearing.title(spof))) for spof in clearing.left(full)
        ]
    if wishes.min_autonomy is not None:
        short = short_of_autonomy(network, full, engine, wishes.min_autonomy)
        found += [
            (
                "min_autonomy",
                say("autonomy-too-low", chain=network.chains[c], autonomy=low, least=wishes.min_autonomy),
            )
            for c, low in short.items()
        ]
    return [{"rule": rule, "message": message} for rule, message in found]


def _chain_rows(before: Resilience, after: Resilience) -> tuple[dict[str, Any], ...]:
    rows = []
    for old, new in zip(before.chains.to_dict("records"), after.chains.to_dict("records"), strict=True):
        row = {"chain": old["chain"], "weight": old["weight"]}
        for name in ("acc", "worst", "cvar", "expected_annual_loss"):
            row |= {f"{name}_before": old[name], f"{name}_after": new[name]}
        rows.append(plain(row))
    return tuple(rows)
