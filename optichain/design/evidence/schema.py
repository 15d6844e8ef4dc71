"""What evidence looks like in a plan file: the columns of every frame, their types, and every fault of a file."""

from __future__ import annotations

import math
from typing import Annotated, Any, TypeVar

import pandas as pd
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

__all__ = [
    "ROWS",
    "BaselineRow",
    "EvidenceFile",
    "FrontierRow",
    "MoneyRow",
    "NearOptimalRow",
    "Told",
    "ToldIfText",
    "frame_of",
]


def _told(value: Any, info: ValidationInfo) -> Any:
    known = info.context or {}
    return known.get(value, value) if isinstance(value, str) else value


Told = Annotated[str, AfterValidator(_told)]
"""A text that the engine made up: the sentence of the validation's context that has this text, where there is one."""
ToldIfText = Annotated[Any, AfterValidator(_told)]
"""Any value; of a text the same."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


Row = TypeVar("Row", bound=_Row)


class ChoiceRow(_Row):
    """A funded measure."""

    measure: str
    units: float = Field(ge=0.0)
    start_year: int


class LeaveOneOutRow(_Row):
    """See `optichain.design.evidence.leave_one_out`."""

    measure: str
    chain: str | None
    title: str
    units: float
    start_year: int
    cost: float
    objective: float
    objective_gain: float
    acc: float
    acc_mean: float
    expected_annual_loss: float
    expected_annual_loss_mean: float
    loss_avoided: float
    loss_avoided_mean: float
    cost_per_loss_avoided: float | None
    spofs_cleared: list[str]
    rules_broken: list[Told]


class AddOneRow(_Row):
    """See `optichain.design.evidence.add_one`."""

    measure: str
    chain: str | None
    title: str
    start_year: int
    cost: float
    objective: float
    objective_gain: float
    acc_gain: float
    acc_gain_mean: float
    loss_avoided: float
    loss_avoided_mean: float
    cost_per_loss_avoided: float | None
    spofs_cleared: list[str]
    why: str
    short: dict[int, float]
    rules_broken: list[Told]
    reason: str


class SharedNodeRow(_Row):
    """See `optichain.design.evidence.shared_nodes`."""

    kind: str
    element: str
    title: str
    chains: int
    stopped: list[str]
    losing: list[str]
    lost: float
    lost_by_chain: dict[str, float]


class BaselineRow(_Row):
    """The plan, or what a simpler way of sharing out the same budget comes to.

    ``acc``, ``expected_annual_loss`` and ``loss_avoided`` are with its measures in full effect, ``acc_mean`` and
    ``loss_avoided_mean`` averaged over the years that count, each with what is in effect by then; ``cost`` is new money of the fund over
    all years; ``share_of_plan`` what it improves of what the plan improves, by the plan's objective.
    """

    name: str
    objective: float
    acc: float
    acc_mean: float
    expected_annual_loss: float
    loss_avoided: float
    loss_avoided_mean: float
    avoidable_share: float | None
    cost: float
    chains: int
    spofs: int
    share_of_plan: float | None
    breaches: list[Told]
    choices: list[ChoiceRow]


class FrontierRow(_Row):
    """The best plan under one budget of each planning year; the columns of `optichain.design.explorer.Point`."""

    budget: float = Field(ge=0.0)
    objective: float | None
    bound: float | None
    acc: float | None
    expected_annual_loss: float | None
    acc_after: float | None
    expected_annual_loss_after: float | None
    loss_avoided: float | None
    avoidable_share: float | None
    cost: float | None
    choices: list[ChoiceRow]


class MoneyRow(_Row):
    """What one more unit of money in a year is worth; see `optichain.design.explorer.YearOfMoney`."""

    year: int
    dual: float | None
    difference: float | None
    most: float | None = None
    loss_avoided: float | None
    measures_in: list[str]
    measures_out: list[str]


class NearOptimalRow(_Row):
    """Whether the near-optimal plans have a measure.

    ``standing`` is ``core`` (all have it), ``contested`` (some), ``out`` (none) or ``undecided`` (not settled).
    """

    measure: str
    chain: str | None
    title: str
    planned: bool
    standing: str


class QuotaRow(_Row):
    """See `optichain.design.evidence.quotas`."""

    rule: str
    name: str
    side: str
    value: float
    step: float
    objective: float | None
    price: float | None
    price_least: float | None
    price_most: float | None
    loss_avoided: float | None = None
    measures_in: list[str]
    measures_out: list[str]
    status: Told


class InputRow(_Row):
    """See `optichain.design.evidence.stability.Stability`."""

    table: str
    column: str
    name: str
    assumed: float
    low: float
    high: float
    tested: bool
    flips: bool
    out: list[str]
    into: list[str]


class MeasureRow(_Row):
    """See `optichain.design.evidence.stability.Stability`."""

    measure: str
    chain: str | None
    planned: bool
    funded: float | None
    as_planned: float | None
    flipped_by: list[str]


class StabilityFile(_Row):
    """Decision stability as in a plan file."""

    measures: list[MeasureRow]
    inputs: list[InputRow]
    samples: int
    unsolved: int
    kept: int
    regret_mean: float | None
    regret_worst: float | None
    seed: int


class EvidenceFile(_Row):
    """Evidence as in a plan file; what is null was not asked for."""

    leave_one_out: list[LeaveOneOutRow] | None = None
    add_one: list[AddOneRow] | None = None
    shared_nodes: list[SharedNodeRow] | None = None
    baselines: list[BaselineRow] | None = None
    frontier: list[FrontierRow] | None = None
    value_of_money: list[MoneyRow] | None = None
    near_optimal: list[NearOptimalRow] | None = None
    quotas: list[QuotaRow] | None = None
    stability: StabilityFile | None = None
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)
    impossible: dict[str, Told] = Field(default_factory=dict)


ROWS: dict[str, type[_Row]] = {
    "leave_one_out": LeaveOneOutRow,
    "add_one": AddOneRow,
    "shared_nodes": SharedNodeRow,
    "baselines": BaselineRow,
    "frontier": FrontierRow,
    "value_of_money": MoneyRow,
    "near_optimal": NearOptimalRow,
    "quotas": QuotaRow,
}
"""The frames of evidence by kind, and what a row of each holds."""


def frame_of(kind: type[Row], rows: list[Row]) -> pd.DataFrame:
    """Return the data frame of rows of a file: columns as declared, a number that does not apply NaN."""
    columns = list(kind.model_fields)
    records = [[_cell(getattr(row, name)) for name in columns] for row in rows]
    frame = pd.DataFrame(records, columns=columns)
    for name, field in kind.model_fields.items():
        if field.annotation in (float, float | None):
            frame[name] = frame[name].astype(float)
        elif field.annotation is str and field.metadata:  # a column of plain text would forget what is said
            frame[name] = pd.Series([getattr(row, name) for row in rows], dtype=object)
        elif field.annotation == str | None:
            frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    return frame


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return [one.model_dump() if isinstance(one, BaseModel) else one for one in value]
    return math.nan if value is None else value
