"""Filled workbooks of chain owners, and mutations that stay close to what a person would write in them."""

from __future__ import annotations

import copy
import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import optichain as oc
from fuzzing.books import Sheets, mutate_book, odd_cell, sheets_of, write_book
from fuzzing.mutations import mutate_rows, times
from fuzzing.values import text
from optichain.instance.schema import Column
from optichain.merging.decisions import ANSWERS, write_decisions
from optichain.merging.merge import Merged
from optichain.submission.form import CHAIN, FORM
from optichain.submission.prefill import prefill
from optichain.submission.words import WORDS, spoken
from optichain.submission.write_form import write_form

Rows = list[dict[str, Any]]

NORTH: tuple[dict[str, Any], dict[str, Rows]] = (
    {
        "chain": "pumps", "title": "Pumps", "title_zh": "水泵", "cluster": "machines", "region": "Foshan",
        "owner": "North Pumps Ltd", "owner_code": "91440000A", "submitted_by": "Office of North Pumps", "product": "pump",
        "product_zh": "泵", "unit": "pc", "annual_demand": 520, "unit_value": 0.5, "currency": "CNY million",
    },
    {
        "items": [
            {"item": "casting", "title_zh": "铸件", "unit": "pc", "quantity": 2, "weeks_of_cover": 3, "mapped": True},
            {"item": "forging", "quantity": 2, "instead_of": "casting", "status": "potential", "months_to_switch": 6},
            {"item": "iron", "unit": "kg", "used_in": "casting", "quantity": 12.5, "mapped": False, "grade": "C"},
            {"item": "iron", "used_in": "forging", "quantity": 11},
            {"item": "seal", "unit": "pc", "quantity": 4, "weeks_of_cover": 1.5, "note": "as of June"},
            {"item": "gasket", "quantity": 5, "instead_of": "seal", "status": "qualified", "months_to_switch": 1},
        ],
        "suppliers": [
            {"item": "pump", "enterprise": "North Pumps Ltd", "enterprise_code": "91440000A", "site": "works",
             "region": "Foshan", "country": "China", "annual_capacity": 600, "recovery_weeks": 12},
            {"item": "casting", "enterprise": "River Castings Ltd", "enterprise_code": "91440000B", "country": "China",
             "share": 80, "recovery_weeks": 20, "annual_probability": 0.05, "own_ip": "yes", "groups": "river; grid",
             "grade": "A"},
            {"item": "casting", "enterprise": "Hill Castings", "share": 20, "status": "potential", "months_to_switch": 3},
            {"item": "forging", "enterprise": "Forge", "annual_capacity": 1040, "own_ip": "not_applicable"},
            {"item": "iron", "enterprise": "unknown", "grade": "C", "note": "from a catalogue"},
            {"item": "seal", "enterprise": "Seals", "site": "Seals A", "region": "Qingyuan", "share": 60},
            {"item": "seal", "enterprise": "Seals", "site": "Seals B", "region": "Foshan", "share": 40, "status": "qualified"},
            {"item": "gasket", "enterprise": "Seals", "site": "Seals B", "annual_capacity": "unlimited"},
        ],
        "measures": [
            {"measure": "hill", "title": "Qualify Hill", "title_zh": "认证", "kind": "second_source", "effect": "qualify",
             "item": "casting", "site": "Hill Castings", "cost_1": 3, "cost_2": 1, "lead_time": 1, "owner": "North Pumps Ltd"},
            {"measure": "forging", "kind": "substitute", "effect": "qualify", "item": "forging", "cost_1": 2},
            {"measure": "stock", "title_zh": "库存", "effect": "stockpile", "item": "casting", "amount": 2, "cost_1": 1,
             "max_units": 3, "co_funding": 0.5, "indicator": "weeks held"},
            {"measure": "hall", "effect": "harden", "site": "works", "amount": 40, "cost_1": 1.5},
            {"measure": "hall", "effect": "recover", "site": "works", "amount": 2},
            {"measure": "line", "effect": "expand", "item": "seal", "site": "Seals A", "amount": 300, "cost_1": 2},
            {"measure": "spares", "effect": "recover", "site": "River Castings Ltd", "amount": 6, "cost_1": 0.4},
            {"measure": "twin", "kind": "digital", "effect": "switch", "amount": 4, "cost_1": 1, "cost_3": 0.2},
            {"measure": "patent", "effect": "own_ip", "item": "seal", "site": "Seals A", "cost_1": 0.7, "grade": "B"},
        ],
    },
)  # fmt: skip
SOUTH: tuple[dict[str, Any], dict[str, Rows]] = (
    {
        "chain": "fans", "title_zh": "风机", "owner": "South Fans", "submitted_by": "South Fans", "product": "fan",
        "annual_demand": 208, "unit_value": 1.25, "currency": "CNY million",
    },
    {
        "items": [
            {"item": "casting", "unit": "kg", "quantity": 1, "weeks_of_cover": 5},
            {"item": "castings", "quantity": 1},
            {"item": "seal", "quantity": 2, "used_in": "castings", "grade": "A"},
        ],
        "suppliers": [
            {"item": "fan", "enterprise": "South Fans", "share": 100},
            {"item": "casting", "enterprise": "Beijiang Foundry", "enterprise_code": " 91440000b", "site": "River Castings Ltd",
             "region": "Qingyuan", "recovery_weeks": 26, "share": 50, "grade": "C"},
            {"item": "castings", "enterprise": "Hill Casting", "annual_capacity": 100},
            {"item": "seal", "enterprise": "Seals", "site": "Seals A", "region": "Zhaoqing", "annual_capacity": 900},
        ],
        "measures": [
            {"measure": "hill", "effect": "expand", "item": "castings", "site": "Hill Casting", "amount": 50, "cost_1": 1},
        ],
    },
)  # fmt: skip
SHEETS = {CHAIN.title: CHAIN, **{form.title: form for form in FORM.values()}}
NUMBERS = (
    0,
    1,
    2,
    0.5,
    3.25,
    12,
    52,
    99.9,
    100,
    400,
    1e-3,
    1e6,
    1e12,
    1e15,
    1e-30,
    "2",
    "0.5",
    "1e3",
    "unlimited",
)


def write_forms(place: Path) -> dict[str, bytes]:
    """Write the two workbooks, of which both are taken in; return them by their names."""
    for name, (head, rows) in (("north.xlsx", NORTH), ("south.xlsx", SOUTH)):
        write_form(place / name, chain=head, rows=rows)
    return {name: (place / name).read_bytes() for name in ("north.xlsx", "south.xlsx")}


def mutate_form(rng: Random, content: bytes) -> bytes:
    """Mutate a filled workbook, mostly in one cell, to what could stand there."""
    if rng.random() < 0.15:
        return mutate_book(rng, content)
    sheets = sheets_of(content)
    for _ in times(rng):
        title = rng.choice([*SHEETS])
        rows, draw = sheets[title], rng.random()
        if draw < 0.6 and len(rows) > 1:
            _fitting_cell(rng, sheets, title)
        elif draw < 0.72:
            odd_cell(rng, rows)
        else:
            sheets[title] = mutate_rows(rng, rows) if rows else [[text(rng)]]
    return write_book(sheets)


def _fitting_cell(rng: Random, sheets: Sheets, title: str) -> None:
    """Write what fits a column into one of its cells, or what fits another."""
    form, rows = SHEETS[title], sheets[title]
    r = rng.randrange(1, len(rows))
    if form is CHAIN:
        name, c = str(rows[r][0]) if rows[r] else "", 2
    else:
        c = rng.randrange(max(1, len(rows[0])))
        name = str(rows[0][c]).partition(" ")[0] if c < len(rows[0]) else ""
    column = next((column for column in form.table.columns if column.name == name), None)
    rows[r] += [""] * (c + 1 - len(rows[r]))
    rows[r][c] = copy.copy(_fitting(rng, sheets, column))


def _fitting(rng: Random, sheets: Sheets, column: Column | None) -> Any:
    draw = rng.random()
    if draw < 0.15:
        return ""
    if column is None or draw < 0.25:
        return text(rng)
    if column.type in ("choice", "boolean"):
        word = rng.choice(column.choices or ("true", "false"))
        return rng.choice((word, spoken(word), WORDS.get(word, word), word.title()))
    if not column.is_text:
        return rng.choice(NUMBERS)
    other = [cell for rows in sheets.values() for row in rows for cell in row if cell != ""]
    return rng.choice(other) if other and draw < 0.8 else text(rng)


def answered(rng: Random, decisions: bytes) -> bytes:
    """Answer some of the questions, mostly with what may be answered."""
    rows = list(csv.DictReader(io.StringIO(decisions.decode("utf-8"))))
    share = rng.choice((0.1, 0.5, 1.0))
    for row in rows:
        if rng.random() < share:
            fitting = [word for word in ANSWERS[row["ask"]] if word != "sum" or row["first"].isdigit()]
            row["decision"] = rng.choice(fitting)
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode("utf-8")


def write_again(instance: oc.Instance, path: Path) -> oc.Instance | None:
    """Write what a workbook said into another, and read that; none where the workbook has no place for all of it."""
    head, rows, left = prefill(instance, instance["chains"]["chain"][0])
    if left:
        return None
    head["submitted_by"] = instance["chains"]["submitted_by"][0]
    write_form(path, chain=head, rows=rows)
    return oc.read_submission(path)


COMPARED = {
    "chains": ["chain", "title_zh", "cluster", "region"],
    "chain_owners": ["chain", "enterprise", "x_enterprise_code"],
    "items": ["item", "title_zh", "unit", "mapped"],
    "sites": ["site", "enterprise", "region", "country", "recovery_time", "annual_probability", "groups",
              "x_enterprise_code"],
    "sources": ["site", "item", "capacity", "share", "status", "switch_time", "own_ip"],
    "bom": ["item", "input", "quantity", "status", "switch_time"],
    "stocks": ["item", "cover"],
    "demands": ["item", "rate", "value"],
    "measures": ["measure", "title", "title_zh", "kind", "owner", "indicator", "cost_1", "cost_2", "cost_3",
                 "co_funding", "lead_time", "max_units"],
    "effects": ["measure", "effect", "target", "amount"],
}  # fmt: skip


def tell_the_same(first: oc.Instance, second: oc.Instance | None) -> None:
    """Insist that two instances tell the same, to within what units round."""
    for table, columns in COMPARED.items() if second is not None else ():
        one, other = (_records(instance, table, columns) for instance in (first, second))
        assert len(one) == len(other), f"{table}: {len(one)} rows became {len(other)}"
        for a, b in zip(one, other, strict=True):
            for column in columns:
                assert _same(a[column], b[column]), f"{table}.{column}: {a[column]!r} became {b[column]!r}"


def _records(instance: oc.Instance, table: str, columns: list[str]) -> list[dict[str, Any]]:
    rows = instance[table].reindex(columns=columns).to_dict("records")
    return sorted(rows, key=lambda row: [str(row[column]) for column in columns[:3]])


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return a == b or abs(a - b) <= 1e-9 * max(abs(a), abs(b)) or (a != a and b != b)
    return bool(a == b) or (a is None and b is None)


def ask_no_more(merged: Merged, paths: Sequence[Path], place: Path) -> None:
    """Answer every open question with what holds meanwhile: the same instance comes of it, and nothing is asked again."""
    decided = [replace(q, decision=q.decision or q.kept) for q in merged.questions]
    place.write_text("\ufeff" + write_decisions(decided), encoding="utf-8")
    again = oc.merge(list(paths), decisions=place)
    assert not again.undecided, f"asked again: {again.undecided[0]}"
    tell_the_same(merged.instance, again.instance)
