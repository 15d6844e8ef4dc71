"""``optichain exposure``: what every element costs when it fails, and how soon that is felt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from optichain.cli.options import (
    in_language,
    kind_option,
    out_option,
    path_argument,
    plan_option,
    print_options,
    read_instance,
    read_plan,
    spread_options,
)
from optichain.cli.output import Output, check_writable
from optichain.cli.tables import money, percent, some, table

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from optichain.instance.model import Instance

SHOWN = 30


@click.command("exposure")
@path_argument
@kind_option
@click.option(
    "--ask",
    "ask_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a questionnaire (CSV): the unknown inputs that decide who is among the twenty most exposed.",
)
@spread_options
@plan_option
@out_option("the result as JSON")
@print_options
def command(
    out: Output,
    path: str,
    kinds: tuple[str, ...],
    ask_file: Path | None,
    jobs: int,
    cluster: str | None,
    plan_file: Path | None,
    file: Path | None,
) -> None:
    """Measure what each element costs when it alone fails, and whether that is felt before it is back."""
    check_writable(file, ask_file)
    instance = read_instance(out, path)
    plan = read_plan(plan_file, instance, out)
    instance = in_language(instance, out)
    import optichain
    from optichain.spreading import open_executor

    with (
        out.counting("Failing one element after another") as progress,
        open_executor(jobs=jobs, cluster=cluster) as executor,
    ):
        found = optichain.exposure(
            instance, kinds=kinds or None, plan=plan, executor=executor, progress=progress
        )
    document = {"elements": found.to_dict("records")}
    asked = None
    if ask_file is not None:
        from optichain.risk.questionnaire import write_questionnaire

        with out.counting("Moving one unknown input after another") as progress:
            asked = optichain.questions(instance, kinds=kinds or None, plan=plan, progress=progress)
        write_questionnaire(asked, instance, ask_file)
        out.note(f"wrote {ask_file}: {len(asked)} question{'' if len(asked) == 1 else 's'}")
        document["questions"] = asked.to_dict("records")
    out.finish(document, lambda console: _show(console, instance, found, asked), file)


def _show(console: Console, instance: Instance, found: pd.DataFrame, asked: pd.DataFrame | None) -> None:
    unit, currency = instance.settings.time_unit, instance.settings.currency
    exposed = int(found["exposed"].sum())
    console.print(f"{exposed} of {len(found)} elements are felt before they are back (TTS < TTR)")
    rows = [
        [
            f"{row['kind']} {row['element']}",
            some(row["title"]),
            money(row["lost"]),
            percent(row["risk_exposure_index"]),
            money(row["recovery_time"]),
            money(row["time_to_survive"]),
            "yes" if row["spof"] else "",
        ]
        for row in found.to_dict("records")
    ]
    columns = [
        "element",
        "title",
        f">lost, {currency}",
        ">exposure",
        f">TTR, {unit}s",
        f">TTS, {unit}s",
        "SPOF",
    ]
    console.print(table(None, columns, rows, limit=SHOWN))
    if asked is not None:
        questions = [
            [
                f"{row['table']}:{row['row']}",
                f"{row['column']} of {row['name']}",
                f"{row['assumed']:.6g}",
                f"{row['low']:.6g} to {row['high']:.6g}",
                ", ".join(f"{kind} {name}" for kind, name in row["enters"]) or "-",
            ]
            for row in asked.to_dict("records")
        ]
        columns = ["where", "what to ask", ">assumed", ">plausible", "enters the top twenty"]
        console.print(table("What to ask first", columns, questions, limit=SHOWN))
