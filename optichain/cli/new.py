"""``optichain new``: a commented instance to start from."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from optichain.cli.options import print_options
from optichain.cli.output import Output


@click.command("new")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@print_options
def command(out: Output, folder: Path) -> None:
    """Write a small, complete instance with a comment on every setting, to change into your own."""
    with out.working("Writing"):
        from optichain.instance.starter import write_starter

        write_starter(folder)
    lines = [
        f"wrote {folder}",
        "Next: change the tables, and after each change",
        f"  optichain check {folder}",
    ]
    out.finish(
        {"written": str(folder), "files": sorted(p.name for p in folder.iterdir())},
        lambda console: console.print("\n".join(lines), markup=False),
    )
