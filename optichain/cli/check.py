"""``optichain check``: every fault of an instance, everything suspicious, every assumption."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from optichain.cli.options import out_option, path_argument, print_options
from optichain.cli.output import Output, check_writable
from optichain.cli.tables import show_faults, table

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from optichain.checking import CheckResult
    from optichain.errors import Fault

LISTED = 20


@click.command("check")
@path_argument
@out_option("the result as JSON")
@print_options
def command(out: Output, path: str, file: Path | None) -> int:
    """Check an instance: every fault, everything suspicious, and what will be assumed."""
    check_writable(file)
    with out.working("Checking"):
        import optichain

        result = optichain.check(path)
    out.finish(result.to_json(), lambda console: _show(console, result), file)
    return 3 if result.errors else 0


def _show(console: Console, result: CheckResult) -> None:
    show_faults(console, "error", result.errors)
    show_faults(console, "warning", result.warnings)
    if len(result.assumptions) > LISTED:
        console.print(_by_rule(result.assumptions))
    else:
        show_faults(console, "assumption", result.assumptions)
    if result.errors:
        console.print(f"[bold red]not usable[/]: {len(result.errors)} to mend")
    else:
        said = f"{len(result.warnings)} warnings, {len(result.assumptions)} assumptions"
        console.print(f"[bold green]usable[/]: {said}")


def _by_rule(assumptions: Sequence[Fault]) -> Table:
    """Return many assumptions as one row a rule."""
    first: dict[str, Fault] = {}
    for fault in assumptions:
        first.setdefault(fault.code, fault)
    counts = Counter(fault.code for fault in assumptions)
    rows = [[rule, f"{count:,}", first[rule].message] for rule, count in counts.most_common()]
    title = f"{len(assumptions):,} assumptions; --json or -o FILE lists each"
    return table(title, ["rule", ">how many", "such as"], rows)
