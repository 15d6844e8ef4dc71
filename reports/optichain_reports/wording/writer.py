"""Numbers of the model put into words: what a format calls, in place of printing a number by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from optichain_reports.model import Heading
from optichain_reports.wording.numbers import Numbers
from optichain_reports.wording.placed import Number

__all__ = ["Writer"]


def _plain(_: Number, text: str) -> str:
    return text


class Writer:
    """Writes numbers and texts in the language, currency and time unit of one report.

    Parameters
    ----------
    heading : Heading
    mark : callable, optional
        Makes of a number and its text what a format shows: HTML keeps the number itself beside the text.
    fill : callable, optional
        Fills the blanks of a text: HTML escapes what it fills in.
    """

    def __init__(
        self,
        heading: Heading,
        *,
        mark: Callable[[Number, str], str] = _plain,
        fill: Callable[..., str] = str.format,
    ) -> None:
        self.numbers = Numbers(heading.language, heading.currency, heading.time_unit)
        self.texts, self.language = self.numbers.texts, heading.language
        self.currency, self.time_unit = self.numbers.currency, self.numbers.time_unit
        self._mark, self._fill = mark, fill

    def text(self, key: str, **blanks: object) -> str:
        """Return a fixed text with its blanks filled in."""
        return self._fill(self.texts(key), **blanks)

    def join(self, between: str, parts: Iterable[str]) -> str:
        """Return texts as one, those that are empty left out; what a format marked stays marked."""
        known = {f"part{i}": part for i, part in enumerate(part for part in parts if part)}
        return self._fill(between.join(f"{{{key}}}" for key in known), **known)

    def word(self, family: str, code: str) -> str:
        """Return the word for a code of the tables."""
        return self.texts.word(family, code)

    def counted(self, key: str, number: Number) -> str:
        """Return a text for one or for many."""
        key = f"{key}_one" if number.value == 1 else f"{key}_many"
        return self._fill(self.texts(key), count=self.count(number))

    def money(self, number: Number) -> str:
        """Return an amount without its currency."""
        return self._mark(number, self.numbers.money(number.value))

    def full_money(self, number: Number) -> str:
        """Return an amount with its currency."""
        return self._fill(self.texts("money"), value=self.money(number), currency=self.currency)

    def percent(self, number: Number) -> str:
        """Return a share in percent."""
        return self._mark(number, self.numbers.percent(number.value))

    def two(self, say: Callable[[Number], str], first: Number, second: Number) -> tuple[str, str]:
        """Return two numbers in the same way; shares with as many digits as tell them apart."""
        if say != self.percent:
            return say(first), say(second)
        texts = (self.numbers.percent(a.value, beside=b.value) for a, b in ((first, second), (second, first)))
        one, other = (self._mark(n, text) for n, text in zip((first, second), texts, strict=True))
        return one, other

    def quantity(self, number: Number) -> str:
        """Return a plain number."""
        return self._mark(number, self.numbers.number(number.value))

    def ratio(self, number: Number) -> str:
        """Return a number with as many digits as an amount of its size, so that those of a column compare."""
        return self.money(number)

    def count(self, number: Number) -> str:
        """Return a whole number."""
        return self._mark(number, self.numbers.number(number.value))

    def year(self, number: Number) -> str:
        """Return a calendar year."""
        return self._mark(number, self.numbers.year(number.value))

    def duration(self, number: Number) -> str:
        """Return a time in time units; none is a failure that is never felt."""
        return self._mark(number, self.numbers.duration(number.value))
