"""Units of measure: what one is in terms of another, and the unit that each part is counted in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from optichain.importing.ledger import Refusal

__all__ = ["Units"]


class Units:
    """Converts quantities of a part to the unit that its bills of materials mostly use.

    Parameters
    ----------
    table : mapping of str to mapping of str to float
        By base unit, how much of it one of another unit is.
    """

    def __init__(self, table: Mapping[str, Mapping[str, float]]) -> None:
        self._base: dict[str, tuple[str, float]] = {}
        for base, others in table.items():
            self._base[base.casefold()] = (base, 1.0)
            for other, factor in others.items():
                self._base[other.casefold()] = (base, factor)
        self._seen: dict[str, Counter[str]] = {}
        self._unit: dict[str, str] = {}

    def basic(self, unit: str) -> tuple[str, float]:
        """Return the base of a unit, and how much of it one is; a unit that the map does not know is its own base."""
        return self._base.get(unit.casefold(), (unit.casefold(), 1.0))

    def see(self, item: str, unit: str | None) -> None:
        """Note that a row counts a part in a unit."""
        if unit is not None:
            self._seen.setdefault(item, Counter())[self.basic(unit)[0]] += 1

    def settle(self) -> None:
        """Fix the unit of every part: the base that most rows use, the first of equals."""
        for item, seen in self._seen.items():
            self._unit.setdefault(item, seen.most_common(1)[0][0])
        self._seen.clear()

    def unit_of(self, item: str) -> str | None:
        """Return the unit that a part is counted in, if any row says one."""
        return self._unit.get(item)

    def factor(self, item: str, unit: str | None) -> float:
        """Return how many units of a part one of another unit is; 1 where the row names none.

        Raises
        ------
        Refusal
            The two measure different things, or the map does not say how they convert.
        """
        if unit is None:
            return 1.0
        base, factor = self.basic(unit)
        own = self._unit.setdefault(item, base)
        if base != own:
            hint = f"mend the unit, or say in the map what one {unit} is: units.{own}"
            raise Refusal(
                "wrong-unit", f"the unit '{unit}' does not convert to '{own}' of '{item}'", hint, "unit"
            )
        return factor
