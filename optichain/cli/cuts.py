"""``optichain cuts``: which few failures together stop a demand, or bring continuity below a level."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from optichain.cli.interruptible import interruptible
from optichain.cli.options import (
    kind_option,
    out_option,
    path_argument,
    plan_option,
    print_options,
    read_instance,
    read_plan,
)
from optichain.cli.output import STOPPED_EARLY, Output, check_writable
from optichain.cli.tables import some, table

if TYPE_CHECKING:
    from rich.console import Console

    from optichain.risk.fragility import CutSets

SHOWN = 40


@click.command("cuts")
@path_argument
@click.option(
    "--order", type=click.IntRange(min=1), default=2, show_default=True, help="Largest size of a set."
)
@kind_option
@click.option("--demand", "demands", metavar="ITEM", multiple=True, help="Only this demand; repeatable.")
@click.option(
    "--level",
    type=click.FloatRange(0.0, 1.0, min_open=True),
    metavar="THETA",
    help="Sets that bring steady-state continuity below this, instead of making a demand impossible.",
)
@click.option(
    "--status",
    type=click.Choice(["qualified", "active"]),
    default="qualified",
    show_default=True,
    help="The worst status that counts as usable.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=1_000_000, show_default=True, help="Sets listed at most."
)
@click.option("--time-limit", type=click.FloatRange(min=0.0), metavar="S", help="Seconds for the search.")
@plan_option
@out_option("the result as JSON")
@print_options
def command(
    out: Output,
    path: str,
    order: int,
    kinds: tuple[str, ...],
    demands: tuple[str, ...],
    level: float | None,
    status: str,
    limit: int,
    time_limit: float | None,
    plan_file: Path | None,
    file: Path | None,
) -> int:
    """Find the minimal cut sets: the smallest sets whose failure for good stops a demanded item."""
    check_writable(file)
    instance = read_instance(out, path)
    plan = read_plan(plan_file, instance, out)
    with out.working("Finding minimal cut sets"):
        import optichain

        found = interruptible(
            lambda stop: optichain.cut_sets(
                instance,
                order=order,
                kinds=kinds or None,
                demands=demands or None,
                level=level,
                status=status,
                limit=limit,
                time_limit=time_limit,
                plan=plan,
                stop=stop,
            ),
            lambda: out.note("stopping with what is proven so far"),
        )
    out.finish(found.to_json(), lambda console: _show(console, found), file)
    return 0 if found.complete else STOPPED_EARLY


def _show(console: Console, found: CutSets) -> None:
    counts = ", ".join(f"{len(owner)} of {size}" for size, (owner, _) in enumerate(found.sets, start=1))
    what = "sets bring continuity" if found.level is not None else "minimal cut sets"
    end = f" below {found.level:g}" if found.level is not None else ""
    console.print(f"[bold]{found.count}[/] {what}{end}, by number of elements: {counts}")
    if not found.complete:
        console.print(f"stopped early: complete up to sets of {found.proven}, of {found.order} asked for")
    low, high = found.chances.any_low, found.chances.any_high
    if low == high:
        console.print(f"that one of them happens in a year: [bold]{high:.3g}[/]")
    elif low < high:
        console.print(
            f"that one of them happens in a year: between [bold]{low:.3g}[/] and [bold]{high:.3g}[/]"
        )
    if found.count:
        frame = found.frame.sort_values("probability", ascending=False, kind="stable").head(SHOWN)
        columns = ["demand", "site", "elements", "probability"]
        rows = [
            [_place(demand, site), " + ".join(f"{kind} {name}" for kind, name in members), f"{p:.3g}"]
            for demand, site, members, p in frame[columns].to_numpy(dtype=object).tolist()
        ]
        more = f", {SHOWN} of {found.count}" if found.count > SHOWN else ""
        console.print(table(f"The likeliest{more}", ["stops", "elements", ">a year"], rows))
    if len(found.importance):
        most = found.importance.sort_values("importance", ascending=False, kind="stable").head(SHOWN // 4)
        columns = ["demand", "site", "kind", "element", "importance"]
        rows = [
            [f"{kind} {element}", _place(demand, site), f"{value:.3g}"]
            for demand, site, kind, element, value in most[columns].to_numpy(dtype=object).tolist()
        ]
        console.print(table("What matters most (Birnbaum)", ["element", "for", ">importance"], rows))
    for place, never in zip(found.places, found.unprovidable, strict=True):
        if never:
            state = "is below the level" if found.level is not None else "cannot be provided"
            console.print(f"{_place(*place)} {state} even with nothing failed", markup=False)


def _place(demand: str | None, site: str | None) -> str:
    if demand is None:
        return "all demands"
    return demand if site is None else f"{demand} @ {some(site)}"
