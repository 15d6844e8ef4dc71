"""What a report format is, and who implements it (entry points ``optichain.reports``).

A format is registered under the ending of its files: ``html`` writes ``*.html``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from optichain.errors import UsageError
from optichain.plugins import FORMATS, make_plugin, plugin_names

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.design.review.review import Review
    from optichain.instance.model import Instance

__all__ = [
    "LANGUAGES",
    "ComparingFormat",
    "ReportFormat",
    "ReviewingFormat",
    "find_format",
    "format_names",
    "write_comparison",
    "write_report",
    "write_review",
]

LANGUAGES: Final = ("en", "zh")
REFUSED: Final = {
    "chain": "the format {} writes no report of a single chain",
    "template": "the format {} has no house style",
}
ALIASES: Final = {"htm": "html"}


class ReportFormat(Protocol):
    """A kind of file that a report of one plan can be written as.

    A format that can do more than write a whole report in a language says so in an attribute ``accepts``: a set of
    ``chain`` (only what concerns one chain) and ``template`` (the directory of a house style). Only what it accepts
    is handed to it, and only where it is asked for.
    """

    name: str

    def write(self, instance: Instance, plan: Plan, path: Path, *, language: str, **options: Any) -> None:
        """Write the report, whole or not at all."""


class ComparingFormat(Protocol):
    """A kind of file that two plans beside each other can be written as too."""

    def write_comparison(
        self, first: Plan, second: Plan, path: Path, *, language: str, instance: Instance | None
    ) -> None:
        """Write what changed from the first plan to the second, whole or not at all."""


class ReviewingFormat(Protocol):
    """A kind of file that an ex-post review can be written as too."""

    def write_review(
        self, instance: Instance, plan: Plan, review: Review, path: Path, *, language: str
    ) -> None:
        """Write what was promised against what happened, whole or not at all."""


def format_names() -> list[str]:
    """Return the endings of the installed formats, without their dots."""
    return plugin_names(FORMATS)


def find_format(path: str | Path) -> ReportFormat:
    """Return the format that the ending of a file asks for.

    Raises
    ------
    UsageError
        No installed format has that ending, it cannot be loaded, or it lacks an extra.
    """
    ending = Path(path).suffix.lower().removeprefix(".")
    wanted = ALIASES.get(ending, ending)
    found = make_plugin(
        FORMATS,
        wanted,
        lambda told: UsageError(f"cannot write the report {path}: the format .{wanted} {told}"),
    )
    if found is not None:
        return cast("ReportFormat", found)
    wrong = f"the ending .{ending} is no report format" if ending else "the file has no ending"
    known = ", ".join(f".{name}" for name in format_names()) or "none"
    raise UsageError(f"cannot write the report {path}: {wrong}; the formats installed are {known}")


def write_report(
    instance: Instance,
    plan: Plan,
    path: str | Path,
    *,
    language: str = "en",
    chain: str | None = None,
    template: str | Path | None = None,
) -> None:
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
    chain : str, optional
        Only the dossier of this chain.
    template : path, optional
        Directory of a house style: see ``docs/house-style.md``.

    Raises
    ------
    UsageError
        Unknown ending, language or chain, a directory that is no house style, a format that cannot do what is asked
        for, or a place that cannot be written to.
    PlanError
        The plan names measures that the instance does not have.

    Examples
    --------
    >>> import optichain as oc
    >>> instance = oc.load("instances/quickstart")            # doctest: +SKIP
    >>> plan = oc.reinforce(instance)                         # doctest: +SKIP
    >>> oc.write_report(instance, plan, "report.html")        # doctest: +SKIP
    """
    _check_language(language)
    asked = {"chain": chain, "template": None if template is None else Path(template)}
    options = {key: value for key, value in asked.items() if value is not None}
    found = find_format(path)
    for key in sorted(set(options) - set(getattr(found, "accepts", ()))):
        raise UsageError(f"cannot write the report {path}: {REFUSED[key].format(found.name)}")
    found.write(instance, plan, Path(path), language=language, **options)


def write_comparison(
    first: Plan,
    second: Plan,
    path: str | Path,
    *,
    instance: Instance | None = None,
    language: str = "en",
) -> None:
    """Write what changed from one plan to another, and why; the ending of the file tells the format.

    Parameters
    ----------
    first, second : Plan
    path : path
        As of `write_report`.
    instance : Instance, optional
        Of the second plan: for titles and the currency, which plans do not carry.
    language : {"en", "zh"}

    Raises
    ------
    UsageError
        Unknown ending or language, a format that writes no comparison, or a place that cannot be written to.
    """
    _check_language(language)
    found = _able(path, "write_comparison", "comparison")
    cast("ComparingFormat", found).write_comparison(
        first, second, Path(path), language=language, instance=instance
    )


def write_review(
    instance: Instance, plan: Plan, review: Review, path: str | Path, *, language: str = "en"
) -> None:
    """Write what a plan promised against what happened; the ending of the file tells the format.

    Parameters
    ----------
    instance : Instance
    plan : Plan
    review : Review
        Of `optichain.review`.
    path : path
        As of `write_report`.
    language : {"en", "zh"}

    Raises
    ------
    UsageError
        Unknown ending or language, a format that writes no review, or a place that cannot be written to.
    """
    _check_language(language)
    found = _able(path, "write_review", "review")
    cast("ReviewingFormat", found).write_review(instance, plan, review, Path(path), language=language)


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise UsageError(f"unknown language {language!r}: expected one of {', '.join(LANGUAGES)}")


def _able(path: str | Path, method: str, what: str) -> ReportFormat:
    """Return the format of a file, if it writes what is asked for."""
    found = find_format(path)
    if not hasattr(found, method):
        raise UsageError(f"cannot write {path}: the format {found.name} writes no {what}")
    return found
