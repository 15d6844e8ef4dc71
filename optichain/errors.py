"""What can go wrong, each with a code for programs and an exit status for the command line.

Every exception that optichain raises on purpose derives from `OptichainError`; its message says what is
wrong, where, and what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = [
    "Fault",
    "InfeasibleError",
    "InstanceError",
    "MissingExtraError",
    "OptichainError",
    "PlanError",
    "ResourceError",
    "SolverError",
    "StoppedError",
    "UsageError",
    "VerificationError",
]


SHOWN = 200
"""Faults that the text of an error lists; `FaultyInputError.faults` has them all."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong, or suspicious, in an input: the place, the cause and the remedy.

    Attributes
    ----------
    file : str
        File or sheet as the user knows it (``sites.csv``, ``instance.toml``).
    row : int or None
        Row as the user counts it, the header being row 1; ``None`` for the file as a whole.
    column : str or None
        Column, or dotted setting such as ``planning.budget``.
    code : str
        Stable name of the rule, such as ``dangling-reference``.
    message : str
        What was found and what was expected.
    hint : str or None
        What to do, with the nearest existing name where one is close.
    cell : str or None
        Of a workbook: the cell as spreadsheets call it, ``sites!B7``.
    """

    file: str
    row: int | None
    column: str | None
    code: str
    message: str
    hint: str | None = None
    cell: str | None = field(default=None, compare=False)

    def to_json(self) -> dict[str, str | int | None]:
        """Return the fault as the JSON object of the command line."""
        return asdict(self)

    def __str__(self) -> str:
        """Return one line: place, message, hint."""
        place = self.where
        if self.cell is None and self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", column {self.column}"
        return f"{place}: {self.message}" + (f" ({self.hint})" if self.hint else "")

    @property
    def where(self) -> str:
        """The cell, or the file where it is not in a workbook."""
        return self.cell or self.file

    def sort_key(self) -> tuple[str, int, str, str, str]:
        """Order faults by place, for lists that compare between runs."""
        return (self.file, self.row or 0, self.column or "", self.code, self.message)


class OptichainError(Exception):
    """Root of all errors that optichain raises on purpose."""

    code: str = "error"
    exit_status: int = 1

    def faults(self) -> tuple[Fault, ...]:
        """Return the error as faults, for programs that read JSON."""
        return (Fault("", None, None, self.code, str(self)),)

    def details(self) -> dict[str, Any]:
        """Return what programs read beside the faults."""
        return {}


class UsageError(OptichainError):
    """The call itself makes no sense: an unknown option value, an unknown measure name."""

    code = "usage"
    exit_status = 2


class MissingExtraError(UsageError):
    """An optional part of optichain is needed and not installed."""

    code = "missing-extra"

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs an optional part that is not installed: pip install 'optichain[{extra}]'"
        )
        self.extra = extra


class FaultyInputError(OptichainError):
    """An input file is faulty; every fault is listed, not the first alone."""

    code = "bad-input"
    exit_status = 3

    def __init__(self, faults: Iterable[Fault], *, what: str) -> None:
        self._faults = tuple(sorted(faults, key=Fault.sort_key))
        count = len(self._faults)
        head = f"{what} has {count} fault{'s' if count != 1 else ''}"
        lines = [f"  {fault}" for fault in self._faults[:SHOWN]]
        if count > SHOWN:
            lines.append(f"  ... and {count - SHOWN} more")
        super().__init__("\n".join([head + ":", *lines]))

    def faults(self) -> tuple[Fault, ...]:
        """Return every fault found, by file, row and column."""
        return self._faults


class InstanceError(FaultyInputError):
    """The instance cannot be used; `faults` lists every reason."""

    code = "bad-instance"

    def __init__(self, faults: Iterable[Fault], *, what: str = "The instance") -> None:
        super().__init__(faults, what=what)


class PlanError(FaultyInputError):
    """The plan file cannot be used with this instance."""

    code = "bad-plan"

    def __init__(self, faults: Iterable[Fault], *, what: str = "The plan") -> None:
        super().__init__(faults, what=what)


class InfeasibleError(OptichainError):
    """No plan obeys all rules.

    Parameters
    ----------
    message : str
    rules : sequence of str
        Kinds of the rules known to clash; empty: not narrowed down.
    explanation : Explanation, optional
        A smallest clashing set of rules, and the cheapest relaxation (`optichain.explaining`).
    """

    code = "infeasible"
    exit_status = 4

    def __init__(self, message: str, *, rules: Sequence[str] = (), explanation: Any = None) -> None:
        super().__init__(message)
        self.rules = tuple(rules)
        self.explanation = explanation

    def details(self) -> dict[str, Any]:
        """Return the explanation."""
        found: dict[str, Any] = {} if self.explanation is None else self.explanation.to_json()
        return found


class SolverError(OptichainError):
    """A solver is missing, refused its options, or gave an answer that cannot be used."""

    code = "solver"


class ResourceError(OptichainError):
    """The machine refuses what the work needs: memory, processes, open files."""

    code = "resources"


class StoppedError(OptichainError):
    """A limit or a signal stopped the work before there was any plan."""

    code = "stopped"
    exit_status = 6


class VerificationError(OptichainError):
    """A plan claims something that the independent re-computation does not confirm."""

    code = "not-verified"
