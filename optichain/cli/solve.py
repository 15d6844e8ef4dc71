"""``optichain solve``: which measures to fund."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import rich_click as click

from optichain.cli.interruptible import interruptible
from optichain.cli.options import (
    FILE,
    EvidenceKinds,
    Kinds,
    Numbers,
    ParamType,
    command_line,
    objective_options,
    out_option,
    path_argument,
    print_options,
    read_instance,
    report_option,
    spread_options,
)
from optichain.cli.output import STOPPED_EARLY, Output
from optichain.cli.planview import check_results, hand_over
from optichain.cli.searching import searching
from optichain.instance.kinds import ELEMENT_KINDS
from optichain.spreading import open_executor


class Setting(ParamType):
    """One ``KEY=VALUE`` for a solver."""

    name = "K=V"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Any]:
        """Read the value as a truth value, a number or a text."""
        if isinstance(value, tuple):
            return value
        key, equals, text = str(value).partition("=")
        if not key or not equals:
            self.fail(f"expected KEY=VALUE, got {value!r}", param, ctx)
        if text.lower() in ("true", "false"):
            return key, text.lower() == "true"
        for kind in (int, float):
            try:
                return key, kind(text)
            except ValueError:
                continue
        return key, text


class Method(ParamType):
    """A method of those that are installed, which other distributions may bring."""

    name = "auto|extensive|lshaped|portfolio|.."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse a method that is not installed, before the work."""
        from optichain.plugins import METHODS, plugin_names

        known = ["auto", *plugin_names(METHODS)]
        if value not in known:
            self.fail(f"no method {value!r} is installed: expected one of {', '.join(known)}", param, ctx)
        return str(value)


@click.command("solve")
@path_argument
@click.option("--budget", type=Numbers(), help="Instead of the instance's; one number holds for each year.")
@functools.partial(objective_options, more=("worst-case",))
@click.option(
    "-k", "k", type=click.IntRange(1), default=1, show_default=True, help="Failures in the worst case."
)
@click.option(
    "--attack-kind",
    "attack_kinds",
    multiple=True,
    type=click.Choice(ELEMENT_KINDS),
    help="What may fail in the worst case; sites by default, repeatable.",
)
@click.option(
    "--attack-duration",
    type=click.FloatRange(0.0),
    metavar="D",
    help="Time units that each failure of the worst case lasts; recovery times by default.",
)
@click.option(
    "--min-acc",
    type=click.FloatRange(0.0, 1.0),
    metavar="X",
    help="Find the least cost at which ACC, the mean over the years that count, reaches X.",
)
@click.option("--clear-spofs", type=Kinds(), help="Find the least cost that leaves no SPOF of these kinds.")
@click.option(
    "--spof-exception",
    "exceptions",
    metavar="KIND:NAME",
    multiple=True,
    help="This element may stay a SPOF; repeatable.",
)
@click.option(
    "--min-autonomy",
    type=click.FloatRange(0.0, 1.0),
    metavar="X",
    help="Every chain's autonomy, its low end, is at least X with the plan in full effect.",
)
@click.option(
    "--previous",
    "previous_file",
    metavar="PLAN",
    type=FILE,
    help="An earlier plan: what it has begun stays, the rest is decided again.",
)
@click.option(
    "--change-price",
    type=click.FloatRange(0.0),
    metavar="C",
    default=0.0,
    show_default=True,
    help="Taken from the objective, in its unit, for each measure that does not start as announced.",
)
@click.option(
    "--fix", metavar="M[=U]", multiple=True, help="This measure must start, with U units; repeatable."
)
@click.option("--forbid", metavar="M", multiple=True, help="This measure must not start; repeatable.")
@click.option(
    "--method",
    type=Method(),
    default="auto",
    show_default=True,
    help="How to solve.",
)
@click.option(
    "--solver", default="HiGHS", show_default=True, metavar="NAME", help="Any solver that PuLP knows."
)
@click.option(
    "--solver-option", "settings", type=Setting(), multiple=True, help="For the solver; repeatable."
)
@click.option(
    "--gap",
    type=click.FloatRange(0.0),
    metavar="G",
    default=1e-4,
    show_default=True,
    help="Stop when at most this share of what money could buy is left to gain.",
)
@click.option(
    "--time-limit", type=click.FloatRange(0.0, min_open=True), metavar="S", help="Seconds for the solver."
)
@click.option("--threads", type=click.IntRange(1), metavar="N", help="For the solver.")
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, metavar="N", help="For the solver."
)
@click.option(
    "--checkpoint",
    type=FILE,
    metavar="FILE",
    help="Write what was learned here now and then, and go on from it where it exists (methods lshaped and portfolio; worst-case).",
)
@click.option(
    "--columns",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="Chains to decide too, of which only policies are known ('frontier --columns'); repeatable.",
)
@spread_options
@click.option("--write-model", type=FILE, metavar="F.mps", help="Write the integer programme as MPS.")
@click.option(
    "--evidence",
    "evidence_kinds",
    type=EvidenceKinds(),
    is_flag=False,
    flag_value="quick",
    help="Put evidence into the plan: quick (what solves nothing again; also without a value), all, or names as of "
    "the command evidence.",
)
@out_option("the plan")
@report_option
@print_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    out: Output,
    path: str,
    budget: tuple[float, ...] | None,
    objective: str,
    alpha: float,
    mix: float,
    k: int,
    attack_kinds: tuple[str, ...],
    attack_duration: float | None,
    min_acc: float | None,
    clear_spofs: tuple[str, ...] | None,
    exceptions: tuple[str, ...],
    min_autonomy: float | None,
    previous_file: Path | None,
    change_price: float,
    fix: tuple[str, ...],
    forbid: tuple[str, ...],
    method: str,
    solver: str,
    settings: tuple[tuple[str, Any], ...],
    gap: float,
    time_limit: float | None,
    threads: int | None,
    seed: int,
    checkpoint: Path | None,
    columns: tuple[Path, ...],
    jobs: int,
    cluster: str | None,
    write_model: Path | None,
    evidence_kinds: tuple[str, ...] | None,
    file: Path | None,
    report_files: tuple[Path, ...],
) -> int:
    """Find the measures to fund: as much continuity as the budget allows."""
    check_results(report_files, file, write_model, checkpoint)
    instance = read_instance(out, path)
    with (
        searching(out, "Solving", gap=gap, time_limit=time_limit) as told,
        open_executor(jobs=jobs, cluster=cluster) as executor,
    ):
        import optichain

        previous = None if previous_file is None else optichain.load_plan(previous_file)
        plan = interruptible(
            lambda stop: optichain.reinforce(
                instance,
                budget=budget[0] if budget is not None and len(budget) == 1 else budget,
                objective=objective,
                alpha=alpha,
                mix=mix,
                k=k,
                attack_kinds=attack_kinds or ("site",),
                attack_duration=attack_duration,
                min_acc=min_acc,
                clear_spofs=clear_spofs or (),
                spof_exceptions=exceptions,
                min_autonomy=min_autonomy,
                previous=previous,
                change_price=change_price,
                method=method,
                solver=solver,
                solver_options=dict(settings) or None,
                gap=gap,
                time_limit=time_limit,
                threads=threads,
                seed=seed,
                fix=fix,
                forbid=forbid,
                checkpoint=checkpoint,
                columns=columns,
                executor=executor,
                write_model=write_model,
                command=command_line(ctx),
                stop=stop,
                progress=told,
            ),
            lambda: out.note("stopping with the best plan so far; once more to stop without one"),
        )
    if evidence_kinds is not None:
        with (
            out.counting("Gathering evidence") as progress,
            open_executor(jobs=jobs, cluster=cluster) as executor,
        ):
            plan = interruptible(
                lambda stop: optichain.gather_evidence(
                    instance,
                    plan,
                    kinds=evidence_kinds,
                    threads=threads,
                    seed=seed,
                    executor=executor,
                    stop=stop,
                    progress=lambda _kind, done, total: progress(done, total),
                    command=command_line(ctx),
                )
            )
    hand_over(out, instance, plan, file=file, reports=report_files)
    return STOPPED_EARLY if plan.status == "feasible" else 0
