"""``optichain verify``: a plan's claims, recomputed without the optimiser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from optichain.cli.options import FILE, load_plan_of, out_option, path_argument, print_options, read_instance
from optichain.cli.output import Output, check_writable
from optichain.cli.tables import some, table

if TYPE_CHECKING:
    from rich.console import Console

    from optichain.design.verify import Claim


@click.command("verify")
@path_argument
@click.argument("plan_file", metavar="PLAN", type=FILE)
@out_option("the result as JSON")
@print_options
def command(out: Output, path: str, plan_file: Path, file: Path | None) -> int:
    """Recompute every claim of a plan; the exit status is 1 if one does not hold."""
    check_writable(file)
    instance = read_instance(out, path)
    with out.working("Recomputing"):
        import optichain

        plan = load_plan_of(instance, plan_file)
        claims = optichain.check_claims(instance, plan)
    ok = all(claim.ok for claim in claims)
    out.finish(
        {"ok": ok, "claims": [claim.to_json() for claim in claims]},
        lambda console: _show(console, claims),
        file,
    )
    return 0 if ok else 1


def _show(console: Console, claims: Sequence[Claim]) -> None:
    wrong = [claim for claim in claims if not claim.ok]
    # a claim in two words is one year's, one chain's or one measure's
    shown = wrong or [claim for claim in claims if " " not in claim.claim]
    rows = [
        [claim.claim, _text(claim.stated), _text(claim.recomputed), "yes" if claim.ok else "NO"]
        for claim in shown
    ]
    title = "Claims that do not hold" if wrong else None
    console.print(table(title, ["claim", ">stated", ">recomputed", "holds"], rows))
    if wrong:
        console.print(f"[bold red]{len(wrong)} of {len(claims)} claims do not hold[/]")
    else:
        others = len(claims) - len(shown)
        also = f", {others} of them by year, chain or measure" if others else ""
        console.print(f"[bold green]all {len(claims)} claims hold[/]{also}")


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.9g}"
    if isinstance(value, (list, tuple)) and len(value) > 4:
        return f"{len(value)} entries"
    text = (
        some(value)
        if not isinstance(value, (list, tuple))
        else ", ".join(_text(item) for item in value) or "none"
    )
    return text if len(text) <= 30 else text[:27] + "..."
