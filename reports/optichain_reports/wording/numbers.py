"""Numbers, money, shares, times and dates the way a reader of the language writes them."""

from __future__ import annotations

import math
from datetime import datetime

from optichain_reports.wording.texts import Texts

__all__ = ["Numbers"]

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
NARROW = "\N{NO-BREAK SPACE}"
LEAST = 0.0001
"""Percent: what is less is not written out."""
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
ZH_UNITS = {"hour": "小时", "day": "天", "week": "周", "month": "个月", "quarter": "个季度", "year": "年"}
ZH_CODES = {"CNY": "元", "USD": "美元", "EUR": "欧元", "JPY": "日元", "GBP": "英镑", "HKD": "港元"}
ZH_SCALES = {"": "", "thousand": "千", "million": "百万", "billion": "十亿"}


class Numbers:
    """Formats values for one language, currency and time unit.

    Parameters
    ----------
    language : {"en", "zh"}
    currency, time_unit : str
        As in the settings.

    Examples
    --------
    >>> numbers = Numbers("en", "CNY million", "week")
    >>> numbers.money(12345.6), numbers.money(0.25), numbers.percent(0.99996).replace("\N{NO-BREAK SPACE}", " ")
    ('12,346', '0.25', '99.996 %')
    """

    def __init__(self, language: str, currency: str, time_unit: str) -> None:
        self.language = language
        self.texts = Texts(language)
        self.currency = _zh_currency(currency) if language == "zh" else currency
        self.time_unit = ZH_UNITS.get(time_unit, time_unit) if language == "zh" else time_unit

    def money(self, value: float | None) -> str:
        """Return an amount with as many digits as are read, without its currency."""
        if value is None or math.isnan(value):
            return DASH
        size = abs(value)
        digits = 0 if size >= 10_000 else 1 if size >= 100 else 2 if size >= 0.095 else 4
        text = f"{size:,.{digits}f}"
        if float(text.replace(",", "")) == 0.0:
            return "0"
        return (MINUS if value < 0 else "") + (text if digits < 4 else text.rstrip("0"))

    def percent(self, share: float | None, *, beside: float | None = None) -> str:
        """Return a share in percent; near 0 or 100, or near one `beside` it, with more digits.

        So that neither is claimed falsely, and the difference is seen.
        """
        if share is None or math.isnan(share):
            return DASH
        gap = "" if self.language == "zh" else NARROW
        value = 100.0 * share
        if abs(value) < 1e-7 or abs(value - 100.0) < 1e-7:
            return f"{round(value)}{gap}%"
        other = math.nan if beside is None or abs(beside - share) < 1e-9 else 100.0 * beside

        def telling(digits: int) -> bool:
            return 0.0 < round(abs(value), digits) != 100.0 and round(value, digits) != round(other, digits)

        if 0.0 < value < LEAST:
            return f"<{gap}{LEAST}{gap}%"
        digits = next((d for d in (1, 2, 3, 4) if telling(d)), 4)
        return f"{value:.{digits}f}{gap}%".replace("-", MINUS)

    def number(self, value: float | None) -> str:
        """Return a plain number, at most one digit after the point from 10 on, two below, small ones in two digits."""
        if value is None or math.isnan(value):
            return DASH
        size = abs(value)
        digits = 0 if size >= 1000 else 1 if size >= 10 else 2
        if 0.0 < size < 0.095:
            digits = 1 - math.floor(math.log10(size))
        text = f"{value:,.{digits}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text in ("-0", "") else text.replace("-", MINUS)

    def year(self, value: float | None) -> str:
        """Return a calendar year."""
        return DASH if value is None else f"{value:.0f}"

    def duration(self, value: float | None) -> str:
        """Return a time in time units; ``None`` is a failure that is never felt."""
        if value is None:
            return self.texts("never_felt")
        text = self.number(value)
        plural = "s" if self.language == "en" and text != "1" else ""
        return f"{text}{NARROW}{self.time_unit}{plural}"

    def date(self, stamp: str | None) -> str:
        """Return a day of an ISO 8601 stamp; what is no such stamp as it is."""
        if stamp is None:
            return DASH
        try:
            day = datetime.fromisoformat(stamp)
        except ValueError:
            return stamp
        if self.language == "zh":
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _zh_currency(currency: str) -> str:
    code, _, scale = currency.partition(" ")
    if code in ZH_CODES and scale in ZH_SCALES:
        return ZH_SCALES[scale] + ZH_CODES[code]
    return currency
