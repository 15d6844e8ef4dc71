"""``optichain evaluate``: a given list of measures, worked out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from optichain.cli.options import (
    Numbers,
    command_line,
    objective_options,
    out_option,
    path_argument,
    print_options,
    read_instance,
    report_option,
)
from optichain.cli.output import Output
from optichain.cli.planview import check_results, hand_over

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["command", "read_choices"]


@click.command("evaluate")
@path_argument
@click.option(
    "--choose",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="CSV: chain, measure, units, start_year.",
)
@click.option("--budget", type=Numbers(), help="Instead of the instance's; one number holds for each year.")
@objective_options
@out_option("the plan")
@report_option
@print_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    out: Output,
    path: str,
    choose: Path,
    budget: tuple[float, ...] | None,
    objective: str,
    alpha: float,
    mix: float,
    file: Path | None,
    report_files: tuple[Path, ...],
) -> None:
    """Work out a given list of measures, and name every rule that it breaks."""
    check_results(report_files, file)
    instance = read_instance(out, path)
    choices = read_choices(choose)
    with out.working("Evaluating"):
        import optichain

        plan = optichain.evaluate(
            instance,
            choices,
            budget=budget[0] if budget is not None and len(budget) == 1 else budget,
            objective=objective,
            alpha=alpha,
            mix=mix,
            command=command_line(ctx),
            file=choose.name,
        )
    hand_over(out, instance, plan, file=file, reports=report_files)


def read_choices(file: Path) -> pd.DataFrame:
    """Read a list of measures as text, as the user wrote it.

    Raises
    ------
    PlanError
        The file cannot be read, or is no CSV in UTF-8; every fault is listed.
    """
    from optichain.errors import PlanError
    from optichain.storage.listfiles import read_list

    frame, faults = read_list(file)
    if faults:
        raise PlanError(faults, what="The list of measures")
    return frame
