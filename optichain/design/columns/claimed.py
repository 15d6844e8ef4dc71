"""Chains of which only columns are known, beside open chains under one budget: claimed, not recomputed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from optichain.compilation import compile_network
from optichain.design.aims import EXPECTED, LOSS, Aim
from optichain.design.columns.columnfile import Columns, ColumnsChain, ColumnsPolicy, raw_of, weighted_by
from optichain.design.firststage.periods import counted_years, year_weights
from optichain.design.firststage.stage import FirstStage, Row
from optichain.design.twostage.arrays import DesignProblem
from optichain.errors import UsageError
from optichain.sentences import say

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["CLAIMED", "Claimed", "ClaimedChains", "charge"]

CLAIMED = "claimed, not recomputed"


@dataclass(frozen=True)
class Claimed:
    """A policy of a chain whose network is not known here.

    Attributes
    ----------
    chain, policy : str
    start_year : int
    measures : tuple of dict
        measure, units, kind, cost.
    cost : tuple of float
        Money by year of cost.
    gain : float
        What it is said to add to the objective: ACC weighted against the open chains, or annual loss avoided.
    gain_by_year : dict of int to float
        Of the chain's own ACC, or annual loss avoided.
    cluster, region : str or None
    owners : tuple of str
    instance_digest : str
        Of the instance that the gains were worked out from.
    note : str
    """

    chain: str
    policy: str
    start_year: int
    measures: tuple[Mapping[str, Any], ...]
    cost: tuple[float, ...]
    gain: float
    gain_by_year: Mapping[int, float]
    cluster: str | None
    region: str | None
    owners: tuple[str, ...]
    instance_digest: str
    note: str = CLAIMED

    def to_json(self) -> dict[str, Any]:
        """Return the policy as in the plan file."""
        return {**asdict(self), "measures": [dict(m) for m in self.measures], "cost": list(self.cost)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Claimed:
        """Read a policy of a plan file."""
        return cls(
            chain=str(data["chain"]),
            policy=str(data["policy"]),
            start_year=int(data["start_year"]),
            measures=tuple(dict(m) for m in data["measures"]),
            cost=tuple(float(c) for c in data["cost"]),
            gain=float(data["gain"]),
            gain_by_year={int(y): float(v) for y, v in data["gain_by_year"].items()},
            cluster=data.get("cluster"),
            region=data.get("region"),
            owners=tuple(data.get("owners", ())),
            instance_digest=str(data["instance_digest"]),
        )


class ClaimedChains:
    """The chains of files of columns, to be decided with an open instance.

    Parameters
    ----------
    instance : Instance
        The open chains.
    files : sequence of Columns
    aim : Aim
        Expected ACC or expected annual loss; no file says more.

    Raises
    ------
    UsageError
        A file does not fit the instance.
    """

    def __init__(self, instance: Instance, files: Sequence[Columns], aim: Aim) -> None:
        if aim.objective not in (EXPECTED, LOSS):
            raise UsageError(
                f"columns say nothing about the objective {aim.objective!r}: expected {EXPECTED} or {LOSS}"
            )
        self.instance = instance
        self.options: dict[str, list[Claimed]] = {}
        self._column: dict[int, Claimed] = {}
        weights = year_weights(instance)
        network = compile_network(instance)
        open_weight = float(raw_of(network).sum())
        known = {str(c) for c in instance["chains"]["chain"]}
        for columns in files:
            _fit(instance, columns)
            for chain in columns.chains:
                if chain.chain in known:
                    raise UsageError(
                        f"chain {chain.chain} is known already: it cannot come from {columns.instance} too"
                    )
                known.add(chain.chain)
                share = chain.weight / open_weight if aim.objective == EXPECTED else 1.0
                self.options[chain.chain] = [
                    _claimed(columns, chain, policy, aim, weights, share) for policy in chain.policies
                ]

    def join(self, problem: DesignProblem) -> DesignProblem:
        """Return the problem with a column for each claimed policy; its gain is a stage cost."""
        old = problem.stage
        stage = replace(
            old,
            columns=list(old.columns),
            rows=list(old.rows),
            chain=dict(old.chain),
            policy=dict(old.policy),
            policy_chain=dict(old.policy_chain),
            spend={y: dict(terms) for y, terms in old.spend.items()},
        )
        gains = list(problem.stage_cost)
        for chain, options in self.options.items():
            by_year: dict[int, list[int]] = {}
            for claimed in options:
                column = stage.add_column(f"policy {claimed.policy} for {chain}, {CLAIMED}", 1.0)
                gains.append(claimed.gain)
                self._column[column] = claimed
                by_year.setdefault(claimed.start_year, []).append(column)
                stage.policy[f"{chain}: {claimed.policy}", claimed.start_year] = column
                stage.policy_chain[f"{chain}: {claimed.policy}"] = chain
                for year, cost in zip(stage.money_years, claimed.cost, strict=True):
                    if cost:
                        stage.spend[year][column] = cost
                for i, value in _terms(self.instance, stage, claimed).items():
                    row = stage.rows[i]
                    stage.rows[i] = replace(row, coefficients={**row.coefficients, column: value})
            self._one_policy(stage, chain, by_year, gains)
        return replace(problem, stage=stage, stage_cost=np.array(gains))

    @staticmethod
    def _one_policy(
        stage: FirstStage, chain: str, by_year: Mapping[int, list[int]], gains: list[float]
    ) -> None:
        for year, columns in by_year.items():
            stage.chain[chain, year] = stage.add_column(f"take {chain} into support in {year}", 1.0)
            gains.append(0.0)
            terms = [*((c, 1.0) for c in columns), (stage.chain[chain, year], -1.0)]
            text = say("one-claimed-policy", chain=chain)
            stage.add_row("catalogue", text, terms, lower=0.0, upper=0.0)
        text = say("taken-in-once", chain=chain)
        taken = [(stage.chain[chain, y], 1.0) for y in by_year]
        stage.add_row("one chain, one policy", text, taken, upper=1.0)

    def chosen(self, values: npt.NDArray[np.float64]) -> tuple[Claimed, ...]:
        """Return the claimed policies that a solver chose."""
        return tuple(claimed for column, claimed in self._column.items() if values[column] > 0.5)


def charge(instance: Instance, stage: FirstStage, claimed: Sequence[Claimed]) -> None:
    """Count claimed policies in all rules of a first stage that is without them."""
    for policy in claimed:
        for i, value in _terms(instance, stage, policy).items():
            row = stage.rows[i]
            stage.rows[i] = replace(row, lower=row.lower - value, upper=row.upper - value)
        for year, cost in zip(stage.money_years, policy.cost, strict=True):
            stage.committed[year] += cost


def _fit(instance: Instance, columns: Columns) -> None:
    """Refuse a file that counts in other years, money or weights."""
    settings, planning = instance.settings, instance.settings.planning
    years = () if planning is None else tuple(planning.years)
    pairs = [
        ("currency", columns.currency, settings.currency),
        ("planning years", columns.planning_years, years),
        ("weights", columns.weighted_by, weighted_by(instance)),
    ]
    if columns.weighted_by == "value":
        pairs.append(("time unit", columns.time_unit, settings.time_unit))
    for what, theirs, ours in pairs:
        if theirs != ours:
            raise UsageError(
                f"columns of {columns.instance}: {what} {theirs}, expected {ours} as in the instance"
            )
    needed = set(counted_years(instance))
    for chain in columns.chains:
        for policy in chain.policies:
            missing = needed - policy.gain_by_year.keys()
            if missing or len(policy.cost) != len(columns.years_of_cost) or policy.start_year not in years:
                raise UsageError(
                    f"columns of {columns.instance}: policy {policy.policy} does not cover {sorted(needed)}"
                )


def _claimed(
    columns: Columns,
    chain: ColumnsChain,
    policy: ColumnsPolicy,
    aim: Aim,
    weights: Mapping[int, float],
    share: float,
) -> Claimed:
    by_year = policy.gain_by_year if aim.objective == EXPECTED else policy.loss_avoided_by_year
    return Claimed(
        chain=chain.chain,
        policy=policy.policy,
        start_year=policy.start_year,
        measures=tuple(m.model_dump(mode="json") for m in policy.measures),
        cost=policy.cost,
        gain=share * math.fsum(weight * by_year[y] for y, weight in weights.items()),
        gain_by_year=dict(by_year),
        cluster=chain.cluster,
        region=chain.region,
        owners=chain.owners,
        instance_digest=columns.instance_digest,
    )


def _terms(instance: Instance, stage: FirstStage, claimed: Claimed) -> dict[int, float]:
    """Return what a claimed policy adds to each rule on money, intake and limits, by number of the row."""
    rows = stage.rows
    terms = stage.charges(claimed.cost)
    for number, year in zip(_numbered(rows, "intake"), stage.years, strict=False):
        if year == claimed.start_year:
            terms[number] = 1.0
    limits = iter(_numbered(rows, "limit"))
    for row in instance["limits"].to_dict("records"):
        for year in stage.years if pd.isna(row["year"]) else (int(row["year"]),):
            number = next(limits)
            value = _counted(stage, claimed, str(row["on"]), str(row["kind"]), row["target"], year)
            if value:
                terms[number] = value
    return terms


def _numbered(rows: Sequence[Row], rule: str) -> list[int]:
    return [i for i, row in enumerate(rows) if row.rule == rule]


def _counted(stage: FirstStage, claimed: Claimed, on: str, kind: str, target: Any, year: int) -> float:
    """Return how much of a claimed policy a limit counts in a year."""
    facts = {"chain": claimed.chain, "cluster": claimed.cluster, "region": claimed.region}
    measures = [m for m in claimed.measures if kind != "measure_kind" or m["kind"] == target]
    if kind in facts and facts[kind] != target:
        return 0.0
    if kind == "enterprise" and target not in claimed.owners:
        return 0.0
    if on == "spend":
        place = stage.money_years.index(year)
        return math.fsum(float(m["cost"][place]) for m in measures)
    if year != claimed.start_year:
        return 0.0
    return 1.0 if on == "new_chains" else float(len(measures))
