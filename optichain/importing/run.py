"""The whole import: map and extracts in, an instance, its rejections and remarks out."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from optichain.errors import Fault, UsageError
from optichain.importing.assemble import Extracted, assemble
from optichain.importing.bill import read_bill
from optichain.importing.circles import drop_circles
from optichain.importing.extracts import read_extract
from optichain.importing.fields import CodeBook, Fields
from optichain.importing.flows import Wanted, read_demand, read_orders, read_stock
from optichain.importing.ledger import Ledger, Refusal, Row
from optichain.importing.mapping import ExtractMap, ImportMap, MapError
from optichain.importing.money import Rates, read_rates
from optichain.importing.read_map import read_map
from optichain.importing.read_suppliers import read_suppliers
from optichain.importing.supply import Supply
from optichain.importing.units import Units
from optichain.instance.model import Instance
from optichain.notebook import facts_html, table_html
from optichain.storage.spreadsheet import shielded

__all__ = ["Imported", "import_extracts"]

AnyPath = str | os.PathLike[str]


@dataclass(frozen=True, eq=False)
class Imported:
    """What an import gives.

    Attributes
    ----------
    instance : Instance
        Checked; rows that rest on an estimate have the grade C and say so in their note.
    rejected : DataFrame
        Rows that were not used: extract, file, row, code, column, reason, hint, cells.
    remarks : tuple of Fault
        Of rows that were used: contradictions, and which value was kept.
    rows : dict
        By extract: file, read_as, rows, used, rejected. Rows are used or rejected; none is lost.
    head_offices : tuple of str
        Sites of which only a head office is known.
    """

    instance: Instance
    rejected: pd.DataFrame
    remarks: tuple[Fault, ...]
    rows: Mapping[str, Mapping[str, object]]
    head_offices: tuple[str, ...]

    def _repr_html_(self) -> str:
        """Show the outcome in a notebook."""
        rows = [
            (kind, *(f"{count[name]:,}" for name in ("rows", "used", "rejected")))
            for kind, count in self.rows.items()
        ]
        why = [(code, f"{count:,}") for code, count in self.rejected["code"].value_counts().items()]
        said = [(remark.where, remark.row, remark.column, remark.message) for remark in self.remarks]
        return (
            facts_html("Import", [("sites of which only a head office is known", len(self.head_offices))])
            + table_html("Rows", ("extract", "in", "used", "rejected"), rows)
            + table_html("Rejected", ("why", "rows"), why)
            + table_html("Remarks", ("file", "row", "column", "what"), said)
        )

    def rejected_csv(self) -> str:
        """Return the rejected rows as CSV, for a file that goes back to whoever made the extract.

        A spreadsheet opens it as text: no cell begins like a formula.
        """
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(self.rejected.columns)
        writer.writerows(
            [shielded(str(cell)) for cell in row] for row in self.rejected.itertuples(index=False)
        )
        return stream.getvalue()


def import_extracts(
    *,
    map: AnyPath,  # noqa: A002
    bom: AnyPath,
    suppliers: AnyPath,
    orders: AnyPath | None = None,
    stock: AnyPath | None = None,
    demand: AnyPath | None = None,
) -> Imported:
    """Make an instance of extracts from a manufacturer's systems.

    Parameters
    ----------
    map : path
        TOML: which column is what, units, currencies, defaults (`optichain.importing.mapping.ImportMap`).
    bom, suppliers, orders, stock, demand : path
        CSV or workbook each.

    Raises
    ------
    MapError
        The map or an extract as a whole cannot be used; every reason is listed. Single rows are rejected instead.
    InstanceError
        What is left makes no instance.
    MissingExtraError
        A workbook, and the library that reads workbooks is not installed.
    """
    rules = read_map(map)
    paths = {"bom": bom, "suppliers": suppliers, "orders": orders, "stock": stock, "demand": demand}
    given = {kind: path for kind, path in paths.items() if path is not None}
    absent = [kind for kind in given if getattr(rules, kind) is None]
    if absent:
        raise UsageError(f"the map says nothing of {', '.join(absent)}: add a section with its columns")
    if demand is None and not rules.products:
        raise UsageError("nothing is wanted: name products in the map, or give an extract of demand")
    rates = read_rates(rules.money, Path(map).parent)
    ledger, read_as = _read_all(given, rules)
    read = _understand(rules, rates, ledger, Path(map).name)
    if not read.wanted:
        raise MapError(_why_nothing_is_wanted(ledger, given), what="The demand")
    instance = assemble(read)
    counts = ledger.counts()
    rows = {
        kind: {
            "file": os.fspath(given[kind]) if kind in given else None,
            "read_as": read_as.get(kind),
            **count,
        }
        for kind, count in counts.items()
    }
    offices = tuple(site.name for site in read.supply.sites.values() if site.head_office)
    remarks = tuple(sorted(ledger.remarks, key=Fault.sort_key))
    return Imported(instance, _rejected(ledger), remarks, rows, offices)


def _read_all(given: Mapping[str, AnyPath], rules: ImportMap) -> tuple[Ledger, dict[str, str]]:
    """Read every extract into a ledger.

    Raises
    ------
    MapError
        Every reason for which a whole extract cannot be used.
    """
    ledger, read_as, faults = Ledger(), {}, []
    for kind, path in given.items():
        read_as[kind], found = read_extract(kind, path, getattr(rules, kind), ledger)
        faults += found
        ledger.take_in(kind, [])
    if faults:
        raise MapError(faults, what="The import")
    for kind in given:
        _reject_copies(ledger, kind, getattr(rules, kind))
    return ledger, read_as


def _reject_copies(ledger: Ledger, kind: str, how: ExtractMap) -> None:
    """Reject rows that say what an earlier row says; of orders only where a number tells them apart."""
    if kind == "orders" and "order" not in how.columns:
        return
    seen: dict[object, Row] = {}
    for row in ledger.rows[kind]:
        if not ledger.is_open(row):
            continue
        first = seen.setdefault(row.key, row)
        if first is not row:
            ledger.reject(row, Refusal("duplicate-row", f"row {first.number} says the same"))


def _understand(rules: ImportMap, rates: Rates, ledger: Ledger, map_name: str) -> Extracted:
    """Understand row after row, what others refer to first."""
    codes, units = CodeBook(rules.codes), Units(rules.units)

    def fields(kind: str) -> Fields:
        return Fields(getattr(rules, kind) or ExtractMap(columns={}), codes)

    default = None if rules.own.plant is None else codes.settle(rules.own.plant)
    plants = {codes.settle(code): facts for code, facts in rules.own.plants.items()}
    rules = rules.model_copy(update={"own": rules.own.model_copy(update={"plants": plants})})
    bill = read_bill(ledger.rows["bom"], fields("bom"), units, ledger, default)
    wanted = _wanted(rules, fields("demand"), rates, ledger, bill.titles, map_name)
    drop_circles(bill, [entry.item for entry in wanted], ledger)
    parts = {*bill.parts, *(entry.item for entry in wanted)}
    own = {plant for plants in bill.makers.values() for plant in plants}
    consumers = bill.consumers
    for entry in wanted:
        place = entry.plant or default
        if place is not None:
            consumers.setdefault(entry.item, {})[place] = None
    for kind in ("suppliers", "orders", "stock"):
        _see_units(ledger, kind, fields(kind), units)
    supply: Supply = read_suppliers(
        ledger.rows["suppliers"],
        fields("suppliers"),
        units,
        rates,
        ledger,
        parts=parts,
        consumers=consumers,
        own=own,
    )
    if "orders" in ledger.rows:
        read_orders(ledger.rows["orders"], fields("orders"), units, rates, ledger, supply)
    stock = read_stock(ledger.rows.get("stock", ()), fields("stock"), units, ledger, parts)
    return Extracted(rules, bill, supply, stock, wanted, units, ledger, consumers)


def _see_units(ledger: Ledger, kind: str, fields: Fields, units: Units) -> None:
    """Let the rows of an extract vote on the unit of parts that no extract before it counts."""
    for row in ledger.rows.get(kind, ()):
        item = fields.text(row, "item")
        if item is not None and ledger.is_open(row):
            units.see(fields.codes.settle(item), fields.text(row, "unit"))
    units.settle()


def _wanted(
    rules: ImportMap,
    fields: Fields,
    rates: Rates,
    ledger: Ledger,
    titles: dict[str, str],
    map_name: str,
) -> list[Wanted]:
    """Return what the map and the extract of demand want; a product of the map is a row like any other."""
    products = []
    for number, product in enumerate(rules.products, start=1):
        cells = product.model_dump(exclude_none=True)
        raw = "; ".join(f"{name} = {cell}" for name, cell in cells.items())
        products.append(Row("products", map_name, number, cells, raw))
    if products:
        ledger.take_in("products", products)
    rows = [*products, *ledger.rows.get("demand", ())]
    return read_demand(rows, fields, rates, ledger, rules.chain.name, titles)


def _why_nothing_is_wanted(ledger: Ledger, given: Mapping[str, AnyPath]) -> list[Fault]:
    """Return why no product and no row of demand can be used; without either there is no instance."""
    found = [
        Fault(r.row.file, r.row.number, r.column, r.code, r.reason, r.hint)
        for r in ledger.rejections
        if r.row.kind in ("products", "demand")
    ]
    text = "there is no row, expected one product at least that is wanted"
    return found or [Fault(Path(given["demand"]).name, None, None, "nothing-demanded", text)]


def _rejected(ledger: Ledger) -> pd.DataFrame:
    columns = ["extract", "file", "row", "code", "column", "reason", "hint", "cells"]
    found = [
        (r.row.kind, r.row.file, r.row.number, r.code, r.column or "", r.reason, r.hint or "", r.row.raw)
        for r in ledger.rejections
    ]
    found.sort(key=lambda line: line[:4])
    return pd.DataFrame(found, columns=columns).astype({"row": "int64"})
