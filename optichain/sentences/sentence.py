"""A sentence: English text that also knows its code and what is filled in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from optichain.sentences.catalogue import ENGLISH

__all__ = ["Listed", "Sentence", "read_sentences", "say", "sentences_in"]


UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
"""What a file that somebody else wrote can make of filling a blank."""


class Listed(tuple[Any, ...]):
    """Several things in one blank of a sentence; the format of the blank is what stands between them."""

    def __format__(self, between: str) -> str:
        return (between or ", ").join(map(str, self))


class Sentence(str):
    """A text that the engine makes up: for everything that prints or compares it, its English words.

    Attributes
    ----------
    code : str
        Its place in `optichain.sentences.ENGLISH`.
    fields : dict of str to object
        What is filled in: texts, numbers, other sentences, and tuples of these.

    Examples
    --------
    >>> told = say("one-start", measure="pump")
    >>> told, told.code, told.fields
    ('measure pump starts at most once', 'one-start', {'measure': 'pump'})
    """

    code: str
    fields: Mapping[str, Any]

    def __new__(cls, code: str, fields: Mapping[str, Any]) -> Sentence:
        """Fill the English words of a code.

        Raises
        ------
        KeyError
            No such code, or a blank that nothing is given for.
        TypeError, ValueError
            What is given does not fit the blank.
        """
        known = {name: _field(value) for name, value in fields.items()}
        made = super().__new__(cls, ENGLISH[code].format(**known))
        made.code, made.fields = code, known
        return made

    def __reduce__(self) -> tuple[type[Sentence], tuple[str, Mapping[str, Any]]]:
        return Sentence, (self.code, self.fields)

    def __deepcopy__(self, memo: dict[int, Any]) -> Sentence:
        return self

    def to_json(self) -> dict[str, Any]:
        """Return code and fields; a sentence within a sentence likewise."""
        return {"code": self.code, "fields": {name: _plain(value) for name, value in self.fields.items()}}


def say(code: str, **fields: Any) -> Sentence:
    """Return a sentence by its code; parameters fill its blanks."""
    return Sentence(code, fields)


def sentences_in(value: Any) -> dict[str, Sentence]:
    """Return the sentences within mappings and lists, by their English text in the order of the alphabet."""
    found: dict[str, Sentence] = {}
    _collect(value, found)
    return {text: found[text] for text in sorted(found)}


def read_sentences(rows: Iterable[Mapping[str, Any]]) -> dict[str, Sentence]:
    """Return sentences of a file by their English text.

    Parameters
    ----------
    rows : iterable of mapping
        ``text``, ``code``, ``fields``. One whose code and fields do not come to its text, because another version
        words it otherwise or somebody changed it, is left out: its text then stands for itself.
    """
    found = {}
    for row in rows:
        try:
            sentence = _read(row)
        except UNREADABLE:
            continue
        if sentence == row.get("text"):
            found[str(sentence)] = sentence
    return found


def _read(data: Any) -> Sentence:
    return Sentence(str(data["code"]), {str(k): _read_field(v) for k, v in data["fields"].items()})


def _read_field(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _read(value)
    return Listed(map(_read_field, value)) if isinstance(value, list) else value


def _field(value: Any) -> Any:
    """Return a value as a field holds it: no arrays, no numbers of arrays."""
    if isinstance(value, (list, tuple)):
        return value if isinstance(value, Listed) else Listed(map(_field, value))
    return value.item() if isinstance(value, np.generic) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Sentence):
        return value.to_json()
    if isinstance(value, Listed):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _collect(value: Any, found: dict[str, Sentence]) -> None:
    if isinstance(value, Sentence):
        found[str(value)] = value
    elif isinstance(value, Mapping):
        for inner in value.values():
            _collect(inner, found)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _collect(inner, found)
