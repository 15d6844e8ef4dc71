"""``optichain evidence``: what supports a plan, what was left out and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click

from optichain.cli.evaluate import read_choices
from optichain.cli.evidenceview import show_evidence
from optichain.cli.interruptible import interruptible
from optichain.cli.options import (
    FILE,
    EvidenceKinds,
    Numbers,
    command_line,
    out_option,
    path_argument,
    print_options,
    read_instance,
    read_plan,
    spread_options,
)
from optichain.cli.output import Output, check_writable
from optichain.spreading import open_executor


@click.command("evidence")
@path_argument
@click.argument("plan_file", metavar="PLAN", type=FILE)
@click.option(
    "--kinds",
    type=EvidenceKinds(),
    default="quick",
    show_default=True,
    help="What to work out: quick (what solves nothing again), all, or names with commas between them.",
)
@click.option(
    "--choose",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Your own list beside the plan, as CSV: chain, measure, units, start_year.",
)
@click.option("--budgets", type=Numbers(), help="For frontier: budgets of each planning year.")
@click.option(
    "--within",
    type=click.FloatRange(0.0, 1.0),
    metavar="E",
    default=0.01,
    show_default=True,
    help="For near_optimal: at most this share of the best improvement is missing.",
)
@click.option(
    "--money",
    type=click.FloatRange(0.0, min_open=True),
    metavar="M",
    help="For quotas: by how much money gives way; a tenth of the mean yearly budget unless given.",
)
@click.option(
    "--samples",
    type=click.IntRange(min=1),
    metavar="N",
    default=10,
    show_default=True,
    help="For stability: draw the uncertain inputs so often, and solve again each time.",
)
@click.option(
    "--inputs",
    "most_inputs",
    type=click.IntRange(min=0),
    metavar="N",
    default=5,
    show_default=True,
    help="For stability: move so many inputs one by one.",
)
@click.option(
    "--seed", type=click.IntRange(0), metavar="N", default=0, show_default=True, help="Of the draws."
)
@click.option(
    "--gap",
    type=click.FloatRange(0.0),
    metavar="G",
    default=1e-4,
    show_default=True,
    help="Improvement gap of what is solved again.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(0.0, min_open=True),
    metavar="S",
    help="Seconds for the frontier, and for each solve of quotas and stability.",
)
@click.option("--threads", type=click.IntRange(1), metavar="N", help="For the solver.")
@spread_options
@out_option("the plan with its evidence")
@print_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    out: Output,
    path: str,
    plan_file: Path,
    kinds: tuple[str, ...],
    choose: Path | None,
    jobs: int,
    cluster: str | None,
    file: Path | None,
    **settings: Any,
) -> None:
    """Show what each measure buys, what was left out and why, and how the plan stands beside simpler ones."""
    check_writable(file)
    instance = read_instance(out, path)
    plan = read_plan(plan_file, instance, out)
    assert plan is not None
    listed = None if choose is None else read_choices(choose)
    import optichain

    with (
        out.counting("Gathering evidence") as progress,
        open_executor(jobs=jobs, cluster=cluster) as executor,
    ):
        supported = interruptible(
            lambda stop: optichain.gather_evidence(
                instance,
                plan,
                kinds=kinds,
                choose=listed,
                file="choices" if choose is None else choose.name,
                executor=executor,
                stop=stop,
                progress=lambda _kind, done, total: progress(done, total),
                command=command_line(ctx),
                **settings,
            )
        )
    failed = []
    if file is not None:
        from optichain.design.plan import plan_text

        failed = out.written(
            file, lambda: optichain.write_plan(supported, file), lambda: plan_text(supported)
        )
    evidence = supported.evidence
    assert evidence is not None
    currency = instance.settings.currency
    out.finish(evidence.to_json(), lambda console: show_evidence(console, currency, evidence), failed=failed)
