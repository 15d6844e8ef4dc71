"""``optichain info``: how large an instance is, and how it hangs together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from optichain.cli.options import out_option, path_argument, print_options, read_instance
from optichain.cli.output import Output, check_writable
from optichain.cli.tables import facts, money, table

if TYPE_CHECKING:
    from rich.console import Console


@click.command("info")
@path_argument
@out_option("the result as JSON")
@print_options
def command(out: Output, path: str, file: Path | None) -> None:
    """Describe an instance: rows of every table, blocks, tiers, cycles, demanded value."""
    check_writable(file)
    instance = read_instance(out, path)
    with out.working("Compiling the network"):
        import optichain

        found = optichain.describe(instance)
    out.finish(found, lambda console: _show(console, found), file)


def _show(console: Console, found: dict[str, Any]) -> None:
    console.print(f"{found['name']}: {found['title']}", style="bold", markup=False)
    facts(
        console,
        [
            ("demanded value", f"{money(found['demand_value'])} {found['currency']} over the horizon"),
            ("network", f"{found['activities']:,} activities, {found['commodities']:,} commodities"),
            ("blocks", f"{found['blocks']:,} (parts that share no flow)"),
            ("tiers", f"{found['tiers']:,}"),
            ("cycles", f"{found['cycles']:,}"),
            ("digest", found["digest"]),
        ],
    )
    rows = [[name, f"{count:,}"] for name, count in found["tables"].items() if count]
    console.print(table(None, ["table", ">rows"], rows))
