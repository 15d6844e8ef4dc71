"""``optichain new``: a commented instance to start from."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from optichain.cli.options import print_options
from optichain.cli.output import Output
from optichain.errors import UsageError


@click.command("new")
@click.argument("place", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--blank", is_flag=True, help="Of a workbook: headers and settings only, no rows to start from."
)
@print_options
def command(out: Output, place: Path, blank: bool) -> None:
    """Write a small, complete instance with a comment on every setting, to change into your own.

    DIR is a folder; where it ends in .xlsx, a workbook with every table, comments and drop-downs.
    """
    workbook = place.suffix.lower() == ".xlsx"
    if blank and not workbook:
        raise UsageError("--blank is for workbooks: give a name that ends in .xlsx")
    with out.working("Writing"):
        if workbook:
            from optichain.instance.template import write_template

            write_template(place, blank=blank)
        else:
            from optichain.instance.starter import write_starter

            write_starter(place)
    lines = [
        f"wrote {place}",
        "Next: change the tables, and after each change",
        f"  optichain check {place}",
    ]
    files = [place.name] if workbook else sorted(p.name for p in place.iterdir())
    out.finish(
        {"written": str(place), "files": files},
        lambda console: console.print("\n".join(lines), markup=False),
    )
