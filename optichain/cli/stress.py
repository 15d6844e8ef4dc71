"""``optichain stress``: what goes on when something fails."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from optichain.cli.options import (
    in_language,
    out_option,
    path_argument,
    plan_option,
    print_options,
    read_instance,
    read_plan,
    spread_options,
)
from optichain.cli.output import Output, check_writable
from optichain.cli.tables import facts, money, percent, some, table
from optichain.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from optichain.instance.model import Instance
    from optichain.risk.envelope import Envelope
    from optichain.risk.resilience import Resilience

SHOWN = 25


@click.command("stress")
@path_argument
@click.option("--event", "events", metavar="NAME", multiple=True, help="Only this event; repeatable.")
@click.option(
    "--alpha",
    type=click.FloatRange(0.0, 1.0, max_open=True),
    default=0.95,
    show_default=True,
    help="Level of the CVaR: the mean over the worst 1 - alpha of probability.",
)
@click.option("--screen", is_flag=True, help="Proven bounds on every figure, fast, instead of the figures.")
@spread_options
@click.option(
    "--what-if",
    "what_if",
    metavar="NAME:KEY=VALUE,..",
    multiple=True,
    help="A ready-made event: export-control (country, item), port-closed (port), region-flooded (region), "
    "licence-withdrawn (licence), each with duration, loss, probability if wanted; repeatable.",
)
@click.option(
    "--combinations",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="All combinations of up to so many events as well, taken as independent.",
)
@click.option(
    "--sample", type=click.IntRange(2), help="Draw so many years at random from the probabilities instead."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the draw.")
@plan_option
@out_option("the result as JSON")
@print_options
def command(
    out: Output,
    path: str,
    events: tuple[str, ...],
    alpha: float,
    screen: bool,
    jobs: int,
    cluster: str | None,
    what_if: tuple[str, ...],
    combinations: int,
    sample: int | None,
    seed: int,
    plan_file: Path | None,
    file: Path | None,
) -> None:
    """Stress an instance with its events: what is served, what is lost, by event and by chain."""
    if screen and (jobs != 1 or cluster is not None or sample is not None):
        raise UsageError(
            "--screen takes neither --jobs and --cluster, as it runs in one process, nor --sample"
        )
    check_writable(file)
    instance = read_instance(out, path)
    plan = read_plan(plan_file, instance, out)
    instance = in_language(instance, out)
    import optichain

    if screen:
        with out.counting("Screening") as progress:
            bounds = optichain.screen(
                instance,
                plan=plan,
                alpha=alpha,
                events=events or None,
                what_if=what_if,
                combinations=combinations,
                progress=progress,
            )
        out.finish(bounds.to_json(), lambda console: _show_bounds(console, instance, bounds), file)
        return
    from optichain.spreading import open_executor

    with out.counting("Stressing") as progress, open_executor(jobs=jobs, cluster=cluster) as executor:
        found = optichain.resilience(
            instance,
            plan=plan,
            alpha=alpha,
            events=events or None,
            what_if=what_if,
            combinations=combinations,
            sample=sample,
            seed=seed,
            executor=executor,
            progress=progress,
        )
    out.finish(found.to_json(), lambda console: _show(console, instance, found), file)


def _show(console: Console, instance: Instance, found: Resilience) -> None:
    currency = instance.settings.currency
    rest = found.undisturbed
    yearly = rest["demanded"]
    facts(
        console,
        [
            ("undisturbed", f"{percent(rest['continuity'])} of {money(rest['demanded'])} {currency} served"),
            (
                "ACC",
                f"{percent(found.acc)} of demand goes on when something fails ({len(found.events)} events)",
            ),
            ("worst event", percent(found.worst)),
            (f"CVaR {found.alpha:g}", percent(found.cvar)),
            (
                "expected loss",
                f"{money(found.expected_annual_loss)} {currency} a year"
                + (
                    f" ({percent(found.expected_annual_loss / yearly)} of the demanded value)"
                    if yearly
                    else ""
                ),
            ),
        ],
    )
    if found.sample is not None:
        errors = found.sample["standard_error"]
        console.print(
            f"{found.sample['years']} years drawn at random; standard errors: ACC {percent(errors['acc'])}, "
            f"loss {money(errors['expected_annual_loss'])} {currency} a year"
        )
    chains = [
        [
            str(row["chain"]),
            percent(row["weight"]),
            percent(row["acc"]),
            percent(row["worst"]),
            percent(row["cvar"]),
            _interval(row["autonomy_low"], row["autonomy_high"]),
            money(row["expected_annual_loss"]),
        ]
        for row in found.chains.to_dict("records")
    ]
    columns = ["chain", ">weight", ">ACC", ">worst", ">CVaR", ">autonomy", f">loss a year, {currency}"]
    console.print(table("Chains", columns, chains))
    ordered = found.events.sort_values(["lost", "event"], ascending=[False, True], kind="stable")
    events = [
        [
            str(row["event"]),
            some(row["title"]),
            percent(row["probability"]),
            percent(row["continuity"]),
            money(row["lost"]),
            percent(row["lost"] / rest["served"] if rest["served"] else None),
        ]
        for row in ordered.to_dict("records")
    ]
    columns = ["event", "title", ">a year", ">goes on", f">lost, {currency}", ">of undisturbed"]
    console.print(table("Events, the largest loss first", columns, events, limit=SHOWN))


def _show_bounds(console: Console, instance: Instance, found: Envelope) -> None:
    currency = instance.settings.currency
    loss = found.expected_annual_loss
    facts(
        console,
        [
            ("undisturbed", f"{percent(found.undisturbed['continuity'])} served"),
            (
                "ACC",
                f"{_interval(*found.acc)} ({len(found.events)} events, {percent(found.settled)} settled)",
            ),
            ("worst event", _interval(*found.worst)),
            (f"CVaR {found.alpha:g}", _interval(*found.cvar)),
            ("expected loss", f"{money(loss[0])} to {money(loss[1])} {currency} a year"),
        ],
    )
    ordered = found.events.sort_values(["lost_high", "event"], ascending=[False, True], kind="stable")
    events = [
        [
            str(row["event"]),
            some(row["title"]),
            percent(row["probability"]),
            _interval(row["continuity_low"], row["continuity_high"]),
            f"{money(row['lost_low'])} to {money(row['lost_high'])}",
        ]
        for row in ordered.to_dict("records")
    ]
    columns = ["event", "title", ">a year", ">goes on", f">lost, {currency}"]
    console.print(table("Events, the largest possible loss first", columns, events, limit=SHOWN))


def _interval(low: float, high: float) -> str:
    return (
        percent(low) if low == high or low != low else f"{percent(low).removesuffix(' %')} to {percent(high)}"
    )
