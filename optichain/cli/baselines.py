"""``optichain baselines``: what simpler ways of sharing out the same budget come to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from optichain.cli.evaluate import read_choices
from optichain.cli.options import (
    FILE,
    Numbers,
    command_line,
    objective_options,
    out_option,
    path_argument,
    print_options,
    read_instance,
    read_plan,
)
from optichain.cli.output import Output, check_writable
from optichain.cli.tables import money, percent, table

if TYPE_CHECKING:
    from rich.console import Console

    from optichain.design.baselines.baselines import Baselines
    from optichain.instance.model import Instance


@click.command("baselines")
@path_argument
@click.option("--budget", type=Numbers(), help="Instead of the instance's; one number holds for each year.")
@objective_options
@click.option(
    "--choose",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A list of measures besides, as CSV: chain, measure, units, start_year.",
)
@click.option("--plan", "plan_file", metavar="PLAN", type=FILE, help="Compare with this plan.")
@out_option("the result as JSON")
@print_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    out: Output,
    path: str,
    budget: tuple[float, ...] | None,
    objective: str,
    alpha: float,
    mix: float,
    choose: Path | None,
    plan_file: Path | None,
    file: Path | None,
) -> None:
    """Share out the same budget under the same rules in simpler ways: pro rata, by score, by SPOF, greedily."""
    check_writable(file)
    instance = read_instance(out, path)
    plan = read_plan(plan_file, instance, out)
    listed = None if choose is None else read_choices(choose)
    with out.working("Sharing out the budget"):
        import optichain

        found = optichain.baselines(
            instance,
            budget=budget[0] if budget is not None and len(budget) == 1 else budget,
            objective=objective,
            alpha=alpha,
            mix=mix,
            choose=listed,
            plan=plan,
            file="choices" if choose is None else choose.name,
            command=command_line(ctx),
        )
    out.finish(found.to_json(), lambda console: _show(console, instance, found), file)


def _show(console: Console, instance: Instance, found: Baselines) -> None:
    currency = instance.settings.currency
    rows = []
    for row in found.table.to_dict("records"):
        cells = [
            str(row["name"]),
            percent(row["acc_after"]),
            money(row["expected_annual_loss_after"]),
            percent(row["avoidable_share"]),
            money(row["spend"]),
            f"{row['measures']:g}",
            f"{row['spofs_after']:g}",
            f"{row['breaches']:g}" if row["breaches"] else "",
        ]
        if "share_of_plan" in row:
            cells.append(percent(row["share_of_plan"]))
        rows.append(cells)
    columns = ["way", ">ACC", ">loss a year", ">avoided", ">cost", ">measures", ">SPOFs", ">broken rules"]
    if "share_of_plan" in found.table:
        columns.append(">of the plan's gain")
    title = f"The same budget, shared out in other ways; money in {currency}"
    console.print(table(title, columns, rows))
    if found.greedy_is_close:
        console.print("greedy comes within a percent of the plan's gain")
