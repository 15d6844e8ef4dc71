"""Arguments and options that several commands share."""

from __future__ import annotations

import functools
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

from optichain.cli.output import Output
from optichain.instance.kinds import ELEMENT_KINDS

if TYPE_CHECKING:
    from optichain.design.plan import Plan
    from optichain.instance.model import Instance

__all__ = [
    "FILE",
    "EvidenceKinds",
    "Kinds",
    "Numbers",
    "ParamType",
    "command_line",
    "in_language",
    "kind_option",
    "load_plan_of",
    "objective_options",
    "out_option",
    "path_argument",
    "plan_option",
    "print_options",
    "read_instance",
    "read_plan",
    "report_option",
    "spread_options",
]

Function = TypeVar("Function", bound=Callable[..., Any])

FILE = click.Path(dir_okay=False, path_type=Path)


if TYPE_CHECKING:
    ParamType = click.ParamType[Any]
else:
    ParamType = click.ParamType  # not generic at run time in all versions of click


class Numbers(ParamType):
    """One number, or several with commas between them."""

    name = "B[,B..]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """Read the numbers."""
        if isinstance(value, tuple):
            return value
        try:
            numbers = tuple(float(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"expected a number, or several such as 120,100,80, got {value!r}", param, ctx)
        if not all(0.0 <= number < float("inf") for number in numbers):
            self.fail(f"expected finite numbers that are not negative, got {value!r}", param, ctx)
        return numbers


class Kinds(ParamType):
    """Kinds of elements with commas between them."""

    name = "KIND[,KIND]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Read the kinds."""
        if isinstance(value, tuple):
            return value
        kinds = tuple(part.strip() for part in str(value).split(","))
        for kind in kinds:
            if kind not in ELEMENT_KINDS:
                self.fail(f"unknown kind {kind!r}: expected one of {', '.join(ELEMENT_KINDS)}", param, ctx)
        return kinds


class EvidenceKinds(ParamType):
    """Kinds of evidence with commas between them, ``quick`` or ``all``."""

    name = "KIND[,KIND]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Read the kinds."""
        if isinstance(value, tuple):
            return value
        names = [part.strip().replace("-", "_") for part in str(value).split(",")]
        found = [kind for name in names for kind in (EVIDENCE_SETS.get(name) or [name])]
        for kind in found:
            if kind not in EVIDENCE_SETS["all"]:
                known = ", ".join(EVIDENCE_SETS["all"])
                self.fail(f"unknown evidence {kind!r}: expected quick, all, or some of {known}", param, ctx)
        return tuple(dict.fromkeys(found))


EVIDENCE_SETS = {
    "quick": ("leave_one_out", "add_one", "shared_nodes", "baselines"),
    "all": (
        "leave_one_out",
        "add_one",
        "shared_nodes",
        "baselines",
        "frontier",
        "value_of_money",
        "near_optimal",
        "quotas",
        "stability",
    ),
}
"""As `optichain.design.evidence.gathered.Kind`, which is too slow to import for a help text."""

path_argument = click.argument("path", metavar="PATH")
plan_option = click.option(
    "--plan", "plan_file", metavar="PLAN", type=FILE, help="The network with this plan in full effect."
)
kind_option = click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(ELEMENT_KINDS),
    help="Only elements of this kind; repeatable.",
)
report_option = click.option(
    "--report",
    "report_files",
    type=FILE,
    multiple=True,
    help="Write a report too; its ending tells the format, and report.zh.html is in Chinese; repeatable.",
)


def objective_options(function: Function, *, more: tuple[str, ...] = ()) -> Function:
    """Add --objective, with more of them where a command knows more, --alpha and --mix."""
    options = (
        click.option(
            "--objective",
            type=click.Choice(["expected", "worst", "cvar", "loss", *more]),
            default="expected",
            show_default=True,
            help="Expected continuity (ACC), worst event, CVaR of the worst tail (most), expected annual loss (least)"
            + (", or what the worst k failures leave (most)." if more else "."),
        ),
        click.option(
            "--alpha",
            type=click.FloatRange(0.0, 1.0, max_open=True),
            metavar="A",
            default=0.95,
            show_default=True,
            help="Level of the CVaR: the mean over the worst 1 - A of probability.",
        ),
        click.option(
            "--mix",
            type=click.FloatRange(0.0, 1.0),
            metavar="L",
            default=0.0,
            show_default=True,
            help="Share of the expectation in the objectives worst and cvar.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def spread_options(function: Function) -> Function:
    """Add --jobs and --cluster, for work that spreads."""
    jobs = click.option(
        "--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes on this machine."
    )
    cluster = click.option(
        "--cluster",
        metavar="ADDRESS",
        help="Dask scheduler whose workers do the work; needs optichain[cluster].",
    )
    return jobs(cluster(function))


def out_option(what: str) -> Callable[[Function], Function]:
    """Return the option -o, for a named thing."""
    return click.option("-o", "--output", "file", metavar="FILE", type=FILE, help=f"Write {what} to a file.")


def print_options(function: Callable[..., int | None]) -> Callable[..., int]:
    """Add --language, --json, --quiet and --verbose, and hand the command an `Output` made of them."""

    @click.option(
        "--language",
        type=click.Choice(["en", "zh"]),
        default="en",
        show_default=True,
        help="Of reports, and of titles where the instance has them.",
    )
    @click.option(
        "--json", "as_json", is_flag=True, help="One JSON object on standard output, nothing else there."
    )
    @click.option("-q", "--quiet", is_flag=True, help="No notes and no progress.")
    @click.option("-v", "--verbose", count=True, metavar="", help="Log what is done; twice for everything.")
    @functools.wraps(function)
    def wrapped(language: str, as_json: bool, quiet: bool, verbose: int, **rest: Any) -> int:
        out = Output(as_json, quiet, verbose, language)
        out.start_logging()
        with out.alone():
            return function(out, **rest) or 0

    return wrapped


def read_instance(out: Output, path: str) -> Instance:
    """Read an instance by path or shipped name, and show its warnings.

    Raises
    ------
    InstanceError
        With every fault.
    """
    with out.working("Reading the instance"):
        import optichain
        from optichain.shipped import locate

        instance = optichain.load(locate(path))
    out.warn(instance.warnings, path)
    return instance


def in_language(instance: Instance, out: Output) -> Instance:
    """Return an instance whose titles are those in the language asked for, where it has any.

    A plan is read before: it belongs to the instance as it was written.
    """
    if out.language == "en":
        return instance
    column = f"title_{out.language}"
    told = {
        name: frame.assign(title=frame[column].where(frame[column].notna(), frame["title"]))
        for name, frame in instance.tables.items()
        if column in frame and frame[column].notna().any()
    }
    return instance.replace(settings=None, **told) if told else instance


def load_plan_of(instance: Instance, file: Path) -> Plan:
    """Load a plan of an instance, and refuse one with measures that it does not have by the name of the file."""
    import optichain
    from optichain.design.strangers import insist_on_plan

    plan = optichain.load_plan(file)
    insist_on_plan(instance, plan, file=str(file))
    return plan


def read_plan(file: Path | None, instance: Instance, out: Output) -> Plan | None:
    """Read the plan of ``--plan``, if one is given.

    Raises
    ------
    PlanError
        It cannot be read, or names what the instance does not have.
    """
    if file is None:
        return None
    plan = load_plan_of(instance, file)
    if plan.instance_digest != instance.digest:
        out.note(f"warning: {file} was made for another version of this instance")
    return plan


def command_line(ctx: click.Context) -> str:
    """Return the call of a command as a user could repeat it: what was given, in the order of the options.

    Names of files may be bytes that are no text: those are escaped, because the call goes into plans and reports.
    """
    words = ["optichain", ctx.info_name or ""]
    options: list[str] = []
    for parameter in ctx.command.params:
        name, value = parameter.name or "", ctx.params.get(parameter.name or "")
        source = ctx.get_parameter_source(name)
        if source is None or source.name == "DEFAULT" or name in ("as_json", "quiet", "verbose"):
            continue
        if isinstance(parameter, click.Argument):
            words.append(str(value))
            continue
        flag = max(parameter.opts, key=len)
        several = isinstance(value, tuple) and parameter.multiple
        items: tuple[Any, ...] = value if several and isinstance(value, tuple) else (value,)
        for item in items:
            options += [flag, _as_typed(item, "=" if several else ",")]
    return (
        shlex.join([*words, *options]).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    )


def _as_typed(value: Any, between: str) -> str:
    """Return an option's value as it is typed, its parts with a sign between them."""
    if not isinstance(value, tuple):
        return str(value)
    if any(isinstance(part, str) for part in value):
        return between.join(str(part) for part in value)
    return ",".join(f"{number:.12g}" for number in value)
