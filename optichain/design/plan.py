"""A plan: the policies of all chains, what they cost and buy, and how good they are known to be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from optichain.errors import PlanError
from optichain.notebook import facts_html, share, table_html
from optichain.sentences import sentences_in
from optichain.storage.atomic import write_text
from optichain.storage.jsontext import BadJson, load_json
from optichain.storage.tojson import plain

if TYPE_CHECKING:
    from optichain.design.columns.claimed import Claimed
    from optichain.design.evidence.gathered import Evidence

__all__ = ["PROVEN", "Choice", "Plan", "PolicyOfChain", "load_plan", "plan_text", "write_plan"]

PROVEN = 1e-6
"""Improvement gap up to which a plan is called the best: what is missing is rounding."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A measure that is funded: units bought, and the year in which it starts."""

    measure: str
    units: float
    start_year: int


@dataclass(frozen=True)
class PolicyOfChain:
    """The bundle of measures chosen for one chain.

    Attributes
    ----------
    chain : str or None
        ``None`` for a shared measure.
    start_year : int
    policy : str or None
        Name in the chain's catalogue, if it has one.
    measures : tuple of Choice
    cost : tuple of float
        Money by `Plan.years_of_cost`.
    acc_before, acc_after : float or None
        Of the chain: before any measure, and with the plan in full effect.
    """

    chain: str | None
    start_year: int
    policy: str | None
    measures: tuple[Choice, ...]
    cost: tuple[float, ...]
    acc_before: float | None
    acc_after: float | None

    def to_json(self) -> dict[str, Any]:
        """Return the policy as in the plan file."""
        measures = [
            {"measure": c.measure, "units": c.units, "start_year": c.start_year} for c in self.measures
        ]
        return {
            "chain": self.chain,
            "start_year": self.start_year,
            "policy": self.policy,
            "measures": measures,
            "cost": list(self.cost),
            "acc_before": self.acc_before,
            "acc_after": self.acc_after,
        }


@dataclass(frozen=True, eq=False)
class Plan:
    """A reinforcement plan.

    Attributes
    ----------
    status : str
        ``optimal`` (proven to the gap asked for), ``feasible`` (stopped before), ``given`` (a user's list).
    objective_name : str
        ``expected`` (ACC), ``worst`` (worst event), ``cvar`` (all maximised), ``loss`` (expected annual loss) or
        ``cost`` (money for what is required, both minimised).
    objective, bound, gap, improvement_gap : float or None
        Value, proven bound, gap relative to the objective, and gap relative to the improvement over doing nothing
        (``None`` for least cost). A price on changes is taken off the objective.
    objective_nothing : float
        Objective without any new measure.
    acc_before, acc_after : float
        Before any measure, and with the plan in full effect.
    acc_by_year, expected_annual_loss_by_year : dict of int to float
        Planning and terminal years.
    expected_annual_loss_before, expected_annual_loss_after : float
        Money a year.
    avoidable_share : float or None
        Share of the avoidable loss that the plan avoids; all measures in full effect avoid all of it.
    loss_unavoidable : float
        Expected annual loss with all measures in full effect.
    policies : tuple of PolicyOfChain
        By chain. One entry a start year where a given list breaks the rule of one policy.
    shared_measures : tuple of PolicyOfChain
    years_of_cost : tuple of int
    budget, spend, commitments : dict of int to float
        Money by year: given, spent in all, of which for running support.
    chains : tuple of dict
        chain, weight, and acc, expected_annual_loss before and after.
    spofs_before, spofs_after : list of dict
        Rows as of the command ``spof``.
    breaches : list of dict
        ``rule`` and ``message`` of each rule that the choices break.
    claimed : tuple of Claimed
        Policies of chains whose network is not known here: their costs count, their gains are part of the objective and
        of nothing else; neither is recomputed.
    wishes : dict
        What was asked for beside the instance (`optichain.design.firststage.wishes.Wishes`).
    certificate : dict or None
        Of the objective ``worst-case``: the worst attack on the network with the plan in full effect, found again
        without the optimiser, as of the command ``worst-case``.
    changes : list of dict
        Of a plan that follows an earlier one: measure, change (``dropped``, ``moved``, ``units``, ``new``), announced,
        now, gain (of the objective over the plan without the change), why.
    instance_digest : str
    evidence : Evidence or None
        What was worked out about the plan besides (`optichain.gather_evidence`).
    provenance : dict
        Versions, solver, method, seed, seconds, command.
    """

    status: str
    objective_name: str
    objective: float
    bound: float | None
    gap: float | None
    improvement_gap: float | None
    objective_nothing: float
    acc_before: float
    acc_after: float
    acc_by_year: Mapping[int, float]
    expected_annual_loss_before: float
    expected_annual_loss_after: float
    expected_annual_loss_by_year: Mapping[int, float]
    avoidable_share: float | None
    loss_unavoidable: float
    policies: tuple[PolicyOfChain, ...]
    shared_measures: tuple[PolicyOfChain, ...]
    years_of_cost: tuple[int, ...]
    budget: Mapping[int, float]
    spend: Mapping[int, float]
    commitments: Mapping[int, float]
    chains: tuple[Mapping[str, Any], ...]
    spofs_before: list[dict[str, Any]]
    spofs_after: list[dict[str, Any]]
    breaches: list[dict[str, str]]
    instance_digest: str
    claimed: tuple[Claimed, ...] = ()
    wishes: Mapping[str, Any] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    certificate: dict[str, Any] | None = None
    evidence: Evidence | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """All funded measures."""
        return tuple(c for p in (*self.policies, *self.shared_measures) for c in p.measures)

    @property
    def measures(self) -> pd.DataFrame:
        """The funded measures: chain, measure, units, start_year."""
        rows = [
            (p.chain, c.measure, c.units, c.start_year)
            for p in (*self.policies, *self.shared_measures)
            for c in p.measures
        ]
        return pd.DataFrame(rows, columns=["chain", "measure", "units", "start_year"])

    def to_json(self) -> dict[str, Any]:
        """Return the plan as the JSON of the command ``solve``.

        ``sentences`` tells what the English texts in it are made of, so that a report says them in its language.
        """
        result = {
            name: getattr(self, name)
            for name in self.__dataclass_fields__
            if name not in ("policies", "shared_measures", "claimed", "evidence")
        }
        result["evidence"] = None if self.evidence is None else self.evidence.to_json()
        result["claimed"] = [c.to_json() for c in self.claimed]
        result["method"] = self.provenance.get("method")
        result["policies"] = [p.to_json() for p in self.policies]
        result["shared_measures"] = [
            {"measure": c.measure, "units": c.units, "start_year": c.start_year, "cost": list(p.cost)}
            for p in self.shared_measures
            for c in p.measures
        ]
        cleaned: dict[str, Any] = plain(result)
        told = sentences_in(cleaned)
        cleaned["sentences"] = [{"text": text, **sentence.to_json()} for text, sentence in told.items()]
        return cleaned

    @classmethod
    def from_json(cls, data: Any, *, file: str = "plan") -> Plan:
        """Read a plan from its JSON.

        Raises
        ------
        PlanError
            Every fault of the file.
        """
        from optichain.design.planfile import read_plan

        return read_plan(data, file=file)

    def _repr_html_(self) -> str:
        """Show the plan in a notebook: what it buys, how good it is known to be, its measures, its money."""
        gap = self.improvement_gap if self.objective_name != "cost" else self.gap
        facts = facts_html(
            f"Plan: {self.status}",
            [
                ("objective", f"{self.objective_name} {self.objective:.6g}"),
                ("ACC", f"{share(self.acc_before)} before, {share(self.acc_after)} in full effect"),
                (
                    "expected annual loss",
                    f"{self.expected_annual_loss_before:,.4g} before, {self.expected_annual_loss_after:,.4g} after",
                ),
                ("of what is avoidable", share(self.avoidable_share)),
                ("left to gain, at most", share(gap)),
                ("rules broken", len(self.breaches)),
            ],
        )
        rows = [
            (p.chain or "(shared)", c.measure, f"{c.units:g}", c.start_year)
            for p in (*self.policies, *self.shared_measures)
            for c in p.measures
        ]
        money = [
            (
                year,
                _amount(self.budget.get(year)),
                _amount(self.spend.get(year)),
                share(self.acc_by_year.get(year)),
            )
            for year in self.years_of_cost
        ]
        measures = table_html("Measures", ("chain", "measure", "units", "from"), rows)
        return facts + measures + table_html("Money", ("year", "budget", "spent", "ACC in that year"), money)


def _amount(value: float | None) -> str:
    return "-" if value is None else f"{value:,.4g}"


def load_plan(path: str | Path) -> Plan:
    """Read a plan file.

    Raises
    ------
    PlanError
        The file cannot be read, or is no plan.
    """
    hint = "a plan file is what 'optichain solve -o' or 'optichain evaluate -o' writes"
    try:
        data = load_json(Path(path), hint=hint)
    except BadJson as error:
        raise PlanError(error.faults) from None
    return Plan.from_json(data, file=str(path))


def write_plan(plan: Plan, path: str | Path) -> None:
    """Write a plan file, whole or not at all."""
    write_text(Path(path), plan_text(plan))


def plan_text(plan: Plan) -> str:
    """Return what a plan file holds."""
    return json.dumps(plan.to_json(), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
