"""Amounts in several currencies, by a dated table of rates."""

from __future__ import annotations

import bisect
import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from optichain.errors import Fault
from optichain.importing.extracts import clean, decode
from optichain.importing.ledger import Refusal
from optichain.importing.mapping import MapError, Money
from optichain.instance.raw import quoted
from optichain.storage.files import MOST_WRITTEN, insist_inside, read_bytes

__all__ = ["Rates", "read_rates"]


class Rates:
    """Turns amounts into money of the instance.

    Parameters
    ----------
    money : Money
    table : mapping of str to sequence of (date, float)
        By currency in capitals, the base money for one unit of it, from that day on until the next row.
    """

    def __init__(self, money: Money, table: Mapping[str, Sequence[tuple[dt.date, float]]]) -> None:
        self._money = money
        self._table = {currency: sorted(rows) for currency, rows in table.items()}

    def convert(self, amount: float, currency: str | None, date: dt.date | None) -> float:
        """Return an amount in money of the instance, by the rate that held on the day.

        Raises
        ------
        Refusal
            No rate is known: for the currency, or so early; or the day is not known.
        """
        name = (currency or self._money.base).upper()
        if name == self._money.base.upper():
            return amount / self._money.unit
        rows = self._table.get(name)
        if rows is None:
            hint = "add it to the table of rates"
            raise Refusal("no-rate", f"no rate of the currency '{currency}' is known", hint, "currency")
        day = date or self._money.date
        if day is None:
            hint = "map a column date, or give money.date in the map"
            raise Refusal("no-date", f"an amount in {name} without a date", hint, "date")
        place = bisect.bisect_right([since for since, _ in rows], day)
        if place == 0:
            text = f"no rate of {name} holds on {day}: the first is of {rows[0][0]}"
            raise Refusal("no-rate", text, "add an earlier one to the table of rates", "currency")
        return amount * rows[place - 1][1] / self._money.unit


def read_rates(money: Money, beside: Path) -> Rates:
    """Read the table of rates that the map names, from the folder that the map is in.

    Raises
    ------
    MapError
        With every fault of the table.
    """
    if money.rates is None:
        return Rates(money, {})
    place = beside / money.rates
    faults: list[Fault] = []
    table: dict[str, dict[dt.date, float]] = {}
    try:
        insist_inside(place, beside)
        text, _ = decode(read_bytes(place, most=MOST_WRITTEN))
    except (OSError, ValueError) as error:  # a name with a NUL is a ValueError
        reason = getattr(error, "strerror", None) or error
        hint = "the table of rates lies in the folder of the map, or below it"
        fault = Fault(place.name or money.rates, None, None, "unreadable", f"cannot be read: {reason}", hint)
        raise MapError([fault], what="The table of rates") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        rows, header = list(reader), reader.fieldnames or ()
    except csv.Error as error:
        fault = Fault(place.name, reader.reader.line_num, None, "bad-csv", f"this is not CSV: {error}")
        raise MapError([fault], what="The table of rates") from None
    for column in ("currency", "date", "rate"):
        if column not in header:
            faults.append(Fault(place.name, 1, column, "missing-column", f"the column '{column}' is missing"))
    if faults:
        raise MapError(faults, what="The table of rates")
    for number, row in enumerate(rows, start=2):
        currency = clean(row["currency"] or "").upper()
        try:
            day, rate = dt.date.fromisoformat(clean(row["date"] or "")), float(row["rate"] or "")
        except ValueError:
            text = "expected a date such as 2025-03-31 and a rate with a decimal point"
            faults.append(Fault(place.name, number, None, "bad-rate", text))
            continue
        if not 0.0 < rate < float("inf") or not currency:
            text = f"found the rate {rate:g} of {quoted(currency)}, expected a currency and a rate above 0"
            faults.append(Fault(place.name, number, "rate", "bad-rate", text))
        elif table.setdefault(currency, {}).setdefault(day, rate) != rate:
            text = f"found a second rate of {quoted(currency)} on {day}, expected one"
            faults.append(Fault(place.name, number, "rate", "duplicate-key", text))
    if faults:
        raise MapError(faults, what="The table of rates")
    return Rates(money, {currency: sorted(days.items()) for currency, days in table.items()})
