"""Assumptions, claims worked out again, and where the plan comes from."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from optichain.errors import Fault
from optichain_reports.building.facts import Facts
from optichain_reports.model import AssumptionGroup, Check, Note, Provenance, Submitted

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.instance.model import Instance

__all__ = ["checks_of", "grouped", "note", "provenance_of", "submitted_of"]

TOLERANCE = 1e-6


def grouped(assumptions: tuple[Fault, ...]) -> tuple[AssumptionGroup, ...]:
    """Group assumptions by their kind, the largest group first."""
    groups: dict[str, list[Note]] = {}
    for fault in assumptions:
        groups.setdefault(fault.code, []).append(note(fault))
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(AssumptionGroup(kind, len(notes), tuple(notes)) for kind, notes in ordered)


def note(fault: Fault) -> Note:
    """Return a fault as a line of the report."""
    return Note(fault.file, fault.row, fault.column, fault.code, fault.message)


def submitted_of(instance: Instance) -> tuple[Submitted, ...]:
    """Count rows by who submitted them and how well they are known; empty where no row says either."""
    counts: dict[str | None, Counter[str | None]] = {}
    for frame in instance.frames.values():
        for who, grade in zip(frame["submitted_by"].tolist(), frame["grade"].tolist(), strict=True):
            counts.setdefault(who, Counter())[grade] += 1
    if not any(who is not None or set(grades) != {None} for who, grades in counts.items()):
        return ()
    ordered = sorted(counts.items(), key=lambda item: (item[0] is None, item[0] or ""))
    return tuple(Submitted(who, n["A"], n["B"], n["C"], n[None]) for who, n in ordered)


def checks_of(instance: Instance, plan: Plan, facts: Facts) -> tuple[Check, ...]:
    """Compare what the plan states with what it comes to."""
    before, after = facts.before, facts.after
    pairs: list[tuple[str, float, float]] = [
        ("acc_before", plan.acc_before, before.acc),
        ("acc_after", plan.acc_after, after.acc),
        ("expected_annual_loss_before", plan.expected_annual_loss_before, before.expected_annual_loss),
        ("expected_annual_loss_after", plan.expected_annual_loss_after, after.expected_annual_loss),
    ]
    checks = [
        Check(
            "instance_digest", plan.instance_digest, instance.digest, plan.instance_digest == instance.digest
        )
    ]
    for claim, stated, found in pairs:
        checks.append(
            Check(claim, stated, found, abs(stated - found) <= TOLERANCE * max(1.0, abs(stated), abs(found)))
        )
    for claim, rows, spofs in (
        ("spofs_before", plan.spofs_before, facts.spofs_before),
        ("spofs_after", plan.spofs_after, facts.spofs_after),
    ):
        stated_set = {(r["demand"], r["site"], r["kind"], r["element"]) for r in rows}
        checks.append(Check(claim, len(stated_set), len(spofs), stated_set == spofs))
    return tuple(checks)


def provenance_of(instance: Instance, plan: Plan, written: str | None) -> Provenance:
    """Return versions, method and digests; a figure that the plan does not give, or not as a number, is None.

    Evidence is about a plan and no part of it: two plans that differ in it alone have one digest.
    """
    given = plan.provenance
    stated = plan.to_json()
    content = json.dumps(
        {k: v for k, v in stated.items() if k not in ("provenance", "evidence", "sentences")},
        sort_keys=True,
        ensure_ascii=False,
    )

    def text(key: str) -> str | None:
        return None if given.get(key) is None else str(given[key])

    def number(key: str) -> Any:
        value = given.get(key)
        return value if isinstance(value, (int, float)) and math.isfinite(value) else None

    return Provenance(
        optichain=text("optichain"),
        python=text("python"),
        method=text("method"),
        solver=text("solver"),
        solver_version=text("solver_version"),
        seed=number("seed"),
        gap_asked=number("gap_asked"),
        seconds=number("seconds"),
        command=text("command"),
        date=text("date"),
        instance_digest=instance.digest,
        plan_digest=hashlib.sha256(content.encode()).hexdigest(),
        report_version=_version(),
        written=time.strftime("%Y-%m-%dT%H:%M:%S%z") if written is None else written,
    )


def _version() -> str:
    try:
        return version("optichain")
    except PackageNotFoundError:
        return "not installed"
