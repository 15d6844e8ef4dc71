"""The report model with every number knowing its place in it.

A format walks the model through `Placed` and receives each number as a `Number`, which carries the place where the
JSON report holds it: so a format can show no number that the JSON does not have, and a test can compare all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

__all__ = ["Number", "Placed", "place"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the model, and its place such as ``chains.0.acc_before``; ``None`` where there is none."""

    value: float | None
    at: str

    @property
    def known(self) -> bool:
        """Whether there is a number."""
        return self.value is not None

    def __bool__(self) -> bool:
        return bool(self.value)


class Placed:
    """A record or a list of the model.

    Parameters
    ----------
    value : dataclass or tuple
    at : str
        Its place, empty for the model itself.

    Examples
    --------
    >>> from optichain_reports.model import KindCount
    >>> counts = Placed((KindCount("site", 5, 4),), "spof_counts")
    >>> [(count.kind, count.after) for count in counts], counts.size
    ([('site', Number(value=4, at='spof_counts.0.after'))], Number(value=1, at='spof_counts.length'))
    """

    __slots__ = ("_at", "_numbers", "_value")

    def __init__(self, value: Any, at: str = "") -> None:
        self._value, self._at = value, at
        self._numbers = _numeric(type(value)) if is_dataclass(value) else frozenset()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not is_dataclass(self._value):
            raise AttributeError(name)
        value, at = getattr(self._value, name), f"{self._at}.{name}" if self._at else name
        return Number(value, at) if name in self._numbers else place(value, at)

    def __iter__(self) -> Iterator[Any]:
        return (place(value, f"{self._at}.{i}") for i, value in enumerate(self._value))

    def __len__(self) -> int:
        return len(self._value)

    def __bool__(self) -> bool:
        return is_dataclass(self._value) or bool(self._value)

    def __getitem__(self, index: int) -> Any:
        return place(self._value[index], f"{self._at}.{index}")

    @property
    def size(self) -> Number:
        """How many entries a list has; its place ends in ``length``."""
        return Number(len(self._value), f"{self._at}.length")

    @property
    def raw(self) -> Any:
        """The record or list itself."""
        return self._value


def place(value: Any, at: str = "") -> Any:
    """Return a value of the model with its place: numbers, records and lists; other things as they are."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Number(value, at)
    if isinstance(value, tuple) or is_dataclass(value):
        return Placed(value, at)
    return value


_NUMERIC: dict[type, frozenset[str]] = {}


def _numeric(kind: type) -> frozenset[str]:
    """Return the fields of a record that hold a number or nothing."""
    if kind not in _NUMERIC:
        types = ("int", "float", "int | None", "float | None")
        _NUMERIC[kind] = frozenset(f.name for f in fields(kind) if f.type in types)
    return _NUMERIC[kind]
