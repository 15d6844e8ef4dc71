"""What the engine says, in the language of the report."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from optichain.sentences import Sentence
from optichain_reports.model import Heading
from optichain_reports.wording.numbers import ZH_UNITS, Numbers
from optichain_reports.wording.zh_sentences import ZH_SENTENCES, ZH_WORDS

__all__ = ["Teller", "told"]

Model = TypeVar("Model")


def told(model: Model) -> Model:
    """Return a model whose sentences are texts in the language that its heading tells.

    Parameters
    ----------
    model : ReportModel, ComparisonModel or ReviewModel

    Notes
    -----
    What is no sentence stays as it is: names and texts of the instance, and what a plan file says without telling what
    it is made of.
    """
    heading: Heading = model.heading  # type: ignore[attr-defined]
    if heading.language == "en":
        return model
    made: Model = _told(model, Teller(heading))
    return made


def _told(value: Any, teller: Teller) -> Any:
    if isinstance(value, Sentence):
        return teller.say(value)
    if isinstance(value, tuple):
        return tuple(_told(one, teller) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        old = {field.name: getattr(value, field.name) for field in fields(value)}
        new = {name: _told(one, teller) for name, one in old.items()}
        changed = {name: one for name, one in new.items() if one is not old[name]}
        return replace(value, **changed) if changed else value
    return value


class Teller(string.Formatter):
    """Says sentences in Chinese.

    Parameters
    ----------
    heading : Heading
        Of the report: its currency and time unit.

    Examples
    --------
    >>> from optichain.sentences import say
    >>> teller = Teller(Heading("", "", "zh", "CNY million", "week", 52.0, 0.0))
    >>> teller.say(say("spending-of-budget", year=2026, budget=1200.0))
    '2026 年支出不超过可用资金（预算 1,200.0 百万元）'
    """

    def __init__(self, heading: Heading) -> None:
        self.numbers = Numbers(heading.language, heading.currency, heading.time_unit)

    def say(self, sentence: Sentence) -> str:
        """Return a sentence in words."""
        return self.vformat(ZH_SENTENCES[sentence.code], (), sentence.fields)

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return what stands in a blank; of several things each, with a comma between them."""
        if isinstance(value, tuple):
            whole = any(isinstance(one, Sentence) for one in value)
            return ("；" if whole else "、").join(self.format_field(one, format_spec) for one in value)
        if isinstance(value, Sentence):
            return self.say(value)
        if isinstance(value, (int, float)):
            return self._number(value, format_spec)
        return self._word(str(value), format_spec)

    def _number(self, value: float, how: str) -> str:
        ways: dict[str, Callable[[float], str]] = {
            "money": self._money,
            "percent": self.numbers.percent,
            "number": self.numbers.number,
            "": self.numbers.year,
        }
        return ways[how](value)

    def _money(self, value: float) -> str:
        text = self.numbers.money(value)
        if not self.numbers.currency:
            return text
        return self.numbers.texts("money", value=text, currency=self.numbers.currency)

    def _word(self, value: str, family: str) -> str:
        if not family:
            return value
        known: Mapping[str, str] = ZH_UNITS if family == "unit" else ZH_WORDS.get(family, {})
        return known.get(value) or self.numbers.texts.word(family, value)
