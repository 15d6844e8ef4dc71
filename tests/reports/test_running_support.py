"""Support that an earlier plan has begun: it works and is supported, though no row of ``running`` tells of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import optichain as oc
from optichain.errors import PlanError
from optichain_reports.building.build import build_report
from optichain_reports.model import ReportModel

LATER = (2027, 2028, 2029)


@pytest.fixture(scope="module")
def replanned(bare: tuple[Any, Any]) -> tuple[Any, Any]:
    """The quickstart a year later: the second forge has begun in 2026, and the seals are ruled out."""
    instance, plan = bare
    planning = instance.settings.planning.model_copy(update={"years": LATER})
    later = replace(instance, settings=instance.settings.model_copy(update={"planning": planning}))
    return later, oc.reinforce(later, previous=plan, forbid=["seal-stock"])


@pytest.fixture(scope="module")
def told(replanned: tuple[Any, Any]) -> ReportModel:
    return build_report(*replanned)


def test_what_has_begun_confirms_the_plan(replanned: tuple[Any, Any], told: ReportModel) -> None:
    _, plan = replanned
    assert [m for m, _, _ in plan.wishes["started"]] == ["second-forge"]
    assert plan.acc_after > plan.acc_before
    assert all(check.ok for check in told.checks)
    assert told.summary.acc_after == pytest.approx(plan.acc_after)


def test_a_chain_whose_support_has_begun_is_supported(told: ReportModel) -> None:
    rows = [row for row in told.support if row.chain == "valves"]
    assert [(row.start_year, row.measures) for row in rows] == [(2026, 1)]
    assert "valves" not in {row.chain for row in told.left_out}


def test_what_has_begun_is_no_longer_on_offer(told: ReportModel) -> None:
    valves = next(d for d in told.dossiers if d.chain == "valves")
    assert "second-forge" not in {r.measure.name for r in valves.rejected}
    body = next(s for s in valves.items if s.item.name == "body")
    assert (body.funded, body.state, body.offered) == (1, "funded", ())


def test_what_has_begun_must_be_in_the_instance(replanned: tuple[Any, Any]) -> None:
    instance, plan = replanned
    strange = replace(plan, wishes={**plan.wishes, "started": [["third-forge", 1.0, 2026]]})
    for use in (lambda: build_report(instance, strange), lambda: oc.find_spofs(instance, plan=strange)):
        with pytest.raises(PlanError, match="third-forge"):
            use()
