"""``optichain spof``: what must not fail."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from optichain.cli.options import (
    in_language,
    kind_option,
    out_option,
    path_argument,
    plan_option,
    print_options,
    read_instance,
    read_plan,
)
from optichain.cli.output import Output, check_writable
from optichain.cli.tables import money, percent, some, table

if TYPE_CHECKING:
    from rich.console import Console

    from optichain.instance.model import Instance
    from optichain.risk.structure import Structure

SHOWN = 40
NAMED = 3


@click.command("spof")
@path_argument
@kind_option
@click.option(
    "--status",
    type=click.Choice(["qualified", "active"]),
    default="qualified",
    show_default=True,
    help="The worst status that counts as usable.",
)
@click.option(
    "--losses",
    type=click.IntRange(min=0),
    metavar="N",
    help="Measure loss and time to survive for the N elements with most at stake; by default for all, "
    "in very large networks for fewer or none.",
)
@plan_option
@out_option("the result as JSON")
@print_options
def command(
    out: Output,
    path: str,
    kinds: tuple[str, ...],
    status: str,
    losses: int | None,
    plan_file: Path | None,
    file: Path | None,
) -> None:
    """Find the single points of failure: what stops a demanded item when it fails for good."""
    check_writable(file)
    instance = read_instance(out, path)
    plan = read_plan(plan_file, instance, out)
    instance = in_language(instance, out)
    with out.working("Finding single points of failure"):
        import optichain

        found = optichain.structure(instance, kinds=kinds or None, status=status, plan=plan, losses=losses)
    out.finish(found.to_json(), lambda console: _show(console, instance, found), file)


def _show(console: Console, instance: Instance, found: Structure) -> None:
    settings = instance.settings
    stopped = found.spofs[["demand", "site"]].drop_duplicates()
    demands = instance["demands"][["item", "site"]].drop_duplicates()
    elements = found.spofs[["kind", "element"]].drop_duplicates()
    console.print(
        f"[bold]{len(elements)}[/] single points of failure, by [bold]{found.spofs['root'].nunique()}[/] causes; "
        f"they stop [bold]{len(stopped)}[/] of {len(demands)} demands"
    )
    if len(found.spofs):
        console.print(_table(settings.currency, settings.time_unit, instance, found))
    if found.measured < found.elements:
        console.print(
            f"loss and time to survive were measured for {found.measured} of {found.elements} elements, "
            "those with most at stake; --losses N measures more"
        )
    if len(found.unprovidable):
        rows = [[str(row.demand), some(row.site)] for row in found.unprovidable.itertuples()]
        console.print(table("Cannot be provided even with nothing failed", ["demand", "site"], rows))
    if found.loops:
        console.print(f"provided only by a loop that sustains itself: {', '.join(found.loops)}", markup=False)
    unknown = {tier: share for tier, share in found.unmapped.items() if share > 0.0}
    if unknown:
        listed = ", ".join(f"tier {tier} {percent(share)}" for tier, share in unknown.items())
        console.print(f"demanded value whose suppliers are unknown: {listed}", markup=False)


def _table(currency: str, time_unit: str, instance: Instance, found: Structure) -> object:
    """Return one row a cause: the rows of one cause are one fact, a site with its only source, say."""
    demanded = _demanded_value(instance)
    partly = found.measured < found.elements
    rows = []
    spofs = found.spofs
    shown = spofs["root"].drop_duplicates()
    # only what is shown is put together: a large network has thousands of causes
    for _, group in spofs[spofs["root"].isin(shown.head(SHOWN))].groupby("root", sort=False):
        first = group.iloc[0]
        stops = dict.fromkeys(
            str(row.demand) + (f" @ {row.site}" if isinstance(row.site, str) else "")
            for row in group.itertuples()
        )
        with_it = dict.fromkeys(
            f"{row.kind} {row.element}"
            for row in group.itertuples()
            if (row.kind, row.element) != (first["kind"], first["element"])
        )
        rows.append(
            [
                f"{first['kind']} {first['element']}",
                some(first["title"]),
                _some_of(list(stops)),
                money(first["lost"]),
                percent(first["lost"] / demanded if demanded else None),
                money(first["time_to_survive"]),
                *([money(first["at_stake"])] if partly else []),
                _some_of(list(with_it)),
            ]
        )
    columns = [
        "cause",
        "title",
        "stops",
        f">lost, {currency}",
        ">of demand",
        f">felt after, {time_unit}s",
        *([f">at stake, {currency}"] if partly else []),
        "the same fact",
    ]
    result = table(None, columns, rows)
    if len(shown) > SHOWN:
        result.caption = f"{len(shown) - SHOWN} more; --json or -o FILE gives all"
        result.caption_justify = "left"
    return result


def _some_of(names: list[str]) -> str:
    """Return the first names, and how many more there are."""
    if len(names) <= NAMED:
        return ", ".join(names) or "-"
    return ", ".join(names[:NAMED]) + f" and {len(names) - NAMED} more"


def _demanded_value(instance: Instance) -> float:
    demands = instance["demands"]
    return float((demands["rate"] * demands["value"]).sum() * instance.settings.horizon)
