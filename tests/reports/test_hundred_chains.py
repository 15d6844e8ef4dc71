"""A report of a hundred chains: soon enough to wait for, small enough to be mailed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import optichain as oc
from optichain.shipped import locate
from optichain_reports.building.build import build_report
from optichain_reports.model import ReportModel
from optichain_reports.page import render_page

pytestmark = pytest.mark.slow

SECONDS, MEGABYTES = 60.0, 8.0
"""Processor time to work a report out and to write it; size of the file."""


@pytest.fixture(scope="module")
def built() -> tuple[ReportModel, float]:
    """The cheapest measure of every third chain of the shipped hundred, and what it took to work the report out."""
    instance = oc.load(locate("guangdong-100"))
    measures = instance["measures"]
    own = measures[measures["chain"].notna()].sort_values(["chain", "cost_1", "measure"])
    first = own.groupby("chain").first().iloc[::3]
    chosen = pd.DataFrame({"measure": first["measure"].tolist(), "start_year": 2026})
    plan = oc.evaluate(instance, chosen)
    began = time.process_time()
    model = build_report(instance, plan)
    assert len(model.dossiers) == 100
    return model, time.process_time() - began


def page(model: ReportModel) -> bytes:
    return render_page(model).encode()


def document(model: ReportModel) -> bytes:
    pytest.importorskip("docx", reason="writes documents: pip install 'optichain[reports]'")
    from optichain_reports.document import render_document

    return render_document(model)


def workbook(model: ReportModel) -> bytes:
    pytest.importorskip("xlsxwriter", reason="writes workbooks: pip install 'optichain[excel]'")
    from optichain_reports.xlsx import render_workbook

    return render_workbook(model)


def data(model: ReportModel) -> bytes:
    return json.dumps(model.to_json(), ensure_ascii=False, indent=2).encode()


@pytest.mark.parametrize("make", [page, document, workbook, data])
def test_it_takes_a_minute_at_most_and_can_be_mailed(
    built: tuple[ReportModel, float], make: Callable[[Any], bytes]
) -> None:
    model, seconds = built
    began = time.process_time()
    content = make(model)
    assert seconds + time.process_time() - began < SECONDS
    assert len(content) < MEGABYTES * 1e6
