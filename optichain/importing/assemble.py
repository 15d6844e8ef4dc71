"""From what the extracts say to the tables of an instance, each estimate with a note and the grade C."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from optichain.importing.bill import Bill, Link
from optichain.importing.flows import Stock, Wanted
from optichain.importing.ledger import Ledger, Refusal
from optichain.importing.mapping import ImportMap, Plant
from optichain.importing.recovery import default_recovery
from optichain.importing.supply import Relation, Supply, VendorSite
from optichain.importing.units import Units
from optichain.instance.model import Instance

__all__ = ["Extracted", "assemble"]

Cells = dict[str, Any]


@dataclass(frozen=True)
class Extracted:
    """Everything that was read.

    Attributes
    ----------
    rules : ImportMap
    bill : Bill
    supply : Supply
    stock : list of Stock
    wanted : list of Wanted
    units : Units
    ledger : Ledger
        Takes what fits nowhere only now.
    consumers : dict of str to dict of str to None
        The own plants where each part is used or wanted, in order.
    """

    rules: ImportMap
    bill: Bill
    supply: Supply
    stock: list[Stock]
    wanted: list[Wanted]
    units: Units
    ledger: Ledger
    consumers: dict[str, dict[str, None]]
    tables: dict[str, list[Cells]] = field(default_factory=dict)

    def add(self, table: str, **cells: Any) -> None:
        """Add a row to a table."""
        self.tables.setdefault(table, []).append(cells)


def assemble(read: Extracted) -> Instance:
    """Return the instance.

    Raises
    ------
    InstanceError
        What was read makes no instance.
    """
    makers = read.bill.makers
    relations = read.supply.relations.values()
    laned = dict.fromkeys(relation.item for relation in relations if relation.approved_for is not None)
    _chains(read)
    unknown = _without_supplier(read, makers)
    _items(read, unknown)
    _own_sites(read, makers)
    for site in read.supply.sites.values():
        _vendor_site(read, site)
    _sources(read, makers, unknown)
    _bom(read, makers)
    _lanes(read, laned, makers)
    _stocks(read, laned)
    _demands(read, laned, makers)
    frames = {name: pd.DataFrame(rows) for name, rows in read.tables.items()}
    return Instance.from_frames(frames, read.rules.all_settings)


def _chains(read: Extracted) -> None:
    first = read.rules.chain
    for chain in dict.fromkeys(wanted.chain for wanted in read.wanted):
        own = chain == first.name
        title, title_zh = (first.title, first.title_zh) if own else (None, None)
        read.add("chains", chain=chain, title=title, title_zh=title_zh)
        read.add("chain_owners", chain=chain, enterprise=read.rules.own.enterprise)


def _without_supplier(read: Extracted, makers: dict[str, dict[str, None]]) -> list[str]:
    """Return the parts that somebody uses or wants, nobody makes, and no supplier is known for."""
    bought = {relation.item for relation in read.supply.relations.values()}
    named = dict.fromkeys([*read.bill.parts, *(wanted.item for wanted in read.wanted)])
    return [part for part in named if part not in makers and part not in bought]


def _items(read: Extracted, unknown: list[str]) -> None:
    titles = read.supply.titles | read.bill.titles
    chain_of = {wanted.item: wanted.chain for wanted in read.wanted}
    for part in dict.fromkeys([*read.bill.parts, *(wanted.item for wanted in read.wanted)]):
        missing = part in unknown
        read.add(
            "items",
            item=part,
            title=titles.get(part),
            chain=chain_of.get(part),
            unit=read.units.unit_of(part),
            mapped=not missing,
        )


def _own_sites(read: Extracted, makers: dict[str, dict[str, None]]) -> None:
    """Add the own plants that make, hold or want something."""
    own = read.rules.own
    named = [plant for plants in makers.values() for plant in plants]
    named += [stock.plant for stock in read.stock if stock.plant is not None]
    named += [wanted.plant for wanted in read.wanted if wanted.plant is not None]
    for name in dict.fromkeys(named):
        facts = own.plants.get(name, Plant())
        read.add(
            "sites",
            site=name,
            title=facts.title,
            enterprise=own.enterprise,
            region=facts.region,
            country=facts.country or own.country,
            recovery_time=facts.recovery_time,
        )


def _vendor_site(read: Extracted, site: VendorSite) -> None:
    facts = site.facts
    recovery, notes = site.recovery_time, []
    if recovery is None:
        found = default_recovery(read.rules.recovery, list(site.commodities), facts.get("country"))
        if found is not None:
            recovery = found[0]
            notes.append(f"recovery_time {recovery:g} is the default of {found[1]}")
    if site.head_office:
        notes.append(
            "the address is a head office, or no plant is given: where the plant stands is not known"
        )
    read.add(
        "sites",
        site=site.name,
        title=facts.get("title"),
        enterprise=facts["enterprise"],
        region=facts.get("region"),
        country=facts.get("country"),
        recovery_time=recovery,
        groups="; ".join(site.groups) or None,
        grade="C" if notes else "B",
        note=_note(notes),
        x_address=facts.get("address"),
        x_enterprise_code=facts.get("enterprise_code"),
        x_commodities="; ".join(site.commodities) or None,
        x_head_office="yes" if site.head_office else None,
    )


def _sources(read: Extracted, makers: dict[str, dict[str, None]], unknown: list[str]) -> None:
    for item, plants in makers.items():
        for plant in plants:
            read.add("sources", site=plant, item=item)
    for relation in read.supply.relations.values():
        read.add("sources", **_source(read, relation))
    for part in unknown:
        site = f"unknown supplier of {part}"
        note = "no usable row of the suppliers has this part: one unknown site is assumed to deliver it"
        read.add("sites", site=site, grade="C", note=note)
        read.add("sources", site=site, item=part, grade="C", note=note)


def _source(read: Extracted, relation: Relation) -> Cells:
    periods = read.rules.periods
    grade = "C" if relation.estimates else "B" if relation.ordered is None else "A"
    return {
        "site": relation.site,
        "item": relation.item,
        "capacity": None if relation.capacity is None else relation.capacity / periods,
        "volume": None if relation.volume is None else relation.volume / periods,
        "share": relation.share,
        "status": relation.status,
        "switch_time": relation.switch_time,
        "grade": grade,
        "note": _note(relation.estimates),
        "x_annual_spend": f"{relation.spend:.10g}" if relation.spend else None,
    }


def _bom(read: Extracted, makers: dict[str, dict[str, None]]) -> None:
    """Add links; for single sources where plants differ, or where suppliers deliver the part ready-made."""
    bought = {relation.item for relation in read.supply.relations.values()}
    by_maker: dict[str, dict[str, list[Link]]] = {}
    for link in read.bill.links:
        by_maker.setdefault(link.item, {}).setdefault(link.plant, []).append(link)
    for item, plants in by_maker.items():
        recipes = [
            sorted((link.input, link.quantity, link.alternative or "", link.status) for link in links)
            for links in plants.values()
        ]
        alike = all(recipe == recipes[0] for recipe in recipes) and item not in bought
        for plant, links in list(plants.items())[: 1 if alike else None]:
            for link in links:
                read.add(
                    "bom",
                    item=item,
                    input=link.input,
                    requirement=link.alternative,
                    source=None if alike else f"{plant}:{item}",
                    quantity=link.quantity,
                    status=link.status,
                )


def _lanes(read: Extracted, laned: dict[str, None], makers: dict[str, dict[str, None]]) -> None:
    """Add lanes of parts that some site is approved for at some plants only; the others may deliver to all."""
    for relation in read.supply.relations.values():
        if relation.item in laned:
            for plant in read.consumers.get(relation.item, ()):
                if relation.approved_for is None or plant in relation.approved_for:
                    read.add("lanes", item=relation.item, from_site=relation.site, to_site=plant)
    note = "own plants are assumed to deliver to each other"
    for item in laned:
        for maker in makers.get(item, ()):
            for plant in read.consumers.get(item, ()):
                if maker != plant:
                    read.add("lanes", item=item, from_site=maker, to_site=plant, grade="C", note=note)


def _stocks(read: Extracted, laned: dict[str, None]) -> None:
    """Add stock; that of a laned part must lie where it is used."""
    for stock in read.stock:
        site, users, note = stock.plant, list(read.consumers.get(stock.item, ())), None
        if stock.item in laned and site is None and len(users) == 1:
            site, note = users[0], "no plant is given: the only one that uses it is assumed"
        if stock.item in laned and site not in users:
            text = f"'{stock.item}' is approved for single plants, and none that uses it is given here"
            for row in stock.rows:
                refusal = Refusal("unmatched-plant", text, "give the plant where it is used", "plant")
                read.ledger.reject(row, refusal)
            continue
        read.add(
            "stocks",
            item=stock.item,
            site=site,
            quantity=stock.quantity,
            cover=stock.cover,
            grade="C" if note else "A" if stock.quantity is not None else "B",
            note=note,
        )


def _demands(read: Extracted, laned: dict[str, None], makers: dict[str, dict[str, None]]) -> None:
    """Add demand; that of a laned part must name a site."""
    for wanted in read.wanted:
        site, note = wanted.plant, None
        if wanted.item in laned and site is None:
            site = next(iter([*makers.get(wanted.item, ()), *read.consumers.get(wanted.item, ())]), None)
            note = "no plant is given: one that makes or uses it is assumed"
        read.add(
            "demands",
            item=wanted.item,
            site=site,
            chain=wanted.chain,
            rate=wanted.volume / read.rules.periods,
            value=wanted.worth / wanted.volume,
            grade="C" if note else None,
            note=note,
        )


def _note(parts: Iterable[str]) -> str | None:
    return "; ".join(parts) or None
