"""``optichain evidence``: what each measure of a plan buys, what was left out and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from optichain.cli.options import FILE, out_option, path_argument, print_options, read_instance, read_plan
from optichain.cli.output import Output, check_writable
from optichain.cli.tables import money, percent, some, table

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from optichain.design.evidence.stability import Stability
    from optichain.instance.model import Instance

SHOWN = 20


@click.command("evidence")
@path_argument
@click.argument("plan_file", metavar="PLAN", type=FILE)
@click.option("--quotas", "with_quotas", is_flag=True, help="Solve again with each quota one unit looser.")
@click.option(
    "--money",
    type=click.FloatRange(0.0, min_open=True),
    metavar="M",
    default=1.0,
    show_default=True,
    help="What counts as one unit of money for --quotas.",
)
@click.option(
    "--samples",
    type=click.IntRange(min=1),
    metavar="N",
    help="Draw the uncertain inputs N times, and solve again each time.",
)
@click.option("--seed", type=int, metavar="N", default=0, show_default=True, help="Of the draws.")
@click.option(
    "--inputs",
    type=click.IntRange(min=0),
    metavar="N",
    default=20,
    show_default=True,
    help="With --samples, move so many inputs one by one.",
)
@click.option("--time-limit", type=click.FloatRange(0.0), metavar="S", help="Seconds for each solve.")
@out_option("the result as JSON")
@print_options
def command(
    out: Output,
    path: str,
    plan_file: Path,
    with_quotas: bool,
    money: float,
    samples: int | None,
    seed: int,
    inputs: int,
    time_limit: float | None,
    file: Path | None,
) -> None:
    """Show what each measure of a plan buys, what was left out and why, and what several chains depend on."""
    check_writable(file)
    instance = read_instance(out, path)
    plan = read_plan(plan_file, instance, out)
    assert plan is not None
    frames: dict[str, pd.DataFrame] = {}
    with out.working("Working out the plan and its neighbours"):
        import optichain
        from optichain.design.evidence.bench import Bench

        bench = Bench(instance, plan)
        frames["leave_one_out"] = optichain.leave_one_out(instance, plan, bench=bench)
        frames["add_one"] = optichain.add_one(instance, plan, bench=bench)
        frames["shared_nodes"] = optichain.shared_nodes(instance)
    if with_quotas:
        with out.counting("Solving with each quota looser") as progress:
            frames["quotas"] = optichain.quotas(
                instance, plan, money=money, time_limit=time_limit, bench=bench, progress=progress
            )
    stable: Stability | None = None
    if samples is not None:
        with out.counting("Solving with other inputs") as progress:
            stable = optichain.stability(
                instance,
                plan,
                samples=samples,
                seed=seed,
                most_inputs=inputs,
                time_limit=time_limit,
                progress=progress,
            )
    from optichain.tojson import plain

    document = plain(frames) | ({} if stable is None else {"stability": stable.to_json()})
    out.finish(document, lambda console: _show(console, instance, frames, stable), file)


def _show(
    console: Console, instance: Instance, frames: dict[str, pd.DataFrame], stable: Stability | None
) -> None:
    currency = instance.settings.currency
    show = {
        "leave_one_out": _show_funded,
        "add_one": _show_left_out,
        "shared_nodes": _show_nodes,
        "quotas": _show_quotas,
    }
    for name, frame in frames.items():
        show[name](console, currency, frame.to_dict("records"))
    if stable is not None:
        _show_stability(console, stable)


def _show_funded(console: Console, currency: str, rows: list[Any]) -> None:
    cells = [
        [
            row["measure"],
            some(row["chain"]),
            percent(row["acc"]),
            _points(row["objective_gain"]),
            money(row["loss_avoided"]),
            money(row["cost"]),
            money(row["cost_per_loss_avoided"]),
            _several(row["spofs_cleared"]),
            "; ".join(row["rules_broken"]),
        ]
        for row in rows
    ]
    columns = [
        "without",
        "chain",
        ">ACC without",
        ">objective lost",
        f">loss more, {currency} a year",
        f">cost, {currency}",
        ">cost per loss avoided",
        "SPOFs again",
        "rules broken without it",
    ]
    console.print(table("What each funded measure buys, the others as they are", columns, cells))


def _show_left_out(console: Console, currency: str, rows: list[Any]) -> None:
    cells = [
        [
            row["measure"],
            some(row["chain"]),
            str(row["start_year"]),
            _points(row["objective_gain"]),
            money(row["loss_avoided"]),
            money(row["cost"]),
            str(row["why"]),
            row["reason"],
        ]
        for row in rows
    ]
    columns = [
        "measure",
        "chain",
        "from",
        ">objective gained",
        f">loss less, {currency} a year",
        f">cost, {currency}",
        "left out for",
        "in words",
    ]
    console.print(table("What was left out, and why", columns, cells, limit=SHOWN))


def _show_nodes(console: Console, currency: str, rows: list[Any]) -> None:
    cells = [
        [
            f"{row['kind']}:{row['element']}",
            row["title"],
            str(row["chains"]),
            ", ".join(row["stopped"]),
            ", ".join(f"{chain} {money(lost)}" for chain, lost in row["lost_by_chain"].items()),
            money(row["lost"]),
        ]
        for row in rows
    ]
    columns = ["element", "title", ">chains", "stops for good", f"loses, {currency}", ">in all"]
    if cells:
        console.print(table("What several chains depend on", columns, cells, limit=SHOWN))
    else:
        console.print("no element stops several chains, and at none do several lose")


def _show_quotas(console: Console, currency: str, rows: list[Any]) -> None:
    cells = [
        [
            f"{row['rule']} {row['name']}",
            f"{row['side']} {row['value']:g}",
            f"{row['step']:g}",
            _points(row["price"]),
            _points(row["price_most"]),
            ", ".join([*(f"+{m}" for m in row["measures_in"]), *(f"-{m}" for m in row["measures_out"])]),
            row["status"],
        ]
        for row in rows
    ]
    columns = [
        "quota",
        "as it is",
        ">gives way by",
        ">objective gained by unit",
        ">at most",
        "then",
        "answer",
    ]
    console.print(table(f"The price of each quota (money in {currency})", columns, cells))


def _show_stability(console: Console, stable: Stability) -> None:
    solved = stable.samples - stable.unsolved
    measures = [
        [
            row["measure"],
            some(row["chain"]),
            "yes" if row["planned"] else "no",
            percent(row["funded"]),
            percent(row["as_planned"]),
            _several(row["flipped_by"]),
        ]
        for row in stable.measures.to_dict("records")
    ]
    columns = ["measure", "chain", "in the plan", ">funded", ">as planned", "flipped by one input"]
    console.print(table(f"How often each measure is funded, of {solved} samples", columns, measures))
    flips = [
        [
            f"{row['table']} {row['name']} {row['column']}",
            *(f"{row[key]:.4g}" for key in ("assumed", "low", "high")),
            ", ".join([*(f"+{m}" for m in row["into"]), *(f"-{m}" for m in row["out"])]),
        ]
        for row in stable.inputs.to_dict("records")
        if row["flips"]
    ]
    if flips:
        columns = ["input", ">assumed", ">low", ">high", "then"]
        console.print(table("Inputs that alone flip the plan: verify these first", columns, flips))
    tested = int(stable.inputs["tested"].sum())
    console.print(
        f"{stable.kept} of {solved} samples keep the plan; it misses {percent(stable.regret_mean)} of what is possible "
        f"in the mean, {percent(stable.regret_worst)} at worst; {tested} of {len(stable.inputs)} uncertain inputs "
        f"were moved one by one, {len(flips)} flip it",
        markup=False,
    )
    if stable.unsolved:
        console.print(f"{stable.unsolved} of {stable.samples} samples have no answer", markup=False)


def _points(value: float) -> str:
    return "-" if value != value else f"{value:.4g}"


def _several(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
