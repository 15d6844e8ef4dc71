"""``optichain review``: what a plan promised against what happened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from optichain.cli.options import (
    FILE,
    load_plan_of,
    out_option,
    path_argument,
    print_options,
    read_instance,
)
from optichain.cli.output import Output
from optichain.cli.planview import check_results
from optichain.cli.tables import money, some, table

if TYPE_CHECKING:
    from rich.console import Console

    from optichain.design.review.review import Review


@click.command("review")
@path_argument
@click.argument("plan_file", metavar="PLAN", type=FILE)
@click.argument("happened", metavar="HAPPENED", type=click.Path(path_type=Path))
@out_option("a report of it")
@print_options
def command(out: Output, path: str, plan_file: Path, happened: Path, file: Path | None) -> None:
    """Hold what a plan promised against what happened: HAPPENED is a folder of CSV tables."""
    check_results(file)
    instance = read_instance(out, path)
    import optichain

    plan = load_plan_of(instance, plan_file)
    with out.working("Working out what the measures did"):
        found = optichain.review(instance, plan, happened)
    if file is not None:
        optichain.write_review(instance, plan, found, file, language=out.language)
        out.note(f"wrote {file}")
    out.finish(found.to_json(), lambda console: _show(console, instance.settings.currency, found))


def _show(console: Console, currency: str, found: Review) -> None:
    columns = [">without", ">promised", ">by what worked", ">lost", ">avoided, promised", ">avoided"]
    rows = [
        [row["happening"], row["date"], "yes" if row["foreseen"] else "no", *_losses(row)]
        for row in found.happenings.to_dict("records")
    ]
    title = f"What happened, and what would have ({currency})"
    console.print(table(title, ["happening", "date", "foreseen", *columns], rows))
    chains = [[row["chain"], *_losses(row)] for row in found.chains.to_dict("records")]
    console.print(table("By chain, where losses are known", ["chain", *columns], chains))
    measures = [
        [
            row["measure"],
            str(row["promised_from"]),
            some(row["works_from"]) if row["told"] else "not told",
            money(row["cost_promised"]),
            money(row["spent"]),
            money(row["avoided_promised"]),
            money(row["avoided_working"]),
        ]
        for row in found.measures.to_dict("records")
    ]
    heads = [
        "measure",
        ">promised from",
        ">works from",
        ">cost",
        ">spent",
        ">avoids, promised",
        ">avoids, worked",
    ]
    console.print(table("By measure, the others as they are", heads, measures))
    years = [
        [
            str(row["year"]),
            str(row["happenings"]),
            *(money(row[key]) for key in ("cost_promised", "spent", "expected_before", "expected_promised")),
            money(row["lost"]),
        ]
        for row in found.by_year.to_dict("records")
    ]
    heads = [
        ">year",
        ">happenings",
        ">cost",
        ">spent",
        ">expected before",
        ">expected with the plan",
        ">lost",
    ]
    console.print(table("By year", heads, years))
    if found.unknown:
        console.print(f"no loss is told of {', '.join(found.unknown)}: in no sum by chain", markup=False)


def _losses(row: dict[Any, Any]) -> list[str]:
    keys = ("without", "promised", "working", "realised", "avoided_promised", "avoided")
    return [money(row[key]) for key in keys]
