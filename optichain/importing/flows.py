"""Orders, stock and demand: rows of extracts to volumes a year, quantities held, and what is wanted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from optichain.importing.fields import Fields
from optichain.importing.ledger import Ledger, Refusal, Row
from optichain.importing.money import Rates
from optichain.importing.supply import Relation, Supply
from optichain.importing.units import Units

__all__ = ["Stock", "Wanted", "read_demand", "read_orders", "read_stock"]

DIFFERENT = 0.2
"""Share by which a stated volume may miss the ordered one before that is remarked."""


def read_orders(
    rows: Iterable[Row], fields: Fields, units: Units, rates: Rates, ledger: Ledger, supply: Supply
) -> None:
    """Turn orders into volumes a year, which replace stated ones, and into spend."""
    start, end = fields.how.start, fields.how.end
    assert start is not None
    assert end is not None
    years = _years(start, end)
    ordered: dict[int, tuple[Relation, float]] = {}
    for row in rows:
        if not ledger.is_open(row):
            continue
        with ledger.judging(row):
            item, vendor = fields.needed(row, "item"), fields.needed(row, "vendor")
            quantity = fields.number(row, "quantity", positive=True, needed=True) or 0.0
            day = fields.date(row, "date")
            if day is None:
                raise Refusal("missing-value", "the date is blank", "fill it in", "date")
            if not start <= day <= end:
                text = f"{day} is outside the period of the orders, {start} to {end}"
                raise Refusal("outside-period", text, "mend the date, or the period in the map", "date")
            relations = supply.of_item(item, vendor, fields.code(row, "plant"))
            if not relations:
                text = f"no row of the suppliers has '{item}' from '{vendor}'"
                if row.cells.get("plant") is not None:
                    text += f", plant '{row.cells['plant']}'"
                raise Refusal("unmatched-order", text, "add the relation, or mend the codes", "vendor")
            amount = fields.number(row, "amount") or 0.0
            money = rates.convert(amount, fields.text(row, "currency"), day)
            quantity *= units.factor(item, fields.text(row, "unit"))
            for relation in relations:
                before = ordered.get(id(relation), (relation, 0.0))[1]
                ordered[id(relation)] = (relation, before + quantity / len(relations) / years)
                relation.spend += money / len(relations) / years
                if len(relations) > 1:
                    text = "orders that name no plant are split evenly among the vendor's sites"
                    relation.estimates[text] = None
    for relation, volume in ordered.values():
        stated = relation.volume
        if stated is not None and abs(stated - volume) > DIFFERENT * max(stated, volume):
            text = f"'{relation.item}' from '{relation.site}': {stated:g} a year stated, {volume:g} ordered"
            ledger.remark(
                relation.rows[0], "annual_volume", "conflicting-value", f"{text}: the orders are kept"
            )
        relation.ordered = volume


def _years(first: dt.date, last: dt.date) -> float:
    """Return how many years a period lasts, both days within it; a calendar year is exactly one.

    Examples
    --------
    >>> _years(dt.date(2024, 1, 1), dt.date(2024, 12, 31)), _years(dt.date(2025, 1, 1), dt.date(2025, 3, 14))
    (1.0, 0.2)
    """
    after = last + dt.timedelta(days=1)
    whole = after.year - first.year - ((after.month, after.day) < (first.month, first.day))
    try:
        since = first.replace(year=first.year + whole)
    except ValueError:  # the 29th of February in a year without one
        since = dt.date(first.year + whole, 3, 1)
    return whole + (after - since).days / 365.0


@dataclass(slots=True)
class Stock:
    """What is held of a part at a plant: units, or time units that they last."""

    item: str
    plant: str | None
    quantity: float | None
    cover: float | None
    rows: list[Row]


def read_stock(
    rows: Iterable[Row], fields: Fields, units: Units, ledger: Ledger, parts: Collection[str]
) -> list[Stock]:
    """Read stock; quantities of a part at a plant add up."""
    found: dict[tuple[str, str | None], Stock] = {}
    for row in rows:
        if not ledger.is_open(row):
            continue
        with ledger.judging(row):
            item = fields.needed(row, "item")
            if item not in parts:
                raise Refusal("unmatched-part", f"the part '{item}' is in no bill of materials", None, "item")
            plant = fields.code(row, "plant")
            quantity, cover = fields.number(row, "quantity"), fields.number(row, "cover")
            if (quantity is None) == (cover is None):
                text = "expected a quantity or a cover, one of the two"
                raise Refusal("either-or", text, "fill one of them", "quantity")
            if quantity is not None:
                quantity *= units.factor(item, fields.text(row, "unit"))
            earlier = found.get((item, plant))
            if earlier is None:
                found[item, plant] = Stock(item, plant, quantity, cover, [row])
            elif earlier.quantity is None or quantity is None:
                text = f"row {earlier.rows[0].number} has a {'cover' if quantity is not None else 'quantity'} of this part"
                raise Refusal("conflicting-row", f"{text} at this plant", "give one of the two", "cover")
            else:
                earlier.quantity += quantity
                earlier.rows.append(row)
    return list(found.values())


@dataclass(slots=True)
class Wanted:
    """What is wanted of a product at a place: units a year, and the money that serving all of them is worth."""

    item: str
    plant: str | None
    chain: str
    volume: float
    worth: float
    rows: list[Row] = field(default_factory=list)


def read_demand(
    rows: Iterable[Row], fields: Fields, rates: Rates, ledger: Ledger, chain: str, titles: dict[str, str]
) -> list[Wanted]:
    """Read demand; volumes of a product at a place add up, and their values are averaged by volume."""
    found: dict[tuple[str, str | None], Wanted] = {}
    for row in rows:
        if not ledger.is_open(row):
            continue
        with ledger.judging(row):
            item = fields.needed(row, "item")
            volume = fields.number(row, "annual_volume", positive=True, needed=True) or 0.0
            price = fields.number(row, "price", needed=True) or 0.0
            value = rates.convert(price, fields.text(row, "currency"), fields.date(row, "date"))
            place = fields.code(row, "plant")
            of_chain = fields.code(row, "chain") or chain
            wanted = found.get((item, place))
            if wanted is None:
                wanted = found[item, place] = Wanted(item, place, of_chain, 0.0, 0.0)
            elif wanted.chain != of_chain:
                text = f"row {wanted.rows[0].number} counts '{item}' for the chain '{wanted.chain}'"
                raise Refusal("conflicting-row", text, "give a product one chain", "chain")
            wanted.volume += volume
            wanted.worth += volume * value
            wanted.rows.append(row)
            title = fields.text(row, "item_title")
            if title is not None:
                titles.setdefault(item, title)
    return list(found.values())
