"""Plan files: the schema that a file must fit, and every fault of one that does not."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from optichain.design.claimed import Claimed
from optichain.design.evidence.gathered import Evidence
from optichain.design.evidence.schema import EvidenceFile, Told, ToldIfText
from optichain.design.plan import Choice, Plan, PolicyOfChain
from optichain.errors import Fault, PlanError
from optichain.sentences import Sentence, read_sentences

__all__ = ["read_plan"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class _Choice(_Model):
    measure: str
    units: float = Field(ge=0.0)
    start_year: int | None = None


class _Policy(_Model):
    chain: str
    start_year: int
    policy: str | None = None
    measures: list[_Choice]
    cost: list[float]
    acc_before: float | None
    acc_after: float | None


class _Shared(_Model):
    measure: str
    units: float = Field(ge=0.0)
    start_year: int
    cost: list[float]


class _Claimed(_Model):
    chain: str
    policy: str
    start_year: int
    measures: list[dict[str, Any]]
    cost: list[float]
    gain: float
    gain_by_year: dict[int, float]
    cluster: str | None = None
    region: str | None = None
    owners: list[str] = Field(default_factory=list)
    instance_digest: str


class _Plan(_Model):
    status: str
    objective_name: str
    objective: float
    bound: float | None
    gap: float | None
    improvement_gap: float | None
    objective_nothing: float
    acc_before: float
    acc_after: float
    acc_by_year: dict[int, float]
    expected_annual_loss_before: float
    expected_annual_loss_after: float
    expected_annual_loss_by_year: dict[int, float]
    avoidable_share: float | None
    loss_unavoidable: float
    policies: list[_Policy]
    shared_measures: list[_Shared]
    years_of_cost: list[int]
    budget: dict[int, float]
    spend: dict[int, float]
    commitments: dict[int, float]
    chains: list[dict[str, Any]]
    spofs_before: list[dict[str, Any]]
    spofs_after: list[dict[str, Any]]
    breaches: list[dict[str, Told]]
    claimed: list[_Claimed] = Field(default_factory=list)
    wishes: dict[str, Any] = Field(default_factory=dict)
    changes: list[dict[str, ToldIfText]] = Field(default_factory=list)
    certificate: dict[str, Any] | None = None
    evidence: EvidenceFile | None = None
    instance_digest: str
    provenance: dict[str, Any] = Field(default_factory=dict)
    sentences: list[dict[str, Any]] = Field(default_factory=list)


def read_plan(data: Any, *, file: str) -> Plan:
    """Return the plan that a JSON value describes.

    Raises
    ------
    PlanError
        One fault for each place that does not fit.
    """
    try:
        read = _Plan.model_validate(data, context=_sentences(data))
    except ValidationError as error:
        faults = [
            Fault(
                file,
                None,
                ".".join(str(part) for part in problem["loc"]) or None,
                "bad-plan",
                f"{problem['msg']}, got {str(problem['input'])[:80]!r}",
                "a plan file is what 'optichain solve -o' or 'optichain evaluate -o' writes",
            )
            for problem in error.errors()[:100]
        ]
        raise PlanError(faults) from None
    fields = {name: getattr(read, name) for name in _Plan.model_fields if name != "sentences"}
    fields["policies"] = tuple(_policy(p) for p in read.policies)
    fields["shared_measures"] = tuple(
        PolicyOfChain(
            None, s.start_year, None, (Choice(s.measure, s.units, s.start_year),), tuple(s.cost), None, None
        )
        for s in read.shared_measures
    )
    fields["years_of_cost"] = tuple(read.years_of_cost)
    fields["chains"] = tuple(read.chains)
    fields["claimed"] = tuple(Claimed.from_json(c.model_dump()) for c in read.claimed)
    fields["evidence"] = None if read.evidence is None else Evidence.of_file(read.evidence)
    return Plan(**fields)


def _sentences(data: Any) -> dict[str, Sentence]:
    """Return what the texts of a plan file are made of, as far as it tells."""
    told = data.get("sentences") if isinstance(data, dict) else None
    return read_sentences(told) if isinstance(told, list) else {}


def _policy(p: _Policy) -> PolicyOfChain:
    measures = tuple(
        Choice(c.measure, c.units, p.start_year if c.start_year is None else c.start_year) for c in p.measures
    )
    return PolicyOfChain(p.chain, p.start_year, p.policy, measures, tuple(p.cost), p.acc_before, p.acc_after)
