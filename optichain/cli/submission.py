"""``optichain submission``: a filled workbook of a chain owner as an instance."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from optichain.cli.options import FILE, print_options
from optichain.cli.output import Output


@click.command("submission")
@click.argument("file", metavar="FILE.xlsx", type=FILE)
@click.option(
    "-o",
    "--output",
    "target",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where the instance goes; without it the workbook is checked only.",
)
@print_options
def command(out: Output, file: Path, target: Path | None) -> None:
    """Read the workbook that a chain owner has filled in, and name every cell to mend."""
    with out.working("Reading the workbook"):
        import optichain

        instance = optichain.read_submission(file)
    out.warn(instance.warnings, str(file))
    if target is not None:
        optichain.write(instance, target)
    chain = instance["chains"]["chain"][0]
    document = {
        "written": None if target is None else str(target),
        "digest": instance.digest,
        "chain": chain,
        "submitted_by": instance["chains"]["submitted_by"][0],
        "rows": {name: len(frame) for name, frame in instance.frames.items() if len(frame)},
    }
    lines = [f"the workbook of chain {chain} is sound"]
    if target is not None:
        lines += [
            f"wrote {target}",
            f"Next: optichain check {target}, or optichain merge {target} OTHER... -o OUT",
        ]
    out.finish(document, lambda console: console.print("\n".join(lines), markup=False))
