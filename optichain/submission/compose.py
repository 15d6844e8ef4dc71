"""From a filled workbook to an instance; what is wrong with the whole points to the cell that it came from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from optichain.errors import Fault, InstanceError
from optichain.estimates import item_requirements
from optichain.instance.model import Instance
from optichain.instance.raw import quoted
from optichain.nearest import nearest_hint
from optichain.submission.form import WEEKS_A_MONTH, WEEKS_A_YEAR
from optichain.submission.read_form import Filled

__all__ = ["compose"]

Cells = dict[str, Any]
_IN_FORM = {
    "recovery_time": "recovery_weeks",
    "switch_time": "months_to_switch",
    "capacity": "annual_capacity",
    "cover": "weeks_of_cover",
    "input": "item",
    "source": "item",
    "target": "item",
    "rate": "annual_demand",
    "value": "unit_value",
    "enterprise": "enterprise",
}
"""Columns of the instance's tables that are called otherwise in the workbook."""


@dataclass
class _Draft:
    """Tables in the making, and the sheet and position that each of their rows comes from."""

    filled: Filled
    tables: dict[str, list[Cells]] = field(default_factory=dict)
    origins: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def add(self, table: str, origin: tuple[str, int], **cells: Any) -> None:
        """Add a row, with who says so."""
        sheet, position = origin
        grade, note = "B", None
        if sheet != "chain":
            frame = self.filled.frames[sheet]
            grade, note = frame["grade"][position] or "B", frame["note"][position]
        cells |= {"submitted_by": self.filled.chain["submitted_by"], "grade": grade, "note": note}
        self.tables.setdefault(table, []).append(cells)
        self.origins.setdefault(table, []).append(origin)

    def fault(
        self, origin: tuple[str, int], column: str, code: str, message: str, hint: str | None = None
    ) -> None:
        """Note what is wrong with a cell of the workbook."""
        self.faults.append(self.filled.fault(*origin, column, code, message, hint))


def compose(filled: Filled) -> Instance:
    """Return the instance that a workbook says.

    Times are weeks. Every row has `submitted_by` and a grade, B where the workbook gives none.

    Raises
    ------
    InstanceError
        With the cell of everything that is wrong.
    """
    draft = _Draft(filled)
    _add_chain(draft)
    _add_items(draft)
    _add_suppliers(draft)
    if draft.faults:
        raise InstanceError(draft.faults, what="The workbook")
    network = _checked(draft)
    _add_measures(draft, network)
    if draft.faults:
        raise InstanceError(draft.faults, what="The workbook")
    return _checked(draft)


def _checked(draft: _Draft) -> Instance:
    """Check what there is so far; faults of tables are placed in the workbook."""
    chain = draft.filled.chain
    title = chain["title"] or chain["title_zh"] or chain["chain"]
    settings = {"name": chain["chain"], "title": title, "time_unit": "week", "currency": chain["currency"]}
    frames = {name: pd.DataFrame(rows) for name, rows in draft.tables.items()}
    try:
        return Instance.from_frames(frames, settings)
    except InstanceError as error:
        faults = [_placed(draft, fault) for fault in error.faults()]
    raise InstanceError(faults, what="The workbook")


def _placed(draft: _Draft, fault: Fault) -> Fault:
    """Return a fault of a table as one of the cell that its row comes from."""
    origins = draft.origins.get(fault.file)
    if origins is None or fault.row is None or not 0 <= fault.row - 2 < len(origins):
        return fault
    sheet, position = origins[fault.row - 2]
    known = draft.filled.chain if sheet == "chain" else draft.filled.frames[sheet].columns
    column = fault.column or ""
    if column not in known:
        column = _IN_FORM.get(column, column)
    if column not in known:
        column = "chain" if sheet == "chain" else draft.filled.frames[sheet].columns[0]
    return draft.filled.fault(sheet, position, column, fault.code, fault.message, fault.hint)


def _given(cells: Any) -> Cells:
    """Return a row as a dict, blank cells as ``None``."""
    return {
        name: None if isinstance(cell, float) and math.isnan(cell) else cell
        for name, cell in cells._asdict().items()
    }


def _rows(draft: _Draft, sheet: str) -> list[tuple[tuple[str, int], Cells]]:
    frame = draft.filled.frames[sheet]
    return [((sheet, k), _given(row)) for k, row in enumerate(frame.itertuples(index=False))]


def _add_chain(draft: _Draft) -> None:
    chain, here = draft.filled.chain, ("chain", 0)
    draft.add(
        "chains",
        here,
        **{name: chain[name] for name in ("chain", "title", "title_zh", "cluster", "region")},
    )
    draft.add(
        "chain_owners",
        here,
        chain=chain["chain"],
        enterprise=chain["owner"],
        x_enterprise_code=chain["owner_code"],
    )
    draft.add(
        "items",
        here,
        item=chain["product"],
        title_zh=chain["product_zh"],
        chain=chain["chain"],
        unit=chain["unit"],
    )
    draft.add(
        "demands",
        here,
        item=chain["product"],
        chain=chain["chain"],
        rate=chain["annual_demand"] / WEEKS_A_YEAR,
        value=chain["unit_value"],
    )


def _add_items(draft: _Draft) -> None:
    """Add items, what they go into, what stands in for them, and what is held of them."""
    product = draft.filled.chain["product"]
    rows = _rows(draft, "items")
    names = {product, *(row["item"] for _, row in rows)}
    replaced = {(row["used_in"] or product, row["instead_of"]) for _, row in rows if row["instead_of"]}
    used = {(row["used_in"] or product, row["item"]) for _, row in rows}
    seen: set[str] = {product}
    for here, row in rows:
        item, user, other = row["item"], row["used_in"] or product, row["instead_of"]
        if item == product:
            draft.fault(here, "item", "duplicate-key", f"{quoted(item)} is the product: it has no row here")
            continue
        for column, name in (("used_in", user), ("instead_of", other)):
            if name is not None and name not in names:
                text = f"found {quoted(name)}, which is no item of this workbook"
                draft.fault(here, column, "dangling-reference", text, nearest_hint(name, names))
        if other in names and (user, other) not in used:
            text = f"{quoted(other)} is not used in {quoted(user)}, so nothing can stand in for it there"
            draft.fault(here, "instead_of", "dangling-reference", text, "name the same used_in")
        if item not in seen:
            seen.add(item)
            draft.add(
                "items",
                here,
                item=item,
                title_zh=row["title_zh"],
                chain=draft.filled.chain["chain"],
                unit=row["unit"],
                mapped=row["mapped"],
            )
            if row["weeks_of_cover"] is not None:
                draft.add("stocks", here, item=item, cover=row["weeks_of_cover"])
        place = other or (item if (user, item) in replaced else None)
        draft.add(
            "bom",
            here,
            item=user,
            input=item,
            requirement=place,
            quantity=row["quantity"],
            status=row["status"],
            switch_time=row["months_to_switch"] * WEEKS_A_MONTH,
        )


def _add_suppliers(draft: _Draft) -> None:
    """Add sites and sources; whatever is used must have one."""
    facts: dict[str, tuple[tuple[str, int], Cells]] = {}
    rows = _rows(draft, "suppliers")
    for here, row in rows:
        site = row["site"] or row["enterprise"]
        said: Cells = {
            "enterprise": row["enterprise"],
            "region": row["region"],
            "country": row["country"],
            "recovery_time": row["recovery_weeks"],
            "annual_probability": row["annual_probability"],
            "groups": row["groups"],
            "x_enterprise_code": row["enterprise_code"],
        }
        first = facts.setdefault(site, (here, said))[1]
        for name, value in said.items():
            if first[name] is None:
                first[name] = value
            elif value is not None and value != first[name]:
                column = {"recovery_time": "recovery_weeks", "x_enterprise_code": "enterprise_code"}.get(
                    name, name
                )
                number = draft.filled.rows["suppliers"][facts[site][0][1]]
                text = f"found {quoted(value)}, but row {number} says {quoted(first[name])} of the same plant {quoted(site)}"
                draft.fault(here, column, "conflicting-value", text, "keep one, or give the plants two names")
    for site, (here, said) in facts.items():
        draft.add("sites", here, site=site, **said)
    for here, row in rows:
        draft.add(
            "sources",
            here,
            site=row["site"] or row["enterprise"],
            item=row["item"],
            capacity=None if row["annual_capacity"] is None else row["annual_capacity"] / WEEKS_A_YEAR,
            share=None if row["share"] is None else row["share"] / 100.0,
            status=row["status"],
            switch_time=row["months_to_switch"] * WEEKS_A_MONTH,
            own_ip=row["own_ip"],
        )
    supplied = {row["item"] for _, row in rows}
    hint = "add a row to the sheet of suppliers; where nobody knows, write unknown and grade C"
    product = draft.filled.chain["product"]
    if product not in supplied:
        draft.fault(("chain", 0), "product", "no-source", f"nobody makes the product {quoted(product)}", hint)
    for k, item in enumerate(draft.filled.frames["items"]["item"]):
        if item not in supplied:
            supplied.add(item)
            draft.fault(("items", k), "item", "no-source", f"nobody supplies {quoted(item)}", hint)


def _add_measures(draft: _Draft, network: Instance) -> None:
    """Add measures, from their first rows, and what each row does."""
    chain = draft.filled.chain["chain"]
    need = item_requirements(network)
    seen: set[str] = set()
    for here, row in _rows(draft, "measures"):
        name = row["measure"]
        if name not in seen:
            seen.add(name)
            for column in ("cost_1",):
                if row[column] is None:
                    text = f"the first row of {quoted(name)} has no cost"
                    draft.fault(here, column, "missing-value", text, "write 0 where it costs nothing")
            columns = ("title", "title_zh", "kind", "owner", "indicator", "cost_1", "cost_2", "cost_3")
            more = ("co_funding", "lead_time", "max_units")
            draft.add("measures", here, measure=name, chain=chain, **{c: row[c] for c in (*columns, *more)})
        target, fault = _target(draft, row, network)
        if fault is not None:
            draft.fault(here, *fault)
            continue
        amount = row["amount"]
        if amount is not None:
            amount *= _scale(row, need)
        draft.add("effects", here, measure=name, effect=row["effect"], target=target, amount=amount)


def _scale(row: Cells, need: Mapping[str, float] | pd.Series) -> float:
    """Return what one unit of an amount in the workbook is in the instance."""
    effect = row["effect"]
    if effect == "stockpile":
        return float(need[row["item"]])
    return {"expand": 1.0 / WEEKS_A_YEAR, "harden": 0.01}.get(effect, 1.0)


def _target(
    draft: _Draft, row: Cells, network: Instance
) -> tuple[str, tuple[str, str, str, str | None] | None]:
    """Return the target of an effect; or the column, code, message and hint of what is wrong."""
    effect, item, site = row["effect"], row["item"], row["site"]
    items, sites = network["items"]["item"].tolist(), network["sites"]["site"].tolist()
    for column, name, known in (("item", item, items), ("site", site, sites)):
        if name is not None and name not in known:
            text = f"found {quoted(name)}, which is no {column} of this workbook"
            return "", (column, "dangling-reference", text, nearest_hint(name, known))
    if effect == "stockpile":
        if item is None:
            return "", ("item", "missing-value", "a stock of what?", "name the item")
        return item, None
    if item is not None and site is not None:
        return f"{site}:{item}", None
    if site is not None and effect in ("harden", "recover", "expand"):
        return f"site:{site}", None
    if item is not None and effect in ("qualify", "switch"):
        users = [user for user, used in _substitutes(draft) if used == item]
        if users:
            return f"{users[0]}>{item}", None
    if item is not None and effect in ("harden", "recover"):
        return f"item:{item}", None
    if effect == "switch" and item is None and site is None:
        return f"chain:{draft.filled.chain['chain']}", None
    text = f"{effect} needs to know at which plant" if item is not None else f"{effect} of what?"
    column = "site" if item is not None else "item"
    return "", (column, "missing-value", text, "fill in item and site")


def _substitutes(draft: _Draft) -> list[tuple[str, str]]:
    """Return what each substitute is used in."""
    product = draft.filled.chain["product"]
    return [(row["used_in"] or product, row["item"]) for _, row in _rows(draft, "items") if row["instead_of"]]
