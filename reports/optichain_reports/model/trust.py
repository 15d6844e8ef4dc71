"""What the figures rest on, and what is known to be wrong with them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["AssumptionGroup", "Breach", "Check", "Note", "Provenance", "Submitted", "Unmapped"]


@dataclass(frozen=True)
class Note:
    """An assumption or a warning: the place in the tables and what is said of it."""

    table: str
    row: int | None
    column: str | None
    kind: str
    message: str


@dataclass(frozen=True)
class AssumptionGroup:
    """All assumptions of one kind."""

    kind: str
    count: int
    entries: tuple[Note, ...]


@dataclass(frozen=True)
class Submitted:
    """How many rows of the tables somebody submitted, by grade; `submitted_by` is None where nobody is named."""

    submitted_by: str | None
    measured: int
    stated: int
    guessed: int
    ungraded: int


@dataclass(frozen=True)
class Unmapped:
    """Share of the demanded value, and the money a horizon, that rests on a tier with unknown suppliers."""

    tier: int
    share: float
    value: float


@dataclass(frozen=True)
class Breach:
    """A rule that the plan breaks."""

    rule: str
    message: str


@dataclass(frozen=True)
class Check:
    """A claim of the plan, and what it comes to when worked out again."""

    claim: str
    stated: float | str | None
    recomputed: float | str | None
    ok: bool


@dataclass(frozen=True)
class Provenance:
    """Where the plan comes from; `written` is the date of the report itself."""

    optichain: str | None
    python: str | None
    method: str | None
    solver: str | None
    solver_version: str | None
    seed: int | None
    gap_asked: float | None
    seconds: float | None
    command: str | None
    date: str | None
    instance_digest: str
    plan_digest: str
    report_version: str
    written: str
