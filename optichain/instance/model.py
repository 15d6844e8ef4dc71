"""The instance: checked tables and settings that nobody changes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import pandas as pd

from optichain.errors import UsageError
from optichain.instance.places import Places
from optichain.instance.settings import Settings
from optichain.notebook import facts_html, table_html

if TYPE_CHECKING:
    from optichain.errors import Fault
    from optichain.instance.raw import Raw

__all__ = ["Instance"]

# Before version 3 a shallow copy of a data frame shared its cells with the original.
_DEEP: Final = int(pd.__version__.split(".")[0]) < 3


@dataclass(frozen=True, eq=False, repr=False)
class Instance:
    """A supply network, its demand, its measures and its rules, checked.

    Make one by `optichain.load` or `Instance.from_frames`; the constructor checks nothing.

    Attributes
    ----------
    settings : Settings
    frames : dict of str to DataFrame
        For use within; take tables from `tables` or by ``instance["sites"]``, which hand out copies.
    warnings : tuple of Fault
        What is legal but suspicious in the tables.
    places : Places
        Where each row stands in what the user wrote.
    """

    settings: Settings
    frames: dict[str, pd.DataFrame]
    warnings: tuple[Fault, ...] = ()
    places: Places = field(default_factory=Places)

    @classmethod
    def from_frames(cls, tables: Mapping[str, pd.DataFrame], settings: Settings | Mapping[str, Any]) -> Self:
        """Make an instance of data frames.

        Parameters
        ----------
        tables : mapping of str to DataFrame
            By the names of the format; missing tables are empty, missing optional columns take their
            defaults. NaN and None are blank, infinity is ``unlimited``.
        settings : Settings or mapping
            Nested as in ``instance.toml``.

        Raises
        ------
        InstanceError
            With every fault; the row of a fault counts a header, so the first row is 2.
        """
        from optichain.instance.carriers.frames import raw_from_frames

        given = settings if isinstance(settings, Settings) else None
        nested = None if isinstance(settings, Settings) else settings
        return cls.from_raw(raw_from_frames(tables, nested), settings=given)

    @classmethod
    def from_raw(
        cls, raw: Raw, *, settings: Settings | None = None, trusted: Mapping[str, pd.DataFrame] | None = None
    ) -> Self:
        """Make an instance of what a carrier was read into.

        Raises
        ------
        InstanceError
            With every fault.
        """
        from optichain.instance.build import build

        return cls(*build(raw, settings=settings, trusted=trusted))

    def replace(
        self, *, settings: Settings | Mapping[str, Any] | None = None, **tables: pd.DataFrame
    ) -> Self:
        """Return a new, checked instance with some tables, or the settings, replaced.

        Parameters
        ----------
        settings : Settings or mapping, optional
        **tables : DataFrame
            New tables by name; the others are kept as they are, filled-in names and chains included.

        Raises
        ------
        InstanceError
            With every fault of the whole.
        """
        from optichain.instance.carriers.frames import raw_from_frames

        nested = settings if settings is not None and not isinstance(settings, Settings) else None
        if settings is None:
            given: Settings | None = self.settings
        else:
            given = settings if isinstance(settings, Settings) else None
        return self.from_raw(raw_from_frames(tables, nested), settings=given, trusted=self.frames)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name: every column of the format in order, then the user's own ``x_`` columns."""
        return {name: frame.copy(deep=_DEEP) for name, frame in self.frames.items()}

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return a table; changing what is returned does not change the instance."""
        try:
            return self.frames[name].copy(deep=_DEEP)
        except KeyError:
            raise UsageError(f"there is no table {name!r}; the tables are {', '.join(self.frames)}") from None

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all settings and cells, the same whichever carrier they came in.

        What says nothing is as good as absent: a setting or a column that formats to come add parts no plan from its instance.
        """
        digest = hashlib.sha256(self.settings.model_dump_json(exclude_none=True).encode())
        for name, frame in self.frames.items():
            digest.update(f"\x1d{name}\x1e{len(frame)}".encode())
            for column in frame.columns[frame.notna().any()]:
                digest.update(f"\x1e{column}\x1f".encode())
                digest.update(_canonical(frame[column]))
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        """Whether two instances say the same."""
        return self.digest == other.digest if isinstance(other, Instance) else NotImplemented

    def __hash__(self) -> int:
        """Hash by content."""
        return hash(self.digest)

    def _repr_html_(self) -> str:
        """Show the instance in a notebook: what it is, the rows of its tables, what looks like a slip."""
        settings = self.settings
        facts = facts_html(
            settings.title or settings.name,
            [
                ("name", settings.name),
                ("horizon", f"{settings.horizon:g} {settings.time_unit}s"),
                ("money", settings.currency),
                (
                    "planning years",
                    ", ".join(map(str, settings.planning.years)) if settings.planning else "-",
                ),
            ],
        )
        rows = [(name, f"{len(frame):,}") for name, frame in self.frames.items() if len(frame)]
        slips = [(fault.where, fault.row, fault.column, fault.message) for fault in self.warnings]
        return (
            facts
            + table_html("Tables", ("table", "rows"), rows)
            + table_html("Warnings", ("where", "row", "column", "what"), slips)
        )

    def __repr__(self) -> str:
        """Return name and size."""
        counts = ", ".join(f"{len(frame)} {name}" for name, frame in self.frames.items() if len(frame))
        return f"<Instance {self.settings.name!r}: {counts}>"


def _canonical(column: pd.Series) -> bytes:
    """Return a column as bytes that do not depend on where it came from."""
    if column.dtype == object:
        # Control characters are refused in cells, so they can tell blanks and boundaries.
        return "\x1f".join("\x00" if cell is None else cell for cell in column.tolist()).encode()
    if column.dtype == np.float64:
        values = column.to_numpy(dtype="<f8") + 0.0
        return np.where(np.isnan(values), np.nan, values).astype("<f8").tobytes()
    return column.to_numpy(dtype="<i8").tobytes()
