"""How well inputs are known: the grades of rows, and what had to be assumed in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from optichain.errors import Fault
from optichain.instance.schema import split_labels
from optichain.instance.targets import Names, Target, resolve_target
from optichain_reports.building.tables import NetworkTables
from optichain_reports.building.upstream import ChainNetwork
from optichain_reports.model import Confidence

if TYPE_CHECKING:
    from optichain.instance.model import Instance

__all__ = ["Inputs", "Row"]

Row = tuple[str, int]
"""Table, and position in it from 0."""

ELEMENT_KINDS = ("enterprise", "region", "country", "group")


class Inputs:
    """The rows behind chains and measures, with their grades and assumptions.

    Parameters
    ----------
    instance : Instance
    tables : NetworkTables
    assumptions : tuple of Fault
    """

    def __init__(self, instance: Instance, tables: NetworkTables, assumptions: tuple[Fault, ...]) -> None:
        self._tables, self._frames = tables, dict(instance.tables)
        self._grades = {name: frame["grade"].tolist() for name, frame in self._frames.items()}
        self._names = Names.of(instance.tables)
        self._site_row = _numbered(instance["sites"]["site"])
        self._source_row = _numbered(instance["sources"]["source"])
        self._lane_row = _numbered(instance["lanes"]["lane"])
        self._item_row = _numbered(instance["items"]["item"])
        elements = instance["elements"]
        self._element_row = _numbered(zip(elements["kind"], elements["target"], strict=True))
        self._by_item = {
            table: _grouped(instance[table]["item"]) for table in ("bom", "lanes", "stocks", "demands")
        }
        effects = instance["effects"]
        self._effects = _grouped(effects["measure"])
        self._measure_row = _numbered(instance["measures"]["measure"])
        self._of_site = self._facts_of_sites()
        self.assumed = _placed(instance, assumptions)

    def rows_of_chain(self, network: ChainNetwork) -> set[Row]:
        """Return the rows upstream of a chain: what can change its figures."""
        rows: set[Row] = set()
        for item in network.items:
            rows.add(("items", self._item_row[item.item]))
            rows |= {(table, i) for table, found in self._by_item.items() for i in found.get(item.item, ())}
            for source, site, _ in self._tables.sources.get(item.item, ()):
                rows |= self._rows_of_source(source, site)
        return rows

    def rows_of_measure(self, measure: str) -> set[Row]:
        """Return the rows behind a measure: its own, its effects, and what they act on."""
        rows: set[Row] = {("measures", self._measure_row[measure])}
        effects = self._frames["effects"]
        for i in self._effects.get(measure, ()):
            rows.add(("effects", i))
            target = resolve_target(effects["effect"][i], effects["target"][i], self._names)
            if target is not None:
                rows |= self._rows_of_target(target)
        return rows

    def confidence(self, rows: Iterable[Row]) -> Confidence:
        """Return how well some rows are known."""
        mine = set(rows)
        count: Counter[str] = Counter()
        for table, i in mine:
            grade = self._grades[table][i]
            count[grade if isinstance(grade, str) else ""] += 1
        assumed = sum(len(self.assumed.get(row, ())) for row in mine)
        if count["C"] or assumed:
            level = "low"
        elif count[""] or not mine:
            level = "unknown"
        else:
            level = "medium" if count["B"] else "high"
        return Confidence(level, count["A"], count["B"], count["C"], count[""], assumed)

    def elements_of_row(self, row: Row) -> tuple[tuple[str, str], ...]:
        """Return what fails where a row is wrong, as (kind, name): a site for its source, a group for its facts."""
        table, i = row
        frame = self._frames[table]
        if table == "sites":
            return (("site", str(frame["site"][i])),)
        if table == "sources":
            return (("site", str(frame["site"][i])), ("source", str(frame["source"][i])))
        if table == "lanes":
            return (("lane", str(frame["lane"][i])),)
        if table == "elements":
            return ((str(frame["kind"][i]), str(frame["target"][i])),)
        return (("item", str(frame["item"][i])),) if "item" in frame else ()

    def groups_of(self, network: ChainNetwork) -> set[str]:
        """Return the labels of groups that sites, sources and lanes upstream of a chain bear."""
        found: set[str] = set()
        sources, lanes, sites = (self._frames[t]["groups"] for t in ("sources", "lanes", "sites"))
        for item in network.items:
            texts = [lanes[i] for i in self._by_item["lanes"].get(item.item, ())]
            for source, site, _ in self._tables.sources.get(item.item, ()):
                texts += [sources[self._source_row[source]], sites[self._site_row[site]]]
            found |= {label for text in texts if isinstance(text, str) for label in split_labels(text)}
        return found

    def _rows_of_source(self, source: str, site: str) -> set[Row]:
        place = self._site_row[site]
        return {("sources", self._source_row[source]), ("sites", place)} | self._of_site[place]

    def _rows_of_target(self, target: Target) -> set[Row]:
        kind, name = target.kind, target.name
        if kind == "source":
            row = self._source_row[name]
            return self._rows_of_source(name, str(self._frames["sources"]["site"][row]))
        if kind == "site":
            place = self._site_row[name]
            return {("sites", place)} | self._of_site[place]
        if kind == "lane":
            return {("lanes", self._lane_row[name])}
        if kind in ("item", "stock"):
            return {("items", self._item_row[name])}
        if kind == "link":
            made, used = name.split(">", 1)
            inputs = self._frames["bom"]["input"]
            return {("bom", i) for i in self._by_item["bom"].get(made, ()) if inputs[i] == used}
        row_of = self._element_row.get((kind, name))
        return set() if row_of is None else {("elements", row_of)}

    def _facts_of_sites(self) -> list[set[Row]]:
        """Return, for each site, the rows of ``elements`` about its enterprise, region, country and groups."""
        frame = self._frames["sites"]
        result: list[set[Row]] = []
        columns = (frame[kind] for kind in ("enterprise", "region", "country", "groups"))
        for values in zip(*columns, strict=True):
            pairs = [
                (kind, v) for kind, v in zip(ELEMENT_KINDS, values[:3], strict=False) if isinstance(v, str)
            ]
            if isinstance(values[3], str):
                pairs += [("group", label) for label in split_labels(values[3])]
            known = (self._element_row.get(pair) for pair in pairs)
            result.append({("elements", row) for row in known if row is not None})
        return result


def _placed(instance: Instance, assumptions: tuple[Fault, ...]) -> dict[Row, list[Fault]]:
    """Return the assumptions by table and position, from the file and row that they name."""
    places = instance.places
    table_of = {file: table for table, file in places.files.items()}
    positions: dict[str, dict[int, int]] = {}
    found: dict[Row, list[Fault]] = {}
    for fault in assumptions:
        if fault.row is None or fault.code == "guessed":  # a guess is counted by its grade
            continue
        table = table_of.get(fault.file, fault.file)
        if table in places.rows and table not in positions:
            positions[table] = {int(row): i for i, row in enumerate(places.rows[table])}
        position = positions.get(table, {}).get(fault.row, fault.row - 2)
        found.setdefault((table, position), []).append(fault)
    return found


def _numbered(names: Iterable[object]) -> dict[object, int]:
    return {name: i for i, name in enumerate(names)}


def _grouped(names: Iterable[object]) -> Mapping[object, list[int]]:
    found: dict[object, list[int]] = {}
    for i, name in enumerate(names):
        found.setdefault(name, []).append(i)
    return found
