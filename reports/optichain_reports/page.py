"""The report model as one HTML page."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from contextlib import nullcontext
from functools import partial
from typing import Any

from markupsafe import Markup, escape

from optichain.errors import UsageError
from optichain_reports.drawing.gallery import gallery
from optichain_reports.drawing.network import lay_out
from optichain_reports.drawing.palette import PAGE
from optichain_reports.drawing.render import to_svg
from optichain_reports.housestyle import HouseStyle
from optichain_reports.model import Heading, ReportModel
from optichain_reports.templating import asset, environment, name
from optichain_reports.wording.answer import answer, answer_for_chain
from optichain_reports.wording.effects import effect_phrase
from optichain_reports.wording.lists import Lists
from optichain_reports.wording.outline import heading_of, sections_of
from optichain_reports.wording.placed import Number, Placed
from optichain_reports.wording.prose import losses_measured
from optichain_reports.wording.sheet import Cell, said_cell
from optichain_reports.wording.supporting import (
    answered,
    gained,
    input_name,
    quota_bound,
    quota_name,
    said_of,
    verdict,
    why_not,
)
from optichain_reports.wording.telling import told
from optichain_reports.wording.writer import Writer

__all__ = ["marking_writer", "render_lists", "render_page"]

SCRIPTS = 2
"""Elements ``script`` of a page: its texts, and its program."""
_LOADING = re.compile(r"<(?:script|link|img|iframe|object|embed|base|style)\b", re.IGNORECASE)
_COMMANDS = re.compile(r"<meta[^>]+http-equiv", re.IGNORECASE)
WIDE, NARROW = 860, 340
"""Widths in pixels of the two drawings of each chart: beside a text, and on a phone."""
MOST_LISTED, MOST_IMPACTS = 300, 8
"""Events and assumptions of a kind that the page lists, and events of one dossier; the workbook and the JSON have all."""


def render_page(model: ReportModel, *, house: HouseStyle | None = None) -> str:
    """Return the page: one file, which loads nothing and runs no script but its own.

    Raises
    ------
    UsageError
        A template of the house style is faulty, or leaves out what forbids the page to load and run anything else.
    """
    templates = environment() if house is None else house.environment()
    report = Placed(told(model))
    plain = Writer(model.heading)
    writer = marking_writer(model.heading)
    own = environment()
    script, style = (asset(own, file) for file in ("report.js", "report.css"))
    if house is not None:
        style += Markup(f"\n{house.style}")
    policy = _policy(script)
    values: dict[str, Any] = {
        "report": report,
        "w": writer,
        "t": writer.text,
        "plain": plain,
        "heading": heading_of(report),
        "sections": sections_of(model),
        "answer": answer(report, writer) if model.chain is None else answer_for_chain(report, writer),
        "effect": partial(_effect, writer),
        "verdict": verdict(report, writer),
        "said_of": lambda section: said_of(section, report, writer),
        "why_not": lambda row: why_not(row, writer),
        "quota_name": lambda quota: quota_name(quota, plain),
        "quota_bound": lambda quota: quota_bound(quota, writer),
        "gained": lambda price: gained(price, report.summary.objective_name, writer),
        "losses_measured": lambda measured: losses_measured(measured, writer),
        "answered": lambda status: answered(status, writer),
        "input_name": input_name,
        "charts": _charts(report, plain),
        "nearest": _nearest(model),
        "most_listed": MOST_LISTED,
        "dossiers": _dossiers(report, plain),
        "script": script,
        "style": style,
        "network_style": asset(own, "network.css"),
        "standalone": False,
        "policy": policy,
    }
    with nullcontext() if house is None else house.told():
        page = templates.get_template("report.html").render(values)
    if house is not None:
        _insist(page, policy)
    return page


def _insist(page: str, policy: str) -> None:
    """Refuse a page that may load or run what it likes: a house style can leave the policy out, or put it too late."""
    stated = page.find(f'content="{escape(policy)}"')
    first = min((found.start() for found in _LOADING.finditer(page)), default=len(page))
    if not 0 <= stated < first or page.count("<script") > SCRIPTS or len(_COMMANDS.findall(page)) > 1:
        raise UsageError(
            "the house style: a template leaves out the content security policy, states it too late, or adds a script "
            "or a refresh; keep the head of our frame.html"
        )


def _nearest(model: ReportModel) -> int:
    """Return the point of the frontier whose budget is nearest to what this plan may spend in a planning year."""
    if not model.frontier or not model.money:
        return 0
    planning = {year.year for year in model.progress if year.planning}
    budgets = [year.budget for year in model.money if year.year in planning] or [model.money[0].budget]
    mean = sum(budgets) / len(budgets)
    return min(range(len(model.frontier)), key=lambda i: abs(model.frontier[i].budget - mean))


def marking_writer(heading: Heading) -> Writer:
    """Return a writer that keeps each number beside its text, and escapes what it fills in."""
    return Writer(heading, mark=_mark, fill=_fill)


def render_lists(lists: Lists) -> str:
    """Return a document of sentences and lists as a page like that of a report."""
    templates, writer, plain = environment(), marking_writer(lists.heading), Writer(lists.heading)
    script, style = (asset(templates, file) for file in ("report.js", "report.css"))

    def say(cell: Cell, kind: str) -> str:
        if isinstance(cell, Number):
            return said_cell(cell, kind, writer) if cell.known else ""
        return name(cell) if cell else ""

    return templates.get_template("lists.html").render(
        lists=lists,
        w=writer,
        t=writer.text,
        plain=plain,
        say=say,
        shown=lambda sheet: [i for i, column in enumerate(sheet.columns) if column.brief],
        script=script,
        style=style,
        policy=_policy(script),
        charts={},
        report=None,
    )


def _policy(script: str) -> str:
    """Return what the page may do: run this one script, use the styles it brings, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"


def _mark(number: Number, text: str) -> Markup:
    value = "" if number.value is None else json.dumps(number.value)
    return Markup('<data value="{}" data-at="{}">{}</data>').format(value, number.at, text)


def _fill(text: str, **blanks: object) -> Markup:
    return Markup(escape(text)).format(**blanks)


def _effect(writer: Writer, line: Any) -> str:
    return effect_phrase(line, name(line.target), None if line.site is None else name(line.site), writer)


def _charts(report: Placed, plain: Writer) -> dict[str, dict[str, Markup]]:
    """Return each chart that has something to show, wide and narrow."""
    sizes = (("wide", WIDE), ("narrow", NARROW))
    return {
        key: {size: Markup(to_svg(chart(PAGE, width))) for size, width in sizes}
        for key, chart in gallery(report, plain).items()
    }


def _dossiers(report: Placed, plain: Writer) -> list[dict[str, Any]]:
    """Return all that the page shows of each chain: rows of the lists of the report, and the layout of its picture."""
    chains = {chain.chain: chain for chain in report.chains}
    funded: dict[str | None, list[Any]] = {}
    impacts: dict[str, list[Any]] = {}
    for measure in report.funded:
        funded.setdefault(measure.chain, []).append(measure)
    for impact in report.impacts:
        impacts.setdefault(impact.chain, []).append(impact)
    bought = {row.measure.name: row for row in report.evidence.bought}
    made = []
    for dossier, picture in zip(report.dossiers, report.pictures, strict=True):
        shared = set(dossier.shared)
        felt = impacts.get(dossier.chain, [])
        made.append(
            {
                "dossier": dossier,
                "chain": chains[dossier.chain],
                "picture": picture,
                "layout": lay_out(picture.raw, plain),
                "funded": funded.get(dossier.chain, [])
                + [m for m in funded.get(None, []) if m.measure in shared],
                "bought": bought,
                "impacts": felt[:MOST_IMPACTS],
                "impacts_omitted": len(felt) - MOST_IMPACTS if len(felt) > MOST_IMPACTS else 0,
            }
        )
    return made
