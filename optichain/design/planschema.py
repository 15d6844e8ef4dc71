"""What a plan file must look like: the type of everything in it that is read again."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from optichain.design.evidence.schema import EvidenceFile, Told
from optichain.instance.settings import LARGEST
from optichain.network import ELEMENT_KINDS

__all__ = ["PlanFile", "PolicyRow"]


def _known(kind: str) -> str:
    if kind not in ELEMENT_KINDS:
        raise ValueError(f"expected one of {', '.join(ELEMENT_KINDS)}")
    return kind


Kind = Annotated[str, AfterValidator(_known)]
Units = Annotated[float, Field(ge=0.0, le=LARGEST)]
Year = Annotated[int, Field(ge=1, le=9999)]
Money = dict[Year, float]
Named = tuple[str, float, Year]


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class _Open(_Model):
    """A row that may hold more than is read again, which is kept."""

    model_config = ConfigDict(extra="allow")


class ChoiceRow(_Model):
    """A funded measure; without a year of its own it starts with its policy."""

    measure: str
    units: Units
    start_year: Year | None = None


class PolicyRow(_Model):
    """What one chain gets."""

    chain: str
    start_year: Year
    policy: str | None = None
    measures: list[ChoiceRow]
    cost: list[float]
    acc_before: float | None
    acc_after: float | None


class SharedRow(_Model):
    """A funded measure of no chain's policy."""

    measure: str
    units: Units
    start_year: Year
    cost: list[float]


class ClaimedMeasureRow(_Open):
    """A measure of a policy whose gain is claimed."""

    measure: str
    units: Units
    kind: str
    cost: list[float]


class ClaimedRow(_Model):
    """A policy of a chain whose network is not known."""

    chain: str
    policy: str
    start_year: Year
    measures: list[ClaimedMeasureRow]
    cost: list[float]
    gain: float
    gain_by_year: Money
    cluster: str | None = None
    region: str | None = None
    owners: list[str] = Field(default_factory=list)
    instance_digest: str


class ChainRow(_Open):
    """Figures of a chain, by name."""

    __pydantic_extra__: dict[str, float | None]

    chain: str


class SpofRow(_Open):
    """A row as of the command ``spof``."""

    demand: str
    site: str | None
    kind: Kind
    element: str
    title: str
    root: str
    lost: float | None
    time_to_survive: float | None


class BreachRow(_Model):
    """A rule that the plan breaks."""

    rule: str
    message: Told


class PromiseRow(_Model):
    """Units of a measure and the year in which they start."""

    units: Units
    start_year: Year


class ChangeRow(_Open):
    """What became of an announced measure."""

    measure: str
    change: str
    announced: PromiseRow | None = None
    now: PromiseRow | None = None
    gain: float | None = None
    why: Told | None = None


class ThreatRow(_Model):
    """What may fail in the worst case."""

    k: int = Field(ge=1)
    kinds: list[Kind]
    duration: float | None = Field(ge=0.0)


class WishesRow(_Model):
    """What was asked for beside the instance."""

    alpha: float = Field(default=0.95, ge=0.0, lt=1.0)
    mix: float = Field(default=0.0, ge=0.0, le=1.0)
    threat: ThreatRow | None = None
    fix: list[str] = Field(default_factory=list)
    forbid: list[str] = Field(default_factory=list)
    rows: list[tuple[list[tuple[str, Year, float]], Literal["<=", ">=", "=="], float]] = Field(
        default_factory=list
    )
    min_acc: float | None = None
    clear_spofs: list[str] = Field(default_factory=list)
    spof_exceptions: list[str] = Field(default_factory=list)
    min_autonomy: float | None = None
    started: list[Named] = Field(default_factory=list)
    announced: list[Named] = Field(default_factory=list)
    change_price: float = Field(default=0.0, ge=0.0)


class EvidenceNote(_Open):
    """How the evidence was worked out."""

    seconds: dict[str, float] = Field(default_factory=dict)


class ProvenanceRow(_Open):
    """Where the plan comes from."""

    method: str | None = None
    evidence: EvidenceNote = Field(default_factory=EvidenceNote)


class PlanFile(_Model):
    """The whole file."""

    status: str
    objective_name: str
    objective: float
    bound: float | None
    gap: float | None
    improvement_gap: float | None
    objective_nothing: float
    acc_before: float
    acc_after: float
    acc_by_year: Money
    expected_annual_loss_before: float
    expected_annual_loss_after: float
    expected_annual_loss_by_year: Money
    avoidable_share: float | None
    loss_unavoidable: float
    policies: list[PolicyRow]
    shared_measures: list[SharedRow]
    years_of_cost: list[Year]
    budget: Money
    spend: Money
    commitments: Money
    chains: list[ChainRow]
    spofs_before: list[SpofRow]
    spofs_after: list[SpofRow]
    breaches: list[BreachRow]
    claimed: list[ClaimedRow] = Field(default_factory=list)
    wishes: WishesRow = Field(default_factory=WishesRow)
    changes: list[ChangeRow] = Field(default_factory=list)
    certificate: dict[str, Any] | None = None
    evidence: EvidenceFile | None = None
    instance_digest: str
    provenance: ProvenanceRow = Field(default_factory=ProvenanceRow)
    sentences: list[dict[str, Any]] = Field(default_factory=list)
