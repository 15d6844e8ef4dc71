"""Reading suppliers: row after row into sites and relations, copies and contradictions kept out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from optichain.importing.fields import Fields
from optichain.importing.ledger import Ledger, Refusal, Row
from optichain.importing.money import Rates
from optichain.importing.supply import Relation, Supply, VendorSite
from optichain.importing.units import Units

__all__ = ["read_suppliers"]

_REFUSED: Final = re.compile("[>@;]")
_SEVERAL: Final = re.compile("[;,、，；]")
_COMMON: Final = ("status", "capacity", "share", "switch_time")
"""What all rows of a relation must agree on."""


def read_suppliers(
    rows: Iterable[Row],
    fields: Fields,
    units: Units,
    rates: Rates,
    ledger: Ledger,
    *,
    parts: Collection[str],
    consumers: Mapping[str, Collection[str]],
    own: Collection[str],
) -> Supply:
    """Read the rows that nobody has rejected yet.

    Parameters
    ----------
    rows, fields, units, rates, ledger
    parts : collection of str
        Parts that are made, used or wanted: a row of another part matches nothing.
    consumers : mapping of str to collection of str
        By part, the own plants that use it.
    own : collection of str
        Names of own plants.
    """
    supply = Supply()
    for row in rows:
        if ledger.is_open(row):
            with ledger.judging(row):
                _take(row, supply, fields, units, rates, ledger, parts, consumers, own)
    return supply


def _take(
    row: Row,
    supply: Supply,
    fields: Fields,
    units: Units,
    rates: Rates,
    ledger: Ledger,
    parts: Collection[str],
    consumers: Mapping[str, Collection[str]],
    own: Collection[str],
) -> None:
    item, vendor = fields.needed(row, "item"), fields.needed(row, "vendor")
    if item not in parts:
        hint = "mend the code, or leave the row out"
        raise Refusal("unmatched-part", f"the part '{item}' is in no bill of materials", hint, "item")
    plant = fields.code(row, "plant")
    name = vendor if plant is None else f"{vendor}-{plant}"
    if name in own:
        raise Refusal("name-clash", f"the site '{name}' is called like a plant of one's own", None, "vendor")
    plants = _approved(row, item, fields, ledger, consumers.get(item, ()))
    relation = _relation(row, item, name, plants, fields, units, rates)
    recovery = fields.number(row, "recovery_time")
    earlier = supply.relations.get((item, name))
    if earlier is None:
        supply.relations[item, name] = relation
    else:
        _merge(earlier, relation)
    _describe(supply, VendorSite(name, vendor), row, fields, ledger, recovery, plant)
    title = fields.text(row, "item_title")
    if title is not None:
        supply.titles.setdefault(item, title)


def _relation(
    row: Row,
    item: str,
    site: str,
    plants: frozenset[str] | None,
    fields: Fields,
    units: Units,
    rates: Rates,
) -> Relation:
    unit = fields.text(row, "unit")
    volume, capacity = fields.number(row, "annual_volume"), fields.number(row, "annual_capacity")
    estimates: dict[str, None] = {}
    if volume is None:
        volume = _bought(row, fields, rates)
        if volume is not None:
            estimates["the volume is spend divided by price"] = None
    counted = volume is not None or capacity is not None
    factor = units.factor(item, unit) if counted else 1.0
    own_unit = units.unit_of(item)
    if counted and unit is None and own_unit is not None and "unit" in fields.how.columns:
        estimates[f"the blank unit is taken for {own_unit}"] = None
    return Relation(
        item=item,
        site=site,
        stated={plants: None if volume is None else volume * factor},
        capacity=None if capacity is None else capacity * factor,
        share=fields.share(row, "share"),
        status=fields.status(row),
        switch_time=fields.number(row, "switch_time"),
        rows=[row],
        estimates=estimates,
    )


def _bought(row: Row, fields: Fields, rates: Rates) -> float | None:
    """Return a volume from spend and price, both in one currency."""
    spend, price = fields.number(row, "annual_spend"), fields.number(row, "price", positive=True)
    if spend is None:
        return None
    if price is None:
        hint = "give the volume, or the price"
        raise Refusal("missing-value", "there is a spend without a price and without a volume", hint, "price")
    # The currency cancels, but one that nobody knows is a slip.
    rates.convert(price, fields.text(row, "currency"), fields.date(row, "date"))
    return spend / price


def _approved(
    row: Row, item: str, fields: Fields, ledger: Ledger, consumers: Collection[str]
) -> frozenset[str] | None:
    """Return the own plants that a row approves a part for.

    Raises
    ------
    Refusal
        None of them uses the part.
    """
    text = fields.text(row, "approved_for")
    if text is None:
        return None
    named = [fields.codes.settle(part.strip()) for part in _SEVERAL.split(text) if part.strip()]
    known = [plant for plant in named if plant in consumers]
    strange = [plant for plant in named if plant not in consumers]
    if not known:
        message = f"none of the plants '{text}' uses the part '{item}'"
        raise Refusal("unmatched-plant", message, "mend the plant, or the BOM", "approved_for")
    if strange:
        message = f"'{item}' is approved for {', '.join(strange)} too, where nothing uses it"
        ledger.remark(row, "approved_for", "unmatched-plant", message)
    return frozenset(known)


def _merge(earlier: Relation, later: Relation) -> None:
    """Put a further row of a relation into it; rows for different own plants add their volumes up.

    Raises
    ------
    Refusal
        It says the same as an earlier row, or contradicts one.
    """
    (plants, stated), first = next(iter(later.stated.items())), earlier.rows[0].number
    pairs = [(name, getattr(earlier, name), getattr(later, name)) for name in _COMMON]
    again = plants in earlier.stated
    if again:
        pairs.append(("volume", earlier.stated[plants], stated))
    for name, before, now in pairs:
        if before is not None and now is not None and before != now:
            text = f"row {first} says {name} {_shown(before)} of this part and site, this row {_shown(now)}"
            raise Refusal("conflicting-row", text, "keep one of the two")
    if again and all(now is None or before is not None for _, before, now in pairs):
        raise Refusal("duplicate-row", f"row {first} says the same of this part and site")
    for name in _COMMON:
        if getattr(earlier, name) is None:
            setattr(earlier, name, getattr(later, name))
    earlier.stated[plants] = earlier.stated.get(plants) if stated is None else stated
    earlier.rows += later.rows
    earlier.estimates |= later.estimates


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _describe(
    supply: Supply,
    fresh: VendorSite,
    row: Row,
    fields: Fields,
    ledger: Ledger,
    recovery: float | None,
    plant: str | None,
) -> None:
    """Add what a row says about a site; of what contradicts an earlier row the earlier holds, and that is said."""
    site = supply.sites.setdefault(fresh.name, fresh)
    said = {
        "enterprise": fields.text(row, "vendor_name") or site.facts.get("enterprise") or site.vendor,
        "title": fields.text(row, "vendor_name"),
        **{name: fields.text(row, name) for name in ("region", "country", "address", "enterprise_code")},
    }
    for name, value in said.items():
        if value is None:
            continue
        if name in ("enterprise", "region", "country"):
            value = " ".join(_REFUSED.sub(" ", value).split()) or site.vendor
        known = site.facts.setdefault(name, value)
        if known != value and name != "title":
            message = f"the {name} of '{site.name}' is '{value}' here and '{known}' before, which is kept"
            ledger.remark(row, name, "conflicting-value", message)
    if recovery is not None:
        if site.recovery_time is None:
            site.recovery_time = recovery
        elif site.recovery_time != recovery:
            text = (
                f"the recovery time of '{site.name}' is {recovery:g} here and {site.recovery_time:g} before"
            )
            ledger.remark(row, "recovery_time", "conflicting-value", f"{text}: the longer is kept")
            site.recovery_time = max(site.recovery_time, recovery)
    commodity = fields.text(row, "commodity")
    if commodity is not None:
        site.commodities[commodity] = None
    for label in _SEVERAL.split(fields.text(row, "groups") or ""):
        label = re.sub("[>@]", " ", label).strip()
        if label:
            site.groups[label] = None
    site.head_office = site.head_office or plant is None or _is_office(row, fields)


def _is_office(row: Row, fields: Fields) -> bool:
    kind, address = fields.text(row, "address_kind") or "", fields.text(row, "address") or ""
    return any(
        word.casefold() == kind.casefold() or word.casefold() in address.casefold()
        for word in fields.how.head_office
    )
