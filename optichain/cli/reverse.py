"""``optichain reverse``: what it takes to bring continuity below a level."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from optichain.cli.options import (
    kind_option,
    out_option,
    path_argument,
    plan_option,
    print_options,
    read_instance,
    read_plan,
)
from optichain.cli.output import Output, check_writable
from optichain.cli.tables import money, percent, table

if TYPE_CHECKING:
    from rich.console import Console

    from optichain.instance.model import Instance
    from optichain.risk.reverse import Reverse

SHOWN = 25


@click.command("reverse")
@path_argument
@click.option(
    "--level",
    type=click.FloatRange(0.0, 1.0, min_open=True),
    required=True,
    help="Continuity that must not be undercut, above 0 and at most 1.",
)
@click.option(
    "--order",
    type=click.IntRange(0),
    default=2,
    show_default=True,
    help="Largest size of the sets of failures; 0 finds durations alone.",
)
@kind_option
@plan_option
@out_option("the result as JSON")
@print_options
def command(
    out: Output,
    path: str,
    level: float,
    order: int,
    kinds: tuple[str, ...],
    plan_file: Path | None,
    file: Path | None,
) -> None:
    """Find the shortest outages, and the smallest sets of failures, that bring continuity below a level.

    Sets are of sites unless --kind says otherwise; each member is lost for its recovery time.
    """
    check_writable(file)
    instance = read_instance(out, path)
    plan = read_plan(plan_file, instance, out)
    import optichain

    with out.counting("Searching what suffices") as progress:
        found = optichain.reverse_stress(
            instance, level, order=order, kinds=kinds or None, plan=plan, progress=progress
        )
    out.finish(found.to_json(), lambda console: _show(console, instance, found), file)
    if not found.complete:
        out.note("warning: the search for sets stopped at its limit; what is listed is right, more may exist")


def _show(console: Console, instance: Instance, found: Reverse) -> None:
    unit = instance.settings.time_unit
    able = [row for row in found.durations if row[2] is not None]
    console.print(
        f"{len(able)} of {len(found.durations)} elements can alone bring continuity below {percent(found.level)}"
    )
    rows = [[f"{kind} {name}", money(duration)] for kind, name, duration in able]
    console.print(table("Shortest outage", ["element", f">{unit}s"], rows, limit=SHOWN))
    sets = [
        [" + ".join(f"{kind} {name}" for kind, name in found_set.elements), percent(found_set.continuity)]
        for found_set in found.sets
    ]
    title = f"Smallest sets up to {found.order}, each member lost for its recovery time"
    console.print(table(title, ["fail together", ">goes on"], sets, limit=SHOWN))
