"""What a report format is, and who implements it (entry points ``optichain.reports``).

A format is registered under the ending of its files: ``html`` writes ``*.html``.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, cast

from optichain.errors import UsageError

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.instance.model import Instance

__all__ = ["LANGUAGES", "ReportFormat", "find_format", "format_names", "write_report"]

GROUP = "optichain.reports"
LANGUAGES: Final = ("en", "zh")
ALIASES: Final = {"htm": "html"}


class ReportFormat(Protocol):
    """A kind of file that a report of one plan can be written as."""

    name: str

    def write(self, instance: Instance, plan: Plan, path: Path, *, language: str) -> None:
        """Write the report, whole or not at all."""


def format_names() -> list[str]:
    """Return the endings of the installed formats, without their dots."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def find_format(path: str | Path) -> ReportFormat:
    """Return the format that the ending of a file asks for.

    Raises
    ------
    UsageError
        No installed format has that ending.
    """
    ending = Path(path).suffix.lower().removeprefix(".")
    wanted = ALIASES.get(ending, ending)
    for point in entry_points(group=GROUP):
        if point.name == wanted:
            return cast("ReportFormat", point.load()())
    found = f"the ending .{ending} is no report format" if ending else "the file has no ending"
    known = ", ".join(f".{name}" for name in format_names()) or "none"
    raise UsageError(f"cannot write the report {path}: {found}; the formats installed are {known}")


def write_report(instance: Instance, plan: Plan, path: str | Path, *, language: str = "en") -> None:
    """Write a report of one plan; the ending of the file tells the format.

    Parameters
    ----------
    instance : Instance
        What the plan was made for; a report of a plan for another instance says so at its top.
    plan : Plan
    path : path
        ``.html`` (one file that opens without a network) or ``.json`` (the numbers behind it), or the
        ending of any other installed format.
    language : {"en", "zh"}

    Raises
    ------
    UsageError
        Unknown ending or language, or a place that cannot be written to.
    PlanError
        The plan names measures that the instance does not have.

    Examples
    --------
    >>> import optichain as oc
    >>> instance = oc.load("instances/quickstart")            # doctest: +SKIP
    >>> plan = oc.reinforce(instance)                         # doctest: +SKIP
    >>> oc.write_report(instance, plan, "report.html")        # doctest: +SKIP
    """
    if language not in LANGUAGES:
        raise UsageError(f"unknown language {language!r}: expected one of {', '.join(LANGUAGES)}")
    find_format(path).write(instance, plan, Path(path), language=language)
