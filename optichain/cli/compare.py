"""``optichain compare``: what changed between two plans, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from optichain.cli.options import FILE, out_option, print_options, read_instance
from optichain.cli.output import Output
from optichain.cli.planview import check_results
from optichain.cli.tables import missing, money, percent, some, table

if TYPE_CHECKING:
    from rich.console import Console

    from optichain.design.comparing import Comparison

SHARES = ("acc", "avoidable")


@click.command("compare")
@click.argument("first", metavar="PLAN", type=FILE)
@click.argument("second", metavar="PLAN", type=FILE)
@click.option(
    "--instance", "path", metavar="PATH", help="Of the second plan: for titles and the currency of a report."
)
@out_option("a report of it")
@print_options
def command(out: Output, first: Path, second: Path, path: str | None, file: Path | None) -> None:
    """Tell what changed from the first plan to the second, and why."""
    check_results(file)
    instance = None if path is None else read_instance(out, path)
    import optichain

    one, other = optichain.load_plan(first), optichain.load_plan(second)
    found = optichain.compare(one, other)
    if file is not None:
        optichain.write_comparison(one, other, file, instance=instance, language=out.language)
        out.note(f"wrote {file}")
    out.finish(found.to_json(), lambda console: _show(console, found))


def _show(console: Console, found: Comparison) -> None:
    rows = [
        [row["figure"], *(_number(row["figure"], row[key]) for key in ("first", "second", "difference"))]
        for row in found.figures.to_dict("records")
        if missing(row["difference"]) or row["difference"] != 0.0
    ]
    if rows:
        console.print(table("Figures that differ", ["figure", ">first", ">second", ">difference"], rows))
    if found.same:
        console.print("both plans fund the same measures")
    else:
        changes = [
            [
                some(row["chain"]),
                row["measure"],
                row["change"],
                _start(row["units_first"], row["start_year_first"]),
                _start(row["units_second"], row["start_year_second"]),
                row["why"],
            ]
            for row in found.measures.to_dict("records")
        ]
        console.print(table("Measures", ["chain", "measure", "change", "first", "second", "why"], changes))
    for words, names in (("no longer a SPOF", found.spofs_cleared), ("a SPOF again", found.spofs_new)):
        if names:
            console.print(f"{words}: {', '.join(names)}", markup=False)


def _number(figure: str, value: Any) -> str:
    if missing(value):
        return "-"
    if figure.startswith(SHARES):
        return percent(value) if value >= 0.0 else f"-{percent(-value)}"
    return f"{value:.6g}" if figure in ("objective", "bound") else money(value)


def _start(units: Any, year: Any) -> str:
    return "-" if missing(year) else f"{units:g} from {year:g}"
