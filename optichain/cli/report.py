"""``optichain report``: a plan as a document."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from optichain.cli.options import FILE, load_plan_of, path_argument, print_options, read_instance
from optichain.cli.output import Output
from optichain.cli.planview import check_results


@click.command("report")
@path_argument
@click.argument("plan_file", metavar="PLAN", type=FILE)
@click.option(
    "-o",
    "--output",
    "file",
    metavar="FILE",
    type=FILE,
    required=True,
    help="Where to; its ending tells the format.",
)
@click.option("--chain", metavar="NAME", help="Only the dossier of this chain.")
@click.option(
    "--template",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A house style: a directory with style.css, document.docx or templates named as ours.",
)
@print_options
def command(
    out: Output,
    path: str,
    plan_file: Path,
    file: Path,
    chain: str | None,
    template: Path | None,
) -> None:
    """Write a report of a plan: what to do, what it buys, and why to believe it."""
    check_results(file)
    instance = read_instance(out, path)
    with out.working("Writing the report"):
        import optichain

        plan = load_plan_of(instance, plan_file)
        optichain.write_report(instance, plan, file, language=out.language, chain=chain, template=template)
    found = {"written": str(file), "language": out.language, "chain": chain}
    out.finish(found, lambda console: console.print(f"wrote {file}", markup=False))
