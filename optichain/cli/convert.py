"""``optichain convert``: the same instance in another carrier."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from optichain.cli.options import path_argument, print_options, read_instance
from optichain.cli.output import Output


@click.command("convert")
@path_argument
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@print_options
def command(out: Output, path: str, target: Path) -> None:
    """Write an instance as a folder, a workbook (OUT ends in .xlsx) or a JSON file (.json)."""
    instance = read_instance(out, path)
    with out.working("Writing"):
        import optichain

        optichain.write(instance, target)
    found = {"written": str(target), "digest": instance.digest}
    out.finish(found, lambda console: console.print(f"wrote {target}", markup=False))
