"""``optichain workbook``: the workbook that a chain owner fills in."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from optichain.cli.options import FILE, print_options, read_instance
from optichain.cli.output import Output, check_writable
from optichain.errors import UsageError


@click.command("workbook")
@click.argument("target", metavar="OUT.xlsx", type=FILE)
@click.option("--from", "path", metavar="PATH", help="Fill in what this instance knows of the chain.")
@click.option("--chain", metavar="NAME", help="Which of its chains.")
@print_options
def command(out: Output, target: Path, path: str | None, chain: str | None) -> None:
    """Write the workbook, in English and Chinese, in which a chain owner submits some thirty rows."""
    check_writable(target)
    if target.suffix.lower() != ".xlsx":
        raise UsageError(f"cannot write {target}: expected a name that ends in .xlsx")
    if (path is None) != (chain is None):
        raise UsageError("--from and --chain go together: which chain of which instance")
    from optichain.submission.write_form import write_form

    rows: dict[str, int] = {}
    left: list[str] = []
    if path is None or chain is None:
        with out.working("Writing"):
            write_form(target)
    else:
        instance = read_instance(out, path)
        with out.working("Writing"):
            from optichain.submission.prefill import prefill

            head, known, left = prefill(instance, chain)
            write_form(target, chain=head, rows=known)
            rows = {name: len(found) for name, found in known.items()}
    for words in left:
        out.note(f"the workbook has no place for {words}")
    lines = [
        f"wrote {target}",
        "Next: fill it in, then",
        f"  optichain submission {target} -o DIR",
    ]
    out.finish(
        {"written": str(target), "chain": chain, "rows": rows, "left_out": left},
        lambda console: console.print("\n".join(lines), markup=False),
    )
