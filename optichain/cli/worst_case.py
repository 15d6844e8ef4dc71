"""``optichain worst-case``: the worst that k failures can do, with a certificate."""

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
from optichain.cli.tables import facts, money, percent, table

if TYPE_CHECKING:
    from rich.console import Console

    from optichain.instance.model import Instance
    from optichain.risk.attack import WorstCase


@click.command("worst-case")
@path_argument
@click.option("-k", "k", type=click.IntRange(1), required=True, help="How many may fail together.")
@kind_option
@click.option(
    "--duration",
    type=click.FloatRange(0.0),
    help="Time units that each stays down; its own recovery time by default.",
)
@click.option(
    "--time-limit", type=click.FloatRange(0.0), help="Seconds; the bound is what is proven by then."
)
@plan_option
@out_option("the result as JSON")
@print_options
def command(
    out: Output,
    path: str,
    k: int,
    kinds: tuple[str, ...],
    duration: float | None,
    time_limit: float | None,
    plan_file: Path | None,
    file: Path | None,
) -> int:
    """Find the k failures that leave least, and prove that none leaves less. Sites fail unless --kind says otherwise."""
    check_writable(file)
    instance = read_instance(out, path)
    plan = read_plan(plan_file, instance, out)
    with out.working("Searching the worst"):
        import optichain

        found = interruptible(
            lambda stop: optichain.worst_case(
                instance,
                k,
                kinds=kinds or ("site",),
                duration=duration,
                plan=plan,
                time_limit=time_limit,
                stop=stop,
            ),
            lambda: out.note("stopping with what is proven so far"),
        )
    out.finish(found.to_json(), lambda console: _show(console, instance, found), file)
    return 0 if found.complete else STOPPED_EARLY


def _show(console: Console, instance: Instance, found: WorstCase) -> None:
    unit = instance.settings.time_unit
    lasting = "their recovery times" if found.duration is None else f"{money(found.duration)} {unit}s"
    proof = "proven to be the worst" if found.complete else f"none leaves less than {percent(found.bound)}"
    facts(
        console,
        [
            ("goes on", percent(found.continuity)),
            ("when", " + ".join(f"{kind} {name}" for kind, name in found.attack.elements) or "nothing fails"),
            ("for", lasting),
            ("proof", f"{proof}; {found.sets:,} sets of up to {found.k}, {found.solved:,} models solved"),
        ],
    )
    rows = [
        [" + ".join(f"{kind} {name}" for kind, name in attack.elements), percent(attack.continuity)]
        for attack in found.worst
    ]
    console.print(table("The worst that were met", ["fail together", ">goes on"], rows, limit=20))
