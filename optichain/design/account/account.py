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
from optichain.design.account.promises import changes_of
from optichain.design.aims import COST, LOSS, Aim
from optichain.design.columns.claimed import Claimed, charge
from optichain.design.firststage.clearing import Clearing
from optichain.design.firststage.lazily import NEAR, short_of_autonomy
from optichain.design.firststage.periods import counted_years, year_weights
from optichain.design.firststage.rules import COSTS, build_first_stage
from optichain.design.firststage.stage import FirstStage
from optichain.design.firststage.wishes import Wishes
from optichain.design.money import money_size
from optichain.design.plan import Choice, PolicyOfChain
from optichain.design.twostage.attacks import attack_on
from optichain.design.twostage.problem import value_weights
from optichain.effects import apply_measures
from optichain.network import Network
from optichain.risk.attack import WorstCase
from optichain.risk.flows.engine import ContinuityEngine
from optichain.risk.resilience import Resilience, assess
from optichain.risk.structure import affordable_losses, analyse_structure
from optichain.sentences import say
from optichain.storage.tojson import plain

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["Account", "Book", "Scale", "make_account"]

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


class Scale:
    """Measures ACC, loss and SPOFs of states, each distinct one once; may be shared by accounts of one instance.

    Parameters
    ----------
    network : Network
    aim : Aim
    engine : ContinuityEngine, optional
        With the network's weights, to share what was solved before.
    """

    def __init__(self, network: Network, aim: Aim, engine: ContinuityEngine | None = None) -> None:
        self.network, self.aim = network, aim
        self.engine = ContinuityEngine(network) if engine is None else engine
        self.by_value = self.engine
        if aim.objective == LOSS and not np.allclose(
            value_weights(network), network.weight, rtol=0.0, atol=1e-12
        ):
            self.by_value = ContinuityEngine(network, value_weights(network))
        self._known: dict[tuple[int, bytes], Resilience] = {}
        self._spofs: dict[bytes, list[dict[str, Any]]] = {}
        self._worst: dict[bytes, WorstCase] = {}

    def spofs(self, units: Floats) -> list[dict[str, Any]]:
        """Return the single points of failure with measures in effect, as rows of the command ``spof``."""
        key = units.tobytes()
        if key not in self._spofs:
            state = apply_measures(self.network, units)
            most = affordable_losses(self.network)
            found = analyse_structure(self.network, state=state, measure_losses=most, engine=self.engine)
            self._spofs[key] = plain(found.spofs)
        return self._spofs[key]

    def resilience(self, units: Floats, *, by_value: bool = False) -> Resilience:
        """Return the stress test with measures in effect; by value, flows serve value instead of weighted chains."""
        engine = self.by_value if by_value else self.engine
        key = (id(engine), units.tobytes())
        if key not in self._known:
            self._known[key] = assess(
                self.network,
                state=apply_measures(self.network, units),
                alpha=self.aim.alpha,
                engine=engine,
            )
        return self._known[key]

    def worst_case(self, units: Floats) -> WorstCase:
        """Return the worst that the threat of the objective can do with measures in effect."""
        assert self.aim.threat is not None
        key = units.tobytes()
        if key not in self._worst:
            self._worst[key] = attack_on(self.network, units, self.aim.threat, self.engine)
        return self._worst[key]

    def objective(self, units: Floats) -> float:
        """Return the objective of a year; of least cost, which no state has, the ACC."""
        if self.aim.threat is not None:
            return self.worst_case(units).continuity
        if self.aim.objective == LOSS:
            return self.resilience(units, by_value=True).expected_annual_loss
        found = self.resilience(units)
        return self.aim.mixed(found.acc, found.worst, found.cvar)


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


class Book:
    """The list of funded measures against the tables: costs, effects in each year, rules broken."""

    def __init__(
        self, instance: Instance, stage: FirstStage, choices: tuple[Choice, ...], policies: dict[str, str]
    ) -> None:
        self.stage, self.choices = stage, choices
        frame = instance["measures"]
        self.names = [str(m) for m in frame["measure"]]
        self.row = {name: i for i, name in enumerate(self.names)}
        self.lead = frame["lead_time"].to_numpy(float)
        self.most = frame["max_units"].to_numpy(float)
        self.costs = frame[list(COSTS)].to_numpy(float)
        self.chain_of = [c if isinstance(c, str) else None for c in frame["chain"]]
        self.policies = {**self._matching(instance), **policies}

    def in_effect(self, year: int | None, *, new: bool = True) -> Floats:
        """Return the units in effect in a year, or in full effect, shape (measures,)."""
        units = np.zeros(len(self.names))
        given = [Choice(m, u, y) for m, (u, y) in self.stage.running.items()]
        for c in (*given, *(self.choices if new else ())):
            i = self.row[c.measure]
            if year is None or c.start_year + self.lead[i] <= year:
                units[i] += c.units
        return units

    def everything(self) -> Floats:
        """Return the units with all measures in full effect."""
        return np.asarray(np.maximum(self.most, self.in_effect(None, new=False)), dtype=float)

    def cost(self, choices: Sequence[Choice]) -> tuple[float, ...]:
        """Return what measures cost in each year of cost."""
        total = dict.fromkeys(self.stage.money_years, 0.0)
        for c in choices:
            for offset in range(len(COSTS)):
                if c.start_year + offset in total:
                    total[c.start_year + offset] += c.units * float(self.costs[self.row[c.measure], offset])
        return tuple(total.values())

    def policies_of_chains(
        self, before: Mapping[str, float], after: Mapping[str, float]
    ) -> tuple[PolicyOfChain, ...]:
        """Return the policies, by chain and start year; ACC before and after by chain."""
        grouped: dict[tuple[str, int], list[Choice]] = {}
        for c in self.choices:
            chain = self.chain_of[self.row[c.measure]]
            if chain is not None:
                grouped.setdefault((chain, c.start_year), []).append(c)
        result = []
        for (chain, year), mine in sorted(grouped.items()):
            mine.sort(key=lambda c: c.measure)
            ends = [None if v != v else float(v) for v in (before[chain], after[chain])]
            result.append(
                PolicyOfChain(chain, year, self.policies.get(chain), tuple(mine), self.cost(mine), *ends)
            )
        return tuple(result)

    def shared(self) -> tuple[PolicyOfChain, ...]:
        """Return the measures that belong to no chain, each as a policy of its own."""
        mine = sorted(
            (c for c in self.choices if self.chain_of[self.row[c.measure]] is None), key=lambda c: c.measure
        )
        return tuple(PolicyOfChain(None, c.start_year, None, (c,), self.cost([c]), None, None) for c in mine)

    def breaches(self) -> list[dict[str, str]]:
        """Return every rule that the choices break."""
        stage, found = self.stage, []
        strays: list[Choice] = []
        for c in self.choices:
            if (c.measure, c.start_year) not in stage.start:
                strays.append(c)
            most = self.most[self.row[c.measure]]
            if c.measure in stage.running:
                found.append(
                    ("running", say("already-running", measure=c.measure, year=stage.running[c.measure][1]))
                )
            elif c.start_year not in stage.years:
                years = {"first": stage.years[0], "last": stage.years[-1]}
                found.append(
                    (
                        "start year",
                        say("outside-the-planning-years", measure=c.measure, year=c.start_year, **years),
                    )
                )
            elif (c.measure, c.start_year) not in stage.start:
                chain = self.chain_of[self.row[c.measure]]
                found.append(
                    (
                        "running",
                        say("chain-already-running", measure=c.measure, chain=chain),
                    )
                )
            if c.units != round(c.units) or not 1 <= c.units <= most:
                found.append(
                    (
                        "units",
                        say("units-not-allowed", measure=c.measure, units=c.units, most=float(most)),
                    )
                )
        if strays:
            # what no decision stands for costs money all the same
            stage = stage.charged(self.cost(strays))
        values = self._point(stage).tolist()
        found += [(row.rule, row.message) for row in stage.rows if row.broken(values)]
        return [{"rule": rule, "message": message} for rule, message in dict.fromkeys(found)]

    def _point(self, stage: FirstStage) -> Floats:
        values = np.zeros(len(stage.columns))
        for c in self.choices:
            if (c.measure, c.start_year) in stage.start:
                values[stage.units[c.measure, c.start_year]] = c.units
                values[stage.start[c.measure, c.start_year]] = 1.0
        return stage.completed(values, self.policies)

    def _matching(self, instance: Instance) -> dict[str, str]:
        """Return, for each chain with a catalogue, the policy that is exactly what was chosen."""
        contents: dict[str, dict[str, float]] = {}
        for p, m, u in instance["policy_measures"][["policy", "measure", "units"]].itertuples(index=False):
            contents.setdefault(str(p), {})[str(m)] = float(u)
        found = {}
        for p, chain in instance["policies"][["policy", "chain"]].itertuples(index=False):
            mine = {c.measure: c.units for c in self.choices if self.chain_of[self.row[c.measure]] == chain}
            if mine and mine == contents.get(str(p), {}):
                found[str(chain)] = str(p)
        return found
