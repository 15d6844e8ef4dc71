"""``optichain frontier``: what more money buys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from optichain.cli.interruptible import interruptible
from optichain.cli.options import (
    FILE,
    ParamType,
    out_option,
    path_argument,
    print_options,
    read_instance,
    spread_options,
)
from optichain.cli.output import STOPPED_EARLY, Output, check_writable
from optichain.cli.tables import facts, percent, table
from optichain.cli.tables import money as amount
from optichain.errors import StoppedError
from optichain.spreading import open_executor

if TYPE_CHECKING:
    from rich.console import Console

    from optichain.design.frontier import Frontier
    from optichain.instance.model import Instance


class Range(ParamType):
    """``A:B:N``: N budgets from A to B."""

    name = "A:B:N"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """Read a range of budgets."""
        if isinstance(value, tuple):
            return value
        try:
            low, high, count = str(value).split(":")
            first, last, number = float(low), float(high), int(count)
        except ValueError:
            self.fail(f"expected FROM:TO:NUMBER such as 0:120:7, got {value!r}", param, ctx)
        if not 0.0 <= first <= last < float("inf") or not 1 <= number <= 10000:
            self.fail(f"expected 0 <= FROM <= TO and a NUMBER from 1 to 10000, got {value!r}", param, ctx)
        if number == 1:
            return (last,)
        return tuple(first + (last - first) * i / (number - 1) for i in range(number))


@click.command("frontier")
@path_argument
@click.option(
    "--budgets", type=Range(), help="Budgets of each planning year: NUMBER of them, FROM one TO another."
)
@click.option(
    "--columns",
    "columns_file",
    type=FILE,
    metavar="FILE",
    help="Write the policies of the chains, without their bills of materials.",
)
@click.option(
    "--within",
    type=click.FloatRange(0.0, 1.0),
    default=0.01,
    show_default=True,
    metavar="E",
    help="A plan is near-optimal when at most this share of the best improvement is missing.",
)
@click.option(
    "--gap",
    type=click.FloatRange(0.0),
    default=1e-4,
    show_default=True,
    metavar="G",
    help="Improvement gap of every solve.",
)
@click.option("--time-limit", type=click.FloatRange(0.0, min_open=True), metavar="S", help="Seconds for all.")
@click.option("--threads", type=click.IntRange(1), metavar="N", help="For the solver.")
@spread_options
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, metavar="N", help="For the solver."
)
@out_option("the result as JSON")
@print_options
def command(
    out: Output,
    path: str,
    budgets: tuple[float, ...] | None,
    columns_file: Path | None,
    within: float,
    gap: float,
    time_limit: float | None,
    threads: int | None,
    jobs: int,
    cluster: str | None,
    seed: int,
    file: Path | None,
) -> int:
    """Find ACC against budget, the measures that every good plan has, and the worth of money in each year."""
    if budgets is None and columns_file is None:
        raise click.UsageError("say --budgets FROM:TO:NUMBER, --columns FILE, or both")
    check_writable(file, columns_file)
    instance = read_instance(out, path)
    import optichain

    if columns_file is not None:
        with out.working("Listing policies"):
            columns = optichain.find_columns(instance)
            optichain.write_columns(columns, columns_file)
        out.note(f"wrote {columns_file}")
    if budgets is None:
        out.finish({"columns": str(columns_file)}, lambda _console: None, file)
        return 0
    asked = budgets
    with out.working("Solving"), open_executor(jobs=jobs, cluster=cluster) as executor:
        found = interruptible(
            lambda stop: optichain.find_frontier(
                instance,
                asked,
                within=within,
                gap=gap,
                time_limit=time_limit,
                threads=threads,
                seed=seed,
                executor=executor,
                stop=stop,
            )
        )
    if not found.points and found.best is None:
        raise StoppedError("stopped before any budget was solved; give it more time")
    out.finish(found.to_json(), lambda console: _show(console, instance, found), file)
    if len(found.points) < len(asked):
        out.note(f"the time was enough for {len(found.points)} of {len(asked)} budgets")
    left_open = time_limit is not None and len(found.undecided) > 0
    return STOPPED_EARLY if left_open or len(found.points) < len(asked) else 0


def _show(console: Console, instance: Instance, found: Frontier) -> None:
    rows = [
        [
            f"{p.budget:g}",
            percent(p.acc),
            percent(p.bound),
            amount(p.loss_avoided),
            percent(p.avoidable_share),
            str(len(p.measures)),
            ", ".join(sorted(c.measure for c in p.measures)[:6]),
        ]
        for p in found.points
    ]
    currency = instance.settings.currency
    columns = [f">budget a year, {currency}", ">ACC", ">at most", f">loss avoided, {currency} a year"]
    columns += [">of the avoidable", ">measures", "among them"]
    if rows:
        console.print(table("ACC against budget", columns, rows))
    lines = [
        ("in every good plan", ", ".join(found.core) or "no measure"),
        ("in some of them", ", ".join(found.contested) or "no measure"),
    ]
    if found.undecided:
        lines.append(("left open", ", ".join(found.undecided)))
    facts(console, lines)
    money = [
        [
            str(year),
            *("-" if v is None else f"{v:.3g}" for v in (value.dual, value.difference)),
            amount(value.loss_avoided),
        ]
        for year, value in found.value_of_money.items()
    ]
    title = f"What one more {currency} adds"
    columns = [">year", ">ACC by the relaxation", ">ACC in truth", f">loss avoided, {currency} a year"]
    console.print(table(title, columns, money))
